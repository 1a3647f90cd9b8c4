"""Vehicles driving before a camera: where they are at a time, and where the camera sees their faces. Lengths are metres.

The ground is flat: x to the right, z away from the camera, which looks along z from `height` above the ground.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from platelight.geometry import FloatArray, Quad

STEP_S = 0.02
NEAREST = 0.25
"""What comes nearer to the camera than this is beside or beneath it."""

ROOF = 0.955
"""The roof lies so high, as a share of a vehicle's height: its painted face has rounded shoulders."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole: focal length in pixels, the horizon's row and the middle column, and its height above the ground."""

    focal: float
    horizon: float
    middle: float
    height: float

    def project(self, points: FloatArray) -> FloatArray:
        """Pixels (..., 2) of points (..., 3): x, height above the ground, z."""
        depth = points[..., 2]
        return np.stack([self.middle + self.focal * points[..., 0] / depth, self.horizon + self.focal * (self.height - points[..., 1]) / depth], axis=-1)


@dataclass(frozen=True)
class Route:
    """A drive that begins at `begin_s` at `x, z`, towards `heading` (degrees, 0 comes towards the camera, positive turns to its right),
    at `speed` a second. `turn`: from so many metres on, for so many metres, by so many degrees a metre. `stop`: it halts after so many
    seconds for so many seconds."""

    begin_s: float
    x: float
    z: float
    heading: float
    speed: float
    turn: tuple[float, float, float] = (0.0, 0.0, 0.0)
    stop: tuple[float, float] | None = None
    length_s: float = 30.0

    @cached_property
    def _places(self) -> FloatArray:
        """x, z and heading in radians (N, 3) every STEP_S."""
        seconds = np.arange(0.0, self.length_s, STEP_S)
        pace = np.full(len(seconds), self.speed)
        if self.stop is not None:
            begin, length = self.stop
            pace *= np.clip(np.maximum((begin - seconds) / 1.5, (seconds - begin - length) / 2.0), 0.0, 1.0)
        driven = np.concatenate([[0.0], np.cumsum(pace[:-1] * STEP_S)])
        begin_m, length_m, degrees = self.turn
        heading = np.radians(self.heading + degrees * np.clip(driven - begin_m, 0.0, length_m))
        x = self.x + np.concatenate([[0.0], np.cumsum(np.sin(heading[:-1]) * np.diff(driven))])
        z = self.z - np.concatenate([[0.0], np.cumsum(np.cos(heading[:-1]) * np.diff(driven))])
        return np.column_stack([x, z, heading])

    def at(self, time_s: float) -> tuple[float, float, float] | None:
        """x, z and heading (radians); None before it begins and after it ends."""
        place = (time_s - self.begin_s) / STEP_S
        if not 0 <= place < len(self._places) - 1:
            return None
        whole = int(place)
        x, z, heading = (self._places[whole] + (self._places[whole + 1] - self._places[whole]) * (place - whole)).tolist()
        return x, z, heading


@dataclass(frozen=True, slots=True)
class Faces:
    """What the camera sees of a vehicle: the face with the plate, one side (`mirrored`: the picture's left one), the roof; None where
    hidden. `distance`: of the nearer end."""

    front: Quad | None
    side: Quad | None
    mirrored: bool
    roof: Quad | None
    distance: float


@dataclass(frozen=True, slots=True)
class Solid:
    """A vehicle's outer form: `width`, `height` and `length`; `foot` and `top`: how wide it is at the ground and at the roof, as shares
    of its width; `rear`: its rear faces the camera while it drives away."""

    width: float
    height: float
    length: float
    foot: float
    top: float
    rear: bool

    def faces(self, place: tuple[float, float, float], camera: Camera) -> Faces | None:
        """The faces that can be seen, in pixels; None where the camera sees none."""
        x, z, heading = place
        ahead = np.array([math.sin(heading), -math.cos(heading)]) * (-1 if self.rear else 1)  # out of the face with the plate
        across = np.array([-ahead[1], ahead[0]])  # to the right of one who looks at that face
        middle = np.array([x, z])
        back = middle - ahead * self.length
        foot, top = across * self.width * self.foot / 2, across * self.width * self.top / 2
        half = across * self.width / 2
        shoulder = self.height * ROOF
        front = side = roof = None
        if float(ahead @ -middle) > 0:
            front = _quad(camera, (middle - half, self.height), (middle + half, self.height), (middle + half, 0.0), (middle - half, 0.0))
        near, far = _clipped(middle, back, NEAREST * 1.1 + abs(float(half[1])))
        right = float(across @ -(middle + half)) > 0
        left = float(-across @ -(middle - half)) > 0
        if self.length and right:
            side = _quad(camera, (near + top, shoulder), (far + top, shoulder), (far + foot, 0.0), (near + foot, 0.0))
        elif self.length and left:
            side = _quad(camera, (far - top, shoulder), (near - top, shoulder), (near - foot, 0.0), (far - foot, 0.0))
        if self.length and camera.height > shoulder:
            roof = _quad(camera, *((end, shoulder) for end in (far - top, far + top, near + top, near - top)))
        if front is None and side is None and roof is None:
            return None
        return Faces(front, side, not right, roof, float(min(near[1], far[1])))


def _clipped(near: FloatArray, far: FloatArray, least: float) -> tuple[FloatArray, FloatArray]:
    """Both ends of a vehicle, moved along it to where the camera can see them."""
    if near[1] < least < far[1]:
        near = near + (far - near) * (least - near[1]) / (far[1] - near[1])
    elif far[1] < least < near[1]:
        far = far + (near - far) * (least - far[1]) / (near[1] - far[1])
    return near, far


def _quad(camera: Camera, *corners: tuple[FloatArray, float]) -> Quad | None:
    points = np.array([[ground[0], up, ground[1]] for ground, up in corners])
    return None if points[:, 2].min() < NEAREST else Quad.from_array(camera.project(points))
