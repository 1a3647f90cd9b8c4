"""Plates of one frame after another become passes: one for every vehicle."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from platelight.geometry import Quad
from platelight.records import Decoding, Detection, Frame, Pass, Plate, Reading
from platelight.track.memory import HALF_HIDDEN_S, Memory, is_part
from platelight.track.motion import Shape
from platelight.track.sighting import Sighting, sharpness_of
from platelight.track.trace import Track

LOST_AFTER_S, LOOKS_MISSED = 2.0, 2
"""A pass ends when its plate was not seen for so long, and not in so many frames that were looked at (frames may come slowly)."""

PARKED_AFTER_S = 20.0
"""A vehicle that stood so long is reported without waiting for it to leave."""

MIN_SIGHTINGS, MIN_CONFIDENCE = 3, 0.3
CLEAR, CLEAR_LENGTH = 0.9, 4
"""A pass needs MIN_SIGHTINGS frames, one less if its text fits a plate type, and a joined text of MIN_CONFIDENCE; or one frame whose
text alone is as sure as CLEAR, fits a plate type and has CLEAR_LENGTH characters."""

MANY = 6
"""What moves through so many frames and is a plate in each is a vehicle's, even if nobody can be sure what it says."""

STILL_PLATE, STILL_CONFIDENCE, PRESENT = 0.85, 0.9, 0.2
STRANGE_PLATE, LONGEST = 0.95, 8
"""Signs are read well and often. So what never moved, or was seen in one frame alone, must hold a digit, be a plate by the first joined
plate-ness and read with this confidence (by reader-s-3 the first is at most 0.64 in films without plates, with plates rarely below 0.85), and be found in this
share of the frames; if it fits no plate type, it must be a plate by the other plate-ness and no longer than so many characters."""

WORD_PLATE, WORD_SIGHTINGS = 0.85, 4
"""What moves and holds no digit, as slogans on vans, must be as much of a plate in so many frames."""

TEXT_MOST = 12.0
"""Nats by which text may speak for two sightings being one plate; about four characters that agree."""

TEXT_LEAST = -11.0
"""And against it: one misread frame must not break a track whose next place was foreseen to a few pixels, which weighs about 12."""

RETURNS_PER_S = 2.0
"""Odds, times the seconds since it was seen, that a plate in the picture is one known already and not a new vehicle's."""

BEYOND_DOUBT = 4.0
"""Nats by which a place must speak for one track alone before a plate there need not be read."""

SIZES = math.log(3.0)
"""Natural log of the range of sizes in which a new vehicle's plate may appear."""


