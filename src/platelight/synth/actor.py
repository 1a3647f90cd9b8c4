"""What moves or stands in a drawn film, painted once and then seen from where it is in every frame."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from platelight.geometry import Quad, apply_homography
from platelight.records import Image
from platelight.synth import compose, nonplates, optics, pixels, plate, vehicle
from platelight.synth.bodywork import TRIM, VehicleParams, between
from platelight.synth.easel import Easel, shade
from platelight.synth.generate import LEVELS
from platelight.synth.route import Camera, Faces, Route, Solid
from platelight.synth.sketch import Sketch, arc, rectangle

FACE_PX, SIDE_PX = 640, 560
SMALLEST_COPY_PX = 48
METRES = {"rear": (1.8, 4.1, 0.9, 0.56), "front": (1.8, 4.1, 0.9, 0.6), "van": (2.0, 5.2, 0.88, 0.78), "motorcycle": (0.8, 0.0, 0.5, 0.5)}
"""Width and length of vehicles, and how wide they are at the ground and at the roof as shares of their width."""

FACE_HEIGHTS = {"rear": 0.81, "front": 0.8, "van": 1.07, "motorcycle": 1.42}
"""Where the wheels touch the ground, as a share of the width."""


@dataclass(frozen=True, slots=True)
class ActorParams:
    """A vehicle on its way: how it looks, the plate it wears (None: an empty place), lettering on its side."""

    what: VehicleParams
    route: Route
    worn: plate.PlateParams | None
    white: float
    lettering: tuple[Sketch, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """A painted face: pixels, coverage, and where on it the plate lies, if it wears one."""

    art: Image
    mask: Image
    plate: Quad | None = None

    def lit(self, light: float) -> list[Sprite]:
        """The face in this light, and smaller copies of it for when it is far away."""
        levels = [Sprite(pixels.looked_up(self.art, LEVELS * 255 * light), self.mask)]
        while min(levels[-1].mask.shape) > SMALLEST_COPY_PX:
            art, mask = (cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for picture in (levels[-1].art, levels[-1].mask))
            levels.append(Sprite(np.asarray(art, dtype=np.uint8), np.asarray(mask, dtype=np.uint8)))
        return levels

    def seen(self, face: Quad) -> Quad | None:
        """The plate's corners where this face lies at `face`."""
        if self.plate is None:
            return None
        matrix = compose.pixel_map(self.mask.shape[1], self.mask.shape[0], face)
        return Quad.from_array(apply_homography(matrix, self.plate.array() - 0.5) + 0.5)


class Actor:
    """One vehicle, ready to be laid into frames."""

    def __init__(self, params: ActorParams, light: float) -> None:
        self.params = params
        width, length, foot, top = METRES[params.what.kind]
        reach = vehicle.HEIGHTS[params.what.kind]
        ground = FACE_HEIGHTS[params.what.kind]
        self.solid = Solid(width, width * ground, length, foot, top, params.what.kind != "front")
        self._below = (reach - ground) / ground  # the face's picture reaches this share of its height below the ground, for its shadow
        self._light = light
        self._shape = width * ground / length if length else None

    @cached_property
    def _face(self) -> tuple[Sprite, tuple[str, ...]]:
        return _face(self.params)

    @property
    def face(self) -> Sprite:
        """The face with the plate."""
        return self._face[0]

    @property
    def text_lines(self) -> tuple[str, ...]:
        """What its plate says."""
        return self._face[1]

    @cached_property
    def _front(self) -> list[Sprite]:
        return self.face.lit(self._light)

    @cached_property
    def _sides(self) -> list[list[Sprite]]:
        return [] if self._shape is None else [_side(self.params, self._shape, mirrored).lit(self._light) for mirrored in (False, True)]

    @cached_property
    def _roof(self) -> list[Sprite]:
        return [] if self._shape is None else _roof(self.params).lit(self._light)

    def faces(self, camera: Camera, time_s: float) -> Faces | None:
        """What the camera sees of it; None while it is not there."""
        place = self.params.route.at(time_s)
        return None if place is None else self.solid.faces(place, camera)

    def plate_quad(self, camera: Camera, time_s: float) -> Quad | None:
        found = self.faces(camera, time_s)
        return None if found is None or found.front is None else self.face.seen(_longer(found.front, self._below))

    def lay(self, picture: Image, camera: Camera, time_s: float, exposure_s: float) -> Image:
        """The picture with this vehicle as it is seen while the shutter is open."""
        found = self.faces(camera, time_s)
        if found is None:
            return picture
        ends = [self.faces(camera, time_s + share * exposure_s) for share in (-0.5, 0.5)]
        if found.side is not None and self._sides:
            smear = _smear([None if end is None else end.side for end in ends])
            picture = _lay(picture, self._sides[found.mirrored], found.side, smear)
        if found.roof is not None and self._roof:
            picture = _lay(picture, self._roof, found.roof, _smear([None if end is None else end.roof for end in ends]))
        if found.front is not None:
            smear = _smear([None if end is None else end.front for end in ends])
            picture = _lay(picture, self._front, _longer(found.front, self._below), smear)
        return picture


