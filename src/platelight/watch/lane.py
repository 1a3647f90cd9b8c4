"""One camera from its video to its passes, in a thread of its own: whatever happens to it holds no other camera up."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from platelight.records import Detection, Frame, Pass, Plate
from platelight.track import Track
from platelight.video import Stats, VideoError
from platelight.watch.config import Camera
from platelight.watch.gate import MotionGate
from platelight.watch.looking import Looker
from platelight.watch.stats import CameraStats, Counts

_log = logging.getLogger(__name__)

CONNECTING = "connecting"

SAID_AGAIN_S = 60.0
"""That a source is still away, or that frames still fail, is said once in so many seconds."""


class Film(Protocol):
    """What a lane needs of `platelight.video.Video`."""

    live: bool

    @property
    def fps(self) -> float | None: ...

    @property
    def duration_s(self) -> float | None: ...

    @property
    def stats(self) -> Stats: ...

    def __iter__(self) -> Iterator[Frame]: ...

    def close(self) -> None: ...


class Follower(Protocol):
    """What a lane needs of `platelight.track.Tracker`."""

    @property
    def tracks(self) -> Sequence[Track]: ...

    def wants(self, frame: Frame, found: Sequence[Detection], /) -> list[bool]: ...

    def update(self, frame: Frame, plates: Sequence[Plate] | None, unread: Sequence[Detection] = ()) -> list[Pass]: ...

    def close(self) -> list[Pass]: ...


class Lane(threading.Thread):
    """Takes the frames of one camera as they come, follows the plates on them and hands out what passed.

    `open_film` opens the source, `follow` makes a tracker, `report` takes a pass that is worth an event, `say` a sentence about
    the camera's state. `failed` says why the source, a file, could not be read to its end.
    """

    def __init__(
        self, camera: Camera, looker: Looker, open_film: Callable[[Camera, Callable[[str, str], None]], Film], follow: Callable[[], Follower],
        report: Callable[[Camera, Pass], None], say: Callable[[str], None],
    ) -> None:  # fmt: skip
        super().__init__(name=f"watch-{camera.name}", daemon=True)
        self.camera, self.looker, self.report, self.say = camera, looker, report, say
        self.counts = Counts()
        self.failed: str | None = None
        self.live = False
        self.on_start: Callable[[Film], None] | None = None
        self.on_frame: Callable[[Frame, Sequence[Track]], None] | None = None
        self._open_film, self._follow = open_film, follow
        self._film: Film | None = None
        self._stopping = threading.Event()
        self._state, self._at_s, self._shape = CONNECTING, 0.0, (0, 0)
        self._said_state, self._said_state_s = CONNECTING, 0.0
        self._tracker = follow()
        self._gate = MotionGate(camera.area)
        self._said_error_s = -SAID_AGAIN_S

    def ask_to_stop(self) -> None:
        """Take no more frames; what is open is reported before the thread ends."""
        self._stopping.set()

    def let_go(self) -> None:
        """Close the source, which may take a second; wakes a thread that waits for a frame."""
        film = self._film
        if film is not None:
            film.close()

    def run(self) -> None:
        try:
            self._take_all()
        except VideoError as error:
            self._fail(str(error))
        except Exception as error:
            _log.debug("camera %s", self.camera.name, exc_info=True)
            self._fail(f"unexpected {type(error).__name__}: {error}")
        finally:
            self._finish()

    def _take_all(self) -> None:
        film = self._open_film(self.camera, self._change)
        self._film, self.live = film, film.live
        try:
            if self._stopping.is_set():  # asked to while it was being opened, when there was nothing to close yet
                return
            if self.on_start is not None:
                self.on_start(film)
            for frame in film:
                if self._stopping.is_set():
                    return
                self._state = "connected" if self.live else "reading"
                self._take_or_say(frame)
        finally:
            film.close()

    def _take_or_say(self, frame: Frame) -> None:
        """A frame that something goes wrong with is left out; the camera goes on."""
        try:
            self._take(frame)
        except Exception as error:
            self.counts.errors += 1
            if time.monotonic() - self._said_error_s >= SAID_AGAIN_S:
                self._said_error_s = time.monotonic()
                _log.debug("frame %d", frame.index, exc_info=True)
                self.say(f"a frame was left out: {type(error).__name__}: {error}")

    def _take(self, frame: Frame) -> None:
        self.counts.frames += 1
        self.counts.rate.count()
        self._at_s = frame.time_s
        if frame.pixels.shape[:2] != self._shape:
            self._resize(frame)
        following = any(not track.reported for track in self._tracker.tracks)
        if self.camera.gate and not self._gate.wants(frame, following):
            passes = self._tracker.update(frame, None)
        else:
            passes = self._look(frame)
        if self.on_frame is not None:
            self.on_frame(frame, self._tracker.tracks)
        self._hand_out(passes)

    def _look(self, frame: Frame) -> list[Pass]:
        self.counts.looked_at += 1
        seen = self.looker(frame, self._tracker)
        self.counts.plates += len(seen.plates) + len(seen.unread)
        self.counts.read += len(seen.plates)
        return self._tracker.update(frame, seen.plates, seen.unread)

    def _resize(self, frame: Frame) -> None:
        """Places on frames of another size cannot be compared: what was followed ends, and all begins anew."""
        height, width = frame.pixels.shape[:2]
        if self._shape != (0, 0):
            self.say(f"the picture's size changed from {self._shape[1]}x{self._shape[0]} to {width}x{height}")
            self._hand_out(self._tracker.close())
            self._tracker = self._follow()
        self._shape = (height, width)

    def _hand_out(self, passes: Sequence[Pass]) -> None:
        for passed in passes:
            if passed.plate.confidence < self.camera.min_confidence:
                self.counts.unreported += 1
                continue
            self.counts.passes += 1
            self.report(self.camera, passed)

    def _finish(self) -> None:
        try:
            self._hand_out(self._tracker.close())
        except Exception as error:
            self._fail(f"unexpected {type(error).__name__}: {error}")
        if self.failed is None:
            self._state = "stopped" if self._stopping.is_set() else "done"

    def _change(self, state: str, detail: str = "") -> None:
        """What the source says of its connection. Of the many attempts to connect again only one a minute is worth a line."""
        self._state = state
        now = time.monotonic()
        if state == CONNECTING or (state == self._said_state and now - self._said_state_s < SAID_AGAIN_S):
            return
        self._said_state, self._said_state_s = state, now
        self.say(f"{state} ({detail})" if detail else state)

    def _fail(self, message: str) -> None:
        self.failed, self._state = message, "failed"
        self.say(message)

    def stats(self) -> CameraStats:
        """The camera at this moment."""
        about, counts = self._film.stats if self._film is not None else Stats(), self.counts
        return CameraStats(
            self.camera.name, self.live, self._state, counts.rate.value(), about.lag_s, about.dropped,
            about.reconnects, counts.frames, counts.looked_at, counts.plates, counts.read, counts.passes, counts.unreported,
            len(self._tracker.tracks), self._at_s, self._film.duration_s if self._film is not None else None, self.failed or about.last_error,
        )  # fmt: skip
