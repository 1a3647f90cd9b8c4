"""Where a plate that was seen will be seen next, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from platelight.geometry import Quad

SPEED = 10.0
"""Plate widths a second a plate of unknown speed may move (standard deviation): 20 km/h across the view are about 10."""

ACCELERATION = 5.0
"""Plate widths a second, each second, by which its speed may change; coming closer counts too, for it looks like speeding up."""

JITTER = 0.06
"""Plate widths that the corners of a plate at rest differ from frame to frame, the camera's shaking included."""

GROWTH, GROWTH_CHANGE, SIZE_JITTER = 0.8, 1.2, 0.07
"""The same for the natural logarithm of the plate's size: a second, a second squared, and from frame to frame."""

STOOD_AWAY = 0.25
"""A standing plate is sought within this many plate widths of its place (standard deviation), however long it was not seen."""

SURPRISE = math.log(0.03)
"""How seldom a plate moves otherwise than its speed so far lets expect, but still no faster than SPEED."""


@dataclass(slots=True)
class _Value:
    """One coordinate with its speed, and what is not known of both (a Kalman filter of constant speed; Kalman 1960)."""

    at: float
    speed: float
    var: float
    both: float
    speed_var: float

    def ahead(self, seconds: float, change: float) -> _Value:
        """After so many seconds in which the speed changes by `change` a second."""
        noise = change * change
        return _Value(
            self.at + self.speed * seconds, self.speed,
            self.var + 2 * seconds * self.both + seconds**2 * self.speed_var + noise * seconds**4 / 4,
            self.both + seconds * self.speed_var + noise * seconds**3 / 2, self.speed_var + noise * seconds**2,
        )  # fmt: skip

    def seen(self, at: float, var: float) -> _Value:
        """After a measurement."""
        gain, gain_speed, off = self.var / (self.var + var), self.both / (self.var + var), at - self.at
        return _Value(
            self.at + gain * off, self.speed + gain_speed * off,
            (1 - gain) * self.var, (1 - gain) * self.both, self.speed_var - gain_speed * self.both,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """A plate's centre and width in pixels, and the logarithm of its size."""

    x: float
    y: float
    size: float
    width: float

    @classmethod
    def of(cls, quad: Quad) -> Shape:
        xs, ys = zip(*quad.corners, strict=True)
        return cls(sum(xs) / 4, sum(ys) / 4, math.log(max(quad.area, 1.0)) / 2, max(quad.width_px, 4.0))


class Motion:
    """A plate's place and size as a filter of constant speed sees them."""

    def __init__(self, shape: Shape, time_s: float) -> None:
        spread, speed = (JITTER * shape.width) ** 2, (SPEED * shape.width) ** 2
        self.x, self.y = _Value(shape.x, 0.0, spread, 0.0, speed), _Value(shape.y, 0.0, spread, 0.0, speed)
        self.size = _Value(shape.size, 0.0, SIZE_JITTER**2, 0.0, GROWTH**2)
        self.width, self.time_s = shape.width, time_s

    def update(self, shape: Shape, time_s: float) -> None:
        """Take in a sighting; `time_s` not before the last."""
        seconds = max(time_s - self.time_s, 0.0)
        change = ACCELERATION * self.width
        spread = (JITTER * shape.width) ** 2
        self.x, self.y = self.x.ahead(seconds, change).seen(shape.x, spread), self.y.ahead(seconds, change).seen(shape.y, spread)
        self.size = self.size.ahead(seconds, GROWTH_CHANGE).seen(shape.size, SIZE_JITTER**2)
        self.width, self.time_s = shape.width, time_s

    def log_density(self, shape: Shape, time_s: float, standing: bool) -> float:
        """Natural log of the chance, a square pixel and a unit of log size, of seeing the plate there. `standing`: it has not moved
        of late, and is sought at its place as well as where it may have gone."""
        seconds = max(time_s - self.time_s, 0.0)
        change = ACCELERATION * self.width
        spread = (JITTER * shape.width) ** 2
        x, y, size = self.x.ahead(seconds, change), self.y.ahead(seconds, change), self.size.ahead(seconds, GROWTH_CHANGE)
        moved = _normal(shape.x - x.at, x.var + spread) + _normal(shape.y - y.at, y.var + spread) + _normal(shape.size - size.at, size.var + SIZE_JITTER**2)
        wide = (SPEED * self.width * seconds + self.width) ** 2
        anywhere = _normal(shape.x - self.x.at, wide) + _normal(shape.y - self.y.at, wide) + _normal(shape.size - self.size.at, (GROWTH * seconds) ** 2 + 0.04)
        moved = _either(moved, anywhere + SURPRISE)
        if not standing:
            return moved
        room = (STOOD_AWAY * self.width) ** 2
        stood = _normal(shape.x - self.x.at, room) + _normal(shape.y - self.y.at, room) + _normal(shape.size - self.size.at, 2 * SIZE_JITTER**2)
        return _either(stood, moved - 1.0)


def _either(first: float, second: float) -> float:
    """The logarithm of the sum of two chances given as logarithms."""
    return max(first, second) + math.log1p(math.exp(-abs(first - second)))


def _normal(off: float, var: float) -> float:
    return -0.5 * (off * off / var + math.log(2 * math.pi * var))
