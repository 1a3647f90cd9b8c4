"""Draw the look of one plate at random: of a type (`sample`) or of no country (`sample_free`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from platelight.geometry import FloatArray
from platelight.synth.faces import Face, draw_face, telling
from platelight.synth.freetext import free_text
from platelight.synth.layout import Spacing
from platelight.synth.look import Caption, Colour, PlateParams, Sticker, luma, plate_colours, rgb, varied
from platelight.synth.script import ARABIC_ROW, OTHER_ROW
from platelight.synth.wear import draw_weather
from platelight.templates import Template
from platelight.templates.model import Band

COUNTRY_WEIGHTS = {
    "us": 12, "br": 6, "in": 6, "ua": 5, "de": 4, "gb": 4, "pl": 4, "fr": 3, "it": 3, "es": 3, "ru": 3, "nl": 3, "vn": 3, "ca": 3,
    "tr": 2, "ro": 2, "cz": 2, "at": 2, "be": 2, "pt": 2, "hu": 2, "gr": 2, "ch": 2, "au": 2, "mx": 2, "ar": 2, "pk": 2,
    "bg": 1, "hr": 1, "cy": 1, "dk": 1, "ee": 1, "fi": 1, "ie": 1, "lv": 1, "lt": 1, "lu": 1, "mt": 1, "sk": 1, "si": 1, "se": 1, "no": 1, "is": 1,
    "li": 0.5, "al": 1, "ba": 1, "me": 1, "mk": 1, "rs": 1, "xk": 1, "md": 1, "by": 1, "ge": 1, "am": 1, "az": 1, "kz": 1, "kg": 1, "uz": 1, "il": 1,
    "ae": 1, "sa": 1, "qa": 1, "my": 1, "sg": 1, "hk": 1, "za": 1, "nz": 1, "jp": 0.7, "kr": 0.7, "cn": 1, "th": 0.7,
}  # fmt: skip
OTHER_WEIGHT = 0.25
ARTS = ("sky", "hills", "stripes", "fade", "sun", "waves", "forest", "map", "photo")
NORTH_AMERICA = ("us", "ca", "mx")
HAND_PAINTED = ("in", "pk")
STICKER_COLOURS: tuple[Colour, ...] = ((205, 40, 45), (240, 205, 50), (40, 90, 170), (40, 140, 80), (235, 235, 235), (235, 130, 40), (30, 30, 30))
CAPTION_COLOURS: tuple[Colour, ...] = ((190, 30, 40), (20, 50, 140), (20, 100, 60), (30, 30, 30))
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
RIM_TEXTS = (
    "", "www.autohaus-online.eu", "AUTO CENTER", "CITY MOTORS", "MOTORS & SONS  TEL 555 0100", "Autohaus am Ring", "www.example-cars.com", "GARAGE DU LAC",
    "SINCE 1962", "AUTOSALON", "CARS FOR YOU", "DRIVE SAFELY", "UNIVERSITY ALUMNI", "PROUD PARENT", "LEASING", "SERVICE & VERKAUF",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Design:
    """What a template, or chance, fixes before the common part of a look is drawn."""

    template: Template | None
    lines: tuple[str, ...]
    face: Face
    aspect: float
    ground: Colour
    ink: Colour
    border: Colour | None
    heights: tuple[float, ...]
    spacing: Spacing
    country: str = ""
    bands: tuple[Band, ...] = ()
    band_sizes: tuple[float, ...] = ()
    art: str = ""
    captions: tuple[Caption, ...] = ()
    stickers: tuple[Sticker, ...] = ()
    details: FloatArray = field(default_factory=lambda: np.zeros(96))


_by_country: dict[tuple[int, tuple[str, ...] | None], tuple[Sequence[Template], list[tuple[list[Template], FloatArray]], FloatArray]] = {}


def choose(rng: np.random.Generator, templates: Sequence[Template], countries: Sequence[str] | None = None) -> Template:
    """A template at random: the country by COUNTRY_WEIGHTS, then the type by the square root of its frequency.

    The root lets rare types be seen. Raises ValueError where no template belongs to `countries`.
    """
    key = id(templates), None if countries is None else tuple(countries)
    known = _by_country.get(key)
    if known is None or known[0] is not templates:
        if len(_by_country) > 32:
            _by_country.clear()
        known = _by_country[key] = (templates, *_group(templates, countries))
    _, groups, shares = known
    own, own_shares = groups[int(np.searchsorted(shares, rng.random(), side="right"))]
    return own[int(np.searchsorted(own_shares, rng.random(), side="right"))]


def _group(templates: Sequence[Template], countries: Sequence[str] | None) -> tuple[list[tuple[list[Template], FloatArray]], FloatArray]:
    """Templates by country with cumulated shares of the types, and the cumulated shares of the countries."""
    wanted = [template for template in templates if countries is None or template.country in countries]
    if not wanted:
        raise ValueError(f"no template of {', '.join(countries or ('any country',))}")
    names = sorted({template.country for template in wanted})
    groups = []
    for name in names:
        own = [template for template in wanted if template.country == name]
        groups.append((own, _cumulated([template.frequency**0.5 for template in own])))
    return groups, _cumulated([float(COUNTRY_WEIGHTS.get(name, OTHER_WEIGHT)) for name in names])


def _cumulated(weights: list[float]) -> FloatArray:
    sums = np.cumsum(np.array(weights, dtype=np.float64))
    return np.asarray(sums[:-1] / sums[-1])


def sample(template: Template, rng: np.random.Generator, *, lines: tuple[str, ...] | None = None, holdout: bool = False) -> PlateParams:
    """Draw everything about one plate of a type.

    `lines` sets the text (marks allowed) instead of a drawn one; `holdout` letters it with a face kept out of training.
    """
    text = template.sample(rng) if lines is None else lines
    ground, ink = plate_colours(rng, rgb(template.ground), rgb(template.ink))
    border = None
    if template.border and rng.random() < 0.88:
        border = ink if template.border == template.ink else varied(rng, rgb(template.border), 9)
    aspect = template.size_mm[0] / template.size_mm[1] * rng.uniform(0.94, 1.05)
    u = rng.random(4).tolist()
    band_sizes = tuple(
        min((36 + 14 * u[0]) / template.size_mm[1], aspect * 0.2) if band.side in ("left", "right") else 0.17 + 0.08 * u[1] for band in template.bands
    )
    art = template.art
    if template.country in NORTH_AMERICA and u[2] < 0.3:
        art = ARTS[int(u[3] * len(ARTS))]
    return _finish(rng, _Design(
        template=template, lines=text, face=draw_face(rng, _family(rng, template), holdout), aspect=aspect, ground=ground, ink=ink, border=border,
        heights=_heights(rng, template, len(text)), spacing=_spacing(rng, template), country=template.country, bands=template.bands,
        band_sizes=band_sizes, art=art, captions=_captions(rng, template, ink), stickers=_stickers(rng, template), details=rng.random(96),
    ))  # fmt: skip


def _family(rng: np.random.Generator, template: Template) -> str:
    """The template's family; a neighbour now and then, and mostly a usual one where the template names none."""
    if template.face != "generic":
        return template.face if rng.random() < 0.88 else "generic"
    return ("din", "fr", "it", "su", "br", "fe", "uk", "generic", "generic", "generic")[int(rng.integers(10))]


