"""Read straightened plates: one batch in, one `Reading` each out.

The network gives, for each of up to three text lines, probabilities over T frames from left to right in which "blank"
separates characters (CTC, Graves et al. 2006). Here those frames become *slots*, one per character that is or may be there:

- a run of frames whose likeliest class is the same character is one slot; its probabilities are those of the run's
  surest frame, and the chance of "no character" is the chance that every frame of the run is blank;
- neighbouring runs of different characters that share most of their probability are one doubtful character, not two;
- where blank wins but the chance of some character has a peak above `WEAK`, there is a slot that is probably empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from platelight.bundle import ModelError, ModelSpec
from platelight.geometry import Quad
from platelight.records import FloatTensor, PlateImage, Reading
from platelight.session import Session

BATCH = 32
WEAK = 0.05
"""A peak of the chance of a character below this, where blank wins, makes no slot."""

SHARED = 0.4
"""Neighbouring runs whose character probabilities overlap this much are one character in doubt."""

LINE_EVIDENCE = -8.0
"""Natural log below which the frames' word on whether a line is empty counts no further, so that they cannot overrule the line head alone."""

FLOOR = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """Slots of several text lines: natural log-probabilities (S, C), and the index of each slot's line (S,)."""

    log_probs: FloatTensor
    line: NDArray[np.intp]


class Reader:
    """Callable: plate images to readings, in batches of at most `BATCH`."""

    def __init__(self, session: Session, spec: ModelSpec) -> None:
        if not spec.alphabet:
            raise ModelError(f"{spec.folder / 'spec.json'}: a reader needs its alphabet")
        self.session, self.spec = session, spec

    def __call__(self, plates: Sequence[PlateImage]) -> list[Reading]:
        readings: list[Reading] = []
        for start in range(0, len(plates), BATCH):
            batch = plates[start : start + BATCH]
            outputs = self.session.run({"plates": np.stack([plate.pixels for plate in batch])})
            found = self._readings(outputs["log_probs"], outputs["country"], outputs["lines"], outputs["plateness"])
            whole = outputs.get("wholeness", np.ones(len(batch), np.float32)).tolist()  # models before reader-s-3 do not give it
            readings.extend(replace(reading, aspect=_aspect(plate.quad), wholeness=chance) for reading, plate, chance in zip(found, batch, whole, strict=True))
        return readings

    def _readings(self, frames: FloatTensor, country: FloatTensor, lines: FloatTensor, plateness: FloatTensor) -> list[Reading]:
        plates, most_lines = frames.shape[:2]
        if frames.shape[3] != len(self.spec.alphabet) + 1 or country.shape[1] != len(self.spec.countries):
            raise ModelError(
                f"{self.spec.folder}: the network gives {frames.shape[3]} classes and {country.shape[1]} countries,"
                f" spec.json names {len(self.spec.alphabet)} + 1 and {len(self.spec.countries)}"
            )
        counts = count_lines(frames, lines)
        used = np.arange(most_lines) < counts[:, None]  # (P, L)
        slots = to_slots(frames[used])
        plate_of_line, line_of_line = np.nonzero(used)
        plate, line = plate_of_line[slots.line], line_of_line[slots.line]
        bounds = np.searchsorted(plate, np.arange(plates + 1))
        return [
            Reading(
                log_probs=slots.log_probs[a:b], line_of_slot=tuple(line[a:b].tolist()), alphabet=self.spec.alphabet,
                country_log_probs=country[index], countries=self.spec.countries, lines=int(counts[index]), plateness=float(plateness[index]),
            )
            for index, (a, b) in enumerate(pairwise(bounds))
        ]  # fmt: skip


def _aspect(quad: Quad) -> float | None:
    return quad.width_px / quad.height_px if min(quad.width_px, quad.height_px) >= 1 else None


def count_lines(frames: FloatTensor, lines: FloatTensor) -> NDArray[np.intp]:
    """How many text lines each plate has (P,), from the line head (P, L) and from whether each line's frames (P, L, T, C) are all blank."""
    empty = np.clip(frames[..., 0].sum(axis=2), LINE_EVIDENCE, -FLOOR)  # (P, L)
    filled = np.clip(np.log(-np.expm1(empty)), LINE_EVIDENCE, 0)
    after = empty.sum(axis=1, keepdims=True) - empty.cumsum(axis=1)
    return np.asarray((lines + filled.cumsum(axis=1) + after).argmax(axis=1) + 1)


