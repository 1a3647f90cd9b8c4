"""The look of one drawn plate: every number that `plate.render` needs, drawn at random here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from platelight.geometry import FloatArray
from platelight.synth.faces import Face, draw_face
from platelight.synth.layout import Spacing
from platelight.synth.typeset import font_files
from platelight.templates import Template
from platelight.templates.model import Band

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Caption:
    """Small print: `x`, `y` the middle as shares of the plate, `height` of a capital as a share of the plate's height."""

    text: str
    x: float
    y: float
    height: float
    colour: Colour
    font: str


@dataclass(frozen=True, slots=True)
class Sticker:
    """A label stuck on: middle and size as shares of the plate's height, from the left top."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour
    text: str
    round: bool


@dataclass(frozen=True, slots=True, eq=False)
class PlateParams:
    """One drawn plate before it has a size. Lengths are shares of the plate's height unless said otherwise."""

    template: Template | None
    lines: tuple[str, ...]  # with marks
    face: Face
    print_font: str
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
    line_gap: float
    spacing: Spacing
    captions: tuple[Caption, ...]
    stickers: tuple[Sticker, ...]
    screws: tuple[tuple[float, float, float, Colour], ...]  # x, y as shares of the plate, radius, colour
    rim: tuple[float, float, float, float]  # dealer frame over the top, right, bottom, left edge
    rim_colour: Colour
    emboss: float  # grey levels of the highlight along the strokes
    light: tuple[int, int]
    shade: FloatArray  # (rows, columns) brightness factors, enlarged to the plate
    specks: FloatArray  # (n, 4): x, y as shares of the plate, radius, grey level
    jitter: FloatArray  # (characters, 3): x, y shift and size of hand-set characters
    details: FloatArray  # (32,) 0 to 1, for art, seals and other small decisions


COUNTRY_WEIGHTS = {
    "de": 4, "gb": 4, "fr": 3, "it": 3, "es": 3, "pl": 4, "ua": 5, "us": 10, "br": 5, "in": 5, "ru": 3, "nl": 3, "tr": 2, "ro": 2, "cz": 2, "vn": 3,
    "at": 2, "be": 2, "pt": 2, "hu": 2, "gr": 2, "ch": 2, "ca": 3, "au": 2, "mx": 2, "ar": 2, "pk": 2,
}  # fmt: skip


def choose(rng: np.random.Generator, templates: Sequence[Template], countries: Sequence[str] | None = None) -> Template:
    """A template at random: the country by COUNTRY_WEIGHTS (1 where not listed), then the type by its frequency, square-rooted so that rare types are seen.

    Raises ValueError where no template belongs to `countries`.
    """
    wanted = [template for template in templates if countries is None or template.country in countries]
    if not wanted:
        raise ValueError(f"no template of {', '.join(countries or ())}")
    names = sorted({template.country for template in wanted})
    weights = np.array([COUNTRY_WEIGHTS.get(name, 1) for name in names], dtype=np.float64)
    country = names[int(rng.choice(len(names), p=weights / weights.sum()))]
    own = [template for template in wanted if template.country == country]
    shares = np.array([template.frequency for template in own]) ** 0.5
    return own[int(rng.choice(len(own), p=shares / shares.sum()))]


