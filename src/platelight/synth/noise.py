"""Random fields made once and cut out at random places, which is far cheaper than drawing them per picture."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from platelight.records import FloatTensor

SIDE = 1024
STARTS = 320  # windows begin within the first so many rows and columns: what small windows touch then stays in the processor's cache


@cache
def _grain(softness: int) -> FloatTensor:
    """Unit-variance noise (SIDE, SIDE, 3): independent pixels at 0, softer grain (as after demosaicing) at 1 and 2."""
    field = np.random.default_rng(20_000 + softness).standard_normal((SIDE, SIDE, 3), dtype=np.float32)
    if softness:
        field = np.asarray(cv2.GaussianBlur(field, (0, 0), 0.45 * softness, borderType=cv2.BORDER_REFLECT), dtype=np.float32)
        field /= field.std()
    return field


@cache
def _cloud() -> FloatTensor:
    """Low-frequency field (SIDE, SIDE) with values 0 to 1, the sum of octaves."""
    rng = np.random.default_rng(30_000)
    field = np.zeros((SIDE, SIDE), np.float32)
    for octave in range(2, 9):
        coarse = rng.standard_normal((2**octave, 2**octave), dtype=np.float32)
        field += np.asarray(cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)) * 0.62**octave
    ranks = np.argsort(np.argsort(field, axis=None)).reshape(field.shape)
    return np.asarray(ranks / ranks.size, dtype=np.float32)


def grain(rng_seed: int, height: int, width: int, softness: int) -> FloatTensor:
    """Unit-variance colour noise (height, width, 3)."""
    return _cut(_grain(softness), rng_seed, height, width)


def cloud(rng_seed: int, height: int, width: int, zoom: float = 1.0) -> FloatTensor:
    """Smooth blotches (height, width), values spread evenly over 0 to 1; a larger `zoom` makes larger blotches."""
    rows, columns = (min(max(int(length / zoom), 2), max(SIDE, length)) for length in (height, width))
    field = _cut(_cloud(), rng_seed, rows, columns)
    return np.asarray(cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _cut(field: FloatTensor, seed: int, height: int, width: int) -> FloatTensor:
    """A window at a place that follows from `seed`; windows larger than the field repeat it mirrored."""
    if height > SIDE or width > SIDE:
        margins = [(0, max(height - SIDE, 0)), (0, max(width - SIDE, 0))] + [(0, 0)] * (field.ndim - 2)
        field = np.pad(field, margins, mode="symmetric")
    top = seed % min(field.shape[0] - height + 1, STARTS)
    left = (seed // SIDE) % min(field.shape[1] - width + 1, STARTS)
    return field[top : top + height, left : left + width]


def seed(rng: np.random.Generator) -> int:
    """A number that names one window of every field."""
    return int(rng.integers(SIDE * SIDE))
