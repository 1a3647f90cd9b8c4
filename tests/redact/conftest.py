"""Plates to hide."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from stand_ins import PLATE, ctc_frames

from platelight.geometry import Quad
from platelight.records import ALPHABET, Candidate, Decoding, Detection, Plate, Reading

USUAL = Quad(PLATE)


@pytest.fixture
def plate() -> Callable[..., Plate]:
    """Makes a plate that was found with that score, place, text and country."""

    def make(
        text: str | None = "AB12CDE", quad: Quad = USUAL, score: float = 0.9, country: str | None = "gb", template: str | None = "gb-current"
    ) -> Plate:  # fmt: skip
        frames = ctc_frames(text or "")[0]
        reading = Reading(frames, (0,) * len(frames), ALPHABET, np.log(np.array([0.02, 0.96, 0.02], np.float32)), ("de", "gb", "ua"), 1, 0.95)
        best = Candidate(text, country, template, -0.1) if text else None
        return Plate(Detection(quad, score), reading, Decoding(best, (best,) if best else (), "AS_READ", 0.9, (0.9,) if best else ()))

    return make
