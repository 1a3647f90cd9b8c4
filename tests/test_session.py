from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np
import pytest

from platelight.bundle import ModelSpec, Role
from platelight.session import Session, SessionError, available

NEGATIVE = bytes.fromhex("080812003a340a0b0a017812017922034e65671201675a100a0178120b0a09080112050a0312016e62100a0179120b0a09080112050a0312016e42040a00100d")
"""An ONNX network of one node: y = -x, float32 (n,)."""


def test_runs_a_network_and_says_what_runs_it(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(NEGATIVE)
    for model in (NEGATIVE, path, str(path)):
        session = Session(model)
        assert (session.inputs, session.outputs, session.provider) == (("x",), ("y",), "CPUExecutionProvider")
        assert session.run({"x": np.array([1, -2], np.float32)})["y"].tolist() == [-1, 2]


def test_a_file_that_is_no_network() -> None:
    with pytest.raises(SessionError, match="onnxruntime cannot load the network: "):
        Session(b"not a network")


def test_a_wrong_input() -> None:
    with pytest.raises(SessionError, match="onnxruntime cannot run the network: "):
        Session(NEGATIVE).run({"x": np.zeros((2, 2), np.float32)})


@pytest.mark.parametrize(("options", "message"), [({"runtime": "tensorrt"}, "runtime must be one of"), ({"threads": 0}, "threads must be")])
def test_wrong_options(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Session(NEGATIVE, **options)  # type: ignore[arg-type]


@pytest.mark.skipif(importlib.util.find_spec("openvino") is not None, reason="openvino is installed")
def test_a_missing_runtime_is_not_replaced_by_another() -> None:
    with pytest.raises(SessionError, match=r"pip install 'platelight\[openvino\]'"):
        Session(NEGATIVE, runtime="openvino")
    assert available()["openvino"] == "not installed"


def test_openvino_gives_the_same_answer() -> None:
    pytest.importorskip("openvino")
    session = Session(NEGATIVE, runtime="openvino")
    assert session.run({"x": np.array([1, -2], np.float32)})["y"].tolist() == [-1, 2]
    assert session.provider == "openvino CPU"


@pytest.mark.parametrize("role", ["detector", "reader"])
def test_openvino_gives_every_output_of_the_packaged_networks(role: Role) -> None:
    pytest.importorskip("openvino")
    spec = ModelSpec.of(role)
    shape = (1, 96, 128, 3) if role == "detector" else (2, spec.input["height"], spec.input["width"], 3)
    picture = cv2.GaussianBlur(np.random.default_rng(1).integers(0, 256, shape[1:], np.uint8), (0, 0), 3)
    both = [Session(spec.network(), runtime=runtime).run({spec_input(role): np.stack([picture] * shape[0])}) for runtime in ("onnxruntime", "openvino")]
    assert set(both[0]) <= set(both[1])
    for name, values in both[0].items():
        assert both[1][name].shape == values.shape
        if name in ("heat", "plateness"):
            assert np.abs(both[1][name] - values).max() < 0.05


def spec_input(role: Role) -> str:
    return "images" if role == "detector" else "plates"


def test_the_log_says_what_runs(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "platelight.session"):
        Session(NEGATIVE, threads=2)
    assert [record.getMessage() for record in caplog.records] == ["a network of 0 kB runs on CPUExecutionProvider, threads 2"]
