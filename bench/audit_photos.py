"""Photos of adverts, drawn: one car in front, others behind it, with the plates asked for; bench/audit_drawn.py uses them."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import lru_cache

import numpy as np
from PIL import Image as Pillow

from platelight.geometry import Quad
from platelight.records import Image
from platelight.synth import backdrop, compose, degrade, light, pixels, plate, pose, vehicle
from platelight.synth.generate import LEVELS, all_templates, glyph_height, render_for

SIZE = (960, 720)
TYPES = ("ua-2015", "ua-2015", "ua-2015", "ua-2004")
LONG_PLATE = 4.6
SCENES = 80
HARD, STRENGTH, STRENGTH_HARD = 0.3, 0.8, 1.5


def new_plate(rng: np.random.Generator) -> plate.PlateParams:
    """A Ukrainian car plate of one line."""
    name = TYPES[int(rng.integers(len(TYPES)))]
    return plate.sample(next(template for template in all_templates() if template.id == name), rng)


def dealers_plate(rng: np.random.Generator) -> plate.PlateParams:
    """Something of a plate's shape that is none."""
    params = plate.sample_free(rng)
    while not 3.5 < params.aspect < 5.5:
        params = plate.sample_free(rng)
    return params


def text_of(params: plate.PlateParams) -> str:
    return "".join(plate.render(params, 32).text_lines)


def draw_photo(rng: np.random.Generator, main: plate.PlateParams | None) -> tuple[bytes, list[str]]:
    """A JPEG file with the advert's car wearing the plate `main` (none: its place is empty); and the plates of cars behind it.

    The places are `SCENES` drawn ones; plates, light, blur, noise and compression are new each time. `HARD` of the photos are
    taken from further away and spoilt more.
    """
    hard = rng.random() < HARD
    picture, far, near = _scene(int(rng.integers(SCENES)), hard)
    behind = [(place, new_plate(rng)) for place in far]
    glyphs = [20.0]
    for place, params in behind if main is None else [*behind, (near, main)]:
        quad = place.hold(params.aspect)
        picture = _hung(rng, picture, params, quad)
        glyphs.append(glyph_height(params, quad))
    sampled = degrade.sample(rng, STRENGTH_HARD if hard else STRENGTH, max(min(glyphs), 8.0))
    effects = tuple(effect for effect in sampled.effects if not isinstance(effect, light.Dirt | light.Specks))
    file = io.BytesIO()
    Pillow.fromarray(degrade.develop(replace(sampled, effects=effects), picture)).save(file, "JPEG", quality=int(rng.integers(55 if hard else 70, 92)))
    return file.getvalue(), [text_of(params) for _, params in behind]


@lru_cache(maxsize=2 * SCENES)
def _scene(number: int, hard: bool) -> tuple[Image, tuple[backdrop.Place, ...], backdrop.Place]:
    """A place with a car in front and, in a third of them, others behind; where the plates of the others belong, and the front one's."""
    rng = np.random.default_rng([77, number, hard])
    scene = backdrop.sample(rng)
    count = int(rng.choice(3, p=(0.67, 0.25, 0.08)))
    others = [_standing(rng, float(x), scene.horizon + rng.uniform(0.04, 0.12), rng.uniform(0.16, 0.24)) for x in rng.permutation((0.12, 0.88))[:count]]
    front = _standing(rng, rng.uniform(0.38, 0.62), rng.uniform(0.86, 1.02), rng.uniform(0.28, 0.4) if hard else rng.uniform(0.42, 0.68))
    picture, places = backdrop.render(replace(scene, vehicles=(*others, front)), SIZE[1], SIZE[0])
    return picture, places[:-1], places[-1]  # a car that the front one hides has no place


def _standing(rng: np.random.Generator, x: float, ground: float, width: float) -> backdrop.Standing:
    what = vehicle.sample(rng)
    while what.kind == "motorcycle":
        what = vehicle.sample(rng)
    angle = pose.PoseParams(rng.normal(0, 1.5), float(np.clip(rng.normal(0, 10), -28, 28)), rng.normal(0, 2), rng.uniform(2.5, 6))
    return backdrop.Standing(replace(what, plate_aspect=LONG_PLATE), x, ground, width, angle)


def _hung(rng: np.random.Generator, picture: Image, params: plate.PlateParams, quad: Quad) -> Image:
    """The plate in its place, as bright as its surroundings let it be."""
    art, box = render_for(params, quad), quad.grown(0.5).box
    part = picture[max(int(box.y0), 0) : max(int(box.y1), 1), max(int(box.x0), 0) : max(int(box.x1), 1)]
    level = max(float(part.mean()) if part.size else 128.0, 0.8 * float(picture[::16, ::16].mean()))
    white, black = float(np.clip(level * rng.uniform(0.9, 1.4) + 75, 115, 255)), float(np.clip(level * 0.12, 0, 60))
    return compose.place(picture, pixels.looked_up(art.image, black + (white - black) * LEVELS), art.mask, quad, 0.5)
