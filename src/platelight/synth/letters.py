"""How each letter is built from strokes: one function per character, alternatives chosen by the face.

`p.l p.r p.t p.b` are the pen's centre lines along the edges of the box, `p.c p.m` the middles (see `pen.Pen`).
"""

from __future__ import annotations

from collections.abc import Callable

from platelight.synth.pen import Pen


def _a(p: Pen) -> None:
    kind = p.shape.kind("A")
    if kind == 2:  # square-headed, as on some dies
        p.path((p.l, p.b), p.round(p.l, p.t, p.ry * 0.8), p.round(p.r, p.t, p.ry * 0.8), (p.r, p.b))
        p.path((p.l, p.y(0.6)), (p.r, p.y(0.6)), ends="jj")
        return
    inset = p.slope_inset(p.c)
    flat = p.width * 0.1 if kind == 1 else 0.0
    tip = p.tip(True)
    p.path((inset, p.b), (p.c - flat, tip), ends="ff" if flat else "fj")
    p.path((p.width - inset, p.b), (p.c + flat, tip), ends="ff" if flat else "fj")
    if flat:
        p.path((p.c - flat, p.t), (p.c + flat, p.t), ends="jj")
    bar = p.y(p.shape.bar)
    share = (bar - tip) / (p.b - tip)
    x = p.c - flat + (inset - p.c + flat) * share
    p.path((x, bar), (p.width - x, bar), ends="jj")


def _b(p: Pen) -> None:
    upper = p.r - p.shape.upper
    ry = min(p.ry, (p.m - p.t) / 2)
    rx = min(p.rx, (p.r - p.l) * 0.7)
    p.path((p.l, p.m), (p.l, p.t), (upper, p.t, rx, ry), (upper, p.m, rx, ry), (p.l, p.m), ends="jj")
    p.path((p.l, p.m), (p.l, p.b), (p.r, p.b, rx, ry), (p.r, p.m, rx, ry), (p.l, p.m), ends="jj")


def _c(p: Pen) -> None:
    p.path((p.r, p.m), p.round(p.r, p.t), p.round(p.l, p.t), p.round(p.l, p.b), p.round(p.r, p.b), (p.r, p.m),
           start_y=p.open_y(True), end_y=p.open_y(False))  # fmt: skip


def _d(p: Pen) -> None:
    rx, ry = max(min(p.rx * 1.3, (p.r - p.l) * 0.9), (p.r - p.l) * 0.4), max(p.ry * 1.1, 0.17)
    p.path((p.l, p.t), (p.r, p.t, rx, ry), (p.r, p.b, rx, ry), (p.l, p.b), closed=True)
    p.squares += [(p.l, p.t), (p.l, p.b)]  # square in every face: what tells D from O


def _arms(p: Pen, low: bool) -> None:
    if low:
        p.path((p.r, p.t), (p.l, p.t), (p.l, p.b), (p.r, p.b))
    else:
        p.path((p.r, p.t), (p.l, p.t), (p.l, p.b))
    p.path((p.l, p.m), (p.x(p.shape.arm), p.m), ends="jc")


def _e(p: Pen) -> None:
    _arms(p, True)


def _f(p: Pen) -> None:
    _arms(p, False)


def _g(p: Pen) -> None:
    kind = p.shape.kind("G")
    bar = p.y(0.5 + 0.06 * p.shape.reach)
    inner = p.x(0.52)
    corner = (p.r, p.b) if kind == 1 else p.round(p.r, p.b)
    if kind == 2:  # bar without a stem above the curve
        p.path((p.r, p.m), p.round(p.r, p.t), p.round(p.l, p.t), p.round(p.l, p.b), p.round(p.r, p.b), (p.r, bar), (inner, bar), start_y=p.open_y(True))
        return
    if kind == 1:  # spur: the stem stands on the base line
        p.path((p.r, p.m), p.round(p.r, p.t), p.round(p.l, p.t), p.round(p.l, p.b), p.round(p.r, p.b), (p.r, bar), ends="cj", start_y=p.open_y(True))
        p.path((inner, bar), (p.r, bar), (p.r, p.b))
        return
    p.path((p.r, p.m), p.round(p.r, p.t), p.round(p.l, p.t), p.round(p.l, p.b), corner, (p.r, bar), (inner, bar), start_y=p.open_y(True))