def _heights(rng: np.random.Generator, template: Template, lines: int) -> tuple[float, ...]:
    aspect = template.size_mm[0] / template.size_mm[1]
    strips = sum(band.side in ("top", "bottom") for band in template.bands)
    captions = bool(template.caption_top) + bool(template.caption_bottom)
    if lines == 1:
        low, high = (0.62, 0.76) if not captions else (0.46, 0.6)
        if template.country in HAND_PAINTED:
            low, high = 0.5, 0.8
        elif template.country == "sa":
            low, high = 0.36, 0.44
        elif template.country == "th":
            low, high = 0.44, 0.56
        elif strips:
            low, high = 0.46, 0.54
        elif aspect < 2.7:
            low, high = (0.44, 0.54) if captions else (0.48, 0.64)
        return (rng.uniform(low, high),)
    total = rng.uniform(0.7, 0.82) - 0.12 * strips - 0.08 * captions
    shares = np.ones(lines)
    if template.country in ("jp", "kr"):
        shares[0] = rng.uniform(0.4, 0.6)
    elif template.country in ("in", "pk", "bd", "lk", "vn", "th", "cn") or rng.random() < 0.15:
        shares[-1] = rng.uniform(1.0, 1.5)
    return tuple((shares / shares.sum() * total).tolist())


