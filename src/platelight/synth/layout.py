"""Where the characters of a plate go: lines of characters and marks fitted into a box."""

from __future__ import annotations

from dataclasses import dataclass

from platelight.synth.faces import Face
from platelight.templates.model import MARKS

MARK_WIDTHS = {" ": 0.32, "~": 0.12, "-": 0.3, ".": 0.16, "*": 0.5, "+": 0.62}
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
    """How a line is set: `between` characters and `marks` scale widths, `justify` of the room left goes between, `align` places the rest."""

    between: float = 0.1
    marks: float = 1.0
    justify: float = 0.0
    align: float = 0.5


def set_line(line: str, face: Face, x0: float, x1: float, y0: float, height: float, spacing: Spacing) -> list[Placed]:
    """Place a line of characters and marks between x0 and x1 with its top at y0; nothing passes the limits.

    Too long a line is condensed down to NARROWEST and then made lower, keeping its middle.
    """
    room = x1 - x0
    natural = [(MARK_WIDTHS[c] * spacing.marks if c in MARKS else face.advance(c)) for c in line]
    gaps = [0.0 if line[i] in MARKS or line[i + 1] in MARKS else spacing.between for i in range(len(line) - 1)]
    total = sum(natural) + sum(gaps)
    squeeze = 1.0
    if total * height > room:
        squeeze = max(room / (total * height), NARROWEST)
        if total * height * squeeze > room:
            lower = room / (total * squeeze)
            y0, height = y0 + (height - lower) / 2, lower
    left = room - total * height * squeeze
    steps = max(len(line) - 1, 1)
    extra = min(left * spacing.justify / steps, 0.16 * height)
    x = x0 + (left - extra * steps) * spacing.align if len(line) > 1 else x0 + left * spacing.align
    placed = []
    for index, symbol in enumerate(line):
        width = natural[index] * height * squeeze
        start = int(round(x))
        placed.append(Placed(symbol, start, int(round(y0)), max(int(x + width) - start, 2), max(int(height), 4)))
        x += width + (gaps[index] * height * squeeze if index < len(gaps) else 0) + extra
    return placed
