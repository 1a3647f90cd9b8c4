"""From a checkpoint to the files that the runtime loads: ONNX in fp32 and int8, each with its spec, checked against torch."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

from platelight.records import ALPHABET
from platelight.session import Session
from platelight.train import plates, quads
from platelight.train.checkpoint import load
from platelight.train.countries import COUNTRIES
from platelight.train.models import DetectorNet, parameter_count
from platelight.train.recipe import Data, Recipe, check_labels

NAMES = {
    "reader": ("plates", ("log_probs", "country", "lines", "plateness", "wholeness")), "detector": ("images", ("heat", "corners")),
    "refiner": ("plates", ("points", "plateness")),
}  # fmt: skip
INPUTS = {
    "reader": {"width": plates.WIDTH, "height": plates.HEIGHT}, "refiner": {"width": quads.WIDTH, "height": quads.HEIGHT},
    "detector": {"long_side": 640, "multiple": 32, "stride": DetectorNet.STRIDE},
}  # fmt: skip
MARGINS = {"reader": 0.0, "refiner": quads.MARGIN, "detector": 0.0}
OPSET = 17
CLOSE = 1e-3


class _Served(nn.Module):
    """The network as it is served: chances instead of logits."""

    def __init__(self, model: nn.Module, role: str) -> None:
        super().__init__()
        self.model, self.role = model, role

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        outputs = self.model(pictures)
        if self.role == "refiner":
            return outputs[0], outputs[1].sigmoid()
        if self.role == "reader":
            return (*outputs[:3], outputs[3].sigmoid(), outputs[4].sigmoid())
        return outputs[0].sigmoid(), outputs[1]


@dataclass(frozen=True, slots=True)
class Check:
    """How far the exported files are from torch on training pictures: mean absolute difference per output."""

    fp32: Mapping[str, float]
    int8: Mapping[str, float]


def load_average(recipe: Recipe, checkpoint: Path) -> tuple[nn.Module, dict[str, Any]]:
    """The averaged network of a checkpoint in evaluation mode, and the checkpoint's other values.

    Raises ValueError where the file is no checkpoint or one of another network.
    """
    state = load(checkpoint)
    model = recipe.build()
    try:
        model.load_state_dict(state.pop("average"))
    except RuntimeError as error:
        raise ValueError(f"{checkpoint}: its weights are not those of the recipe {recipe.name} (it was trained by {state['recipe']})") from error
    return model.float().eval(), state


def slim(checkpoint: Path, out: Path) -> None:
    """The same checkpoint with weights in half precision, to be kept in the repository and resumed from."""
    state = load(checkpoint)
    state["average"] = {name: value.half() if value.dtype == torch.float32 else value for name, value in state["average"].items()}
    out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(state, out)


def export(recipe: Recipe, checkpoint: Path, data: Data, out: Path, fp32_out: Path, extra: Mapping[str, Any], batches: int = 12) -> Check:
    """Write `out` (int8) and `fp32_out`, each a folder with model.onnx and spec.json; `extra` goes into both specs.

    Calibration pictures come from the recipe's own training stream. Raises ValueError where data or checkpoint cannot be used,
    or where the fp32 file differs from torch by more than 1e-3 on average (chances; corners in pixels).
    """
    check_labels(data, recipe.train_labels(data))
    model, state = load_average(recipe, checkpoint)
    served = _Served(model, recipe.role).eval()
    batch = 4 if recipe.role == "detector" else 32
    pictures = [item.pictures.numpy() for item in islice(iter(recipe.stream(data, batch, 4242)), batches)]
    for folder in (out, fp32_out):
        folder.mkdir(parents=True, exist_ok=True)
    _to_onnx(served, recipe.role, pictures[0], fp32_out / "model.onnx")
    _quantise(fp32_out / "model.onnx", out / "model.onnx", recipe.role, pictures)
    for folder, quantised in ((out, True), (fp32_out, False)):
        _write_spec(folder, recipe, state, parameter_count(model), quantised, extra)
    check = Check(*(_difference(served, folder / "model.onnx", recipe.role, pictures[-1]) for folder in (fp32_out, out)))
    if max(check.fp32.values()) > CLOSE:
        raise ValueError(f"{fp32_out}: differs from torch by {check.fp32}")
    return check


def _to_onnx(served: nn.Module, role: str, example: np.ndarray, out: Path) -> None:
    source, targets = NAMES[role]
    free, out_free = ({0: "n", 1: "height", 2: "width"}, {0: "n", 2: "rows", 3: "columns"}) if role == "detector" else ({0: "n"}, {0: "n"})
    axes = {source: free, **dict.fromkeys(targets, out_free)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            served, (torch.from_numpy(example[:2]),), str(out), input_names=[source], output_names=list(targets), dynamic_axes=axes,
            opset_version=OPSET, dynamo=False,
        )  # fmt: skip


class _Pictures(CalibrationDataReader):
    def __init__(self, name: str, pictures: list[np.ndarray]) -> None:
        self.rows: Iterator[dict[str, np.ndarray]] = iter([{name: batch} for batch in pictures])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.rows, None)


def _quantise(source: Path, out: Path, role: str, pictures: list[np.ndarray]) -> None:
    """Static int8: u8 activations, s8 weights per channel; the last layers, whose outputs need more than 8 bits, stay in floats."""
    prepared = out.with_suffix(".prepared.onnx")
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    graph = onnx.load(str(prepared)).graph
    try:
        quantize_static(
            str(prepared), str(out), _Pictures(NAMES[role][0], pictures), quant_format=QuantFormat.QDQ, op_types_to_quantize=["Conv", "Add", "Relu"],
            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, per_channel=True, calibrate_method=CalibrationMethod.MinMax,
            nodes_to_exclude=_last_layers(graph), extra_options={"ActivationSymmetric": False},
        )  # fmt: skip
    finally:
        prepared.unlink()
    model = onnx.load(str(out))
    _take_bytes_directly(model.graph, NAMES[role][0])
    onnx.checker.check_model(model)
    onnx.save(model, str(out))


def _last_layers(graph: onnx.GraphProto) -> list[str]:
    """Convolutions whose output reaches an output of the graph without another convolution or a ReLU in between."""
    makers = {name: node for node in graph.node for name in node.output}
    found, seen = [], set()
    ahead = [output.name for output in graph.output]
    while ahead:
        node = makers.get(ahead.pop())
        if node is None or node.name in seen:
            continue
        seen.add(node.name)
        if node.op_type == "Conv":
            found.append(node.name)
        elif node.op_type != "Relu":
            ahead.extend(node.input)
    return found


def _take_bytes_directly(graph: onnx.GraphProto, source: str) -> None:
    """Feed the uint8 picture to the first quantised convolution as it is.

    The network begins with (x - 128) / 128, which is exactly what "dequantise with scale 1/128 and zero point 128" means; so
    cast, subtract, multiply and quantise on the whole picture are dropped, and only the transpose of bytes remains.
    """
    users: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)
    chain, name = [], source
    while True:
        (node,) = users[name]
        chain.append(node)
        name = node.output[0]
        if node.op_type == "DequantizeLinear":
            break
    expected = {"Transpose", "Cast", "Sub", "Add", "Mul", "QuantizeLinear", "DequantizeLinear"}
    if {node.op_type for node in chain} - expected or "Transpose" not in {node.op_type for node in chain}:
        raise ValueError(f"unexpected start of the network: {[node.op_type for node in chain]}")
    for node in chain:
        graph.node.remove(node)
    scale = numpy_helper.from_array(np.array(1 / 128, np.float32), "picture_scale")
    zero = numpy_helper.from_array(np.array(128, np.uint8), "picture_zero")
    graph.initializer.extend([scale, zero])
    first = helper.make_node("Transpose", [source], ["picture_bytes"], name="picture_transpose", perm=[0, 3, 1, 2])
    second = helper.make_node("DequantizeLinear", ["picture_bytes", "picture_scale", "picture_zero"], [chain[-1].output[0]], name="picture_values")
    graph.node.insert(0, first)
    graph.node.insert(1, second)
    assert graph.input[0].type.tensor_type.elem_type == TensorProto.UINT8


def _write_spec(folder: Path, recipe: Recipe, state: Mapping[str, Any], parameters: int, quantised: bool, extra: Mapping[str, Any]) -> None:
    """`spec.json`: what the runtime needs to use the model, and what a person wants to know of it."""
    name = folder.name
    spec: dict[str, Any] = {
        "name": name, "role": recipe.role, "version": 1, "file": "model.onnx", "sha256": hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest(),
        "input": INPUTS[recipe.role], "threshold": 0.5, "margin": MARGINS[recipe.role], "parameters": parameters, "quantised": quantised, "recipe": recipe.name,
        "samples_seen": state["seen"], "steps": state["step"], "calibration": None,
    }  # fmt: skip
    if recipe.role == "reader":
        spec |= {"alphabet": ALPHABET, "countries": list(COUNTRIES)}
    spec |= dict(extra)
    (folder / "spec.json").write_text(json.dumps(spec, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _difference(served: nn.Module, file: Path, role: str, pictures: np.ndarray) -> dict[str, float]:
    """Mean absolute difference per output; log-probabilities are compared as probabilities, corners in pixels where there is a plate."""
    with torch.inference_mode():
        wanted = [output.numpy() for output in served(torch.from_numpy(pictures))]
    served_values = Session(file).run({NAMES[role][0]: pictures})
    result = {}
    for name, a in zip(NAMES[role][1], wanted, strict=True):
        b = served_values[name]
        if name in ("log_probs", "country", "lines"):
            a, b = np.exp(a), np.exp(b)
        if name == "corners":
            on = np.broadcast_to(wanted[0] > 0.5, a.shape)
            a, b = a[on], b[on]
        result[name] = float(np.abs(a - b).mean()) if a.size else 0.0
    return result