def _spacing(rng: np.random.Generator, template: Template) -> Spacing:
    u = rng.random(5).tolist()
    align = min(max(float(rng.normal(0.5, 0.06)), 0.25), 0.75)
    if template.face == "us" or template.country in NORTH_AMERICA:
        return Spacing(0.05 + 0.1 * u[0], 0.8 + 0.5 * u[1], 0.76 + 0.23 * u[2], 1.05 + 0.3 * u[3], 0.16 * u[4], align)
    if template.country in HAND_PAINTED:
        return Spacing(0.04 + 0.14 * u[0], 0.6 + 0.7 * u[1], 0.7 + 0.29 * u[2], 1.0 + 0.3 * u[3], 0.2 * u[4], align)
    return Spacing(0.07 + 0.11 * u[0], 0.8 + 0.5 * u[1], 0.55 + 0.43 * u[2], 1.0 + 0.12 * u[3], 0.14 * u[4], align)


def _captions(rng: np.random.Generator, template: Template, ink: Colour) -> tuple[Caption, ...]:
    found = []
    bars = template.country in NORTH_AMERICA and rng.random() < 0.3
    for text, top in ((template.caption_top, True), (template.caption_bottom, False)):
        if not text or rng.random() > 0.93:
            continue
        u = rng.random(5).tolist()
        colour = ink if u[0] < 0.5 else varied(rng, CAPTION_COLOURS[int(rng.integers(4))], 15)
        ground = varied(rng, STICKER_COLOURS[int(rng.integers(6))], 15) if bars else None
        if ground is not None:
            colour = (245, 245, 245) if luma(ground) < 140 else (25, 25, 35)
        elif template.country not in NORTH_AMERICA or abs(luma(rgb(template.ground)) - luma(colour)) < 60:
            colour = ink
        size = 0.4 + 0.35 * u[2] if template.country in NORTH_AMERICA else 0.3 + 0.2 * u[2]
        shown = text.upper() if u[1] < 0.4 else text
        found.append(Caption(shown, top, 0.46 + 0.08 * u[3], size, colour, u[4], ground))
    if not found and len(template.lines) == 1 and rng.random() < 0.1:  # the maker's name, tiny
        found.append(Caption(RIM_TEXTS[int(rng.integers(1, len(RIM_TEXTS)))], False, 0.5, 0.25, ink, rng.random()))
    return tuple(found)


def _stickers(rng: np.random.Generator, template: Template) -> tuple[Sticker, ...]:
    if template.country not in NORTH_AMERICA or rng.random() < 0.3:
        return ()
    bottom, both = bool(rng.random() < 0.3), rng.random() < 0.6
    made = []
    for right in (True, False) if both else (bool(rng.random() < 0.6),):
        colour = STICKER_COLOURS[int(rng.integers(len(STICKER_COLOURS)))]
        text = MONTHS[int(rng.integers(12))] if not right else f"{int(rng.integers(80, 126)) % 100:02d}"
        ink: Colour = (250, 250, 250) if luma(colour) < 130 else (20, 20, 20)
        made.append(Sticker(right, bottom, rng.uniform(0.16, 0.28), rng.uniform(0.12, 0.2), varied(rng, colour, 12), ink, text))
    return tuple(made)


def sample_free(rng: np.random.Generator, holdout: bool = False) -> PlateParams:
    """Draw a plate of no country: any text, any look, so that a reader does not lean on the templates."""
    text = free_text(rng)
    family = ("generic", "generic", "fe", "din", "uk", "fr", "it", "us", "br", "su")[int(rng.integers(10))]
    ground, ink = plate_colours(rng, *_any_colours(rng))
    longest = max(map(len, text))
    u = rng.random(8).tolist()
    if len(text) == 1:
        aspect, heights = max(1.9 + 3.1 * u[0], longest * 0.35), (0.42 + 0.36 * u[1],)
    else:
        aspect = max(1.1 + 1.5 * u[0], longest * 0.3)
        shares = rng.uniform(0.8, 1.3, len(text))
        heights = tuple((shares / shares.sum() * (0.66 + 0.18 * u[1])).tolist())
    bands: tuple[Band, ...] = ()
    if u[2] < 0.3:
        red, green, blue = varied(rng, STICKER_COLOURS[int(rng.integers(6))] if u[3] < 0.3 else (16, 56, 156), 20)
        name = "".join("ABCDEFGHILMNPRSTUVZ"[int(i)] for i in rng.integers(19, size=int(rng.integers(1, 4))))
        flag = ("eu", "eu", "disc", "cross", "tricolour-vertical", "")[int(rng.integers(6))]
        bands = (Band("left" if u[4] < 0.7 else "right", f"#{red:02x}{green:02x}{blue:02x}", "#ffffff", name, flag),)
    spacing = Spacing(0.04 + 0.18 * u[5], rng.uniform(0.6, 1.5), rng.uniform(0.5, 0.99), rng.uniform(1, 1.3), rng.uniform(0, 0.3), rng.uniform(0.3, 0.7))
    return _finish(rng, _Design(
        template=None, lines=text, face=telling(draw_face(rng, family, holdout)), aspect=aspect, ground=ground, ink=ink, border=ink if u[6] < 0.5 else None,
        heights=heights, spacing=spacing, bands=bands, band_sizes=(0.3 + 0.12 * u[7],) * len(bands),
        art=ARTS[int(rng.integers(len(ARTS)))] if rng.random() < 0.25 else "", details=rng.random(96),
    ))  # fmt: skip


