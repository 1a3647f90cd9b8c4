"""Photos in, plates out: finds, straightens, reads and decodes, with all plates of several photos in one batch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Protocol, overload

import numpy as np

from platelight import decode, detect, images, read, rectify, refine, templates
from platelight.bundle import ModelError, ModelSpec, has_model
from platelight.detect import Effort
from platelight.geometry import Box, Quad
from platelight.images import ImageError, Order, Source
from platelight.records import Decoding, Detection, Image, Photo, Plate, PlateImage, Reading
from platelight.session import Runtime, Session

BATCH = 8
BATCH_PIXELS = 24_000_000
"""Photos wait for each other until they are this many or hold this many pixels together."""

READABLE = 0.5
"""Plate-ness below which a plate counts as unreadable, where the reader's spec.json names no threshold."""

SCORE_WEIGHT, PLATENESS_WEIGHT, TEXT_WEIGHT, BELIEF = 2.8, 0.65, 1.05, 0.9
"""A find is a plate if the weighted sum of the detector's log-odds, the reader's log-odds and the log-probability of the text
that was read reaches BELIEF. What one of them takes for a plate by mistake the others seldom do. The weights are those of a
logistic regression over the finds of checkpoints before the first release in `scenes` and `backgrounds` dev photos
(training/plate_decision.py); BELIEF was chosen with the figures of all dev sets in view, the openalpr sets among them.
"""

NO_TEXT = -6.0
"""Natural log: a text less likely than this, or none, speaks no more strongly against a plate."""

SMALL_LINE_PX = 9.0
"""A text line lower than this can hardly be read."""

TILTED_DEG = 25.0
"""Roll of a plate, or slant of its sides against its rows, from which it is flagged as tilted."""


class Detector(Protocol):
    """Pictures to detections, best first, in each picture's pixels."""

    def __call__(self, images: Sequence[Image], /) -> list[list[Detection]]: ...


class Refiner(Protocol):
    """Pictures and the quads found in each to better quads of the same plates."""

    def __call__(self, images: Sequence[Image], quads: Sequence[Sequence[Quad]], /) -> list[list[Quad]]: ...


class Rectifier(Protocol):
    """Pictures and the quads of each to plate images, one flat list in order."""

    def __call__(self, images: Sequence[Image], quads: Sequence[Sequence[Quad]], /) -> list[PlateImage]: ...


class Reader(Protocol):
    """Plate images to readings."""

    def __call__(self, plates: Sequence[PlateImage], /) -> list[Reading]: ...


class Decoder(Protocol):
    """Readings to decisions."""

    def __call__(self, readings: Sequence[Reading], /) -> list[Decoding]: ...


