"""How far a reader is behind a live source, and what to leave out to catch up."""

from __future__ import annotations

from collections.abc import Callable

LIMIT_S = 0.7
"""Further behind than this for `PATIENCE_S`, packets are left out up to a key frame."""

PATIENCE_S = 0.7
RESUME_S = 0.15
"""Near enough to begin decoding again, at a key frame."""

WITHOUT_KEY_S = 12.0
"""A stream that sends no key frame for so long sends none at all; then decoding begins anywhere."""

_WAITED_S = 0.002
_JUMP_S = 5.0
_LATE_S, _LATE_LUMP_S = 1.0, 0.2
_WEIGHT = 1 / 8


class Backlog:
    """Measures the time from a packet's arrival here to now, without trusting two clocks to run alike.

    While packets have to be waited for, nothing is queued: what was just read is new. When they come without waiting, the stream's
    own stamps tell how much older than that the present one is.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._base: float | None = None
        self.settled = True
        """Whether what the server had kept for newcomers has been read: until a packet was waited for, all of it is old."""
        self._packets = 0
        self._waiting = 1.0  # share of the last packets that were waited for
        self._late_since: float | None = None
        self._skipping_since: float | None = None
        self.skipped = 0

    def admit(self, stamp_s: float | None, key: bool, waited_s: float) -> bool:
        """Whether this packet shall be decoded."""
        now = self._clock()
        self._note(stamp_s, now, waited_s)
        behind = self.age_s(stamp_s, now)
        if self._skipping_since is not None:
            if (key and behind < RESUME_S) or now - self._skipping_since > WITHOUT_KEY_S:
                self._skipping_since = self._late_since = None
                return True
            self.skipped += 1
            return False
        if behind <= LIMIT_S:
            self._late_since = None
        elif self._late_since is None:
            self._late_since = now
        elif now - self._late_since > PATIENCE_S:
            self._skipping_since = now
            self.skipped += 1
            return False
        return True

    def age_s(self, stamp_s: float | None, now: float) -> float:
        """Seconds since the picture stamped so arrived here; 0 where the stream has no stamps."""
        if stamp_s is None or self._base is None:
            return 0.0
        age = now - stamp_s - self._base
        return age if 0 <= age < _JUMP_S * 2 else 0.0

    def _note(self, stamp_s: float | None, now: float, waited_s: float) -> None:
        self._waiting += _WEIGHT * ((waited_s > _WAITED_S) - self._waiting)
        self.settled = waited_s > _WAITED_S or (self.settled and self._packets > 0)
        self._packets += 1
        if stamp_s is None:
            return
        offset = now - stamp_s
        if self._base is None or offset < self._base or offset - self._base > _JUMP_S or (self._waiting > 0.5 and waited_s > _WAITED_S):
            self._base = offset


class Pace:
    """When pictures are due that come faster than they were taken. A file is always there, so whoever is late is the reader; what
    comes in lumps may itself be late, and then all that follows is due later. Too late, and it begins anew."""

    def __init__(self, lumps: bool) -> None:
        self._lumps = lumps
        self._start: float | None = None

    def early_s(self, stamp_s: float, now: float) -> float:
        """Seconds until the picture stamped so is due; negative if it is late."""
        start = now - stamp_s
        if self._start is None or not -_JUMP_S < start - self._start < (_LATE_LUMP_S if self._lumps else _LATE_S):
            self._start = start
        return self._start - start
