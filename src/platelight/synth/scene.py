"""Whole pictures: plates and things that are not plates in a background, and photos whose plates are replaced."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from platelight.dataset import LabelledImage, PlateLabel
from platelight.geometry import Box, Quad
from platelight.records import Image
from platelight.synth import backdrop, compose, cover, degrade, light, nonplates, photos, pixels, plate, pose, surround
from platelight.synth.generate import LEVELS, Drawn, Options, choose_plate, glyph_height, label, render_for
from platelight.synth.replate import fitting, place_of, replate

READABLE_PX = 7.0  # character height below which a person could not be sure of the text
LARGEST_DRAWN = 2000  # longer sides are drawn at a whole fraction of their size and enlarged
GRAIN = 5.0  # standard deviation of the noise that makes a file as large as a camera's
SIDES = (320, 416, 512, 640, 800, 960)


def draw_scene(seed: int, index: int, options: Options | None = None) -> tuple[Image, LabelledImage]:
    """A picture of 320 to 960 pixels with 0 to 3 plates and other lettering: RGB (H, W, 3) and its labels."""
    drawn = compose_scene(seed, index, options or Options())
    return drawn.jpeg.apply(drawn.image), drawn.record(f"{index:07d}.jpg")


def compose_scene(seed: int, index: int, options: Options) -> Drawn:
    """As `draw_scene`, but before the file's compression."""
    rng = np.random.default_rng([seed, index])
    if options.scenes is not None and rng.random() < (0.6 if options.backgrounds is not None else 0.75):
        return _replated(rng, options)
    if options.backgrounds is not None and rng.random() < 0.75:
        picture, labels = _on_photo(rng, options)
        mild = 0.6
    else:
        picture, labels = _on_backdrop(rng, options)
        mild = 1.0
    return _spoilt(rng, picture, labels, options.strength * mild)


def draw_photo(seed: int, width: int, height: int) -> tuple[Image, LabelledImage]:
    """A sharp daylight picture of any size with one vehicle whose plate is a tenth to a fifth of it wide: RGB (H, W, 3) and its label."""
    rng = np.random.default_rng([seed, width, height])
    reduced = max(math.ceil(max(width, height) / LARGEST_DRAWN), 1)
    while True:
        params = backdrop.sample(rng)
        picture, places = backdrop.render(replace(params, vehicles=params.vehicles[-1:]), height // reduced, width // reduced)
        if places and 0.1 < places[0].quad.width_px / picture.shape[1] < 0.2:
            break
    chosen = _plate_like(rng, places[0].aspect, Options(free=0.0))
    picture, labels = _lay_plate(rng, picture, chosen, places[0].hold(chosen.aspect), shadow=0.5)
    grain = rng.normal(0, GRAIN, (height, width, 3)).astype(np.float32)
    noisy = np.clip(cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC) + grain + 0.5, 0, 255).astype(np.uint8)
    return noisy, LabelledImage(Path("images") / f"{seed:07d}.jpg", width, height, "platelight synth", tuple(_scaled(found, reduced) for found in labels))


def replate_photo(rng: np.random.Generator, photo: Image, labels: tuple[PlateLabel, ...], options: Options) -> tuple[Image, list[PlateLabel]]:
    """The photo with every labelled plate replaced whose place is known well enough; the others keep their labels."""
    result: list[PlateLabel] = []
    for old in labels:
        quad = place_of(old)
        params = _plate_for(rng, quad, options) if quad is not None else None
        if quad is None or params is None:
            result.append(old)
            continue
        art = render_for(params, quad)
        photo, target = replate(photo, quad, art, rng)
        result.append(_visible(label(art, target), glyph_height(params, target), photo))
    return photo, result


def _replated(rng: np.random.Generator, options: Options) -> Drawn:
    assert options.scenes is not None
    pool = photos.pool(options.scenes, 960)
    number = int(rng.integers(len(pool)))
    entry = pool.entries[number]
    picture = pool.picture(number)
    scale = picture.shape[1] / entry.width
    known = tuple(_scaled(old, scale) for old in entry.plates)
    picture, labels = replate_photo(rng, picture, known, options)
    return _spoilt(rng, picture, labels, options.strength * 0.35)


def _spoilt(rng: np.random.Generator, picture: Image, labels: list[PlateLabel], strength: float) -> Drawn:
    """Degrade a whole picture; mud and specks are left out, for they sit on a plate and not on the air before it."""
    params = degrade.sample(rng, strength, _smallest_glyph(labels))
    effects = tuple(effect for effect in params.effects if not isinstance(effect, light.Dirt | light.Specks))
    return Drawn(degrade.develop(replace(params, effects=effects), picture), tuple(labels), params.jpeg)