def rgb(colour: str) -> Colour:
    """`#rrggbb` as three integers."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luma(colour: Colour) -> float:
    """Brightness 0 to 255 (Rec. 601)."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def _varied(rng: np.random.Generator, colour: Colour, spread: float) -> Colour:
    values = np.array(colour) + rng.normal(0, spread) + rng.normal(0, spread * 0.5, 3)
    red, green, blue = np.clip(values, 4, 252).astype(int).tolist()
    return red, green, blue


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (int(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def colours(rng: np.random.Generator, ground: Colour, ink: Colour) -> tuple[Colour, Colour]:
    """Ground and ink varied, sometimes faded towards each other, never too close to tell apart."""
    new_ground = _varied(rng, ground, 9)
    new_ink = _varied(rng, ink, 9)
    if rng.random() < 0.25:
        new_ink = _mix(new_ink, new_ground, rng.uniform(0, 0.4))
    if rng.random() < 0.15:
        new_ground = _mix(new_ground, (150, 150, 145), rng.uniform(0, 0.35))
    if abs(luma(new_ground) - luma(new_ink)) < 55:
        new_ink = (15, 15, 15) if luma(new_ground) > 110 else (240, 240, 240)
    return new_ground, new_ink


def shading(rng: np.random.Generator) -> FloatArray:
    """Uneven brightness: a slope, and blotches on some plates. Factors around 1, small (rows, columns)."""
    rows, columns = 4, 9
    across = np.linspace(-1, 1, columns)[None, :] * rng.normal(0, 0.06)
    down = np.linspace(-1, 1, rows)[:, None] * rng.normal(0, 0.06)
    blotches = rng.normal(0, 0.012 if rng.random() < 0.6 else rng.uniform(0.02, 0.12), (rows, columns))
    if rng.random() < 0.15:  # dirt gathers at one edge
        edge = np.linspace(0, 1, rows)[:, None] ** 2 if rng.random() < 0.7 else np.linspace(1, 0, columns)[None, :] ** 2
        blotches = blotches - edge * rng.uniform(0.1, 0.5)
    return np.clip(1 + across + down + blotches, 0.35, 1.35)


def specks(rng: np.random.Generator) -> FloatArray:
    """Mud specks and paint chips, none on most plates."""
    if rng.random() > 0.3:
        return np.zeros((0, 4))
    count = int(rng.integers(2, 40))
    return np.column_stack([rng.random(count), rng.random(count), rng.exponential(0.008, count).clip(0.004, 0.03), rng.choice([40, 80, 120, 200], count)])


def sample(template: Template, rng: np.random.Generator, *, lines: tuple[str, ...] | None = None, holdout: bool = False) -> PlateParams:
    """Draw everything about one plate of a type.

    `lines` sets the text (marks allowed) instead of a drawn one; `holdout` letters it with a face kept out of training.
    """
    text = template.sample(rng) if lines is None else lines
    face = draw_face(rng, template.face if rng.random() < 0.85 else "generic", holdout)
    ground, ink = colours(rng, rgb(template.ground), rgb(template.ink))
    border = None if not template.border else (ink if template.border == template.ink else _varied(rng, rgb(template.border), 9))
    if border is not None and rng.random() < 0.12:
        border = None
    aspect = template.size_mm[0] / template.size_mm[1] * rng.uniform(0.94, 1.05)
    height_mm = template.size_mm[1]
    band_sizes = tuple(
        min(rng.uniform(36, 50) / height_mm, aspect * 0.2) if band.side in ("left", "right") else rng.uniform(0.17, 0.25) for band in template.bands
    )
    return _finish(rng, template, text, face, aspect, ground, ink, border, template.bands, band_sizes, template.art,
                   _captions(rng, template, ink), _heights(rng, template, len(text)))  # fmt: skip


def _heights(rng: np.random.Generator, template: Template, lines: int) -> tuple[float, ...]:
    aspect = template.size_mm[0] / template.size_mm[1]
    flat = sum(band.side in ("top", "bottom") for band in template.bands) > 0
    captions = bool(template.caption_top) + bool(template.caption_bottom)
    if lines == 1:
        if flat:
            return (rng.uniform(0.46, 0.54),)
        if aspect < 2.7:
            return (rng.uniform(0.42, 0.52) if captions else rng.uniform(0.46, 0.62),)
        return (rng.uniform(0.62, 0.76) if not captions else rng.uniform(0.5, 0.62),)
    total = rng.uniform(0.7, 0.82) - 0.12 * flat - 0.08 * captions
    shares = np.ones(lines)
    if template.country in ("in", "pk", "bd", "lk", "vn", "th") or rng.random() < 0.15:
        shares[-1] = rng.uniform(1.0, 1.5)
    return tuple((shares / shares.sum() * total).tolist())


def _captions(rng: np.random.Generator, template: Template, ink: Colour) -> tuple[Caption, ...]:
    fonts = font_files()
    found = []
    for text, y in ((template.caption_top, rng.uniform(0.11, 0.16)), (template.caption_bottom, rng.uniform(0.86, 0.9))):
        if text and rng.random() < 0.92:
            colour = ink if rng.random() < 0.6 else _varied(rng, ((190, 30, 40), (20, 50, 140), (20, 100, 60), (30, 30, 30))[int(rng.integers(4))], 15)
            shown = text.upper() if rng.random() < 0.4 else text
            found.append(Caption(shown, rng.uniform(0.47, 0.53), y, rng.uniform(0.07, 0.13), colour, fonts[int(rng.integers(len(fonts)))]))
    return tuple(found)


def _finish(
    rng: np.random.Generator, template: Template | None, text: tuple[str, ...], face: Face, aspect: float, ground: Colour, ink: Colour,
    border: Colour | None, bands: tuple[Band, ...], band_sizes: tuple[float, ...], art: str, captions: tuple[Caption, ...], heights: tuple[float, ...],
) -> PlateParams:  # fmt: skip
    """Everything that does not depend on where the look came from."""
    fonts = font_files()
    hand = template is not None and template.country in ("in", "pk") and rng.random() < 0.3
    count = sum(map(len, text))
    jitter = rng.normal(0, 1, (count, 3)) * ([0.015, 0.02, 0.03] if hand else [0.004, 0.003, 0.0])
    angle = int(rng.integers(8))
    return PlateParams(
        template=template, lines=text, face=face, print_font=fonts[int(rng.integers(len(fonts)))], aspect=aspect, ground=ground, ink=ink,
        border=border, border_width=rng.uniform(0.018, 0.05), border_inset=rng.choice([0.0, 0.0, 0.02, 0.04]), radius=rng.uniform(0.03, 0.13),
        bands=bands, band_sizes=band_sizes, band_whole=bool(rng.random() < 0.5), art=art, heights=heights, line_gap=rng.uniform(0.05, 0.1),
        spacing=Spacing(rng.uniform(0.06, 0.2), rng.uniform(0.8, 1.35), rng.uniform(0, 0.8) ** 2, float(np.clip(rng.normal(0.5, 0.08), 0.2, 0.8))),
        captions=captions, stickers=(), screws=_screws(rng, ground), rim=_rim(rng), rim_colour=_varied(rng, (35, 35, 38) if rng.random() < 0.8 else
        (190, 190, 195), 15), emboss=rng.uniform(12, 60) if rng.random() < 0.65 and not hand else 0.0,
        light=((1, 1), (1, 0), (0, 1), (-1, 1), (-1, -1), (1, -1), (0, -1), (-1, 0))[angle], shade=shading(rng), specks=specks(rng), jitter=jitter,
        details=rng.random(32),
    )  # fmt: skip


def _screws(rng: np.random.Generator, ground: Colour) -> tuple[tuple[float, float, float, Colour], ...]:
    if rng.random() < 0.5:
        return ()
    colour = _varied(rng, ((60, 60, 60), (150, 150, 150), ground, (215, 215, 210))[int(rng.integers(4))], 15)
    x = rng.uniform(0.08, 0.3)
    rows = ((0.5,), (0.1,), (0.1, 0.9))[int(rng.integers(3))]
    return tuple((side, y, rng.uniform(0.02, 0.045), colour) for side in (x, 1 - x) for y in rows)


def _rim(rng: np.random.Generator) -> tuple[float, float, float, float]:
    if rng.random() < 0.75:
        return (0.0, 0.0, 0.0, 0.0)
    side = rng.uniform(0.01, 0.05)
    return side, side, rng.uniform(0.02, 0.14), side


LOOKALIKES = ("O0", "I1", "B8", "D0", "QO", "S5", "Z2", "G6", "MNHW", "VYU", "CG", "A4", "T7", "PR", "ÄA", "ÖO", "ÜU", "O0DQ", "8B3", "EF")


def free_text(rng: np.random.Generator) -> tuple[str, ...]:
    """One to three lines of any characters, 1 to 12 in all, with the pairs that are easily confused more often."""
    count = int(np.clip(round(rng.normal(6.5, 2.2)), 1, 12))
    pool = ("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ")
    text = ""
    while len(text) < count:
        draw = rng.random()
        source = LOOKALIKES[int(rng.integers(len(LOOKALIKES)))] if draw < 0.4 else pool[int(rng.choice(4, p=(0.5, 0.25, 0.2, 0.05)))]
        run = int(rng.integers(1, 4))
        text += "".join(source[int(i)] for i in rng.integers(len(source), size=run))
    text = text[:count]
    lines = min(int(rng.choice([1, 2, 3], p=[0.68, 0.27, 0.05])), count)
    cuts = np.sort(rng.choice(np.arange(1, count), lines - 1, replace=False)) if lines > 1 else np.array([], int)
    parts = np.split(np.array(list(text)), cuts)
    return tuple(_with_marks(rng, "".join(part)) for part in parts)


def _with_marks(rng: np.random.Generator, line: str) -> str:
    for _ in range(int(rng.choice([0, 1, 2], p=[0.4, 0.45, 0.15]))):
        if len(line) > 1:
            place = int(rng.integers(1, len(line)))
            mark = " ~-.*+"[int(rng.choice(6, p=(0.4, 0.1, 0.25, 0.1, 0.1, 0.05)))]
            if line[place - 1] not in " ~-.*+" and line[place] not in " ~-.*+":
                line = line[:place] + mark + line[place:]
    return line


def sample_free(rng: np.random.Generator, holdout: bool = False) -> PlateParams:
    """Draw a plate of no country: any text, any look, so that a reader does not lean on the templates."""
    text = free_text(rng)
    family = ("generic", "generic", "fe", "din", "uk", "fr", "it", "us", "br", "su")[int(rng.integers(10))]
    face = draw_face(rng, family, holdout)
    ground, ink = colours(rng, *_any_colours(rng))
    longest = max(map(len, text))
    if len(text) == 1:
        aspect, heights = max(rng.uniform(1.9, 5.0), longest * 0.35), (rng.uniform(0.42, 0.78),)
    else:
        aspect = max(rng.uniform(1.1, 2.6), longest * 0.3)
        shares = rng.uniform(0.8, 1.3, len(text))
        heights = tuple((shares / shares.sum() * rng.uniform(0.66, 0.84)).tolist())
    bands: tuple[Band, ...] = ()
    if rng.random() < 0.3:
        side = ("left", "left", "right")[int(rng.integers(3))]
        colour = "#{:02x}{:02x}{:02x}".format(*_varied(rng, (16, 56, 156), 20))
        bands = (Band(side, colour, "#ffffff", "".join("ABCDEFGHILMNPRSTUVZ"[int(i)] for i in rng.integers(19, size=int(rng.integers(1, 4)))), "eu"),)
    art = ("sky", "hills", "stripes", "fade", "sun", "waves", "forest", "map")[int(rng.integers(8))] if rng.random() < 0.25 else ""
    border = ink if rng.random() < 0.5 else None
    return _finish(rng, None, text, face, aspect, ground, ink, border, bands, tuple(rng.uniform(0.3, 0.42) for _ in bands), art, (), heights)


def _any_colours(rng: np.random.Generator) -> tuple[Colour, Colour]:
    dark, light = rng.integers(0, 90, 3).tolist(), rng.integers(165, 256, 3).tolist()
    if rng.random() < 0.5:
        grey = int(rng.integers(190, 250))
        light, dark = [grey, grey, grey], [int(rng.integers(0, 60))] * 3
    pair = ((light[0], light[1], light[2]), (dark[0], dark[1], dark[2]))
    return (pair[1], pair[0]) if rng.random() < 0.25 else pair
