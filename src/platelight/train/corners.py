"""Corners for photos that were labelled with boxes: proposed by the refiner, kept where they agree with the box, shown for checking.

Most real labels are boxes, but re-plating photos (`platelight synth --scenes`) and teaching turned plates need corners. The
refiner, taught corners by drawn and pasted plates, finds them from the box.

    python -m platelight.train.corners MODELS LABELS OUT SHEET

writes OUT (the labels with corners added), and SHEET, a contact sheet (PNG) to be looked at before OUT is trusted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from platelight.bundle import ModelSpec
from platelight.dataset import LabelledImage, PlateLabel, read_labels, write_labels
from platelight.geometry import Quad
from platelight.images import load
from platelight.records import Detection, Image
from platelight.rectify import Rectifier
from platelight.refine import Refiner
from platelight.session import Session
from platelight.train.scenes import rim

AGREES = 0.55
"""IoU of the refined quad's box and the labelled box from which the quad is taken over; many boxes are drawn generously."""

PASSES = 2
"""How often the refiner looks; the second time from its own corners."""

TILE = (160, 110)
COLUMNS, ROWS = 12, 8


def propose(refiner: Refiner, labels: Sequence[LabelledImage]) -> Iterator[LabelledImage]:
    """The labelled pictures with corners on the plates that have a box and no corners yet, where the refiner's quad agrees with the box."""
    for image in labels:
        wanting = [plate for plate in image.plates if plate.box is not None and plate.corners is None]
        if not wanting:
            yield image
            continue
        picture = load(image.path)
        found = [Detection(Quad.from_array(rim(image, plate)), 1.0) for plate in wanting]
        for _ in range(PASSES):
            (found,) = refiner([picture], [found])
        better = {id(plate): _cornered(image, plate, one.quad) for plate, one in zip(wanting, found, strict=True)}
        yield replace(image, plates=tuple(better.get(id(plate), plate) for plate in image.plates))


def _cornered(image: LabelledImage, plate: PlateLabel, quad: Quad) -> PlateLabel:
    return replace(plate, corners=quad) if quad.box.iou(Quad.from_array(rim(image, plate)).box) >= AGREES else plate


def sheet(labels: Sequence[LabelledImage], rng: np.random.Generator) -> Image:
    """A random choice of plates with their corners drawn in, the first corner marked."""
    plates = [(image, plate) for image in labels for plate in image.plates if plate.corners is not None]
    picked = rng.permutation(len(plates))[: COLUMNS * ROWS]
    tiles = [_tile(*plates[index]) for index in picked]
    tiles += [np.zeros((TILE[1], TILE[0], 3), np.uint8)] * (-len(tiles) % COLUMNS)
    return np.vstack([np.hstack(tiles[start : start + COLUMNS]) for start in range(0, len(tiles), COLUMNS)])


def _tile(image: LabelledImage, plate: PlateLabel) -> Image:
    quad = plate.corners
    assert quad is not None
    picture, box = load(image.path), quad.box
    margin = 0.25 * box.width
    x0, y0 = max(int(box.x0 - margin), 0), max(int(box.y0 - margin), 0)
    part = picture[y0 : int(box.y1 + margin), x0 : int(box.x1 + margin)]
    scale = min(TILE[0] / part.shape[1], TILE[1] / part.shape[0])
    part = np.ascontiguousarray(cv2.resize(part, None, fx=scale, fy=scale))
    points = np.round((quad.array() - (x0, y0)) * scale).astype(np.int32)
    cv2.polylines(part, [points], True, (0, 255, 0), 1)
    cv2.circle(part, tuple(int(value) for value in points[0]), 3, (255, 0, 0), -1)
    tile = np.zeros((TILE[1], TILE[0], 3), np.uint8)
    tile[: part.shape[0], : part.shape[1]] = part[: TILE[1], : TILE[0]]
    return tile


def main(models: Path, labels: Path, out: Path, picture: Path) -> None:
    """Propose corners for every picture of `labels`; paths in `out` are absolute, so that it can lie anywhere."""
    spec = ModelSpec.of("refiner", models)
    refiner = Refiner(Session(spec.network()), Rectifier(spec.input["width"], spec.input["height"], spec.margin))
    done = [replace(image, path=image.path.resolve()) for image in propose(refiner, read_labels(labels))]
    boxes = sum(plate.box is not None for image in done for plate in image.plates)
    kept = sum(plate.corners is not None for image in done for plate in image.plates)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_labels(out, done)
    cv2.imwrite(str(picture), cv2.cvtColor(sheet(done, np.random.default_rng(0)), cv2.COLOR_RGB2BGR))
    print(f"{kept} of {boxes} boxes have corners now: {out}; look at {picture} before you trust them")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit("usage: python -m platelight.train.corners MODELS LABELS OUT SHEET")
    main(*map(Path, sys.argv[1:]))
