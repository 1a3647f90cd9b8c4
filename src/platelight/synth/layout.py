"""Where the characters of a plate go: lines of characters and marks fitted into a box."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from platelight.synth.faces import Face
from platelight.templates.model import MARKS

MARK_WIDTHS = {" ": 0.32, "~": 0.12, "-": 0.32, ".": 0.18, "*": 0.52, "+": 0.66}
"""Natural widths of marks as shares of the character height."""
NARROWEST = 0.62  # characters are condensed to this share of their natural width before the whole line gets lower


@dataclass(frozen=True, slots=True)
class Placed:
    """A character or mark in its box, in pixels."""

    symbol: str
    x: int
    y: int
    width: int
    height: int

    @property
    def is_mark(self) -> bool:
        return self.symbol in MARKS


@dataclass(frozen=True, slots=True)
class Spacing:
    """How a line is set, in shares of the character height where not said otherwise.

    `between` characters; `marks` scales the width of marks. A line shorter than `fill` of its room has its characters
    widened by up to `stretch` and then its gaps by up to `loosen` each; `align` (0 left, 1 right) places what is left.
    """

    between: float = 0.1
    marks: float = 1.0
    fill: float = 0.8
    stretch: float = 1.0
    loosen: float = 0.1
    align: float = 0.5


def set_line(line: str, face: Face, x0: float, x1: float, y0: float, height: float, spacing: Spacing) -> list[Placed]:
    """Place a line of characters and marks between x0 and x1 with its top at y0; nothing passes the limits.

    Too long a line is condensed down to NARROWEST and then made lower, keeping its middle.
    """
    room = x1 - x0
    marked = [symbol in MARKS for symbol in line]
    widths = [MARK_WIDTHS[symbol] * spacing.marks if mark else face.advance(symbol) for symbol, mark in zip(line, marked, strict=True)]
    gaps = [0.0 if first or second else spacing.between for first, second in itertools.pairwise(marked)]
    letters, total = sum(width for width, mark in zip(widths, marked, strict=True) if not mark), sum(widths) + sum(gaps)
    squeeze, stretch, extra = 1.0, 1.0, 0.0
    if total * height > room:
        squeeze = max(room / (total * height), NARROWEST)
        if total * height * squeeze > room:
            lower = room / (total * squeeze)
            y0, height = y0 + (height - lower) / 2, lower
    elif letters and (short := room * spacing.fill / height - total) > 0:
        stretch = min(1 + short / letters, spacing.stretch)
        extra = min((short - letters * (stretch - 1)) / max(len(line) - 1, 1), spacing.loosen)
    total = (total + letters * (stretch - 1)) * squeeze + extra * (len(line) - 1)
    x = x0 + (room - total * height) * spacing.align
    placed = []
    for index, (symbol, width) in enumerate(zip(line, widths, strict=True)):
        width *= height * squeeze * (1.0 if marked[index] else stretch)
        start = int(x + 0.5)
        placed.append(Placed(symbol, start, int(y0 + 0.5), max(int(x + width) - start, 2), max(int(height), 4)))
        x += width + (gaps[index] * squeeze + extra) * height if index < len(gaps) else 0.0
    return placed
