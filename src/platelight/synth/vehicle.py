"""Rears and fronts of cars, vans and motorcycles, with the place where the plate belongs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from platelight.geometry import Quad
from platelight.records import Image
from platelight.synth.easel import Easel, mirrored, shade
from platelight.synth.pixels import Colour
from platelight.synth.sketch import Point, arc, rectangle
from platelight.synth.surround import PAINTS

HEIGHTS = {"rear": 0.86, "front": 0.84, "van": 1.12, "motorcycle": 1.5}
TRIM: Colour = (26.0, 27.0, 29.0)
CHROME: Colour = (205.0, 209.0, 214.0)


@dataclass(frozen=True, slots=True)
class VehicleParams:
    """One vehicle. `form` holds proportions, each 0 to 1; `on_bumper` and `plate_aspect` say where the plate sits and its shape."""

    kind: str
    paint: Colour
    sky: Colour
    form: tuple[float, ...]
    on_bumper: bool
    plate_aspect: float
    lit: bool


@dataclass(frozen=True, slots=True)
class Mount:
    """Where the plate belongs, in pixels of the rendered vehicle: centre, width and height of the room for it."""

    x: float
    y: float
    width: float
    height: float

    @property
    def quad(self) -> Quad:
        half_x, half_y = self.width / 2, self.height / 2
        return Quad.from_array([[self.x + dx * half_x, self.y + dy * half_y] for dx, dy in ((-1, -1), (1, -1), (1, 1), (-1, 1))])


def sample(rng: np.random.Generator) -> VehicleParams:
    """Draw a vehicle."""
    kind = str(rng.choice(("rear", "front", "van", "motorcycle"), p=(0.45, 0.3, 0.15, 0.1)))
    base = np.array(PAINTS[int(rng.integers(len(PAINTS)))]) * rng.uniform(0.75, 1.05)
    aspect = float(rng.choice((4.6, 2.0, 1.45), p=(0.68, 0.2, 0.12))) if kind != "motorcycle" else float(rng.choice((1.35, 1.8)))
    return VehicleParams(
        kind=kind,
        paint=(float(base[0]), float(base[1]), float(base[2])),
        sky=(rng.uniform(150, 225), rng.uniform(170, 230), rng.uniform(190, 245)),
        form=tuple(rng.random(16).tolist()),
        on_bumper=bool(rng.random() < 0.35),
        plate_aspect=aspect,
        lit=bool(rng.random() < 0.25),
    )


def render(params: VehicleParams, width_px: int) -> tuple[Image, Image, Mount]:
    """Pixels (h, w, 3), coverage (h, w) 0 to 255, and the plate's place."""
    easel = Easel(width_px, round(width_px * HEIGHTS[params.kind]))
    place = {"rear": _rear, "front": _front, "van": _van, "motorcycle": _motorcycle}[params.kind](easel, params)
    x, y, width, height = (value * width_px for value in place)
    return easel.image(), easel.mask(), Mount(x, y, width, height)


def _between(low: float, high: float, share: float) -> float:
    return low + (high - low) * share


def _wheels(easel: Easel, inner: float, outer: float, top: float, bottom: float) -> None:
    for side in (-1, 1):
        x0, x1 = 0.5 + side * inner, 0.5 + side * outer
        easel.fill(rectangle(min(x0, x1), top, max(x0, x1), bottom), (16, 16, 17), (30, 30, 31), curve=0.012)


def _body(easel: Easel, params: VehicleParams, half: list[Point]) -> None:
    """Paint with the sky mirrored on the upper side, a darker belly and rounded flanks."""
    outline = mirrored(half)
    easel.fill(outline, shade(params.paint, 1.05, 6), shade(params.paint, 0.62), curve=0.014)
    top, bottom = half[0][1], half[-1][1]
    widest = max(x for x, _ in half)
    for side in (-1, 1):
        x0, x1 = 0.5 + side * widest, 0.5 + side * (widest - 0.1)
        easel.fill([(x0, top), (x1, top), (x1 + side * 0.03, bottom), (x0, bottom)], shade(params.paint, 0.35), soft=0.035, opacity=0.4, inside=True)


