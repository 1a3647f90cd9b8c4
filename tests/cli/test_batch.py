from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow")

from platelight.batch import Progress, iter_results, run_info
from platelight.cli.batch import LINE_S, _Display, _duration

Run = Callable[..., Any]
ROOT = Path(__file__).parents[2]
JOBS = Path(__file__).parents[1] / "batch"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that need no models, and whose identity is the options of the command."""
    monkeypatch.syspath_prepend(str(JOBS))
    from quick_jobs import QuickJob

    monkeypatch.setattr("platelight.batch.Settings", lambda *options: QuickJob(option=repr(options)))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.jpg", "b.PNG", "deep/c.webp", "notes.txt", ".hidden.jpg"):
        (folder / name).touch()
    return folder


@pytest.mark.usefixtures("quick")
def test_a_folder(platelight: Run, photos: Path, tmp_path: Path) -> None:
    ran = platelight("batch", photos, "--out", tmp_path / "out", "--workers", 1)
    plates = sum(len(row["plates"]) for row in iter_results(tmp_path / "out"))
    assert (ran.status, ran.out) == (0, f"{tmp_path}/out: 3 photos, {plates} plates, 0 photos that could not be read\n")
    assert [Path(row["source"]).name for row in iter_results(tmp_path / "out")] == ["a.jpg", "b.PNG", "c.webp"]
    again = platelight("batch", photos, "--out", tmp_path / "out")
    assert (again.status, again.out) == (0, ran.out)
    assert again.err == "3 of 3 photos were done before\n"


@pytest.mark.usefixtures("quick")
def test_results_inside_the_searched_folder_are_not_searched(platelight: Run, photos: Path) -> None:
    for _ in range(2):
        assert platelight("batch", photos, "--out", photos / "out", "--workers", 1).status == 0
        (photos / "out" / "drawing.jpg").touch()
    assert run_info(photos / "out").photos == 3


@pytest.mark.usefixtures("quick")
def test_a_pattern_and_a_list_on_stdin(platelight: Run, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert platelight("batch", f"{photos}/*.jpg", "--out", tmp_path / "one", "--workers", 1).status == 0
    assert run_info(tmp_path / "one").photos == 1
    monkeypatch.setattr(sys, "stdin", [f"{photos}/a.jpg\n", f"{photos}/deep\n"])
    assert platelight("batch", "-", "--out", tmp_path / "two", "--workers", 1).status == 0
    assert run_info(tmp_path / "two").photos == 2


@pytest.mark.usefixtures("quick")
def test_a_list_with_its_other_columns(platelight: Run, tmp_path: Path) -> None:
    (tmp_path / "cars.csv").write_text("id;foto;make\n7;x.jpg;BMW\n8;broken.jpg;ВАЗ\n", encoding="utf-8")
    wrong = platelight("batch", tmp_path / "cars.csv", "--out", tmp_path / "out")
    assert (wrong.status, wrong.err) == (1, f"platelight: {tmp_path}/cars.csv: which column holds the paths? Say so with --column; it has id, foto, make\n")
    assert not (tmp_path / "out").exists()
    ran = platelight("batch", tmp_path / "cars.csv", "--column", "foto", "--root", "/somewhere", "--out", tmp_path / "out", "--workers", 1)
    assert ran.status == 1
    assert "platelight: /somewhere/broken.jpg: broken picture" in ran.err
    rows = list(iter_results(tmp_path / "out", ["source", "id", "make", "error"]))
    assert rows == [
        {"source": "x.jpg", "id": "7", "make": "BMW", "error": None},
        {"source": "broken.jpg", "id": "8", "make": "ВАЗ", "error": "/somewhere/broken.jpg: broken picture"},
    ]


@pytest.mark.usefixtures("quick")
def test_the_options_are_the_runs_settings(platelight: Run, photos: Path, tmp_path: Path) -> None:
    options = ["--effort", "fast", "--country", "UA, pl", "--top", "2", "--crops", "--models", str(tmp_path)]
    assert platelight("batch", photos, "--out", tmp_path / "out", "--workers", 1, *options).status == 0
    assert run_info(tmp_path / "out").settings["option"] == repr(("fast", ("ua", "pl"), 2, True, "onnxruntime", str(tmp_path)))
    refused = platelight("batch", photos, "--out", tmp_path / "out", "--workers", 1)
    assert refused.status == 1
    assert refused.err.startswith(f"platelight: {tmp_path}/out: holds a run with other settings: option was")


@pytest.mark.usefixtures("quick")
def test_what_cannot_be_searched_or_written(platelight: Run, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    none = platelight("batch", tmp_path / "empty", "--out", tmp_path / "out")
    assert (none.status, none.err.splitlines()[0]) == (1, f"platelight: {tmp_path}/empty: no pictures in this folder")
    assert platelight("batch", photos, "--out", photos / "a.jpg").err == f"platelight: {photos}/a.jpg: is a file, not a folder\n"
    assert platelight("batch", photos, "--out", photos).err.startswith(f"platelight: {photos}: holds a.jpg and more, and no run")
    assert platelight("batch", photos, "--column", "x", "--out", tmp_path / "out").status == 2
    assert platelight("batch", photos, "--out", "/proc/nothing").err == "platelight: /proc/nothing: No such file or directory\n"


def test_models_that_are_none(platelight: Run, photos: Path, tmp_path: Path) -> None:
    ran = platelight("batch", photos, "--out", tmp_path / "out", "--models", tmp_path / "gone")
    assert ran.status == 1
    assert ran.err.startswith(f"platelight: {tmp_path}/gone: ")
    assert len(ran.err.splitlines()) == 1


def test_options_that_only_a_worker_finds_wrong(platelight: Run, photos: Path, tmp_path: Path) -> None:
    ran = platelight("batch", photos, "--out", tmp_path / "out", "--country", "xx", "--workers", 1)
    assert ran.status == 1
    assert ran.err.startswith("platelight: no plate types for country 'xx'; there are ad, ")


@pytest.mark.parametrize(("package", "extra", "options"), [("pyarrow", "batch", []), ("ray", "ray", ["--ray", "auto"])])
@pytest.mark.usefixtures("quick")
def test_a_missing_package_names_the_extra(
    platelight: Run, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, extra: str, options: list[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith(("platelight.batch.", f"{package}."))]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("list_paths", "list_file", "run"):
        monkeypatch.delitem(vars(sys.modules["platelight.batch"]), name, raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    ran = platelight("batch", photos, "--out", tmp_path / "out", *options)
    assert (ran.status, ran.err) == (1, f"platelight: this needs {package}, which is not installed: pip install 'platelight[{extra}]'\n")


def test_neither_the_command_nor_the_workers_side_loads_what_the_parent_needs() -> None:
    code = "import platelight.cli.batch, platelight.batch.worker, sys; print(sorted({'pyarrow', 'ray', 'numpy', 'cv2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


SCRIPT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in a shell's background
sys.path.insert(0, sys.argv.pop())
from quick_jobs import QuickJob
import platelight.batch
platelight.batch.Settings = lambda *options: QuickJob(pause_s=0.01)
from platelight.cli.app import main
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is a signal")
def test_ctrl_c(tmp_path: Path) -> None:
    """To the whole group, as a terminal sends it."""
    (tmp_path / "list.csv").write_text("photo\n" + "".join(f"{n}.jpg\n" for n in range(3000)))
    command = [sys.executable, "-c", SCRIPT, "batch", str(tmp_path / "list.csv"), "--out", str(tmp_path / "out"), "--workers", "2", str(JOBS)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, env=environment)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("out/_open/*.arrow")):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    last = err.splitlines()[-1]
    done = int(last.removeprefix("platelight: stopped; ").split(" of ")[0])
    assert last == f"platelight: stopped; {done} of 3,000 photos are done, and the same command goes on from there"
    assert 16 <= done < 3000
    assert "Traceback" not in err


def test_progress_lines(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    display = _Display()
    for done in range(0, 4001, 1000):
        display.show(Progress(done, 10_000, 3, 4500, ("a.jpg: broken",) * (9 if done else 0)))
        clock[0] += LINE_S / 2 + 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == "4,000 of 10,000 photos, 32.3 a second, 3 min 06 s left, 4,500 plates, 3 errors"
    assert lines.count("platelight: a.jpg: broken") == 20
    assert sum("further photos" in line for line in lines) == 1


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0 s"), (59.6, "1 min 00 s"), (3599, "59 min 59 s"), (360_000, "100 h 00 min")])
def test_durations(seconds: float, text: str) -> None:
    assert _duration(seconds) == text


@pytest.mark.slow
def test_the_real_models_killed_once_and_started_again(tmp_path: Path) -> None:
    from platelight import Platelight

    files = sorted((ROOT / "examples").glob("*.jpg"))[:5]
    for number in range(8):
        for file in files:
            (tmp_path / f"{number}-{file.name}").write_bytes(file.read_bytes())
    (tmp_path / "0-empty.jpg").touch()
    command = [sys.executable, "-m", "platelight", "batch", str(tmp_path), "--out", str(tmp_path / "out"), "--workers", "1", "--effort", "fast"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, env=environment)
    deadline = time.monotonic() + 120
    while not list((tmp_path / "out").glob("_open/*.arrow")):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 1
    assert "photos were done before" in ended.stderr
    rows = list(iter_results(tmp_path / "out"))
    direct = [photo.to_dict() for photo in Platelight("fast").read_many([row["source"] for row in rows])]
    assert len(rows) == 41
    assert [{name: value for name, value in row.items() if name != "index"} for row in rows] == direct
