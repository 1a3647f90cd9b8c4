"""Networks that stand in for the trained ones: their answers follow from the picture by a rule that a test can predict."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from platelight import templates
from platelight.records import ALPHABET, Image

COUNTRIES = ("de", "gb", "ua")
STRIDE, FRAMES = 8, 40


def ctc_frames(*lines: str, count: int = 3, sure: float = 0.97) -> np.ndarray:
    """Log-probabilities (count, FRAMES, C) that spell one text a line, every character in one frame followed by two of blank."""
    chances = np.full((count, FRAMES, len(ALPHABET) + 1), 1e-5)
    chances[:, :, 0] = 1.0
    for line, text in enumerate(lines):
        for place, character in enumerate(text):
            chances[line, 2 + 3 * place, 0] = 1 - sure
            chances[line, 2 + 3 * place, 1 + ALPHABET.index(character)] = sure
    return np.log(chances / chances.sum(axis=2, keepdims=True)).astype(np.float32)


class StandIn:
    """A session whose detector takes white shapes for plates and whose reader reads one text off bright crops, nothing off dark ones."""

    provider = "StandIn"

    def __init__(self, model: bytes | str | Path, threads: int = 1, runtime: str = "onnxruntime") -> None:
        self.role = json.loads(model)["role"] if isinstance(model, bytes) else str(model)
        self.text = json.loads(model)["text"] if isinstance(model, bytes) else "AB12CDE"
        self.inputs = ("images",) if self.role == "detector" else ("plates",)
        self.shapes: list[tuple[int, ...]] = []

    def run(self, feeds: dict[str, Any]) -> dict[str, Any]:
        self.shapes.append(feeds[self.inputs[0]].shape)
        return white_shapes(feeds["images"]) if self.role == "detector" else self._read(feeds["plates"])

    def _read(self, plates: np.ndarray) -> dict[str, Any]:
        bright = plates.reshape(len(plates), -1).mean(axis=1) > 128
        frames = np.stack([ctc_frames(self.text) if light else ctc_frames() for light in bright])
        country = np.log(np.tile([0.02, 0.96, 0.02], (len(plates), 1))).astype(np.float32)
        lines = np.log(np.tile([0.98, 0.01, 0.01], (len(plates), 1))).astype(np.float32)
        return {"log_probs": frames, "country": country, "lines": lines, "plateness": np.where(bright, 0.95, 0.02).astype(np.float32)}


def white_shapes(images: np.ndarray) -> dict[str, np.ndarray]:
    """Detector outputs with a peak of 0.9 at every white shape, its corners exact to about a pixel."""
    count, height, width, _ = images.shape
    heat = np.zeros((count, 1, height // STRIDE, width // STRIDE), np.float32)
    corners = np.zeros((count, 8, height // STRIDE, width // STRIDE), np.float32)
    for index, image in enumerate(images):
        shapes, _ = cv2.findContours((image.min(axis=2) > 200).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        for shape in shapes:
            quad = clockwise(cv2.boxPoints(cv2.minAreaRect(shape)))
            column, row = np.floor(quad.mean(axis=0) / STRIDE).astype(int)
            if 0 <= row < heat.shape[2] and 0 <= column < heat.shape[3] and len(shape) > 8:
                heat[index, 0, row, column] = 0.9
                corners[index, :, row, column] = (quad + 0.5 - (np.array([column, row]) + 0.5) * STRIDE).reshape(8)
    return {"heat": heat, "corners": corners}


def clockwise(points: np.ndarray) -> np.ndarray:
    """Corners of a wide shape (4, 2) clockwise from its own top-left, for rolls of less than 45 degrees."""
    angle = np.arctan2(*(points - points.mean(axis=0)).T[::-1])
    return points[np.argsort(angle)]


def street(width: int = 800, height: int = 600, *plates: tuple[tuple[float, float], ...]) -> Image:
    """A grey picture with white plates at the given corners."""
    picture = np.full((height, width, 3), 70, np.uint8)
    for plate in plates:
        cv2.fillConvexPoly(picture, np.round(np.array(plate)).astype(np.int32), (255, 255, 255))
    return picture


PLATE = ((300.0, 240.0), (460.0, 240.0), (460.0, 280.0), (300.0, 280.0))


def write_models(folder: Path, text: str = "AB12CDE", **changed: Any) -> Path:
    """A folder of model folders whose "networks" a `StandIn` understands; `changed` fields of their spec.json."""
    for role, size in (("detector", {"long_side": 640, "multiple": 32, "stride": STRIDE}), ("reader", {"width": 160, "height": 64})):
        model = folder / f"{role}-s-1"
        model.mkdir(parents=True, exist_ok=True)
        network = json.dumps({"role": role, "text": text}).encode()
        (model / "model.onnx").write_bytes(network)
        spec = {
            "name": model.name, "role": role, "version": 1, "file": "model.onnx", "sha256": hashlib.sha256(network).hexdigest(), "input": size,
            "threshold": 0.3, "margin": 0.0, "alphabet": ALPHABET if role == "reader" else "", "countries": COUNTRIES if role == "reader" else [],
            "calibration": None, "parameters": 0, "quantised": False, "recipe": "none", "data": "none", "scores": {},
        } | changed  # fmt: skip
        (model / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
    return folder


def use_stand_ins(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let every `Platelight` use the models of `folder`, and know the plate types of three countries only."""
    few = tuple(template for template in templates.load() if template.country in COUNTRIES)
    patch.setattr("platelight.templates.load", lambda: few)
    patch.setattr("platelight.pipeline.Session", StandIn)
    patch.setattr("platelight.session.Session", StandIn)
    patch.setenv("PLATELIGHT_MODELS", str(folder))
