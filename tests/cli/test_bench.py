from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest
from stand_ins import PLATE, street

from platelight.cli import bench
from platelight.evaluate.footprint import Memory, Start
from platelight.evaluate.speed import Rate

Run = Callable[..., Any]


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Rates, starts and memory, which need processes with the real networks, are made up; the list holds what they were asked for."""
    asked: list[tuple[Any, ...]] = []

    def rate(setting: Any, photos: list[Path], workers: int, count: int) -> Rate:
        asked.append((workers, setting.threads, len(photos)))
        return Rate(workers, setting.threads, count, 60.0 * workers, 21.5)

    monkeypatch.setattr("platelight.evaluate.speed.rate", rate)
    monkeypatch.setattr("platelight.evaluate.footprint.starts", lambda setting, photo, rounds: [Start("platelight read PHOTO", 0.9, 0.8, None)])
    monkeypatch.setattr("platelight.evaluate.footprint.memory", lambda setting, photos, count: Memory(count, 90.0, 210.0, (200.0,) * 8))
    return asked


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "photos" / "one.png"
    file.parent.mkdir()
    cv2.imwrite(str(file), street(800, 600, PLATE))
    return file


@pytest.mark.usefixtures("stand_in")
def test_given_photos_are_measured(platelight: Run, measured: list[tuple[Any, ...]], photo: Path) -> None:
    ran = platelight("bench", photo, "--format", "json", "--rounds", "1", "--workers", "3", "--stream", "50")
    report = json.loads(ran.out)
    assert (ran.status, ran.err) == (0, "")
    assert [(found["name"], found["photos"], found["plates"]) for found in report["stages"]] == [("given photos", 1, 1.0)]
    assert measured == [(1, 1, 1), (1, 3, 1), (3, 1, 1)]
    assert report["memory"]["photos"] == 50
    assert report["models"][0]["runs_on"] == "StandIn"
    assert report["setting"] == {"effort": "normal", "runtime": "onnxruntime", "threads": 1, "models": None}


@pytest.mark.usefixtures("stand_in", "measured")
def test_the_table_says_the_same(platelight: Run, photo: Path) -> None:
    out = platelight("bench", photo.parent, "--rounds", "1", "--stream", "1000").out
    assert "detector-s-1 (fp32) on StandIn" in out
    assert "decode-text" in out
    assert "platelight read PHOTO  0.900       0.800    -" in out
    assert "Memory of one worker over 1000 photos: 90 MB before the first, 210 MB at the peak; last quarter against second quarter +0.0 MB" in out


@pytest.mark.usefixtures("stand_in", "measured")
def test_what_cannot_be_read_is_named_and_left_out(platelight: Run, photo: Path) -> None:
    broken = photo.with_name("broken.jpg")
    broken.write_bytes(b"\xff\xd8\xff")
    ran = platelight("bench", photo.parent, "--rounds", "1", "--stream", "0", "--format", "json")
    assert ran.status == 0
    assert ran.err.startswith(f"platelight: {broken}: ")
    assert json.loads(ran.out)["stages"][0]["photos"] == 1
    assert json.loads(ran.out)["memory"] is None
    photo.unlink()
    ran = platelight("bench", photo.parent)
    assert ran.status == 2
    assert "no photo to read" in ran.err


@pytest.mark.usefixtures("stand_in", "measured")
def test_drawn_photos_are_the_same_every_time_and_are_kept(platelight: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "DRAWN", ((320, 240, 2), (480, 360, 1)))
    monkeypatch.setattr("platelight.synth.scene.LARGEST_DRAWN", 320)
    monkeypatch.setattr(bench, "_caches", lambda: iter([tmp_path / "a"]))
    arguments = ("bench", "--rounds", "1", "--stream", "0", "--format", "json")
    first = json.loads(platelight(*arguments).out)
    assert [(found["name"], found["photos"]) for found in first["stages"]] == [("320x240", 2), ("480x360", 1)]
    files = {file.name: file.stat().st_mtime_ns for file in tmp_path.glob("a/platelight/*/*.jpg")}
    assert sorted(files) == ["320x240-0.jpg", "320x240-1.jpg", "480x360-0.jpg"]
    platelight(*arguments)
    assert {file.name: file.stat().st_mtime_ns for file in tmp_path.glob("a/platelight/*/*.jpg")} == files, "drawn once"
    monkeypatch.setattr(bench, "_caches", lambda: iter([tmp_path / "b"]))
    assert json.loads(platelight(*arguments).out)["photos"] == first["photos"]


def test_where_no_cache_can_be_written_the_next_place_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setattr(bench, "_caches", lambda: iter([blocked, tmp_path / "good"]))
    assert bench._cache().is_relative_to(tmp_path / "good")
    monkeypatch.setattr(bench, "_caches", lambda: iter([blocked]))
    with pytest.raises(OSError, match="no folder can be written"):
        bench._cache()


@pytest.mark.parametrize("option", [("--workers", "0"), ("--rounds", "0"), ("--stream", "-1"), ("--runtime", "tensorrt")])
def test_wrong_options(platelight: Run, option: tuple[str, str]) -> None:
    assert platelight("bench", *option).status == 2
