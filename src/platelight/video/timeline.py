"""A clock for frames that never falls, and the choice of the frames that are wanted."""

from __future__ import annotations

FILE_GAP_S = 10.0
"""A file's clock that leaps further than this in one frame is taken to have jumped."""

LIVE_GAP_S = 2.0
"""A stream's clock that leaps this much further than the time that passed here is taken to have jumped."""

USUAL_INTERVAL_S = 1 / 25
"""Between two frames of which nothing is known."""


class Timeline:
    """Turns the stream's time stamps into seconds since its first frame. Jumps back, and far ahead, are absorbed and counted."""

    def __init__(self, interval_s: float | None = None) -> None:
        self.interval_s = interval_s or USUAL_INTERVAL_S
        self.jumps = 0
        self._time_s: float | None = None
        self._stamp_s: float | None = None
        self._arrived_s: float | None = None

    def at(self, stamp_s: float | None, arrived_s: float | None = None) -> float:
        """Seconds of the frame stamped `stamp_s`; `arrived_s`, our own clock at its arrival, is given for live sources."""
        step = self._step(stamp_s, arrived_s)
        self._time_s = 0.0 if self._time_s is None else self._time_s + step
        self._stamp_s, self._arrived_s = stamp_s, arrived_s
        return self._time_s

    def restart(self) -> None:
        """The next stamp is of another connection, or of the file's start again: it cannot be compared with the last."""
        self._stamp_s = None

    def _step(self, stamp_s: float | None, arrived_s: float | None) -> float:
        passed = max(arrived_s - self._arrived_s, 0.0) if arrived_s is not None and self._arrived_s is not None else None
        instead = self.interval_s if passed is None else passed
        if stamp_s is None or self._stamp_s is None:
            return instead
        step = stamp_s - self._stamp_s
        if step < 0 or step > (FILE_GAP_S if passed is None else passed + LIVE_GAP_S):
            self.jumps += 1
            return instead
        if passed is None and step > 0:
            self.interval_s = step
        return step


class Choice:
    """Which frames are wanted: every n-th, and of these at most `fps` a second."""

    def __init__(self, every: int = 1, fps: float | None = None) -> None:
        if every < 1:
            raise ValueError(f"every must be 1 or more, got {every}")
        if fps is not None and not fps > 0:
            raise ValueError(f"fps must be more than 0, got {fps}")
        self._every, self._interval_s, self._due_s = every, 1 / fps if fps else 0.0, 0.0

    def wants(self, index: int, time_s: float) -> bool:
        if index % self._every:
            return False
        if not self._interval_s:
            return True
        if time_s < self._due_s - 0.001:  # stamps are rounded
            return False
        due = self._due_s + self._interval_s
        self._due_s = due if due > time_s else time_s + self._interval_s
        return True
