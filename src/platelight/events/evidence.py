"""Pictures of passes on disk, for a time and up to a size: `camera/2026-11-21/194012-345_AB12CDE_1f6b0c2d-frame.jpg`."""

from __future__ import annotations

import contextlib
import logging
import re
import threading
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from platelight.events.errors import EventsError
from platelight.files import write_whole
from platelight.geometry import Quad
from platelight.records import Image, Pass
from platelight.rectify import rectify

QUALITY = 90
PLATE_WIDTH = 320
SWEEP_S = 300.0
"""Seconds between looks for pictures that are too old."""

ROOM = 0.95
"""A full folder is emptied down to this share of its limit, so that not every new picture needs a look at all."""

_OURS = re.compile(r"\d{6}-\d{3}_[0-9A-ZÄÖÜ]+_[\w-]+-(frame|plate)\.jpg")
_PART = re.compile(r"\." + _OURS.pattern + r"\.part")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))})

_log = logging.getLogger("platelight.events")


@dataclass(frozen=True, slots=True)
class Saved:
    """Where a pass's pictures lie: paths of JPEG files below `folder`, None for one that could not be made."""

    folder: Path
    frame: Path | None
    plate: Path | None

    def to_dict(self) -> dict[str, Any]:
        """The folder, and the pictures' paths relative to it with forward slashes."""
        relative = {name: path and path.relative_to(self.folder).as_posix() for name, path in (("frame", self.frame), ("plate", self.plate))}
        return {"folder": str(self.folder), **relative}


