"""A decoded frame to upright RGB pixels, with no copy that is not needed."""

from __future__ import annotations

from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from platelight.records import Image

_TURNS = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}
COMB = 12
"""Grey levels by which a line must stick out of both its neighbours to be taken for the other field's."""


def turned(pixels: Image, degrees: int) -> Image:
    """`pixels` turned counterclockwise by a multiple of 90 degrees."""
    code = _TURNS.get(degrees % 360)
    return pixels if code is None else cast(Image, cv2.rotate(pixels, code))


def without_combs(pixels: Image) -> Image:
    """An interlaced picture without the teeth of what moved: lines of the second field that stick out of both neighbours are
    replaced by the mean of those; where nothing moved, every line is kept."""
    above, lines, below = pixels[:-2:2], pixels[1:-1:2], pixels[2::2]
    high, low = cv2.max(above, below), cv2.min(above, below)
    sticks_out: NDArray[np.bool_] = (cv2.subtract(lines, high) > COMB) | (cv2.subtract(low, lines) > COMB)
    comb = cv2.dilate(np.asarray(sticks_out.any(axis=2), np.uint8), np.ones((1, 5), np.uint8))[:, :, None] > 0  # (lines, W, 1)
    result = pixels.copy()
    np.copyto(result[1:-1:2], cv2.addWeighted(above, 0.5, below, 0.5, 0), where=comb)
    return result


def from_av(frame: Any, reformatter: Any) -> Image:
    """RGB pixels (H, W, 3) of a frame of PyAV, contiguous and upright."""
    converted = reformatter.reformat(frame, format="rgb24", threads=1)
    pixels = cast(Image, np.ascontiguousarray(converted.to_ndarray()))
    if frame.interlaced_frame and pixels.shape[0] > 2:
        pixels = without_combs(pixels)
    return turned(pixels, round(frame.rotation / 90) * 90)
