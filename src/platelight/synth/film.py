"""Drawn films of traffic before a fixed camera, with the truth about every pass; the same seed gives the same frames."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import cv2
import numpy as np

from platelight.geometry import FloatArray, Quad
from platelight.records import FloatTensor, Image
from platelight.synth import backdrop, compose, degrade, light, noise, nonplates, optics, pixels, sketch, traffic
from platelight.synth.actor import Actor, ActorParams, rectangle_quad
from platelight.synth.generate import LEVELS, Options, glyph_height
from platelight.synth.route import Camera
from platelight.synth.scene import READABLE_PX

SIZE = (1280, 720)
KEPT_EFFECTS = light.Tone | light.Slope | light.Vignette | light.Bloom | optics.FocusBlur | optics.LowResolution | optics.Sharpen | optics.Grey
"""What `degrade` may do to a film: what stays as it is from frame to frame."""

SMEARED, SLANTED = 0.35, 0.4
"""Text is unreadable where movement smears it by more than this share of a character's height, or where a plate looks less wide than this share."""

STAMP_SECONDS = 86400
GRAIN_ROOM = 64


@dataclass(frozen=True, slots=True)
class Sign:
    """A board beside the road: its middle in metres (x, height, z) and its height."""

    drawing: sketch.Sketch
    x: float
    up: float
    z: float
    height: float


@dataclass(frozen=True, slots=True)
class FilmParams:
    """All that chance decides about a film: place, camera, traffic, what stands in front (`poles`: middle and width as shares of the
    picture's width), light and its changes (`drift`: strength, period in seconds, phase), the open shutter's time, noise; `stamp`: the second of a day that
    the camera's clock begins with, and the corner it stands in."""

    seed: int
    index: int
    width: int
    height: int
    fps: float
    seconds: float
    place: backdrop.BackdropParams
    camera: Camera
    actors: tuple[ActorParams, ...]
    signs: tuple[Sign, ...]
    poles: tuple[tuple[float, float], ...]
    effects: tuple[degrade.Effect, ...]
    drift: tuple[float, float, float]
    exposure_s: float
    noise: optics.SensorNoise  # of no seed: every frame has its own
    shake_px: float
    stamp: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class PlateSeen:
    """A plate in one frame: corners in pixels, and whether a person could read it there."""

    frame: int
    quad: Quad
    readable: bool


@dataclass(frozen=True, slots=True)
class TruePass:
    """One vehicle's pass: what its plate says, and every frame in which it lies in the picture and nothing hides it."""

    text: str
    text_lines: tuple[str, ...]
    country: str | None
    template: str | None
    parked: bool
    seen: tuple[PlateSeen, ...]

    def to_dict(self, fps: float) -> dict[str, Any]:
        """The pass as JSON; times are seconds from the film's begin."""
        frames = [place.frame for place in self.seen]
        return {
            "text": self.text, "text_lines": list(self.text_lines), "country": self.country, "template": self.template, "parked": self.parked,
            "first_s": round(frames[0] / fps, 3) if frames else None, "last_s": round(frames[-1] / fps, 3) if frames else None,
            "readable_frames": sum(place.readable for place in self.seen),
            "quads": [[place.frame, [[round(x, 1), round(y, 1)] for x, y in place.quad.corners], place.readable] for place in self.seen],
        }  # fmt: skip


def sample(
    seed: int, index: int, *, seconds: float = 20.0, fps: float = 10.0, size: tuple[int, int] = SIZE, passes: int | None = None,
    options: Options | None = None,
) -> FilmParams:  # fmt: skip
    """Decide about film `index` of `seed`. `passes`: at most so many vehicles with plates; 0: traffic without any; None: as they come.

    Raises ValueError for a length, rate or size of which no film can be made.
    """
    width, height = size
    if seconds <= 0 or fps <= 0 or min(size) < 64:
        raise ValueError(f"a film needs some seconds, frames a second and at least 64 pixels a side, got {seconds}, {fps}, {width}x{height}")
    options = options or Options(free=0.0)
    rng = np.random.default_rng([seed, index, 77])
    place = replace(backdrop.sample(rng, "road" if rng.random() < 0.55 else None), vehicles=())
    place = replace(place, horizon=rng.uniform(0.22, 0.42))
    camera = Camera(width * rng.uniform(0.95, 1.5), place.horizon * height, width / 2, rng.uniform(1.5, 2.7))
    effects, dark = _effects(rng, options.strength)
    return FilmParams(
        seed, index, width, height, fps, seconds, place, camera,
        traffic.sample(rng, camera, width, seconds, passes, options), _signs(rng, passes == 0),
        tuple((rng.uniform(0.1, 0.9), rng.uniform(0.008, 0.022)) for _ in range(int(rng.random() < 0.3))),
        effects, (rng.uniform(0, 0.14), rng.uniform(2, 15), rng.uniform(0, 6.3)), 1 / (rng.uniform(40, 100) if dark else math.exp(rng.uniform(4.4, 6.9))),
        optics.SensorNoise(rng.uniform(1.0, 6.0 if dark else 3.5), rng.uniform(0, 2.0), rng.uniform(0, 0.8), int(rng.integers(0, 3)), 0),
        rng.uniform(0.2, 1.2) if rng.random() < 0.3 else 0.0,
        (int(rng.integers(STAMP_SECONDS)), int(rng.integers(4))) if rng.random() < 0.4 else None,
    )  # fmt: skip


