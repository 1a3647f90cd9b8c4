"""Which parts of a picture count: polygons to look in, polygons to leave out, in shares of the picture's width and height."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Polygon = tuple[tuple[float, float], ...]

MARGIN = 0.06
"""Share of the picture looked at around the zones: a plate whose centre lies inside may stick out, and a vehicle is larger than its plate."""

WORTH_CUTTING = 0.8
"""A window of more than this share of the picture is not worth cutting out."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a picture in whole pixels, half-open."""

    x0: int
    y0: int
    x1: int
    y1: int


@dataclass(frozen=True, slots=True)
class Zones:
    """A place counts if it lies in one of `include` (all of the picture where there is none) and in none of `exclude`.

    Points are (x, y) in shares of the picture, 0 to 1 from its top-left corner. Raises ValueError for what is no polygon.
    """

    include: tuple[Polygon, ...] = ()
    exclude: tuple[Polygon, ...] = ()

    def __post_init__(self) -> None:
        for polygon in (*self.include, *self.exclude):
            if len(polygon) < 3:
                raise ValueError(f"a zone needs 3 points or more, got {len(polygon)}")
            if any(not 0 <= value <= 1 for point in polygon for value in point):
                raise ValueError(f"a zone's points are shares of the picture from 0 to 1, got {[list(point) for point in polygon]}")
            if _area(polygon) == 0:
                raise ValueError(f"a zone must not be a line, got {[list(point) for point in polygon]}")

    def holds(self, x: float, y: float) -> bool:
        """Whether the place (x, y), in shares of the picture, counts."""
        if self.include and not any(_inside(polygon, x, y) for polygon in self.include):
            return False
        return not any(_inside(polygon, x, y) for polygon in self.exclude)

    def window(self, width: int, height: int) -> Window:
        """The part of a picture of that size which needs looking at: all zones with a margin, or the whole of it."""
        whole = Window(0, 0, width, height)
        if not self.include:
            return whole
        xs, ys = zip(*(point for polygon in self.include for point in polygon), strict=True)
        x0, x1 = (max(min(xs) - MARGIN, 0.0), min(max(xs) + MARGIN, 1.0))
        y0, y1 = (max(min(ys) - MARGIN, 0.0), min(max(ys) + MARGIN, 1.0))
        if (x1 - x0) * (y1 - y0) > WORTH_CUTTING:
            return whole
        return Window(int(x0 * width), int(y0 * height), max(math.ceil(x1 * width), 1), max(math.ceil(y1 * height), 1))

    def mask(self, height: int, width: int) -> NDArray[np.bool_]:
        """Which pixels (height, width) of a small copy of the picture count, those around the zones with them."""
        if not self.include and not self.exclude:
            return np.ones((height, width), np.bool_)
        counts = np.zeros((height, width), np.uint8) if self.include else np.ones((height, width), np.uint8)
        for polygon in self.include:
            cv2.fillPoly(counts, [_pixels(polygon, width, height)], (1,))
        if self.include:
            reach = 2 * round(MARGIN * max(width, height)) + 1
            counts = cv2.dilate(counts, np.ones((reach, reach), np.uint8)).astype(np.uint8)
        for polygon in self.exclude:
            cv2.fillPoly(counts, [_pixels(polygon, width, height)], (0,))
        return np.asarray(counts > 0)


def _inside(polygon: Polygon, x: float, y: float) -> bool:
    points = np.array(polygon, np.float32)
    return cv2.pointPolygonTest(points, (float(x), float(y)), False) >= 0


def _pixels(polygon: Polygon, width: int, height: int) -> NDArray[np.int32]:
    return np.round(np.array(polygon) * (width - 1, height - 1)).astype(np.int32)


def _area(polygon: Polygon) -> float:
    return float(cv2.contourArea(np.array(polygon, np.float32)))