def _scaled(old: PlateLabel, scale: float) -> PlateLabel:
    box = None if old.box is None else Box(*(value * scale for value in (old.box.x0, old.box.y0, old.box.x1, old.box.y1)))
    return replace(old, box=box, corners=None if old.corners is None else old.corners.scaled(scale))


def _plate_for(rng: np.random.Generator, quad: Quad, options: Options) -> plate.PlateParams | None:
    """A plate whose shape can take the old one's place; None where a dozen did not fit."""
    for _ in range(12):
        params = choose_plate(rng, options)
        if fitting(quad, params.aspect):
            return params
    return None


def _on_photo(rng: np.random.Generator, options: Options) -> tuple[Image, list[PlateLabel]]:
    assert options.backgrounds is not None
    height, width = _size(rng)
    picture = photos.pool(options.backgrounds, 960).patch(rng, height, width)
    return _furnish(rng, picture, options, plates=int(rng.choice(4, p=(0.15, 0.55, 0.2, 0.1))))


def _on_backdrop(rng: np.random.Generator, options: Options) -> tuple[Image, list[PlateLabel]]:
    """Drawn vehicles wear their plates where vehicles have them; a few more things hang about."""
    height, width = _size(rng)
    params = backdrop.sample(rng)
    picture, places = backdrop.render(params, height, width)
    labels: list[PlateLabel] = []
    taken: list[Box] = []
    for slot in places:
        if rng.random() < 0.96:
            chosen = _plate_like(rng, slot.aspect, options)
            quad = slot.hold(chosen.aspect)
            picture, found = _lay_plate(rng, picture, chosen, quad, shadow=0.5)
            labels += found
        taken.append(slot.quad.grown(0.3).box)
    picture = _decorate(rng, picture, taken, count=int(rng.integers(0, 3)))
    return picture, labels


def _plate_like(rng: np.random.Generator, aspect: float, options: Options) -> plate.PlateParams:
    """The first of a few plates that has about this shape, or else the nearest of them."""
    tried: list[plate.PlateParams] = []
    for _ in range(8):
        tried.append(choose_plate(rng, options))
        if abs(math.log(tried[-1].aspect / aspect)) < 0.35:
            return tried[-1]
    return min(tried, key=lambda params: abs(math.log(params.aspect / aspect)))


def _furnish(rng: np.random.Generator, picture: Image, options: Options, plates: int) -> tuple[Image, list[PlateLabel]]:
    """Hang plates and other lettering into a photo without plates, never over each other."""
    height, width = picture.shape[:2]
    taken: list[Box] = []
    labels: list[PlateLabel] = []
    for _ in range(plates):
        params = choose_plate(rng, options)
        width_px = width * math.exp(rng.uniform(math.log(0.06), math.log(0.5)))
        quad = pose.project(pose.sample(rng, 0.8), params.aspect, width_px)
        placed = _put_somewhere(rng, quad, height, width, taken, cut=rng.random() < 0.05)
        if placed is None:
            continue
        if rng.random() < 0.6:
            picture = _lay_mount(rng, picture, placed)
        picture, found = _lay_plate(rng, picture, params, placed, shadow=rng.uniform(0, 0.7))
        taken.append(placed.box)
        labels += found
    return _decorate(rng, picture, taken, count=int(rng.integers(0, 5))), labels


def _decorate(rng: np.random.Generator, picture: Image, taken: list[Box], count: int) -> Image:
    """Add things that are not plates."""
    height, width = picture.shape[:2]
    for _ in range(count):
        drawing = nonplates.sample(rng)
        flat = drawing.kind in ("time_stamp", "watermark")
        width_px = width * math.exp(rng.uniform(math.log(0.06), math.log(0.6)))
        width_px = min(width_px, 0.5 * height * drawing.aspect)
        angles = pose.PoseParams(0.0, 0.0, 0.0, 10.0) if flat else pose.sample(rng, 0.7)
        placed = _put_somewhere(rng, pose.project(angles, drawing.aspect, width_px), height, width, taken, cut=rng.random() < 0.2)
        if placed is None:
            continue
        art, mask = nonplates.render(drawing, int(np.clip(placed.height_px * 1.3, 16, 300)))
        if not flat:
            art = _daylight(rng, picture, art, placed)
        picture = compose.place(picture, art, mask, placed, 0.0 if flat else rng.uniform(0, 0.4))
        taken.append(placed.box)
    return picture


