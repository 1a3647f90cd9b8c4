"""The look of one drawn plate as values: all that `plate.render` needs, and colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platelight.geometry import FloatArray
from platelight.synth.faces import Face
from platelight.synth.layout import Spacing
from platelight.templates import Template
from platelight.templates.model import Band

Colour = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""


@dataclass(frozen=True, slots=True)
class Caption:
    """Small print above or below the characters: `x` the middle as a share of the width, `size` of the room its capitals take.

    `ground` colours the whole strip behind it.
    """

    text: str
    top: bool
    x: float
    size: float
    colour: Colour
    font: float  # 0 to 1, picks one
    ground: Colour | None = None


@dataclass(frozen=True, slots=True)
class Sticker:
    """A label in a corner (right, bottom), with text: sizes as shares of the plate's height."""

    right: bool
    bottom: bool
    width: float
    height: float
    colour: Colour
    ink: Colour
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Weather:
    """What age and dirt do: small arrays that are enlarged to the plate."""

    shade: FloatArray  # (rows, columns) brightness factors
    wear: FloatArray | None  # (rows, columns) opacity of the ink
    mud: FloatArray | None  # (rows, columns) opacity of the mud
    mud_colour: Colour
    specks: FloatArray  # (n, 4): x, y as shares of the plate, radius as share of its height, grey level
    scratches: FloatArray  # (n, 5): two ends as shares of the plate, grey level


@dataclass(frozen=True, slots=True, eq=False)
class PlateParams:
    """One drawn plate before it has a size. Lengths are shares of the plate's height unless said otherwise."""

    template: Template | None
    lines: tuple[str, ...]  # with marks
    face: Face
    print_font: float  # 0 to 1, picks one
    aspect: float  # width / height
    ground: Colour
    ink: Colour
    border: Colour | None
    border_width: float
    border_inset: float
    radius: float
    bands: tuple[Band, ...]
    band_sizes: tuple[float, ...]
    band_whole: bool  # a side band of a plate with several lines runs over its whole height
    art: str
    heights: tuple[float, ...]  # character height of each line
    letter_height: float  # letters against digits on the same line
    script_row: float  # height of a row in another script above (positive) or below (negative) the characters
    shift: float  # of all lines down, as a share of the room left above and below
    line_gap: float
    spacing: Spacing
    captions: tuple[Caption, ...]
    stickers: tuple[Sticker, ...]
    screws: tuple[tuple[float, float, float, Colour], ...]  # x, y as shares of the plate, radius, colour
    slots: bool  # long holes at the top and bottom edge
    rim: tuple[float, float, float, float]  # dealer frame over the top, right, bottom, left edge
    rim_colour: Colour
    rim_text: str
    emboss: float  # grey levels of the highlight along the strokes
    light: tuple[int, int]
    weather: Weather
    jitter: FloatArray  # (characters, 3): x, y shift and size of hand-set characters
    details: FloatArray  # (96,) 0 to 1, for grounds, seals and other small decisions


def rgb(colour: str) -> Colour:
    """`#rrggbb` as three integers."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luma(colour: Colour) -> float:
    """Brightness 0 to 255 (Rec. 601)."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """`share` of the way from the first to the second colour."""
    red, green, blue = (int(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def varied(rng: np.random.Generator, colour: Colour, spread: float) -> Colour:
    """The colour with a random change of brightness and, half as large, of hue."""
    shifts = rng.normal(0, spread, 4).tolist()
    red, green, blue = (min(max(int(value + shifts[0] + shift * 0.5), 4), 252) for value, shift in zip(colour, shifts[1:], strict=True))
    return red, green, blue


def apart(colour: Colour, ink: Colour, ground: Colour, least: float = 50) -> Colour:
    """The colour drawn towards the ground until the ink can be told from it."""
    for share in (0.0, 0.3, 0.6, 0.85):
        result = mixed(colour, ground, share)
        if abs(luma(result) - luma(ink)) >= least:
            return result
    return ground


def plate_colours(rng: np.random.Generator, ground: Colour, ink: Colour) -> tuple[Colour, Colour]:
    """Ground and ink varied, sometimes faded towards each other, never too close to tell apart."""
    new_ground, new_ink = varied(rng, ground, 9), varied(rng, ink, 9)
    fate = rng.random(3).tolist()
    if fate[0] < 0.25:
        new_ink = mixed(new_ink, new_ground, fate[1] * 0.4)
    if fate[0] > 0.85:
        new_ground = mixed(new_ground, (150, 150, 145), fate[2] * 0.35)
    if abs(luma(new_ground) - luma(new_ink)) < 55:
        new_ink = (15, 15, 15) if luma(new_ground) > 110 else (240, 240, 240)
    return new_ground, new_ink
