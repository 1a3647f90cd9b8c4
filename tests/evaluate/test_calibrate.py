"""Calibration: a curve that rises, fits what it saw, and is checked on what it did not see."""

from __future__ import annotations

import numpy as np
import pytest

from platelight.evaluate.calibrate import fit, isotonic


def test_the_curve_finds_the_true_share() -> None:
    rng = np.random.default_rng(3)
    chances = rng.uniform(0, 1, 6000)
    right = rng.uniform(0, 1, 6000) < chances**2  # overconfident by a known curve
    curve = isotonic(chances, right)
    for chance in (0.2, 0.5, 0.8, 0.95):
        assert curve(chance) == pytest.approx(chance**2, abs=0.06)


def test_the_curve_rises_whatever_it_is_given() -> None:
    rng = np.random.default_rng(4)
    chances = rng.uniform(0, 1, 200)
    curve = isotonic(chances, chances < 0.5)  # the surer, the more often wrong
    values = [curve(x) for x in np.linspace(0, 1, 50)]
    assert values == sorted(values)
    assert 0 <= values[0] <= values[-1] <= 1


def test_the_curve_is_never_wholly_certain() -> None:
    assert isotonic(np.linspace(0, 1, 100), np.ones(100))(1.0) < 1.0


def test_too_few_plates_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 100 plates"):
        fit([])