class Platelight:
    """Reads the number plates of photos.

    `effort` fast, normal or thorough; `countries` (lower-case codes) the plates may come from, None for all; `top` how many
    candidate texts a plate keeps; `models` a folder of models instead of the package's own. Raises `ValueError` for a wrong
    option, `ModelError` and `SessionError` where a model or a runtime cannot be used.
    """

    def __init__(
        self, effort: Effort = "normal", countries: Sequence[str] | None = None, top: int = 5,
        runtime: Runtime = "onnxruntime", threads: int = 1, models: str | Path | None = None,
    ) -> None:  # fmt: skip
        if not isinstance(top, int) or top < 1:
            raise ValueError(f"top must be a whole number from 1, got {top!r}")
        finder, reader = ModelSpec.of("detector", models), ModelSpec.of("reader", models)
        self.specs: tuple[ModelSpec, ...] = (finder, reader)
        self.detector: Detector = detect.Detector(Session(finder.network(), threads, runtime), finder, effort)
        self.refiner: Refiner | None = None
        if has_model("refiner", models):
            corners = ModelSpec.of("refiner", models)
            self.specs = (finder, corners, reader)
            surroundings = rectify.Rectifier(corners.input["width"], corners.input["height"], corners.margin)
            self.refiner = refine.Refiner(Session(corners.network(), threads, runtime), surroundings)
        self.rectifier: Rectifier = rectify.Rectifier(reader.input["width"], reader.input["height"], reader.margin)
        self.reader: Reader = read.Reader(Session(reader.network(), threads, runtime), reader)
        self.decoder: Decoder = decode.Decoder(templates.load(), _codes(countries), top, _calibration(reader))
        self.readable, self.belief = reader.threshold, BELIEF

    @classmethod
    def of(
        cls, detector: Detector, rectifier: Rectifier, reader: Reader, decoder: Decoder,
        readable: float = READABLE, belief: float = BELIEF, refiner: Refiner | None = None,
    ) -> Platelight:  # fmt: skip
        """The same pipeline out of other parts; `belief` is the `belief_in` from which a find is a plate."""
        self = cls.__new__(cls)
        self.specs, self.belief, self.refiner = (), belief, refiner
        self.detector, self.rectifier, self.reader, self.decoder, self.readable = detector, rectifier, reader, decoder, readable
        return self

    @overload
    def read(self, source: list[Source] | tuple[Source, ...], order: Order = "RGB") -> list[Photo]: ...
    @overload
    def read(self, source: Source, order: Order = "RGB") -> Photo: ...
    def read(self, source: Source | list[Source] | tuple[Source, ...], order: Order = "RGB") -> Photo | list[Photo]:
        """Find and read the plates of one picture (a path, bytes, a PIL image, an RGB array) or of a list of them.

        A single picture that cannot be used raises `ImageError`; in a list it becomes a `Photo` with `error`.
        """
        return self._read(source, order, crops=False)

    @overload
    def read_crops(self, source: list[Source] | tuple[Source, ...], order: Order = "RGB") -> list[Photo]: ...
    @overload
    def read_crops(self, source: Source, order: Order = "RGB") -> Photo: ...
    def read_crops(self, source: Source | list[Source] | tuple[Source, ...], order: Order = "RGB") -> Photo | list[Photo]:
        """Like `read`, for pictures that are plates already: the whole picture is the plate."""
        return self._read(source, order, crops=True)

    def read_many(self, sources: Iterable[Source], order: Order = "RGB", crops: bool = False, batch: int = BATCH) -> Iterator[Photo]:
        """Read a stream of pictures, in order; one that cannot be used becomes a `Photo` with `error`."""
        waiting: list[tuple[Photo, Image | None]] = []
        numbers = count()
        for source in sources:
            waiting.append(_loaded(source, order, next(numbers)))
            if len(waiting) >= batch or sum(photo.width * photo.height for photo, _ in waiting) >= BATCH_PIXELS:
                photos = self._finished(waiting, crops)
                waiting.clear()  # before the photos go out: whoever gets them may need the memory
                yield from photos
        photos = self._finished(waiting, crops)
        waiting.clear()
        yield from photos

    def _read(self, source: Source | list[Source] | tuple[Source, ...], order: Order, crops: bool) -> Photo | list[Photo]:
        if isinstance(source, (list, tuple)):
            return list(self.read_many(source, order, crops))
        pixels = images.load(source, order)
        photo = Photo(images.name_of(source), 0, pixels.shape[1], pixels.shape[0])
        return self._finished([(photo, pixels)], crops)[0]

    def _finished(self, loaded: Sequence[tuple[Photo, Image | None]], crops: bool) -> list[Photo]:
        """The photos with their plates."""
        pictures = [pixels for _, pixels in loaded if pixels is not None]
        plates = iter(self._plates(pictures, crops))
        return [photo if pixels is None else replace(photo, plates=next(plates)) for photo, pixels in loaded]

    def _plates(self, pictures: Sequence[Image], crops: bool) -> list[tuple[Plate, ...]]:
        found = [[_whole(picture)] for picture in pictures] if crops else self._found(pictures)
        readings = iter(self.reader(self.rectifier(pictures, [[detection.quad for detection in detections] for detections in found])))
        pairs_of = [[(detection, next(readings)) for detection in detections] for detections in found]
        kept = [[pair for pair in pairs if crops or belief_in(*pair) >= self.belief] for pairs in pairs_of]
        decodings = iter(self.decoder([reading for pairs in kept for _, reading in pairs]))
        return [
            tuple(self._plate(detection, reading, next(decodings), picture, crops) for detection, reading in pairs)
            for picture, pairs in zip(pictures, kept, strict=True)
        ]

    def _found(self, pictures: Sequence[Image]) -> list[list[Detection]]:
        """What the detector finds, with the corners that the refiner sees."""
        found = self.detector(pictures)
        if self.refiner is None:
            return found
        quads_of = self.refiner(pictures, [[detection.quad for detection in detections] for detections in found])
        return [[replace(detection, quad=quad) for detection, quad in zip(*pair, strict=True)] for pair in zip(found, quads_of, strict=True)]

    def _plate(self, detection: Detection, reading: Reading, decoding: Decoding, picture: Image, crops: bool) -> Plate:
        flags = _flags(detection.quad, reading, picture, crops)
        readable = reading.plateness >= self.readable
        text = decoding.best is not None and decoding.best.text != ""
        if not (text and readable):
            flags = (*flags, "unreadable")
        if decoding.best is not None and not (text and (readable or crops)):
            decoding = replace(decoding, best=None, confidence=0.0)
        return Plate(detection, reading, decoding, flags)