def _h(p: Pen) -> None:
    p.path((p.l, p.t), (p.l, p.b))
    p.path((p.r, p.t), (p.r, p.b))
    p.path((p.l, p.m), (p.r, p.m), ends="jj")


def _i(p: Pen) -> None:
    p.path((p.c, p.t), (p.c, p.b))
    if p.shape.kind("I") == 1:
        reach = min(p.c - p.w / 2, p.w * 0.55 + 0.12)
        for y in (p.t, p.b):
            p.path((p.c - reach, y), (p.c + reach, y))


def _j(p: Pen) -> None:
    left = p.x(0.06)
    bend = min(p.ry, 0.3)
    start: tuple[tuple[float, ...], ...] = ((p.r, p.t),)
    if p.shape.kind("J") == 1:
        start = ((p.x(0.35), p.t), (p.r, p.t))
    p.path(*start, p.round(p.r, p.b, bend), p.round(left, p.b, bend), (left, p.m), end_y=p.y(0.72 - 0.1 * p.shape.reach))


def _k(p: Pen) -> None:
    p.path((p.l, p.t), (p.l, p.b))
    kind = p.shape.kind("K")
    right = p.width - p.w * 0.68
    if kind == 0:  # both arms meet on the stem
        p.path((p.l, p.m), (right, p.t), ends="jf")
        p.path((p.l, p.m), (right, p.b), ends="jf")
    elif kind == 1:  # the leg springs from the arm
        y = p.y(0.62)
        p.path((p.l, y), (right, p.t), ends="jf")
        p.path((p.l + (right - p.l) * 0.36, y + (p.t - y) * 0.36), (right, p.b), ends="jf")
    else:  # a short link
        x = p.x(0.3)
        p.path((p.l, p.m), (x, p.m), ends="jj")
        p.path((x, p.m), (right, p.t), ends="jf")
        p.path((x, p.m), (right, p.b), ends="jf")


def _l(p: Pen) -> None:
    p.path((p.l, p.t), (p.l, p.b), (p.r, p.b))


def _m(p: Pen) -> None:
    kind = p.shape.kind("M")
    slant = p.width * 0.07 if kind == 1 else 0.0
    p.path((p.l, p.b), (p.l + slant, p.t), ends="ff" if kind else "cc")
    p.path((p.r, p.b), (p.r - slant, p.t), ends="ff" if kind else "cc")
    depth = min(p.top + p.shape.vertex * (1 - p.top), p.tip(False))
    for x in (p.l + slant, p.r - slant):
        p.path((x + (p.c - x) * 0.06, p.t), (p.c, depth), ends="fj")


def _n(p: Pen) -> None:
    p.path((p.l, p.t), (p.l, p.b))
    p.path((p.r, p.t), (p.r, p.b))
    inset = min(p.w * 0.12, 0.02)
    p.path((p.l + inset, p.t), (p.r - inset, p.b), ends="ff")


def _o(p: Pen) -> None:
    p.loop(p.l, p.r, p.t, p.b, p.rx, p.ry)


def _p(p: Pen) -> None:
    y = p.y(p.shape.bowl)
    rx, ry = min(p.rx, (p.r - p.l) * 0.7), min(p.ry, (y - p.t) / 2)
    p.path((p.l, p.b), (p.l, p.t), (p.r, p.t, rx, ry), (p.r, y, rx, ry), (p.l, y), ends="cj")


def _q(p: Pen) -> None:
    _o(p)
    kind = p.shape.kind("Q")
    length = p.shape.tail
    if kind == 0:  # crosses the corner
        p.path((p.r - length * 0.8, p.b - length * 1.1), (p.r + p.w * 0.2, p.b + p.w * 0.12), ends="cf")
    elif kind == 1:  # upright tick in the middle
        x = p.x(0.62)
        p.path((x, p.b - length), (x, p.b), ends="cc")
    else:  # from inside to the corner
        p.path((p.c, p.y(0.68)), (p.r, p.b), ends="cc")


