"""Straighten plates: the quad of a plate becomes an upright picture of fixed size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np

from platelight.geometry import FloatArray, Quad, homography
from platelight.images import resize
from platelight.records import Image, PlateImage

LARGEST_SOURCE_PX = 8192
"""OpenCV warps sources of less than 32768 pixels a side only."""

FINEST = 4
"""At most this many source pixels per output pixel and axis are averaged while warping; more are averaged before it."""


class Rectifier:
    """Callable: pictures with the quads found in each, to one list of plate images in the same order.

    Every plate is stretched to `width` x `height` whatever its aspect, with `margin` of its size around it.
    """

    def __init__(self, width: int, height: int, margin: float = 0.0) -> None:
        self.width, self.height, self.margin = width, height, margin

    def __call__(self, images: Sequence[Image], quads: Sequence[Sequence[Quad]]) -> list[PlateImage]:
        return [rectify(image, quad, self.width, self.height, self.margin) for image, found in zip(images, quads, strict=True) for quad in found]


def rectify(image: Image, quad: Quad, width: int, height: int, margin: float = 0.0) -> PlateImage:
    """Cut one plate out of `image` (H, W, 3); pixels beyond the picture repeat its edge.

    Raises ValueError where three corners of the quad lie on one line.
    """
    outer = quad.grown(margin)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    to_frame = homography(target, outer.array())
    part, offset, shrink = _source(image, outer, width, height)
    corners = (outer.array() - offset) / shrink
    fine_x = _whole(Quad.from_array(corners).width_px / width)
    fine_y = _whole(Quad.from_array(corners).height_px / height)
    matrix = homography(corners, target * (fine_x, fine_y))
    size = (width * fine_x, height * fine_y)
    pixels = cv2.warpPerspective(part, _between_centres(matrix), size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if size != (width, height):
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return PlateImage(cast(Image, pixels), quad, to_frame)


LOOKS = (
    (1.06, 1.10, 0.0, 0.0, 0.0), (0.97, 0.94, 0.0, 0.0, 0.0), (1.0, 1.0, 0.0, 0.10, 0.0), (1.0, 1.0, 0.0, -0.10, 0.0),
    (1.0, 1.0, 0.06, 0.0, 0.0), (1.0, 1.0, -0.06, 0.0, 0.0), (1.0, 1.0, 0.0, 0.0, 0.05), (1.0, 1.0, 0.0, 0.0, -0.05),
)  # fmt: skip
"""Width and height as multiples, slant of the sides, slope of the rows and shift downwards as shares of the plate's size."""


def looks(quad: Quad) -> list[Quad]:
    """The quad a little larger, smaller, turned, slanted and shifted: cuts from which a doubtful plate is read again."""
    a, b, c, d = quad.array()
    across, down = (b - a + c - d) / 2, (d - a + c - b) / 2
    quads = []
    for wide, high, slant, slope, shift in LOOKS:
        places = [(x * (wide - 1) + y * slant, y * (high - 1) + x * slope + shift) for x, y in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))]
        quads.append(Quad.from_array(np.array([corner + u * across + v * down for corner, (u, v) in zip((a, b, c, d), places, strict=True)])))
    return quads


def _source(image: Image, outer: Quad, width: int, height: int) -> tuple[Image, FloatArray, FloatArray]:
    """The part of the picture around the quad, its origin, and by how much it was shrunk in x and y."""
    full_height, full_width = image.shape[:2]
    box = outer.box
    x0, y0 = (int(np.clip(np.floor(low) - 2, 0, full - 1)) for low, full in ((box.x0, full_width), (box.y0, full_height)))
    x1, y1 = (int(np.clip(np.ceil(high) + 2, low + 1, full)) for high, low, full in ((box.x1, x0, full_width), (box.y1, y0, full_height)))
    part = image[y0:y1, x0:x1]
    share = min(outer.width_px / width, outer.height_px / height) / FINEST
    share = max(share, max(part.shape[:2]) / LARGEST_SOURCE_PX)
    if share <= 1:
        return part, np.array([x0, y0], dtype=np.float64), np.ones(2)
    new_width, new_height = max(round(part.shape[1] / share), 1), max(round(part.shape[0] / share), 1)
    small = resize(part, new_width, new_height)
    return small.pixels, np.array([x0, y0], dtype=np.float64), 1 / np.array([small.x_scale, small.y_scale])


def _whole(ratio: float) -> int:
    return int(np.clip(round(ratio), 1, FINEST))


def _between_centres(matrix: FloatArray) -> FloatArray:
    """The map between pixel indices that belongs to `matrix`: OpenCV puts whole numbers at pixel centres, we at their corners."""
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    back = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])
    return cast(FloatArray, back @ matrix @ half)