def to_slots(frames: FloatTensor) -> Slots:
    """Frames (L, T, C) of several text lines as slots in reading order, all lines at once."""
    count, length, classes = frames.shape
    flat = np.exp(frames.reshape(-1, classes))
    line_of_frame = np.repeat(np.arange(count), length)
    best = flat.argmax(axis=1)
    first, last = _runs(best, line_of_frame)
    surest = _surest(flat[np.arange(len(flat)), best], first, last)
    rows, empty = flat[surest].copy(), np.exp(_run_sums(frames.reshape(-1, classes)[:, 0], first, last))
    rows, surest, empty = _joined(rows, surest, empty, first, last, line_of_frame)
    weak = _weak_peaks(1 - flat[:, 0], best, line_of_frame)
    rows, where = np.concatenate([rows, flat[weak]]), np.concatenate([surest, weak])
    none = np.concatenate([empty, flat[weak, 0]])
    rows[:, 1:] *= ((1 - none) / np.maximum(rows[:, 1:].sum(axis=1), FLOOR))[:, None]
    rows[:, 0] = none
    order = np.argsort(where, kind="stable")
    return Slots(np.log(np.maximum(rows[order], FLOOR)).astype(np.float32), line_of_frame[where[order]])


def _runs(best: NDArray[np.intp], line: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First and last frame of every run of one character within one line."""
    if not len(best):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    change = np.flatnonzero((best[1:] != best[:-1]) | (line[1:] != line[:-1])) + 1
    first = np.concatenate([[0], change])
    last = np.concatenate([change - 1, [len(best) - 1]])
    held = best[first] > 0
    return first[held], last[held]


def _surest(top: FloatTensor, first: NDArray[np.intp], last: NDArray[np.intp]) -> NDArray[np.intp]:
    """Frame of each run with the highest top probability."""
    return np.array([a + int(top[a : b + 1].argmax()) for a, b in zip(first.tolist(), last.tolist(), strict=True)], dtype=np.intp)


def _run_sums(values: FloatTensor, first: NDArray[np.intp], last: NDArray[np.intp]) -> NDArray[np.float64]:
    total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    return np.asarray(total[last + 1] - total[first])


def _joined(
    rows: FloatTensor, surest: NDArray[np.intp], empty: NDArray[np.float64], first: NDArray[np.intp], last: NDArray[np.intp], line: NDArray[np.intp]
) -> tuple[FloatTensor, NDArray[np.intp], NDArray[np.float64]]:
    """Runs that touch and share most of their probability made into one slot with the mean of their probabilities."""
    if len(rows) < 2:
        return rows, surest, empty
    touching = (first[1:] == last[:-1] + 1) & (line[first[1:]] == line[last[:-1]])
    alike = np.minimum(rows[1:, 1:], rows[:-1, 1:]).sum(axis=1) > SHARED
    group = np.concatenate([[0], np.cumsum(~(touching & alike))])
    if group[-1] == len(rows) - 1:
        return rows, surest, empty
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    sizes = np.diff(np.append(starts, len(rows)))
    mean = np.add.reduceat(rows, starts, axis=0) / sizes[:, None].astype(np.float32)
    return np.asarray(mean, dtype=np.float32), surest[starts], np.multiply.reduceat(empty, starts)


def _weak_peaks(mass: FloatTensor, best: NDArray[np.intp], line: NDArray[np.intp]) -> NDArray[np.intp]:
    """Frames where blank wins but the chance of some character (`mass`) has a peak above `WEAK` within its line."""
    before = np.concatenate([[0], np.where(line[1:] == line[:-1], mass[:-1], 0)]) if len(mass) else mass
    after = np.concatenate([np.where(line[1:] == line[:-1], mass[1:], 0), [0]]) if len(mass) else mass
    return np.flatnonzero((best == 0) & (mass > WEAK) & (mass >= before) & (mass > after))
