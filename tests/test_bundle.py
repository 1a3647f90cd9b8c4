from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from platelight.bundle import PACKAGED, ModelError, ModelSpec, find_model


def test_finds_the_newest_by_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("reader-s-2", "reader-s-10", "reader-m-9", "reader-s-11", "detector-s-99"):
        (tmp_path / name).mkdir()
        if name != "reader-s-11":
            (tmp_path / name / "spec.json").write_text("{}")
    assert find_model("reader", tmp_path).name == "reader-s-10"
    assert find_model("detector", tmp_path).name == "detector-s-99"
    monkeypatch.setenv("PLATELIGHT_MODELS", str(tmp_path))
    assert find_model("reader").name == "reader-s-10"
    assert find_model("reader", tmp_path / "reader-s-2").name == "reader-s-2"


def test_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no reader model"):
        find_model("reader", tmp_path)
    with pytest.raises(ModelError, match="no such folder of models"):
        find_model("reader", tmp_path / "none")


def test_loads_and_verifies(make_models: Callable[..., Path]) -> None:
    spec = ModelSpec.load(make_models() / "reader-s-1")
    assert (spec.name, spec.role, spec.input["width"], spec.countries) == ("reader-s-1", "reader", 160, ("de", "gb", "ua"))
    assert json.loads(spec.network())["role"] == "reader"


def test_a_changed_network_is_refused(make_models: Callable[..., Path]) -> None:
    folder = make_models() / "reader-s-1"
    (folder / "model.onnx").write_bytes(b"something else")
    with pytest.raises(ModelError, match=r"model\.onnx: is not the file of its spec\.json \(sha256 "):
        ModelSpec.load(folder).network()
    (folder / "model.onnx").unlink()
    with pytest.raises(ModelError, match=r"model\.onnx: cannot be read"):
        ModelSpec.load(folder).network()


@pytest.mark.parametrize(("changes", "message"), [
    ({"role": "painter"}, "role must be"), ({"threshold": 3}, "threshold must lie between 0 and 1, got 3"), ({"input": {}}, "input.long_side must be"),
    ({"alphabet": "ABA"}, "alphabet must hold distinct characters"),
    ({"threshold": "0.5"}, "threshold must be a number, got '0.5'"), ({"input": [1]}, r"input must be an object, got \[1\]"),
    ({"sha256": None}, "sha256 must be text, got None"), ({"file": 3}, "file must be text, got 3"), ({"countries": 5}, "countries must be a list, got 5"),
    ({"countries": [1]}, "countries must hold codes"),
])  # fmt: skip
def test_wrong_fields(make_models: Callable[..., Path], changes: dict[str, Any], message: str) -> None:
    role = "reader-s-1" if "alphabet" in changes else "detector-s-1"
    with pytest.raises(ModelError, match=message):
        ModelSpec.load(make_models(**changes) / role)


def test_broken_specs(tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text("{")
    with pytest.raises(ModelError, match="not valid JSON"):
        ModelSpec.load(tmp_path)
    (tmp_path / "spec.json").write_text('{"name": "x"}')
    with pytest.raises(ModelError, match="missing .* 'role'"):
        ModelSpec.load(tmp_path)
    (tmp_path / "spec.json").write_text("[1]")
    with pytest.raises(ModelError, match="must hold a JSON object, found list"):
        ModelSpec.load(tmp_path)
    with pytest.raises(ModelError, match="cannot be read"):
        ModelSpec.load(tmp_path / "none")


def test_a_model_of_another_role_is_refused(make_models: Callable[..., Path]) -> None:
    folder = make_models()
    with pytest.raises(ModelError, match="this is a reader, where a detector is needed"):
        ModelSpec.of("detector", folder / "reader-s-1")
    assert ModelSpec.of("reader", folder).role == "reader"


@pytest.mark.parametrize("role", ["detector", "reader"])
def test_the_packaged_models_are_what_they_say(role: str) -> None:
    if not list(PACKAGED.glob(f"{role}-*-*/spec.json")):
        pytest.skip("no models in this checkout")
    spec = ModelSpec.load(find_model(role, PACKAGED))  # type: ignore[arg-type]
    assert spec.role == role
    assert spec.folder.name == spec.name
    assert len(spec.network()) > 10_000
