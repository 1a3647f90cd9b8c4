from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stand_ins import StandIn

Run = Callable[..., Any]


@pytest.mark.usefixtures("stand_in")
def test_what_works_is_listed(platelight: Run) -> None:
    ran = platelight("doctor", "--format", "json")
    report = json.loads(ran.out)
    assert (ran.status, report["problems"]) == (0, [])
    assert [(model["role"], model["sha256"], model["runs_on"]) for model in report["models"]] == [("detector", "ok", "StandIn"), ("reader", "ok", "StandIn")]
    assert all(model["milliseconds"] >= 0 for model in report["models"])
    assert report["packages"]["numpy"]
    assert "CPUExecutionProvider" in report["runtimes"]["onnxruntime"]
    text = platelight("doctor").out
    assert "runs on StandIn" in text
    assert "Ready: platelight read works here." in text


@pytest.mark.usefixtures("stand_in")
def test_extras_name_the_line_that_installs_them(platelight: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platelight.cli.doctor.find_spec", lambda name: None if name == "torch" else object())
    extras = json.loads(platelight("doctor", "--format", "json").out)["extras"]
    assert extras["train"] == {"missing": ["torch"], "install": "pip install 'platelight[train]'"}
    assert extras["serve"]["missing"] == []
    text = platelight("doctor").out
    assert "lacks torch: pip install 'platelight[train]'" in text


def test_a_broken_model_is_a_problem(platelight: Run, make_models: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platelight.session.Session", StandIn)
    folder = make_models()
    (folder / "reader-s-1" / "model.onnx").write_bytes(b"changed")
    ran = platelight("doctor", "--models", folder)
    assert ran.status == 1
    assert "Not ready: reader: " in ran.out
    assert "is not the file of its spec.json" in ran.out


def test_no_models(platelight: Run, tmp_path: Path) -> None:
    ran = platelight("doctor", "--models", tmp_path, "--format", "json")
    assert ran.status == 1
    assert len(json.loads(ran.out)["problems"]) == 2
