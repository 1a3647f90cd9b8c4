"""Where a camera sees a flat plate: roll, yaw and pitch through a pinhole."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from platelight.geometry import FloatArray, Quad


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
        roll=float(np.clip(roll * strength, -45, 45)),
        yaw=float(np.clip(yaw * strength, -60, 60)),
        pitch=float(np.clip(pitch * strength, -40, 40)),
        distance=distance,
    )


def project(params: PoseParams, aspect: float, width_px: float) -> Quad:
    """Corners of a plate of width-to-height ratio `aspect` around the origin, in pixels.

    Seen frontally the plate would be `width_px` wide; turning it away shortens it. Method: rotation about the plate's
    centre (yaw, then pitch, then roll) and projection through a pinhole `distance` plate widths away.
    """
    half = np.array([0.5, 0.5 / aspect])
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    points = np.column_stack([corners, np.zeros(4)]) @ _rotation(params).T
    depth = params.distance + points[:, 2]
    flat = points[:, :2] * (params.distance / depth)[:, None] * width_px
    return Quad.from_array(flat)


def _rotation(params: PoseParams) -> FloatArray:
    roll, yaw, pitch = (math.radians(angle) for angle in (params.roll, params.yaw, params.pitch))
    turn = np.array([[math.cos(yaw), 0, math.sin(yaw)], [0, 1, 0], [-math.sin(yaw), 0, math.cos(yaw)]])
    tip = np.array([[1, 0, 0], [0, math.cos(pitch), -math.sin(pitch)], [0, math.sin(pitch), math.cos(pitch)]])
    lean = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
    matrix: FloatArray = lean @ tip @ turn
    return matrix
