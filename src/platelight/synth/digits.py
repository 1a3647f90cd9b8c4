"""How each digit is built from strokes: one function per character, alternatives chosen by the face.

`p.l p.r p.t p.b` are the pen's centre lines along the edges of the box, `p.c p.m` the middles (see `pen.Pen`).
"""

from __future__ import annotations

from collections.abc import Callable

from platelight.synth.pen import Pen


def _zero(p: Pen) -> None:
    rx = min(p.rx * p.shape.zero_curve, (p.r - p.l) / 2)
    ry = min(p.ry * p.shape.zero_curve, (p.b - p.t) / 2)
    p.loop(p.l, p.r, p.t, p.b, rx, ry)
    kind = p.shape.kind("0")
    if kind == 1:
        p.path((p.x(0.16), p.y(0.8)), (p.x(0.84), p.y(0.2)), ends="jj")
    elif kind == 2:  # a slit in the upper right
        p.holes.append([(p.width, 0.1), (p.width, 0.17), (p.c, 0.3), (p.c, 0.23)])


def _one(p: Pen) -> None:
    kind = p.shape.kind("1")
    if kind == 0:
        x = p.r if p.width < p.w * 2.4 else p.c
        p.path((x, p.t), (x, p.b))
        return
    left = max(p.l, p.c - 0.22)
    stem = min(p.r, p.c + p.w * 0.2 + 0.05) if kind == 1 else p.c
    p.path((stem, p.b), (stem, p.t), ends="cc")
    if kind == 3:  # flag as a horizontal stub
        p.path((max(p.l, stem - 0.2), p.t), (stem, p.t), ends="cj")
    else:
        p.path((left, p.y(p.shape.flag)), (stem, p.tip(True)), ends="cj")
    if kind == 2:
        reach = min(p.c - p.w / 2, p.w * 0.5 + 0.13)
        p.path((p.c - reach, p.b), (p.c + reach, p.b))


def _two(p: Pen) -> None:
    kind = p.shape.kind("2")
    start = p.open_y(True, (p.b - p.t) * 0.42)
    if kind == 1:  # like a mirrored S
        ry = min(p.ry, (p.m - p.t) / 2)
        p.path((p.l, p.m), p.round(p.l, p.t, ry), p.round(p.r, p.t, ry), p.round(p.r, p.m, ry), p.round(p.l, p.m, ry), (p.l, p.b), (p.r, p.b), start_y=start)
        return
    turn = p.y(0.42)
    ry = min(p.ry, (turn - p.t) / 2 + 0.06)
    p.path((p.l, p.m), p.round(p.l, p.t, ry), p.round(p.r, p.t, ry), p.round(p.r, turn, 0.16, p.rx), (p.l, p.b), (p.r, p.b), start_y=start)


def _three(p: Pen) -> None:
    ry = min(p.ry, (p.m - p.t) / 2)
    low = p.open_y(False, (p.b - p.t) * 0.38)
    if p.shape.kind("3") == 1:  # flat top
        y = p.y(0.42)
        p.path((p.l, p.t), (p.r, p.t), (p.c, y), ends="cj")
        p.path((p.c, y), p.round(p.r, y, 0.26), p.round(p.r, p.b, 0.26), p.round(p.l, p.b, ry), (p.l, p.m), ends="jc", end_y=low)
        return
    upper, inner = p.r - p.shape.upper, p.x(0.38)
    p.path((p.l, p.m), p.round(p.l, p.t, ry), p.round(upper, p.t, ry), p.round(upper, p.m, ry), (inner, p.m),
           ends="cc", start_y=p.open_y(True, (p.b - p.t) * 0.38))  # fmt: skip
    p.path((inner, p.m), p.round(p.r, p.m, ry), p.round(p.r, p.b, ry), p.round(p.l, p.b, ry), (p.l, p.m), ends="cc", end_y=low)


def _four(p: Pen) -> None:
    bar = p.y(p.shape.four_bar)
    stem = min(p.x(p.shape.four_stem), p.r)
    if p.shape.kind("4") == 1:  # open: the diagonal starts left of the stem
        p.path((p.x(0.42), p.t), (p.l, bar, 0, 0), (p.r, bar), ends="fc")
        p.path((stem, p.y(0.4)), (stem, p.b))
    elif p.shape.kind("4") == 2:  # open with an upright left arm
        p.path((p.l, p.t), (p.l, bar), (p.r, bar))
        p.path((stem, p.y(0.3)), (stem, p.b))
    else:
        p.path((stem, p.t), (p.l, bar, 0, 0), (p.r, bar), ends="jc")
        p.path((stem, p.t), (stem, p.b))


def _five(p: Pen) -> None:
    y = p.y(0.4)
    ry = min(p.ry, (p.b - y) / 2)
    lean = p.w * 0.3 if p.shape.kind("5") == 1 else 0.0
    p.path((p.r, p.t), (p.l + lean, p.t), (p.l, y), p.round(p.r, y, ry), p.round(p.r, p.b, ry), p.round(p.l, p.b, ry), (p.l, p.m),
           end_y=p.open_y(False, (p.b - p.t) * 0.4))  # fmt: skip


def _six(p: Pen) -> None:
    y = p.y(p.shape.six_bowl)
    ry = min(p.ry, (p.b - y) / 2)
    if p.shape.kind("6") == 1:  # straight tail
        ry = (p.b - y) / 2 * min(1.0, 0.75 + 0.25 * p.shape.curve_x)
        p.loop(p.l, p.r, y, p.b, p.rx, ry)
        p.path((p.x(0.72), p.t), (p.x(0.03), p.y((p.shape.six_bowl + 1) / 2 - 0.08)), ends="fj")
        return
    p.path((p.r, p.m), p.round(p.r, p.t), p.round(p.l, p.t), p.round(p.l, p.b, ry), p.round(p.r, p.b, ry), p.round(p.r, y, ry), p.round(p.l, y, ry),
           (p.l, p.y(0.72)), ends="cj", start_y=p.open_y(True, (p.b - p.t) * 0.4))  # fmt: skip


def _nine(p: Pen) -> None:
    _six(p)
    p.turned()


def _seven(p: Pen) -> None:
    kind = p.shape.kind("7")
    foot = p.x(0.3)
    if kind == 1:
        p.path((p.l, p.t), (p.r, p.t), (p.r, p.t + 0.08), (foot, p.y(0.55), 0.2, 0.3), (foot, p.b), ends="cc")
    else:
        p.path((p.l, p.t), (p.r, p.t), (foot, p.b), ends="cf")
    if kind == 2:
        p.path((p.x(0.24), p.y(0.52)), (p.x(0.9), p.y(0.52)))
    elif kind == 3:
        p.path((p.l, p.t), (p.l, p.t + 0.1))


def _eight(p: Pen) -> None:
    y = p.y(p.shape.waist - 0.02)
    inset = p.shape.upper * 0.8
    p.loop(p.l + inset, p.r - inset, p.t, y, p.rx, p.ry)
    p.loop(p.l, p.r, y, p.b, p.rx, p.ry)


DIGITS: dict[str, Callable[[Pen], None]] = {
    "0": _zero,
    "1": _one,
    "2": _two,
    "3": _three,
    "4": _four,
    "5": _five,
    "6": _six,
    "7": _seven,
    "8": _eight,
    "9": _nine,
}
