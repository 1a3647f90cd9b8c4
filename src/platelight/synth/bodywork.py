"""The parts of drawn vehicles: paint, glass, lamps, wheels, the place of the plate. Lengths are shares of the vehicle's width."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from platelight.synth.easel import Easel, mirrored, shade
from platelight.synth.pixels import Colour
from platelight.synth.sketch import Point, arc, rectangle

TRIM: Colour = (26.0, 27.0, 29.0)
CHROME: Colour = (205.0, 209.0, 214.0)
RED: Colour = (196.0, 16.0, 22.0)
AMBER: Colour = (232.0, 120.0, 22.0)


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


def between(low: float, high: float, share: float) -> float:
    """`share` of the way from low to high."""
    return low + (high - low) * share


def box(x0: float, y0: float, x1: float, y1: float) -> tuple[Point, ...]:
    """A rectangle by any two opposite corners."""
    return rectangle(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def shadow(easel: Easel, ground: float, half: float = 0.4) -> None:
    """What little light gets under a vehicle: a wide soft shade, and a dark one close to the ground."""
    easel.fill(arc(0.5, ground - 0.012, half, 0, 360, squeeze=0.05), (8, 8, 10), soft=0.03, opacity=0.55)
    easel.fill(arc(0.5, ground - 0.022, half * 0.96, 0, 360, squeeze=0.045), (4, 4, 5), soft=0.01, opacity=0.8)


def wheels(easel: Easel, inner: float, outer: float, top: float, bottom: float) -> None:
    """Tyres seen from behind, with the grooves of their tread and a lighter edge where they bulge."""
    for side in (-1, 1):
        x0, x1 = 0.5 + side * inner, 0.5 + side * outer
        easel.fill(box(x0, top, x1, bottom), (14, 14, 15), (34, 34, 35), curve=0.014)
        for n in range(3):
            x = x0 + (x1 - x0) * (0.25 + 0.25 * n)
            easel.line([(x, top), (x, bottom - 0.012)], (8, 8, 8), 0.006, soft=0.001, opacity=0.8)
        easel.fill(box(x0, bottom - 0.05, x1, bottom - 0.03), (60, 60, 62), soft=0.012, opacity=0.25, inside=True)


def body(easel: Easel, params: VehicleParams, half: list[Point]) -> None:
    """Paint that mirrors the sky above and the ground below, with flanks that turn away into the dark."""
    outline = mirrored(half)
    easel.fill(outline, shade(params.paint, 1.06, 8), shade(params.paint, 0.55), curve=0.014)
    top, bottom = half[0][1], half[-1][1]
    widest = max(x for x, _ in half)
    easel.fill(box(0, top + (bottom - top) * 0.8, 1, bottom), shade(params.paint, 0.25), soft=0.05, opacity=0.3, inside=True)
    for side in (-1, 1):
        x0, x1 = 0.5 + side * widest, 0.5 + side * (widest - 0.09)
        flank = [(x0, top), (x1, top), (x1 + side * 0.03, bottom), (x0, bottom)]
        easel.fill(flank, shade(params.paint, 0.3), soft=0.035, opacity=0.45, inside=True)
        rim = [(x0, top), (x0 - side * 0.012, top), (x0 - side * 0.012, bottom), (x0, bottom)]
        easel.fill(rim, params.sky, soft=0.008, opacity=0.22, inside=True)
    edge = [(0.5 - x, y + 0.006) for x, y in reversed(half[:2])] + [(0.5 + x, y + 0.006) for x, y in half[:2]]
    easel.line(edge, params.sky, 0.005, soft=0.003, opacity=0.35)


def sheen(easel: Easel, params: VehicleParams, y: float, half_width: float, thick: float, strength: float) -> None:
    """A bright band where a curved panel mirrors the sky."""
    points = mirrored([(half_width * 0.9, y), (half_width, y + thick * 0.5), (half_width * 0.9, y + thick)])
    easel.fill(points, params.sky, soft=thick * 0.45, opacity=strength)


def crease(easel: Easel, params: VehicleParams, points: list[Point], thick: float = 0.012) -> None:
    """A fold in the sheet metal: light above, dark below."""
    easel.line([(x, y - thick * 0.35) for x, y in points], shade(params.paint, 1.15, 28), thick * 0.5, soft=thick * 0.35, opacity=0.55)
    easel.line([(x, y + thick * 0.35) for x, y in points], shade(params.paint, 0.4), thick * 0.6, soft=thick * 0.4, opacity=0.5)


def seam(easel: Easel, params: VehicleParams, points: list[Point], closed: bool = False) -> None:
    """The gap between two panels, its lower edge catching the light."""
    easel.line([(x, y + 0.003) for x, y in points], shade(params.paint, 1.1, 24), 0.003, soft=0.001, closed=closed, opacity=0.5)
    easel.line(points, shade(params.paint, 0.12), 0.004, soft=0.001, closed=closed, opacity=0.9)


def glass(easel: Easel, params: VehicleParams, half: list[Point]) -> None:
    """A window: dark, roofs and trees mirrored against the sky in it, seats behind it, printed dots along its rim."""
    outline = mirrored(half)
    easel.fill(outline, (9, 10, 11), curve=0.014)
    top, base = half[0][1], half[-1][1]
    height = base - top
    inner = mirrored([(x - 0.013, y + (0.012 if n == 0 else -0.012)) for n, (x, y) in enumerate(half)])
    easel.fill(inner, shade(params.sky, 0.5), (26, 30, 33), curve=0.01)
    for side in (-0.17, 0.17):
        x = 0.5 + side
        easel.fill(rectangle(x - 0.075, base - height * 0.26, x + 0.075, base - 0.014), (15, 16, 17), curve=0.02, opacity=0.75)
        easel.fill(rectangle(x - 0.045, base - height * 0.52, x + 0.045, base - height * 0.3), (15, 16, 17), curve=0.016, opacity=0.75)
    skyline = [(0.5 + 0.5 * half[-1][0] * (n / 8 - 1) * 2, base - height * (0.3 + 0.25 * ((params.form[n % 16] * 7) % 1))) for n in range(17)]
    easel.fill([*skyline, (1.0, base), (0.0, base)], (20, 24, 24), soft=0.007, opacity=0.3, inside=True)
    slant = 0.1 * params.form[0] - 0.3
    x = 0.5 + slant
    easel.fill([(x, top + 0.02), (x + 0.08, top + 0.02), (x + 0.2, base - 0.02), (x + 0.12, base - 0.02)], params.sky, soft=0.012, opacity=0.13)
    easel.fill([(x + 0.1, top + 0.02), (x + 0.12, top + 0.02), (x + 0.24, base - 0.02), (x + 0.22, base - 0.02)], params.sky, soft=0.008, opacity=0.1)


def lamp(easel: Easel, outline: list[Point], colour: Colour, lit: bool) -> None:
    """A lens in its dark housing, with the facets of the mirror behind it and a bright spot where it is lit."""
    easel.fill(outline, shade(colour, 0.3), shade(colour, 0.18), curve=0.008)
    points = np.array(outline)
    centre = points.mean(axis=0)
    inner = centre + (points - centre) * 0.86
    shape = [(float(x), float(y)) for x, y in inner]
    easel.fill(shape, shade(colour, 1.0, 18), shade(colour, 0.66), curve=0.008)
    left, right, top, bottom = inner[:, 0].min(), inner[:, 0].max(), inner[:, 1].min(), inner[:, 1].max()
    for n in range(1, 6):
        y = float(top + (bottom - top) * n / 6)
        easel.line([(float(left) + 0.012, y), (float(right) - 0.012, y)], shade(colour, 0.55), 0.002, opacity=0.45)
    glint = float(top + 0.16 * (bottom - top))
    easel.fill(rectangle(float(left) + 0.012, glint, float(right) - 0.012, glint + 0.01), (255, 240, 236), soft=0.005, opacity=0.5)
    if lit:
        x, y = centre
        easel.fill(arc(float(x), float(y), 0.042, 0, 360), shade(colour, 1.1, 130), soft=0.016, opacity=0.95)
        easel.fill(shape, shade(colour, 1.1, 90), soft=0.014, opacity=0.5)


def recess(easel: Easel, params: VehicleParams, x: float, y: float, width: float, height: float) -> None:
    """The hollow around the plate, dark under its upper edge."""
    dark = shade(params.paint, 0.5) if params.form[1] < 0.6 else TRIM
    outline = rectangle(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    easel.fill(outline, shade(dark, 0.45), shade(dark, 1.2), curve=0.012)
    easel.fill(rectangle(x - width / 2 + 0.01, y - height / 2, x + width / 2 - 0.01, y - height / 2 + 0.012), (5, 5, 6), soft=0.006, opacity=0.6)
    easel.line([(x - width / 2 + 0.012, y + height / 2), (x + width / 2 - 0.012, y + height / 2)], params.sky, 0.003, soft=0.002, opacity=0.4)


def room(params: VehicleParams, most_width: float, most_height: float) -> tuple[float, float]:
    """Width and height of a plate of the wanted shape, about as large as on a real car (0.3 of its width at most)."""
    width = min(0.3 if params.plate_aspect > 3 else 0.19, most_width)
    height = min(width / params.plate_aspect, most_height)
    return height * params.plate_aspect, height


def exhaust(easel: Easel, x: float, y: float) -> None:
    """The end of a pipe."""
    easel.fill(arc(x, y, 0.032, 0, 360, squeeze=0.75), CHROME, shade(CHROME, 0.5), curve=0.003)
    easel.fill(arc(x, y, 0.024, 0, 360, squeeze=0.75), (8, 8, 8), (22, 22, 22), curve=0.003)


def emblem(easel: Easel, y: float, style: float) -> None:
    """A maker's mark of nobody in particular."""
    easel.line(arc(0.5, y + 0.003, 0.022, 0, 360), (15, 15, 16), 0.006, closed=True, soft=0.002, opacity=0.5)
    easel.line(arc(0.5, y, 0.022, 0, 360), CHROME, 0.005, closed=True)
    if style < 0.5:
        turn = 360 * style + 90
        for angle in (0, 72, 144, 216, 288):
            end = 0.5 + 0.016 * math.cos(math.radians(angle + turn)), y + 0.016 * math.sin(math.radians(angle + turn))
            easel.line([(0.5, y), end], CHROME, 0.004)
    else:
        easel.fill([(0.5, y - 0.014), (0.512, y), (0.5, y + 0.014), (0.488, y)], CHROME, shade(CHROME, 0.6))


def mirrors(easel: Easel, params: VehicleParams, y: float, reach: float) -> None:
    """Side mirrors on their arms."""
    for side in (-1, 1):
        x = 0.5 + side * reach
        easel.fill(box(x - side * 0.05, y + 0.012, x - side * 0.02, y + 0.034), TRIM, curve=0.004)
        easel.fill(box(x - side * 0.035, y - 0.02, x + side * 0.04, y + 0.035), shade(params.paint, 1.0, 8), shade(params.paint, 0.45), curve=0.014)
        easel.fill(box(x - side * 0.025, y - 0.012, x + side * 0.03, y - 0.004), params.sky, soft=0.004, opacity=0.4)