def _smear(ends: Sequence[Quad | None]) -> optics.MotionBlur | None:
    """How far a face moves while the shutter is open, from where it is at the begin and at the end of that."""
    first, last = ends
    if first is None or last is None:
        return None
    dx, dy = (last.array().mean(axis=0) - first.array().mean(axis=0)).tolist()
    length = min(math.hypot(dx, dy), 40.0)
    return optics.MotionBlur(length, math.degrees(math.atan2(dy, dx))) if length > 0.7 else None


def _longer(face: Quad, share: float) -> Quad:
    """A face with the strip of ground below it that its picture shows."""
    a, b, c, d = face.array()
    return Quad.from_array(np.array([a, b, c + (c - b) * share, d + (d - a) * share]))


def _lay(picture: Image, levels: Sequence[Sprite], quad: Quad, smear: optics.MotionBlur | None) -> Image:
    """The picture with a face laid on `quad`, from the smallest copy that is large enough."""
    enough = [level for level in levels if level.mask.shape[1] >= quad.width_px and level.mask.shape[0] >= quad.height_px]
    sprite = enough[-1] if enough else levels[0]
    return compose.place(picture, sprite.art, sprite.mask, quad, smear=None if smear is None else smear.kernel())


def _face(params: ActorParams) -> tuple[Sprite, tuple[str, ...]]:
    """The front or rear with its plate, and the plate's text."""
    what = params.what if params.worn is None else replace(params.what, plate_aspect=params.worn.aspect)
    art, mask, mount = vehicle.render(what, FACE_PX)
    if params.worn is None:
        return Sprite(art, mask), ()
    drawn = plate.render(params.worn, max(round(mount.height * 1.3), 24))
    black = 0.1 * params.white
    lit = pixels.looked_up(drawn.image, black + (params.white - black) * LEVELS)
    quad = _held(mount, params.worn.aspect)
    return Sprite(compose.place(art, lit, drawn.mask, quad, shadow=0.4), mask, quad), drawn.text_lines


def _held(mount: vehicle.Mount, aspect: float) -> Quad:
    """A plate of ratio `aspect` in the room for it."""
    width = min(mount.width, mount.height * aspect)
    return replace(mount, width=width, height=width / aspect).quad


