"""Rears and fronts of cars, vans and motorcycles, with the place where the plate belongs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from platelight.geometry import Quad
from platelight.records import Image
from platelight.synth.bodywork import (
    AMBER,
    CHROME,
    RED,
    TRIM,
    VehicleParams,
    between,
    body,
    box,
    crease,
    emblem,
    exhaust,
    glass,
    lamp,
    mirrors,
    recess,
    room,
    seam,
    shadow,
    sheen,
    wheels,
)
from platelight.synth.easel import Easel, mirrored, shade
from platelight.synth.motorcycle import motorcycle
from platelight.synth.sketch import arc, rectangle
from platelight.synth.surround import PAINTS

__all__ = ["HEIGHTS", "Mount", "VehicleParams", "render", "sample"]

HEIGHTS = {"rear": 0.88, "front": 0.86, "van": 1.14, "motorcycle": 1.5}
GRILLE_HEIGHT = 0.085


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
    x, y, width, height = (value * width_px for value in _DRAWN[params.kind](easel, params))
    return easel.image(), easel.mask(), Mount(x, y, width, height)


def _rear(easel: Easel, params: VehicleParams) -> tuple[float, float, float, float]:
    form = params.form
    roof, shoulder, waist = 0.03, between(0.27, 0.33, form[2]), between(0.44, 0.48, form[3])
    shadow(easel, 0.81)
    wheels(easel, 0.29, 0.425, 0.6, 0.8)
    top_half = between(0.26, 0.33, form[4])
    mirrors(easel, params, shoulder - 0.02, 0.44)
    cabin = [(top_half, roof), (top_half + 0.05, roof + 0.03), (0.4, shoulder - 0.02)]
    body(easel, params, [*cabin, (0.455, shoulder + 0.05), (0.47, waist), (0.465, 0.66), (0.42, 0.71)])
    _roof(easel, params, top_half, roof)
    glass(easel, params, [(top_half - 0.005, roof + 0.05), (top_half + 0.072, shoulder - 0.015)])
    _wiper(easel, 0.5, shoulder - 0.02, 0.16)
    sheen(easel, params, shoulder + 0.004, 0.4, 0.026, 0.5)
    seam(easel, params, mirrored([(0.345, shoulder), (0.355, waist + 0.06), (0.32, waist + 0.115)]), closed=True)
    crease(easel, params, [(0.5 - 0.335, waist - 0.01), (0.5 + 0.335, waist - 0.01)])
    lamp_in, lamp_top = between(0.26, 0.36, form[5]), shoulder + 0.035
    lamp_bottom = between(lamp_top + 0.07, waist + 0.08, form[6])
    for side in (-1, 1):
        corners = [(0.455, lamp_top), (lamp_in, lamp_top + 0.012), (lamp_in + 0.02, lamp_bottom), (0.464, lamp_bottom)]
        lamp(easel, [(0.5 + side * x, y) for x, y in corners], RED, params.lit)
        _signal(easel, side, lamp_in, lamp_top, lamp_bottom)
        easel.fill(rectangle(0.5 + side * 0.36 - 0.045, 0.64, 0.5 + side * 0.36 + 0.045, 0.652), (150, 12, 16), (96, 8, 12), curve=0.004)
    bumper = waist + 0.125
    seam(easel, params, [(0.045, bumper), (0.955, bumper)])
    sheen(easel, params, bumper + 0.01, 0.43, 0.02, 0.4)
    _apron(easel, 0.665)
    if form[7] < 0.6:
        exhaust(easel, 0.5 + (0.27 if form[7] < 0.3 else -0.27), 0.715)
    y = 0.61 + 0.012 * form[8] if params.on_bumper else waist + 0.055
    width, height = room(params, 0.33, 0.12)
    recess(easel, params, 0.5, y, width * 1.18 + 0.01, height * 1.3 + 0.012)
    if not params.on_bumper:
        handle = y - height * 0.65 - 0.022
        easel.fill(rectangle(0.4, handle, 0.6, handle + 0.014), CHROME if form[9] < 0.5 else shade(params.paint, 0.8), shade(CHROME, 0.45), curve=0.004)
    emblem(easel, shoulder + 0.045 if not params.on_bumper else waist, form[10])
    return 0.5, y, width, height


def _roof(easel: Easel, params: VehicleParams, half: float, roof: float) -> None:
    """Spoiler with the third brake light, aerial, rails."""
    easel.fill(mirrored([(half - 0.03, roof + 0.012), (half - 0.005, roof + 0.046)]), shade(params.paint, 0.95, 10), shade(params.paint, 0.6), curve=0.01)
    easel.line([(0.5 - half + 0.02, roof + 0.046), (0.5 + half - 0.02, roof + 0.046)], (8, 8, 9), 0.004, soft=0.002, opacity=0.7)
    stop = RED if not params.lit else (255.0, 90.0, 90.0)
    easel.fill(rectangle(0.44, roof + 0.03, 0.56, roof + 0.037), stop, shade(stop, 0.6), curve=0.002)
    if params.form[11] < 0.6:
        easel.fill([(0.492, roof + 0.008), (0.508, roof + 0.008), (0.503, roof - 0.02), (0.498, roof - 0.02)], shade(params.paint, 0.5), curve=0.003)
    if params.form[12] < 0.5:
        for side in (-1, 1):
            easel.line([(0.5 + side * (half - 0.02), roof - 0.005), (0.5 + side * (half + 0.03), roof + 0.012)], shade(CHROME, 0.7), 0.008)


def _wiper(easel: Easel, x: float, y: float, length: float) -> None:
    easel.line([(x, y), (x + length * 0.5, y - 0.016), (x + length, y - 0.012)], (5, 5, 6), 0.006)
    easel.fill(arc(x, y, 0.011, 0, 360), (24, 24, 26), (10, 10, 11), curve=0.002)


def _signal(easel: Easel, side: int, inner: float, top: float, bottom: float) -> None:
    """The turn signal and the reversing light in the lower part of a rear lamp."""
    y0, y1 = bottom - (bottom - top) * 0.34, bottom - (bottom - top) * 0.12
    left, right = inner + 0.03, 0.445
    middle = left + (right - left) * 0.45
    easel.fill(box(0.5 + side * left, y0, 0.5 + side * (middle - 0.004), y1), (238, 240, 240), (196, 200, 204), curve=0.003, opacity=0.85)
    easel.fill(box(0.5 + side * (middle + 0.004), y0, 0.5 + side * right, y1), AMBER, shade(AMBER, 0.7), curve=0.003, opacity=0.9)


def _apron(easel: Easel, y: float) -> None:
    """The unpainted lower edge of a bumper, ribbed."""
    easel.fill(mirrored([(0.34, y), (0.41, y + 0.025), (0.385, y + 0.07)]), (40, 41, 43), shade(TRIM, 0.4), curve=0.01)
    for x in np.linspace(0.3, 0.7, 5).tolist():
        easel.line([(x, y + 0.018), (0.5 + (x - 0.5) * 1.06, y + 0.062)], (10, 10, 11), 0.005, soft=0.001, opacity=0.7)


def _front(easel: Easel, params: VehicleParams) -> tuple[float, float, float, float]:
    form = params.form
    roof, bonnet, nose = 0.03, between(0.26, 0.31, form[2]), between(0.4, 0.44, form[3])
    shadow(easel, 0.8)
    wheels(easel, 0.31, 0.435, 0.58, 0.79)
    mirrors(easel, params, 0.26, 0.445)
    body(easel, params, [(0.3, roof), (0.34, roof + 0.03), (0.4, bonnet - 0.02), (0.45, bonnet + 0.06), (0.465, nose), (0.46, 0.66), (0.4, 0.7)])
    glass(easel, params, [(0.29, roof + 0.04), (0.385, bonnet - 0.02)])
    easel.fill(arc(0.5, roof + 0.056, 0.022, 0, 360, squeeze=0.4), (14, 14, 15), curve=0.003)
    easel.fill(mirrored([(0.375, bonnet - 0.022), (0.36, bonnet - 0.004)]), TRIM, (12, 12, 13), curve=0.006)
    for x in (0.28, 0.52):
        _wiper(easel, x, bonnet - 0.022, 0.2)
    easel.fill(mirrored([(0.37, bonnet), (0.42, nose - 0.03)]), shade(params.paint, 1.0, 26), params.paint, soft=0.008, opacity=0.9)
    sheen(easel, params, bonnet + 0.008, 0.36, 0.05, 0.5)
    for side in (-1, 1):
        crease(easel, params, [(0.5 + side * 0.2, bonnet + 0.008), (0.5 + side * 0.24, (bonnet + nose) / 2), (0.5 + side * 0.26, nose - 0.012)])
    seam(easel, params, [(0.5 - 0.43, nose - 0.024), (0.5 - 0.3, nose - 0.006), (0.5 + 0.3, nose - 0.006), (0.5 + 0.43, nose - 0.024)])
    drop, inward = between(0.05, 0.09, form[4]), between(0.24, 0.3, form[5])
    _grille(easel, params, nose, inward)
    for side in (-1, 1):
        _headlight(easel, params, side, nose, drop, inward)
    emblem(easel, nose + 0.04, form[10])
    sheen(easel, params, nose + 0.1, 0.42, 0.02, 0.4)
    easel.fill(mirrored([(0.3, 0.605), (0.36, 0.64), (0.33, 0.675)]), (14, 14, 15), (34, 34, 36), curve=0.012)
    for n in range(5):
        easel.line([(0.19, 0.614 + n * 0.012), (0.81, 0.614 + n * 0.012)], (48, 49, 51), 0.0025, opacity=0.8)
    for side in (-1, 1):
        easel.fill(arc(0.5 + side * 0.39, 0.625, 0.036, 0, 360, squeeze=0.9), (20, 20, 21), (36, 36, 38), curve=0.004)
        easel.fill(arc(0.5 + side * 0.39, 0.625, 0.023, 0, 360), (150, 155, 160), (228, 231, 234), curve=0.004)
    easel.fill(mirrored([(0.38, 0.685), (0.35, 0.705)]), TRIM, shade(TRIM, 0.5), curve=0.005)
    width, height = room(params, 0.32, 0.1)
    y = between(0.56, 0.59, form[8])
    easel.fill(rectangle(0.5 - width * 0.54, y - height * 0.62, 0.5 + width * 0.54, y + height * 0.66), TRIM, shade(TRIM, 1.5), curve=0.006)
    return 0.5, y, width, height


def _grille(easel: Easel, params: VehicleParams, nose: float, inward: float) -> None:
    shape = mirrored([(inward - 0.02, nose + 0.004), (inward - 0.05, nose + GRILLE_HEIGHT)])
    easel.fill(shape, (16, 16, 18), (8, 8, 9), curve=0.01)
    bars = int(3 + 5 * params.form[6])
    slat = CHROME if params.form[7] < 0.5 else (50.0, 51.0, 54.0)
    for n in range(bars):
        y = nose + GRILLE_HEIGHT * (n + 0.7) / (bars + 0.4)
        half = inward - 0.045 - 0.01 * n / bars
        easel.fill(rectangle(0.5 - half, y - 0.003, 0.5 + half, y + 0.0025), slat, shade(slat, 0.45), opacity=0.9)
    easel.line(shape, CHROME if params.form[13] < 0.6 else (18.0, 18.0, 19.0), 0.005, soft=0.001, closed=True, opacity=0.85)


def _headlight(easel: Easel, params: VehicleParams, side: int, nose: float, drop: float, inward: float) -> None:
    """Clear glass over a dark housing: projector, signal and a strip of day light."""
    corners = [(0.45, nose - 0.02), (inward, nose), (inward + 0.03, nose + drop), (0.457, nose + drop * 0.8)]
    outline = [(0.5 + side * x, y) for x, y in corners]
    easel.fill(outline, (120, 126, 132), (66, 70, 75), curve=0.008)
    centre = 0.5 + side * 0.375, nose + drop * 0.42
    for radius, top, bottom in ((0.03, (190, 196, 202), (240, 243, 246)), (0.021, (28, 30, 34), (96, 102, 110)), (0.009, (235, 240, 245), (200, 206, 214))):
        easel.fill(arc(*centre, min(radius, drop * 0.4), 0, 360), top, bottom, curve=0.002)
    easel.fill(arc(0.5 + side * (inward + 0.045), nose + drop * 0.5, drop * 0.24, 0, 360), AMBER, shade(AMBER, 1.0, 50), curve=0.003, opacity=0.75)
    strip = [(0.5 + side * (inward + 0.035), nose + drop * 0.88), (0.5 + side * 0.445, nose + drop * 0.7)]
    easel.line(strip, (250, 252, 255), 0.006, soft=0.002, opacity=0.95 if params.lit else 0.6)
    easel.fill(outline, params.sky, shade(params.sky, 0.6), curve=0.008, opacity=0.13)
    easel.line(outline, (10, 10, 11), 0.004, soft=0.001, closed=True, opacity=0.8)
    if params.lit:
        easel.fill(arc(*centre, 0.03, 0, 360), (255, 253, 240), soft=0.014, opacity=0.95)


def _van(easel: Easel, params: VehicleParams) -> tuple[float, float, float, float]:
    form = params.form
    shadow(easel, 1.07)
    wheels(easel, 0.27, 0.405, 0.9, 1.06)
    mirrors(easel, params, 0.36, 0.452)
    body(easel, params, [(0.36, 0.03), (0.42, 0.08), (0.44, 0.5), (0.45, 0.9), (0.43, 0.96)])
    for x in (0.3, 0.4, 0.6, 0.7):
        easel.line([(x, 0.032), (0.5 + (x - 0.5) * 1.02, 0.075)], shade(params.paint, 0.7), 0.008, soft=0.004, opacity=0.5)
    for side in (-1, 1):
        pane = box(0.5 + side * 0.05, 0.13, 0.5 + side * 0.35, 0.4)
        easel.fill(pane, (8, 9, 10), curve=0.018)
        easel.fill(box(0.5 + side * 0.06, 0.14, 0.5 + side * 0.34, 0.39), shade(params.sky, 0.42), (26, 29, 32), curve=0.014)
        ray = [(0.5 + side * x, y) for x, y in ((0.2, 0.145), (0.3, 0.145), (0.17, 0.385), (0.07, 0.385))]
        easel.fill(ray, params.sky, soft=0.012, opacity=0.12)
        easel.line(box(0.5 + side * 0.06, 0.47, 0.5 + side * 0.345, 0.72), shade(params.paint, 0.62), 0.006, soft=0.004, closed=True, opacity=0.5)
        outline = [(0.5 + side * 0.44, 0.56), (0.5 + side * 0.387, 0.56), (0.5 + side * 0.387, 0.8), (0.5 + side * 0.449, 0.8)]
        lamp(easel, outline, RED, params.lit)
        easel.fill(box(0.5 + side * 0.395, 0.7, 0.5 + side * 0.438, 0.735), AMBER, shade(AMBER, 0.7), curve=0.004)
        easel.fill(box(0.5 + side * 0.395, 0.742, 0.5 + side * 0.438, 0.78), (235, 237, 238), (190, 194, 198), curve=0.004)
        for y in (0.2, 0.47, 0.83):
            easel.fill(box(0.5 + side * 0.365, y, 0.5 + side * 0.42, y + 0.028), shade(params.paint, 0.75), shade(params.paint, 0.4), curve=0.004)
    seam(easel, params, [(0.5, 0.08), (0.5, 0.885)])
    seam(easel, params, [(0.115, 0.1), (0.095, 0.885), (0.905, 0.885), (0.885, 0.1)])
    easel.fill(rectangle(0.45, 0.058, 0.55, 0.066), RED if not params.lit else (255.0, 90.0, 90.0), curve=0.002)
    easel.fill(rectangle(0.05, 0.9, 0.95, 0.975), (58, 59, 61), (20, 20, 21), curve=0.01)
    easel.fill(rectangle(0.25, 0.905, 0.75, 0.92), (36, 37, 38), (66, 67, 69), curve=0.004)
    sheen(easel, params, 0.425, 0.4, 0.025, 0.25)
    width, height = room(params, 0.3, 0.13)
    x = 0.5 if form[8] < 0.5 else 0.5 - 0.2
    y = 0.77 if x < 0.5 else 0.825
    recess(easel, params, x, y, width * 1.12, height * 1.25)
    easel.fill(rectangle(0.53, 0.66, 0.62, 0.678), (44, 45, 47), (12, 12, 13), curve=0.005)
    return x, y, width, height


_DRAWN: dict[str, Callable[[Easel, VehicleParams], tuple[float, float, float, float]]] = {
    "rear": _rear,
    "front": _front,
    "van": _van,
    "motorcycle": motorcycle,
}