def _any_colours(rng: np.random.Generator) -> tuple[Colour, Colour]:
    """A light and a dark colour as ground and ink, or the other way round."""
    values = rng.integers(0, 90, 6).tolist()
    if rng.random() < 0.5:
        values = [values[0] // 2] * 3 + [values[3] // 2] * 3
    dark, light = (values[0], values[1], values[2]), (255 - values[3], 255 - values[4], 255 - values[5])
    return (dark, light) if rng.random() < 0.25 else (light, dark)


def _finish(rng: np.random.Generator, design: _Design) -> PlateParams:
    """Everything that does not depend on where the look came from."""
    u = rng.random(20).tolist()
    hand = design.country in HAND_PAINTED and u[0] < 0.35
    steps = (0.015, 0.02, 0.03) if hand else ((0.004, 0.003, 0.0) if u[1] < 0.5 else (0.0, 0.0, 0.0))
    rim = (0.0, 0.0, 0.0, 0.0)
    if u[2] < 0.25:
        side = 0.01 + 0.04 * u[3]
        rim = (0.01 + (0.12 if design.country in NORTH_AMERICA else 0.04) * u[4], side, 0.02 + 0.12 * u[5], side)
    return PlateParams(
        template=design.template, lines=design.lines, face=design.face, print_font=u[6], aspect=design.aspect,
        ground=design.ground, ink=design.ink, border=design.border, border_width=0.018 + 0.032 * u[7], border_inset=(0.0, 0.0, 0.02, 0.04)[int(u[8] * 4)],
        radius=0.03 + 0.1 * u[9], bands=design.bands, band_sizes=design.band_sizes, band_whole=u[10] < 0.5, art=design.art, heights=design.heights,
        letter_height=0.72 + 0.12 * u[11] if design.country == "ru" else 1.0,
        script_row=_script_row(rng, design), shift=0.24 * (u[12] - 0.5), line_gap=0.05 + 0.05 * u[13],
        spacing=design.spacing, captions=design.captions, stickers=design.stickers, screws=_screws(rng, design.ground),
        slots=design.country in NORTH_AMERICA and u[14] < 0.6, rim=rim, rim_colour=varied(rng, (35, 35, 38) if u[15] < 0.8 else (190, 190, 195), 15),
        rim_text=RIM_TEXTS[int(u[16] * len(RIM_TEXTS))], emboss=12 + 48 * u[17] if u[18] < 0.65 and not hand else 0.0,
        light=((1, 1), (1, 0), (0, 1), (-1, 1), (-1, -1), (1, -1), (0, -1), (-1, 0))[int(u[19] * 8)], weather=draw_weather(rng),
        jitter=rng.normal(0, 1, (sum(map(len, design.lines)), 3)) * steps, details=design.details,
    )  # fmt: skip


def _script_row(rng: np.random.Generator, design: _Design) -> float:
    room = 1 - sum(design.heights)
    if len(design.lines) > 1 or design.captions or rng.random() < 0.3:
        return 0.0
    if design.country in ARABIC_ROW:
        return room * rng.uniform(0.45, 0.75)
    return -room * rng.uniform(0.4, 0.6) if design.country in OTHER_ROW and (design.country == "th" or rng.random() < 0.06) else 0.0


def _screws(rng: np.random.Generator, ground: Colour) -> tuple[tuple[float, float, float, Colour], ...]:
    u = rng.random(5).tolist()
    if u[0] < 0.5:
        return ()
    greys: tuple[Colour, ...] = ((60, 60, 60), (150, 150, 150), ground, (215, 215, 210))
    colour = varied(rng, greys[int(u[1] * 4)], 15)
    x, radius = 0.08 + 0.22 * u[2], 0.02 + 0.025 * u[3]
    rows = ((0.5,), (0.1,), (0.1, 0.9))[int(u[4] * 3)]
    return tuple((side, y, radius, colour) for side in (x, 1 - x) for y in rows)
