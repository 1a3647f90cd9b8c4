from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from platelight.bundle import ModelSpec
from platelight.read import Reader
from platelight.records import ALPHABET, PlateImage
from platelight.session import Session
from platelight.train import checkpoint
from platelight.train.countries import COUNTRIES
from platelight.train.export import Check, export, load_average, slim
from platelight.train.loop import Budget, Trainer
from platelight.train.models import normalised
from platelight.train.recipe import Data, Recipe

pytestmark = pytest.mark.train

OUTPUTS = {"reader": ("log_probs", "country", "lines", "plateness", "wholeness"), "detector": ("heat", "corners"), "refiner": ("points", "plateness")}
SHAPES = {"reader": (64, 160, 3), "detector": (96, 128, 3), "refiner": (96, 160, 3)}


class Exported:
    """A network of chance weights, exported."""

    def __init__(self, recipe: Recipe, data: Path, folder: Path) -> None:
        torch.manual_seed(7)
        self.recipe, self.checkpoint = recipe, folder / "best.pt"
        model = recipe.build()
        with torch.no_grad():
            for module in model.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.running_mean.normal_(0, 0.1)
                    module.running_var.uniform_(0.5, 1.5)
        torch.save({"recipe": recipe.name, "step": 5, "seen": 40, "scores": {}, "average": model.state_dict()}, self.checkpoint)
        self.int8, self.fp32 = folder / f"{recipe.role}-s-1", folder / "full" / f"{recipe.role}-s-1"
        self.check: Check = export(recipe, self.checkpoint, Data(data), self.int8, self.fp32, {"threshold": 0.25, "data": "drawn"}, batches=2)


@pytest.fixture(scope="module", params=["reader", "detector", "refiner"])
def exported(request: pytest.FixtureRequest, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return Exported(request.getfixturevalue(f"small_{request.param}"), data, tmp_path_factory.mktemp(request.param))


def pictures(role: str, count: int = 3) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (count, *SHAPES[role])).astype(np.uint8)


def served(exported: Exported, batch: np.ndarray) -> list[np.ndarray]:
    """What torch says, in the runtime's form."""
    model, _ = load_average(exported.recipe, exported.checkpoint)
    with torch.inference_mode():
        outputs = model(torch.from_numpy(batch))
    outputs = list(outputs)
    for chance in {"reader": (3, 4), "refiner": (1,), "detector": (0,)}[exported.recipe.role]:
        outputs[chance] = outputs[chance].sigmoid()
    return [output.numpy() for output in outputs]


def run(folder: Path, batch: np.ndarray) -> dict[str, np.ndarray]:
    spec = ModelSpec.load(folder)
    return Session(spec.network()).run({"images" if spec.role == "detector" else "plates": batch})


def test_fp32_agrees_with_torch_on_other_pictures_and_another_batch_size(exported: Exported) -> None:
    batch = pictures(exported.recipe.role)
    found = run(exported.fp32, batch)
    for name, wanted in zip(OUTPUTS[exported.recipe.role], served(exported, batch), strict=True):
        assert found[name].shape == wanted.shape
        assert np.abs(found[name] - wanted).max() < 2e-3, name


def test_int8_gives_finite_outputs_of_the_same_shapes(exported: Exported) -> None:
    batch = pictures(exported.recipe.role, 5)
    found = run(exported.int8, batch)
    assert tuple(found) == OUTPUTS[exported.recipe.role]
    for name, wanted in zip(OUTPUTS[exported.recipe.role], served(exported, batch), strict=True):
        assert found[name].shape == wanted.shape
        assert np.isfinite(found[name]).all()


def test_int8_sees_nearly_what_fp32_sees(exported: Exported) -> None:
    batch = pictures(exported.recipe.role)
    a, b = run(exported.fp32, batch), run(exported.int8, batch)
    for name in OUTPUTS[exported.recipe.role]:
        spread = max(float(a[name].std()), 1e-3)  # outputs that chance weights leave alike differ by rounding
        assert np.abs(a[name] - b[name]).mean() < 0.25 * spread, name
    assert max(exported.check.fp32.values()) < 1e-3
    assert set(exported.check.int8) == set(OUTPUTS[exported.recipe.role])


