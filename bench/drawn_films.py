"""Drawn films, encoded as H.264, decoded and read frame by frame; what was read is kept in files, for bench/watch_passes.py."""

from __future__ import annotations

import pickle
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from platelight import Platelight
from platelight.records import Frame
from platelight.synth.film import Film, TruePass, sample
from platelight.track import Sighting, sharpness_of
from platelight.video import Video, write_video


@dataclass
class ReadFilm:
    """A film as it was read: `frames` hold the time and the plates with their sharpness; `cpu_s` the CPU seconds of every stage."""

    size: tuple[int, int]
    fps: float
    seconds: float
    passes: tuple[TruePass, ...]
    frames: list[tuple[float, tuple[Sighting, ...]]] = field(default_factory=list)
    cpu_s: dict[str, float] = field(default_factory=dict)


class Timed:
    """A stage whose CPU time is added up."""

    def __init__(self, name: str, stage: Callable[..., Any], into: dict[str, float]) -> None:
        self.name, self.stage, self.into = name, stage, into

    def __call__(self, *arguments: Any) -> Any:
        start = time.process_time()
        try:
            return self.stage(*arguments)
        finally:
            self.into[self.name] = self.into.get(self.name, 0.0) + time.process_time() - start

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stage, name)


def reader(effort: Any, cpu_s: dict[str, float]) -> Platelight:
    """The pipeline with a clock in every stage."""
    found = Platelight(effort)
    for name, stage in (("detect", "detector"), ("corners", "refiner"), ("straighten", "rectifier"), ("read", "reader"), ("decode", "decoder")):
        setattr(found, stage, Timed(name, getattr(found, stage), cpu_s))
    return found


def read_film(folder: Path, seed: int, index: int, effort: Any, **settings: Any) -> ReadFilm:
    """Film `index`, out of `folder` if it was read before."""
    file = folder / f"film-{index:04d}.pickle"
    if file.exists():
        found: ReadFilm = pickle.loads(file.read_bytes())
        return found
    params = sample(seed, index, **settings)
    film = Film(params)
    read = ReadFilm((params.width, params.height), params.fps, params.seconds, film.passes)
    pipeline = reader(effort, read.cpu_s)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "film.mp4"
        write_video(path, film.frames(), params.fps)
        _read(path, pipeline, read)
    partial = file.with_suffix(".partial")
    partial.write_bytes(pickle.dumps(read))
    partial.replace(file)
    return read


def _read(path: Path, pipeline: Platelight, read: ReadFilm) -> None:
    start = time.process_time()
    inside = 0.0
    frame: Frame
    with Video(str(path)) as video:
        for frame in video:
            begin = time.process_time()
            plates = pipeline.read(frame.pixels).plates
            read.cpu_s["whole reading"] = read.cpu_s.get("whole reading", 0.0) + time.process_time() - begin
            clock = time.process_time()
            read.frames.append((frame.time_s, tuple(Sighting(plate, sharpness_of(frame.pixels, plate.detection.quad)) for plate in plates)))
            read.cpu_s["sharpness"] = read.cpu_s.get("sharpness", 0.0) + time.process_time() - clock
            inside += time.process_time() - begin
    read.cpu_s["video"] = time.process_time() - start - inside
