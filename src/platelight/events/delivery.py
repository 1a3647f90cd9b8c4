"""Takes events from the outbox to their receivers: one thread a receiver, so that none waits for another, nor the watching for any."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from platelight.events.errors import EventsError, NotNowError, RefusedError
from platelight.events.evidence import jpeg, safe, straightened
from platelight.events.outbox import Outbox
from platelight.events.store import REFUSED, WAITING, Entry
from platelight.records import Pass

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
"""Seconds to the second try, and between later ones at most; each wait is about twice the one before."""

PATIENCE = 5
"""After so many errors that a receiver answered to the same event, later ones may overtake it."""

LOOK_S = 2.0
"""Seconds between looks at the queue, where another process may have requeued something."""

TEND_S = 10.0

_log = logging.getLogger("platelight.events")


class Target(Protocol):
    """A receiver. `send` returns once it has the event, and raises `NotNowError` or `RefusedError`."""

    name: str
    wants_pictures: bool

    def send(self, entry: Entry, /) -> None: ...

    def close(self) -> None: ...


@dataclass
class _Line:
    """What is known of one receiver."""

    target: Target
    thread: threading.Thread | None = None
    delivered: int = 0
    tries: int = 0
    failures: int = 0  # in a row
    failing_since_s: float = 0.0
    last_delivered_s: float | None = None
    last_error: str | None = None
    not_before_s: float = 0.0
    answers: dict[int, int] = field(default_factory=dict)  # event to how many errors were answered to it
    overtaken: dict[int, float] = field(default_factory=dict)  # event to the time it may be tried again


class Delivery:
    """Delivers events in the order they came, until each receiver has them or refused them.

    `put` returns once the event is kept; everything else happens in threads. A receiver that fails is tried again after waits that
    grow from `first_wait_s` to `longest_wait_s`, with jitter, for as long as the outbox keeps the event. Raises `EventsError`
    where two receivers have one name or another process delivers from the same outbox.
    """

    def __init__(
        self, outbox: Outbox, targets: Sequence[Target], first_wait_s: float = FIRST_WAIT_S, longest_wait_s: float = LONGEST_WAIT_S,
        on_state: Callable[[str, str], None] | None = None,
    ) -> None:  # fmt: skip
        names = [target.name for target in targets]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise EventsError(f"two receivers have the name {twice[0]!r}; give one of them another")
        outbox.lock()
        self.outbox, self._first_wait_s, self._longest_wait_s, self._on_state = outbox, first_wait_s, longest_wait_s, on_state
        self._lines = {target.name: _Line(target) for target in targets}
        self._news = threading.Condition()
        self._round, self._closing, self._stopped = 0, False, False
        self._say_left_over()
        for line in self._lines.values():
            if hasattr(line.target, "attach"):
                line.target.attach(outbox, self._wake(line))
            line.thread = threading.Thread(target=self._run, args=(line,), name=f"platelight {line.target.name}", daemon=True)
            line.thread.start()
        self._tender = threading.Thread(target=self._tend, name="platelight outbox", daemon=True)
        self._tender.start()

    def put(self, event: dict[str, Any], passed: Pass | None = None, targets: Collection[str] | None = None) -> bool:
        """Keep an event for all receivers, or for those named in `targets`.

        True: it is on the disk; False: in memory, because the disk takes nothing, as the log says. Where one of them wants
        pictures and the event has no evidence, they are made of `passed` and kept until delivered.
        """
        lines = self._lines if targets is None else {name: self._lines[name] for name in targets}
        frame, plate = self._pictures(event, passed) if any(line.target.wants_pictures for line in lines.values()) else (None, None)
        kept = self.outbox.put(event, list(lines), frame, plate)
        self._tell()
        return kept

    @property
    def stats(self) -> dict[str, dict[str, Any]]:
        """For every receiver: what waits, was delivered (by this process), refused, dropped or expired, and the last trouble."""
        counts = self.outbox.counts()
        found = {}
        for name, line in self._lines.items():
            of_target = counts.get(name, {WAITING: 0, REFUSED: 0})
            found[name] = {
                "waiting": of_target[WAITING], "delivered": line.delivered, "refused": of_target[REFUSED],
                "dropped": self.outbox.dropped.get(name, 0), "expired": self.outbox.expired.get(name, 0), "tries": line.tries,
                "failing_s": round(time.monotonic() - line.failing_since_s, 1) if line.failures else 0.0,
                "last_error": line.last_error, "last_delivered": _iso(line.last_delivered_s),
            }  # fmt: skip
        return found

    def close(self, timeout_s: float = 5.0) -> bool:
        """Stop. What waits is delivered first, as far as `timeout_s` and the receivers allow; the rest stays for the next start.

        True: nothing was left.
        """
        end = time.monotonic() + timeout_s
        self._closing = True
        self._tell()
        for line in self._lines.values():
            if line.thread is not None:
                line.thread.join(max(end - time.monotonic(), 0.0))
        self._stopped = True
        self._tell()
        for line in self._lines.values():
            line.target.close()
        left = sum(count[WAITING] for name, count in self.outbox.counts().items() if name in self._lines)
        self.outbox.close()
        return left == 0

    def _say_left_over(self) -> None:
        for name, count in self.outbox.counts().items():
            if name not in self._lines and count[WAITING]:
                _log.warning("outbox: %d events wait for %s, which is no receiver now; they are dropped when they are too old", count[WAITING], name)

    def _pictures(self, event: dict[str, Any], passed: Pass | None) -> tuple[Path | None, Path | None]:
        if event.get("evidence"):
            folder = Path(event["evidence"]["folder"])
            frame, plate = (event["evidence"][name] for name in ("frame", "plate"))
            return frame and folder / frame, plate and folder / plate
        if passed is None or passed.frame is None:
            return None, None
        pixels, name = passed.frame.pixels, safe(str(event["id"]))
        cut = straightened(pixels, passed.plate.detection.quad)
        frame = self.outbox.keep_picture(f"{name}-frame.jpg", jpeg(pixels))
        return frame, None if cut is None else self.outbox.keep_picture(f"{name}-plate.jpg", jpeg(cut))

    def _tell(self) -> None:
        with self._news:
            self._round += 1
            self._news.notify_all()

    def _wake(self, line: _Line) -> Callable[[], None]:
        """For receivers that notice by themselves that they are there again."""

        def wake() -> None:
            line.not_before_s = 0.0
            self._tell()

        return wake

    def _run(self, line: _Line) -> None:
        while not self._stopped:
            seen = self._round
            wait_s = self._step(line)
            if wait_s <= 0:
                continue
            if self._closing:
                return
            with self._news:
                self._news.wait_for(lambda seen=seen: self._round != seen, wait_s)  # type: ignore[misc]

    def _step(self, line: _Line) -> float:
        """One try, if there is something to try; gives the seconds until the next look."""
        now_s = time.monotonic()
        if now_s < line.not_before_s:
            return min(line.not_before_s - now_s, LOOK_S)
        line.overtaken = {seq: due_s for seq, due_s in line.overtaken.items() if due_s > now_s}
        try:
            entry = self.outbox.head(line.target.name, line.overtaken)
        except Exception as error:
            self._unexpected(line, error)
            return LOOK_S
        if entry is None:
            return LOOK_S
        line.tries += 1
        try:
            line.target.send(entry)
        except RefusedError as error:
            self._refused(line, entry, str(error))
        except NotNowError as error:
            self._not_now(line, entry, error)
        except Exception as error:
            self._unexpected(line, error)
            self._not_now(line, entry, NotNowError(f"{type(error).__name__}: {error}", answered=True))
        else:
            self._delivered(line, entry)
        return 0.0

    def _delivered(self, line: _Line, entry: Entry) -> None:
        self.outbox.done(entry)
        line.answers.pop(entry.seq, None)
        line.delivered += 1
        line.last_delivered_s = time.time()
        self._answers(line)

    def _answers(self, line: _Line) -> None:
        if line.failures:
            self._say(line, "works", f"takes events again after {time.monotonic() - line.failing_since_s:.0f} s")
        line.failures, line.last_error, line.not_before_s = 0, None, 0.0

    def _refused(self, line: _Line, entry: Entry, cause: str) -> None:
        self.outbox.failed(entry, cause, refused=True)
        line.answers.pop(entry.seq, None)
        same = line.last_error == cause
        self._answers(line)
        if not same:
            self._say(line, "refuses", f"refused the event {entry.id}: {cause}; it is kept aside and can be requeued")
        line.last_error = cause

    def _not_now(self, line: _Line, entry: Entry, error: NotNowError) -> None:
        self.outbox.failed(entry, str(error))
        if not line.failures:
            line.failing_since_s = time.monotonic()
        line.failures += 1
        wait_s = max(self._wait_s(line.failures), error.wait_s)
        line.not_before_s = time.monotonic() + wait_s
        if error.answered:
            answers = line.answers[entry.seq] = line.answers.get(entry.seq, 0) + 1
            if answers >= PATIENCE:
                line.overtaken[entry.seq] = line.not_before_s + self._wait_s(answers)
        if line.failures == 1:
            self._say(line, "fails", f"{error}; events wait, next try in {wait_s:.1f} s")
        line.last_error = str(error)

    def _wait_s(self, failures: int) -> float:
        """Growing, and jittered by up to half, so that many senders do not return at the same moment."""
        return float(min(self._first_wait_s * 2.0 ** min(failures - 1, 30), self._longest_wait_s) * random.uniform(0.5, 1.0))

    def _say(self, line: _Line, state: str, detail: str) -> None:
        _log.warning("%s: %s", line.target.name, detail)
        if self._on_state is not None:
            self._on_state(state, f"{line.target.name}: {detail}")

    def _unexpected(self, line: _Line, error: Exception) -> None:
        if not self._stopped:
            _log.exception("%s: an error that should not happen", line.target.name, exc_info=error)

    def _tend(self) -> None:
        while not self._stopped:
            self.outbox.tend()
            with self._news:
                self._news.wait_for(lambda: self._stopped, TEND_S)


def _iso(epoch_s: float | None) -> str | None:
    return None if epoch_s is None else datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
