from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from stand_ins import PLATE, street

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("stand_in")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with a photo of one plate, another in a folder below, a photo without, and a text file."""
    folder = tmp_path / "photos"
    (folder / "b").mkdir(parents=True)
    Pillow.fromarray(street(640, 480, PLATE)).save(folder / "a.jpg", quality=95)
    Pillow.fromarray(street(640, 480, PLATE)).save(folder / "b" / "c.PNG")
    Pillow.fromarray(street(320, 240)).save(folder / "d.webp")
    (folder / "notes.txt").write_text("no picture")
    return folder


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def middle(path: Path) -> list[int]:
    with Pillow.open(path) as picture:
        return np.asarray(picture.convert("RGB"))[260, 380].tolist()


def test_a_tree_keeps_its_structure_and_the_originals_stay(platelight: Run, photos: Path, tmp_path: Path) -> None:
    before = {path: (photos / path).read_bytes() for path in files(photos)}
    ran = platelight("redact", photos, "--out", tmp_path / "new", "--method", "fill")
    assert (ran.status, ran.err) == (0, "")
    assert files(tmp_path / "new") == ["a.jpg", "b/c.PNG", "d.webp"]
    assert {path: (photos / path).read_bytes() for path in files(photos)} == before
    assert max(middle(tmp_path / "new" / "b" / "c.PNG")) == 0
    assert max(middle(tmp_path / "new" / "a.jpg")) < 12


def test_the_list_of_what_was_covered(platelight: Run, photos: Path, tmp_path: Path) -> None:
    found = rows(platelight("redact", photos, "--out", tmp_path / "new", "--method", "swap").out)
    assert [Path(row["source"]).name for row in found] == ["a.jpg", "d.webp", "c.PNG"]
    assert [row["plates"] for row in found] == ["1", "0", "1"]
    assert [row["output"] for row in found] == [str(tmp_path / "new" / name) for name in ("a.jpg", "d.webp", "b/c.PNG")]
    [corners] = json.loads(found[2]["corners"])
    assert np.abs(np.array(corners) - PLATE).max() < 3
    [covered] = json.loads(found[2]["covered"])
    assert covered[0][0] < corners[0][0] - 4
    assert json.loads(found[2]["methods"]) == ["swap"]
    assert json.loads(found[2]["scores"]) == [0.9]
    assert "AB12CDE" not in str(found)


def test_the_list_in_a_file(platelight: Run, photos: Path, tmp_path: Path) -> None:
    ran = platelight("redact", photos, "--out", tmp_path / "new", "--csv", tmp_path / "lists" / "covered.csv")
    assert ran.out == ""
    assert len(rows((tmp_path / "lists" / "covered.csv").read_text(encoding="utf-8"))) == 3


def test_bad_pictures_are_told_and_not_copied(platelight: Run, photos: Path, tmp_path: Path) -> None:
    (photos / "b" / "broken.jpg").write_bytes((photos / "a.jpg").read_bytes()[:400])
    frames = [Pillow.new("RGB", (40, 30), color) for color in ("red", "blue")]
    frames[0].save(photos / "e.gif", save_all=True, append_images=frames[1:])
    ran = platelight("redact", photos, photos / "gone.jpg", "--out", tmp_path / "new")
    assert ran.status == 1
    assert files(tmp_path / "new") == ["a.jpg", "b/c.PNG", "d.webp"]
    assert len(ran.err.splitlines()) == 3
    assert "e.gif: holds 2 pictures" in ran.err
    assert f"{photos}/gone.jpg: no such file" in ran.err
    found = rows(ran.out)
    assert len(found) == 6
    assert [row["output"] == "" for row in found] == [bool(row["error"]) for row in found] == [False, False, True, True, False, True]


def test_nothing_is_replaced_unless_it_is_asked_for(platelight: Run, photos: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    platelight("redact", photos / "a.jpg", "--out", new)
    (new / "a.jpg").write_bytes(b"mine")
    ran = platelight("redact", photos / "a.jpg", "--out", new)
    assert ran.status == 1
    assert "is there already" in ran.err
    assert (new / "a.jpg").read_bytes() == b"mine"
    assert platelight("redact", photos / "a.jpg", "--out", new, "--replace").status == 0
    assert (new / "a.jpg").read_bytes() != b"mine"


def test_photos_in_the_folder_for_the_new_ones_are_refused(platelight: Run, photos: Path) -> None:
    before = (photos / "a.jpg").read_bytes()
    ran = platelight("redact", photos, "--out", photos, "--replace")
    assert ran.status == 1
    assert ran.err.count("lies in --out") == 3
    assert (photos / "a.jpg").read_bytes() == before


def test_the_folder_for_the_new_ones_may_lie_among_the_photos(platelight: Run, photos: Path) -> None:
    for _ in range(2):
        assert platelight("redact", photos, "--out", photos / "new", "--replace").status == 0
    assert files(photos / "new") == ["a.jpg", "b/c.PNG", "d.webp"]


def test_in_place(platelight: Run, photos: Path) -> None:
    ran = platelight("redact", photos, photos / "a.jpg", "--in-place", "--method", "fill")
    assert ran.status == 0
    assert len(rows(ran.out)) == 3
    assert files(photos) == ["a.jpg", "b/c.PNG", "d.webp", "notes.txt"]
    assert max(middle(photos / "a.jpg")) < 12


def test_photos_of_one_name_from_two_folders(platelight: Run, photos: Path, tmp_path: Path) -> None:
    (photos / "b" / "a.jpg").write_bytes((photos / "a.jpg").read_bytes())
    platelight("redact", photos / "a.jpg", photos / "b" / "a.jpg", "--out", tmp_path / "new")
    assert files(tmp_path / "new") == ["a-2.jpg", "a.jpg"]


def test_patterns_and_lists_keep_folders(platelight: Run, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    platelight("redact", f"{photos}/**/*.PNG", "--out", tmp_path / "new")
    assert files(tmp_path / "new") == ["b/c.PNG"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO("photos/a.jpg\n./photos/../photos/b/c.PNG\n"))
    platelight("redact", "-", "--out", tmp_path / "listed")
    assert files(tmp_path / "listed") == ["photos/a.jpg", "photos/photos/b/c.PNG"]


def test_a_logo(platelight: Run, photos: Path, tmp_path: Path) -> None:
    Pillow.new("RGBA", (50, 50), (0, 0, 200, 255)).save(tmp_path / "logo.png")
    assert platelight("redact", photos / "b", "--out", tmp_path / "new", "--logo", tmp_path / "logo.png", "--color", "#00ff00").status == 0
    assert middle(tmp_path / "new" / "c.PNG") == [0, 0, 200]
    with Pillow.open(tmp_path / "new" / "c.PNG") as picture:
        assert picture.getpixel((320, 260)) == (0, 255, 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--out DIR or --in-place"), (["--out", "x", "--in-place"], "--out DIR or --in-place"), (["--in-place", "--replace"], "--replace"),
        (["--out", "x", "--method", "logo"], "go together"), (["--out", "x", "--method", "fill", "--logo", "y.png"], "go together"),
        (["--out", "x", "--logo", "nothing.png"], "no such file"), (["--out", "x", "--color", "red"], "--color is for"),
        (["--out", "x", "--method", "fill", "--color", "nocolor"], "is no color"), (["--out", "x", "--csv", "/proc/no/list.csv"], "cannot be written"),
    ],
)  # fmt: skip
def test_wrong_usage(platelight: Run, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str) -> None:
    monkeypatch.chdir(tmp_path)
    ran = platelight("redact", photos, *arguments)
    assert ran.status == 2
    assert message in " ".join(ran.err.split())
    assert not (tmp_path / "x").exists()


def test_the_folder_cannot_be_written(platelight: Run, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    ran = platelight("redact", photos / "a.jpg", "--out", tmp_path / "file")
    assert ran.status == 1
    assert f"{photos}/a.jpg: cannot write {tmp_path}/file/a.jpg" in ran.err