def test_int8_takes_the_bytes_at_their_true_brightness(exported: Exported) -> None:
    """The bytes go straight into the first int8 convolution, as the numbers that the network itself makes of them."""
    import onnx

    graph = onnx.load(str(exported.int8 / "model.onnx")).graph
    constants = {item.name: onnx.numpy_helper.to_array(item) for item in graph.initializer}
    (turn,) = (node for node in graph.node if graph.input[0].name in node.input)
    (first,) = (node for node in graph.node if turn.output[0] in node.input)
    assert (turn.op_type, first.op_type) == ("Transpose", "DequantizeLinear")
    levels = np.arange(256, dtype=np.uint8)
    scale, zero = (constants[name] for name in first.input[1:])
    wanted = normalised(torch.from_numpy(np.tile(levels[:, None, None, None], (1, 1, 1, 3))))[:, 0, 0, 0]
    assert ((levels.astype(np.float32) - zero) * scale == wanted.numpy()).all()


def test_the_int8_file_takes_bytes_and_is_the_smaller_one(exported: Exported) -> None:
    import onnx

    graph = onnx.load(str(exported.int8 / "model.onnx")).graph
    assert graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.UINT8
    kinds = {node.op_type for node in graph.node}
    assert {"QuantizeLinear", "DequantizeLinear"} <= kinds
    assert "Cast" not in {node.op_type for node in graph.node if node.input[0] == graph.input[0].name}
    assert not list(exported.int8.glob("*.prepared.onnx"))
    assert {path.name for path in exported.int8.iterdir()} == {"model.onnx", "spec.json"}


def test_the_spec_says_what_the_file_is(exported: Exported) -> None:
    for folder, quantised in ((exported.int8, True), (exported.fp32, False)):
        spec = ModelSpec.load(folder)
        assert spec.sha256 == hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
        assert (spec.role, spec.quantised, spec.threshold, spec.data) == (exported.recipe.role, quantised, 0.25, "drawn")
        assert spec.recipe == exported.recipe.name
        values = json.loads((folder / "spec.json").read_text(encoding="utf-8"))
        assert (values["steps"], values["samples_seen"]) == (5, 40)
        if spec.role == "reader":
            assert (spec.alphabet, spec.countries) == (ALPHABET, COUNTRIES)
            assert spec.input == {"width": 160, "height": 64}
        if spec.role == "refiner":
            assert (spec.input, spec.margin) == ({"width": 160, "height": 96}, 0.25)


def test_the_runtime_reads_with_an_exported_reader(small_reader: Recipe, data: Path, tmp_path: Path) -> None:
    exported = Exported(small_reader, data, tmp_path)
    spec = ModelSpec.load(exported.int8)
    from platelight.geometry import Box

    plates = [PlateImage(picture, Box(0, 0, 160, 64).quad(), np.eye(3)) for picture in pictures("reader", 2)]
    readings = Reader(Session(spec.network()), spec)(plates)
    assert len(readings) == 2
    assert all(np.allclose(np.exp(reading.log_probs).sum(axis=1), 1, atol=1e-3) for reading in readings)


def test_a_slim_checkpoint_is_half_as_large_and_goes_on(exported: Exported, data: Path, tmp_path: Path) -> None:
    slim(exported.checkpoint, tmp_path / "kept" / "small.pt")
    state, kept = checkpoint.load(exported.checkpoint), checkpoint.load(tmp_path / "kept" / "small.pt")
    assert (kept["step"], kept["seen"]) == (5, 40)
    sizes = [sum(value.numel() * value.element_size() for value in values["average"].values()) for values in (state, kept)]
    assert sizes[1] < 0.52 * sizes[0]
    trainer = Trainer(exported.recipe, Data(data), tmp_path / "on", Budget(1, 1, 0), "cpu", tmp_path / "kept" / "small.pt")
    assert trainer.step == 5
    for name, value in trainer.model.state_dict().items():
        assert torch.allclose(value.float(), state["average"][name].float(), atol=2e-3, rtol=2e-3), name
    load_average(exported.recipe, tmp_path / "kept" / "small.pt")


def test_a_checkpoint_of_another_network_is_refused(small_reader: Recipe, small_detector: Recipe, data: Path, tmp_path: Path) -> None:
    torch.save({"recipe": "reader_s", "step": 1, "seen": 1, "scores": {}, "average": small_reader.build().state_dict()}, tmp_path / "x.pt")
    with pytest.raises(ValueError, match=r"x\.pt: its weights are not those of the recipe detector_s \(it was trained by reader_s\)"):
        export(small_detector, tmp_path / "x.pt", Data(data), tmp_path / "a", tmp_path / "b", {})
    assert not (tmp_path / "a").exists()
