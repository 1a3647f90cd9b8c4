"""What is known of one vehicle while it is before the camera; its memory does not grow with time."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from platelight.geometry import Quad
from platelight.records import Decoding, Direction, Frame, Reading
from platelight.track.align import likeness
from platelight.track.join import merged
from platelight.track.motion import Motion, Shape
from platelight.track.sighting import Sighting

READINGS_KEPT = 24
"""The weightiest readings of a track are kept to be joined; more change little (they are not independent) and would fill the memory."""

PATH_POINTS = 64
TEXTS_COUNTED = 64

GREW = math.log(1.2)
"""A plate that grew or shrank by more than this came towards the camera or went away, whatever else it did."""

CROSSED = 1.0
"""Plate widths a plate must have moved for its pass to have a direction."""

MOVED = 0.5
"""Plate widths that finds of a sign, which tremble, hardly ever lie apart."""

STANDS_S = 1.5
"""So long a plate must not have moved to be taken for standing."""

STOOD_WITHIN, STOOD_SIZE = 0.5, math.log(1.2)
"""A plate stands as long as it stays within so many plate widths of one place and its size within this logarithm."""

ENOUGH, AGREED, SURE = 5, 0.8, 0.95
"""A text is settled once ENOUGH readings and AGREED of all say it, one of them as sure as SURE."""

READ_AGAIN_S, LARGER = 0.5, 1.15
"""A settled plate is read again after so long, and when it has become larger by this factor."""


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """The sighting of the best frame, with that frame."""

    sighting: Sighting
    frame: Frame


@dataclass(frozen=True, slots=True)
class Moment:
    """A time on both clocks of a `Frame`."""

    time_s: float
    epoch_s: float


Decided = tuple[str | None, float, Reading]
"""The text of a pass, its confidence, and the joined reading."""


class Track:
    """One plate followed through frames.

    `quad`: where it was seen last. `first`, `last`: when it was seen. `missed`: frames looked at since. `sightings`: frames it was
    read in, `found`: found in, of all the `looks` until it was seen last. `reported`: its pass has been handed out; then it keeps
    no frame any more. `parked`: it was reported standing. `decided`: what was reported. `judged_s`: when it was last
    considered for a report.
    """

    def __init__(self, number: int, sighting: Sighting, frame: Frame) -> None:
        shape = Shape.of(sighting.plate.detection.quad)
        self.number, self.quad = number, sighting.plate.detection.quad
        self.motion = Motion(shape, frame.time_s)
        self.start = self.end = self.anchor = shape
        self.first = self.last = self.anchored = Moment(frame.time_s, frame.epoch_s)
        self.best: Best | None = None
        self.readings: list[tuple[float, Reading]] = []
        self.texts: Counter[str] = Counter()
        self.path: list[tuple[float, float, float]] = []
        self.sightings, self.missed, self.surest = 0, 0, 0.0
        self.found = self.looks = 1
        self.reported = self.parked = False
        self.decided: Decided | None = None
        self.judged_s = -math.inf
        self._stride, self._places, self._farthest = 1, 0, 0.0
        self._read_s, self._widest = frame.time_s, shape.width
        self._latest, self._said = sighting.plate.reading, sighting.plate.text
        self._take(sighting, frame, shape)

    def add(self, sighting: Sighting, frame: Frame) -> None:
        """Take in one more sighting, not older than the last."""
        shape = self._move(sighting.plate.detection.quad, frame)
        self._latest, self._said = sighting.plate.reading, sighting.plate.text
        self._read_s, self._widest = frame.time_s, max(self._widest, shape.width)
        self._take(sighting, frame, shape)

    def glimpse(self, quad: Quad, frame: Frame) -> None:
        """It was seen there too, and not read."""
        shape = self._move(quad, frame)
        if not self.reported:
            self._step(frame.time_s, shape)

    def settled(self, shape: Shape, time_s: float) -> bool:
        """Whether reading it there and now would tell nothing new: its readings agree, the last one too, it is no larger than it was
        read before, and it was read just now (it may be another vehicle after all)."""
        if time_s - self._read_s >= READ_AGAIN_S or shape.width > LARGER * self._widest:
            return False
        text, count = self.texts.most_common(1)[0] if self.texts else (None, 0)
        return self.reported or (self._said == text and count >= ENOUGH and count >= AGREED * self.sightings and self.surest >= SURE)

    def still(self, frame: Frame) -> None:
        """Nothing in the picture has changed, so the plate is where it was."""
        self.last = Moment(frame.time_s, frame.epoch_s)
        self.motion.time_s = frame.time_s

    @property
    def stood_s(self) -> float:
        """For how long it has not moved."""
        return self.last.time_s - self.anchored.time_s

    @property
    def stands(self) -> bool:
        """Whether it has not moved of late."""
        return self.stood_s >= STANDS_S

    @property
    def present(self) -> float:
        """The share of frames in which it was found, from the first to the last of them."""
        return self.found / self.looks

    @property
    def moved(self) -> bool:
        """Whether it was ever seen clearly elsewhere than at first."""
        return self._farthest > MOVED

    @property
    def text(self) -> str | None:
        """The text read most often so far; None before any was."""
        return self.texts.most_common(1)[0][0] if self.texts else None

    def log_density(self, shape: Shape, time_s: float) -> float:
        """How much speaks for the plate to be seen there now, see `Motion.log_density`."""
        return self.motion.log_density(shape, time_s, self.stands)

    def likeness(self, reading: Reading) -> float:
        """How much speaks for a reading to be of this plate, see `align.likeness`: of its best and its last reading the better."""
        return max(likeness(self.readings[0][1], reading), likeness(self._latest, reading))

    def merged(self) -> Reading:
        """All its readings as one."""
        return merged([reading for _, reading in self.readings], [weight for weight, _ in self.readings])

    def agreement(self, decoding: Decoding) -> float:
        """The share of its sightings that read the decided text."""
        return self.texts[decoding.best.text] / self.sightings if decoding.best else 0.0

    def direction(self) -> tuple[Direction | None, float | None]:
        """Where it went, and the angle of its movement in the picture (0 up, clockwise). What does not grow but moves down the picture
        comes towards a camera that looks down on the road."""
        dx, dy, grew = self.end.x - self.start.x, self.end.y - self.start.y, self.end.size - self.start.size
        moved = math.hypot(dx, dy) > CROSSED * min(self.start.width, self.end.width)
        angle = math.degrees(math.atan2(dx, -dy)) % 360 if moved else None
        if abs(grew) > GREW:
            return ("towards" if grew > 0 else "away"), angle
        if not moved:
            return None, None
        if abs(dx) >= abs(dy):
            return ("right" if dx > 0 else "left"), angle
        return ("towards" if dy > 0 else "away"), angle

    def forget_frame(self) -> None:
        """Let go of the best frame's pixels, once the pass has been handed out."""
        self.best, self.path = None, []
        self.reported = True

    def _move(self, quad: Quad, frame: Frame) -> Shape:
        """Take in where it is now."""
        shape = Shape.of(quad)
        self.looks += self.missed + 1
        self.found += 1
        self.quad = quad
        self.motion.update(shape, frame.time_s)
        self.end, self.last, self.missed = shape, Moment(frame.time_s, frame.epoch_s), 0
        off = math.hypot(shape.x - self.start.x, shape.y - self.start.y)
        self._farthest = max(self._farthest, off / max(shape.width, self.start.width))
        if self._away(shape):
            self.anchor, self.anchored = shape, self.last
        return shape

    def _away(self, shape: Shape) -> bool:
        """Whether a plate there has left the place where it stood."""
        far = math.hypot(shape.x - self.anchor.x, shape.y - self.anchor.y) > STOOD_WITHIN * self.anchor.width
        return far or abs(shape.size - self.anchor.size) > STOOD_SIZE

    def _take(self, sighting: Sighting, frame: Frame, shape: Shape) -> None:
        plate = sighting.plate
        self.sightings += 1
        self.surest = max(self.surest, plate.confidence)
        self.readings.append((sighting.weight, plate.reading))
        self.readings.sort(key=lambda pair: -pair[0])
        del self.readings[READINGS_KEPT:]
        if plate.text and (plate.text in self.texts or len(self.texts) < TEXTS_COUNTED):
            self.texts[plate.text] += 1
        if self.reported:
            return
        if self.best is None or sighting.rank > self.best.sighting.rank:
            self.best = Best(sighting, frame)
        self._step(frame.time_s, shape)

    def _step(self, time_s: float, shape: Shape) -> None:
        """Every n-th place is kept, so that the path never holds more than PATH_POINTS; the last one always."""
        self._places += 1
        if self.path and (self._places - 1) % self._stride:
            self.path[-1] = (time_s, shape.x, shape.y)
            return
        self.path.append((time_s, shape.x, shape.y))
        if len(self.path) > PATH_POINTS:
            self.path = [*self.path[:-1:2], self.path[-1]]
            self._stride *= 2
