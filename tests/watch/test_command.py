"""`platelight watch` as it is used: what it prints, where, and how it ends."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scenes import MadeFilm, Silence, broken_after, config, drive, models, open_made, wait_for

import platelight.watch
from platelight.cli.watch import _Stop
from platelight.cli.watching import Display, stat_lines
from platelight.video import write_video
from platelight.watch import CameraStats, Watcher

Run = Callable[..., Any]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], MadeFilm]]:
    """Makes the command use made models, and the films put into this dictionary by camera."""
    films: dict[str, Callable[[], MadeFilm]] = {"gate": lambda: MadeFilm(drive(6))}
    monkeypatch.setattr("platelight.watch.Models.load", lambda *options: models())

    def watcher(*arguments: Any) -> Watcher:
        return Watcher(*arguments, open_film=open_made(films))

    monkeypatch.setattr(platelight.watch, "Watcher", watcher)
    return films


@pytest.mark.usefixtures("made")
def test_json_lines(platelight: Run) -> None:
    ran = platelight("watch", "gate.mp4", "--stats-every", 0)
    (event,) = map(json.loads, ran.out.splitlines())
    assert (ran.status, ran.err) == (0, "")
    assert (event["event"], event["camera"], event["text"], event["source"]) == ("pass", "gate", "AA1234BB", "gate.mp4")


@pytest.mark.usefixtures("made")
def test_a_table(platelight: Run, tmp_path: Path) -> None:
    (tmp_path / "known.csv").write_text("text,name\nAA1234B8,Anna\n")
    ran = platelight("watch", "gate.mp4", "--format", "table", "--stats-every", 0, "--known", tmp_path / "known.csv", "--country", "ua")
    title, row = ran.out.splitlines()
    assert title.split() == ["time", "camera", "plate", "conf.", "country", "known", "as", "moved", "frames", "notes"]
    assert row.split()[:3] == ["0:01", "gate", "AA1234BB"]
    assert row.split()[4:7] == ["ua", "Anna", "right"]


@pytest.mark.usefixtures("made")
def test_statistics_as_lines_of_a_log(platelight: Run) -> None:
    ran = platelight("watch", "gate.mp4", "--stats-every", 0.05)
    last = ran.err.splitlines()[-1]
    assert last[10] == "T"
    assert "gate: done, 0:05, " in last
    assert last.endswith("plates 21, passes 1")


def test_a_file_that_breaks_off_gives_status_1(platelight: Run, made: dict[str, Any]) -> None:
    made["bad"] = lambda: MadeFilm(broken_after(drive(4), "bad.mp4: cut off at 3.9 s"))
    ran = platelight("watch", "gate.mp4", "bad.mp4", "--stats-every", 0)
    assert ran.status == 1
    assert sorted(json.loads(line)["camera"] for line in ran.out.splitlines()) == ["bad", "gate"]
    assert ran.err.endswith("Z bad: bad.mp4: cut off at 3.9 s\n")


def test_sigterm_stops_and_reports_what_is_going_on(platelight: Run, made: dict[str, Any]) -> None:
    before = signal.getsignal(signal.SIGTERM)

    def frames() -> Iterator[Any]:
        for frame in drive(60, 0.5, 9):
            if frame.index == 25:
                os.kill(os.getpid(), signal.SIGTERM)
            yield frame

    made["gate"] = lambda: MadeFilm(frames(), live=True, pause_s=0.01)
    made["away"] = Silence
    began = time.monotonic()
    ran = platelight("watch", "gate.mp4", "away.mp4", "--stats-every", 0)
    assert time.monotonic() - began < 8
    assert ran.status == 0
    assert [json.loads(line)["text"] for line in ran.out.splitlines()] == ["AA1234BB"]
    assert "stopping; once more Ctrl-C quits at once" in ran.err
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_second_interrupt_quits_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    quits: list[int] = []
    monkeypatch.setattr("platelight.cli.watch.os._exit", quits.append)
    stop = _Stop()
    with stop:
        os.kill(os.getpid(), signal.SIGINT)
        wait_for(lambda: stop.asked)
        assert quits == []
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        wait_for(lambda: quits)
    assert quits == [130]


@pytest.mark.usefixtures("made")
def test_a_reader_of_the_events_that_goes_away_ends_it_quietly(platelight: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr("platelight.cli.app.sys.stdout", Closed())
    ran = platelight("watch", "gate.mp4", "--stats-every", 0)
    assert (ran.status, ran.err) == (1, "")


def test_wrong_settings_give_status_2(platelight: Run, tmp_path: Path) -> None:
    path = config(tmp_path, "[[camera]]\nname = 'a'\nsource = 'x'\nfps = 'fast'")
    ran = platelight("watch", "--config", path)
    assert ran.status == 2
    assert "camera 1 ('a'): fps: must be a number above 0 to 240, got 'fast'" in " ".join(ran.err.split())
    assert "there is no camera" in platelight("watch").err
    assert platelight("watch", "a.mp4", "--zone", "0,0 1").status == 2
    assert platelight("watch", "--config", tmp_path / "none.toml").err == f"platelight: {tmp_path}/none.toml: No such file or directory\n"


@pytest.mark.usefixtures("made")
def test_an_unknown_country_gives_status_2(platelight: Run) -> None:
    ran = platelight("watch", "gate.mp4", "--country", "xx")
    assert ran.status == 2
    assert "no plate types for country 'xx'" in ran.err


@pytest.mark.usefixtures("made")
def test_a_list_of_known_plates_that_is_none_gives_status_1(platelight: Run, tmp_path: Path) -> None:
    ran = platelight("watch", "gate.mp4", "--known", tmp_path / "none.csv")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == f"platelight: {tmp_path}/none.csv: cannot be read (No such file or directory)\n"


@pytest.mark.usefixtures("made")
def test_check_shows_the_plan_without_secrets(platelight: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAM_PASSWORD", "s3cret")
    (tmp_path / "known.csv").write_text("text,name\nAA1234BB,Anna\n")
    text = '[[camera]]\nname = "gate"\nsource = "rtsp://u:${CAM_PASSWORD}@10.0.0.5/main"\nfps = 4\n[known]\nfile = "known.csv"\n'
    text += '[[webhook]]\nurl = "https://example.org/hook?token=${CAM_PASSWORD}"\nsecret = "abc"\n'
    ran = platelight("watch", "--config", config(tmp_path, text), "--check")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "gate: rtsp://u:***@10.0.0.5/main",
        "  fps: 4.0",
        "webhook webhook1: https://example.org/hook?token=***, shape platelight, signed",
        f"known plates: {tmp_path}/known.csv, 1 of them",
        f"queue: {tmp_path}/platelight-queue",
    ]
    assert not (tmp_path / "platelight-queue").exists()


@pytest.mark.usefixtures("made")
def test_check_names_what_could_not_run(platelight: Run, tmp_path: Path) -> None:
    ran = platelight("watch", tmp_path / "none.mp4", "--known", tmp_path / "none.csv", "--country", "ua", "--webhook", "ftp://x/", "--check")
    assert ran.status == 1
    assert [line.split(": ", 1)[1].split(" (")[0] for line in ran.err.splitlines()] == [
        f"{tmp_path}/none.mp4: no such file",
        f"{tmp_path}/none.csv: cannot be read",
        "a webhook's address must be like https://host/path, got 'ftp://x/'",
    ]


def stats(name: str = "gate", **changed: Any) -> CameraStats:
    values = {
        "name": name, "live": True, "state": "connected", "fps": 9.8, "lag_s": 0.12, "dropped": 3, "reconnects": 1, "frames": 1000, "looked_at": 210,
        "plates": 55, "read": 30, "passes": 4, "unreported": 1, "following": 0, "at_s": 100.0, "length_s": None, "error": None,
    }  # fmt: skip
    return CameraStats(**values | changed)


def test_what_a_line_of_statistics_says() -> None:
    lines = stat_lines([stats(), stats("film", live=False, state="reading", at_s=65, length_s=3700, unreported=0)], ["home 3 delivered, 0 waiting"])
    assert lines == [
        "gate: connected, 9.8 fps, lag 0.1 s, dropped 3, reconnected 1, frames 1,000, looked at 21%, plates 55, passes 4 (+1 unsure)",
        "film: reading, 1:05 of 1:01:40 (2%), 9.8 fps, frames 1,000, looked at 21%, plates 55, passes 4",
        "delivery: home 3 delivered, 0 waiting",
    ]


def test_on_a_terminal_statistics_stay_at_the_bottom(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    display = Display(None)
    display.stats(["gate: connected", "yard: " + "x" * 60])
    display.message("yard", "lost")
    display.end()
    shown = capsys.readouterr().err
    assert shown.startswith("gate: connected\nyard: " + "x" * 32 + "…\r\033[1A\033[J")
    assert shown.split("\033[J")[1][8:].startswith(" yard: lost\ngate: connected\nyard:")


def test_the_program_in_a_process_of_its_own(tmp_path: Path) -> None:
    """Real models, a real file, a real signal: no plate is on it, and SIGINT ends it cleanly."""
    pytest.importorskip("av", reason="needs the extra `video`")
    film = tmp_path / "loop.mp4"
    write_video(film, [frame.pixels for frame in drive(2, 5, 6)], 10)
    path = config(tmp_path, f'[[camera]]\nname = "loop"\nsource = "{film}"\nlive = true\nloop = true\n')
    command = [sys.executable, "-m", "platelight", "watch", "--config", str(path), "--stats-every", "0.2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT / "src")})
    assert process.stderr is not None
    lines: list[str] = []
    try:
        while not any("connected, " in line and "frames" in line for line in lines):
            line = process.stderr.readline()
            assert line, lines
            lines.append(line)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0
    assert out == ""
    assert "stopping" in err
    wait_for(lambda: process.poll() is not None)
