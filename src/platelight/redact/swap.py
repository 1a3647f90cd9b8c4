"""Swap a plate for a drawn one of the same type with a made-up number, seen and lit as the old one was."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein

from platelight import templates
from platelight.geometry import FloatArray, Quad
from platelight.records import Image, Plate
from platelight.rectify import rectify
from platelight.redact.methods import Blur
from platelight.redact.patch import Patch, full_cover, part_of, spread
from platelight.synth import compose, match, noise, pixels
from platelight.synth import plate as drawing
from platelight.synth.look import Colour, rgb
from platelight.synth.replate import covering
from platelight.templates import Template
from platelight.templates.model import plain
from platelight.verify import BELIEF, belief_in

DRAWS = 12
"""Texts that are drawn to choose from; the one that differs most from all that the old plate may have said is taken."""

RIM = 0.06
"""Share of the old plate's height by which the new one is larger on every side: corners are found so exactly, and less is left to fill."""

LEAST_DIFFERENT = 3
"""A text must differ from each of them in at least so many places."""


@dataclass(frozen=True, slots=True, eq=False)
class Swap:
    """A drawn plate with a made-up number. A find whose text or country is unknown, or that may be no plate, is blurred instead.

    `types`: the plate types to draw, None for all.
    """

    types: Sequence[Template] | None = None
    name: str = "swap"
    otherwise: Blur = field(default_factory=Blur)

    def __call__(self, picture: Image, plate: Plate, place: Quad, rng: np.random.Generator) -> Patch | None:
        template = fitting_type(picture, plate, templates.load() if self.types is None else self.types)
        lines = made_up(template, texts_of(plate), rng) if template else None
        if template is None or lines is None:
            return self.otherwise(picture, plate, place, rng)
        quad = plate.detection.quad
        art = drawing.render(drawing.sample(template, rng, lines=lines), int(np.clip(quad.height_px * 1.25, 24, 400)))
        target = covering(spread(quad, RIM), art.image.shape[1] / art.image.shape[0])
        found = part_of(picture, _around(place, target), 6 + 0.3 * target.height_px)
        if found is None:
            return None
        top, left, part, _ = found
        height, width = part.shape[:2]
        hidden = full_cover(place.moved(-left, -top), height, width, 0.8)
        ground = np.asarray(cv2.inpaint(part, (hidden > 0).astype(np.uint8), 3, cv2.INPAINT_TELEA), dtype=np.uint8)
        local = target.moved(-left, -top)
        seen, cover = compose.warp(art.image, art.mask, local, height, width)
        seen, cover = match.render(match.measure(picture, quad), seen, cover, local, noise.seed(rng))
        return Patch(top, left, pixels.blend(ground, seen, cover), np.maximum(hidden, (cover > 0).astype(np.float32)), self.name)


def fitting_type(picture: Image, plate: Plate, types: Sequence[Template]) -> Template | None:
    """Of the plate types of its country the one that looks most like it and would be read like it; None where that is unknown, or where it may be no plate."""
    if plate.text is None or plate.country is None or belief_in(plate.detection, plate.reading) < BELIEF:
        return None
    text, quad, ground = plate.text, plate.detection.quad, _ground(picture, plate.detection.quad)
    aspect = quad.width_px / max(quad.height_px, 1.0)

    def unlike(template: Template) -> float:
        shape = abs(math.log(aspect * template.size_mm[1] / template.size_mm[0]))
        lines = 0.5 * (len(template.lines) != plate.reading.lines)
        colour = float(np.linalg.norm(_shades(rgb(template.ground), rgb(template.ink)) - ground))
        stranger = 0.0 if template.id == plate.template else 0.15 if template.matches(text) else 0.5
        return shape + lines + colour + stranger - 0.1 * math.log(template.frequency)

    return min((template for template in types if template.country == plate.country), key=unlike, default=None)


def _ground(picture: Image, quad: Quad) -> FloatArray:
    """Colour of the plate's ground against the brightest that there is on the plate."""
    pixels = rectify(picture, quad, 64, 32, margin=-0.1).pixels.reshape(-1, 3).astype(np.float64)
    white = max(float(np.percentile(pixels.max(axis=1), 95)), 1.0)
    return np.asarray(np.clip(np.median(pixels, axis=0) / white, 0, 1))


def _shades(ground: Colour, ink: Colour) -> FloatArray:
    return np.asarray(ground, dtype=np.float64) / max(*ground, *ink, 1)


def texts_of(plate: Plate) -> set[str]:
    """All that the plate may say."""
    texts = {plate.text, plate.reading.text, *(candidate.text for candidate in plate.decoding.candidates)}
    return {text for text in texts if text}


def made_up(template: Template, avoided: set[str], rng: np.random.Generator) -> tuple[str, ...] | None:
    """Lines of a number of that type, unlike all `avoided`; None where the type has none that differs enough."""
    drawn = [template.sample(rng) for _ in range(DRAWS)]
    distances = [min((Levenshtein.distance("".join(map(plain, lines)), text) for text in avoided), default=LEAST_DIFFERENT) for lines in drawn]
    best = int(np.argmax(distances))
    return drawn[best] if distances[best] >= LEAST_DIFFERENT else None


def _around(first: Quad, second: Quad) -> Quad:
    points = np.concatenate([first.array(), second.array()])
    (x0, y0), (x1, y1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return Quad(((x0, y0), (x1, y0), (x1, y1), (x0, y1)))
