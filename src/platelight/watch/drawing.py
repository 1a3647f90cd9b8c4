"""What a camera saw, as a video with outlines and texts."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from platelight.draw import annotate
from platelight.records import Candidate, Decoding, Detection, Frame, Image, Plate
from platelight.track import Track
from platelight.video import VideoError, write_video

WAITING = 8
"""Frames that may wait to be drawn."""


class Drawing(threading.Thread):
    """Writes one camera's frames into `path` as they come, each with what is followed on it.

    `wait`: for files, whose every frame is wanted; of a live camera frames are left out where drawing cannot keep up. `say` tells
    why it could not be written; watching goes on.
    """

    def __init__(self, path: Path, fps: float, wait: bool, say: Callable[[str], None]) -> None:
        super().__init__(name=f"watch-draw-{path.stem}", daemon=True)
        self.path, self.fps, self.wait, self.say = path, fps, wait, say
        self._frames: queue.Queue[tuple[Image, list[Plate]] | None] = queue.Queue(WAITING)
        self._ended = threading.Event()

    def put(self, frame: Frame, tracks: Sequence[Track]) -> None:
        """Draw a frame, from the camera's thread."""
        item = frame.pixels, [_plate(track) for track in tracks if track.missed == 0]
        while not self._ended.is_set():
            try:
                self._frames.put(item, timeout=0.5 if self.wait else 0.0)
                return
            except queue.Full:
                if not self.wait:
                    return

    def finish(self) -> None:
        """Draw what waits, then close the file."""
        while not self._ended.is_set():
            try:
                self._frames.put(None, timeout=0.5)
                break
            except queue.Full:
                continue
        self.join(10)

    def run(self) -> None:
        try:
            first = self._frames.get()
            if first is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                write_video(self.path, self._drawn(first), self.fps)
        except (VideoError, OSError) as error:
            self.say(f"the video with outlines was not written: {error}")
        finally:
            self._ended.set()

    def _drawn(self, item: tuple[Image, list[Plate]] | None) -> Iterator[Image]:
        height, width = item[0].shape[:2] if item else (0, 0)
        while item is not None:
            pixels, plates = item
            picture = annotate(pixels, plates) if plates else pixels
            if picture.shape[:2] != (height, width):
                picture = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
            yield picture
            item = self._frames.get()


def _plate(track: Track) -> Plate:
    """A track as a plate that can be drawn: where it is now, with the text read most often so far."""
    reading, text = track.readings[0][1], track.text
    guess = reading.countries[int(reading.country_log_probs.argmax())] if reading.countries else None
    country = track.best.sighting.plate.country if track.best is not None else guess
    best = Candidate(text, country, None, 0.0) if text else None
    return Plate(Detection(track.quad, 1.0), reading, Decoding(best, (), "AS_READ", track.surest if text else 0.0))
