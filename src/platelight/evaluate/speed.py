"""How long reading takes, by stage and by worker.

Processor time is what to compare: other work on the machine hardly changes it, while wall time under load says little.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from platelight import images
from platelight.pipeline import Platelight
from platelight.records import Photo
from platelight.session import Runtime

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Setting:
    """What to measure: how `Platelight` is made."""

    effort: str = "normal"
    runtime: Runtime = "onnxruntime"
    threads: int = 1
    models: str | None = None

    def reader(self) -> Platelight:
        """A reader as `platelight read` makes it."""
        images.keep_memory()
        return Platelight(self.effort, runtime=self.runtime, threads=self.threads, models=self.models)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds a photo of one stage: median and 95th percentile of processor and of wall time."""

    cpu: float
    cpu_p95: float
    wall: float
    wall_p95: float

    @classmethod
    def of(cls, spent: Sequence[tuple[float, float]]) -> Times:
        cpu, wall = zip(*spent, strict=True)
        return cls(statistics.median(cpu), percentile(cpu, 95), statistics.median(wall), percentile(wall, 95))


@dataclass(frozen=True, slots=True)
class Stages:
    """One set of photos read one by one: how many, of how many bytes and plates on average, and the times of each stage."""

    name: str
    photos: int
    rounds: int
    kilobytes: float
    plates: float
    stages: dict[str, Times]


@dataclass(frozen=True, slots=True)
class Rate:
    """Photos a second through `read_many` in some worker processes, and the processor milliseconds that a photo took."""

    workers: int
    threads: int
    photos: int
    photos_per_s: float
    cpu_ms: float | None


class _Clock:
    """Sums up the processor and wall milliseconds of each stage between two calls of `take`."""

    def __init__(self) -> None:
        self.spent: dict[str, tuple[float, float]] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        before = self.spent.get(name, (0.0, 0.0))
        self.spent[name] = before[0] + 1000 * (time.process_time() - cpu), before[1] + 1000 * (time.perf_counter() - wall)

    def timed(self, name: str, part: Callable[..., Any]) -> Callable[..., Any]:
        def call(*values: Any) -> Any:
            with self.stage(name):
                return part(*values)

        return call

    def take(self) -> dict[str, tuple[float, float]]:
        spent, self.spent = self.spent, {}
        return spent


PARTS = {"detect": "detector", "refine": "refiner", "rectify": "rectifier", "read": "reader", "decode-text": "decoder"}
"""Stage to the attribute of `Platelight` that does it; "decode" is the photo file's decoding."""


def stages(reader: Platelight, sources: Sequence[Path], rounds: int, name: str, progress: Progress = lambda _: None) -> Stages:
    """Read `sources` one by one, `rounds` times after one more to warm up. Raises ImageError where one cannot be read."""
    clock = _Clock()
    parts = {stage: part for stage, attribute in PARTS.items() if (part := getattr(reader, attribute)) is not None}
    seen: dict[str, list[tuple[float, float]]] = {stage: [] for stage in ("decode", *parts, "total")}
    plates = 0
    try:
        for stage, part in parts.items():
            setattr(reader, PARTS[stage], clock.timed(stage, part))
        for number in range(rounds + 1):
            progress(f"{name}: round {number} of {rounds}")
            for source in sources:
                with clock.stage("total"):
                    with clock.stage("decode"):
                        pixels = images.load(source)
                    photo = reader.read(pixels)
                spent = clock.take()
                if number:
                    plates += len(photo.plates)
                    for stage, times in seen.items():
                        times.append(spent.get(stage, (0.0, 0.0)))
    finally:
        for stage, part in parts.items():
            setattr(reader, PARTS[stage], part)
    kilobytes = statistics.mean(source.stat().st_size for source in sources) / 1000
    return Stages(name, len(sources), rounds, kilobytes, plates / rounds / len(sources), {stage: Times.of(times) for stage, times in seen.items()})


def rate(setting: Setting, sources: Sequence[Path], workers: int, photos: int) -> Rate:
    """Read `photos` photos of `sources`, over and over, in each of `workers` processes that start together."""
    barrier = multiprocessing.get_context("spawn").Barrier(workers)
    spent = answers(workers, _work, setting, sources, photos, barrier)
    seconds = max(end for _, end, _ in spent) - min(begin for begin, _, _ in spent)
    return Rate(workers, setting.threads, photos * workers, photos * workers / seconds, 1000 * sum(cpu for _, _, cpu in spent) / (photos * workers))


def _work(answer: Connection, setting: Setting, sources: Sequence[Path], photos: int, barrier: Any) -> None:
    reader = setting.reader()
    consume(reader.read_many(over(sources, min(photos, 2 * len(sources)))))
    barrier.wait()
    begin, cpu = time.time(), time.process_time()
    consume(reader.read_many(over(sources, photos)))
    answer.send((begin, time.time(), time.process_time() - cpu))


def answers(count: int, work: Callable[..., None], *values: Any) -> list[Any]:
    """What `work(connection, *values)` sends from each of `count` fresh processes; RuntimeError where one dies before it could."""
    context = multiprocessing.get_context("spawn")
    jobs: list[Any] = []
    ends: list[Connection] = []
    for _ in range(count):
        here, there = context.Pipe(duplex=False)
        jobs.append(context.Process(target=work, args=(there, *values), daemon=True))
        jobs[-1].start()
        there.close()  # so that its end is noticed when the process dies
        ends.append(here)
    found: list[Any] = []
    while ends:
        ready = wait(ends)
        for end in [end for end in ends if end in ready]:
            ends.remove(end)
            try:
                found.append(end.recv())
            except EOFError:
                for job in jobs:
                    job.terminate()
                raise RuntimeError("a worker process died; its own message stands above") from None
    for job in jobs:
        job.join()
    return found


def what_runs(reader: Platelight) -> list[dict[str, Any]]:
    """The models with what really runs each, as its runtime reports it."""
    sessions = {"detector": getattr(reader.detector, "session", None), "reader": getattr(reader.reader, "session", None)}
    sessions["refiner"] = getattr(reader.refiner, "session", None)
    return [
        {"role": spec.role, "name": spec.name, "kind": "int8" if spec.quantised else "fp32", "runs_on": getattr(sessions.get(spec.role), "provider", None)}
        for spec in reader.specs
    ]


def percentile(values: Iterable[float], percent: float) -> float:
    """The least of `values` that `percent` of them do not exceed. Raises ValueError where there are none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values to take a percentile of")
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)]


def over(sources: Sequence[Path], count: int) -> Iterator[Path]:
    return islice(cycle(sources), count)


def consume(photos: Iterable[Photo]) -> None:
    for photo in photos:
        if photo.error is not None:
            raise RuntimeError(photo.error)
