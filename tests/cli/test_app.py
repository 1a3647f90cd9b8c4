from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
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
