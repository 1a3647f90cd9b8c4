"""The pen that stroke glyphs are drawn with.

A glyph box is 1 high and `width` wide, y down. The constructions of the characters (`letters`, `digits`) say where the
centre line of the pen runs; `Shape` holds the numbers of one face (weight, curves, terminals, alternatives), so the same
constructions give endlessly many faces. `faces` draws shapes at random inside a family.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
Point = tuple[float, float]
Vertex = tuple[float, ...]
"""(x, y) is a sharp turn, (x, y, rx, ry) one rounded by a curve reaching rx along x and ry along y."""

_BASIS = [((1 - u) ** 3, 3 * u * (1 - u) ** 2, 3 * u * u * (1 - u), u**3) for u in (1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6)]


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers of one stroke face; lengths are shares of the character height, `curve_x` and `reach` shares of their room."""

    weight: float = 0.15
    width: float = 0.56
    mono: bool = False  # I and 1 take a full cell too
    narrow: float = 0.3  # advance of I and 1 as a share of a cell where not mono
    wide: float = 1.2  # advance of M and W as a share of a cell where not mono
    curve_x: float = 1.0
    curve_y: float = 0.26
    tension: float = 0.56  # 0.55 is a circle, 1 a square corner
    zero_curve: float = 1.0  # how much rounder or squarer the zero is than the O
    zero_width: float = 1.0
    round_ends: bool = False
    square_joins: bool = True
    soften: float = 0.0
    waist: float = 0.5
    bowl: float = 0.56  # where the bowl of P and R closes
    arm: float = 0.9  # length of the middle arm of E and F
    reach: float = 0.5  # how far the ends of C G S 2 3 5 6 9 come back
    apex: float = 0.5  # 0: the tip of A V W M N is cut off flat, 1: it is round and inside
    vertex: float = 0.7  # depth of the middle of M
    spine: float = 0.03  # tilt of the middle of S
    bar: float = 0.64  # height of the bar of A
    fork: float = 0.5  # where the arms of Y meet
    upper: float = 0.03  # how much narrower the upper half of B 8 3 is
    tail: float = 0.22  # length of the tail of Q
    four_bar: float = 0.7
    four_stem: float = 0.72
    six_bowl: float = 0.42
    flag: float = 0.26
    contrast: float = 1.0  # weight of upright strokes against lying ones
    kinds: dict[str, int] = field(default_factory=dict)  # character -> index of its construction

    def kind(self, character: str) -> int:
        return self.kinds.get(character, 0)

    def advance(self, character: str) -> float:
        """Width of the character's box as a share of its height."""
        if character in "I1":
            if not self.mono:
                return max(self.narrow * self.width, self.weight) if self.kind(character) == 0 else max(0.62 * self.width, self.weight * 2)
            return self.width
        if character in "MW" and not self.mono:
            return self.width * self.wide
        return self.width * self.zero_width if character == "0" else self.width