def _sheen(easel: Easel, params: VehicleParams, y: float, half_width: float, thick: float, strength: float) -> None:
    """A bright band where a curved panel mirrors the sky."""
    points = mirrored([(half_width * 0.9, y), (half_width, y + thick * 0.5), (half_width * 0.9, y + thick)])
    easel.fill(points, params.sky, soft=thick * 0.45, opacity=strength)


def _glass(easel: Easel, params: VehicleParams, half: list[Point]) -> None:
    """A window: dark, the sky mirrored in its upper part, head-rests behind it."""
    outline = mirrored(half)
    easel.fill(outline, (12, 13, 15), curve=0.012)
    inner = mirrored([(x - 0.012, y + (0.012 if n == 0 else -0.012)) for n, (x, y) in enumerate(half)])
    easel.fill(inner, shade(params.sky, 0.42), (24, 28, 31), curve=0.01)
    base, height = half[-1][1], half[-1][1] - half[0][1]
    for side in (-0.17, 0.17):
        x = 0.5 + side
        easel.fill(rectangle(x - 0.055, base - height * 0.5, x + 0.055, base - 0.014), (14, 15, 16), curve=0.014, opacity=0.7)
    slant = 0.1 * params.form[0] - 0.3
    x, top = 0.5 + slant, half[0][1]
    easel.fill([(x, top), (x + 0.08, top), (x + 0.2, base), (x + 0.12, base)], params.sky, soft=0.02, opacity=0.12)


def _lamp(easel: Easel, outline: list[Point], colour: Colour, lit: bool) -> None:
    easel.fill(outline, shade(colour, 0.35), shade(colour, 0.25), curve=0.008)
    points = np.array(outline)
    inner = points.mean(axis=0) + (points - points.mean(axis=0)) * 0.84
    easel.fill([(float(x), float(y)) for x, y in inner], shade(colour, 1.0, 18), shade(colour, 0.72), curve=0.008)
    top = inner[:, 1].min() + 0.22 * np.ptp(inner[:, 1])
    easel.fill(rectangle(float(inner[:, 0].min()), float(top), float(inner[:, 0].max()), float(top + 0.012)), (255, 235, 230), soft=0.006, opacity=0.45)
    if lit:
        x, y = points.mean(axis=0)
        easel.fill(arc(float(x), float(y), 0.05, 0, 360), shade(colour, 1.1, 130), soft=0.022, opacity=0.95)


def _recess(easel: Easel, params: VehicleParams, x: float, y: float, width: float, height: float) -> None:
    """The hollow around the plate, lit from below its upper edge by two small lamps."""
    dark = shade(params.paint, 0.5) if params.form[1] < 0.6 else TRIM
    easel.fill(rectangle(x - width / 2, y - height / 2, x + width / 2, y + height / 2), shade(dark, 0.6), shade(dark, 1.15), curve=0.012)
    easel.line([(x - width / 2 + 0.01, y + height / 2), (x + width / 2 - 0.01, y + height / 2)], params.sky, 0.003, soft=0.002, opacity=0.35)


def _room(params: VehicleParams, most_width: float, most_height: float) -> tuple[float, float]:
    """Width and height of a plate of the wanted shape, about as large as on a real car (0.3 of its width at most)."""
    width = min(0.3 if params.plate_aspect > 3 else 0.19, most_width)
    height = min(width / params.plate_aspect, most_height)
    return height * params.plate_aspect, height


