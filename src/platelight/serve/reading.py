"""What a worker does: pictures in, outcomes out. The networks are loaded once, whatever options the requests ask for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar, Literal

import cv2

from platelight import decode, detect, images, templates
from platelight.detect import Effort
from platelight.images import ImageError, Source
from platelight.pipeline import BATCH_PIXELS, Platelight
from platelight.records import Image, Photo, Plate
from platelight.rectify import rectify
from platelight.serve.settings import ModelChoice

CROP_HEIGHT_PX, CROP_WIDTHS_PX = 96, (96, 480)
"""Size of a plate's straightened picture: its height, and the limits of its width."""

CROP_MARGIN = 0.05


Method = Literal["blur", "pixelate", "fill", "swap"]


@dataclass(frozen=True, slots=True)
class ReadWork:
    """How to read a picture. `images` asks for every plate's straightened picture as well."""

    effort: Effort = "normal"
    countries: tuple[str, ...] | None = None
    crops: bool = False
    images: bool = False
    together: ClassVar[bool] = True  # pictures of the same work gain from being done in one batch


@dataclass(frozen=True, slots=True)
class HideWork:
    """How to hide the plates of a picture."""

    method: Method = "blur"
    together: ClassVar[bool] = False


Work = ReadWork | HideWork


@dataclass(frozen=True, slots=True)
class Task:
    """One picture and what to do with it. `name` is only for messages and results; it is never opened."""

    data: bytes
    name: str
    work: Work


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What became of a task: a photo whose `error` says what was wrong with it, the straightened plates as PNG, or a hidden picture."""

    photo: Photo
    time_s: float
    images: tuple[bytes, ...] = ()
    hidden: bytes | None = None
    media_type: str = ""


class Readers:
    """Does tasks with one set of networks. Raises what `Platelight` raises where these cannot be loaded."""

    def __init__(self, choice: ModelChoice, max_pixels: int, top: int) -> None:
        cv2.setNumThreads(choice.threads)
        images.keep_memory()
        self.max_pixels, self.top = max_pixels, top
        self._first = Platelight("normal", None, top, choice.runtime, choice.threads, choice.models)
        self._reader = lru_cache(maxsize=16)(self._make)

    def do(self, tasks: Sequence[Task]) -> list[Outcome]:
        """Do tasks of one kind of work; a picture that cannot be used becomes an outcome with an error."""
        work = tasks[0].work
        if isinstance(work, HideWork):
            from platelight.redact import recall_first
            from platelight.serve.hiding import hide

            return [hide(recall_first(self._first), task, work, self.max_pixels) for task in tasks]
        outcomes: list[Outcome | None] = [None] * len(tasks)
        waiting: list[tuple[int, Image, float]] = []
        for index, task in enumerate(tasks):
            start = time.perf_counter()
            loaded = self._load(task)
            if isinstance(loaded, Photo):
                outcomes[index] = Outcome(loaded, time.perf_counter() - start)
                continue
            waiting.append((index, loaded, time.perf_counter() - start))
            if sum(pixels.shape[0] * pixels.shape[1] for _, pixels, _ in waiting) >= BATCH_PIXELS:
                self._read(tasks, waiting, outcomes, work)
                waiting.clear()
        self._read(tasks, waiting, outcomes, work)
        return [outcome for outcome in outcomes if outcome is not None]

    def _load(self, task: Task) -> Image | Photo:
        """The picture's pixels, or a photo that says why there are none."""
        try:
            return images.load(task.data, max_pixels=self.max_pixels)
        except ImageError as error:
            return Photo(task.name, 0, 0, 0, error=str(error).removeprefix("bytes: "))
        except MemoryError:
            return Photo(task.name, 0, 0, 0, error="not enough memory")

    def _read(self, tasks: Sequence[Task], waiting: list[tuple[int, Image, float]], outcomes: list[Outcome | None], work: ReadWork) -> None:
        if not waiting:
            return
        start = time.perf_counter()
        reader = self._reader(work.effort, work.countries)
        pictures: list[Source] = [pixels for _, pixels, _ in waiting]
        photos = reader.read_crops(pictures) if work.crops else reader.read(pictures)
        share = (time.perf_counter() - start) / len(waiting)
        for (index, pixels, load_s), photo in zip(waiting, photos, strict=True):
            cuts = tuple(crop_png(pixels, plate) for plate in photo.plates) if work.images else ()
            outcomes[index] = Outcome(replace(photo, source=tasks[index].name, index=index), load_s + share, cuts)

    def _make(self, effort: Effort, countries: tuple[str, ...] | None) -> Platelight:
        """The same networks with other options."""
        reader = copy(self._first)
        finder, decoder = reader.detector, reader.decoder
        if isinstance(finder, detect.Detector):
            reader.detector = detect.Detector(finder.session, finder.spec, effort)
        if countries and isinstance(decoder, decode.Decoder):
            reader.decoder = decode.Decoder(templates.load(), countries, self.top, decoder.calibration)
        return reader


def crop_png(pixels: Image, plate: Plate) -> bytes:
    """The plate cut out of the picture (H, W, 3) and straightened, as PNG; empty where its corners span no area."""
    quad = plate.detection.quad
    width = round(CROP_HEIGHT_PX * quad.width_px / max(quad.height_px, 1.0))
    try:
        cut = rectify(pixels, quad, min(max(width, CROP_WIDTHS_PX[0]), CROP_WIDTHS_PX[1]), CROP_HEIGHT_PX, CROP_MARGIN)
    except ValueError:
        return b""
    _, coded = cv2.imencode(".png", cv2.cvtColor(cut.pixels, cv2.COLOR_RGB2BGR))
    return coded.tobytes()