class Pen:
    """Collects the strokes of one character. `l r t b` are the centre lines along the four edges, `c m` the middles."""

    def __init__(self, shape: Shape, width: float, top: float = 0.0, weight: float | None = None) -> None:
        self.shape = shape
        self.width = width
        self.w = shape.weight if weight is None else weight
        half = self.w / 2
        self.top = top
        self.l, self.r, self.t, self.b = half, width - half, top + half, 1 - half
        self.c = width / 2
        self.m = self.y(shape.waist)
        self.rx = shape.curve_x * (self.r - self.l) / 2
        self.ry = min(shape.curve_y, (self.b - self.t) / 2) * (1 - top * 0.3)
        self.lines: list[list[Point]] = []
        self.squares: list[Point] = []
        self.caps: list[tuple[Point, Point]] = []  # (end, direction outwards)
        self.holes: list[list[Point]] = []
        self.dots: list[Point] = []

    def y(self, share: float) -> float:
        """Height between the centre lines of the top (0) and the bottom (1)."""
        return self.t + share * (self.b - self.t)

    def x(self, share: float) -> float:
        """Place between the centre lines of the left (0) and the right (1)."""
        return self.l + share * (self.r - self.l)

    def round(self, x: float, y: float, ry: float | None = None, rx: float | None = None) -> Vertex:
        """A vertex with the face's curve."""
        return (x, y, self.rx if rx is None else rx, self.ry if ry is None else ry)

    def slope_inset(self, dx: float) -> float:
        """Centre-line distance from the side edge for a diagonal that goes `dx` over the full height, so its corner touches the edge."""
        slope = abs(dx) / (self.b - self.t)
        return self.w / 2 * (slope + math.hypot(1, slope)) if not self.shape.round_ends else self.w / 2

    def tip(self, top: bool) -> float:
        """Height of a pointed joint: at the edge (cut flat by the box) or inside (round)."""
        inset = self.w / 2 * self.shape.apex
        return self.top + inset if top else 1 - inset

    def open_y(self, top: bool, room: float | None = None) -> float:
        """Where an open curved end stops: the face's `reach` of the way from the outer edge over `room` (half the height)."""
        half = (self.b - self.t) / 2 if room is None else room
        share = 0.3 + 0.3 * self.shape.reach
        return self.t + half * share if top else self.b - half * share

    def loop(self, x0: float, x1: float, y0: float, y1: float, rx: float, ry: float) -> None:
        """Add a closed curve that fills a box of centre lines."""
        rx, ry = min(rx, (x1 - x0) / 2), min(ry, (y1 - y0) / 2)
        self.path((x0, y0, rx, ry), (x1, y0, rx, ry), (x1, y1, rx, ry), (x0, y1, rx, ry), closed=True)

    def path(self, *vertices: Vertex, ends: str = "cc", closed: bool = False, start_y: float | None = None, end_y: float | None = None) -> None:
        """Add a stroke. `ends`: c terminal, f cut flush with the box, j joined to another stroke; `start_y`, `end_y` shorten a curved end."""
        points, sharp = rounded(vertices, closed, self.shape.tension)
        if closed:
            points.append(points[0])
        else:
            if start_y is not None:
                points = _cut(points, start_y)
            if end_y is not None:
                points = _cut(points[::-1], end_y)[::-1]
            points = self._end(points[::-1], ends[1])[::-1]
            points = self._end(points, ends[0])
        if self.shape.square_joins:
            self.squares.extend(sharp)
        self.lines.append(points)

    def _end(self, points: list[Point], kind: str) -> list[Point]:
        if kind == "j" or self.shape.round_ends:
            return points
        (x0, y0), (x1, y1) = points[0], points[1]
        length = math.hypot(x0 - x1, y0 - y1) or 1.0
        direction = ((x0 - x1) / length, (y0 - y1) / length)
        if kind == "f":
            return [(x0 + direction[0] * self.w * 1.2, y0 + direction[1] * self.w * 1.2), *points]
        self.caps.append((points[0], direction))
        return points

    def turned(self) -> None:
        """Turn what was drawn by half a turn (9 from 6)."""
        width, height = self.width, 1.0 + self.top
        self.lines = [[(width - x, height - y) for x, y in line] for line in self.lines]
        self.squares = [(width - x, height - y) for x, y in self.squares]
        self.caps = [((width - x, height - y), (-dx, -dy)) for (x, y), (dx, dy) in self.caps]

    def draw(self, height_px: float, canvas: Mask) -> None:
        """Draw the strokes, `height_px` canvas pixels to the box height, in 255 on a canvas that is the box (clips flush ends)."""
        thickness = max(round(self.w * height_px), 1)
        half = self.w / 2
        unit = height_px * 16
        lines = [np.array([(int(x * unit), int(y * unit)) for x, y in line], dtype=np.int32) for line in self.lines]
        cv2.polylines(canvas, lines, False, 255, thickness, cv2.LINE_8, 4)
        for x, y in self.squares:
            _box(canvas, x - half, y - half, x + half, y + half, height_px)
        for (x, y), (dx, dy) in self.caps:
            quad = [(x - dy * half, y + dx * half), (x + dx * half - dy * half, y + dy * half + dx * half),
                    (x + dx * half + dy * half, y + dy * half - dx * half), (x + dy * half, y - dx * half)]  # fmt: skip
            cv2.fillConvexPoly(canvas, (np.array(quad) * (height_px * 16)).astype(np.int32), 255, cv2.LINE_8, 4)
        for hole in self.holes:
            cv2.fillPoly(canvas, [(np.array(hole) * height_px).astype(np.int32)], 0)
        if self.top:
            canvas[: int(self.top * height_px)] = 0
        for x, y in self.dots:
            if self.shape.round_ends:
                cv2.circle(canvas, (int(x * height_px), int(y * height_px)), max(int(half * 1.05 * height_px), 1), 255, -1)
            else:
                _box(canvas, x - half, y - half, x + half, y + half, height_px)


def _box(canvas: Mask, x0: float, y0: float, x1: float, y1: float, scale: float) -> None:
    cv2.rectangle(canvas, (round(x0 * scale), round(y0 * scale)), (round(x1 * scale) - 1, round(y1 * scale) - 1), 255, -1)


def rounded(vertices: tuple[Vertex, ...], closed: bool, tension: float) -> tuple[list[Point], list[Point]]:
    """Points of a path whose vertices are rounded by cubic curves, and those inner vertices that stayed sharp."""
    points: list[Point] = []
    sharp: list[Point] = []
    count = len(vertices)
    for index, vertex in enumerate(vertices):
        x, y = vertex[0], vertex[1]
        inner = closed or 0 < index < count - 1
        if len(vertex) == 2 or not inner:
            points.append((x, y))
            if inner and len(vertex) == 2:
                sharp.append((x, y))
            continue
        before, after = vertices[index - 1], vertices[(index + 1) % count]
        first = _toward(vertex, before, closed or index > 1)
        last = _toward(vertex, after, closed or index < count - 2)
        (x0, y0), (x3, y3) = first, last
        x1, y1, x2, y2 = x0 + (x - x0) * tension, y0 + (y - y0) * tension, x3 + (x - x3) * tension, y3 + (y - y3) * tension
        points.append(first)
        points += [(a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3) for a, b, c, d in _BASIS]
        points.append(last)
    return points, sharp


def _toward(vertex: Vertex, other: Vertex, shares: bool) -> Point:
    """Where the curve of a rounded vertex leaves the edge to `other`; half the edge at most where the other end is rounded too."""
    dx, dy = other[0] - vertex[0], other[1] - vertex[1]
    length = math.hypot(dx, dy) or 1e-6
    wanted = (abs(dx) * vertex[2] + abs(dy) * vertex[3]) / length
    room = length
    if shares and len(other) == 4:
        theirs = (abs(dx) * other[2] + abs(dy) * other[3]) / length
        room = length * (wanted / (wanted + theirs)) if wanted + theirs > length else length
    step = min(wanted, room) / length
    return vertex[0] + dx * step, vertex[1] + dy * step


def _cut(points: list[Point], y: float) -> list[Point]:
    """Drop the start of a path up to where it first crosses height `y`."""
    rising = points[0][1] > y
    for index in range(1, len(points)):
        (x0, y0), (x1, y1) = points[index - 1], points[index]
        if (y1 <= y) if rising else (y1 >= y):
            share = (y - y0) / (y1 - y0) if y1 != y0 else 1.0
            return [(x0 + (x1 - x0) * share, y), *points[index:]] if share < 0.98 else points[index:]
    return points