def _codes(countries: Sequence[str] | None) -> tuple[str, ...] | None:
    if countries is None:
        return None
    if not isinstance(countries, Sequence) or isinstance(countries, str) or not all(isinstance(code, str) for code in countries):
        raise ValueError(f"countries must be a list of codes such as ['ua', 'pl'], got {countries!r}")
    return tuple(dict.fromkeys(code.strip().lower() for code in countries))


def _calibration(spec: ModelSpec) -> decode.Calibration | None:
    if spec.calibration is None:
        return None
    try:
        return decode.Calibration(tuple(spec.calibration["raw"]), tuple(spec.calibration["right"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{spec.folder / 'spec.json'}: calibration must hold two rising lists, raw and right ({error})") from None


def _loaded(source: Source, order: Order, index: int) -> tuple[Photo, Image | None]:
    name = images.name_of(source)
    try:
        pixels = images.load(source, order)
    except ImageError as error:
        return Photo(name, index, 0, 0, error=str(error)), None
    except MemoryError:
        return Photo(name, index, 0, 0, error=f"{name}: not enough memory"), None
    return Photo(name, index, pixels.shape[1], pixels.shape[0]), pixels


def _whole(picture: Image) -> Detection:
    height, width = picture.shape[:2]
    return Detection(Box(0.0, 0.0, float(width), float(height)).quad(), 1.0)


def evidence(detection: Detection, reading: Reading) -> tuple[float, float, float]:
    """What speaks for a find being a plate: the detector's and the reader's log-odds, and the log-probability of the text."""
    text = max(float(reading.log_probs.max(axis=1).sum()), NO_TEXT) if reading.text else NO_TEXT
    return _log_odds(detection.score), _log_odds(reading.plateness), text


def belief_in(detection: Detection, reading: Reading) -> float:
    """The weighted sum of the evidence; from BELIEF on, a find is a plate."""
    score, plateness, text = evidence(detection, reading)
    return SCORE_WEIGHT * score + PLATENESS_WEIGHT * plateness + TEXT_WEIGHT * text


def _log_odds(chance: float) -> float:
    bounded = min(max(chance, 0.0025), 0.9975)
    return math.log(bounded / (1 - bounded))


def _flags(quad: Quad, reading: Reading, picture: Image, crops: bool) -> tuple[str, ...]:
    height, width = picture.shape[:2]
    box = quad.box
    flags = []
    if not crops and (box.x0 < 1 or box.y0 < 1 or box.x1 > width - 1 or box.y1 > height - 1):
        flags.append("cut_off")
    if quad.height_px / max(reading.lines, 1) < SMALL_LINE_PX:
        flags.append("too_small")
    if _tilt_deg(quad) > TILTED_DEG:
        flags.append("tilted")
    return tuple(flags)


def _tilt_deg(quad: Quad) -> float:
    """The larger of the plate's roll and of the slant of its sides against its rows, 0 to 180 degrees."""
    points = quad.array()
    across = points[1] + points[2] - points[0] - points[3]
    down = points[3] + points[2] - points[0] - points[1]
    lengths = float(np.linalg.norm(across) * np.linalg.norm(down))
    slant = math.degrees(math.asin(min(abs(float(np.dot(across, down))) / max(lengths, 1e-9), 1.0)))
    return max(abs(quad.roll_deg), slant)
