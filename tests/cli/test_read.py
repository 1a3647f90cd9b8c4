from __future__ import annotations

import csv
import io
import json
import os
import subprocess
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
    """A folder with two photos of one plate each, one photo without, a text file, and things to be passed over."""
    folder = tmp_path / "photos"
    (folder / "b").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    Pillow.fromarray(street(800, 600, PLATE)).save(folder / "a.jpg", quality=95)
    Pillow.fromarray(street(640, 480, PLATE)).save(folder / "b" / "c.PNG")
    Pillow.fromarray(street(640, 480)).save(folder / "d.webp")
    Pillow.fromarray(street(640, 480)).save(folder / ".hidden" / "e.jpg")
    (folder / "._a.jpg").write_bytes(b"left by a Mac")
    (folder / "notes.txt").write_text("no picture")
    return folder


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_folder_is_searched_to_the_bottom_in_order(platelight: Run, photos: Path) -> None:
    ran = platelight("read", photos, "--format", "jsonl")
    assert (ran.status, ran.err) == (0, "")
    assert [Path(line["source"]).name for line in lines(ran.out)] == ["a.jpg", "d.webp", "c.PNG"]
    assert [[plate["text"] for plate in line["plates"]] for line in lines(ran.out)] == [["AB12CDE"], [], ["AB12CDE"]]


