"""Fixtures for all tests. Modules beside this one (`stand_ins`) can be imported by any test."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from stand_ins import COUNTRIES, STRIDE, StandIn

from platelight import templates
from platelight.records import ALPHABET


@pytest.fixture
def make_models(tmp_path: Path) -> Callable[..., Path]:
    """Writes a folder of model folders whose "networks" a `StandIn` understands."""

    def make(text: str = "AB12CDE", **changed: Any) -> Path:
        for role, size in (("detector", {"long_side": 640, "multiple": 32, "stride": STRIDE}), ("reader", {"width": 160, "height": 64})):
            folder = tmp_path / "models" / f"{role}-s-1"
            folder.mkdir(parents=True, exist_ok=True)
            network = json.dumps({"role": role, "text": text}).encode()
            (folder / "model.onnx").write_bytes(network)
            spec = {
                "name": folder.name, "role": role, "version": 1, "file": "model.onnx", "sha256": hashlib.sha256(network).hexdigest(), "input": size,
                "threshold": 0.3, "margin": 0.0, "alphabet": ALPHABET if role == "reader" else "", "countries": COUNTRIES if role == "reader" else [],
                "calibration": None, "parameters": 0, "quantised": False, "recipe": "none", "data": "none", "scores": {},
            } | changed  # fmt: skip
            (folder / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
        return tmp_path / "models"

    return make


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, make_models: Callable[..., Path]) -> Path:
    """Makes every `Platelight` in this process use stand-ins, and the plate types of three countries only; gives the models' folder."""
    folder = make_models()
    few = tuple(template for template in templates.load() if template.country in COUNTRIES)
    monkeypatch.setattr("platelight.templates.load", lambda: few)
    monkeypatch.setattr("platelight.pipeline.Session", StandIn)
    monkeypatch.setattr("platelight.session.Session", StandIn)
    monkeypatch.setenv("PLATELIGHT_MODELS", str(folder))
    return folder


@dataclass(frozen=True)
class Ran:
    """How a run of the program ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def platelight(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the command `platelight` with the given arguments in this process."""
    from platelight.cli.app import main

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["platelight", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    return run
