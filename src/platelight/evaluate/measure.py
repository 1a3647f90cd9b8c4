"""Read labelled pictures and judge what comes back."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from platelight import images, templates
from platelight.dataset import LabelledImage
from platelight.decode import Decoder
from platelight.evaluate.score import PictureOutcome, judge_picture
from platelight.geometry import Box
from platelight.pipeline import Platelight
from platelight.records import Photo

TOP = 5  # candidate texts a plate, for the top-5 rate
TIGHT = 0.75  # a labelled box that covers more of its picture than this is the picture of a plate already


class PhotoReader(Protocol):
    """What is measured; `platelight.Platelight` is one."""

    def read_many(self, sources: Iterable[Any], /, *, crops: bool = False) -> Iterator[Photo]: ...


@dataclass(frozen=True, slots=True)
class Measured:
    """One set of pictures, read: an outcome for each, the predictions as `platelight read --format jsonl` gives them, wall time."""

    name: str
    outcomes: tuple[PictureOutcome, ...]
    predictions: tuple[dict[str, Any], ...]
    seconds: float

    @property
    def ms_per_picture(self) -> float | None:
        return 1000 * self.seconds / len(self.outcomes) if self.outcomes else None


def measure(
    reader: PhotoReader, pictures: Sequence[LabelledImage], name: str, *, crops: bool = False, progress: Callable[[int], None] | None = None
) -> Measured:
    """Read every picture and judge it. A picture that cannot be read counts as one where nothing was found.

    With `crops` the pictures are plates already: those whose labelled box leaves a margin around the plate are cut to the box
    first. `progress` is called with the number of pictures read so far.
    """
    started = time.perf_counter()
    predictions: list[dict[str, Any]] = []
    for prediction in _cropped(reader, pictures) if crops else _whole(reader, pictures):
        predictions.append(prediction)
        if progress:
            progress(len(predictions))
    seconds = time.perf_counter() - started
    outcomes = tuple(judge_picture(picture, row["plates"], row["error"]) for picture, row in zip(pictures, predictions, strict=True))
    return Measured(name, outcomes, tuple(predictions), seconds)


def measure_hinted(
    reader: Platelight, pictures: Sequence[LabelledImage], name: str, *, crops: bool = False, progress: Callable[[int], None] | None = None
) -> Measured:
    """Like `measure`, with the reader told the labelled countries of each picture (nothing, where one is unlabelled or has no templates)."""
    known = templates.load()
    codes = {template.country for template in known}
    groups: dict[tuple[str, ...], list[int]] = {}
    for index, picture in enumerate(pictures):
        countries = {label.country for label in picture.plates}
        hint = tuple(sorted(country for country in countries if country)) if countries <= codes else ()
        groups.setdefault(hint, []).append(index)
    calibration = reader.decoder.calibration if isinstance(reader.decoder, Decoder) else None
    parts: dict[int, tuple[PictureOutcome, dict[str, Any]]] = {}
    seconds = 0.0
    for hint, indices in groups.items():
        decoder = Decoder(known, hint or None, TOP, calibration)
        hinted = copy(reader)
        hinted.decoder = decoder
        done = measure(hinted, [pictures[index] for index in indices], name, crops=crops, progress=_after(len(parts), progress))
        parts |= dict(zip(indices, zip(done.outcomes, done.predictions, strict=True), strict=True))
        seconds += done.seconds
    in_order = [parts[index] for index in range(len(pictures))]
    return Measured(name, tuple(outcome for outcome, _ in in_order), tuple(prediction for _, prediction in in_order), seconds)


def _after(count: int, progress: Callable[[int], None] | None) -> Callable[[int], None] | None:
    return progress and (lambda done: progress(count + done))


def _whole(reader: PhotoReader, pictures: Sequence[LabelledImage]) -> Iterator[dict[str, Any]]:
    return (photo.to_dict() for photo in reader.read_many(picture.path for picture in pictures))


def _cropped(reader: PhotoReader, pictures: Sequence[LabelledImage]) -> Iterator[dict[str, Any]]:
    photos = reader.read_many((source for picture in pictures for source in _sources(picture)), crops=True)
    for picture in pictures:
        row: dict[str, Any] = {"source": str(picture.path), "width": picture.width, "height": picture.height, "error": None, "plates": []}
        for box in _cuts(picture):
            photo = next(photos)
            row["error"] = row["error"] or photo.error
            row["plates"] += [_moved(plate.to_dict(), box) for plate in photo.plates]
        yield row


def _cuts(picture: LabelledImage) -> list[Box | None]:
    """The boxes to cut out of the picture, None for the whole of it; whole pixels."""
    whole = Box(0, 0, picture.width, picture.height)
    boxes = [label.box for label in picture.plates if label.box and label.box.area <= TIGHT * whole.area]
    return [_pixel_box(box, whole) for box in boxes] or [None]


def _pixel_box(box: Box, whole: Box) -> Box:
    return Box(max(math.floor(box.x0), 0), max(math.floor(box.y0), 0), min(math.ceil(box.x1), whole.x1), min(math.ceil(box.y1), whole.y1))


def _sources(picture: LabelledImage) -> Iterator[Any]:
    """What to give the reader for each cut: the path, or the pixels cut out; the path too where the picture cannot be opened."""
    for box in _cuts(picture):
        if box is None:
            yield picture.path
            continue
        try:
            pixels = images.load(picture.path)
        except images.ImageError:
            yield picture.path
        else:
            yield np.ascontiguousarray(pixels[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)])


def _moved(plate: dict[str, Any], cut: Box | None) -> dict[str, Any]:
    if cut is None:
        return plate
    x, y, width, height = plate["box"]
    corners = [[a + cut.x0, b + cut.y0] for a, b in plate["corners"]]
    return plate | {"box": [x + cut.x0, y + cut.y0, width, height], "corners": corners}


def split_name(labels: Path) -> str:
    """How a label file is called in a report: its folder and split, `openalpr-eu/dev`."""
    return f"{labels.resolve().parent.name}/{labels.stem}"
