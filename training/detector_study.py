"""What is found and what is not, beyond the plain dev photos: close-ups, small plates in large photos, turned photos, corners, non-plates.

    python training/detector_study.py MODELS DATA NONPLATES DRAWN PICTURES

MODELS is a folder of models, DATA the labelled photos, NONPLATES and DRAWN folders of `platelight synth --kind nonplates` and
`--kind scenes` that no training saw, PICTURES where missed-false.png goes. The tables are printed as Markdown.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from copy import copy
from pathlib import Path

import cv2
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from platelight import Platelight, detect, images, verify
from platelight.dataset import LabelledImage, find_split, read_labels
from platelight.evaluate.metrics import wilson
from platelight.geometry import Box, Quad, apply_homography, corner_error
from platelight.records import Image

PHOTOS = ("openalpr-eu", "openalpr-br", "openalpr-us", "scenes")
FILLS = (0.5, 0.65, 0.8, 0.95)
TURNS = (-45, -20, 20, 45, 90, 180, 270)
MOSAICS, COLUMNS, ROWS = 8, 4, 3
LARGE = (4000, 3000)
EFFORTS: tuple[detect.Effort, ...] = ("normal", "thorough")


def found_share(hits: int, total: int) -> str:
    low, high = wilson(hits, total) or (0.0, 0.0)
    return f"{hits / max(total, 1):.3f} [{low:.3f}, {high:.3f}] of {total}"


def boxes_found(platelight: Platelight, picture: Image, truths: Sequence[Box]) -> int:
    quads = [plate.detection.quad for plate in platelight.read(picture).plates]
    return sum(any(truth.iou(quad.box) >= 0.5 for quad in quads) for truth in truths)


def labelled(data: Path, names: Sequence[str] = PHOTOS) -> Iterator[tuple[LabelledImage, list[Box]]]:
    for name in names:
        for image in read_labels(find_split(data / name, "dev")):
            yield image, [plate.box for plate in image.plates if plate.box]


def print_close_ups(platelight: Platelight, data: Path) -> None:
    """Photos cropped around each plate so that it fills a share of the width."""
    print("\n| plate fills of the width | found |\n|---|---|")
    for fill in FILLS:
        hits = total = 0
        for image, boxes in labelled(data):
            picture = images.load(image.path)
            for box in boxes:
                part, inner = _around(picture, box, fill)
                total += 1
                hits += boxes_found(platelight, part, [inner])
        print(f"| {fill:.0%} | {found_share(hits, total)} |")


def _around(picture: Image, box: Box, fill: float) -> tuple[Image, Box]:
    """The part of the picture in which the box fills `fill` of the width, at 4:3 where the picture allows it."""
    height, width = picture.shape[:2]
    wide = box.width / fill
    high = max(wide * 0.75, box.height * 1.1)
    x0, y0 = max(round((box.x0 + box.x1 - wide) / 2), 0), max(round((box.y0 + box.y1 - high) / 2), 0)
    part = picture[y0 : min(round(y0 + high), height), x0 : min(round(x0 + wide), width)]
    return np.ascontiguousarray(part), Box(box.x0 - x0, box.y0 - y0, box.x1 - x0, box.y1 - y0)


def print_small(models: str, data: Path) -> None:
    """Labelled photos shrunk until their plates are 30 to 60 pixels wide, twelve of them in one picture of 12 megapixels."""
    rng = np.random.default_rng(0)
    photos = [(image, boxes) for image, boxes in labelled(data) if boxes and min(box.width for box in boxes) >= 45]
    mosaics = [_mosaic([photos[int(k)] for k in rng.choice(len(photos), COLUMNS * ROWS, replace=False)], rng) for _ in range(MOSAICS)]
    print("\n| effort, 4000x3000 | plates of 30 to 60 px found | CPU-seconds a picture |\n|---|---|---|")
    for effort in EFFORTS:
        platelight = Platelight(effort=effort, models=models)
        start = time.process_time()
        hits = sum(boxes_found(platelight, picture, truths) for picture, truths in mosaics)
        spent = (time.process_time() - start) / MOSAICS
        print(f"| {effort} | {found_share(hits, sum(len(truths) for _, truths in mosaics))} | {spent:.2f} |")


def _mosaic(photos: Sequence[tuple[LabelledImage, list[Box]]], rng: np.random.Generator) -> tuple[Image, list[Box]]:
    canvas = np.full((LARGE[1], LARGE[0], 3), 114, np.uint8)
    side = LARGE[0] // COLUMNS
    truths = []
    for number, (image, boxes) in enumerate(photos):
        picture = images.load(image.path)
        scale = rng.uniform(30, 60) / min(box.width for box in boxes)
        scale = min(scale, side / picture.shape[1], side / picture.shape[0])
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        x, y = number % COLUMNS * side, number // COLUMNS * side
        canvas[y : y + small.shape[0], x : x + small.shape[1]] = small
        truths += [Box(x + box.x0 * scale, y + box.y0 * scale, x + box.x1 * scale, y + box.y1 * scale) for box in boxes if 30 <= box.width * scale <= 60]
    return canvas, truths


def print_turned(platelight: Platelight, data: Path) -> None:
    """Photos turned about their middle: found, and read as before."""
    photos = [(image, [plate for plate in image.plates if plate.box]) for image in read_labels(find_split(data / "openalpr-eu", "dev"))]
    print("\n| turned by, degrees | plates found (openalpr-eu) | texts right |\n|---|---|---|")
    for turn in (0, *TURNS):
        hits = right = total = 0
        for image, plates in photos:
            picture, matrix = _turned(images.load(image.path), turn)
            seen = platelight.read(picture).plates
            for plate in plates:
                assert plate.box is not None
                truth = Quad.from_array(apply_homography(matrix, plate.box.quad().array()))
                near = [one for one in seen if one.detection.quad.box.iou(truth.box) >= 0.3]
                total, hits = total + 1, hits + bool(near)
                right += any(one.text == plate.text for one in near)
        print(f"| {turn} | {found_share(hits, total)} | {right / total:.3f} |")


def _turned(picture: Image, degrees: float) -> tuple[Image, np.ndarray]:
    height, width = picture.shape[:2]
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) @ turn.T
    low, size = corners.min(axis=0), np.ceil(np.ptp(corners, axis=0)).astype(int)
    matrix = np.vstack([np.column_stack([turn, -low]), [0, 0, 1]])
    seen = cv2.warpAffine(picture, matrix[:2], tuple(size.tolist()), flags=cv2.INTER_LINEAR, borderValue=(114, 114, 114))
    return np.asarray(seen, dtype=np.uint8), matrix


def print_corners(platelight: Platelight, data: Path, drawn: Path) -> None:
    """Mean corner error of the plates found, in percent of the width, without and with the refiner."""
    plain = copy(platelight)
    plain.refiner = None
    print("\n| set | plates | found | detector alone: median, mean | with the refiner: median, mean |\n|---|---|---|---|---|")
    for name, path in (("scenes/corners", data / "scenes" / "corners.jsonl"), ("drawn scenes", find_split(drawn, "train"))):
        cells, total = [], 0
        for reader in (plain, platelight):
            errors, total = [], 0
            for image in read_labels(path):
                detections = reader.find_plates([images.load(image.path)])[0]
                for plate in image.plates:
                    if plate.corners is None:
                        continue
                    total += 1
                    near = [found for found in detections if found.quad.box.iou(plate.corners.box) >= 0.5]
                    errors += [min(corner_error(found.quad, plate.corners) for found in near)] if near else []
            cells.append(f"{100 * np.median(errors):.1f}, {100 * np.mean(errors):.1f}")
        print(f"| {name} | {total} | {len(errors) / total:.3f} | " + " | ".join(cells) + " |")


def print_false(platelight: Platelight, data: Path, nonplates: Path, out: Path) -> None:
    """False plates a picture where there is none; and missed against false as the decision is made stricter."""
    beliefs: dict[str, list[list[float]]] = {}
    files = {"backgrounds/dev": find_split(data / "backgrounds", "dev"), "drawn non-plates": find_split(nonplates, "train")}
    for name, path in files.items():
        beliefs[name] = [_beliefs(platelight, images.load(image.path), None) for image in read_labels(path)]
    scenes = [(images.load(image.path), boxes) for image, boxes in labelled(data, ("scenes",))]
    hits = [belief for picture, boxes in scenes for box in boxes for belief in [max(_beliefs(platelight, picture, box), default=-np.inf)]]
    levels = np.arange(-4.0, 4.01, 0.5)
    figure, axes = plt.subplots(figsize=(5, 3.6), dpi=110)
    missed = [np.mean([belief < level for belief in hits]) for level in levels]
    for name, rows in beliefs.items():
        false = [np.mean([sum(belief >= level for belief in row) for row in rows]) for level in levels]
        axes.plot(false, missed, "o-", markersize=3, label=name)
    for name, path in files.items():
        counts = [len(platelight.read(images.load(image.path)).plates) for image in read_labels(path)]
        print(f"\n{name}: {np.mean(counts):.3f} false plates a picture of {len(counts)}")
    print(f"\nscenes/dev: {np.mean([belief < verify.BELIEF for belief in hits]):.3f} of {len(hits)} plates missed")
    axes.set(xlabel="false plates a picture without plates", ylabel="plates of scenes/dev missed", xlim=(-0.005, 0.3), ylim=(0, 0.12))
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(out / "missed-false.png")


def _beliefs(platelight: Platelight, picture: Image, box: Box | None) -> list[float]:
    """How much speaks for each find being a plate; with `box`, of those that cover it."""
    found = [one for one in platelight.find_plates([picture])[0] if box is None or one.quad.box.iou(box) >= 0.5]
    readings = platelight.reader(platelight.rectifier([picture], [[one.quad for one in found]]))
    texts = platelight.decoder(readings)
    return [verify.belief_in(one, reading) - platelight.lacking(text) for one, reading, text in zip(found, readings, texts, strict=True)]


def main(models: str, data: Path, nonplates: Path, drawn: Path, pictures: Path) -> None:
    pictures.mkdir(parents=True, exist_ok=True)
    platelight = Platelight(models=models)
    print("## False plates")
    print_false(platelight, data, nonplates, pictures)
    print("\n## Corners")
    print_corners(platelight, data, drawn)
    print("\n## Close-ups")
    print_close_ups(platelight, data)
    print("\n## Small plates in large photos")
    print_small(models, data)
    print("\n## Turned photos")
    print_turned(platelight, data)


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    main(sys.argv[1], *(Path(argument) for argument in sys.argv[2:]))
