"""What `platelight watch` shows: events on stdout, and on stderr what happens and how it goes."""

from __future__ import annotations

import json
import logging
import shutil
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from platelight.formats import one_line

if TYPE_CHECKING:
    from platelight.watch import CameraStats, Event, Settings
    from platelight.watch.config import KnownSettings

COLUMNS = (("time", 12), ("camera", 14), ("plate", 12), ("conf.", 6), ("country", 8), ("known as", 14), ("moved", 8), ("frames", 7), ("notes", 0))


def json_line(event: Event) -> str:
    """The event as one line."""
    return json.dumps(event.fields, ensure_ascii=False) + "\n"


def header() -> str:
    """The titles of the table."""
    return _row([title for title, _ in COLUMNS])


def row(event: Event, live: bool) -> str:
    """The event as a line of a table: local time of a live camera, place in the film of a file."""
    from platelight.watch import clock

    passed, known = event.passed, event.fields.get("known")
    raw = passed.plate.reading.text
    notes = [*passed.plate.flags, *(["parked"] if passed.parked else []), *([f"best frame read {raw}"] if raw and raw != passed.plate.text else [])]
    moment = datetime.fromtimestamp(passed.best_epoch_s).strftime("%H:%M:%S") if live else clock(passed.best_s)
    return _row([
        moment, passed.camera, passed.plate.text or "-", f"{passed.plate.confidence:.3f}", passed.plate.country or "", known["name"] if known else "",
        passed.direction or "", str(passed.sightings), ", ".join(notes),
    ])  # fmt: skip


def _row(cells: Sequence[str]) -> str:
    return "  ".join(_cut(one_line(cell), width).ljust(width) for cell, (_, width) in zip(cells, COLUMNS, strict=True)).rstrip() + "\n"


def _cut(text: str, width: int) -> str:
    return text if not width or len(text) <= width else text[: width - 1] + "…"


class Display:
    """Prints from any thread. On a terminal, the last lines of stderr are the statistics, always up to date; elsewhere they are
    lines of a log. Raises OSError where stdout takes no more."""

    def __init__(self, stats_every_s: float | None) -> None:
        self.terminal = sys.stderr.isatty()
        self.stats_every_s = stats_every_s if stats_every_s is not None else (1.0 if self.terminal else 60.0)
        self._lock = threading.RLock()
        self._shown: list[str] = []
        self._stats_s = time.monotonic()

    def event(self, text: str) -> None:
        with self._lock:
            hidden = self._hide() if sys.stdout.isatty() else []
            try:
                sys.stdout.write(text)
                sys.stdout.flush()
            except OSError as error:
                raise OSError(error.errno, error.strerror, "standard output") from None
            finally:
                self._show(hidden)

    def message(self, camera: str, sentence: str) -> None:
        """Something that happened, with the time."""
        moment = datetime.now().strftime("%H:%M:%S") if self.terminal else datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with self._lock:
            hidden = self._hide()
            print(one_line(f"{moment} {camera}: {sentence}" if camera else f"{moment} {sentence}"), file=sys.stderr, flush=True)
            self._show(hidden)

    @property
    def due(self) -> bool:
        """Whether it is time for statistics; 0 switches them off."""
        return self.stats_every_s > 0 and time.monotonic() - self._stats_s >= self.stats_every_s

    def stats(self, lines: Sequence[str]) -> None:
        self._stats_s = time.monotonic()
        if not self.terminal:
            for line in lines:
                self.message("", line)
            return
        with self._lock:
            self._hide()
            self._show(list(lines))

    def end(self) -> None:
        """Leave the last statistics standing."""
        with self._lock:
            if self._shown:
                print(file=sys.stderr, flush=True)
            self._shown = []

    def _hide(self) -> list[str]:
        """Take the statistics off the screen."""
        lines, self._shown = self._shown, []
        if lines:
            up = f"\033[{len(lines) - 1}A" if len(lines) > 1 else ""
            print(f"\r{up}\033[J", end="", file=sys.stderr, flush=True)
        return lines

    def _show(self, lines: list[str]) -> None:
        if not lines or not self.terminal:
            return
        width = shutil.get_terminal_size().columns
        print("\n".join(_cut(one_line(line), max(width - 1, 20)) for line in lines), end="", file=sys.stderr, flush=True)
        self._shown = lines


class LogLines(logging.Handler):
    """What the library warns of, shown like everything else."""

    def __init__(self, display: Display) -> None:
        super().__init__(logging.WARNING)
        self.display = display

    def emit(self, record: logging.LogRecord) -> None:
        self.display.message("", record.getMessage())


def stat_lines(cameras: Sequence[CameraStats], receivers: Sequence[str]) -> list[str]:
    """A line for each camera, and one for what is delivered."""
    lines = [camera.line() for camera in cameras]
    return [*lines, f"delivery: {', '.join(receivers)}"] if receivers else lines


def plan(settings: Settings) -> str:
    """What would run, for --check."""
    from platelight.video import masked

    lines = []
    for camera in settings.cameras:
        lines.append(f"{camera.name}: {masked(camera.source)}")
        lines += [f"  {key}: {value}" for key, value in _described(camera)]
    for webhook in settings.webhooks:
        signed = ", signed" if webhook.secret else ""
        lines.append(f"webhook {webhook.name}: {masked(webhook.url)}, shape {webhook.shape}{signed}")
    if settings.mqtt:
        lines.append(f"mqtt: {masked(settings.mqtt.url)}, topic {settings.mqtt.topic}{', with Home Assistant discovery' if settings.mqtt.discovery else ''}")
    if settings.evidence:
        lines.append(f"evidence: {settings.evidence.folder}, kept {_limit(settings.evidence.keep_days, 'days')}, {_limit(settings.evidence.keep_mb, 'MB')}")
    if settings.known:
        lines.append(f"known plates: {settings.known.file}{_known(settings.known)}")
    if settings.webhooks or settings.mqtt:
        lines.append(f"queue: {settings.queue}")
    return "\n".join(lines) + "\n"


def _known(listed: KnownSettings) -> str:
    from platelight.events import EventsError, KnownPlates

    try:
        return f", {len(KnownPlates.from_file(listed.file, listed.tolerance)):,} of them"
    except EventsError:
        return ""  # why it cannot be read is said elsewhere


def _limit(value: float | None, unit: str) -> str:
    return f"without a limit in {unit}" if value is None else f"at most {value:g} {unit}"


def _described(camera: Any) -> list[tuple[str, str]]:
    from platelight.watch import Camera

    usual = Camera(camera.name, camera.source)
    shown = []
    for key in camera.__slots__:
        value = getattr(camera, key)
        if key not in ("name", "source") and value != getattr(usual, key):
            shown.append((key, json.dumps(value, default=str, ensure_ascii=False)))
    return shown
