from __future__ import annotations

import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import cv2
import numpy as np
import pytest
from stand_ins import PLATE, street

from platelight.evaluate import footprint, machine
from platelight.evaluate.footprint import Memory
from platelight.evaluate.speed import Setting, Stages, Times, answers, percentile, stages, what_runs
from platelight.evaluate.speed_report import as_dict, as_text
from platelight.images import ImageError


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    files = [tmp_path / "one.png", tmp_path / "none.png"]
    for file, plates in zip(files, ((PLATE,), ()), strict=True):
        cv2.imwrite(str(file), street(800, 600, *plates))
    return files


@pytest.mark.usefixtures("stand_in")
def test_every_stage_is_timed_and_together_they_are_no_more_than_the_whole(photos: list[Path]) -> None:
    reader = Setting().reader()
    before = reader.detector, reader.rectifier, reader.reader, reader.decoder
    said: list[str] = []
    found = stages(reader, photos, 3, "two", said.append)
    assert (found.name, found.photos, found.rounds, found.plates) == ("two", 2, 3, 0.5)
    assert found.kilobytes == pytest.approx(sum(photo.stat().st_size for photo in photos) / 2000)
    assert list(found.stages) == ["decode", "detect", "rectify", "read", "decode-text", "total"]
    total = found.stages["total"]
    assert 0 < sum(times.wall for name, times in found.stages.items() if name != "total") <= 2 * total.wall_p95
    assert all(0 <= times.wall <= times.wall_p95 and times.cpu <= times.cpu_p95 for times in found.stages.values())
    assert (reader.detector, reader.rectifier, reader.reader, reader.decoder) == before, "the reader is given back as it was"
    assert said[-1] == "two: round 3 of 3"


@pytest.mark.usefixtures("stand_in")
def test_a_broken_photo_ends_the_timing_and_leaves_the_reader_whole(photos: list[Path]) -> None:
    reader = Setting().reader()
    decoder = reader.decoder
    photos[1].write_bytes(b"no picture")
    with pytest.raises(ImageError, match=r"none\.png"):
        stages(reader, photos, 1, "two")
    assert reader.decoder is decoder


@pytest.mark.usefixtures("stand_in")
def test_what_runs_is_what_the_sessions_say() -> None:
    runs = what_runs(Setting().reader())
    assert [(model["role"], model["name"], model["kind"], model["runs_on"]) for model in runs] == [
        ("detector", "detector-s-1", "fp32", "StandIn"), ("reader", "reader-s-1", "fp32", "StandIn"),
    ]  # fmt: skip


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (50, 51), (95, 96), (100, 100)])
def test_percentiles(percent: float, expected: float) -> None:
    assert percentile(np.random.default_rng(1).permutation(np.arange(1.0, 101.0)), percent) == expected


def test_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_times_are_medians_of_each_clock() -> None:
    assert Times.of([(1.0, 10.0), (3.0, 50.0), (2.0, 90.0)]) == Times(2.0, 3.0, 50.0, 90.0)


@pytest.mark.parametrize(("samples", "growth"), [((9.0, 10.0, 11.0, 12.0), 2.0), ((300.0,) * 40, 0.0), ((), 0.0)])
def test_growth_compares_the_end_of_a_stream_with_its_beginning(samples: tuple[float, ...], growth: float) -> None:
    assert Memory(1000, 100.0, 320.0, samples).growth_mb == growth


def test_a_start_is_timed_to_its_end() -> None:
    found = footprint.start("sleep", [sys.executable, "-c", "import time; time.sleep(0.2)"], 2)
    assert found.least_wall_s >= 0.2
    assert found.cpu_s is None or found.cpu_s < found.wall_s


def test_workers_answer_from_processes_of_their_own() -> None:
    assert os.getpid() not in (found := answers(2, say))
    assert len(set(found)) == 2


def say(answer: Connection) -> None:
    answer.send(os.getpid())


def test_a_worker_that_dies_is_noticed() -> None:
    with pytest.raises(RuntimeError, match="a worker process died"):
        answers(2, die)


def die(answer: Connection) -> None:
    os._exit(3)


def test_memory_of_this_process_is_known_on_linux() -> None:
    if not Path("/proc/self/status").exists():
        pytest.skip("not Linux")
    block = np.ones(50_000_000, np.uint8)
    assert (footprint.peak_mb() or 0) >= (footprint.resident_mb() or 0) - 1 >= block.nbytes / 1024**2


def test_the_machine_is_described() -> None:
    found = machine.describe()
    assert found["cpus"] >= 1
    assert found["packages"]["numpy"] == np.__version__
    assert set(found["cpu_features"] or ()) <= set(machine.CPU_FLAGS)
    assert machine.version("no-such-package") is None


def test_a_report_of_little_is_a_table_still() -> None:
    times = {"decode": Times(5.0, 6.0, 7.0, 8.0), "total": Times(20.0, 21.0, 22.0, 23.456)}
    report = {
        "machine": machine.describe() | {"load": None, "cpu_features": None, "commit": None},
        "setting": {"effort": "fast", "runtime": "openvino", "threads": 2},
        "models": [{"role": "reader", "name": "reader-s-1", "kind": "fp32", "runs_on": "openvino CPU"}], "photos": "2 given photos (sha256 00)",
        "stages": [as_dict(Stages("given photos", 2, 5, 120.0, 1.5, times))], "rates_of": "given photos", "rates": [], "starts": [], "memory": None,
    }  # fmt: skip
    text = as_text(report)
    assert "reader-s-1 (fp32) on openvino CPU; effort fast, runtime openvino, 2 threads a worker" in text
    assert "(not known)" in text
    assert [line.split() for line in text.splitlines() if line.startswith("total")] == [["total", "20.00", "21.00", "22.00", "23.46"]]
    assert "Throughput" not in text
    assert as_dict(Memory(10, 1.0, 2.0, (1.0, 2.0)))["growth_mb"] == 0
