"""Drawn, labelled pictures by seed and index: the same seed gives the same picture, whoever asks and in whatever order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from platelight.dataset import LabelledImage, PlateLabel
from platelight.geometry import Quad
from platelight.records import Image
from platelight.synth import compose, cover, degrade, nonplates, photos, pixels, plate, pose, surround
from platelight.synth.optics import Jpeg
from platelight.templates import Template, load
from platelight.templates.model import plain

LEVELS = np.arange(256) / 255
LEAST_RENDER_PX = 24
MOST_RENDER_PX = 240
LEAST_GLYPH_PX = 7.5
COVERED = 0.05  # share of plates with something in front of them


@dataclass(frozen=True, slots=True)
class Options:
    """What to draw from: `countries` (all if None), folders of photos in the labelled format, the share of plates that
    follow no template, the `strength` of degradation, and `holdout` for the faces kept out of training."""

    countries: tuple[str, ...] | None = None
    backgrounds: Path | None = None
    scenes: Path | None = None
    free: float = 0.12
    strength: float = 1.0
    holdout: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A picture before its last step through a JPEG file, its labels, and that step."""

    image: Image
    labels: tuple[PlateLabel, ...]
    jpeg: Jpeg

    def record(self, name: str) -> LabelledImage:
        height, width = self.image.shape[:2]
        return LabelledImage(Path("images") / name, width, height, "platelight synth", self.labels)


def draw_plate(seed: int, index: int, options: Options | None = None) -> tuple[Image, LabelledImage]:
    """One plate with a little of its surroundings, spoilt as photos are: RGB (H, W, 3) and its label with corners and text."""
    drawn = compose_plate(seed, index, options or Options())
    return drawn.jpeg.apply(drawn.image), drawn.record(f"{index:07d}.jpg")


def compose_plate(seed: int, index: int, options: Options) -> Drawn:
    """As `draw_plate`, but before the file's compression."""
    rng = np.random.default_rng([seed, index])
    chosen = choose_plate(rng, options)
    quad, height, width = _frame(rng, _posed(rng, chosen))
    art = render_for(chosen, quad)
    glyph_px = glyph_height(chosen, quad)
    picture = compose.place(_surroundings(rng, options, height, width), _lit(rng, art.image), art.mask, quad, shadow=max(rng.uniform(-0.3, 0.8), 0.0))
    if rng.random() < COVERED * min(options.strength, 1.0):
        picture = cover.apply(cover.sample(rng, glyph_share=glyph_px / quad.height_px), picture, quad)
    params = degrade.sample(rng, options.strength, glyph_px)
    return Drawn(degrade.develop(params, picture), (label(art, quad),), params.jpeg)


def draw_nonplate(seed: int, index: int, options: Options | None = None) -> tuple[Image, LabelledImage]:
    """Something that is no plate, framed and spoilt as `draw_plate` does with plates: RGB (H, W, 3) and a label without plates."""
    drawn = compose_nonplate(seed, index, options or Options())
    return drawn.jpeg.apply(drawn.image), drawn.record(f"{index:07d}.jpg")


def compose_nonplate(seed: int, index: int, options: Options) -> Drawn:
    """As `draw_nonplate`, but before the file's compression."""
    rng = np.random.default_rng([seed, index])
    drawing = nonplates.sample(rng)
    width_px = float(np.clip(np.exp(rng.normal(np.log(112), 0.45)), 30, 300))
    quad, height, width = _frame(rng, pose.project(pose.sample(rng), drawing.aspect, min(width_px, 150 * drawing.aspect)))
    picture = _surroundings(rng, options, height, width)
    if options.backgrounds is None or rng.random() < 0.8:
        art, mask = nonplates.render(drawing, int(np.clip(quad.height_px * 1.25, LEAST_RENDER_PX, 240)))
        picture = compose.place(picture, _lit(rng, art), mask, quad, shadow=rng.uniform(0, 0.5))
    params = degrade.sample(rng, options.strength, max(0.5 * quad.height_px, 5.0))
    return Drawn(degrade.develop(params, picture), (), params.jpeg)


def choose_plate(rng: np.random.Generator, options: Options) -> plate.PlateParams:
    """A plate of the world, or of `options.countries`; without countries some follow no template."""
    if options.countries is None and rng.random() < options.free:
        return plate.sample_free(rng, holdout=options.holdout)
    return plate.sample(plate.choose(rng, all_templates(), options.countries), rng, holdout=options.holdout)


def render_for(params: plate.PlateParams, quad: Quad) -> plate.PlateArt:
    """The plate drawn a little larger than it will be seen at `quad`."""
    return plate.render(params, int(min(max(quad.height_px * 1.25, LEAST_RENDER_PX), MOST_RENDER_PX)))


def glyph_height(params: plate.PlateParams, quad: Quad) -> float:
    """How high the lowest line's characters stand in the picture, in pixels, less where they are squeezed sideways."""
    by_height = min(params.heights) * quad.height_px
    by_width = 1.6 * quad.width_px / (_longest(params) + 1)
    return max(min(by_height, by_width), 2.0)


def label(art: plate.PlateArt, quad: Quad, flags: tuple[str, ...] = ()) -> PlateLabel:
    """The label of a drawn plate that lies at `quad`."""
    template = art.template
    return PlateLabel(
        box=quad.box,
        corners=quad,
        text="".join(art.text_lines),
        text_lines=art.text_lines,
        lines=len(art.text_lines),
        country=template.country if template else None,
        region=template.region if template else None,
        template=template.id if template else None,
        flags=flags,
    )


def _posed(rng: np.random.Generator, params: plate.PlateParams) -> Quad:
    """Corners about the origin: mostly 60 to 200 pixels wide, 30 to 300 at most, and large enough to be read."""
    width_px = min(max(math.exp(rng.normal(math.log(112), 0.45)), 30.0), 300.0)
    quad = pose.project(pose.sample(rng), params.aspect, width_px)
    return quad.scaled(max(LEAST_GLYPH_PX / glyph_height(params, quad), 1.0))


def _longest(params: plate.PlateParams) -> int:
    return max(len(plain(line)) for line in params.lines)


def _frame(rng: np.random.Generator, quad: Quad) -> tuple[Quad, int, int]:
    """Move the quad into a picture with margins of 5 to 60 % of the plate's height (sideways up to its own height)."""
    hull = quad.box
    size = quad.height_px
    left, top, right, bottom = (side * size * rng.uniform(0.05, 0.6) * (0.4 if rng.random() < 0.5 else 1.0) for side in (1.5, 1.0, 1.5, 1.0))
    width, height = max(round(hull.width + left + right), 16), max(round(hull.height + top + bottom), 12)
    return quad.moved(left - hull.x0, top - hull.y0), height, width


def _surroundings(rng: np.random.Generator, options: Options, height: int, width: int) -> Image:
    if options.backgrounds is not None and rng.random() < 0.5:
        return photos.pool(options.backgrounds, 320).patch(rng, height, width)
    return surround.render(surround.sample(rng), height, width)


def _lit(rng: np.random.Generator, art: Image) -> Image:
    """A plate rarely reaches the full white and black of a drawing."""
    white, black = rng.uniform(180, 255), rng.uniform(0, 40)
    return pixels.looked_up(art, black + (white - black) * LEVELS)


@cache
def all_templates() -> tuple[Template, ...]:
    """Every plate type, loaded once in this process."""
    return tuple(load())
