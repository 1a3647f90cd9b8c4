"""CPU time per 1080p frame of reading video: python bench/video_decode.py [--frames N] [--film FILE]

Draws films of a moving, noisy scene (H.264 of 6 Mbit/s without B-frames, as cameras send it; H.264 with B-frames; Motion JPEG), or
takes yours, and reads each in every way with one decoding thread: all frames, only some, without pixels, live from a file at its own
speed. Prints date, machine and commit, then CPU milliseconds (all threads) per frame of the film. CPU time, not wall time, so that
other work on the machine disturbs little.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from platelight.records import Image
from platelight.video import Video, write_video

FPS = 25


def scene(count: int) -> Iterator[Image]:
    """A textured background with sensor noise, over which two textured rectangles move."""
    rng = np.random.default_rng(1)
    coarse = rng.integers(40, 200, (68, 120, 3), np.uint8)
    background = np.kron(coarse, np.ones((16, 16, 1), np.uint8))[:1080, :1920].astype(np.int16)
    noise = rng.normal(0, 3, (8, 1080, 1920, 1)).astype(np.int16)
    car = rng.integers(0, 255, (25, 50, 3), np.uint8).repeat(12, axis=0).repeat(12, axis=1)
    for index in range(count):
        picture = background.copy()
        for top, speed in ((200, 9), (620, -13)):
            left = speed * index % (1920 - car.shape[1])
            picture[top : top + car.shape[0], left : left + car.shape[1]] = car
        yield np.clip(picture + noise[index % 8], 0, 255).astype(np.uint8)


def measured(work: Callable[[], int], frames: int, rounds: int = 3) -> tuple[float, int]:
    """CPU milliseconds per frame of the film, the least of some rounds; and how many frames were given out."""
    times, given = [], 0
    for _ in range(rounds):
        began = time.process_time()
        given = work()
        times.append(time.process_time() - began)
    return 1000 * min(times) / frames, given


def read(path: Path, **options: object) -> int:
    with Video(path, **options) as video:  # type: ignore[arg-type]
        return sum(1 for _ in video)


def decode_only(path: Path) -> int:
    import av

    with av.open(str(path)) as container:
        container.streams.video[0].thread_count = 1
        container.streams.video[0].thread_type = "SLICE"
        return sum(1 for _ in container.decode(video=0))


def head() -> str:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    now = datetime.datetime.now(datetime.UTC)
    return f"{now:%Y-%m-%d %H:%M} UTC, {platform.processor() or platform.machine()}, Python {platform.python_version()}, commit {commit}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=75)
    parser.add_argument("--film", type=Path, help="measure this file instead of drawn ones")
    arguments = parser.parse_args()
    print(head())
    with tempfile.TemporaryDirectory() as folder:
        films = [arguments.film] if arguments.film else [Path(folder) / name for name in ("camera.mp4", "b-frames.mp4", "jpeg.avi")]
        if not arguments.film:
            write_video(films[0], scene(arguments.frames), FPS, options={"bf": "0", "maxrate": "6M", "bufsize": "6M"}, keyframe_every=2 * FPS)
            write_video(films[1], scene(arguments.frames), FPS, options={"maxrate": "6M", "bufsize": "6M"}, keyframe_every=10 * FPS)
            write_video(films[2], scene(arguments.frames), FPS, codec="mjpeg", options={"qmin": "4", "qmax": "4"})
        for film in films:
            total = read(film)
            print(f"\n{film.name}: {total} frames, {film.stat().st_size / 1e6:.1f} MB")
            for name, work in ways(film):
                cost, given = measured(work, total, 1 if "live" in name else 3)
                print(f"  {name:<44} {cost:7.2f} ms CPU per frame of the film, {given} frames given")


def ways(film: Path) -> list[tuple[str, Callable[[], int]]]:
    return [
        ("PyAV alone, decoding without pixels", lambda: decode_only(film)),
        ("Video (PyAV), every frame", lambda: read(film)),
        ("Video (PyAV), every 3rd frame", lambda: read(film, every=3)),
        ("Video (PyAV), 5 frames a second", lambda: read(film, fps=5)),
        ("Video (PyAV), 1 frame a second", lambda: read(film, fps=1)),
        ("Video (PyAV), live, 10 frames a second", lambda: read(film, live=True, fps=10)),
        ("Video (OpenCV), every frame", lambda: read(film, backend="opencv")),
        ("Video (OpenCV), every 3rd frame", lambda: read(film, backend="opencv", every=3)),
        ("Video (OpenCV), live, 10 frames a second", lambda: read(film, backend="opencv", live=True, fps=10)),
    ]


if __name__ == "__main__":
    main()
