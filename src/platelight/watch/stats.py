"""What happened at each camera, counted, for people and for programs."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field

RATE_WINDOW_S = 10.0


class Rate:
    """How many a second, over the last RATE_WINDOW_S seconds."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def count(self, now_s: float | None = None) -> None:
        now_s = time.monotonic() if now_s is None else now_s
        self._times.append(now_s)
        self._drop(now_s)

    def value(self, now_s: float | None = None) -> float:
        now_s = time.monotonic() if now_s is None else now_s
        self._drop(now_s)
        if len(self._times) < 2:
            return 0.0
        return len(self._times) / max(now_s - self._times[0], 1e-3)

    def _drop(self, now_s: float) -> None:
        while self._times and now_s - self._times[0] > RATE_WINDOW_S:
            self._times.popleft()


@dataclass(slots=True, eq=False)
class Counts:
    """What one camera's lane has counted. `looked_at` of `frames` were searched for plates; `unreported` passes were not sure enough."""

    frames: int = 0
    looked_at: int = 0
    plates: int = 0
    read: int = 0
    passes: int = 0
    unreported: int = 0
    errors: int = 0
    rate: Rate = field(default_factory=Rate)


@dataclass(frozen=True, slots=True)
class CameraStats:
    """A camera at one moment. `lag_s`: how old the frame is that was looked at last; `at_s` of `length_s`: place in a file."""

    name: str
    live: bool
    state: str
    fps: float
    lag_s: float
    dropped: int
    reconnects: int
    frames: int
    looked_at: int
    plates: int
    read: int
    passes: int
    unreported: int
    following: int
    at_s: float
    length_s: float | None
    error: str | None

    def line(self) -> str:
        """A few words for a person."""
        if self.state == "failed":
            return f"{self.name}: failed"
        place = "" if self.live else _place(self.at_s, self.length_s) + ", "
        flow = f"{self.fps:.1f} fps, " + (f"lag {self.lag_s:.1f} s, dropped {self.dropped}, reconnected {self.reconnects}, " if self.live else "")
        looked = f"frames {self.frames:,}, looked at {self.looked_at / self.frames:.0%}, " if self.frames else ""
        unsure = f" (+{self.unreported} unsure)" if self.unreported else ""
        return f"{self.name}: {self.state}, {place}{flow}{looked}plates {self.plates}, passes {self.passes}{unsure}"


def _place(at_s: float, length_s: float | None) -> str:
    return f"{clock(at_s)}" if not length_s else f"{clock(at_s)} of {clock(length_s)} ({min(at_s / length_s, 1):.0%})"


def clock(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any."""
    whole = max(int(seconds), 0)
    minutes, hours = whole // 60, whole // 3600
    return f"{hours}:{minutes % 60:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"
