"""Counts of what a video has done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stats:
    """What a `Video` has done so far. `frames`: given out; `decoded`: read from the source; `dropped`: wanted, but a newer one came
    before they were taken (live); `broken`: could not be decoded; `jumps`: leaps of the source's clock that were absorbed;
    `lag_s`: age of the last frame when it was given out, `worst_lag_s` the most of all."""

    frames: int = 0
    decoded: int = 0
    dropped: int = 0
    broken: int = 0
    jumps: int = 0
    reconnects: int = 0
    lag_s: float = 0.0
    worst_lag_s: float = 0.0
    connected: bool = False
    last_error: str | None = None
