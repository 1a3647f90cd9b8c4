"""Films made of nothing, and models that read them at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from stand_ins import street

from platelight import templates
from platelight.decode import Decoder
from platelight.geometry import Quad
from platelight.pipeline import Platelight
from platelight.records import ALPHABET, Detection, Frame, Image, PlateImage, Reading
from platelight.video import Stats, VideoError
from platelight.watch import Camera, Models

WIDTH, HEIGHT, FPS = 320, 180, 10.0
UKRAINE = tuple(template for template in templates.load() if template.country == "ua")


class WhiteShapes:
    """A detector that takes every white box for a plate."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []
        self.wait_s = 0.0

    def __call__(self, images: Sequence[Image], /) -> list[list[Detection]]:
        time.sleep(self.wait_s)
        self.shapes += [image.shape[:2] for image in images]
        return [self._found(image) for image in images]

    def _found(self, image: Image) -> list[Detection]:
        rows, columns = np.nonzero(image[:, :, 1] > 200)
        if not len(rows):
            return []
        x0, x1, y0, y1 = float(columns.min()), float(columns.max() + 1), float(rows.min()), float(rows.max() + 1)
        return [Detection(Quad(((x0, y0), (x1, y0), (x1, y1), (x0, y1))), 0.9)]


class OneText:
    """A reader that reads one text off whatever it is given."""

    def __init__(self, text: str = "AA1234BB") -> None:
        self.text, self.count = text, 0

    def __call__(self, plates: Sequence[PlateImage], /) -> list[Reading]:
        self.count += len(plates)
        chances = np.full((len(self.text), len(ALPHABET) + 1), 1e-4)
        chances[np.arange(len(self.text)), [1 + ALPHABET.index(character) for character in self.text]] = 0.99
        rows = np.log(chances / chances.sum(axis=1, keepdims=True)).astype(np.float32)
        lines = (0,) * len(self.text)
        return [Reading(rows, lines, ALPHABET, np.zeros(1, np.float32), ("ua",), 1, 0.98, aspect=4.0) for _ in plates]


def cut(images: Sequence[Image], quads: Sequence[Sequence[Quad]]) -> list[PlateImage]:
    return [PlateImage(np.zeros((8, 16, 3), np.uint8), quad, np.eye(3)) for found in quads for quad in found]


def models(threads: int = 1, text: str = "AA1234BB") -> Models:
    return Models(Platelight.of(WhiteShapes(), cut, OneText(text), Decoder(UKRAINE)), threads)


def drive(seconds: float, begin_s: float = 1.0, end_s: float = 3.0, width: int = WIDTH, height: int = HEIGHT, fps: float = FPS) -> Iterator[Frame]:
    """A road on which a white plate goes from left to right between two times."""
    for index in range(round(seconds * fps)):
        time_s = index / fps
        share = (time_s - begin_s) / (end_s - begin_s)
        x = 20 + share * (width - 110)
        plate = ((x, 80), (x + 60, 80), (x + 60, 95), (x, 95))
        yield Frame(street(width, height, *([plate] if 0 <= share <= 1 else [])), time_s, 1_700_000_000 + time_s, index)


class MadeFilm:
    """A video out of frames; `live` ones wait between frames. Ends when closed; an exception among the frames is raised."""

    def __init__(self, frames: Iterator[Frame] | Sequence[Any], live: bool = False, pause_s: float = 0.0) -> None:
        self.live, self.fps, self.duration_s = live, FPS, None
        self._frames, self._pause_s, self._closed = iter(frames), pause_s, threading.Event()
        self._stats = Stats(connected=True)

    @property
    def stats(self) -> Stats:
        return self._stats

    def __iter__(self) -> Iterator[Frame]:
        for frame in self._frames:
            if isinstance(frame, Exception):
                raise frame
            if self._closed.wait(self._pause_s):
                return
            self._stats = replace(self._stats, frames=self._stats.frames + 1)
            yield frame

    def close(self) -> None:
        self._closed.set()


class Silence(MadeFilm):
    """A live source that never gives a frame until it is closed."""

    def __init__(self) -> None:
        super().__init__((), live=True)

    def __iter__(self) -> Iterator[Frame]:
        self._closed.wait(60)
        return iter(())


def open_made(films: dict[str, Callable[[], MadeFilm]]) -> Callable[[Camera, Callable[[str, str], None]], MadeFilm]:
    """Opens the film of a camera's name."""

    def opener(camera: Camera, on_state: Callable[[str, str], None]) -> MadeFilm:
        return films[camera.name]()

    return opener


def broken_after(frames: Iterator[Frame], message: str) -> Iterator[Any]:
    yield from frames
    yield VideoError(message)


class Said:
    """Keeps what cameras say."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, camera: str, sentence: str) -> None:
        self.lines.append(f"{camera}: {sentence}")


def wait_for(condition: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def config(folder: Path, text: str) -> Path:
    path = folder / "cameras.toml"
    path.write_text(text, encoding="utf-8")
    return path
