"""Places drawn by us: a road, a yard before a wall, a garage, a hedge, with vehicles that have room for a plate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from platelight.geometry import Quad, apply_homography, homography
from platelight.records import FloatTensor, Image
from platelight.synth import compose, noise, pose, vehicle
from platelight.synth.easel import Easel, mirrored, shade
from platelight.synth.pixels import Colour
from platelight.synth.scenery import bricks, foliage, gravel, house, plaster, sky
from platelight.synth.sketch import arc, rectangle


@dataclass(frozen=True, slots=True)
class Standing:
    """A vehicle at `x` (centre) and `ground` (where it stands), `width` wide, as shares of the picture's width and height."""

    what: vehicle.VehicleParams
    x: float
    ground: float
    width: float
    angle: pose.PoseParams


@dataclass(frozen=True, slots=True)
class BackdropParams:
    """A place: `kind`, the horizon's height, colours of sky, wall and ground, and the vehicles from far to near."""

    kind: str
    horizon: float
    sky: Colour
    wall: Colour
    ground: Colour
    light: float
    vehicles: tuple[Standing, ...]
    seed: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a vehicle wears its plate: the room for it as a quad in the picture, and that room's shape seen head-on."""

    quad: Quad
    aspect: float

    def hold(self, aspect: float) -> Quad:
        """The quad of a plate of ratio `aspect` in this room, as wide or as high as the room."""
        wide, high = (1.0, self.aspect / aspect) if aspect > self.aspect else (aspect / self.aspect, 1.0)
        unit = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], dtype=np.float64)
        matrix = homography(unit, self.quad.array())
        return Quad.from_array(apply_homography(matrix, unit * [wide, high]))


def sample(rng: np.random.Generator, kind: str | None = None) -> BackdropParams:
    """Draw a place with one to three vehicles."""
    kind = kind or str(rng.choice(("road", "wall", "hedge", "garage")))
    horizon = rng.uniform(0.3, 0.55)
    blue = rng.uniform(0, 1)
    return BackdropParams(
        kind=kind,
        horizon=horizon,
        sky=(235 - 90 * blue, 238 - 55 * blue, 242 - 8 * blue),
        wall=_colour(rng, ((150, 80, 60), (205, 200, 188), (180, 160, 130), (120, 122, 126), (222, 205, 160))),
        ground=_colour(rng, ((92, 92, 95), (120, 117, 112), (70, 71, 75), (150, 140, 126))),
        light=rng.uniform(0.75, 1.08),
        vehicles=_vehicles(rng, horizon),
        seed=noise.seed(rng),
    )


def render(params: BackdropParams, height: int, width: int) -> tuple[Image, tuple[Place, ...]]:
    """The picture (height, width, 3) and the places of plates, one for each vehicle whose plate is not hidden."""
    picture = _place(params, height, width)
    places: list[Place] = []
    for standing in params.vehicles:
        picture, place, hull = stand(picture, standing, params.light)
        places = [known for known in places if not _covers(hull, known.quad)]
        places.append(place)
    return picture, tuple(places)


def _colour(rng: np.random.Generator, choices: tuple[Colour, ...]) -> Colour:
    base = np.array(choices[int(rng.integers(len(choices)))]) * rng.uniform(0.8, 1.12) + rng.normal(0, 5, 3)
    return float(base[0]), float(base[1]), float(base[2])


def _vehicles(rng: np.random.Generator, horizon: float) -> tuple[Standing, ...]:
    count = int(rng.choice((1, 2, 3), p=(0.55, 0.3, 0.15)))
    found = []
    for number in range(count):
        share = (number + rng.uniform(0.2, 0.8)) / count
        near = rng.uniform(0.55, 1.15) if count == 1 else rng.uniform(0.25, 0.7)
        ground = horizon + (1.05 - horizon) * near
        angle = pose.PoseParams(rng.normal(0, 2), float(np.clip(rng.normal(0, 9), -24, 24)), rng.normal(0, 2), rng.uniform(2.5, 6))
        found.append(Standing(vehicle.sample(rng), share, ground, rng.uniform(0.5, 0.75) * near, angle))
    return tuple(sorted(found, key=lambda standing: standing.ground))


