"""Events on disk until every receiver has them: they survive receivers that are down, and an end of ours however sudden."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from platelight.events.disk import Disk
from platelight.events.errors import EventsError
from platelight.events.opening import hold
from platelight.events.store import REFUSED, WAITING, Entry, Gone, Row, Store
from platelight.files import write_whole

PICTURES = "pictures"

MOST_EVENTS, MOST_MB, KEEP_DAYS = 100_000, 2000.0, 7.0

MOST_IN_MEMORY = 1000
"""Events kept where the disk takes none."""

STRAY_S = 3600.0
"""A picture that belongs to no event is removed when it is this old: a younger one's event may be on its way."""

_TODAY = "today/"

_log = logging.getLogger("platelight.events")


@dataclass(frozen=True, slots=True)
class _Left:
    """What an outbox held when it was closed."""

    counts: dict[str, dict[str, int]]
    pictures: set[str]


class Outbox:
    """The queue of events, in a folder; `None`: in memory only.

    At most `most_events` events and `most_mb` megabytes with their pictures are kept, each for at most `keep_days`: beyond that
    the oldest are dropped, counted and said in the log. Where the folder or its disk cannot be used, the last thousand events
    are kept in memory until it can, and a database that is damaged is set aside under another name: watching never stops.
    """

    def __init__(
        self, folder: str | Path | None, most_events: int = MOST_EVENTS, most_mb: float = MOST_MB, keep_days: float = KEEP_DAYS,
    ) -> None:  # fmt: skip
        for name, value in (("most_events", most_events), ("most_mb", most_mb), ("keep_days", keep_days)):
            if value <= 0:
                raise EventsError(f"{name} of the outbox must be more than 0, got {value!r}")
        self.folder = None if folder is None else Path(folder).absolute()
        self.most_events, self.most_bytes, self.keep_s = most_events, most_mb * 1e6, keep_days * 86400
        self.dropped: dict[str, int] = {}
        self.expired: dict[str, int] = {}
        self._guard = threading.RLock()
        self._memory = Store(None)
        self._settled: dict[tuple[int, str], str | None] = {}  # delivered, or refused and why, and the disk could not be told yet
        self._events, self._bytes = 0, 0
        self._lock: int | None = None
        self._left: _Left | None = None
        self._disk = Disk(self.folder, self._begin, f"events are kept in memory meanwhile, the last {MOST_IN_MEMORY} of them")

    @property
    def error(self) -> str | None:
        """What is wrong with the disk, None where nothing is."""
        return self._disk.error

    def put(self, event: dict[str, Any], targets: Collection[str], frame: Path | None = None, plate: Path | None = None) -> bool:
        """Keep an event for these receivers. True: it is on the disk; False: in memory only, because the disk took nothing."""
        with self._guard:
            if self._left is not None:
                _log.error("outbox: the event %s came after the end and is lost", event["id"])
                return False
            counter = today_counter(str(event["camera"]), event["epoch_ms"] / 1000)
            body = json.dumps(event, ensure_ascii=False)
            size = len(body.encode()) + sum(_size(path) for path in (frame, plate))
            pictures = [None if path is None else str(path) for path in (frame, plate)]
            row = Row(str(event["id"]), time.time(), body, pictures[0], pictures[1], size)
            if not targets:
                return True
            if self._stored(row, targets, counter):
                self._trim()
                return True
            self._memory.put(row, targets, counter)
            if self._memory.totals()[0] > MOST_IN_MEMORY:
                self._note(self._memory.drop_oldest(), self.dropped, "dropped")
            return False

    def _stored(self, row: Row, targets: Collection[str], counter: str | None = None) -> bool:
        new = self._disk.ask(lambda disk: disk.put(row, targets, counter))
        if new:
            self._events, self._bytes = self._events + 1, self._bytes + row.size
        return new is not None

    def head(self, target: str, without: Collection[int] = ()) -> Entry | None:
        """The oldest event that waits for this receiver."""
        with self._guard:
            if self._left is not None:
                return None
            known = {*without, *(seq for seq, name in self._settled if name == target)}
            found = self._disk.ask(lambda disk: disk.head(target, known))
            return found or self._from_memory(target, without)

    def _from_memory(self, target: str, without: Collection[int]) -> Entry | None:
        """Events in memory have numbers below zero, so that they are never mixed up with those on the disk."""
        found = self._memory.head(target, [-seq for seq in without if seq < 0])
        return found and Entry(-found.seq, found.id, found.event, found.frame, found.plate, found.tries, found.error, target)

    def done(self, entry: Entry) -> None:
        """The receiver has it."""
        with self._guard:
            if self._left is not None:
                return  # it goes out once more at the next start
            if entry.seq < 0:
                self._clean(self._memory.done(-entry.seq, entry.target))
            elif not self._told(entry.seq, entry.target, None):
                self._settled[entry.seq, entry.target] = None

    def failed(self, entry: Entry, error: str, refused: bool = False) -> None:
        """The receiver does not have it; `refused`: and will not take it, so that it is kept aside for `refused()` and `requeue()`."""
        with self._guard:
            if self._left is not None:
                return
            if entry.seq < 0:
                (self._memory.refuse if refused else self._memory.failed)(-entry.seq, entry.target, error)
            elif refused and not self._told(entry.seq, entry.target, error):
                self._settled[entry.seq, entry.target] = error
            elif not refused:
                self._disk.ask(lambda disk: disk.failed(entry.seq, entry.target, error))

    def refused(self, target: str | None = None) -> list[Entry]:
        """Events that a receiver refused, oldest first, each with `target` and `error`."""
        with self._guard:
            return (self._disk.ask(lambda disk: disk.refused(target)) or []) + self._memory.refused(target)

    def requeue(self, event_id: str | None = None, target: str | None = None) -> int:
        """Let refused events (all, one, or those of one receiver) be tried again; gives how many. Another process may do it."""
        with self._guard:
            return (self._disk.ask(lambda disk: disk.requeue(event_id, target)) or 0) + self._memory.requeue(event_id, target)

    def needed(self) -> set[str]:
        """Pictures that are yet to be delivered, for `Evidence(needed=...)`. Raises `EventsError` where the disk does not say."""
        with self._guard:
            if self._left is not None:
                return self._left.pictures
            on_disk = self._disk.ask(lambda disk: disk.pictures())
            if on_disk is None and self._disk.is_open:
                raise EventsError(f"outbox {self.folder}: {self.error}")
            return (on_disk or set()) | self._memory.pictures()

    def counts(self) -> dict[str, dict[str, int]]:
        """For every receiver how many events are waiting and refused; after `close`, how many were."""
        with self._guard:
            if self._left is not None:
                return self._left.counts
            found: dict[str, dict[str, int]] = {}
            for counts in (self._disk.ask(lambda disk: disk.counts()) or {}, self._memory.counts()):
                for (target, state), count in counts.items():
                    of_target = found.setdefault(target, {WAITING: 0, REFUSED: 0})
                    of_target[state] += count
            for _, target in self._settled:
                if target in found:
                    found[target][WAITING] = max(found[target][WAITING] - 1, 0)
            return found

    def passes_on(self, camera: str, epoch_s: float) -> int:
        """How many passes the camera had on the day of that moment."""
        name = today_counter(camera, epoch_s)
        with self._guard:
            return (self._disk.ask(lambda disk: disk.counter(name)) or 0) + self._memory.counter(name)

    def keep_picture(self, name: str, data: bytes) -> Path | None:
        """Write a picture that goes with an event and is removed with it; None where that is not possible."""
        if self.folder is None:
            return None
        path = self.folder / PICTURES / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
        except OSError as error:
            self._disk.trouble(f"pictures cannot be written ({error.strerror or error})")
            return None
        return path

    def tend(self) -> None:
        """Now and then: forget what is too old, use a disk that works again, give free room back."""
        with self._guard:
            if self._left is not None:
                return
            self._use_disk_again()
            gone = self._disk.ask(lambda disk: disk.expire(time.time() - self.keep_s))
            if gone is not None:
                self._note(gone, self.expired, "expired")
                self._forget(gone)
            self._note(self._memory.expire(time.time() - self.keep_s), self.expired, "expired")
            self._disk.ask(lambda disk: disk.shrink())
            yesterday = today_counter("", time.time() - 86400)
            self._disk.ask(lambda disk: disk.forget_counters(_TODAY, yesterday))

    def lock(self) -> None:
        """Be the one process that delivers from this folder, until `close`. Raises `EventsError` where another is."""
        if self.folder is not None and self._lock is None:
            self._lock = hold(self.folder)

    def close(self) -> None:
        """Let go of the folder. From then on nothing is kept, and `counts` and `needed` say what was left."""
        with self._guard:
            if self._left is not None:
                return
            self._use_disk_again(now=True)
            pictures: set[str] = set()
            with contextlib.suppress(EventsError):
                pictures = self.needed()
            self._left = _Left(self.counts(), pictures)
            if left := self._memory.totals()[0]:
                _log.error("outbox: %d events that were in memory only are lost", left)
            self._disk.close()
            self._memory.close()
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    def _begin(self, store: Store) -> None:
        """A database has been opened, perhaps a new one."""
        self._settled.clear()
        self._events, self._bytes = store.totals()
        self._remove_strays(store.pictures())

    def _use_disk_again(self, now: bool = False) -> None:
        """Tell the disk what it missed: what became of its events, then the events that were kept in memory."""
        missed = bool(self.error or self._settled or self._memory.totals()[0])
        if not missed or not self._disk.may_try(now):
            return
        self._disk.ask(lambda disk: disk.checkpoint())
        for (seq, target), refusal in sorted(self._settled.items()):
            if not self._told(seq, target, refusal):
                return
            del self._settled[seq, target]
        for row, targets in self._memory.rows(MOST_IN_MEMORY):
            if not self._stored(row, targets):
                return
            self._memory.drop_oldest()
        if self._disk.ask(lambda disk: disk.count("recovered")) is not None:
            self._disk.recovered()

    def _told(self, seq: int, target: str, refusal: str | None) -> bool:
        """Whether the disk knows now that the receiver has the event, or refused it."""
        gone = self._disk.ask(lambda disk: disk.done(seq, target) if refusal is None else disk.refuse(seq, target, refusal))
        if gone is not None:
            self._forget(gone)
        return gone is not None

    def _trim(self) -> None:
        while self._events > self.most_events or (self._bytes > self.most_bytes and self._events > 1):
            gone = self._disk.ask(lambda disk: disk.drop_oldest())
            if gone is None or not gone.events:
                return
            self._note(gone, self.dropped, "dropped")
            self._forget(gone)

    def _note(self, gone: Gone, counts: dict[str, int], what: str) -> None:
        """Count events that are lost to a receiver, and say so: at once for the first, then at every power of ten."""
        why = "the outbox is full" if what == "dropped" else f"they waited {self.keep_s / 86400:g} days"
        for target, _ in gone.lost:
            counts[target] = counts.get(target, 0) + 1
            if str(counts[target]).strip("0") == "1":
                _log.error("outbox: %d of the oldest events for %s %s, because %s", counts[target], target, what, why)

    def _forget(self, gone: Gone) -> None:
        self._events, self._bytes = max(self._events - gone.events, 0), max(self._bytes - gone.size, 0)
        self._clean(gone)

    def _clean(self, gone: Gone) -> None:
        """Remove the pictures that were kept for these events only."""
        for path in map(Path, gone.pictures):
            if self.folder is not None and path.parent == self.folder / PICTURES:
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)

    def _remove_strays(self, needed: set[str]) -> None:
        """Remove pictures whose event was never stored, because we ended in between."""
        if self.folder is not None and (self.folder / PICTURES).is_dir():
            for path in (self.folder / PICTURES).iterdir():
                with contextlib.suppress(OSError):
                    if str(path) not in needed and time.time() - path.stat().st_mtime > STRAY_S:
                        path.unlink()


def today_counter(camera: str, epoch_s: float) -> str:
    """The name of the counter of a camera's passes on that day, by this machine's clock."""
    return f"{_TODAY}{datetime.fromtimestamp(epoch_s).astimezone():%Y-%m-%d}/{camera}"


def _size(path: Path | None) -> int:
    try:
        return 0 if path is None else path.stat().st_size
    except OSError:
        return 0