def _put_somewhere(rng: np.random.Generator, quad: Quad, height: int, width: int, taken: list[Box], cut: bool) -> Quad | None:
    """Move the quad to a free place; `cut` lets it hang over the picture's edge. None where no place was found."""
    hull = quad.box
    if hull.width >= width or hull.height >= height:
        return None
    over = 0.45 if cut else 0.0
    for _ in range(8):
        left = rng.uniform(-over * hull.width, width - (1 - over) * hull.width)
        top = rng.uniform(-over * hull.height, height - (1 - over) * hull.height)
        placed = quad.moved(left - hull.x0, top - hull.y0)
        if all(placed.box.iou(other) == 0 for other in taken):
            return placed
    return None


def _lay_plate(rng: np.random.Generator, picture: Image, params: plate.PlateParams, quad: Quad, shadow: float) -> tuple[Image, list[PlateLabel]]:
    """Hang a plate at `quad`; the list holds its label, or nothing where it lies outside the picture."""
    art, glyph_px = render_for(params, quad), glyph_height(params, quad)
    picture = compose.place(picture, _daylight(rng, picture, art.image, quad), art.mask, quad, shadow)
    if rng.random() < 0.04:
        picture = cover.apply(cover.sample(rng, min(glyph_px / quad.height_px, 1.0)), picture, quad)
    found = _visible(label(art, quad), glyph_px, picture)
    return picture, [found] if found.box is not None and found.box.area > 4 else []


def _lay_mount(rng: np.random.Generator, picture: Image, quad: Quad) -> Image:
    """A piece of bodywork or a holder behind the plate, its edge fading into the photo."""
    base = quad.grown(rng.uniform(0.04, 0.5))
    height, width = max(round(base.height_px), 8), max(round(base.width_px), 8)
    mask = np.full((height, width), 255, np.uint8)
    soft = rng.choice((0.02, 0.1, 0.25))
    mask[: max(int(height * soft / 2), 1)] = mask[-max(int(height * soft / 2), 1) :] = 0
    mask[:, : max(int(height * soft / 2), 1)] = mask[:, -max(int(height * soft / 2), 1) :] = 0
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(soft * height * 0.25, 0.6)), dtype=np.uint8)
    return compose.place(picture, surround.render(surround.sample(rng), height, width), mask, base)


def _daylight(rng: np.random.Generator, picture: Image, drawing: Image, quad: Quad) -> Image:
    """Tone a drawing to the light at its place: white comes out somewhat brighter than what surrounds it, or than most of the picture."""
    box = quad.grown(0.5).box
    part = picture[max(int(box.y0), 0) : max(int(box.y1), 1), max(int(box.x0), 0) : max(int(box.x1), 1)]
    mean = np.array([128.0] * 3) if part.size == 0 else part.reshape(-1, 3).mean(axis=0)
    level = max(float(mean.mean()), 0.8 * float(picture[::16, ::16].mean()))
    white = float(np.clip(level * rng.uniform(0.9, 1.4) + 75, 115, 255))
    black = float(np.clip(level * 0.12 + rng.normal(6, 6), 0, 60))
    cast = 1 + (np.clip(mean / max(float(mean.mean()), 1.0), 0.7, 1.3) - 1) * 0.25
    return pixels.looked_up(drawing, (black + (white - black) * LEVELS)[:, None] * cast)


def _visible(found: PlateLabel, glyph_px: float, picture: Image) -> PlateLabel:
    """The label with its box clipped to the picture and flagged `cut` where part of the plate lies outside."""
    height, width = picture.shape[:2]
    assert found.corners is not None
    hull = found.corners.box
    inside = Box(max(hull.x0, 0.0), max(hull.y0, 0.0), min(hull.x1, float(width)), min(hull.y1, float(height)))
    cut = inside.area < hull.area * 0.985
    return _readable(replace(found, box=inside, flags=(*found.flags, "cut") if cut else found.flags), glyph_px)


def _readable(found: PlateLabel, glyph_px: float) -> PlateLabel:
    """Flag text too small to be sure of."""
    return found if glyph_px >= READABLE_PX else replace(found, flags=(*found.flags, "blur", "amb"))


def _smallest_glyph(labels: list[PlateLabel]) -> float:
    heights = [0.6 * found.corners.height_px / max(found.lines or 1, 1) for found in labels if found.corners is not None]
    return max(min(heights, default=14.0), 5.0)


def _size(rng: np.random.Generator) -> tuple[int, int]:
    longest = int(rng.choice(SIDES, p=(0.1, 0.2, 0.25, 0.25, 0.1, 0.1)))
    ratio = float(rng.choice((4 / 3, 3 / 2, 16 / 9, 1.0, 3 / 4), p=(0.45, 0.15, 0.2, 0.1, 0.1)))
    width, height = (longest, round(longest / ratio)) if ratio >= 1 else (round(longest * ratio), longest)
    return height, width
