"""Plates that lost characters keep their size and lose what they are said to lose."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from platelight.train.incomplete import EMPTY_SIDE, incomplete

CHARACTERS = 7


def striped() -> np.ndarray:
    """Every column has its own brightness, so that a lost one is missed."""
    return np.repeat(np.linspace(20, 235, 160).astype(np.uint8)[None, :, None], 64, axis=0).repeat(3, axis=2)


@given(st.integers(0, 2**32 - 1))
def test_at_least_about_a_character_is_gone_and_most_of_the_plate_is_left(seed: int) -> None:
    plate = striped()
    seen = incomplete(plate, CHARACTERS, np.random.default_rng(seed))
    assert seen.shape == plate.shape
    assert seen.dtype == np.uint8
    kept = np.abs(plate[32, :, 0].astype(int)[:, None] - seen[32, :, 0].astype(int)[None]).min(axis=1) <= 1
    assert not kept.all()
    changed = np.abs(plate.astype(int) - seen).max(axis=(0, 2)) > 3
    assert changed.sum() >= 0.8 * 160 / (CHARACTERS + 1)


def test_what_is_covered_lies_between_the_empty_sides() -> None:
    covered = 0
    for seed in range(60):
        plate = striped()
        seen = incomplete(plate, CHARACTERS, np.random.default_rng(seed))
        changed = np.flatnonzero(np.abs(plate.astype(int) - seen).max(axis=(0, 2)) > 12)
        if changed[0] > 0 and changed[-1] < 159:
            covered += 1
            assert changed[0] > EMPTY_SIDE * 160 - 25
    assert covered > 10