def _r(p: Pen) -> None:
    kind = p.shape.kind("R")
    y = p.y(p.shape.bowl - 0.02)
    rx, ry = min(p.rx, (p.r - p.l) * 0.7), min(p.ry, (y - p.t) / 2)
    right = p.r - (p.shape.upper if kind != 2 else 0)
    p.path((p.l, p.b), (p.l, p.t), (right, p.t, rx, ry), (right, y, rx, ry), (p.l, y), ends="cj")
    foot = p.width - p.slope_inset((p.r - p.l) * 0.9)
    if kind == 0:
        p.path((p.x(0.45), y), (foot, p.b), ends="jf")
    elif kind == 1:
        p.path((p.x(0.15), y), (p.width - p.slope_inset((p.r - p.l) * 1.6), p.b), ends="jf")
    else:
        p.path((p.x(0.3), y), p.round(p.r, y, min(p.ry, 0.16)), (p.r, p.b), ends="jc")


def _s(p: Pen) -> None:
    tilt = p.shape.spine
    ry = min(p.ry, (p.m - p.t) / 2)
    p.path((p.r, p.m), p.round(p.r, p.t, ry), p.round(p.l, p.t, ry), p.round(p.l, p.m - tilt, ry), p.round(p.r, p.m + tilt, ry),
           p.round(p.r, p.b, ry), p.round(p.l, p.b, ry), (p.l, p.m),
           start_y=p.open_y(True, (p.b - p.t) * 0.36), end_y=p.open_y(False, (p.b - p.t) * 0.36))  # fmt: skip


def _t(p: Pen) -> None:
    p.path((p.l, p.t), (p.r, p.t))
    p.path((p.c, p.t), (p.c, p.b), ends="jc")


def _u(p: Pen) -> None:
    p.path((p.l, p.t), p.round(p.l, p.b), p.round(p.r, p.b), (p.r, p.t))


def _v(p: Pen) -> None:
    inset, tip = p.slope_inset(p.c), p.tip(False)
    p.path((inset, p.t), (p.c, tip), ends="fj")
    p.path((p.width - inset, p.t), (p.c, tip), ends="fj")


def _w(p: Pen) -> None:
    kind = p.shape.kind("W")
    if kind == 2:  # upright sides, an M upside down
        for x in (p.l, p.r):
            p.path((x, p.t), (x, p.b))
            p.path((x, p.b), (p.c, p.y(1 - p.shape.vertex * 0.8)), ends="fj")
        return
    inset, tip = p.slope_inset(p.width * 0.22), p.tip(False)
    peak = p.tip(True) if kind == 0 else p.y(0.28)
    quarter = p.x(0.26)
    p.path((inset, p.t), (quarter, tip), ends="fj")
    p.path((p.width - inset, p.t), (p.width - quarter, tip), ends="fj")
    p.path((quarter, tip), (p.c, peak), ends="jj")
    p.path((p.width - quarter, tip), (p.c, peak), ends="jj")


def _x(p: Pen) -> None:
    inset = p.slope_inset(p.r - p.l)
    p.path((inset, p.t), (p.width - inset, p.b), ends="ff")
    p.path((p.width - inset, p.t), (inset, p.b), ends="ff")


def _y(p: Pen) -> None:
    fork = p.y(p.shape.fork)
    inset = p.slope_inset(p.c / p.shape.fork)
    p.path((inset, p.t), (p.c, fork), ends="fj")
    p.path((p.width - inset, p.t), (p.c, fork), ends="fj")
    p.path((p.c, fork), (p.c, p.b), ends="jc")


def _z(p: Pen) -> None:
    inset = min(p.slope_inset(p.r - p.l), (p.r - p.l) * 0.4) - p.w * 0.25
    p.path((p.l, p.t), (p.r, p.t))
    p.path((p.l, p.b), (p.r, p.b))
    p.path((p.width - inset, p.t), (inset, p.b), ends="jj")
    if p.shape.kind("Z") == 1:
        p.path((p.x(0.22), p.m), (p.x(0.78), p.m))


LETTERS: dict[str, Callable[[Pen], None]] = {
    "A": _a,
    "B": _b,
    "C": _c,
    "D": _d,
    "E": _e,
    "F": _f,
    "G": _g,
    "H": _h,
    "I": _i,
    "J": _j,
    "K": _k,
    "L": _l,
    "M": _m,
    "N": _n,
    "O": _o,
    "P": _p,
    "Q": _q,
    "R": _r,
    "S": _s,
    "T": _t,
    "U": _u,
    "V": _v,
    "W": _w,
    "X": _x,
    "Y": _y,
    "Z": _z,
}
