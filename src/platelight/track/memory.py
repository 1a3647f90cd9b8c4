"""Vehicles that were reported, so that none is reported twice."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from platelight.records import Reading
from platelight.track.align import LOOK_ALIKES, likeness
from platelight.track.motion import Shape
from platelight.track.trace import STOOD_SIZE, Decided, Track

AGAIN_AFTER_S = 15.0
"""A vehicle that went out of sight passes anew only after so long: behind a lorry or a pillar it is still the same pass."""

LEAVING_S = 300.0
"""The same for one that was parked when it was seen last: it may not have been seen leaving."""

PARKED_KEPT_S = 12 * 3600.0
"""So long a parked vehicle that is not seen at all is remembered in its place: a night's dark, a camera that is away."""

SAME_PLACE = 1.0
"""Plate widths within which a plate stands in the place of one that was parked there."""

SURE = 0.95
"""Two texts that differ in one character are two vehicles' only if both are as sure as this and the characters do not look alike."""

UNSURE, SAME_CAR = 0.7, 4.0
"""In the place of a vehicle that was parked, what has a text of less confidence than UNSURE is that vehicle, and so is what reads like
it by so many nats: of two vehicles' plates one pair in a thousand does, of one plate in two frames 97 of 100 (bench/watch_passes.py)."""

HALF_HIDDEN_S = 1.0
"""Part of a known text, seen no later than this after it was, is the same plate half hidden."""

MOST = 256


@dataclass(slots=True)
class _Known:
    """A vehicle that was reported: its text, where and when it was seen last. `parked`: it was standing there."""

    text: str | None
    confidence: float
    reading: Reading
    place: Shape
    last_s: float
    parked: bool

    def expired(self, time_s: float) -> bool:
        return time_s - self.last_s > (PARKED_KEPT_S if self.parked else AGAIN_AFTER_S)


class Memory:
    """Of the last MOST vehicles that were reported, what tells them from new ones."""

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}

    def remember(self, track: Track) -> None:
        """Keep what is known of a track that was reported, in place of what was known before."""
        assert track.decided is not None
        self._known.pop(track.number, None)
        text, confidence, reading = track.decided
        self._known[track.number] = _Known(text, confidence, reading, track.end, track.last.time_s, track.parked and track.stands)
        while len(self._known) > MOST:
            del self._known[next(iter(self._known))]

    def forget_before(self, time_s: float) -> None:
        """Drop what can no longer matter."""
        self._known = {number: known for number, known in self._known.items() if not known.expired(time_s)}

    def known(self, track: Track, decided: Decided) -> bool:
        """Whether the track, of which that has been decided, is of a vehicle that was reported already; what is remembered of the
        track itself does not count."""
        return any(_same(known, track, decided) for number, known in self._known.items() if number != track.number)


def _same(known: _Known, track: Track, decided: Decided) -> bool:
    text, confidence, reading = decided
    alike = same_text(known.text, text, min(known.confidence, confidence))
    if is_part(text, known.text) and track.first.time_s - known.last_s <= HALF_HIDDEN_S:
        return True
    if known.parked and _at(known.place, track.start):
        return alike or confidence < UNSURE or likeness(known.reading, reading) > SAME_CAR
    return alike and track.first.time_s - known.last_s <= (LEAVING_S if known.parked else AGAIN_AFTER_S)


def same_text(first: str | None, second: str | None, confidence: float) -> bool:
    """Whether two texts may be one plate's: equal, one look-alike apart, or one character where either is unsure."""
    if first is None or second is None:
        return False
    if first == second:
        return True
    if confidence < SURE:
        return Levenshtein.distance(first, second, score_cutoff=1) <= 1
    other = [pair for pair in zip(first, second, strict=False) if pair[0] != pair[1]]
    return len(first) == len(second) and len(other) == 1 and look_alike(*other[0])


def is_part(text: str | None, whole: str | None) -> bool:
    """Whether a text is what is left of another where something hides the plate's begin or end."""
    return text is not None and whole is not None and (whole.startswith(text) or whole.endswith(text))


def look_alike(first: str, second: str) -> bool:
    return any(first in group and second in group for group in LOOK_ALIKES)


def _at(place: Shape, shape: Shape) -> bool:
    far = math.hypot(place.x - shape.x, place.y - shape.y) > SAME_PLACE * place.width
    return not far and abs(place.size - shape.size) < 2 * STOOD_SIZE
