from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from platelight import images, loading
from platelight.loading import load_many

PIXELS = 100 * 50


def pictures(count: int) -> list[np.ndarray]:
    return [np.full((50, 100, 3), number, np.uint8) for number in range(count)]


@pytest.mark.parametrize("threads", [0, 1, 3])
@pytest.mark.parametrize("ahead_pixels", [1, 3 * PIXELS, 10**9])
def test_order_and_errors_are_kept_however_many_threads_load(threads: int, ahead_pixels: int, tmp_path: Path) -> None:
    absent = tmp_path / "absent.jpg"
    sources = [*pictures(5), absent, *pictures(4), b"", *pictures(2)]
    loaded = list(load_many(sources, "RGB", threads, 8, ahead_pixels))
    assert [photo.index for photo, _ in loaded] == list(range(len(sources)))
    assert [photo.error for photo, _ in loaded if photo.error] == [f"{absent}: no such file", "bytes: the file is empty"]
    for (photo, pixels), source in zip(loaded, sources, strict=True):
        assert (pixels is None) == (photo.error is not None)
        assert pixels is None or np.array_equal(pixels, source)


@pytest.mark.parametrize("ahead_pixels", [PIXELS, 4 * PIXELS])
def test_no_more_is_loaded_ahead_than_there_is_room_for(ahead_pixels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    real = images.load

    def count(source: np.ndarray, order: images.Order) -> np.ndarray:
        begun.append(int(source[0, 0, 0]))
        return real(source, order)

    monkeypatch.setattr(images, "load", count)
    threads = 2
    stream = load_many(pictures(20), "RGB", threads, 16, ahead_pixels)
    for taken in range(1, 6):
        next(stream)
        settled(begun)
        assert taken < len(begun) <= taken + ahead_pixels // PIXELS + threads
    stream.close()


def settled(begun: list[int]) -> None:
    """Waits until nothing more begins."""
    seen = -1
    while seen != len(begun):
        seen = len(begun)
        time.sleep(0.05)


def test_sources_are_gone_through_in_the_callers_thread_and_not_far_ahead() -> None:
    asked: list[str] = []

    def sources() -> Iterator[np.ndarray]:
        for picture in pictures(30):
            asked.append(threading.current_thread().name)
            yield picture

    stream = load_many(sources(), "RGB", 2, 4, 10**9)
    next(stream)
    assert 1 <= len(asked) <= 5
    assert set(asked) == {threading.current_thread().name}
    stream.close()


def test_ending_early_ends_the_threads() -> None:
    stream = load_many(pictures(50), "RGB", 3, 8, 1)
    next(stream)
    stream.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("platelight-load")]


def test_without_threads_nothing_is_loaded_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "ThreadPoolExecutor", None)
    asked: list[int] = []
    stream = load_many((asked.append(1) or picture for picture in pictures(3)), "RGB", 0, 8, 10**9)
    next(stream)
    assert asked == [1]