def test_files_globs_and_stdin(platelight: Run, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(lines(platelight("read", photos / "a.jpg", photos / "d.webp", "--format", "jsonl").out)) == 2
    assert len(lines(platelight("read", f"{photos}/**/*.PNG", "--format", "jsonl").out)) == 1
    assert len(lines(platelight("read", f"{photos}/[ad].*", "--format", "jsonl").out)) == 2
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{photos}/a.jpg\n\n{photos}/b/c.PNG\r\n"))
    assert len(lines(platelight("read", "-", "--format", "jsonl").out)) == 2


def test_a_file_named_like_a_pattern(platelight: Run, photos: Path) -> None:
    (photos / "a.jpg").rename(photos / "a[1].jpg")
    assert len(lines(platelight("read", photos / "a[1].jpg", "--format", "jsonl").out)) == 1


def test_table(platelight: Run, photos: Path) -> None:
    out = platelight("read", photos).out.splitlines()
    assert out[0].split()[:2] == ["photo", "text"]
    assert "AB12CDE" in out[1]
    assert "gb-current" in out[1]
    assert "no plate found" in out[2]


def test_csv(platelight: Run, photos: Path) -> None:
    table = list(csv.DictReader(io.StringIO(platelight("read", photos, "--format", "csv").out)))
    assert [row["text"] for row in table] == ["AB12CDE", "", "AB12CDE"]


def test_formats_of_others(platelight: Run, photos: Path) -> None:
    assert lines(platelight("read", photos / "a.jpg", "--format", "openalpr").out)[0]["results"][0]["plate"] == "AB12CDE"
    assert lines(platelight("read", photos / "a.jpg", "--format", "platerecognizer").out)[0]["results"][0]["plate"] == "ab12cde"


def test_crops(platelight: Run, tmp_path: Path) -> None:
    Pillow.fromarray(np.full((40, 160, 3), 230, np.uint8)).save(tmp_path / "crop.png")
    [line] = lines(platelight("read", tmp_path / "crop.png", "--crops", "--format", "jsonl").out)
    assert line["plates"][0]["text"] == "AB12CDE"
    assert line["plates"][0]["box"] == [0, 0, 160, 40]


def test_top(platelight: Run, photos: Path) -> None:
    [line] = lines(platelight("read", photos / "a.jpg", "--top", "1", "--format", "jsonl").out)
    assert len(line["plates"][0]["candidates"]) == 1


def test_country(platelight: Run, photos: Path) -> None:
    ran = platelight("read", photos / "a.jpg", "--country", "gb, de", "--format", "jsonl")
    assert lines(ran.out)[0]["plates"][0]["country"] == "gb"


def test_draw(platelight: Run, photos: Path, tmp_path: Path) -> None:
    (photos / "b" / "a.png").write_bytes((photos / "b" / "c.PNG").read_bytes())
    before = {path: path.read_bytes() for path in photos.rglob("*.*") if path.is_file()}
    platelight("read", photos, "--draw", tmp_path / "out" / "deep")
    drawn = sorted(path.name for path in (tmp_path / "out" / "deep").iterdir())
    assert drawn == ["a-plates-2.jpg", "a-plates.jpg", "c-plates.jpg", "d-plates.jpg"]
    with Pillow.open(tmp_path / "out" / "deep" / "a-plates.jpg") as picture:
        assert picture.size == (800, 600)
    assert {path: path.read_bytes() for path in before} == before


def test_bad_pictures_do_not_stop_the_others(platelight: Run, photos: Path) -> None:
    (photos / "b" / "broken.jpg").write_bytes(b"")
    ran = platelight("read", photos, photos / "gone.jpg", "--format", "jsonl")
    assert ran.status == 1
    assert ran.err.splitlines() == [f"platelight: {photos}/b/broken.jpg: the file is empty", f"platelight: {photos}/gone.jpg: no such file"]
    assert [line["error"] is None for line in lines(ran.out)] == [True, True, False, True, False]
    assert lines(ran.out)[2]["error"] == f"{photos}/b/broken.jpg: the file is empty"


def test_folders_and_patterns_that_hold_nothing(platelight: Run, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = platelight("read", tmp_path / "empty", f"{tmp_path}/*.nothing", photos / "a.jpg", "")
    assert ran.status == 1
    assert ran.err.splitlines()[2:] == ["platelight: a picture's path is empty"]
    assert ran.err.splitlines()[:2] == [f"platelight: {tmp_path}/empty: no pictures in this folder", f"platelight: {tmp_path}/*.nothing: no file matches"]
    assert "AB12CDE" in ran.out


@pytest.mark.parametrize(("arguments", "message"), [
    ([], "Missing argument"), (["a.jpg", "--format", "xml"], "xml"), (["a.jpg", "--country", "gb,zz"], "no plate types for country 'zz'"),
    (["a.jpg", "--top", "0"], "--top"), (["a.jpg", "--threads", "0"], "--threads"), (["a.jpg", "--effort", "most"], "most"),
    (["a.jpg", "--colour"], "--colour"),
])  # fmt: skip
def test_wrong_usage(platelight: Run, arguments: list[str], message: str) -> None:
    ran = platelight("read", *arguments)
    assert ran.status == 2
    assert message in ran.err
    assert ran.out == ""


def test_a_draw_folder_that_cannot_be(platelight: Run, photos: Path) -> None:
    ran = platelight("read", photos / "a.jpg", "--draw", photos / "a.jpg")
    assert ran.status == 2
    assert "cannot make this folder" in ran.err


def test_a_changed_model_is_one_line(platelight: Run, photos: Path, stand_in: Path) -> None:
    (stand_in / "reader-s-1" / "model.onnx").write_bytes(b"changed")
    ran = platelight("read", photos)
    assert ran.status == 1
    assert len(ran.err.splitlines()) == 1
    assert "is not the file of its spec.json" in ran.err


def test_a_mistake_of_ours_is_one_line_too(platelight: Run, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr("platelight.detect.Detector.__call__", fail)
    ran = platelight("read", photos)
    assert ran.status == 1
    assert ran.err == "platelight: unexpected KeyError: 'surprise' (set PLATELIGHT_DEBUG=1 to see where)\n"


def test_a_missing_runtime_says_what_to_install(platelight: Run, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from platelight.session import SessionError

    def missing(*_: object) -> None:
        raise SessionError("the runtime openvino is not installed: pip install 'platelight[openvino]'")

    monkeypatch.setattr("platelight.pipeline.Session", missing)
    ran = platelight("read", photos, "--runtime", "openvino")
    assert (ran.status, ran.err) == (1, "platelight: the runtime openvino is not installed: pip install 'platelight[openvino]'\n")


def test_file_names_that_are_no_utf8(platelight: Run, photos: Path) -> None:
    name = os.fsencode(photos) + b"/\xff.jpg"
    try:
        Path(os.fsdecode(name)).write_bytes((photos / "a.jpg").read_bytes())
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    ran = platelight("read", os.fsdecode(name), "--format", "jsonl")
    assert ran.status == 0
    assert os.fsencode(lines(ran.out)[0]["source"]) == name


def test_progress_only_on_a_terminal(platelight: Run, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert platelight("read", photos).err == ""
    monkeypatch.setattr("platelight.cli.read._on_terminal", lambda: True)
    assert "3 photos, 2 plates, 0 failed" in platelight("read", photos).err


def test_help_of_every_command() -> None:
    """In a process of its own, as users run it; also: a reader that closes the pipe early is no error to shout about."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    listed = subprocess.run([sys.executable, "-m", "platelight", "--help"], capture_output=True, text=True, env=environment, check=True)
    assert "read" in listed.stdout
    command = f"{sys.executable} -m platelight read --help | head -c 1"
    piped = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment, check=True)
    assert (piped.stdout, piped.stderr) == ("U", "")
