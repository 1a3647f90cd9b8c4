"""A thread that reads a live source, keeps the newest picture only, and connects again when it breaks off."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from platelight.records import Frame
from platelight.video.address import masked
from platelight.video.backlog import Backlog, Pace
from platelight.video.capture import Capture, Picture
from platelight.video.errors import BrokenPictureError, VideoError
from platelight.video.stats import Stats
from platelight.video.timeline import Choice, Timeline
from platelight.video.waits import Waits

OLDEST_S = 1.0
"""Pictures older than this are not given out."""

OnState = Callable[[str, str], None]
"""Told the state ("connecting", "connected", "lost") and a line about it, from the reading thread."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    picture: Picture
    time_s: float
    epoch_s: float
    arrived_s: float
    index: int


class LiveReader:
    """Reads until `stop`. `paced`: the source gives pictures faster than they were taken, so they are held back; `lumps`: because it
    sends many at once (HLS), and not because it is a file."""

    def __init__(
        self,
        open_capture: Callable[[], Capture],
        name: str,
        choice: Choice,
        *,
        reconnect: bool,
        loop: bool = False,
        paced: bool = False,
        lumps: bool = False,
        on_state: OnState | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        waits: Waits | None = None,
    ) -> None:
        self._open_capture, self._name, self._choice = open_capture, name, choice
        self._reconnect, self._loop, self._paced, self._lumps, self._on_state = reconnect, loop, paced, lumps, on_state
        self._clock, self._wall, self._waits = clock, wall, waits or Waits()
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._newest: _Waiting | None = None
        self._ended = False
        self._failure: VideoError | None = None
        self._timeline = Timeline()
        self._index = self._lost_packets = self._broken = 0
        self._stats = Stats()
        self._connections = 0
        self._gap_s = self._put_s = 0.0
        self.capture: Capture | None = None
        self.opened = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"video {name}", daemon=True)
        self._thread.start()

    @property
    def stats(self) -> Stats:
        with self._changed:
            capture = self.capture
            return replace(
                self._stats, decoded=self._index, dropped=self._stats.dropped + self._lost_packets,
                broken=self._broken + (capture.broken if capture else 0), jumps=self._timeline.jumps,
            )  # fmt: skip

    def take(self) -> Frame | None:
        """The newest picture that was not taken yet, waited for; None once the source has ended or `stop` was called.

        Raises `VideoError` when it broke off and is not to be connected again.
        """
        while True:
            with self._changed:
                while self._newest is None and not self._ended and not self._stopping.is_set():
                    self._changed.wait(0.5)
                if self._stopping.is_set():
                    return None
                if self._newest is None:
                    if self._failure is not None:
                        raise self._failure
                    return None
                waiting, self._newest = self._newest, None
                lag = max(self._clock() - waiting.arrived_s, 0.0)
                if lag > max(OLDEST_S, 2 * self._gap_s):  # it lay here, and nothing newer came
                    self._stats = replace(self._stats, dropped=self._stats.dropped + 1)
                    continue
            try:
                pixels = waiting.picture.to_rgb()
            except BrokenPictureError:
                continue
            with self._changed:
                self._stats = replace(self._stats, frames=self._stats.frames + 1, lag_s=lag, worst_lag_s=max(lag, self._stats.worst_lag_s))
            return Frame(pixels, waiting.time_s, waiting.epoch_s, waiting.index)

    def raise_failure(self) -> None:
        """Raise why it ended, if it has."""
        with self._changed:
            if self._failure is not None:
                raise self._failure

    def stop(self, timeout_s: float = 0.8) -> None:
        """From any thread. A thread that hangs in the network ends by itself when its timeout is over."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        failure: VideoError | None = None
        try:
            failure = self._go_on()
        except Exception as error:  # of `on_state`; whoever waits for frames must hear of it
            failure = VideoError(f"{self._name}: reading failed ({type(error).__name__}: {masked(str(error))})")
        finally:
            self._end(failure)
            self.opened.set()

    def _go_on(self) -> VideoError | None:
        """Connect and read, again and again; why it ended, None for a proper end."""
        while not self._stopping.is_set():
            failure = self._connection()
            if self._stopping.is_set():
                break
            self._timeline.restart()
            if failure is None and self._loop:
                continue
            if not self._reconnect or (failure is not None and failure.hopeless):
                return failure
            failure = failure or VideoError(f"{self._name}: the stream ended")
            wait = self._waits.next_s(failure.refused)
            self._tell("lost", f"{failure}; next try in {wait:.1f} s", str(failure))
            self._stopping.wait(wait)
        return None

    def _connection(self) -> VideoError | None:
        """Open, read until it ends or breaks, close; why it broke, None for a proper end."""
        capture: Capture | None = None
        try:
            self._tell("connecting", self._name)
            capture = self._open_capture()
            self.capture = capture
            self.opened.set()
            self._read(capture)
        except VideoError as error:
            return error
        except Exception as error:  # whatever it is: nobody would see it in this thread, and the other one would wait for ever
            return VideoError(f"{self._name}: reading failed ({type(error).__name__})")
        finally:
            if capture is not None:
                with self._changed:
                    self._broken += capture.broken
                    capture.broken = 0
                capture.close()
            self._set_connected(False)
        return None

    def _read(self, capture: Capture) -> None:
        backlog = Backlog(self._clock)
        if not self._paced:
            capture.admit = backlog.admit
        self._timeline.interval_s = 1 / capture.fps if capture.fps else self._timeline.interval_s
        lost_before, first, opened = self._lost_packets, True, 0.0
        pace = Pace(self._lumps)
        for picture in capture.pictures():
            if self._stopping.is_set():
                return
            now = self._clock()
            behind = backlog.age_s(picture.stamp_s, now)
            if self._paced and picture.stamp_s is not None:
                early = pace.early_s(picture.stamp_s, now)
                self._stopping.wait(max(early, 0.0))
                now, behind = self._clock(), max(-early, 0.0)
            if first:
                first, opened = False, now
                self._begin()
            if not (backlog.settled or self._paced or now - opened > OLDEST_S):
                continue
            self._lost_packets = lost_before + backlog.skipped
            self._put(picture, now - behind, behind)

    def _put(self, picture: Picture, arrived_s: float, behind: float) -> None:
        with self._changed:
            time_s = self._timeline.at(picture.stamp_s, arrived_s)
            index, self._index = self._index, self._index + 1
            if not self._choice.wants(index, time_s):
                return
            if behind > OLDEST_S or self._newest is not None:
                self._stats = replace(self._stats, dropped=self._stats.dropped + 1)
            if behind <= OLDEST_S:
                self._gap_s, self._put_s = arrived_s - self._put_s if self._put_s else 0.0, arrived_s
                self._newest = _Waiting(picture, time_s, self._wall() - behind, arrived_s, index)
                self._changed.notify()

    def _begin(self) -> None:
        self._waits.reset()
        self._connections += 1
        with self._changed:
            self._stats = replace(self._stats, connected=True, reconnects=self._connections - 1)
        self._report("connected", self._name)

    def _tell(self, state: str, detail: str, error: str | None = None) -> None:
        if error is not None:
            with self._changed:
                self._stats = replace(self._stats, last_error=error)
        self._report(state, detail)

    def _report(self, state: str, detail: str) -> None:
        if self._on_state is not None:
            self._on_state(state, detail)

    def _set_connected(self, connected: bool) -> None:
        with self._changed:
            self._stats = replace(self._stats, connected=connected)

    def _end(self, failure: VideoError | None) -> None:
        with self._changed:
            self._ended, self._failure = True, failure
            if failure is not None:
                self._stats = replace(self._stats, last_error=str(failure))
            self._changed.notify_all()
