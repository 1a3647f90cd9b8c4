"""Dev scores during training, in torch; the figures of a release come from `platelight evaluate`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from platelight.dataset import read_labels
from platelight.geometry import Box
from platelight.records import ALPHABET, Image
from platelight.train.models import DetectorNet
from platelight.train.plates import UNKNOWN, PlatePool, PlateSource, PlateTarget, load_rgb
from platelight.train.quads import HEIGHT, MARGIN, WIDTH, cut, misplaced

START = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * (1 / (1 + 2 * MARGIN)) * [WIDTH, HEIGHT] + np.array([WIDTH, HEIGHT]) * MARGIN / (1 + 2 * MARGIN)
"""Where the corners that a plate was cut by lie in the refiner's picture."""

LENIENT = str.maketrans("OIÄÖÜ", "01A0U")


def _device(model: nn.Module) -> torch.device:
    return next(model.parameters()).device


def greedy_text(frames: np.ndarray) -> str:
    """The text of CTC log-probabilities (3, T, C) by best path: repeats merged, blanks dropped, lines joined."""
    text = []
    for line in frames.argmax(axis=2):
        previous = 0
        for index in line:
            if index and index != previous:
                text.append(ALPHABET[index - 1])
            previous = index
    return "".join(text)


def reader_scores(model: nn.Module, labels: Path, countries: tuple[str, ...]) -> Mapping[str, float]:
    """Exact match by source prefix and pooled, lenient match, country and plate-ness, on plates cut as the scorer cuts them."""
    hits: dict[str, list[float]] = defaultdict(list)
    for names, pictures, targets in _reader_batches(labels, countries):
        with torch.inference_mode():
            frames, country, _, plate, _ = (output.cpu() for output in model(pictures.to(_device(model))))
        for name, target, row, guess, logit in zip(names, targets, frames.numpy(), country.argmax(1), plate, strict=True):
            text = greedy_text(row)
            hits["exact"].append(text == target.text)
            hits["lenient"].append(text.translate(LENIENT) == target.text.translate(LENIENT))
            hits[name.split("-")[0]].append(hits["exact"][-1])
            hits["plate"].append(logit > 0)
            if target.country != UNKNOWN:
                hits["country"].append(int(guess) == target.country)
    return {name: float(np.mean(values)) for name, values in hits.items()}


@lru_cache(maxsize=4)
def _reader_batches(labels: Path, countries: tuple[str, ...]) -> list[tuple[list[str], Tensor, list[PlateTarget]]]:
    pool = PlatePool(PlateSource(labels, 1.0), countries)
    cuts = [(image.path.name, *pool.cut(image, plate, None)) for image, plate in pool.items]
    batches = [cuts[start : start + 64] for start in range(0, len(cuts), 64)]
    return [([c[0] for c in batch], torch.from_numpy(np.stack([c[1] for c in batch])), [c[2] for c in batch]) for batch in batches]


def detector_scores(model: nn.Module, sets: Mapping[str, Path], long_side: int = 640, threshold: float = 0.35) -> Mapping[str, float]:
    """Per set recall at IoU 0.5 of the quads' boxes and false finds a picture, at one look of `long_side`."""
    scores: dict[str, float] = {}
    recalls = []
    for name, labels in sets.items():
        boxes, found, covered, false, pictures = 0, 0, 0, 0, 0
        for image in read_labels(labels):
            truths = [plate.box for plate in image.plates if plate.box is not None]
            guesses = find_boxes(model, load_rgb(image.path), long_side, threshold)
            pictures += 1
            boxes += len(truths)
            found += len(guesses)
            covered += sum(any(truth.iou(guess) >= 0.5 for guess in guesses) for truth in truths)
            false += sum(all(truth.iou(guess) < 0.1 for truth in truths) for guess in guesses)
        if boxes:
            scores[f"{name}_recall"] = covered / boxes
            recalls.append(covered / boxes)
        scores[f"{name}_false"] = false / pictures
    scores["mean"] = float(np.mean(recalls)) - 0.1 * float(np.mean([value for key, value in scores.items() if key.endswith("_false")]))
    return scores


def find_boxes(model: nn.Module, picture: Image, long_side: int, threshold: float) -> list[Box]:
    """Peaks of the heat map as boxes of the picture; the plainest possible detector, for scoring only."""
    corners, scores = find_quads(model, picture, long_side, threshold)
    boxes: list[Box] = []
    for index in np.argsort(-scores):
        box = Box(*corners[index].min(axis=0), *corners[index].max(axis=0))
        if all(box.iou(other) < 0.4 for other in boxes):
            boxes.append(box)
    return boxes


def find_quads(model: nn.Module, picture: Image, long_side: int, threshold: float) -> tuple[np.ndarray, np.ndarray]:
    """Corners (P, 4, 2) in pixels of the picture and scores (P,) of every peak."""
    scale = long_side / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    height, width = -(-small.shape[0] // 32) * 32, -(-small.shape[1] // 32) * 32
    padded = np.full((1, height, width, 3), 114, np.uint8)
    padded[0, : small.shape[0], : small.shape[1]] = small
    with torch.inference_mode():
        heat, offsets = (output.cpu() for output in model(torch.from_numpy(padded).to(_device(model))))
        chance = heat.sigmoid()
        peak = (chance == torch.nn.functional.max_pool2d(chance, 3, 1, 1)) & (chance > threshold)
    rows, columns = np.nonzero(peak[0, 0].numpy())
    centres = np.stack([columns + 0.5, rows + 0.5], 1)[:, None] * DetectorNet.STRIDE
    corners = (offsets[0, :, rows, columns].numpy().T.reshape(-1, 4, 2) + centres) / scale
    return corners, chance[0, 0].numpy()[rows, columns]


def refiner_scores(model: nn.Module, labels: Path) -> Mapping[str, float]:
    """Median and mean corner error as a share of the plate's width, before and after, over misplaced true corners; `close` is 1 - mean after."""
    rng = np.random.default_rng(0)
    before, after = [], []
    for image in read_labels(labels):
        picture = load_rgb(image.path)
        for plate in image.plates:
            if plate.corners is None:
                continue
            cuts = [cut(picture, plate.corners.array(), misplaced(plate.corners.array(), rng)) for _ in range(4)]
            true = np.stack([corners for _, corners in cuts])  # (4, 4, 2)
            with torch.inference_mode():
                found = model(torch.from_numpy(np.stack([pixels for pixels, _ in cuts])).to(_device(model)))[0].cpu().numpy()
            width = np.linalg.norm(true[:, 1] - true[:, 0] + true[:, 2] - true[:, 3], axis=1) / 2
            before += list(np.linalg.norm(START - true, axis=2).mean(1) / width)
            after += list(np.linalg.norm(found - true, axis=2).mean(1) / width)
    return {"before": float(np.mean(before)), "mean": float(np.mean(after)), "median": float(np.median(after)), "close": 1 - float(np.mean(after))}
