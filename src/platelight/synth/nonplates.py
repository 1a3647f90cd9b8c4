"""Things that are taken for plates: signs, dials, badges, slogans, time stamps, labels. Chance is decided in `sample`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from platelight.records import Image
from platelight.synth import sketch, words
from platelight.synth.pixels import Colour
from platelight.synth.sketch import Lettering, Mark, Patch, Sketch, Stroke, arc, polygon, rectangle

WHITE: Colour = (240.0, 240.0, 238.0)
BLACK: Colour = (18.0, 18.0, 20.0)
SIGN_COLOURS: tuple[tuple[Colour, Colour], ...] = (
    (WHITE, BLACK), ((250, 205, 20), BLACK), ((20, 60, 150), WHITE), ((10, 105, 65), WHITE), ((110, 60, 30), WHITE), ((190, 20, 30), WHITE),
    (BLACK, WHITE), ((225, 105, 20), BLACK), ((25, 25, 90), (250, 205, 20)), (WHITE, (20, 60, 150)), (WHITE, (190, 20, 30)),
)  # fmt: skip

DISPLAY_COLOURS: tuple[tuple[Colour, Colour], ...] = (
    ((30, 34, 30), (235, 90, 30)), ((10, 12, 16), (90, 220, 250)), ((165, 180, 150), (25, 30, 25)), ((12, 12, 14), (240, 240, 240)),
    ((8, 20, 10), (80, 240, 110)),
)  # fmt: skip


def sample(rng: np.random.Generator, kind: str | None = None) -> Sketch:
    """Draw what to draw; `kind` is a key of KINDS, chosen by weight if None. Raises KeyError for an unknown kind."""
    if kind is None:
        kind = str(rng.choice(list(KINDS), p=_SHARES))
    return KINDS[kind][1](rng)


def render(params: Sketch, height_px: int = 96) -> tuple[Image, Image]:
    """Pixels (h, w, 3) and coverage (h, w) 0 to 255; what is see-through (a slogan's ground) has coverage 0."""
    return sketch.render(params, height_px)


def _face(rng: np.random.Generator) -> int:
    return int(rng.integers(len(sketch.faces())))


def _colours(rng: np.random.Generator) -> tuple[Colour, Colour]:
    return SIGN_COLOURS[int(rng.integers(len(SIGN_COLOURS)))]


def _grey(rng: np.random.Generator, low: float, high: float) -> Colour:
    value = rng.uniform(low, high)
    return value, value, value


def _board(kind: str, rng: np.random.Generator, rows: list[str], colours: tuple[Colour, Colour], border: float = 0.0, face: int | None = None) -> Sketch:
    """A panel as wide as its longest row needs, rows centred one below the other."""
    ground, ink = colours
    face = _face(rng) if face is None else face
    size = 0.62 / len(rows) * rng.uniform(0.75, 1.0)
    stretch = rng.uniform(0.85, 1.15)
    pad = rng.uniform(0.15, 0.6)
    width = max(max(sketch.text_width(row, size, face) for row in rows) * stretch + pad, 0.6)
    radius = rng.uniform(0, 0.12)
    marks: list[Mark] = [Patch(rectangle(0, 0, width, 1, radius), ground)]
    if border > 0:
        inset = border * 0.8
        marks.append(Stroke(rectangle(inset, inset, width - inset, 1 - inset, radius * 0.8), ink, border, closed=True))
    for number, row in enumerate(rows):
        y = (number + 0.5) / len(rows) * 0.86 + 0.07
        marks.append(Lettering(row, width / 2, y, size, ink, face, stretch, width - pad * 0.5))
    return Sketch(kind, width, tuple(marks))


def _place_sign(rng: np.random.Generator) -> Sketch:
    rows = [words.place(rng)]
    if rng.random() < 0.4:
        rows.append(words.pick(rng, [words.place(rng), f"Kreis {words.name(rng)}", f"{int(rng.integers(1, 300))} km"]))
    return _board("place_sign", rng, rows, _colours(rng), rng.choice((0.0, 0.02, 0.035)))


def _direction_sign(rng: np.random.Generator) -> Sketch:
    rows = [f"{words.place(rng)}  {int(rng.integers(1, 400))}" for _ in range(int(rng.integers(1, 4)))]
    return _board("direction_sign", rng, rows, _colours(rng), 0.015)


def _street_sign(rng: np.random.Generator) -> Sketch:
    text = words.street(rng)
    if rng.random() < 0.4:
        text = f"{text} {int(rng.integers(1, 200))}" if rng.random() < 0.7 else text.upper()
    return _board("street_sign", rng, [text], _colours(rng), rng.choice((0.0, 0.03)))


def _house_number(rng: np.random.Generator) -> Sketch:
    text = str(int(rng.integers(1, 2000))) + (words.pick(rng, ["a", "B", "/2", ""]) if rng.random() < 0.3 else "")
    return _board("house_number", rng, [text], _colours(rng), rng.choice((0.0, 0.03, 0.05)))


def _round_sign(rng: np.random.Generator) -> Sketch:
    text = words.pick(rng, ["5", "10", "20", "30", "40", "50", "60", "70", "80", "90", "100", "110", "120", "3.5t", "2,1m", "STOP", "P"])
    ring: Colour = (200, 25, 30) if rng.random() < 0.8 else (25, 70, 160)
    inner: Colour = WHITE if rng.random() < 0.85 else (235, 200, 40)
    size = 0.42 if len(text) < 3 else 0.3
    circle = Patch(arc(0.5, 0.5, 0.5, 0, 360), ring)
    return Sketch("round_sign", 1.0, (circle, Patch(arc(0.5, 0.5, 0.385, 0, 360), inner), Lettering(text, 0.5, 0.5, size, BLACK, _face(rng), 1.0, 0.66)))


def _shaped_sign(rng: np.random.Generator) -> Sketch:
    kind = int(rng.integers(4))
    if kind == 0:
        outline, inner, colours, text = polygon(0.5, 0.5, 0.5, 8, 22.5), polygon(0.5, 0.5, 0.46, 8, 22.5), ((195, 25, 30), (195, 25, 30)), "STOP"
        return Sketch("shaped_sign", 1.0, (Patch(outline, WHITE), Patch(inner, colours[0]), Lettering(text, 0.5, 0.5, 0.27, WHITE, _face(rng), 1.0, 0.75)))
    if kind == 1:
        outline, inner = polygon(0.5, 0.6, 0.57, 3, -90), polygon(0.5, 0.6, 0.36, 3, -90)
        return Sketch("shaped_sign", 1.0, (Patch(outline, (200, 25, 30)), Patch(inner, WHITE), Lettering("!", 0.5, 0.6, 0.3, BLACK, _face(rng))))
    if kind == 2:
        ground, ink = _colours(rng)
        text = words.pick(rng, ["A", "B", "E", "M", ""]) + str(int(rng.integers(1, 600)))
        return Sketch("shaped_sign", 1.3, (Patch(rectangle(0, 0, 1.3, 1, 0.25), ground), Lettering(text, 0.65, 0.5, 0.5, ink, _face(rng), 1.0, 1.1)))
    text = words.pick(rng, ["SPEED LIMIT", "ONE WAY", "NO PARKING", "EXIT ONLY"])
    return _board("shaped_sign", rng, [*text.split(" "), str(int(rng.integers(1, 16)) * 5)], (WHITE, BLACK), 0.025)


def _dial(rng: np.random.Generator) -> Sketch:
    """A speedometer or rev counter: dark disc, ticks, figures, needle, odometer window."""
    ground, ink = (_grey(rng, 8, 45), _grey(rng, 190, 250)) if rng.random() < 0.8 else (_grey(rng, 200, 245), _grey(rng, 10, 40))
    glow: Colour = (240, 60, 30) if rng.random() < 0.6 else (240, 150, 30)
    top = int(rng.choice((8, 160, 180, 200, 220, 240, 260, 320)))
    count = top if top == 8 else top // 20
    face = _face(rng)
    marks: list[Mark] = [Patch(arc(0.5, 0.5, 0.5, 0, 360), _grey(rng, 5, 130)), Patch(arc(0.5, 0.5, 0.47, 0, 360), ground)]
    for step, angle in enumerate(np.linspace(135, 405, count + 1)):
        c, s = float(np.cos(np.radians(angle))), float(np.sin(np.radians(angle)))
        marks.append(Stroke(((0.5 + 0.45 * c, 0.5 + 0.45 * s), (0.5 + 0.4 * c, 0.5 + 0.4 * s)), ink, 0.012))
        marks.append(Lettering(str(step * top // count), 0.5 + 0.32 * c, 0.5 + 0.32 * s, 0.055, ink, face))
    angle = np.radians(rng.uniform(135, 405))
    marks.append(Stroke(((0.5, 0.5), (0.5 + 0.42 * float(np.cos(angle)), 0.5 + 0.42 * float(np.sin(angle)))), glow, 0.016))
    marks.append(Patch(arc(0.5, 0.5, 0.07, 0, 360), _grey(rng, 5, 60)))
    marks.append(Patch(rectangle(0.34, 0.68, 0.66, 0.78), _grey(rng, 0, 30)))
    marks.append(Lettering(words.digits(rng, 6), 0.5, 0.73, 0.06, ink, face))
    return Sketch("dial", 1.0, tuple(marks))


def _display(rng: np.random.Generator) -> Sketch:
    """A digital dashboard, clock or taxi meter: lit text on a dark or pale green ground."""
    km, clock = f"{words.digits(rng, int(rng.integers(4, 7)))} km", f"{int(rng.integers(24)):02d}:{int(rng.integers(60)):02d}"
    degrees, speed = f"{int(rng.integers(-9, 40))}.5°C  {clock}", f"{int(rng.integers(0, 200))} km/h"
    rows = [words.pick(rng, [km, clock, degrees, "P R N D", speed, f"ODO {words.digits(rng, 6)}"])]
    if rng.random() < 0.4:
        rows.append(f"TRIP {int(rng.integers(0, 999))}.{int(rng.integers(10))}")
    return _board("display", rng, rows, DISPLAY_COLOURS[int(rng.integers(len(DISPLAY_COLOURS)))])


def _counter(rng: np.random.Generator) -> Sketch:
    """A drum odometer or a gas meter: one figure a cell."""
    count = int(rng.integers(5, 8))
    face, ground, ink = _face(rng), _grey(rng, 10, 40), _grey(rng, 200, 245)
    marks: list[Mark] = [Patch(rectangle(0, 0, count * 0.62 + 0.2, 1, 0.05), _grey(rng, 60, 140))]
    for cell in range(count):
        x = 0.12 + cell * 0.62
        last = cell == count - 1 and rng.random() < 0.6
        marks.append(Patch(rectangle(x, 0.08, x + 0.57, 0.92), (170, 25, 25) if last else ground))
        marks.append(Lettering(words.digits(rng, 1), x + 0.285, 0.5 + rng.normal(0, 0.04), 0.55, ink, face))
    return Sketch("counter", count * 0.62 + 0.2, tuple(marks))


def _badge(rng: np.random.Generator) -> Sketch:
    """Raised letters on a boot lid, without ground."""
    text = words.pick(rng, [words.pick(rng, words.MODELS), words.name(rng).upper(), f"{words.letters(rng, 1)}{words.digits(rng, 3)}"])
    if rng.random() < 0.5:
        text = f"{int(rng.integers(1, 6))}.{int(rng.integers(10))} {text}"
    face, colour = _face(rng), _grey(rng, 150, 245) if rng.random() < 0.75 else _colours(rng)[1]
    stretch = rng.uniform(0.9, 1.6)
    width = sketch.text_width(text, 0.7, face) * stretch + 0.3
    shade = Lettering(text, width / 2 + 0.03, 0.54, 0.7, _grey(rng, 20, 90), face, stretch)
    return Sketch("badge", width, (shade, Lettering(text, width / 2, 0.5, 0.7, colour, face, stretch)))


def _emblem(rng: np.random.Generator) -> Sketch:
    """Rings, discs with a cross or letters, ovals, stars."""
    chrome, inner = _grey(rng, 150, 240), _colours(rng)[0]
    kind = int(rng.integers(4))
    if kind == 0:
        count = int(rng.integers(2, 6))
        rings = tuple(Stroke(arc(0.5 + n * 0.66, 0.5, 0.4, 0, 360), chrome, 0.09, closed=True) for n in range(count))
        return Sketch("emblem", 1.0 + (count - 1) * 0.66, rings)
    if kind == 1:
        letter = Lettering(words.letters(rng, int(rng.integers(1, 4))), 0.5, 0.5, 0.36, chrome, _face(rng), 1.0, 0.7)
        return Sketch("emblem", 1.0, (Patch(arc(0.5, 0.5, 0.5, 0, 360), chrome), Patch(arc(0.5, 0.5, 0.42, 0, 360), inner), letter))
    if kind == 2:
        name = Lettering(words.name(rng), 1.0, 0.5, 0.42, chrome, _face(rng), 1.0, 1.5)
        return Sketch("emblem", 2.0, (Patch(arc(1.0, 0.5, 1.0, 0, 360, squeeze=0.5), chrome), Patch(arc(1.0, 0.5, 0.92, 0, 360, squeeze=0.46), inner), name))
    spokes = int(rng.integers(2, 6))
    lines = tuple(Stroke(((0.5, 0.5), point), chrome, 0.07) for point in polygon(0.5, 0.5, 0.42, spokes, -90))
    return Sketch("emblem", 1.0, (Stroke(arc(0.5, 0.5, 0.44, 0, 360), chrome, 0.08, closed=True), *lines))


def _slogan(rng: np.random.Generator) -> Sketch:
    """Lettering on a van or lorry: telephone, web address, trade, container code; no ground of its own."""
    container = f"{words.letters(rng, 4)} {words.digits(rng, 6)} {words.digits(rng, 1)}"
    name = words.pick(rng, [words.pick(rng, words.TRADES), words.pick(rng, words.SLOGANS)])
    text = words.pick(rng, [words.phone(rng), words.web(rng), name, container, f"TEL {words.phone(rng)}"])
    face, stretch = _face(rng), rng.uniform(0.8, 1.3)
    width = sketch.text_width(text, 0.66, face) * stretch + 0.2
    colour = _colours(rng)[int(rng.integers(2))]
    return Sketch("slogan", width, (Lettering(text, width / 2, 0.5, 0.66, colour, face, stretch),))


def _time_stamp(rng: np.random.Generator) -> Sketch:
    text, face = words.stamp(rng), _face(rng)
    width = sketch.text_width(text, 0.66, face) + 0.2
    ink: Colour = (250, 250, 250) if rng.random() < 0.6 else (250, 230, 40)
    ground: tuple[Mark, ...] = (Patch(rectangle(0, 0, width, 1), BLACK),) if rng.random() < 0.3 else ()
    edge = (Lettering(text, width / 2 + 0.05, 0.55, 0.66, BLACK, face),) if not ground and rng.random() < 0.6 else ()
    return Sketch("time_stamp", width, (*ground, *edge, Lettering(text, width / 2, 0.5, 0.66, ink, face)))


def _watermark(rng: np.random.Generator) -> Sketch:
    text, face = words.pick(rng, [words.web(rng), words.name(rng), f"© {words.name(rng)} {int(rng.integers(1995, 2027))}"]), _face(rng)
    width = sketch.text_width(text, 0.62, face) + 0.2
    return Sketch("watermark", width, (Lettering(text, width / 2, 0.5, 0.62, _grey(rng, 180, 255), face),), rng.uniform(0.35, 0.9))


def _shop_sign(rng: np.random.Generator) -> Sketch:
    rows = [words.pick(rng, [words.name(rng).upper(), words.pick(rng, words.TRADES), f"{words.name(rng)} {words.pick(rng, words.TRADES)}"])]
    if rng.random() < 0.4:
        rows.append(words.pick(rng, [words.phone(rng), words.web(rng), words.pick(rng, words.SLOGANS)]))
    return _board("shop_sign", rng, rows, _colours(rng), rng.choice((0.0, 0.03)))


def _sticker(rng: np.random.Generator) -> Sketch:
    """A licence disc, a toll or inspection sticker, a country oval."""
    ground, ink = _colours(rng)
    if rng.random() < 0.4:
        text = Lettering(words.letters(rng, int(rng.integers(1, 4))), 0.725, 0.5, 0.5, BLACK, _face(rng), 1.0, 1.1)
        return Sketch("sticker", 1.45, (Patch(arc(0.725, 0.5, 0.72, 0, 360, squeeze=0.68), WHITE), text))
    face = _face(rng)
    month, year = str(int(rng.integers(1, 13))), str(int(rng.integers(10, 32)))
    ring = tuple(Lettering(str(n + 1), *point, 0.09, ink, face) for n, point in enumerate(polygon(0.5, 0.5, 0.39, 12, -60)))
    rim = Stroke(arc(0.5, 0.5, 0.48, 0, 360), ink, 0.02, closed=True)
    return Sketch("sticker", 1.0, (Patch(arc(0.5, 0.5, 0.5, 0, 360), ground), rim, *ring, Lettering(words.pick(rng, [month, year]), 0.5, 0.5, 0.3, ink, face)))


def _bar_code(rng: np.random.Generator) -> Sketch:
    """A label with bars and the number below, or a square of dots."""
    if rng.random() < 0.35:
        cells = rng.random((21, 21)) < 0.5
        for row, column in ((0, 0), (0, 14), (14, 0)):
            cells[row : row + 7, column : column + 7] = np.pad(np.pad(np.ones((3, 3), bool), 1), 1, constant_values=True)
        dots = tuple(Patch(rectangle(0.06 + x * 0.042, 0.06 + y * 0.042, 0.102 + x * 0.042, 0.102 + y * 0.042), BLACK) for y, x in np.argwhere(cells).tolist())
        return Sketch("bar_code", 1.0, (Patch(rectangle(0, 0, 1, 1), WHITE), *dots))
    edges = np.cumsum(rng.choice((0.015, 0.03, 0.045), 70)) + 0.1
    bars = tuple(Patch(rectangle(float(a), 0.1, float(b), 0.72), BLACK) for a, b in zip(edges[::2], edges[1::2], strict=True))
    width = float(edges[-1]) + 0.1
    number = Lettering(words.digits(rng, 12), width / 2, 0.86, 0.13, BLACK, _face(rng))
    return Sketch("bar_code", width, (Patch(rectangle(0, 0, width, 1), WHITE), *bars, number))


def _shirt(rng: np.random.Generator) -> Sketch:
    """Print on cloth: a word over a number, without ground."""
    face, colour = _face(rng), _colours(rng)[1]
    word, number = words.pick(rng, [words.name(rng).upper(), words.place(rng).upper()]), str(int(rng.integers(1, 100)))
    return Sketch("shirt", 1.4, (Lettering(word, 0.7, 0.17, 0.18, colour, face, 1.0, 1.3), Lettering(number, 0.7, 0.65, 0.55, colour, face, 1.2, 1.2)))


def _price(rng: np.random.Generator) -> Sketch:
    amount = f"{int(rng.integers(1, 60))}.{words.digits(rng, 3)}"
    rows = [words.pick(rng, [f"{amount} EUR", f"$ {amount}", f"£{int(rng.integers(1, 99))}.{words.digits(rng, 2)}", f"{int(rng.integers(1, 99))},99"])]
    if rng.random() < 0.5:
        rows.append(words.pick(rng, [words.phone(rng), "FOR SALE", "TDI 2.0", f"{int(rng.integers(5, 250))} 000 km"]))
    return _board("price", rng, rows, _colours(rng))


def _hazard(rng: np.random.Generator) -> Sketch:
    """The orange panel of dangerous goods: two rows of figures."""
    sketch_ = _board("hazard", rng, [words.pick(rng, ["33", "30", "80", "X423", "268", "60"]), words.digits(rng, 4)], ((240, 130, 20), BLACK), 0.03)
    line = Stroke(((0.0, 0.5), (sketch_.aspect, 0.5)), BLACK, 0.03)
    return Sketch("hazard", sketch_.aspect, (*sketch_.marks, line))


def _line_display(rng: np.random.Generator) -> Sketch:
    """A bus or taxi roof display."""
    text = words.pick(rng, [f"{int(rng.integers(1, 300))} {words.place(rng)}", "TAXI", "NOT IN SERVICE", f"{words.letters(rng, 1)}{int(rng.integers(1, 99))}"])
    lamps: tuple[Colour, Colour] = ((12, 12, 12), (250, 160, 30)) if rng.random() < 0.7 else ((245, 200, 30), BLACK)
    return _board("line_display", rng, [text], lamps)


def _blank(rng: np.random.Generator) -> Sketch:
    """Plate-like rectangles without a number: an empty holder, a reflector, a vent with bars."""
    width, kind = rng.uniform(2.0, 5.0), int(rng.integers(3))
    if kind == 0:
        rim = Stroke(rectangle(0.04, 0.04, width - 0.04, 0.96), _grey(rng, 10, 60), 0.06, closed=True)
        return Sketch("blank", width, (Patch(rectangle(0, 0, width, 1), _grey(rng, 15, 230)), rim))
    if kind == 1:
        return Sketch("blank", width, (Patch(rectangle(0, 0, width, 1, 0.1), (rng.uniform(140, 230), rng.uniform(10, 120), rng.uniform(10, 40))),))
    bars = tuple(Patch(rectangle(0, y, width, y + 0.06), _grey(rng, 90, 220)) for y in np.arange(0.05, 0.95, rng.uniform(0.1, 0.2)).tolist())
    return Sketch("blank", width, (Patch(rectangle(0, 0, width, 1, 0.1), _grey(rng, 5, 30)), *bars))


KINDS: dict[str, tuple[float, Callable[[np.random.Generator], Sketch]]] = {
    "place_sign": (2.0, _place_sign), "direction_sign": (1.5, _direction_sign), "street_sign": (1.5, _street_sign), "house_number": (1.0, _house_number),
    "round_sign": (1.0, _round_sign), "shaped_sign": (1.0, _shaped_sign), "dial": (1.5, _dial), "display": (1.2, _display), "counter": (0.8, _counter),
    "badge": (1.5, _badge), "emblem": (1.0, _emblem), "slogan": (2.5, _slogan), "time_stamp": (1.5, _time_stamp), "watermark": (0.8, _watermark),
    "shop_sign": (1.5, _shop_sign), "sticker": (0.8, _sticker), "bar_code": (0.6, _bar_code), "shirt": (0.5, _shirt), "price": (0.8, _price),
    "hazard": (0.5, _hazard), "line_display": (0.6, _line_display), "blank": (1.2, _blank),
}  # fmt: skip
_SHARES = np.array([weight for weight, _ in KINDS.values()]) / sum(weight for weight, _ in KINDS.values())
