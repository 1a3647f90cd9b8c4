"""Things that stand in front of a plate: tow balls, grille bars, straps, mud, fingers; never a whole character."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from platelight.geometry import FloatArray, Quad, apply_homography, homography
from platelight.records import Image
from platelight.synth import pixels
from platelight.synth.pixels import Colour

UNIT = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class CoverParams:
    """One object over the plate: `shape` is an outline (n, 2) in shares of the plate's width and height."""

    kind: str
    shape: tuple[tuple[float, float], ...]
    colour: Colour
    shine: float
    softness: float


def sample(rng: np.random.Generator, glyph_share: float) -> CoverParams:
    """Draw an object; `glyph_share` is a character's height as a share of the plate's and limits what may be hidden."""
    kind = str(rng.choice(("ball", "bar", "strap", "mud", "finger")))
    grey = rng.uniform(15, 110)
    colour: Colour = (grey, grey, grey * 1.04)
    if kind == "mud":
        colour = (rng.uniform(70, 120), rng.uniform(60, 95), rng.uniform(45, 75))
    if kind == "finger":
        tone = rng.uniform(0.35, 1.0)
        colour = (225 * tone, 172 * tone**1.1, 140 * tone**1.2)
    outline = {"ball": _ball, "bar": _bar, "strap": _strap, "mud": _blob, "finger": _finger}[kind](rng, glyph_share)
    points = tuple((float(x), float(y)) for x, y in outline)
    return CoverParams(kind, points, colour, rng.uniform(0, 0.7) if kind == "ball" else 0.0, rng.uniform(0.0, 0.03))


def apply(params: CoverParams, picture: Image, quad: Quad) -> Image:
    """Draw the object over the plate that lies at `quad`."""
    height, width = picture.shape[:2]
    points = apply_homography(homography(UNIT, quad.array()), np.array(params.shape)) - 0.5
    mask = np.zeros((height, width), np.float32)
    cv2.fillPoly(mask, [np.rint(points * 16).astype(np.int32)], 1.0, cv2.LINE_8, 4)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), 0.6 + params.softness * quad.height_px), dtype=np.float32)
    y = (np.arange(height, dtype=np.float32) - points[:, 1].min()) / max(float(np.ptp(points[:, 1])), 1.0)
    light = 1.25 - 0.6 * np.clip(y, 0, 1) + params.shine * 2.0 * np.exp(-(((y - 0.25) / 0.12) ** 2))
    shaded = np.broadcast_to(light[:, None, None] * np.array(params.colour, np.float32), picture.shape)
    return pixels.blend(picture, np.clip(shaded, 0, 255).astype(np.uint8), mask)


def _ball(rng: np.random.Generator, glyph_share: float) -> FloatArray:
    """A tow ball on its neck, reaching up from below over less than half a character."""
    radius = rng.uniform(0.12, 0.24)
    top = 0.5 + glyph_share / 2 - rng.uniform(0.1, 0.45) * glyph_share
    angle = np.linspace(0.15, 2 * np.pi - 0.15, 24) + np.pi / 2
    circle = np.column_stack([np.cos(angle) * radius * 0.25, np.sin(angle) * radius + top + radius])
    neck = np.array([[radius * 0.1, 1.6], [-radius * 0.1, 1.6]])
    return np.asarray(np.vstack([circle, neck[::-1]]) + np.array([rng.uniform(0.25, 0.75), 0]))


def _bar(rng: np.random.Generator, glyph_share: float) -> FloatArray:
    """A thin bar from side to side."""
    thick = rng.uniform(0.04, 0.13) * glyph_share
    y = 0.5 + rng.uniform(-0.5, 0.5) * glyph_share
    slope = rng.normal(0, 0.05)
    return np.array([[-0.3, y - slope], [1.3, y + slope], [1.3, y + slope + thick], [-0.3, y - slope + thick]])


def _strap(rng: np.random.Generator, glyph_share: float) -> FloatArray:
    """A cable or strap from top to bottom, narrower than a stroke's neighbourhood."""
    thick = rng.uniform(0.006, 0.02)
    x, lean = rng.uniform(0.05, 0.95), rng.normal(0, 0.1)
    return np.array([[x + lean, -0.6], [x + lean + thick, -0.6], [x - lean + thick, 1.6], [x - lean, 1.6]])


def _blob(rng: np.random.Generator, glyph_share: float) -> FloatArray:
    """A splash of mud, smaller than half a character."""
    angle = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    radius = glyph_share * rng.uniform(0.1, 0.24) * (1 + 0.3 * rng.standard_normal(20))
    centre = rng.uniform(0.05, 0.95), rng.uniform(0.15, 0.9)
    return np.asarray(np.column_stack([np.cos(angle) * radius * 0.28, np.sin(angle) * radius]) + centre)


def _finger(rng: np.random.Generator, glyph_share: float) -> FloatArray:
    """A fingertip or twig reaching in from above or below, over less than a third of a character."""
    reach = 0.5 - glyph_share / 2 + rng.uniform(0.0, 0.3) * glyph_share
    half = rng.uniform(0.03, 0.06)
    tip = np.column_stack([np.cos(np.linspace(0, np.pi, 9)) * half, np.sin(np.linspace(0, np.pi, 9)) * half * 2 + reach - half * 2])
    outline = np.vstack([[[half, -0.8]], tip, [[-half, -0.8]]]) + np.array([rng.uniform(0.1, 0.9), 0])
    if rng.random() < 0.7:
        outline[:, 1] = 1 - outline[:, 1]
    return np.asarray(outline)
