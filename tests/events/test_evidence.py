from __future__ import annotations

import logging
import os
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from passes import EPOCH_S, passed
from receivers import until

from platelight.events import EventsError, Evidence
from platelight.events.evidence import safe
from platelight.geometry import Quad

DAY_S = 86400.0


def pictures(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*.jpg"))


def aged(folder: Path, days: float) -> None:
    for path in folder.rglob("*.jpg"):
        os.utime(path, (time.time() - days * DAY_S,) * 2)


def test_the_frame_and_the_straightened_plate_are_saved(tmp_path: Path) -> None:
    one = passed("AB12CDE", "Gate 1/north", picture=True, id="1f6b0c2d-aaaa-bbbb")
    saved = Evidence(tmp_path / "evidence").save(one)
    assert saved is not None
    assert saved.to_dict() == {
        "folder": str(tmp_path / "evidence"),
        "frame": "Gate_1_north/2026-11-18/110640-250_AB12CDE_1f6b0c2d-aaaa-frame.jpg",
        "plate": "Gate_1_north/2026-11-18/110640-250_AB12CDE_1f6b0c2d-aaaa-plate.jpg",
    }
    frame, plate = (cv2.imread(str(path))[..., ::-1].astype(int) for path in (saved.frame, saved.plate))
    assert one.frame is not None
    assert frame.shape == (480, 640, 3)
    assert np.abs(frame - one.frame.pixels).mean() < 3
    assert plate.shape == (80, 320, 3)
    assert np.abs(plate[10:-10, 30:-30] - (250, 240, 60)).mean() < 8  # the plate, in its own colors, fills the picture


def test_a_plate_without_a_text_and_one_without_an_area(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path)
    unread = evidence.save(passed(None, picture=True))
    assert unread is not None
    assert "_UNREAD_" in str(unread.frame)
    flat = passed(picture=True)
    object.__setattr__(flat.plate.detection, "quad", Quad(((1, 1), (2, 2), (3, 3), (4, 4))))
    saved = evidence.save(flat)
    assert saved is not None
    assert saved.frame is not None
    assert saved.plate is None
    assert saved.to_dict()["plate"] is None


def test_a_pass_without_a_frame_leaves_nothing(tmp_path: Path) -> None:
    assert Evidence(tmp_path).save(passed()) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc", "etc"),
        ("..", "camera"),
        ("a\\b:c*", "a_b_c"),
        ("con", "con_"),
        ("", "camera"),
        ("Tür 1", "Tür_1"),
        ("камера", "камера"),
        ("x" * 300, "x" * 60),
    ],
)
def test_names_of_cameras_are_safe_in_paths(name: str, expected: str) -> None:
    assert safe(name) == expected


def test_what_is_too_old_goes_also_that_of_former_runs(tmp_path: Path) -> None:
    Evidence(tmp_path).save(passed("OLD11", picture=True))
    aged(tmp_path, 3)
    Evidence(tmp_path, keep_days=4).save(passed("NEW11", picture=True))
    assert len(pictures(tmp_path)) == 4
    evidence = Evidence(tmp_path, keep_days=2)
    assert all("NEW11" in name for name in pictures(tmp_path))
    assert len(pictures(tmp_path)) == 2
    assert evidence.stats["removed"] == 2


def test_the_oldest_go_where_there_is_too_much(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path, keep_days=None, keep_mb=0.05, sweep_s=0)
    for number in range(20):
        saved = evidence.save(passed(f"AB{number:02}", picture=True, epoch_s=EPOCH_S + number))
        assert saved is not None
    until(lambda: evidence.sweep() == 0 and evidence.stats["mb"] <= 0.05)
    left = pictures(tmp_path)
    assert 0 < len(left) < 40
    assert "AB19" in left[-1]
    assert not any("AB00" in name for name in left)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.jpg")) == pytest.approx(evidence.stats["mb"] * 1e6, abs=1000)


def test_nothing_of_others_is_removed_and_halves_are(tmp_path: Path) -> None:
    Evidence(tmp_path).save(passed("AB12", picture=True))
    day = next(tmp_path.glob("gate/*"))
    mine = [tmp_path / "notes.jpg", day / "holiday.jpg", tmp_path / "gate" / "110640-250_AB12_1-frame.jpg"]
    half = day / ".110640-250_AB12_1f6b-frame.jpg.part"
    for path in (*mine, half):
        path.write_bytes(b"x")
        os.utime(path, (0, 0))
    aged(day, 99)
    Evidence(tmp_path, keep_days=1)
    assert all(path.exists() for path in mine)
    assert not half.exists()
    assert list(day.glob("*AB12*")) == []


def test_a_day_that_is_empty_goes_with_its_pictures(tmp_path: Path) -> None:
    Evidence(tmp_path).save(passed(picture=True))
    aged(tmp_path, 99)
    Evidence(tmp_path, keep_days=1)
    assert list(tmp_path.glob("gate/*")) == []


def test_what_is_needed_stays(tmp_path: Path) -> None:
    saved = Evidence(tmp_path).save(passed(picture=True))
    assert saved is not None
    aged(tmp_path, 99)
    Evidence(tmp_path, keep_days=1, keep_mb=0.001, needed=lambda: {str(saved.frame)})
    assert pictures(tmp_path) == [saved.frame.name if saved.frame else ""]


def test_a_disk_that_takes_nothing_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = Evidence(tmp_path)

    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched, caplog.at_level(logging.ERROR):
        patched.setattr(Path, "write_bytes", full)
        assert [evidence.save(passed(picture=True)) for _ in range(3)] == [None] * 3
    assert [record.message for record in caplog.records] == [
        f"evidence folder {tmp_path}: pictures cannot be written (No space left on device); watching goes on without them"
    ]
    assert evidence.stats["failed"] == 3
    assert evidence.save(passed(picture=True)) is not None
    assert evidence.stats["last_error"] is None


def test_folders_and_limits_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EventsError, match=r"evidence folder .*file/evidence: cannot be made \(Not a directory"):
        Evidence(tmp_path / "file" / "evidence")
    with pytest.raises(EventsError, match="keep_mb must be more than 0"):
        Evidence(tmp_path, keep_mb=0)
