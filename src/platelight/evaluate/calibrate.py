"""Make confidence mean what it says: fit the curve from the decoder's raw chance to the share that proves right.

The curve is fitted on every second labelled plate and checked on the others, so that it is never measured on what it was
fitted to. Method: isotonic regression by pooling adjacent violators (Ayer et al. 1955), drawn as a line through the blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from platelight.decode import Calibration
from platelight.evaluate.metrics import calibration_error, reliability
from platelight.evaluate.score import PlateOutcome

LEAST = 12
"""Plates a block of the curve holds at least, so that a few lucky readings do not make a step of it."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The curve, and the expected calibration error on the half it was not fitted to, without and with it."""

    calibration: Calibration
    plates: int
    error_raw: float
    error_fitted: float

    def to_dict(self) -> dict[str, Any]:
        """In the form of a model's spec.json."""
        return {"calibration": {"raw": list(self.calibration.raw), "right": list(self.calibration.right)}}


def fit(outcomes: Sequence[PlateOutcome]) -> Fitted:
    """Fit on the even, check on the odd of the plates that were read. Raises ValueError with fewer than 100 of them."""
    read = [outcome for outcome in outcomes if outcome.counted and outcome.read]
    if len(read) < 100:
        raise ValueError(f"calibration needs at least 100 plates that were read, got {len(read)}")
    chances = np.array([outcome.confidence for outcome in read])
    right = np.array([outcome.exact for outcome in read], dtype=np.float64)
    checked = isotonic(chances[::2], right[::2])
    after = [checked(chance) for chance in chances[1::2]]
    return Fitted(isotonic(chances, right), len(read), _error(list(chances[1::2]), right[1::2]), _error(after, right[1::2]))


def _error(confidences: Sequence[float], right: np.ndarray) -> float:
    return calibration_error(reliability(confidences, [bool(value) for value in right])) or 0.0


def isotonic(chances: Sequence[float] | np.ndarray, right: Sequence[float] | np.ndarray) -> Calibration:
    """The rising curve nearest to the outcomes (0 or 1) at raw chances 0 to 1."""
    order = np.argsort(chances, kind="stable")
    xs, ys = np.asarray(chances, dtype=np.float64)[order], np.asarray(right, dtype=np.float64)[order]
    blocks: list[list[float]] = []  # sum of x, sum of y, count
    for start in range(0, len(xs), LEAST):
        part = slice(start, start + LEAST)
        blocks.append([xs[part].sum(), ys[part].sum(), float(len(xs[part]))])
        while len(blocks) > 1 and blocks[-2][1] * blocks[-1][2] >= blocks[-1][1] * blocks[-2][2]:
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    raw = [0.0, *(block[0] / block[2] for block in blocks), 1.0]
    share = [(block[1] + 0.5) / (block[2] + 1) for block in blocks]  # never wholly certain
    values = np.maximum.accumulate([min(0.02, share[0]), *share, share[-1]])
    return Calibration(tuple(round(float(x), 5) for x in raw), tuple(round(float(y), 5) for y in values))