def _place(params: BackdropParams, height: int, width: int) -> Image:
    easel = Easel(width, height)
    bottom, horizon = height / width, params.horizon * height / width
    sky(easel, params.sky, horizon, params.seed)
    {"road": _road, "wall": _wall, "hedge": _hedge, "garage": _garage}[params.kind](easel, params, horizon, bottom)
    picture = easel.pixels * params.light
    haze = (noise.cloud(params.seed // 3, height, width, 2.5 * width / 640) - 0.5) * 10
    return np.asarray(np.clip(picture + haze[..., None], 0, 255), dtype=np.uint8)


def _floor(easel: Easel, params: BackdropParams, horizon: float, bottom: float) -> None:
    easel.fill(rectangle(-0.1, horizon, 1.1, bottom + 0.1), shade(params.ground, 1.15), shade(params.ground, 0.8))
    gravel(easel, horizon, params.seed, 26)


def _road(easel: Easel, params: BackdropParams, horizon: float, bottom: float) -> None:
    """Trees and houses along a street that runs to the horizon, with verges, kerbs and lane marks."""
    rng = np.random.default_rng(params.seed)
    for x in (rng.uniform(-0.1, 1.1, 10)).tolist():
        foliage(easel, rng, x, horizon - 0.02, 0.09, _colour(rng, ((70, 92, 66), (92, 108, 84))))
    for x in rng.permutation(np.linspace(-0.08, 0.95, 7)).tolist():
        size = rng.uniform(0.1, 0.22)
        if rng.random() < 0.6:
            house(easel, rng, x, horizon + 0.01, size, _colour(rng, (params.wall, (196, 186, 168), (170, 150, 130), (214, 206, 192))))
        else:
            foliage(easel, rng, x + size / 2, horizon - size * 0.45, size, _colour(rng, ((50, 78, 40), (80, 98, 50), (36, 58, 36))))
    _floor(easel, params, horizon, bottom)
    verge = _colour(rng, ((96, 112, 66), (150, 146, 138)))
    for side, reach in ((-1, rng.uniform(0.55, 0.8)), (1, rng.uniform(0.75, 1.1))):
        far, near = 0.5 + side * 0.035, 0.5 + side * reach
        outside = [(far, horizon), (0.5 + side * 1.2, horizon), (near + side * 1.6, bottom), (near, bottom)]
        easel.fill(outside, shade(verge, 1.1), shade(verge, 0.8), soft=0.002, opacity=0.9)
        kerb = [(far, horizon), (far + side * 0.004, horizon), (near + side * 0.05, bottom), (near, bottom)]
        easel.fill(kerb, (176, 174, 168), (198, 196, 190), soft=0.0015)
    for n in range(7):
        near, far = ((n + 0.5) / 7) ** 2, ((n + 0.1) / 7) ** 2
        y0, y1 = horizon + (bottom - horizon) * far, horizon + (bottom - horizon) * near
        mark = [(0.5 - 0.014 * far, y0), (0.5 + 0.014 * far, y0), (0.5 + 0.014 * near, y1), (0.5 - 0.014 * near, y1)]
        easel.fill(mark, (226, 226, 220), soft=0.0015, opacity=0.75)
    gravel(easel, horizon, params.seed // 2, 14)


def _wall(easel: Easel, params: BackdropParams, horizon: float, bottom: float) -> None:
    """Brick or plaster down to the yard's floor."""
    rng = np.random.default_rng(params.seed)
    floor = horizon + 0.08
    easel.fill(rectangle(-0.1, -0.1, 1.1, floor), shade(params.wall, 1.05), shade(params.wall, 0.85))
    if rng.random() < 0.6:
        bricks(easel, rng, params.wall, floor)
    plaster(easel, floor, params.seed)
    _floor(easel, params, floor, bottom)
    base = shade(params.wall, 0.55)
    easel.fill(rectangle(-0.1, floor - 0.045, 1.1, floor), shade(base, 1.1), shade(base, 0.8), opacity=0.85)
    easel.fill(rectangle(-0.1, floor - 0.01, 1.1, floor + 0.025), (16, 16, 16), soft=0.014, opacity=0.55)


def _hedge(easel: Easel, params: BackdropParams, horizon: float, bottom: float) -> None:
    """A hedge or the edge of a wood behind a gravel place."""
    rng = np.random.default_rng(params.seed)
    green = _colour(rng, ((48, 72, 36), (74, 92, 44), (92, 86, 48)))
    easel.fill(rectangle(-0.1, horizon * 0.55, 1.1, horizon + 0.03), shade(green, 0.7), shade(green, 0.3), soft=0.012)
    for n, x in enumerate(np.linspace(-0.05, 1.05, 20).tolist()):
        foliage(easel, rng, x + rng.normal(0, 0.02), horizon * (0.45 + 0.35 * (n % 3) / 2) + rng.normal(0, 0.012), rng.uniform(0.13, 0.24), green)
    _floor(easel, params, horizon, bottom)
    easel.fill(rectangle(-0.1, horizon - 0.01, 1.1, horizon + 0.02), (14, 16, 12), soft=0.014, opacity=0.6)
    for _ in range(40):
        x, y = rng.uniform(-0.02, 1.02), horizon + rng.gamma(1.5, 0.006)
        easel.line([(x, y), (x + rng.normal(0, 0.006), y - rng.uniform(0.008, 0.03))], shade(green, rng.uniform(0.8, 1.6)), 0.002)


def _garage(easel: Easel, params: BackdropParams, horizon: float, bottom: float) -> None:
    """A parking deck: dark ceiling, lamps, pillars with warning stripes, bays marked on the floor."""
    easel.fill(rectangle(-0.1, -0.1, 1.1, horizon + 0.1), (58, 58, 60), (104, 103, 100))
    for n in range(4):
        y, upper, lower = horizon * (0.12 + 0.2 * n), 0.1 + 0.09 * (3 - n), 0.08 + 0.07 * (3 - n)
        easel.fill(mirrored([(upper, y), (lower, y + 0.014)]), (250, 250, 240), soft=0.008)
    _floor(easel, params, horizon, bottom)
    for x in (0.08, 0.86):
        easel.fill(rectangle(x, -0.1, x + 0.075, horizon + 0.18), (176, 174, 168), (128, 126, 122), soft=0.002)
        for n in range(6):
            y = horizon + 0.02 + n * 0.026
            easel.fill([(x, y), (x + 0.075, y - 0.02), (x + 0.075, y - 0.007), (x, y + 0.013)], (230, 190, 30) if n % 2 else (24, 24, 24), opacity=0.9)
    for x in (-0.25, 0.2, 0.75, 1.2):
        easel.line([(0.5 + (x - 0.5) * 0.5, horizon + 0.03), (x, bottom)], (224, 220, 205), 0.008, soft=0.002, opacity=0.75)
    easel.fill(arc(0.5, bottom, 0.5, 180, 360, squeeze=0.35), (255, 255, 245), soft=0.08, opacity=0.12)


def stand(picture: Image, standing: Standing, light: float) -> tuple[Image, Place, Quad]:
    """Set a vehicle into the picture, turned a little away from the camera."""
    height, width = picture.shape[:2]
    width_px = max(round(standing.width * width), 40)
    art, mask, mount = vehicle.render(standing.what, width_px)
    art = np.asarray(np.clip(art.astype(np.float32) * light, 0, 255), dtype=np.uint8)
    rows, columns = mask.shape
    quad = pose.project(standing.angle, columns / rows, width_px)
    lowest = quad.array()[:, 1].max()
    quad = quad.moved(standing.x * width, standing.ground * height - lowest)
    picture = compose.place(picture, art, mask, quad)
    matrix = compose.pixel_map(columns, rows, quad)
    plate_quad = Quad.from_array(apply_homography(matrix, mount.quad.array() - 0.5) + 0.5)
    return picture, Place(plate_quad, mount.width / mount.height), quad


def _covers(hull: Quad, plate: Quad) -> bool:
    """Whether a nearer vehicle may hide a plate."""
    outline: FloatTensor = np.asarray(hull.array(), dtype=np.float32)
    reach = 0.1 * math.sqrt(hull.area)
    return any(cv2.pointPolygonTest(outline, (float(x), float(y)), True) > -reach for x, y in plate.array())
