"""How long reading takes here: make bench, or python bench/read_speed.py [PHOTO...]

Prints date, machine and commit, then for each effort the processor time and the wall time of a photo, from its file to its
plates, with one thread. Processor time is what to compare between runs: other work on the machine hardly changes it.
"""

from __future__ import annotations

import datetime
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2

from platelight import Platelight
from platelight.images import EXTENSIONS, load

ROOT = Path(__file__).parents[1]
ROUNDS = 7


def main() -> None:
    given = [Path(argument) for argument in sys.argv[1:]] or sorted((ROOT / "examples").iterdir())
    photos = [path for path in given if path.suffix.lower() in EXTENSIONS]
    if not photos:
        sys.exit("no photos to read")
    cv2.setNumThreads(1)
    print(f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, {processor()}, Python {platform.python_version()}, commit {commit()}")
    print(f"{len(photos)} photos, one thread, median of {ROUNDS} rounds, milliseconds a photo\n")
    print(f"{'':<22}{'processor':>10}{'wall':>10}{'least wall':>12}")
    row("decode only", len(photos), lambda: [load(path) for path in photos])
    for effort in ("fast", "normal", "thorough"):
        reader = Platelight(effort)
        row(f"read, effort {effort}", len(photos), lambda reader=reader: reader.read([*photos]))  # type: ignore[misc]


def row(name: str, photos: int, work: Callable[[], object]) -> None:
    work()
    cpu, wall = [], []
    for _ in range(ROUNDS):
        cpu_before, wall_before = time.process_time(), time.perf_counter()
        work()
        cpu.append(1000 * (time.process_time() - cpu_before) / photos)
        wall.append(1000 * (time.perf_counter() - wall_before) / photos)
    print(f"{name:<22}{statistics.median(cpu):>10.1f}{statistics.median(wall):>10.1f}{min(wall):>12.1f}")


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def commit() -> str:
    result = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False)
    return result.stdout.strip() or "unknown"


if __name__ == "__main__":
    main()
