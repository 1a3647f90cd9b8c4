"""Where a camera sees a flat plate: roll, yaw and pitch through a pinhole."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from platelight.geometry import Quad


@dataclass(frozen=True, slots=True)
class PoseParams:
    """Angles in degrees (roll clockwise in the picture) and the camera's distance in plate widths."""

    roll: float
    yaw: float
    pitch: float
    distance: float


def sample(rng: np.random.Generator, strength: float = 1.0) -> PoseParams:
    """Draw a pose: mostly near frontal, roll within 12 degrees with tails to 45, yaw to 60, pitch to 40."""
    roll = rng.normal(0, 3.5)
    if rng.random() < 0.12:
        roll = rng.normal(0, 15)
    yaw = rng.normal(0, 12) if rng.random() < 0.6 else rng.uniform(-60, 60) * rng.random() ** 0.5
    pitch = rng.normal(4, 7) if rng.random() < 0.75 else rng.uniform(-30, 40)
    distance = math.exp(rng.uniform(math.log(3.0), math.log(25.0)))
    return PoseParams(
        roll=_within(roll * strength, 45),
        yaw=_within(yaw * strength, 60),
        pitch=_within(pitch * strength, 40),
        distance=distance,
    )


def _within(angle: float, most: float) -> float:
    return float(min(max(angle, -most), most))


def project(params: PoseParams, aspect: float, width_px: float) -> Quad:
    """Corners of a plate of width-to-height ratio `aspect` around the origin, in pixels.

    Seen frontally the plate would be `width_px` wide; turning it away shortens it. Method: rotation about the plate's
    centre (yaw, then pitch, then roll) and projection through a pinhole `distance` plate widths away.
    """
    rotation = _rotation(params)
    half_x, half_y = 0.5, 0.5 / aspect
    corners = []
    for x, y in ((-half_x, -half_y), (half_x, -half_y), (half_x, half_y), (-half_x, half_y)):
        u, v, depth = (row[0] * x + row[1] * y for row in rotation)
        scale = width_px * params.distance / (params.distance + depth)
        corners.append((u * scale, v * scale))
    return Quad(tuple(corners))


def _rotation(params: PoseParams) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """Rows of the rotation matrix (yaw, then pitch, then roll) for points of the plane z = 0: x and y columns."""
    cr, sr = math.cos(math.radians(params.roll)), math.sin(math.radians(params.roll))
    cy, sy = math.cos(math.radians(params.yaw)), math.sin(math.radians(params.yaw))
    cp, sp = math.cos(math.radians(params.pitch)), math.sin(math.radians(params.pitch))
    tipped_x = (cy, sp * sy, -cp * sy)  # the plate's x axis after yaw and pitch
    tipped_y = (0.0, cp, sp)
    return (
        (cr * tipped_x[0] - sr * tipped_x[1], cr * tipped_y[0] - sr * tipped_y[1]),
        (sr * tipped_x[0] + cr * tipped_x[1], sr * tipped_y[0] + cr * tipped_y[1]),
        (tipped_x[2], tipped_y[2]),
    )