class Tracker:
    """Follows plates through the frames of one camera.

    `decoder` decides on the joined readings (that of the pipeline); `camera` goes into the passes and their ids. See the constants
    of this module for what the other parameters mean and why. Frames may come in irregular gaps; time never runs backwards.
    """

    def __init__(
        self, decoder: Callable[[Sequence[Reading]], list[Decoding]], *, camera: str = "", parked_after_s: float = PARKED_AFTER_S,
        lost_after_s: float = LOST_AFTER_S, min_sightings: int = MIN_SIGHTINGS, min_confidence: float = MIN_CONFIDENCE,
    ) -> None:  # fmt: skip
        self.decoder, self.camera = decoder, camera
        self.parked_after_s, self.lost_after_s = parked_after_s, lost_after_s
        self.min_sightings, self.min_confidence = min_sightings, min_confidence
        self.tracks: list[Track] = []
        self._memory = Memory()
        self._count = 0
        self._now_s = -math.inf

    def wants(self, frame: Frame, found: Sequence[Detection]) -> list[bool]:
        """Which finds of a frame should be read. The others are surely plates that are followed, whose text is settled; hand them
        to `update` as `unread`."""
        owners = self._owners(frame, found, self.tracks)
        return [
            owner is None or not owner.settled(Shape.of(detection.quad), frame.time_s) for owner, detection in zip(owners, found, strict=True)
        ]  # fmt: skip

    def update(self, frame: Frame, plates: Sequence[Plate] | None, unread: Sequence[Detection] = ()) -> list[Pass]:
        """The passes that ended before this frame, or that turned out to be parked.

        `plates` None: the frame was not looked at, for nothing in it has changed; what was there is taken to be there still, what was
        not to be still missing.
        `unread`: finds that nobody wanted read, see `wants`.
        """
        return self.follow(frame, None if plates is None else [Sighting(plate, sharpness_of(frame.pixels, plate.detection.quad)) for plate in plates], unread)

    def follow(self, frame: Frame, sightings: Sequence[Sighting] | None, unread: Sequence[Detection] = ()) -> list[Pass]:
        """As `update`, where the sharpness of the plates has been measured already."""
        if frame.time_s < self._now_s:
            frame = replace(frame, time_s=self._now_s)
        self._now_s = frame.time_s
        if sightings is None:
            for track in self.tracks:
                if track.missed == 0:
                    track.still(frame)
                else:
                    track.missed += 1
        else:
            self._match(frame, sightings, unread)
        parked = [track for track in self.tracks if track.missed == 0 and self._may_be_parked(track)]
        lost = [track for track in self.tracks if track.missed >= LOOKS_MISSED and frame.time_s - track.last.time_s > self.lost_after_s]
        self.tracks = [track for track in self.tracks if track not in lost]
        self._memory.forget_before(frame.time_s)
        passes = self._passes(parked, True) + self._passes(lost, False)
        for track in [*lost, *self.tracks]:
            if track.reported:
                self._memory.remember(track)
        return passes

    def close(self) -> list[Pass]:
        """The passes that were still going on."""
        left, self.tracks = self.tracks, []
        return self._passes(left, False)

    def _match(self, frame: Frame, sightings: Sequence[Sighting], unread: Sequence[Detection]) -> None:
        """Give every sighting to the track it fits best, if any; the others start tracks."""
        area = math.log(max(frame.pixels.shape[0] * frame.pixels.shape[1], 1))
        scored = [(self._score(track, sighting, frame.time_s, area), a, b) for a, track in enumerate(self.tracks) for b, sighting in enumerate(sightings)]
        taken: dict[int, int] = {}
        for score, a, b in sorted(scored, reverse=True):
            if score > 0 and b not in taken and a not in taken.values():
                taken[b] = a
        known = list(self.tracks)
        left = [track for a, track in enumerate(known) if a not in taken.values()]
        owners = self._owners(frame, unread, left)
        for track in left:
            track.missed += 0 if track in owners else 1
        for owner, detection in zip(owners, unread, strict=True):
            if owner is not None:
                owner.glimpse(detection.quad, frame)
        for b, sighting in enumerate(sightings):
            if b in taken:
                known[taken[b]].add(sighting, frame)
            else:
                self._count += 1
                self.tracks.append(Track(self._count, sighting, frame))

    def _owners(self, frame: Frame, found: Sequence[Detection], tracks: Sequence[Track]) -> list[Track | None]:
        """Whose place each find is in; None where that is not beyond doubt."""
        area = math.log(max(frame.pixels.shape[0] * frame.pixels.shape[1], 1))
        scores = [[self._place(track, detection.quad, frame.time_s, area) for track in tracks] for detection in found]
        owners: list[Track | None] = []
        for row in scores:
            best = max(range(len(row)), key=row.__getitem__, default=None)
            rivals = [] if best is None else [*(s for a, s in enumerate(row) if a != best), *(other[best] for other in scores if other is not row)]
            owners.append(tracks[best] if best is not None and row[best] > max([0.0, *rivals]) + BEYOND_DOUBT else None)
        return owners

    def _place(self, track: Track, quad: Quad, time_s: float, area: float) -> float:
        """Log-odds that a plate seen there is this track's and not a new vehicle's, before it is read."""
        gap_s = max(time_s - track.last.time_s, 0.02)
        return track.log_density(Shape.of(quad), time_s) + area + SIZES + math.log(RETURNS_PER_S / min(gap_s, 20.0))

    def _score(self, track: Track, sighting: Sighting, time_s: float, area: float) -> float:
        """Log-odds that the sighting is of this track and not of a new vehicle."""
        place = self._place(track, sighting.plate.detection.quad, time_s, area)
        if place + TEXT_MOST <= 0:
            return place
        return place + min(max(track.likeness(sighting.plate.reading), TEXT_LEAST), TEXT_MOST)

    def _passes(self, tracks: Sequence[Track], parked: bool) -> list[Pass]:
        """Passes of those tracks that are worth one and were not reported before."""
        found = []
        for track in sorted(tracks, key=lambda track: -track.sightings):
            passed = None if track.reported else self._pass(track, parked)
            if passed is not None:
                found.append(passed)
        return found

    def _may_be_parked(self, track: Track) -> bool:
        """Whether it is time to report what stands there; a sign is not considered in every frame."""
        return not track.reported and track.stood_s >= self.parked_after_s and self._now_s - track.judged_s >= self.parked_after_s / 2

    def _pass(self, track: Track, parked: bool) -> Pass | None:
        """The pass of a track that has ended or stands, None where it is not worth one or its vehicle was reported already."""
        track.judged_s = self._now_s
        reading = track.merged()
        decoding = self.decoder([reading])[0]
        text = decoding.best.text if decoding.best else None
        if not self._worth(track, reading, decoding) or any(self._hides(other, track, text) for other in self.tracks):
            return None
        known = self._memory.known(track, (text, decoding.confidence, reading))
        passed = None if known else self._made(track, decoding, parked)
        track.decided, track.parked = (text, decoding.confidence, reading), parked
        track.forget_frame()
        self._memory.remember(track)
        return passed

    def _made(self, track: Track, decoding: Decoding, parked: bool) -> Pass:
        direction, angle = (None, None) if parked else track.direction()
        assert track.best is not None
        plate, frame = track.best.sighting.plate, track.best.frame
        return Pass(
            id=f"{self.camera or 'camera'}-{round(track.first.epoch_s * 1000)}-{track.number}", camera=self.camera,
            plate=replace(plate, decoding=decoding, flags=tuple(flag for flag in plate.flags if flag != "unreadable")), frame=frame,
            first_s=track.first.time_s, last_s=track.last.time_s, first_epoch_s=track.first.epoch_s, last_epoch_s=track.last.epoch_s,
            best_s=frame.time_s, best_epoch_s=frame.epoch_s, sightings=track.sightings, path=tuple(track.path),
            direction=direction, direction_deg=angle, parked=parked, agreement=track.agreement(decoding),
        )  # fmt: skip

    def _worth(self, track: Track, reading: Reading, decoding: Decoding) -> bool:
        """Whether there is enough evidence of a vehicle with this plate."""
        best = decoding.best
        if best is None or not best.text:
            return False
        fits, numbered = best.template is not None, any(map(str.isdigit, best.text))
        if not track.moved and not (numbered and track.present >= PRESENT and _surely(reading, decoding)):
            return False
        if not numbered and not (reading.plateness >= WORD_PLATE and track.sightings >= WORD_SIGHTINGS):
            return False
        if track.sightings >= self.min_sightings - fits:
            return decoding.confidence >= self.min_confidence or (track.moved and track.sightings >= MANY)
        return fits and track.surest >= CLEAR and len(best.text) >= CLEAR_LENGTH

    def _hides(self, other: Track, track: Track, text: str | None) -> bool:
        """Whether the track is a part of another one's plate, seen at the same time while something was before it."""
        if other is track or other.sightings < track.sightings or not is_part(text, other.text):
            return False
        return track.first.time_s - other.last.time_s <= HALF_HIDDEN_S and other.first.time_s - track.last.time_s <= HALF_HIDDEN_S


def _surely(reading: Reading, decoding: Decoding) -> bool:
    """Whether a plate is seen so well that it need not move to be one."""
    assert decoding.best is not None
    if decoding.best.template is None and (reading.plateness < STRANGE_PLATE or len(decoding.best.text) > LONGEST):
        return False
    return reading.plateness >= STILL_PLATE and decoding.confidence >= STILL_CONFIDENCE
