"""Fit how detector, reader and text decide together whether a find is a plate (the weights in platelight/verify.py).

    python training/plate_decision.py MODELS DATA

Logistic regression on the finds in DATA/scenes/dev and DATA/backgrounds/dev: does the find cover a labelled plate
(IoU 0.5 and more), or nothing (below 0.1)? Prints the weights and what they give at several thresholds. The other dev sets
take no part, so that they can be measured afterwards.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np

from platelight import Platelight, images, verify
from platelight.dataset import find_split, read_labels

SETS = ("scenes", "backgrounds")


def finds(platelight: Platelight, folder: Path) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Features (F, 4) of every find, its best IoU (F,), and how many plates and pictures there are."""
    features, overlaps, plates, pictures = [], [], 0, 0
    for labelled in read_labels(find_split(folder, "dev")):
        boxes = [plate.box for plate in labelled.plates if plate.box]
        picture = images.load(labelled.path)
        detections = platelight.find_plates([picture])[0]
        readings = platelight.reader(platelight.rectifier([picture], [[found.quad for found in detections]]))
        plates, pictures = plates + len(boxes), pictures + 1
        for found, reading in zip(detections, readings, strict=True):
            features.append([*verify.evidence(found, reading), 1.0])
            overlaps.append(max((found.quad.box.iou(box) for box in boxes), default=0.0))
    return np.array(features).reshape(-1, 4), np.array(overlaps), plates, pictures


def fit(features: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Weights (4,) of a logistic regression, by Newton's method with a little shrinking."""
    weights = np.zeros(features.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-features @ weights))
        curvature = (features.T * (chance * (1 - chance))) @ features + 1e-3 * np.eye(len(weights))
        weights += np.linalg.solve(curvature, features.T @ (truth - chance))
    return weights


def main(models: str, data: Path) -> None:
    platelight = Platelight(models=models)
    detector = platelight.detector
    detector.spec = dataclasses.replace(detector.spec, threshold=0.2)  # type: ignore[attr-defined]
    found = {name: finds(platelight, data / name) for name in SETS}
    features = np.concatenate([item[0] for item in found.values()])
    overlaps = np.concatenate([item[1] for item in found.values()])
    clear = (overlaps >= 0.5) | (overlaps < 0.1)
    weights = fit(features[clear], overlaps[clear] >= 0.5)
    print("score, plateness, text, constant:", weights.round(2))
    for threshold in (-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0):
        print(f"constant + belief at {threshold:+.1f}", end="")
        for name, (rows, overlap, plates, pictures) in found.items():
            kept = rows @ weights > threshold
            print(f"   {name}: recall {(kept & (overlap >= 0.5)).sum() / max(plates, 1):.3f}, false {(kept & (overlap < 0.1)).sum() / pictures:.3f}", end="")
        print()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