def _rear(easel: Easel, params: VehicleParams) -> tuple[float, float, float, float]:
    form = params.form
    roof, shoulder, waist = 0.03, _between(0.27, 0.33, form[2]), _between(0.44, 0.48, form[3])
    _shadow(easel, 0.8)
    _wheels(easel, 0.3, 0.43, 0.6, 0.8)
    top_half = _between(0.26, 0.33, form[4])
    cabin = [(top_half, roof), (top_half + 0.05, roof + 0.03), (0.4, shoulder - 0.02)]
    _body(easel, params, [*cabin, (0.46, shoulder + 0.05), (0.47, waist), (0.465, 0.66), (0.42, 0.71)])
    _glass(easel, params, [(top_half - 0.01, roof + 0.045), (top_half + 0.07, shoulder - 0.015)])
    _sheen(easel, params, shoulder + 0.012, 0.4, 0.03, 0.55)
    lid = mirrored([(0.34, shoulder + 0.01), (0.35, waist + 0.06), (0.31, waist + 0.115)])
    easel.line(lid, shade(params.paint, 0.25), 0.004, soft=0.001, closed=True, opacity=0.9)
    lamp_in, lamp_top = _between(0.26, 0.36, form[5]), shoulder + 0.035
    lamp_bottom = _between(lamp_top + 0.07, waist + 0.08, form[6])
    for side in (-1, 1):
        corners = [(0.455, lamp_top), (lamp_in, lamp_top + 0.012), (lamp_in + 0.02, lamp_bottom), (0.462, lamp_bottom)]
        _lamp(easel, [(0.5 + side * x, y) for x, y in corners], (190, 18, 22), params.lit)
        easel.fill(rectangle(0.5 + side * 0.36 - 0.045, 0.635, 0.5 + side * 0.36 + 0.045, 0.65), (150, 12, 16), curve=0.004)
    bumper = waist + 0.125
    easel.line([(0.04, bumper), (0.96, bumper)], shade(params.paint, 0.3), 0.005, soft=0.0015)
    _sheen(easel, params, bumper + 0.008, 0.43, 0.022, 0.45)
    easel.fill(mirrored([(0.34, 0.665), (0.4, 0.69), (0.38, 0.735)]), TRIM, shade(TRIM, 0.5), curve=0.01)
    if form[7] < 0.6:
        _exhaust(easel, 0.5 + (0.27 if form[7] < 0.3 else -0.27), 0.715)
    y = 0.61 + 0.015 * form[8] if params.on_bumper else waist + 0.055
    width, height = _room(params, 0.33, 0.12)
    _recess(easel, params, 0.5, y, width * 1.18 + 0.01, height * 1.3 + 0.012)
    if not params.on_bumper:
        handle = y - height * 0.65 - 0.022
        easel.fill(rectangle(0.4, handle, 0.6, handle + 0.014), CHROME if form[9] < 0.5 else shade(params.paint, 0.8), curve=0.004)
    _emblem(easel, shoulder + 0.045 if not params.on_bumper else waist, form[10])
    return 0.5, y, width, height


