"""Stroke glyphs: a character of a shape, drawn to a mask."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from platelight.synth.digits import DIGITS
from platelight.synth.letters import LETTERS
from platelight.synth.pen import Mask, Pen, Shape

CONSTRUCTIONS: dict[str, Callable[[Pen], None]] = DIGITS | LETTERS
UMLAUTS = {"Ä": "A", "Ö": "O", "Ü": "U"}


def stroke_mask(shape: Shape, character: str, width_px: int, height_px: int) -> Mask:
    """The character drawn by the pen: uint8 (height_px, width_px), 255 is ink. Raises KeyError for an unknown character."""
    scale = 3 if height_px > 36 else 4
    canvas = np.zeros((height_px * scale, max(round(width_px * scale / shape.contrast), 3)), np.uint8)
    base = UMLAUTS.get(character, character)
    top = max(0.16, min(0.25, shape.weight + 0.06)) if base != character else 0.0
    width = canvas.shape[1] / canvas.shape[0]
    room = {"I": 1.0, "1": 0.7, "M": 0.25, "W": 0.205}.get(base, 0.4)  # the pen gets thinner where a box is too narrow for the strokes
    pen = Pen(shape, width, top, min(shape.weight, max(width * room, shape.weight * 0.6), width))
    CONSTRUCTIONS[base](pen)
    if top:
        spread = min(pen.width * 0.24, 0.17)
        dot = min(pen.w, top * 0.72) / 2
        pen.dots = [(pen.c - spread, dot), (pen.c + spread, dot)]
    pen.draw(height_px * scale, canvas)
    if shape.soften > 0:
        size = max(int(shape.soften * height_px * scale) | 1, 3)
        canvas = np.asarray(cv2.blur(canvas, (size, size)), np.uint8)
        canvas = np.asarray(cv2.threshold(canvas, 127, 255, cv2.THRESH_BINARY)[1], np.uint8)
    return np.asarray(cv2.resize(canvas, (width_px, height_px), interpolation=cv2.INTER_AREA), np.uint8)
