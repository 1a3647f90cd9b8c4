"""A pipeline of scripted parts, for tests that care about what is done with what they say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from stand_ins import ctc_frames, street

from platelight import Detection, Platelight, Quad, Reading
from platelight.records import ALPHABET, Candidate, Decoding, Image, PlateImage
from platelight.rectify import Rectifier

LOW = ((100.0, 100.0), (260.0, 100.0), (260.0, 140.0), (100.0, 140.0))


class Parts:
    """A pipeline of scripted parts: what is detected, how plate-like it is, what is read."""

    def __init__(self, *found: Detection, plateness: float = 0.9, text: str = "AB12CDE", lines: int = 1, wholeness: float = 1.0) -> None:
        self.found, self.plateness, self.text, self.lines, self.wholeness = found, plateness, text, lines, wholeness
        self.batches: list[int] = []

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        return [list(self.found) for _ in images]

    def read(self, plates: Sequence[PlateImage]) -> list[Reading]:
        self.batches.append(len(plates))
        rows = ctc_frames(self.text, sure=0.999)[0, 2 : 2 + 3 * len(self.text) : 3]
        return [Reading(rows, (0,) * len(rows), ALPHABET, np.zeros(0, np.float32), (), self.lines, self.plateness, wholeness=self.wholeness) for _ in plates]

    def decode(self, readings: Sequence[Reading]) -> list[Decoding]:
        return [Decoding(Candidate(r.text, "gb", None, -0.1), (Candidate(r.text, "gb", None, -0.1),), "AS_READ", 0.97, (0.97,)) for r in readings]

    def pipeline(self) -> Platelight:
        return Platelight.of(self.detect, Rectifier(160, 64), self.read, self.decode)

    def flags(self) -> tuple[str, ...]:
        [plate] = self.pipeline().read(street(800, 600)).plates
        return plate.flags


def at(corners: tuple[tuple[float, float], ...], score: float = 0.9) -> Detection:
    return Detection(Quad(corners), score)
