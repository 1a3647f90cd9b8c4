"""What reading costs beside the photos: a cold start, and memory over a long stream."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from platelight.evaluate.speed import Setting, answers, over

SAMPLES = 40
"""How often the memory is looked at during a stream."""


@dataclass(frozen=True, slots=True)
class Start:
    """A command from a cold start: the median of wall and processor seconds, and the least wall seconds."""

    name: str
    wall_s: float
    least_wall_s: float
    cpu_s: float | None


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident megabytes of one worker over a stream of photos: before the first, at the peak, and how they went."""

    photos: int
    start_mb: float
    peak_mb: float
    samples_mb: tuple[float, ...] = field(default=())

    @property
    def growth_mb(self) -> float:
        """Mean of the last quarter of the samples less that of the second quarter."""
        quarter = max(len(self.samples_mb) // 4, 1)
        second, last = self.samples_mb[quarter : 2 * quarter], self.samples_mb[-quarter:]
        return statistics.mean(last) - statistics.mean(second) if second else 0.0


def memory(setting: Setting, sources: Sequence[Path], photos: int) -> Memory | None:
    """Resident memory of a fresh worker over a stream of photos; None where the system does not tell."""
    if resident_mb() is None:
        return None
    found: Memory = answers(1, _remember, setting, sources, photos)[0]
    return found


def _remember(answer: Connection, setting: Setting, sources: Sequence[Path], photos: int) -> None:
    reader = setting.reader()
    start = resident_mb() or 0.0
    step = max(photos // SAMPLES, 1)
    samples = [resident_mb() or 0.0 for photo in reader.read_many(over(sources, photos)) if (photo.index + 1) % step == 0]
    answer.send(Memory(photos, start, peak_mb() or max(samples, default=start), tuple(round(value, 1) for value in samples)))


def start(name: str, command: Sequence[str], rounds: int) -> Start:
    """Run a command from its start to its end, `rounds` times after one more to warm the disk. Raises CalledProcessError."""
    spent = [_once(command) for _ in range(rounds + 1)][1:]
    walls = [wall for wall, _ in spent]
    cpus = [cpu for _, cpu in spent if cpu is not None]
    return Start(name, statistics.median(walls), min(walls), statistics.median(cpus) if cpus else None)


def _once(command: Sequence[str]) -> tuple[float, float | None]:
    """Wall and, where the system tells, processor seconds of a command."""
    before, begin = _children_s(), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    wall, after = time.perf_counter() - begin, _children_s()
    return wall, None if before is None or after is None else after - before


def _children_s() -> float | None:
    """Processor seconds of all ended child processes; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def starts(setting: Setting, photo: Path, rounds: int) -> list[Start]:
    """Python alone, the imports, and `platelight read` of one photo."""
    python = [sys.executable, "-c"]
    options = ["--effort", setting.effort, "--runtime", setting.runtime, "--threads", str(setting.threads)]
    models = ["--models", setting.models] if setting.models else []
    return [
        start("python -c pass", [*python, "pass"], rounds),
        start("import platelight", [*python, "import platelight"], rounds),
        start("from platelight import Platelight", [*python, "from platelight import Platelight"], rounds),
        start("platelight read PHOTO", [sys.executable, "-m", "platelight", "read", str(photo), *options, *models], rounds),
    ]


def resident_mb() -> float | None:
    return _status_mb("VmRSS:")


def peak_mb() -> float | None:
    return _status_mb("VmHWM:")


def _status_mb(key: str) -> float | None:
    """A line of what Linux says of this process's memory; None on other systems."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(key)), None)
