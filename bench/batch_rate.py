"""What a run over many photos costs: python bench/batch_rate.py [--sizes 500,1500,5000] [--workers 2] [--photos DIR] [--out JSON]

Puts the drawn photos of `examples/` (eight, 1280 x 960, 12 plates; --photos gives others) under many names by hard links and reads
them: first in one process without any of `batch`, then with `platelight batch`.
Prints, for each number of photos, the processor time a photo (parent, workers and their start together), the wall time, and how
the processor time compares to the single process. Processor time is what to compare on a machine that does other work too.
Before that, the same numbers with workers that do not look at the photos (`batch_idle.py`): what the run itself costs.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from platelight.evaluate.machine import commit, processor

ROOT = Path(__file__).parents[1]

SINGLE = """
import sys, time, cv2, json, pathlib
cv2.setNumThreads(1)
from platelight import Platelight
reader, photos = Platelight(), sorted(map(str, pathlib.Path(sys.argv[1]).iterdir()))
for photo in reader.read_many(photos[:8]): pass
cpu, wall = time.process_time(), time.perf_counter()
for photo in reader.read_many(photos): photo.to_dict()
print(json.dumps([time.process_time() - cpu, time.perf_counter() - wall]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", default="500,1500,5000", help="numbers of photos")
    parser.add_argument("--idle", default="500,1500,5000", help="numbers of photos that nobody looks at")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--photos", type=Path, help="photos to use instead of those in examples/")
    parser.add_argument("--single", type=int, default=240, help="photos read in one process for comparison")
    parser.add_argument("--out", type=Path, help="also write the figures here, as JSON")
    options = parser.parse_args()
    print(
        f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, {processor()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, commit {commit()}"
    )
    print(f"load average before: {os.getloadavg()[0]:.1f}")
    sizes = [int(size) for size in options.sizes.split(",") if size]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        drawn = sorted((options.photos or ROOT / "examples").glob("*.jpg"))
        idle(folder, [int(size) for size in options.idle.split(",") if size], options.workers)
        rows = measure(folder, drawn, sizes, options.workers, options.single)
    if options.out:
        options.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def idle(folder: Path, sizes: Sequence[int], workers: int) -> None:
    if not sizes:
        return
    print(f"\n{'workers that do not look':<26}{'photos':>8}{'CPU s':>9}{'wall s':>9}")
    found: list[tuple[int, float]] = []
    for size in sizes:
        command = [sys.executable, str(ROOT / "bench/batch_idle.py"), str(size), str(folder / f"idle-{size}"), str(workers)]
        cpu_s, wall_s = timed(command)
        found.append((size, cpu_s))
        print(f"{'':<26}{size:>8}{cpu_s:>9.2f}{wall_s:>9.1f}", flush=True)
    for (fewer, less_s), (more, more_s) in pairwise(found):
        print(f"from {fewer} to {more} photos: {1000 * (more_s - less_s) / (more - fewer):.2f} ms of processor time for each photo more")


def measure(folder: Path, drawn: Sequence[Path], sizes: Sequence[int], workers: int, single: int) -> list[dict[str, float]]:
    if not sizes:
        return []
    print(f"\n{'':<26}{'photos':>8}{'CPU s':>9}{'wall s':>9}{'CPU ms/photo':>14}{'wall ms/photo':>15}{'of single':>11}")
    cpu_s, wall_s = read_in_one_process(linked(folder / "single", drawn, single))
    alone_ms = 1000 * cpu_s / single
    line("one process, no batch", single, cpu_s, wall_s, alone_ms)
    rows: list[dict[str, float]] = []
    for size in sizes:
        photos = linked(folder / f"photos-{size}", drawn, size)
        cpu_s, wall_s = read_by_batch(photos, folder / f"out-{size}", workers)
        rows.append({"photos": size, "workers": workers, "cpu_s": cpu_s, "wall_s": wall_s, "single_cpu_ms": alone_ms})
        line(f"batch, {workers} workers", size, cpu_s, wall_s, alone_ms)
        shutil.rmtree(photos)
    for first, last in pairwise(rows):
        each_ms = 1000 * (last["cpu_s"] - first["cpu_s"]) / (last["photos"] - first["photos"])
        print(f"from {first['photos']} to {last['photos']} photos: {each_ms:.2f} ms of processor time for each photo more, {alone_ms / each_ms:.1%} of single")
    return rows


def line(name: str, photos: int, cpu_s: float, wall_s: float, alone_ms: float) -> None:
    each_ms = 1000 * cpu_s / photos
    print(f"{name:<26}{photos:>8}{cpu_s:>9.1f}{wall_s:>9.1f}{each_ms:>14.2f}{1000 * wall_s / photos:>15.2f}{alone_ms / each_ms:>11.1%}", flush=True)


def linked(folder: Path, drawn: Sequence[Path], count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        place, photo = folder / f"{number:06d}.jpg", drawn[number % len(drawn)]
        try:
            place.hardlink_to(photo)
        except OSError:  # another disk
            shutil.copyfile(photo, place)
    return folder


def read_in_one_process(photos: Path) -> tuple[float, float]:
    done = subprocess.run([sys.executable, "-c", SINGLE, str(photos)], check=True, capture_output=True, text=True)
    cpu_s, wall_s = json.loads(done.stdout)
    return cpu_s, wall_s


def read_by_batch(photos: Path, out: Path, workers: int) -> tuple[float, float]:
    return timed([sys.executable, "-m", "platelight", "batch", str(photos), "--out", str(out), "--workers", str(workers)])


def timed(command: Sequence[str]) -> tuple[float, float]:
    """Processor seconds of the command and all its workers, and wall seconds."""
    before, start = cpu_of_children(), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return cpu_of_children() - before, time.perf_counter() - start


def cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