class Evidence:
    """Saves the frame and the straightened plate of passes, and removes what is older than `keep_days` or more than `keep_mb`.

    Other files in the folder are never touched; pictures of former runs count like new ones. `needed` gives the pictures that
    must stay because they have yet to be delivered (`Outbox.needed`). Raises `EventsError` for a folder that cannot be used.
    """

    def __init__(
        self, folder: str | Path, keep_days: float | None = 30.0, keep_mb: float | None = 10_000.0,
        needed: Callable[[], set[str]] | None = None, sweep_s: float = SWEEP_S,
    ) -> None:  # fmt: skip
        for name, value in (("keep_days", keep_days), ("keep_mb", keep_mb)):
            if value is not None and value <= 0:
                raise EventsError(f"{name} must be more than 0, or nothing for no limit, got {value!r}")
        self.folder = Path(folder).absolute()
        self.keep_days, self.keep_mb, self.needed, self.sweep_s = keep_days, keep_mb, needed, sweep_s
        self.stats: dict[str, Any] = {"saved": 0, "failed": 0, "removed": 0, "mb": 0.0, "last_error": None}
        self._bytes, self._swept_s = 0, 0.0
        self._sweeping = threading.Lock()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EventsError(f"evidence folder {self.folder}: cannot be made ({error.strerror or error})") from None
        self.sweep()

    def save(self, passed: Pass) -> Saved | None:
        """Write the pass's pictures. None, said in the log and in `stats`, where it has no frame or the disk does not take it."""
        if passed.frame is None:
            return None
        name = stem(passed)
        try:
            frame = self._write(name + "-frame.jpg", jpeg(passed.frame.pixels))
            plate = straightened(passed.frame.pixels, passed.plate.detection.quad)
            saved = Saved(self.folder, frame, None if plate is None else self._write(name + "-plate.jpg", jpeg(plate)))
        except OSError as error:
            self.stats["failed"] += 1
            if self.stats["last_error"] is None:
                _log.error("evidence folder %s: pictures cannot be written (%s); watching goes on without them", self.folder, error.strerror or error)
            self.stats["last_error"] = str(error)
            self._sweep_if_due(force=True)
            return None
        self.stats["saved"] += 1
        self.stats["last_error"] = None
        self._sweep_if_due()
        return saved

    def _write(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        try:
            write_whole(path, data)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
        self._bytes += len(data)
        self.stats["mb"] = round(self._bytes / 1e6, 3)
        return path

    def _sweep_if_due(self, force: bool = False) -> None:
        full = self.keep_mb is not None and self._bytes > self.keep_mb * 1e6
        waited = time.monotonic() - self._swept_s
        if waited >= (min(1.0, self.sweep_s) if force or full else self.sweep_s) and not self._sweeping.locked():
            threading.Thread(target=self.sweep, name="platelight-evidence", daemon=True).start()

    def sweep(self, now_s: float | None = None) -> int:
        """Remove pictures beyond the limits, oldest first; gives how many. Runs by itself, beside the watching."""
        with self._sweeping:
            self._swept_s = time.monotonic()
            now_s = time.time() if now_s is None else now_s
            try:
                needed = set() if self.needed is None else self.needed()
            except EventsError as error:
                _log.warning("evidence folder %s: nothing is removed now, because it is not known what is still needed (%s)", self.folder, error)
                return 0
            found = sorted(self._pictures(now_s))
            total = sum(size for _, _, size in found)
            oldest = -1.0 if self.keep_days is None else now_s - self.keep_days * 86400
            room = float("inf") if self.keep_mb is None or total <= self.keep_mb * 1e6 else ROOM * self.keep_mb * 1e6
            removed = 0
            days = set()
            for modified, path, size in found:
                if modified >= oldest and total <= room:
                    break
                if str(path) not in needed and _removed(path):
                    total -= size
                    removed += 1
                    days.add(path.parent)
            for day in days:
                with contextlib.suppress(OSError):
                    day.rmdir()  # only where nothing is left in it
            self._bytes = total
            self.stats["removed"] += removed
            self.stats["mb"] = round(total / 1e6, 3)
            return removed

    def _pictures(self, now_s: float) -> list[tuple[float, Path, int]]:
        """When each picture was written, where, and its size; on the way, halves that a kill has left go."""
        found = []
        for day in [day for day in self.folder.glob("*/*") if _DAY.fullmatch(day.name) and day.is_dir()]:
            for path in day.iterdir():
                with contextlib.suppress(OSError):
                    about = path.stat()
                    if _OURS.fullmatch(path.name):
                        found.append((about.st_mtime, path, about.st_size))
                    elif _PART.fullmatch(path.name) and now_s - about.st_mtime > 3600:
                        path.unlink()
        return found


def stem(passed: Pass) -> str:
    """Where a pass's pictures go: camera, day, time of day, text and the beginning of the id; times are UTC."""
    moment = datetime.fromtimestamp(max(passed.best_epoch_s, 0.0), UTC)
    text = "".join(character for character in passed.plate.text or "" if character.isalnum()) or "UNREAD"
    millisecond = moment.microsecond // 1000
    return f"{safe(passed.camera)}/{moment:%Y-%m-%d}/{moment:%H%M%S}-{millisecond:03d}_{text.upper()}_{safe(passed.id)[:13]}"


def safe(name: str) -> str:
    """A camera's name as a folder's: letters, digits, - and _ of any script, no device names, at most 60 characters."""
    plain = re.sub(r"[^\w-]+", "_", unicodedata.normalize("NFKC", name)).strip("_")[:60]
    return f"{plain}_" if plain.lower() in _DEVICES else plain or "camera"


def straightened(pixels: Image, quad: Quad) -> Image | None:
    """The plate upright, `PLATE_WIDTH` wide, with a little around it; None where its corners span no area."""
    aspect = max(quad.width_px, 1.0) / max(quad.height_px, 1.0)
    try:
        return rectify(pixels, quad, PLATE_WIDTH, int(np.clip(round(PLATE_WIDTH / aspect), 24, PLATE_WIDTH)), margin=0.06).pixels
    except ValueError:
        return None


def jpeg(pixels: Image, quality: int = QUALITY) -> bytes:
    """The picture (H, W, 3) RGB as a JPEG file."""
    done, data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise OSError(f"a picture of {pixels.shape[1]}x{pixels.shape[0]} pixels cannot be written as JPEG")
    return data.tobytes()


def _removed(path: Path) -> bool:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("%s: cannot be removed (%s)", path, error.strerror or error)
        return False
    return True
