"""All cameras together: started, counted, stopped."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from platelight.track import Tracker
from platelight.video import Video
from platelight.video.address import parse
from platelight.watch.config import Camera, Settings
from platelight.watch.drawing import Drawing
from platelight.watch.lane import Film, Follower, Lane
from platelight.watch.looking import Looker, Models
from platelight.watch.receivers import Receivers
from platelight.watch.reporting import Event, Reporter
from platelight.watch.stats import CameraStats
from platelight.watch.values import ConfigError

LIVE_FPS = 10.0
"""Frames a second of a live source that are looked at where the camera says nothing else."""

STOP_S = 5.0
"""So long a stop waits for what is on its way: the frames in hand, then the receivers."""

Say = Callable[[str, str], None]
OpenFilm = Callable[[Camera, Callable[[str, str], None]], Film]


def open_video(camera: Camera, on_state: Callable[[str, str], None]) -> Film:
    """The camera's source, as its settings say. Raises `VideoError`."""
    live = parse(camera.source).live if camera.live is None else camera.live
    return Video(
        camera.source, every=camera.every, fps=camera.fps or (LIVE_FPS if live else None), live=live, open_timeout_s=camera.open_timeout_s,
        read_timeout_s=camera.read_timeout_s, hardware=camera.hardware, loop=camera.loop, start_epoch_s=camera.start,
        on_state=on_state,
    )  # fmt: skip


class Watcher:
    """Watches the cameras of `settings`, each in a thread, with shared `models`.

    `say(camera, sentence)` tells what happens, from any thread; `draw` is a folder for videos of what was seen. `start`, then take
    events with `next` until `done`; `close` ends it in any case. Raises `ConfigError` for a country without plate types, and what
    `Receivers` raises.
    """

    def __init__(
        self, settings: Settings, models: Models, say: Say, draw: Path | None = None, open_film: OpenFilm = open_video,
        follow: Callable[[Camera, Looker], Follower] | None = None,
    ) -> None:  # fmt: skip
        self.settings, self.models, self.say = settings, models, say
        lookers = [self._looker(camera) for camera in settings.cameras]  # may be wrong, so before anything is begun
        self.receivers = Receivers(settings)
        self.reporter = Reporter(self.receivers, say)
        self.lanes = [self._lane(*pair, open_film, follow or _tracker) for pair in zip(settings.cameras, lookers, strict=True)]
        self._drained = threading.Event()
        self._drawings: list[Drawing] = []
        if draw is not None:
            for lane in self.lanes:
                lane.on_start = partial(self._draw, lane, draw)

    def _looker(self, camera: Camera) -> Looker:
        try:
            return Looker(self.models, camera.area, camera.min_width, camera.effort, camera.countries)
        except ValueError as error:
            raise ConfigError(f"camera {camera.name!r}: countries: {error}") from None

    def _lane(self, camera: Camera, looker: Looker, open_film: OpenFilm, follow: Callable[[Camera, Looker], Follower]) -> Lane:
        return Lane(camera, looker, open_film, lambda: follow(camera, looker), self.reporter.put, lambda sentence: self.say(camera.name, sentence))

    def start(self) -> None:
        self.reporter.start()
        for lane in self.lanes:
            lane.start()
        threading.Thread(target=self._drain, name="watch-end", daemon=True).start()

    def _draw(self, lane: Lane, folder: Path, film: Film) -> None:
        """Begin to draw what a camera sees, once its source is open."""
        fps = lane.camera.fps or (LIVE_FPS if film.live else (film.fps or 25.0) / lane.camera.every)
        drawing = Drawing(folder / f"{lane.camera.name}.mp4", fps, not film.live, lane.say)
        self._drawings.append(drawing)
        drawing.start()
        lane.on_frame = drawing.put

    def _drain(self) -> None:
        for lane in self.lanes:
            lane.join()
        for drawing in self._drawings:
            drawing.finish()
        self.reporter.finish()
        self.reporter.join()
        self._drained.set()

    def next(self, timeout_s: float) -> Event | None:
        """The next event, or None if there is none for so long."""
        try:
            return self.reporter.events.get(timeout_s > 0, timeout_s or None)
        except queue.Empty:
            return None

    @property
    def done(self) -> bool:
        """Whether every source has ended and every event was taken."""
        return self._drained.is_set() and self.reporter.events.empty()

    def stop(self) -> None:
        """Take no more frames. What is being followed is reported, and then it is `done`."""
        for lane in self.lanes:
            lane.ask_to_stop()
        for lane in self.lanes:
            threading.Thread(target=lane.let_go, name="watch-close", daemon=True).start()

    def close(self, timeout_s: float = STOP_S) -> int:
        """Stop, give the receivers so long, and let all go. Gives how many events stay in the queue for the next start."""
        end = time.monotonic() + timeout_s
        self.stop()
        self._drained.wait(timeout_s)
        return self.receivers.close(max(end - time.monotonic(), 0.5))

    def stats(self) -> list[CameraStats]:
        return [lane.stats() for lane in self.lanes]

    @property
    def failed(self) -> Sequence[Lane]:
        """Cameras whose source could not be read."""
        return [lane for lane in self.lanes if lane.failed is not None]


def _tracker(camera: Camera, looker: Looker) -> Follower:
    if camera.parked_after_s is None:
        return Tracker(looker.decoder, camera=camera.name, min_confidence=camera.min_confidence)
    return Tracker(looker.decoder, camera=camera.name, min_confidence=camera.min_confidence, parked_after_s=camera.parked_after_s)
