"""What a decoder gives to the rest: pictures that are turned into pixels only if somebody wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from platelight.records import Image
from platelight.video.address import Address

Admit = Callable[[float | None, bool, float], bool]
"""Asked before a packet is decoded: its time stamp, whether it is a key frame, how long it was waited for (s)."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture still in the decoder's form. `to_rgb` makes upright pixels or raises `BrokenPictureError`."""

    stamp_s: float | None
    size: tuple[int, int] | None
    to_rgb: Callable[[], Image]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a video is opened."""

    live: bool
    open_timeout_s: float
    read_timeout_s: float
    hardware: str | None = None
    threads: int = 1
    wanted_fps: float | None = None  # so few frames a second are enough that some need not be decoded, if the stream allows
    options: dict[str, str] = field(default_factory=dict, repr=False)  # may hold passwords


class Capture(Protocol):
    """An open video. `duration_s`: of a file, as its header says. `timed`: its stamps are the camera's own, not made up by the reader."""

    size: tuple[int, int] | None
    fps: float | None
    duration_s: float | None
    hardware: str | None
    hardware_error: str | None
    start_epoch_s: float | None
    timed: bool
    broken: int
    admit: Admit | None

    def pictures(self) -> Iterator[Picture]:
        """In the order of time; ends at the end; raises `VideoError`."""

    def close(self) -> None: ...


Opener = Callable[[Address, Settings], Capture]
