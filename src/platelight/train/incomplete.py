"""Plates that have lost characters, made from whole ones: what the reader must not read out as a shorter plate."""

from __future__ import annotations

import cv2
import numpy as np

from platelight.records import Image

EMPTY_SIDE = 0.14
"""No more of a plate's width than this is left free of characters at a side, by bands and rims."""


def incomplete(pixels: Image, characters: float, rng: np.random.Generator) -> Image:
    """A straightened plate (H, W, 3) of so many characters a line that has lost one or more: beyond a side, or under something."""
    pitch = pixels.shape[1] / (characters + 1)
    return _beyond_a_side(pixels, pitch, rng) if rng.random() < 0.65 else _covered(pixels, pitch, rng)


def _beyond_a_side(pixels: Image, pitch: float, rng: np.random.Generator) -> Image:
    """What lies beyond the photo's edge is cut away, or repeats the last column as `rectify` does."""
    height, width = pixels.shape[:2]
    lost = min(round(EMPTY_SIDE * width + pitch * rng.uniform(0.4, 2.5)), width // 2)
    mirrored = rng.random() < 0.5
    seen = (pixels[:, ::-1] if mirrored else pixels)[:, lost:]
    if rng.random() < 0.6:
        out = cv2.resize(np.ascontiguousarray(seen), (width, height))
    else:
        out = np.concatenate([np.repeat(seen[:, :1], lost, axis=1), seen], axis=1)
    return np.ascontiguousarray(out[:, ::-1] if mirrored else out, dtype=np.uint8)


def _covered(pixels: Image, pitch: float, rng: np.random.Generator) -> Image:
    """A leaning bar of one color, or of the picture's own texture, over at least a character."""
    height, width = pixels.shape[:2]
    wide = round(pitch * rng.uniform(1.1, 2.5))
    least = EMPTY_SIDE * width
    start, lean = round(rng.uniform(least, max(width - least / 2 - wide, least + 1))), rng.normal(0, 6)
    outline = np.array([[start + lean, -2], [start + wide + lean, -2], [start + wide - lean, height + 2], [start - lean, height + 2]])
    bar = np.zeros((height, width), np.float32)
    cv2.fillConvexPoly(bar, outline.astype(np.int32), 1.0)
    share = np.asarray(cv2.GaussianBlur(bar, (0, 0), rng.uniform(0.6, 2.5)))[:, :, None]
    flat = rng.random() < 0.6
    color = rng.integers(0, 256, 3) + rng.normal(0, rng.uniform(0, 20), pixels.shape)
    thing = color if flat else np.roll(pixels, height // 2, axis=0)[::-1] * rng.uniform(0.3, 0.9)
    return np.asarray(np.clip(pixels * (1 - share) + thing * share, 0, 255), dtype=np.uint8)
