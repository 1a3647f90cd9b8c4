"""`Video`: frames of a file, a camera or a stream, each with its time."""

from __future__ import annotations

import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from types import TracebackType
from typing import Literal, Self

from platelight.records import Frame
from platelight.video.address import Address, check_file, parse
from platelight.video.capture import Capture, Opener, Settings
from platelight.video.errors import BrokenPictureError, VideoError
from platelight.video.hosts import check_host
from platelight.video.live import LiveReader, OnState
from platelight.video.stats import Stats
from platelight.video.timeline import Choice, Timeline

Backend = Literal["pyav", "opencv"]


class Video:
    """Iterate over it for its frames; use it as a context manager, or `close` it.

    `source`: a path; a camera's number or `/dev/video0`; an address (rtsp, http and what FFmpeg knows). `every`: only each n-th
    frame; `fps`: at most so many a second; pixels of others are not made. `live` (devices and streams, unless told otherwise): a
    thread keeps the newest picture only, so the next frame is always the present; a file played live comes at its own speed.
    `reconnect` (live streams and devices): try again for ever, and go on; without it `VideoError` is raised. `hardware`: "auto"
    or a kind such as "cuda" that shall decode; the attribute of that name then tells what really does. `loop`: begin a file again
    at its end. `start_epoch_s`: when a file's first frame was taken, instead of what the file says itself; where both are unknown
    the attribute is None and `Frame.epoch_s` is the time in the file. `on_state(state, line)`: told of every change of a live
    connection. `options` go to FFmpeg.

    Raises `VideoError`; a message never holds a password.
    """

    def __init__(
        self,
        source: str | os.PathLike[str],
        *,
        every: int = 1,
        fps: float | None = None,
        live: bool | None = None,
        open_timeout_s: float = 10.0,
        read_timeout_s: float = 10.0,
        reconnect: bool | None = None,
        hardware: str | None = None,
        loop: bool = False,
        start_epoch_s: float | None = None,
        on_state: OnState | None = None,
        options: Mapping[str, str] | None = None,
        threads: int = 1,
        backend: Backend | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._address = parse(os.fspath(source))
        self.live = self._address.live if live is None else live
        reconnect = (self.live and self._address.kind != "file") if reconnect is None else reconnect
        self._choice = Choice(every, fps)
        settings = Settings(self.live, open_timeout_s, read_timeout_s, hardware, threads, fps if every == 1 else None, dict(options or {}))
        self._open = partial(_open, _opener(backend, self._address), self._address, settings)  # holds no reference to this object
        self._loop, self._given_epoch_s = loop, start_epoch_s
        self._closed = threading.Event()
        self._turn = threading.Lock()  # held while a file's decoder is at work
        self._stats, self._timeline = Stats(), Timeline()
        self._reader: LiveReader | None = None
        self._capture: Capture | None = None
        self._frames: Iterator[Frame] | None = None
        if self.live:
            if self._address.kind == "file":
                check_file(self._address)
            self._start(reconnect, on_state, clock, wall)
        else:
            self._capture = self._open()
            self._frames = self._read_file()

    def _start(self, reconnect: bool, on_state: OnState | None, clock: Callable[[], float], wall: Callable[[], float]) -> None:
        lumps = ".m3u8" in self._address.text
        reader = LiveReader(
            self._open,
            self.name,
            self._choice,
            reconnect=reconnect,
            loop=self._loop,
            paced=lumps or self._address.kind == "file",
            lumps=lumps,
            on_state=on_state,
            clock=clock,
            wall=wall,
        )
        self._reader = reader
        self._let_go = weakref.finalize(self, reader.stop, 0.0)
        if not reconnect:
            reader.opened.wait()
            reader.raise_failure()

    @property
    def name(self) -> str:
        """What to call the source, without passwords."""
        return self._address.name

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height of the last frame, upright; None until known."""
        capture = self._open_one
        return capture.size if capture else None

    @property
    def fps(self) -> float | None:
        """Frames a second that the source says it has; None where it does not say."""
        capture = self._open_one
        return capture.fps if capture else None

    @property
    def duration_s(self) -> float | None:
        """How long a file says it is; None where it does not say, and for what is no file."""
        capture = self._open_one
        return capture.duration_s if capture else None

    @property
    def hardware(self) -> str | None:
        """The kind of hardware that decodes; None if the processor does, and then `hardware_error` says why."""
        capture = self._open_one
        return capture.hardware if capture else None

    @property
    def hardware_error(self) -> str | None:
        capture = self._open_one
        return capture.hardware_error if capture else None

    @property
    def start_epoch_s(self) -> float | None:
        """UTC seconds of a file's first frame, if known."""
        if self._given_epoch_s is not None or self.live:
            return self._given_epoch_s
        return self._capture.start_epoch_s if self._capture else None

    @property
    def stats(self) -> Stats:
        if self._reader is not None:
            return self._reader.stats
        return replace(self._stats, jumps=self._timeline.jumps, broken=self._stats.broken + (self._capture.broken if self._capture else 0))

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Frame:
        if self._reader is not None:
            frame = self._reader.take()
            if frame is None:
                raise StopIteration
            return frame
        assert self._frames is not None
        with self._turn:
            return next(self._frames)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Video({self.name!r}, live={self.live})"

    def close(self) -> None:
        """From any thread, any number of times; an iteration under way ends within a second."""
        self._closed.set()
        if self._reader is not None:
            self._reader.stop()
        elif self._turn.acquire(timeout=1.0):  # else the thread that iterates closes it
            try:
                self._shut()
            finally:
                self._turn.release()

    @property
    def _open_one(self) -> Capture | None:
        return self._reader.capture if self._reader is not None else self._capture

    def _read_file(self) -> Iterator[Frame]:
        index = 0
        try:
            while self._capture is not None and not self._closed.is_set():
                for picture in self._capture.pictures():
                    if self._closed.is_set():
                        return
                    if index == 0 and self._capture.fps:
                        self._timeline.interval_s = 1 / self._capture.fps
                    time_s = self._timeline.at(picture.stamp_s)
                    if self._choice.wants(index, time_s):
                        try:
                            frame = Frame(picture.to_rgb(), time_s, (self.start_epoch_s or 0.0) + time_s, index)
                        except BrokenPictureError:
                            frame = None
                        if frame is not None:
                            self._stats = replace(self._stats, frames=self._stats.frames + 1, connected=True)
                            yield frame
                            del frame
                    index += 1
                    self._stats = replace(self._stats, decoded=index)
                if not self._loop:
                    return
                self._again()
        except VideoError as error:
            self._stats = replace(self._stats, last_error=str(error))
            raise
        finally:
            self._shut()

    def _again(self) -> None:
        assert self._capture is not None
        broken, start = self._capture.broken, self._capture.start_epoch_s
        self._capture.close()
        self._timeline.restart()
        self._capture = self._open()
        self._capture.start_epoch_s = start
        self._stats = replace(self._stats, broken=self._stats.broken + broken)

    def _shut(self) -> None:
        self._stats = replace(self._stats, connected=False)
        if self._capture is not None:
            self._capture.close()


def _open(opener: Opener, address: Address, settings: Settings) -> Capture:
    if address.kind == "stream":
        check_host(address, settings.open_timeout_s)
    elif address.kind == "file" or address.text.startswith("/"):
        check_file(address)
    return opener(address, settings)


def _opener(backend: Backend | None, address: Address) -> Opener:
    """PyAV's; OpenCV's where PyAV is not installed, and for cameras of other systems than Linux, which it finds by their numbers."""
    if backend == "pyav" or (backend is None and (address.kind != "device" or sys.platform.startswith("linux"))):
        try:
            opener: Opener = import_module("platelight.video.pyav").open_capture
            return opener
        except ImportError:
            if backend == "pyav":
                raise VideoError("PyAV is not installed: pip install 'platelight[video]'") from None
    fallback: Opener = import_module("platelight.video.opencv").open_capture
    return fallback
