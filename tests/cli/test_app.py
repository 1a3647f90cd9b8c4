from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import platelight as package
from platelight.cli.app import COMMANDS

Run = Callable[..., Any]


def test_version(platelight: Run) -> None:
    ran = platelight("--version")
    assert (ran.status, ran.out) == (0, f"platelight {package.__version__}\n")


def test_no_arguments_and_unknown_commands_are_wrong_usage(platelight: Run) -> None:
    assert platelight().status == 2
    ran = platelight("raed")
    assert ran.status == 2
    assert "No such command 'raed'" in ran.err


def test_help_names_every_command(platelight: Run) -> None:
    out = platelight("--help").out
    for name in COMMANDS:
        assert f"\n  {name} " in out
        assert platelight(name, "--help").status == 0


@pytest.mark.parametrize(("package_name", "line"), [("torch", "pip install 'platelight[train]'"), ("nonsense", "install platelight again")])
def test_a_command_whose_packages_are_missing(platelight: Run, monkeypatch: pytest.MonkeyPatch, package_name: str, line: str) -> None:
    def run() -> None:
        raise ModuleNotFoundError(f"No module named '{package_name}.nn'", name=f"{package_name}.nn")

    monkeypatch.setattr("platelight.cli.doctor.doctor", run)
    ran = platelight("doctor")
    assert ran.status == 1
    assert ran.err.startswith("platelight: ")
    assert package_name in ran.err
    assert line in ran.err
    assert len(ran.err.splitlines()) == 1


def test_the_list_of_commands_cuts_no_sentence(platelight: Run) -> None:
    lines = platelight("--help").out.partition("Commands:")[2].strip().splitlines()
    assert len(lines) == len(COMMANDS)
    assert all(line.endswith(".") and not line.endswith("..") for line in lines)


def test_a_command_whose_module_cannot_be_imported(platelight: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr("platelight.cli.app.import_module", broken)
    assert "not usable here" in platelight("--help").out
    ran = platelight("train")
    assert ran.status == 1
    assert "pip install 'platelight[train]'" in ran.err


def test_starting_is_quick_and_light() -> None:
    program = (
        "import sys, time; start = time.process_time(); import platelight, platelight.cli, platelight.cli.app, platelight.cli.read;"
        "print(time.process_time() - start);"
        "print([name for name in ('torch', 'ray', 'pyarrow', 'fastapi', 'av', 'cv2', 'onnxruntime') if name in sys.modules])"
    )
    paths = ":".join(sys.path)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONPATH": paths})
    seconds, loaded = ran.stdout.splitlines()
    assert loaded == "[]"
    assert float(seconds) < 0.5


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110 - a device
@pytest.mark.parametrize(("redirection", "status", "out", "err"), [
    (">/dev/full", 1, "", "platelight: standard output: No space left on device\n"),
    (">&-", 1, "", "platelight: standard output is closed: there is nowhere to print\n"),
    ("2>&-", 1, "gone.jpg", ""),
    ("| head -1 >/dev/null", 0, "", ""),
])  # fmt: skip
def test_streams_that_take_nothing(stand_in: Path, tmp_path: Path, redirection: str, status: int, out: str, err: str) -> None:
    """In a process of its own, because the streams are its own; the stand-ins are put in place by a line of code."""
    code = "import stand_ins, platelight.session as s; s.Session = stand_ins.StandIn; from platelight.cli.app import main; main()"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PLATELIGHT_MODELS": str(stand_in)}
    command = f'"{sys.executable}" -c "{code}" read {tmp_path}/gone.jpg 2>{tmp_path}/err {redirection}'
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment, check=False)
    assert ran.returncode == status
    assert out in ran.stdout
    told = (tmp_path / "err").read_text(encoding="utf-8")
    assert told == err or (status == 0 and told == f"platelight: {tmp_path}/gone.jpg: no such file\n")


@pytest.mark.parametrize("import_fails", [False, True])
def test_being_stopped_by_the_keyboard(platelight: Run, monkeypatch: pytest.MonkeyPatch, import_fails: bool) -> None:
    """Also while a package written in C is loading, which turns it into an ImportError."""

    def run() -> None:
        if import_fails:
            raise ImportError("initialization failed") from KeyboardInterrupt()
        raise KeyboardInterrupt

    monkeypatch.setattr("platelight.cli.doctor.doctor", run)
    ran = platelight("doctor")
    assert ran.status == 130
    assert len(ran.err.split()) <= 2


def test_what_the_system_refuses_is_one_line(platelight: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def run() -> None:
        raise FileNotFoundError(2, "No such file or directory", "no\nwhere.png")

    monkeypatch.setattr("platelight.cli.doctor.doctor", run)
    assert platelight("doctor").err == "platelight: no\\nwhere.png: No such file or directory\n"
