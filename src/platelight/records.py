"""The values that stages hand to each other. All are frozen; axis letters are explained in docs/design."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from platelight.geometry import FloatArray, Quad

Image = NDArray[np.uint8]
"""RGB pixels, uint8 (H, W, 3)."""

FloatTensor = NDArray[np.float32]

Reason = Literal["AS_READ", "CORRECTED", "NO_TEMPLATE"]

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ"
"""Every character a reading can hold, in class order; class 0 of a network is "no character", class i is ALPHABET[i - 1]."""


@dataclass(frozen=True, slots=True)
class Detection:
    """Where a plate is, and how sure the detector is of it (score 0 to 1).

    `context` is the chance that it is a plate as the refiner sees it, with what is around it; None where no refiner looked.
    """

    quad: Quad
    score: float
    context: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PlateImage:
    """A plate straightened: `pixels` (h, w, 3) RGB, the quad it was cut by, and the map from its pixels to the photo's."""

    pixels: Image
    quad: Quad
    to_frame: FloatArray  # (3, 3)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the network saw, before any template.

    `log_probs` (T, C): natural logarithm over T slots in reading order; column 0 is "no character", column i is
    `alphabet[i - 1]`. `line_of_slot` (T,): the line (0, 1, 2) each slot lies on. `country_log_probs` is aligned with
    `countries`; `plateness` is the chance that this is a readable plate at all; `lines` the number of text lines. `aspect` is
    the plate's width over its height as seen in the photo (the network sees every plate at one size), None where unknown.
    `wholeness` is the chance that no character is cut off or covered.
    """

    log_probs: FloatTensor  # (T, C)
    line_of_slot: tuple[int, ...]  # (T,)
    alphabet: str
    country_log_probs: FloatTensor  # (countries,)
    countries: tuple[str, ...]
    lines: int
    plateness: float
    aspect: float | None = None
    wholeness: float = 1.0

    @property
    def text(self) -> str:
        """The best character of every slot, joined; slots that most likely hold no character are dropped."""
        return "".join(self.alphabet[index - 1] for index in self.log_probs.argmax(axis=1) if index > 0)

    @property
    def text_lines(self) -> tuple[str, ...]:
        """`text` split at the line ends."""
        best = self.log_probs.argmax(axis=1)
        count = max(self.line_of_slot, default=-1) + 1
        parts = [
            "".join(self.alphabet[index - 1] for index, line in zip(best, self.line_of_slot, strict=True) if line == wanted and index > 0)
            for wanted in range(count)
        ]
        return tuple(part for part in parts if part)

    @property
    def char_confidences(self) -> tuple[float, ...]:
        """Probability of each character of `text`, in order."""
        best = self.log_probs.argmax(axis=1)
        return tuple(float(np.exp(row[index])) for row, index in zip(self.log_probs, best, strict=True) if index > 0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible text. `log_prob` is natural; `template` the id of the plate type it fits, if any; `region` the state or
    province, where only one has types that the text fits."""

    text: str
    country: str | None
    template: str | None
    log_prob: float
    char_confidences: tuple[float, ...] = ()
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Decoding:
    """The decision about a reading: the best candidate, the others in falling order, and why it was chosen."""

    best: Candidate | None
    candidates: tuple[Candidate, ...]
    reason: Reason
    confidence: float
    confidences: tuple[float, ...] = ()  # calibrated, aligned with candidates


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """One plate of a photo: where it is, what was read, what was decided."""

    detection: Detection
    reading: Reading
    decoding: Decoding
    flags: tuple[str, ...] = ()

    @property
    def text(self) -> str | None:
        return self.decoding.best.text if self.decoding.best else None

    @property
    def country(self) -> str | None:
        return self.decoding.best.country if self.decoding.best else None

    @property
    def template(self) -> str | None:
        return self.decoding.best.template if self.decoding.best else None

    @property
    def region(self) -> str | None:
        return self.decoding.best.region if self.decoding.best else None

    @property
    def confidence(self) -> float:
        return self.decoding.confidence

    def to_dict(self) -> dict[str, Any]:
        """The plate in the shape of `platelight read --format jsonl`."""
        quad = self.detection.quad
        best = self.decoding.best
        confidences = self.decoding.confidences or tuple(float(np.exp(c.log_prob)) for c in self.decoding.candidates)
        return {
            "text": self.text,
            "raw_text": self.reading.text,
            "confidence": round(self.confidence, 4),
            "country": self.country,
            "template": self.template,
            "region": self.region,
            "lines": self.reading.lines,
            "reason": self.decoding.reason,
            "flags": list(self.flags),
            "corners": [[round(x, 1), round(y, 1)] for x, y in quad.corners],
            "box": [round(value, 1) for value in quad.box.xywh],
            "score": round(self.detection.score, 4),
            "char_confidences": [round(value, 4) for value in (best.char_confidences if best else ())],
            "candidates": [
                {"text": c.text, "confidence": round(p, 4), "country": c.country, "template": c.template}
                for c, p in zip(self.decoding.candidates, confidences, strict=True)
            ],
        }


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """One picture and what was found in it: `plates`, or `error` saying why it could not be read."""

    source: str
    index: int
    width: int
    height: int
    plates: tuple[Plate, ...] = field(default=())
    error: str | None = None
    time_s: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The photo in the shape of `platelight read --format jsonl`."""
        return {
            "source": self.source,
            "width": self.width,
            "height": self.height,
            "error": self.error,
            "plates": [plate.to_dict() for plate in self.plates],
        }


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a video. `time_s`: seconds on the stream's own clock since its first frame, never falling. `epoch_s`: UTC
    seconds when it was taken; of a file whose start is not known, `time_s`. `index` counts the frames that were decoded."""

    pixels: Image
    time_s: float
    epoch_s: float
    index: int


Direction = Literal["towards", "away", "left", "right"]


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """One vehicle's pass before a camera.

    `plate`: detection and reading of the best frame, decoding joined over all `sightings` frames; `agreement` is the share of
    them that read the decided text. `frame` is the very picture of the best reading (taken at `best_s`), None where it is not
    kept. `path` (time_s, x, y): the plate's centre in pixels, at most 64 points. `direction_deg`: the movement in the picture, 0
    is up, clockwise; None if it stood. `parked`: it stood still so long that it was reported before it left.
    """

    id: str
    camera: str
    plate: Plate
    frame: Frame | None
    first_s: float
    last_s: float
    first_epoch_s: float
    last_epoch_s: float
    best_s: float
    best_epoch_s: float
    sightings: int
    path: tuple[tuple[float, float, float], ...] = ()
    direction: Direction | None = None
    direction_deg: float | None = None
    parked: bool = False
    agreement: float = 1.0