def _side(params: ActorParams, aspect: float, mirrored: bool) -> Sprite:
    """The side of a car or van, its end with the plate at the left (at the right if mirrored), `aspect` times as high as wide."""
    easel = Easel(SIDE_PX, max(round(SIDE_PX * aspect), 8))
    what, form = params.what, params.what.form
    is_van, is_front = what.kind == "van", what.kind == "front"
    roof, belt, sill = 0.035 * aspect, 0.42 * aspect, 0.86 * aspect
    easel.fill(rectangle(0.02, 0.9 * aspect, 0.98, 0.995 * aspect), (6, 6, 7), soft=0.012, opacity=0.75)
    back = 0.02  # the face is painted flat, its window in one plane with the plate, so the side is as high there as the roof
    body = [(0.0, roof), (between(0.6, 0.68, form[1]), roof), (0.84, belt * 0.95), (0.995, belt * 1.15), (1.0, sill), (0.0, sill)]
    if is_van:
        body = [(0.0, roof), (0.78, roof), (0.88, belt), (0.995, belt * 1.2), (1.0, sill), (0.0, sill)]
    if is_front:
        body = [(0.0, roof), (0.86, roof), (0.95, belt * 0.95), (1.0, belt), (1.0, sill), (0.0, sill)]
    easel.fill(body, shade(what.paint, 1.0, 6), shade(what.paint, 0.5), curve=0.008)
    easel.fill(rectangle(0.0, belt, 1.0, belt + 0.05 * aspect), what.sky, soft=0.01, opacity=0.22, inside=True)
    panes = [(0.72, 0.84)] if is_van else [(back + 0.04, 0.34), (0.36, 0.62 if not is_front else 0.84)]
    for x0, x1 in panes:
        easel.fill(rectangle(x0, roof + 0.08 * aspect, x1, belt - 0.02 * aspect), shade(what.sky, 0.4), (22, 25, 28), curve=0.008)
    for x in (0.5, 0.74) if not is_van else (0.7, 0.45):
        easel.line([(x, belt), (x, sill - 0.02)], shade(what.paint, 0.45), 0.003, soft=0.001, opacity=0.7)
    easel.fill(rectangle(0.0, sill - 0.05 * aspect, 1.0, sill), TRIM, shade(TRIM, 0.6), inside=True, opacity=0.8)
    radius = 0.078 if not is_van else 0.066
    for x in (0.19, 0.81):
        easel.fill(arc(x, aspect - radius, radius * 1.15, 0, 360), (8, 8, 9), curve=0.003)
        easel.fill(arc(x, aspect - radius, radius, 0, 360), (24, 24, 25), (14, 14, 15))
        easel.fill(arc(x, aspect - radius, radius * 0.6, 0, 360), (150, 153, 158), (90, 92, 96))
    art, mask = easel.image(), easel.mask()
    if mirrored:
        art, mask = np.ascontiguousarray(art[:, ::-1]), np.ascontiguousarray(mask[:, ::-1])
    for number, drawing in enumerate(params.lettering):
        width = SIDE_PX * (0.5 if is_van else 0.34)
        height = min(width / drawing.aspect, SIDE_PX * aspect * (0.3 if is_van else 0.16))
        x, y = SIDE_PX * (0.2 if is_van else 0.33), SIDE_PX * aspect * ((0.12 + 0.36 * number) if is_van else 0.52)
        letters, cover = nonplates.render(drawing, max(round(height * 1.2), 16))
        art = compose.place(art, letters, cover, rectangle_quad(x, y, height * drawing.aspect, height))
    return Sprite(art, mask)


def _roof(params: ActorParams) -> Sprite:
    """What a high camera sees of a vehicle: its roof, its far end at the top."""
    easel = Easel(64, 160)
    easel.fill(rectangle(0.0, 0.0, 1.0, 2.5), shade(params.what.paint, 0.9, 30), shade(params.what.paint, 0.75, 6))
    easel.fill(rectangle(0.1, 0.05, 0.9, 2.45), params.what.sky, soft=0.1, opacity=0.2, inside=True)
    return Sprite(easel.image(), easel.mask())


def rectangle_quad(x: float, y: float, width: float, height: float) -> Quad:
    return Quad(((x, y), (x + width, y), (x + width, y + height), (x, y + height)))
