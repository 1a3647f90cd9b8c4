"""Jobs that need no models: rows follow from file names, and some names crash, hang or upset the process that reads them."""

from __future__ import annotations

import ctypes
import os
import signal
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class QuickJob:
    """Takes `pause_s` a photo. A name with `crash`, `hang`, `stop`, `raise` or `broken` in it does that; `once` only the first time."""

    pause_s: float = 0.0
    option: str = "x"

    def identity(self) -> dict[str, Any]:
        return {"version": "test", "models": {"quick-1": "0123456789"}, "option": self.option}

    def open(self) -> Any:
        return self.read

    def read(self, places: Iterable[str]) -> Iterator[dict[str, Any]]:
        for place in places:
            time.sleep(self.pause_s)
            name = Path(place).name
            if "once" not in name or _first_time(place):
                _misbehave(name)
            yield row_of(place)


def row_of(place: str) -> dict[str, Any]:
    """What a photo's row must hold."""
    number = zlib.crc32(Path(place).name.encode())
    if "broken" in place:
        return {"width": 0, "height": 0, "error": f"{place}: broken picture", "plates": []}
    if "odd" in place:
        return {"width": 0, "height": 0, "error": "\udcff.jpg: no such file", "plates": []}
    return {"width": number % 1000, "height": number % 777, "error": None, "plates": [plate(f"AA{number % 10000}")] * (number % 3)}


def plate(text: str) -> dict[str, Any]:
    candidate = {"text": text, "confidence": 0.9, "country": "ua", "template": None}
    return {
        "text": text, "raw_text": text, "confidence": 0.9, "country": "ua", "template": None, "region": None, "lines": 1, "reason": "AS_READ",
        "flags": ["tilted"], "corners": [[0.1, 0.2], [1.0, 0.2], [1.0, 1.0], [0.1, 1.0]], "box": [0.1, 0.2, 0.9, 0.8], "score": 0.5,
        "char_confidences": [0.9], "candidates": [candidate],
    }  # fmt: skip


def _first_time(place: str) -> bool:
    mark = Path(f"{place}.seen")
    if mark.exists():
        return False
    mark.touch()
    return True


def _misbehave(name: str) -> None:
    if "crash" in name:
        ctypes.string_at(0)  # what a broken decoder does
    elif "killed" in name:
        os.kill(os.getpid(), signal.SIGKILL)
    elif "hang" in name:
        time.sleep(3600)
    elif "raise" in name:
        raise RuntimeError(f"upset by {name}")


class UnusableJob(QuickJob):
    """Cannot be opened."""

    def open(self) -> Any:
        raise RuntimeError("no such model")


class DyingJob(QuickJob):
    """Dies while it is opened."""

    def open(self) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)


class NosyJob(QuickJob):
    """Its rows say how the worker was set up."""

    def read(self, places: Iterable[str]) -> Iterator[dict[str, Any]]:
        import sys

        loaded = [name for name in ("pyarrow", "typer", "ray") if name in sys.modules]
        for _ in places:
            yield {"width": int(os.environ["OMP_NUM_THREADS"]), "height": os.getpid(), "error": ",".join(loaded) or None, "plates": []}