def _front(easel: Easel, params: VehicleParams) -> tuple[float, float, float, float]:
    form = params.form
    roof, bonnet, nose = 0.03, _between(0.26, 0.31, form[2]), _between(0.4, 0.44, form[3])
    _shadow(easel, 0.8)
    _wheels(easel, 0.32, 0.44, 0.58, 0.79)
    for side in (-1, 1):
        x = 0.5 + side * 0.44
        easel.fill(rectangle(x - 0.04, 0.235, x + 0.04, 0.285), shade(params.paint, 0.9), shade(params.paint, 0.5), curve=0.012)
    _body(easel, params, [(0.3, roof), (0.34, roof + 0.03), (0.4, bonnet - 0.02), (0.45, bonnet + 0.06), (0.465, nose), (0.46, 0.66), (0.4, 0.7)])
    _glass(easel, params, [(0.29, roof + 0.04), (0.385, bonnet - 0.02)])
    easel.fill(mirrored([(0.37, bonnet), (0.42, nose - 0.03)]), shade(params.paint, 1.0, 26), params.paint, soft=0.008, opacity=0.9)
    _sheen(easel, params, bonnet + 0.008, 0.36, 0.05, 0.5)
    for side in (-1, 1):
        easel.line([(0.5 + side * 0.2, bonnet + 0.01), (0.5 + side * 0.26, nose - 0.01)], shade(params.paint, 0.6), 0.004, soft=0.003, opacity=0.7)
    drop, inward = _between(0.05, 0.09, form[4]), _between(0.24, 0.3, form[5])
    for side in (-1, 1):
        corners = [(0.45, nose - 0.02), (inward, nose), (inward + 0.03, nose + drop), (0.455, nose + drop * 0.8)]
        _lamp(easel, [(0.5 + side * x, y) for x, y in corners], (196, 206, 214), params.lit)
        easel.fill(arc(0.5 + side * 0.36, nose + drop * 0.45, 0.026, 0, 360), (60, 66, 72), (225, 230, 236), curve=0.003)
    grille = mirrored([(inward - 0.02, nose + 0.004), (inward - 0.05, nose + 0.085)])
    easel.fill(grille, (22, 22, 24), (10, 10, 11), curve=0.01)
    bars = int(3 + 5 * form[6])
    for n in range(bars):
        y = nose + 0.085 * (n + 0.7) / (bars + 0.4)
        easel.line([(0.5 - inward + 0.045, y), (0.5 + inward - 0.045, y)], CHROME if form[7] < 0.5 else (50, 51, 54), 0.0045, opacity=0.85)
    _emblem(easel, nose + 0.04, form[10])
    easel.fill(mirrored([(0.3, 0.605), (0.36, 0.64), (0.33, 0.675)]), (16, 16, 17), (32, 32, 34), curve=0.012)
    for n in range(4):
        easel.line([(0.2, 0.617 + n * 0.014), (0.8, 0.617 + n * 0.014)], (44, 45, 47), 0.003, opacity=0.8)
    for side in (-1, 1):
        easel.fill(arc(0.5 + side * 0.39, 0.625, 0.028, 0, 360), (150, 155, 160), (225, 228, 230), curve=0.004)
    _sheen(easel, params, nose + 0.1, 0.42, 0.02, 0.4)
    width, height = _room(params, 0.32, 0.1)
    y = _between(0.56, 0.59, form[8])
    easel.fill(rectangle(0.5 - width * 0.54, y - height * 0.62, 0.5 + width * 0.54, y + height * 0.66), TRIM, shade(TRIM, 1.5), curve=0.006)
    return 0.5, y, width, height


def _van(easel: Easel, params: VehicleParams) -> tuple[float, float, float, float]:
    form = params.form
    _shadow(easel, 1.06)
    _wheels(easel, 0.28, 0.41, 0.9, 1.06)
    _body(easel, params, [(0.36, 0.03), (0.42, 0.08), (0.44, 0.5), (0.45, 0.9), (0.43, 0.96)])
    for side in (-1, 1):
        easel.fill(rectangle(*sorted_x(0.5 + side * 0.05, 0.13, 0.5 + side * 0.35, 0.4)), (16, 17, 19), shade(params.sky, 0.3), curve=0.016)
        outline = [(0.5 + side * 0.44, 0.56), (0.5 + side * 0.385, 0.56), (0.5 + side * 0.385, 0.8), (0.5 + side * 0.447, 0.8)]
        _lamp(easel, outline, (190, 20, 22), params.lit)
        for y in (0.2, 0.75):
            easel.fill(rectangle(*sorted_x(0.5 + side * 0.37, y, 0.5 + side * 0.43, y + 0.03)), shade(params.paint, 0.55), curve=0.004)
    easel.line([(0.5, 0.08), (0.5, 0.88)], shade(params.paint, 0.2), 0.005, soft=0.001)
    easel.line([(0.11, 0.1), (0.09, 0.88), (0.91, 0.88), (0.89, 0.1)], shade(params.paint, 0.4), 0.004, soft=0.001)
    easel.fill(rectangle(0.05, 0.9, 0.95, 0.975), (46, 47, 49), (24, 24, 25), curve=0.01)
    _sheen(easel, params, 0.44, 0.4, 0.03, 0.3)
    width, height = _room(params, 0.3, 0.13)
    x = 0.5 if form[8] < 0.5 else 0.5 - 0.2
    y = 0.77 if x < 0.5 else 0.83
    _recess(easel, params, x, y, width * 1.12, height * 1.25)
    easel.fill(rectangle(0.53, 0.66, 0.62, 0.675), TRIM, curve=0.004)
    return x, y, width, height


