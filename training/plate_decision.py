"""Fit how detector, reader, refiner and text decide together whether a find is a plate (the weights in platelight/verify.py).

    python training/plate_decision.py MODELS DATA NONPLATES

Logistic regression on the finds in DATA/scenes and DATA/backgrounds, dev and one in a few of the training photos, and in NONPLATES, a folder
of `platelight synth --kind nonplates` that no training saw: does the find cover a labelled plate (IoU 0.5 and more), or nothing (below 0.1)?
Prints the weights, with that of the detector's score as it stands there, and what they give at several thresholds; and the same without what
the refiner sees. The other dev sets take no part, so that they can be measured afterwards.
"""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import numpy as np

from platelight import Platelight, images, verify
from platelight.dataset import find_split, read_labels

SETS = {"scenes": ("dev", 1), "backgrounds": ("dev", 1), "scenes, training": ("train", 9), "backgrounds, training": ("train", 2)}
"""Split, and which share of its photos counts: one in so many."""


NAMES = ("score", "plateness", "context", "text", "plate type", "constant")

Finds = tuple[np.ndarray, np.ndarray, int, int]


def finds(platelight: Platelight, labels: Path, step: int = 1) -> Finds:
    """Features (F, 6) of every find, its best IoU (F,), and how many plates and pictures there are."""
    features, overlaps, plates, pictures = [], [], 0, 0
    for labelled in read_labels(labels)[::step]:
        boxes = [plate.box for plate in labelled.plates if plate.box]
        picture = images.load(labelled.path)
        detections = platelight.find_plates([picture])[0]
        readings = platelight.reader(platelight.rectifier([picture], [[found.quad for found in detections]]))
        plates, pictures = plates + len(boxes), pictures + 1
        for found, reading, decoding in zip(detections, readings, platelight.decoder(readings), strict=True):
            features.append([*verify.evidence(found, reading), float(platelight.lacking(decoding) == 0), 1.0])
            overlaps.append(max((found.quad.box.iou(box) for box in boxes), default=0.0))
    return np.array(features).reshape(-1, 6), np.array(overlaps), plates, pictures


def fit(features: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """One weight a column of a logistic regression, by Newton's method with a little shrinking."""
    weights = np.zeros(features.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-features @ weights))
        curvature = (features.T * (chance * (1 - chance))) @ features + 1e-3 * np.eye(len(weights))
        weights += np.linalg.solve(curvature, features.T @ (truth - chance))
    return weights


def main(models: str, data: Path, nonplates: Path) -> None:
    platelight = Platelight(models=models)
    detector = platelight.detector
    detector.spec = dataclasses.replace(detector.spec, threshold=0.2)  # type: ignore[attr-defined]
    found = {name: finds(platelight, find_split(data / name.split(",")[0], split), step) for name, (split, step) in SETS.items()}
    found["non-plates"] = finds(platelight, find_split(nonplates, "train"))
    features = np.concatenate([item[0] for item in found.values()])
    overlaps = np.concatenate([item[1] for item in found.values()])
    clear = (overlaps >= 0.5) | (overlaps < 0.1)
    for title, columns in (("with what the refiner sees", [0, 1, 2, 3, 4, 5]), ("without", [0, 1, 3, 4, 5])):
        weights = np.zeros(len(NAMES))
        weights[columns] = fit(features[clear][:, columns], overlaps[clear] >= 0.5)
        weights *= verify.SCORE_WEIGHT / weights[0]
        print(f"{title}: " + ", ".join(f"{name} {weight:.2f}" for name, weight in zip(NAMES, weights, strict=True)))
        print_levels(weights, found)


def print_levels(weights: np.ndarray, found: dict[str, Finds]) -> None:
    """Recall and false plates a picture of every set, as more and more is asked for."""
    for belief in np.arange(-2.0, 2.6, 0.5):
        cells = []
        for name, (rows, overlap, plates, pictures) in found.items():
            kept = rows[:, :-1] @ weights[:-1] >= belief + weights[-2]
            missed = f"recall {(kept & (overlap >= 0.5)).sum() / plates:.3f}, " if plates else ""
            cells.append(f"{name}: {missed}false {(kept & (overlap < 0.1)).sum() / pictures:.3f}")
        print(f"BELIEF {belief:+.1f}   " + "   ".join(cells))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