def _effects(rng: np.random.Generator, strength: float) -> tuple[tuple[degrade.Effect, ...], bool]:
    """What light, lens and camera do to every frame, and whether it is dark."""
    found = tuple(effect for effect in degrade.sample(rng, 0.7 * strength, 13.0).effects if isinstance(effect, KEPT_EFFECTS))
    return found, any(isinstance(effect, light.Tone) and effect.gain < 0.7 for effect in found)


def _signs(rng: np.random.Generator, many: bool) -> tuple[Sign, ...]:
    count = int(rng.integers(2, 6)) if many else int(rng.choice((0, 1, 2), p=(0.5, 0.3, 0.2)))
    kinds = ("place_sign", "direction_sign", "street_sign", "round_sign", "shaped_sign", "shop_sign", "house_number", "price", "blank")
    return tuple(
        Sign(
            nonplates.sample(rng, str(rng.choice(kinds))), float(rng.choice((-1, 1))) * rng.uniform(4, 8), rng.uniform(1.6, 2.8),
            rng.uniform(10, 22), rng.uniform(0.3, 0.7),
        )
        for _ in range(count)
    )  # fmt: skip


class Film:
    """A film ready to be drawn: `frames()` one after another, `passes` the truth."""

    def __init__(self, params: FilmParams) -> None:
        self.params = params
        self._actors = [Actor(actor, params.place.light) for actor in params.actors]

    def __len__(self) -> int:
        return max(round(self.params.seconds * self.params.fps), 1)

    def frames(self) -> Iterator[Image]:
        """RGB (height, width, 3), one after another."""
        return (self.frame(number) for number in range(len(self)))

    def frame(self, number: int) -> Image:
        """One frame; any may be asked for, in any order."""
        params = self.params
        rng = np.random.default_rng([params.seed, params.index, number])
        time_s = number / params.fps
        camera, (dx, dy) = self._camera(number)
        picture = self._ground.copy()
        if dx or dy:
            moved = cv2.warpAffine(picture, np.array([[1, 0, dx], [0, 1, dy]]), picture.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
            picture = np.asarray(moved, dtype=np.uint8)
        for actor in self._by_distance(camera, time_s):
            picture = actor.lay(picture, camera, time_s, params.exposure_s)
        picture = self._behind_poles(picture, (dx, dy))
        for effect in params.effects:
            picture = effect.apply(picture)
        strength, period, phase = params.drift
        gain = 1 + strength * math.sin(6.283 * time_s / period + phase)
        picture = pixels.looked_up(picture, LEVELS * 255 * gain)
        return self._stamped(self._noisy(picture, rng), time_s)

    @cached_property
    def passes(self) -> tuple[TruePass, ...]:
        """What is true of every vehicle with a plate that is seen at all."""
        found = []
        for actor in self._actors:
            worn = actor.params.worn
            if worn is None:
                continue
            seen = tuple(place for number in range(len(self)) if (place := self._seen(actor, number)) is not None)
            if seen:
                template = worn.template
                found.append(
                    TruePass(
                        "".join(actor.text_lines), actor.text_lines, template.country if template else None, template.id if template else None,
                        actor.params.route.speed == 0, seen,
                    )
                )  # fmt: skip
        return tuple(found)

    def _camera(self, number: int) -> tuple[Camera, tuple[float, float]]:
        """The camera at one frame, and by how many pixels it is shaken."""
        if not self.params.shake_px:
            return self.params.camera, (0.0, 0.0)
        dx, dy = np.random.default_rng([self.params.seed, self.params.index, number, 5]).normal(0, self.params.shake_px, 2).tolist()
        camera = self.params.camera
        return replace(camera, middle=camera.middle + dx, horizon=camera.horizon + dy), (dx, dy)

    def _by_distance(self, camera: Camera, time_s: float) -> list[Actor]:
        """Who is in the picture, the farthest first."""
        found = [(faces.distance, actor) for actor in self._actors if (faces := actor.faces(camera, time_s)) is not None]
        return [actor for _, actor in sorted(found, key=lambda pair: -pair[0])]

    def _seen(self, actor: Actor, number: int) -> PlateSeen | None:
        """The plate where it lies wholly in the picture and nothing nearer hides it."""
        params, time_s = self.params, number / self.params.fps
        camera, _ = self._camera(number)
        quad = actor.plate_quad(camera, time_s)
        assert actor.params.worn is not None
        if quad is None or quad.width_px < 8 or not _inside(quad, params.width, params.height):
            return None
        order = self._by_distance(camera, time_s)
        nearer = [other.faces(camera, time_s) for other in order[order.index(actor) + 1 :]]
        if any(face is not None and _covers(face, quad) for faces in nearer if faces is not None for face in (faces.front, faces.side, faces.roof)):
            return None
        box = quad.box
        if any(box.x0 < (x + wide / 2) * params.width and box.x1 > (x - wide / 2) * params.width for x, wide in params.poles):
            return None
        ends = [actor.plate_quad(camera, time_s + share * params.exposure_s) for share in (-0.5, 0.5)]
        glyph = glyph_height(actor.params.worn, quad)
        smear = 0.0 if ends[0] is None or ends[1] is None else float(np.linalg.norm((ends[1].array() - ends[0].array()).mean(axis=0)))
        slant = quad.width_px / quad.height_px / actor.params.worn.aspect
        return PlateSeen(number, quad, glyph >= READABLE_PX and smear < SMEARED * glyph and slant > SLANTED)

    @cached_property
    def _grain(self) -> FloatTensor:
        """Noise for frames to be cut out of at random places."""
        params = self.params
        luma, chroma = params.noise.luma, params.noise.chroma
        field = noise.grain(params.seed, params.height + GRAIN_ROOM, params.width + GRAIN_ROOM, params.noise.softness)
        return np.asarray(cv2.transform(field, np.array([[chroma + luma, 0, 0], [luma, chroma, 0], [luma, 0, chroma]])), dtype=np.float32)

    def _noisy(self, picture: Image, rng: np.random.Generator) -> Image:
        """The picture as the sensor gives it, noisier where it is bright."""
        top, left = rng.integers(0, GRAIN_ROOM, 2).tolist()
        field = self._grain[top : top + picture.shape[0], left : left + picture.shape[1]]
        shot = np.float32(self.params.noise.shot)
        return pixels.added(picture, np.asarray(cv2.multiply(field, cv2.LUT(picture, optics.SHOT * shot + 1 - shot)), dtype=np.float32))

    @cached_property
    def _ground(self) -> Image:
        """The place with its signs, empty of traffic."""
        params = self.params
        picture, _ = backdrop.render(params.place, params.height, params.width)
        for sign in sorted(params.signs, key=lambda sign: -sign.z):
            wide = sign.height * sign.drawing.aspect
            corners = np.array([[sign.x + dx * wide / 2, sign.up + dy * sign.height / 2, sign.z] for dx, dy in ((-1, 1), (1, 1), (1, -1), (-1, -1))])
            quad = Quad.from_array(params.camera.project(corners))
            foot = params.camera.project(np.array([sign.x, 0.0, sign.z]))
            middle = quad.array()[2:].mean(axis=0)
            cv2.line(picture, tuple(np.rint(middle).astype(int).tolist()), tuple(np.rint(foot).astype(int).tolist()), (120, 122, 124), 3, cv2.LINE_AA)
            art, mask = nonplates.render(sign.drawing, int(np.clip(quad.height_px * 1.3, 16, 300)))
            picture = compose.place(picture, pixels.looked_up(art, 20 + 190 * LEVELS * params.place.light), mask, quad)
        return picture

    def _behind_poles(self, picture: Image, shift: tuple[float, float]) -> Image:
        width, height = self.params.width, self.params.height
        for x, wide in self.params.poles:
            left, across = round(x * width - wide * width / 2 + shift[0]), max(round(wide * width), 2)
            tone = 70 + 45 * np.sin(np.linspace(0.3, 2.9, across))[None, :, None] * np.array([1.0, 1.0, 1.02])
            part = picture[:, max(left, 0) : left + across]
            part[:] = np.clip(tone[:, : part.shape[1]], 0, 255).astype(np.uint8)
        assert picture.shape[0] == height
        return picture

    def _stamped(self, picture: Image, time_s: float) -> Image:
        """The time that many cameras write into the picture."""
        if self.params.stamp is None:
            return picture
        start, corner = self.params.stamp
        second = int(start + time_s) % STAMP_SECONDS
        text = f"2026-07-{1 + start % 28:02d} {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        wide = sketch.text_width(text, 0.66, 0) + 0.2
        drawing = sketch.Sketch("time_stamp", wide, (sketch.Lettering(text, wide / 2, 0.5, 0.66, (250.0, 250.0, 250.0), 0),))
        high = picture.shape[0] * 0.045
        art, mask = nonplates.render(drawing, max(round(high), 12))
        x = 8.0 if corner % 2 else picture.shape[1] - high * wide - 8.0
        y = 6.0 if corner < 2 else picture.shape[0] - high - 6.0
        return compose.place(picture, art, mask, rectangle_quad(x, y, high * wide, high))


def _inside(quad: Quad, width: int, height: int) -> bool:
    box = quad.box
    return box.x0 >= 1 and box.y0 >= 1 and box.x1 <= width - 1 and box.y1 <= height - 1


def _covers(hull: Quad, plate: Quad) -> bool:
    """Whether a nearer face hides any part of a plate."""
    outline: FloatArray = hull.array().astype(np.float32)
    return any(cv2.pointPolygonTest(outline, (float(x), float(y)), False) >= 0 for x, y in _points(plate))


def _points(plate: Quad) -> Sequence[tuple[float, float]]:
    middle = plate.array().mean(axis=0).tolist()
    return [*plate.corners, (middle[0], middle[1])]
