"""The numbers themselves: how alike two texts are, how far a share can be trusted, whether confidences mean what they say."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Levenshtein

_OUTSIDE = re.compile("[^0-9A-ZÄÖÜ]")
_MERGED = str.maketrans("OIÄÖÜ", "01A0U")
_Z95 = 1.959963984540054  # 97.5 % point of the normal distribution


def normal(text: str | None) -> str:
    """`text` in upper case with everything left out that is not A-Z, 0-9, Ä, Ö or Ü; "" for None."""
    return _OUTSIDE.sub("", unicodedata.normalize("NFC", text or "").upper())


def lenient(text: str | None) -> str:
    """`normal` with the look-alikes merged: O = 0, I = 1, Ä Ö Ü = A O U."""
    return normal(text).translate(_MERGED)


def similarity(read: str, true: str) -> float:
    """1 - edit distance / longer length, 0 to 1; both texts as `normal` gives them."""
    return 1 - Levenshtein.distance(read, true) / max(len(read), len(true), 1)


def wilson(hits: int, total: int) -> tuple[float, float] | None:
    """95 % interval of a share, None without trials. Source: E. B. Wilson, JASA 22 (1927) 209-212."""
    if total == 0:
        return None
    share, spread = hits / total, _Z95**2 / total
    centre = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def bootstrap_mean(values: Sequence[float], rounds: int = 1000, seed: int = 0) -> tuple[float, float] | None:
    """95 % percentile-bootstrap interval of the mean, None without values; the same seed gives the same interval."""
    if not values:
        return None
    data = np.asarray(values, dtype=np.float64)
    rng = np.random.default_rng(seed)
    means = [data[rng.integers(len(data), size=len(data))].mean() for _ in range(rounds)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class Bin:
    """One row of a reliability table: how many readings, their mean confidence, and the share of them that was right."""

    count: int
    confidence: float
    right: float


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> tuple[Bin, ...]:
    """Readings ordered by confidence and cut into `bins` groups of equal size (to one), lowest confidence first."""
    order = np.argsort(np.asarray(confidences, dtype=np.float64), kind="stable")
    confidence, correct = np.asarray(confidences, dtype=np.float64)[order], np.asarray(right, dtype=np.float64)[order]
    parts = zip(np.array_split(confidence, bins), np.array_split(correct, bins), strict=True)
    return tuple(Bin(len(c), float(c.mean()), float(r.mean())) for c, r in parts if len(c))


def calibration_error(table: Sequence[Bin]) -> float | None:
    """Expected calibration error: mean gap between confidence and share right, weighted by count; None for an empty table."""
    total = sum(row.count for row in table)
    return sum(row.count * abs(row.confidence - row.right) for row in table) / total if total else None


def accepted_at(precision: float, confidences: Sequence[float], right: Sequence[bool]) -> tuple[int, float | None]:
    """How many readings can be accepted by one threshold so that at least `precision` of them are right, and that threshold.

    A reading is accepted where its confidence is at least the threshold; readings of equal confidence stand or fall together.
    """
    pairs = sorted(zip(confidences, right, strict=True), key=lambda pair: -pair[0])
    best: tuple[int, float | None] = (0, None)
    correct = 0
    for count, (confidence, is_right) in enumerate(pairs, 1):
        correct += is_right
        last_of_its_kind = count == len(pairs) or pairs[count][0] < confidence
        if last_of_its_kind and correct / count >= precision:
            best = count, confidence
    return best
