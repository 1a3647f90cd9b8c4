"""Photos loaded one after the other, or ahead of who uses them by a few threads."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from platelight import images
from platelight.images import ImageError, Order, Source
from platelight.records import Image, Photo

Loaded = tuple[Photo, Image | None]
"""A photo without plates and its pixels, or with its error and None."""


def load(source: Source, order: Order, index: int) -> Loaded:
    """One photo; what is wrong with it becomes its error."""
    name = images.name_of(source)
    try:
        pixels = images.load(source, order)
    except ImageError as error:
        return Photo(name, index, 0, 0, error=str(error)), None
    except MemoryError:
        return Photo(name, index, 0, 0, error=f"{name}: not enough memory"), None
    return Photo(name, index, pixels.shape[1], pixels.shape[0]), pixels


def load_many(sources: Iterable[Source], order: Order, threads: int, ahead: int, ahead_pixels: int) -> Iterator[Loaded]:
    """Photos in the order of `sources`, which only the caller's thread goes through.

    Without `threads` each is loaded when it is asked for. Otherwise up to `ahead` photos wait to be asked for, and no further one
    is begun while they hold `ahead_pixels` pixels: at most `threads` photos more than that are in memory.
    """
    numbered = enumerate(sources)
    if threads < 1:
        for number, source in numbered:
            yield load(source, order, number)
        return
    room = _Room(ahead_pixels)
    coming: deque[Future[Loaded]] = deque()
    pool = ThreadPoolExecutor(threads, "platelight-load")
    try:
        while True:
            while len(coming) < ahead and (item := next(numbered, None)) is not None:
                coming.append(pool.submit(room.load, item[1], order, item[0]))
            if not coming:
                return
            loaded = coming.popleft().result()
            room.leave(loaded)
            yield loaded
            del loaded  # else its pixels stay while the next one is waited for
    finally:
        room.close()
        pool.shutdown(cancel_futures=True)


class _Room:
    """Holds back photos while those before them fill the memory that is set aside; the one asked for next never waits."""

    def __init__(self, pixels: int) -> None:
        self._pixels, self._taken, self._next, self._closed = pixels, 0, 0, False
        self._changed = threading.Condition()

    def load(self, source: Source, order: Order, index: int) -> Loaded:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or index == self._next or self._taken < self._pixels)
        if self._closed:
            return Photo(images.name_of(source), index, 0, 0), None
        loaded = load(source, order, index)
        with self._changed:
            self._taken += loaded[0].width * loaded[0].height
        return loaded

    def leave(self, loaded: Loaded) -> None:
        with self._changed:
            self._taken -= loaded[0].width * loaded[0].height
            self._next = loaded[0].index + 1
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