def _motorcycle(easel: Easel, params: VehicleParams) -> tuple[float, float, float, float]:
    form = params.form
    _shadow(easel, 1.42)
    easel.fill(rectangle(0.42, 0.75, 0.58, 1.42), (18, 18, 19), (34, 34, 35), curve=0.03)
    for n in range(14):
        easel.line([(0.425, 0.8 + n * 0.045), (0.575, 0.82 + n * 0.045)], (9, 9, 9), 0.006, opacity=0.7)
    for side in (-1, 1):
        easel.line([(0.5 + side * 0.14, 0.7), (0.5 + side * 0.11, 1.1)], (120, 122, 126), 0.03, soft=0.002)
        _exhaust(easel, 0.5 + side * 0.24, 0.98)
        easel.line([(0.5, 0.3), (0.5 + side * 0.36, 0.24)], (32, 32, 34), 0.02)
        easel.fill(arc(0.5 + side * 0.38, 0.16, 0.06, 0, 360, squeeze=0.7), (24, 24, 26), shade(params.sky, 0.6), curve=0.006)
        easel.fill(arc(0.5 + side * 0.27, 0.62, 0.036, 0, 360), (230, 120, 20), (170, 80, 15), curve=0.004)
    _body(easel, params, [(0.1, 0.28), (0.2, 0.36), (0.24, 0.5), (0.17, 0.68), (0.11, 0.74)])
    easel.fill(mirrored([(0.13, 0.2), (0.17, 0.3), (0.14, 0.36)]), (22, 22, 23), (40, 40, 42), curve=0.02)
    _lamp(easel, mirrored([(0.13, 0.5), (0.15, 0.53), (0.1, 0.6)]), (200, 16, 20), params.lit or form[3] < 0.3)
    width, height = _room(params, 0.34, 0.3)
    width, height = width * 1.75, height * 1.75
    y = 0.68 + height / 2
    easel.fill(rectangle(0.5 - width * 0.53, y - height * 0.6, 0.5 + width * 0.53, y + height * 0.6), TRIM, shade(TRIM, 0.7), curve=0.01)
    return 0.5, y, width, height


def sorted_x(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
    """The rectangle with its left edge first."""
    return min(x0, x1), y0, max(x0, x1), y1


def _shadow(easel: Easel, ground: float) -> None:
    easel.fill(arc(0.5, ground - 0.01, 0.48, 0, 360, squeeze=0.07), (8, 8, 9), soft=0.025, opacity=0.75)


def _exhaust(easel: Easel, x: float, y: float) -> None:
    easel.fill(arc(x, y, 0.032, 0, 360, squeeze=0.75), CHROME, shade(CHROME, 0.5), curve=0.003)
    easel.fill(arc(x, y, 0.024, 0, 360, squeeze=0.75), (8, 8, 8), (22, 22, 22), curve=0.003)


def _emblem(easel: Easel, y: float, style: float) -> None:
    """A maker's mark of nobody in particular."""
    easel.line(arc(0.5, y, 0.022, 0, 360), CHROME, 0.006, closed=True)
    if style < 0.5:
        turn = 360 * style
        for angle in (0, 120, 240):
            end = 0.5 + 0.02 * math.cos(math.radians(angle + turn)), y + 0.02 * math.sin(math.radians(angle + turn))
            easel.line([(0.5, y), end], CHROME, 0.005)
    else:
        easel.line([(0.484, y), (0.516, y)], CHROME, 0.006)
