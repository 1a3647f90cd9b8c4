"""The readings of one plate in many frames become one, character by character."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from platelight.records import Decoding, FloatTensor, Reading
from platelight.track.align import aligned, rows_of

SOFTENED = 0.02
"""Share of every reading's probability spread over all characters: a sure mistake of one frame cannot outvote the others alone."""

TEMPER = 0.1
"""Readings of one pass share light, dirt, angle and the network's habits: n of them count for n to this power. With 0.45 the joined
confidence was too high and mistakes that the plate types put right in every frame won; chosen by the log loss on drawn passes."""

ABSENT = 0.9
"""Where a reading has no slot at all, it says "no character" with this chance."""

KEPT = 0.03
"""A slot that holds a character with less chance than this is left out."""


def joined(readings: Sequence[Reading], weights: Sequence[float], decoder: Callable[[Sequence[Reading]], list[Decoding]]) -> Decoding:
    """One decision for many readings of one plate: `merged`, then decoded once. Raises ValueError as `merged` does."""
    return decoder([merged(readings, weights)])[0]


def merged(readings: Sequence[Reading], weights: Sequence[float]) -> Reading:
    """One reading out of many of the same plate, each counting with its weight.

    The slots of every line are aligned one reading after another, the weightiest first, to what is joined so far; the
    probabilities of each slot are multiplied (a weighted geometric mean raised to the power of how many readings count, see
    TEMPER), so are those of the countries. Readings whose number of lines is not that of the most do not count, but for
    plate-ness. Raises ValueError without readings, with weights that are negative, all 0 or not as many, or with different alphabets.
    """
    _check(readings, weights)
    lines = max({reading.lines for reading in readings}, key=lambda count: sum(w for r, w in zip(readings, weights, strict=True) if r.lines == count))
    counted = sorted(((w, r) for w, r in zip(weights, readings, strict=True) if r.lines == lines and w > 0), key=lambda pair: -pair[0])
    shares = np.array([weight for weight, _ in counted])
    power = float((shares.sum() ** 2 / (shares**2).sum()) ** TEMPER) / float(shares.sum())
    rows: list[FloatTensor] = []
    places: list[int] = []
    for line in range(max(lines, 1)):
        found = _joined_line(counted, line, power)
        rows += found
        places += [line] * len(found)
    first = counted[0][1]
    countries = sum(weight * reading.country_log_probs for weight, reading in counted) * power
    return Reading(
        log_probs=np.array(rows, dtype=np.float32).reshape(len(rows), len(first.alphabet) + 1),
        line_of_slot=tuple(places), alphabet=first.alphabet,
        country_log_probs=_normal(np.asarray(countries)), countries=first.countries, lines=lines,
        plateness=float(np.average([reading.plateness for reading in readings], weights=weights)), aspect=_middle([reading.aspect for _, reading in counted]),
        wholeness=float(np.average([reading.wholeness for _, reading in counted], weights=shares)),
    )  # fmt: skip


def _check(readings: Sequence[Reading], weights: Sequence[float]) -> None:
    if not readings or len(readings) != len(weights):
        raise ValueError(f"readings and weights must be as many and at least one, got {len(readings)} and {len(weights)}")
    if min(weights) < 0 or not sum(weights) > 0:
        raise ValueError(f"weights must not be negative nor all 0, got {list(weights)}")
    if len({(reading.alphabet, reading.countries) for reading in readings}) > 1:
        raise ValueError("readings of different networks cannot be joined: their alphabets or countries differ")


def _joined_line(counted: Sequence[tuple[float, Reading]], line: int, power: float) -> list[FloatTensor]:
    """Log-probabilities of the slots of one line."""
    alphabet = counted[0][1].alphabet
    columns: list[FloatTensor] = []  # of every slot the weighted sum of log-probabilities (C,)
    total = 0.0
    for weight, reading in counted:
        chances = np.exp(reading.log_probs[rows_of(reading, line)])
        logs = np.log(chances * (1 - SOFTENED) + _spread(alphabet))
        columns = _added(columns, total, chances, logs, weight, alphabet)
        total += weight
    rows = [_normal(column * power) for column in columns]
    return [row for row in rows if row[0] < np.log(1 - KEPT)]


def _added(columns: list[FloatTensor], total: float, chances: FloatTensor, logs: FloatTensor, weight: float, alphabet: str) -> list[FloatTensor]:
    """The columns after one more line of slots, given as chances and as softened logarithms (T, C)."""
    nothing = _absent(alphabet)
    if not total:
        return [weight * row for row in logs]
    so_far = np.exp(np.array([_normal(column / total) for column in columns], dtype=np.float32).reshape(len(columns), len(alphabet) + 1))
    grown: list[FloatTensor] = []
    for mine, other in aligned(so_far, chances, alphabet)[1]:
        before = columns[mine] if mine is not None else total * nothing
        grown.append(before + weight * (logs[other] if other is not None else nothing))
    return grown


def _spread(alphabet: str) -> FloatTensor:
    """What a softened reading says at least (C,)."""
    return np.full(len(alphabet) + 1, SOFTENED / (len(alphabet) + 1), np.float32)


def _absent(alphabet: str) -> FloatTensor:
    """What a reading says of a slot that it has not got (C,), natural logarithm."""
    row = np.full(len(alphabet) + 1, (1 - ABSENT) / len(alphabet), np.float32)
    row[0] = ABSENT
    return np.log(row)


def _normal(log_probs: FloatTensor) -> FloatTensor:
    """The same with chances that sum to 1."""
    return np.asarray(log_probs - np.logaddexp.reduce(log_probs), dtype=np.float32)


def _middle(aspects: Sequence[float | None]) -> float | None:
    known = [aspect for aspect in aspects if aspect]
    return float(np.median(known)) if known else None
