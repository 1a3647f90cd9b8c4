"""Boxes, quads and the perspective maps between them.

Convention, stated here once: coordinates are float pixels of the full picture, origin at the top-left corner of
the top-left pixel, x to the right, y down. A `Box` is half-open. A `Quad` lists its corners clockwise starting from
the plate's *own* top-left corner, so a plate hanging upside down has its first corner at the bottom right of the picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Box:
    """Axis-aligned rectangle `[x0, x1) x [y0, y1)` in pixels."""

    x0: float
    y0: float
    x1: float
    y1: float

    @classmethod
    def from_xywh(cls, values: Sequence[float]) -> Box:
        """Build from `x, y, width, height`."""
        x, y, width, height = (float(value) for value in values)
        return cls(x, y, x + width, y + height)

    @property
    def width(self) -> float:
        return max(self.x1 - self.x0, 0.0)

    @property
    def height(self) -> float:
        return max(self.y1 - self.y0, 0.0)

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def xywh(self) -> tuple[float, float, float, float]:
        return self.x0, self.y0, self.width, self.height

    def iou(self, other: Box) -> float:
        """Intersection over union, 0 to 1."""
        shared = Box(max(self.x0, other.x0), max(self.y0, other.y0), min(self.x1, other.x1), min(self.y1, other.y1)).area
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0

    def quad(self) -> Quad:
        """The same rectangle as a quad, first corner top-left."""
        return Quad(((self.x0, self.y0), (self.x1, self.y0), (self.x1, self.y1), (self.x0, self.y1)))


@dataclass(frozen=True, slots=True)
class Quad:
    """Four corners, clockwise from the plate's own top-left corner."""

    corners: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if len(self.corners) != 4 or any(len(corner) != 2 for corner in self.corners):
            raise ValueError(f"a quad needs four (x, y) corners, got {self.corners!r}")

    @classmethod
    def from_array(cls, array: Sequence[Sequence[float]] | NDArray[np.floating]) -> Quad:
        """Build from anything of shape (4, 2)."""
        points = np.asarray(array, dtype=np.float64)
        if points.shape != (4, 2):
            raise ValueError(f"a quad needs an array of shape (4, 2), got {points.shape}")
        return cls(tuple((float(x), float(y)) for x, y in points))

    def array(self) -> FloatArray:
        """Corners as float64 (4, 2)."""
        return np.array(self.corners, dtype=np.float64)

    @property
    def box(self) -> Box:
        """The smallest box around the corners."""
        xs, ys = zip(*self.corners, strict=True)
        return Box(min(xs), min(ys), max(xs), max(ys))

    @property
    def area(self) -> float:
        """Area in square pixels (shoelace formula), never negative."""
        points = self.array()
        x, y = points[:, 0], points[:, 1]
        return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)

    @property
    def width_px(self) -> float:
        """Mean length of the top and bottom edge."""
        (a, b, c, d) = self.corners
        return (math.dist(a, b) + math.dist(d, c)) / 2

    @property
    def height_px(self) -> float:
        """Mean length of the left and right edge."""
        (a, b, c, d) = self.corners
        return (math.dist(a, d) + math.dist(b, c)) / 2

    @property
    def roll_deg(self) -> float:
        """Angle of the plate's reading direction against the picture's x axis, clockwise positive, -180 to 180."""
        points = self.array()
        dx, dy = (points[1] + points[2] - points[0] - points[3]) / 2
        return math.degrees(math.atan2(dy, dx))

    def grown(self, share: float) -> Quad:
        """The quad enlarged (or shrunk, if negative) about its centre by `share` of its size on every side."""
        points = self.array()
        centre = points.mean(axis=0)
        return Quad.from_array(centre + (points - centre) * (1 + 2 * share))

    def scaled(self, x_scale: float, y_scale: float | None = None) -> Quad:
        """Corners multiplied by the scales, for moving between a picture and its resized copy."""
        factors = np.array([x_scale, x_scale if y_scale is None else y_scale])
        return Quad.from_array(self.array() * factors)

    def moved(self, dx: float, dy: float) -> Quad:
        """The quad shifted by so many pixels."""
        return Quad(tuple((x + dx, y + dy) for x, y in self.corners))

    def turned(self, quarter_turns: int) -> Quad:
        """The same outline with the first corner moved on by `quarter_turns` places clockwise."""
        shift = quarter_turns % 4
        return Quad(self.corners[shift:] + self.corners[:shift])


def homography(source: FloatArray, target: FloatArray) -> FloatArray:
    """The 3x3 perspective map that takes four source points (4, 2) to four target points (4, 2).

    Raises ValueError where three of the points lie on one line. Method: the direct linear transform for four points.
    """
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    try:
        solution = np.linalg.solve(np.array(rows, dtype=np.float64), np.asarray(target, dtype=np.float64).reshape(8))
    except np.linalg.LinAlgError as error:
        raise ValueError(f"no perspective map between {np.asarray(source).tolist()} and {np.asarray(target).tolist()}") from error
    return np.append(solution, 1.0).reshape(3, 3)


def apply_homography(matrix: FloatArray, points: FloatArray) -> FloatArray:
    """Map points (..., 2) by a 3x3 perspective matrix."""
    flat = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    mapped = np.column_stack([flat, np.ones(len(flat))]) @ matrix.T
    return (mapped[:, :2] / mapped[:, 2:]).reshape(np.asarray(points).shape)


def is_clockwise(points: FloatArray) -> bool:
    """Whether corners (4, 2) go round clockwise as seen in the picture, without a dent, a crossing or three on a line."""
    edges = np.roll(points, -1, axis=0) - points
    following = np.roll(edges, -1, axis=0)
    return bool((edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0] > 0).all())


def corner_error(found: Quad, true: Quad) -> float:
    """Mean distance between matching corners as a share of the true plate's width."""
    distances = np.linalg.norm(found.array() - true.array(), axis=1)
    return float(distances.mean() / max(true.width_px, 1e-6))
