"""What a register costs: python bench/register.py [ROWS] [--encoding utf-8] [--vin] [--keep FOLDER]

Draws files in the form of the published ones (200,000 rows in Windows-1251 unless told otherwise), builds a register of them in
a process of its own, and looks its plates up in random order with one thread. Prints date, machine and commit; of the build wall
and processor time, peak memory and bytes a row; of looking up, plates a second of wall and of processor time. On a busy machine
compare processor time: other work hardly changes it.
"""

from __future__ import annotations

import argparse
import datetime
import multiprocessing
import os
import platform
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from drawn_register import draw, plate

from platelight.evaluate.machine import commit, processor
from platelight.register import BuildReport, Options, Register, build

LOOKUPS = 200_000
CANDIDATES = 8


def main() -> None:
    given = arguments()
    print(f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, {processor()}, {os.cpu_count()} cores, commit {commit()}")
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}; load before: {os.getloadavg()[0]:.1f}\n")
    if given.keep:
        measure(given.keep, given)
    else:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), given)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure building and looking up.")
    parser.add_argument("rows", type=int, nargs="?", default=200_000)
    parser.add_argument("--encoding", default="cp1251")
    parser.add_argument("--vin", action="store_true", help="store the vehicle identification numbers")
    parser.add_argument("--keep", type=Path, help="work in this folder and leave files and register there")
    return parser.parse_args()


def measure(folder: Path, given: argparse.Namespace) -> None:
    plates = max(1, given.rows * 2 // 5)
    files = sorted((folder / "published").glob("*.csv")) or draw(folder / "published", given.rows, given.encoding, plates=plates)
    size = sum(path.stat().st_size for path in files)
    print(f"{len(files)} files, {size / 1e6:,.0f} MB, {given.encoding}")
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        report, wall, cpu, peak_mb = pool.submit(measured_build, files, folder / "cars.sqlite", given.vin).result()
    print(f"{report.rows:,} rows of {report.plates:,} plates, {report.repeated:,} repeated, {report.rejected:,} rejected")
    print(f"build: {wall:.1f} s wall, {cpu:.1f} s processor ({1e6 * cpu / report.rows:.1f} µs a row), peak memory {peak_mb:.0f} MB")
    print(f"file: {report.size_bytes / 1e6:,.1f} MB, {report.size_bytes / report.rows:.1f} bytes a row{', with VIN' if given.vin else ''}\n")
    look_up(folder / "cars.sqlite", [plate(number) for number in random.Random(1).choices(range(plates), k=LOOKUPS)])


def measured_build(files: list[Path], out: Path, vin: bool) -> tuple[BuildReport, float, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    report = build(files, out, Options(vin=vin))
    return report, time.perf_counter() - wall, time.process_time() - cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def look_up(file: Path, plates: list[str]) -> None:
    with Register(file) as cars:
        found = sum(map(len, map(cars.lookup, plates)))
        print(f"one thread, {len(plates):,} plates, {found / len(plates):.2f} registrations a plate, file in the system's cache")
        print(f"{'':<34}{'a second of wall time':>24}{'of processor time':>24}")
        rate("lookup", len(plates), lambda: [cars.lookup(text) for text in plates])
        unknown = [f"{text[:-1]}Z" for text in plates]
        rate("lookup, not in the register", len(plates), lambda: [cars.lookup(text) for text in unknown])
        groups = [plates[start : start + CANDIDATES] for start in range(0, len(plates), CANDIDATES)]
        rate(f"has, {CANDIDATES} candidates at once", len(plates), lambda: [cars.has(group) for group in groups])


def rate(name: str, count: int, work: Callable[[], object]) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    print(f"{name:<34}{count / (time.perf_counter() - wall):>24,.0f}{count / (time.process_time() - cpu):>24,.0f}")


if __name__ == "__main__":
    main()
