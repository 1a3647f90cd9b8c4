"""Plates and what was taken for plates, cut out of pictures with a margin around them, to be cut again in training."""

from __future__ import annotations

import numpy as np

from platelight.geometry import Box, Quad, apply_homography, homography
from platelight.records import Image
from platelight.rectify import rectify

SIZE = (240, 96)
"""Width and height of the cut plate without its margin, pixels."""

MARGIN = 0.25
"""The margin on every side, in shares of the plate's width and height."""


def inner_box(width: float = SIZE[0] * (1 + 2 * MARGIN), height: float = SIZE[1] * (1 + 2 * MARGIN)) -> Box:
    """Where the plate stands in a picture of that size, which `cut_out` made."""
    x, y = width * MARGIN / (1 + 2 * MARGIN), height * MARGIN / (1 + 2 * MARGIN)
    return Box(x, y, width - x, height - y)


def cut_out(picture: Image, quad: Quad) -> Image:
    """The quad straightened to `SIZE` with `MARGIN` of it on every side."""
    inner = inner_box()
    width, height = inner.x0 + inner.x1, inner.y0 + inner.y1
    whole = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    outer = Quad.from_array(apply_homography(homography(inner.quad().array(), quad.array()), whole))
    return rectify(picture, outer, round(width), round(height)).pixels
