"""The few centimetres around a plate, drawn cheaply at the size at which they are needed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from platelight.records import Image
from platelight.synth import noise, pixels
from platelight.synth.pixels import Colour

PAINTS: tuple[Colour, ...] = (
    (235, 236, 238),
    (190, 193, 197),
    (128, 131, 136),
    (70, 73, 78),
    (22, 23, 26),
    (140, 20, 24),
    (28, 50, 110),
    (90, 110, 150),
    (30, 70, 50),
    (170, 155, 130),
    (90, 60, 40),
    (230, 190, 40),
    (205, 90, 30),
    (240, 240, 232),
    (40, 40, 44),
)


@dataclass(frozen=True, slots=True)
class Panel:
    """A region with its own paint: `outline` in shares of the picture, `edge` the darkening or light along its border."""

    outline: tuple[tuple[float, float], ...]
    colour: Colour
    edge: float


@dataclass(frozen=True, slots=True)
class SurroundParams:
    """Ground paint with light falling off over it, panels upon it, and a texture of `grit` grey levels; `soft` ones are a
    little out of focus, which is also cheaper to draw."""

    paint: Colour
    slope: tuple[float, float]
    curve: float
    panels: tuple[Panel, ...]
    grit: float
    zoom: float
    seed: int
    soft: bool


def sample(rng: np.random.Generator) -> SurroundParams:
    """Draw surroundings: car paint, a recess, bumper edges, trim, or plain rough ground."""
    paint = _paint(rng)
    panels: list[Panel] = []
    if rng.random() < 0.55:
        panels.append(_recess(rng, paint))
    for _ in range(int(rng.integers(0, 4))):
        panels.append(_strip(rng, paint))
    return SurroundParams(
        paint=paint,
        slope=(rng.normal(0, 0.25), rng.normal(-0.1, 0.35)),
        curve=rng.normal(0, 0.3),
        panels=tuple(panels),
        grit=rng.gamma(1.2, 6.0) if rng.random() < 0.4 else rng.uniform(0, 4),
        zoom=rng.uniform(0.4, 3.0),
        seed=noise.seed(rng),
        soft=bool(rng.random() < 0.6),
    )


def render(params: SurroundParams, height: int, width: int) -> Image:
    """Draw the surroundings (height, width, 3)."""
    if not params.soft:
        return _render(params, height, width)
    half = _render(params, (height + 1) // 2, (width + 1) // 2)
    return np.asarray(cv2.resize(half, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _render(params: SurroundParams, height: int, width: int) -> Image:
    picture = np.empty((height, width, 3), np.uint8)
    paint = tuple(int(min(max(value, 0.0), 255.0)) for value in params.paint)
    cv2.rectangle(picture, (0, 0), (width, height), paint, -1)
    for panel in params.panels:
        points = [np.array([(round(x * width * 16), round(y * height * 16)) for x, y in panel.outline], dtype=np.int32)]
        cv2.fillPoly(picture, points, panel.colour, cv2.LINE_8, 4)
        edge = tuple(min(max(value * (1 + panel.edge), 0.0), 255.0) for value in panel.colour)
        cv2.polylines(picture, points, True, edge, max(height // 50, 1), cv2.LINE_AA, 4)
    x, y = pixels.ramp(width), pixels.ramp(height)
    factor = 1 + params.slope[0] * x[None, :] + (params.slope[1] * y + params.curve * (0.08 - y * y))[:, None]
    shaded = pixels.lit(picture, factor)
    if params.grit < 1:
        return shaded
    return pixels.added(shaded, (noise.cloud(params.seed, height, width, params.zoom) - 0.5) * (params.grit * 4))


def _paint(rng: np.random.Generator) -> Colour:
    base = np.array(PAINTS[int(rng.integers(len(PAINTS)))]) * rng.uniform(0.6, 1.1) + rng.normal(0, 6, 3)
    return float(base[0]), float(base[1]), float(base[2])


def _recess(rng: np.random.Generator, paint: Colour) -> Panel:
    """The hollow the plate sits in, or its plastic holder."""
    left, right = rng.uniform(-0.1, 0.12), rng.uniform(0.88, 1.1)
    top, bottom = rng.uniform(-0.1, 0.2), rng.uniform(0.8, 1.1)
    slant = rng.uniform(0, 0.08)
    outline = ((left + slant, top), (right - slant, top), (right, bottom), (left, bottom))
    dark = rng.uniform(0.2, 0.85)
    colour = tuple(value * dark for value in paint) if rng.random() < 0.6 else (rng.uniform(12, 50),) * 3
    return Panel(outline, (colour[0], colour[1], colour[2]), rng.normal(0, 0.4))


def _strip(rng: np.random.Generator, paint: Colour) -> Panel:
    """A horizontal edge, trim or gap above or below the plate, sometimes an upright one."""
    at, thick, lean = rng.uniform(-0.05, 1.05), rng.gamma(1.5, 0.05), rng.normal(0, 0.06)
    outline = [(-0.1, at - lean), (1.1, at + lean), (1.1, at + lean + thick), (-0.1, at - lean + thick)]
    if rng.random() < 0.2:
        outline = [(y, x) for x, y in outline]
    kind = rng.random()
    factor = rng.uniform(0.1, 0.5) if kind < 0.6 else rng.uniform(1.1, 1.5)
    colour = tuple(value * factor for value in paint) if kind < 0.9 else _paint(rng)
    return Panel(tuple(outline), (colour[0], colour[1], colour[2]), rng.normal(0, 0.3))
