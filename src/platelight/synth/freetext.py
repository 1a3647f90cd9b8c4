"""Texts of no country, for plates that no template describes."""

from __future__ import annotations

import numpy as np

LOOKALIKES = ("O0", "I1", "B8", "D0", "QO", "S5", "Z2", "G6", "MNHW", "VYU", "CG", "A4", "T7", "PR", "ÄA", "ÖO", "ÜU", "O0DQ", "8B3", "EF")
"""Groups that readers mix up; drawn more often than chance would."""
_POOLS = ("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ")


def free_text(rng: np.random.Generator) -> tuple[str, ...]:
    """One to three lines of any characters, 1 to 12 in all, marks included."""
    count = int(np.clip(round(rng.normal(6.5, 2.2)), 1, 12))
    text = ""
    while len(text) < count:
        u = rng.random(6).tolist()
        source = LOOKALIKES[int(u[1] * len(LOOKALIKES))] if u[0] < 0.35 else _POOLS[0 if u[1] < 0.5 else 1 if u[1] < 0.75 else 2 if u[1] < 0.95 else 3]
        text += "".join(source[int(place * len(source))] for place in u[3 : 4 + int(u[2] * 3)])
    text = text[:count]
    u = rng.random(3).tolist()
    lines = min(1 if u[0] < 0.68 else 2 if u[0] < 0.95 else 3, count)
    cuts = sorted({min(max(int((index + 1 + 0.6 * (u[index + 1] - 0.5)) * count / lines), 1), count - 1) for index in range(lines - 1)})
    parts = [text[start:end] for start, end in zip([0, *cuts], [*cuts, count], strict=True)]
    return tuple(_with_marks(rng, part) for part in parts)


def _with_marks(rng: np.random.Generator, line: str) -> str:
    """Up to two gaps, dashes, dots or seals between the characters."""
    u = rng.random(5).tolist()
    for index in range(0 if u[4] < 0.4 else 1 if u[4] < 0.85 else 2):
        place = 1 + int(u[index] * (len(line) - 1))
        if 0 < place < len(line) and line[place - 1].isalnum() and line[place].isalnum():
            mark = "     ~~---..*+"[int(u[index + 2] * 14)]
            line = line[:place] + mark + line[place:]
    return line
