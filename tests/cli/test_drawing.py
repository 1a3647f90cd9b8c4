from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image as Pillow

from platelight import Photo
from platelight.cli.drawing import Drawing


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def photo(tmp_path: Path) -> Photo:
    Pillow.new("RGB", (60, 40)).save(tmp_path / "a.jpg")
    return Photo(str(tmp_path / "a.jpg"), 0, 60, 40)


def test_another_photo_is_never_replaced_but_an_earlier_drawing_is(tmp_path: Path, photo: Photo, told: list[str]) -> None:
    (tmp_path / "a-plates.jpg").write_bytes(Path(photo.source).read_bytes())
    for _ in range(2):
        Drawing(tmp_path, False, told.append).write(photo)
    assert (tmp_path / "a-plates.jpg").read_bytes() == Path(photo.source).read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-plates-2.jpg", "a-plates.jpg", "a.jpg"]
    assert told == []


def test_a_photo_that_went_away_is_told(tmp_path: Path, photo: Photo, told: list[str]) -> None:
    Path(photo.source).unlink()
    Drawing(tmp_path / "out", False, told.append).write(photo)
    assert told == [f"{photo.source}: no such file"]


def test_a_full_disk_is_told_and_leaves_no_half_picture(tmp_path: Path, photo: Photo, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, data: bytes) -> int:
        self.touch()
        raise OSError(28, "No space left on device")

    drawing = Drawing(tmp_path / "out", False, told.append)
    monkeypatch.setattr(Path, "write_bytes", full)
    drawing.write(photo)
    assert told == [f"{photo.source}: cannot write the drawing {tmp_path}/out/a-plates.jpg (No space left on device)"]
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("stem", ["x" * 250, "ü" * 120])
def test_a_name_as_long_as_it_can_be(tmp_path: Path, stem: str, told: list[str]) -> None:
    Pillow.new("RGB", (60, 40)).save(tmp_path / f"{stem}.png")
    Drawing(tmp_path / "out", False, told.append).write(Photo(str(tmp_path / f"{stem}.png"), 0, 60, 40))
    [drawn] = (tmp_path / "out").iterdir()
    assert drawn.name.endswith("-plates.jpg")
    assert len(os.fsencode(drawn.name)) < 255
    assert told == []
