"""How much of the reader's speed the service keeps: python bench/serve_load.py [PHOTO...] [--workers N] [--seconds S] [--rounds R]

Needs wrk (https://github.com/wg/wrk). In every round the same photos, from memory, are first read by `Platelight.read` in as many
processes as the service reads with, then sent by wrk over loopback, 16 at once, to `platelight serve`. Printed are photos a second
of both, their ratio, the processor time a photo of both, and the service's memory after each round. Other work on the machine
disturbs the photos a second; the processor times hardly.
"""

from __future__ import annotations

import argparse
import datetime
import multiprocessing
import os
import platform
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from platelight.images import EXTENSIONS

ROOT = Path(__file__).parents[1]
AT_ONCE, PORT = 16, 8799
reader: Any
files: list[bytes]
TICKS = os.sysconf("SC_CLK_TCK")

SCRIPT = """
local bodies, next_body = {}, 0
for name in ("%s"):gmatch("[^\\n]+") do
  local file = io.open(name, "rb")
  bodies[#bodies + 1] = file:read("*a")
  file:close()
end
request = function()
  next_body = next_body %% #bodies + 1
  return wrk.format("POST", "/v1/read", {["Content-Type"] = "application/octet-stream"}, bodies[next_body])
end
done = function(summary) print("answers " .. summary.requests .. " refused " .. summary.errors.status) end
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("photos", nargs="*", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed: apt install wrk")
    photos = [path for path in given.photos or sorted((ROOT / "examples").iterdir()) if path.suffix.lower() in EXTENSIONS]
    print(f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, {processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, commit {commit()}")
    print(f"{len(photos)} photos, {given.workers} reading process(es), {AT_ONCE} requests at once, {given.seconds:g} s each\n")
    print(f"{'':8}{'read/s':>10}{'served/s':>10}{'ratio':>8}{'cpu ms read':>13}{'cpu ms served':>15}{'ratio':>8}{'memory MB':>11}{'refused':>9}")
    rounds = list(measured(photos, given.workers, given.seconds, given.rounds))
    by_speed, by_cpu = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"\nmedian ratio of photos a second {by_speed:.2f}, of processor time {by_cpu:.2f}")


def measured(photos: list[Path], workers: int, seconds: float, rounds: int) -> Iterator[tuple[float, float]]:
    """For each round how the service compares with reading: by photos a second, and by processor time a photo."""
    command = [sys.executable, "-m", "platelight", "serve", "--port", str(PORT), "--workers", str(workers)]
    service = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        with multiprocessing.get_context("spawn").Pool(workers, load, ([path.read_bytes() for path in photos],)) as readers:
            ready()
            serve(photos, 2)
            for number in range(rounds):
                results = readers.map(read, [seconds] * workers, chunksize=1)
                read_rate = sum(count / wall for count, wall, _ in results)
                read_cpu = sum(cpu for *_, cpu in results) / sum(count for count, *_ in results)
                cpu_before, pictures_before, start = cpu_s(service.pid), pictures(), time.perf_counter()
                answers, refused = serve(photos, seconds)
                rate = answers / (time.perf_counter() - start)
                cpu = (cpu_s(service.pid) - cpu_before) / (pictures() - pictures_before)
                print(
                    f"round {number + 1:<2}{read_rate:>10.1f}{rate:>10.1f}{rate / read_rate:>8.2f}{read_cpu * 1000:>13.1f}{cpu * 1000:>15.1f}"
                    f"{read_cpu / cpu:>8.2f}{memory_mb(service.pid):>11.0f}{refused:>9}",
                    flush=True,
                )
                yield rate / read_rate, read_cpu / cpu
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait(60)


def ready() -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=2)
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit("the service does not start")


def serve(photos: list[Path], seconds: float) -> tuple[int, int]:
    """Good answers and refusals of a run of wrk."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SCRIPT % "\\n".join(map(str, photos)))
        script.flush()
        command = ["wrk", "-t1", f"-c{AT_ONCE}", f"-d{round(seconds)}s", "--timeout", "60s", "-s", script.name, f"http://127.0.0.1:{PORT}"]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    counts = re.search(r"answers (\d+) refused (\d+)", out)
    if counts is None:
        sys.exit(out)
    answers, refused = map(int, counts.groups())
    return answers - refused, refused


def pictures() -> float:
    """How many the service has read so far, for whoever is gone as well."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{PORT}/metrics").read().decode()
    found = re.search(r"platelight_batch_pictures_sum (\S+)", text)
    return float(found[1]) if found else 0.0


def load(photos: list[bytes]) -> None:
    """In each reading process: the reader, and the photos to read."""
    global reader, files
    import cv2

    from platelight import Platelight

    cv2.setNumThreads(1)
    reader, files = Platelight(), photos
    reader.read([*files])


def read(seconds: float) -> tuple[int, float, float]:
    """Photos read in about so many seconds, the seconds, and the processor's seconds."""
    count, start, before = 0, time.perf_counter(), own_cpu_s()
    while time.perf_counter() - start < seconds:
        count += len(reader.read([*files]))
    return count, time.perf_counter() - start, own_cpu_s() - before


def own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def family(pid: int) -> list[int]:
    """The process and those it started."""
    found = [pid]
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in path.read_text().split():
            found += family(int(child))
    return found


def cpu_s(pid: int) -> float:
    return sum(sum(map(int, Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[11:13])) for one in family(pid)) / TICKS


def memory_mb(pid: int) -> float:
    return sum(int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{one}/status").read_text())[0]) for one in family(pid)) / 1024


def processor() -> str:
    names = re.findall(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return names[0] if names else platform.machine()


def commit() -> str:
    result = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False)
    return result.stdout.strip() or "unknown"


if __name__ == "__main__":
    main()
