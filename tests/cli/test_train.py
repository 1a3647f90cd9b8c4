"""What `platelight train` and `platelight export` say when they are used wrongly."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.train

Run = Callable[..., Any]


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A data folder that holds nothing; without torch the test is skipped."""
    pytest.importorskip("torch")
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def labels(empty: Path) -> Path:
    """A data folder with every label file that the reader's recipe asks for, all empty."""
    for name in ("plates/train", "plates/dev", "scenes/train", "backgrounds/train"):
        file = empty / f"{name}.jsonl"
        file.parent.mkdir(exist_ok=True)
        file.write_text("", encoding="utf-8")
    return empty


def refused(ran: Any, message: str, status: int = 2) -> None:
    assert ran.status == status
    assert message in ran.err
    assert "Traceback" not in ran.err
    assert len(ran.err.splitlines()) == 1


def test_an_unknown_role_or_recipe_is_refused_with_those_there_are(platelight: Run, empty: Path) -> None:
    for command in (("train",), ("export",)):
        places = ("--data", empty, "--out", empty.parent / "out")
        names = ("x.pt",) if command == ("export",) else ()
        refused(platelight(*command, "readr", *names, *places), "no role 'readr'; there are reader, detector")
        refused(platelight(*command, "reader", *names, *places, "--recipe", "reader_xxl"), "no recipe 'reader_xxl' for the reader; there are reader_s")


def test_a_missing_data_folder_is_named(platelight: Run, empty: Path) -> None:
    ran = platelight("train", "reader", "--data", empty / "nowhere", "--out", empty.parent / "out")
    refused(ran, f"{empty / 'nowhere'}: no such folder")
    assert not (empty.parent / "out").exists()


def test_a_missing_label_file_is_named(platelight: Run, empty: Path) -> None:
    for role, file in (("reader", "plates/train.jsonl"), ("detector", "scenes/train.jsonl")):
        refused(platelight("train", role, "--data", empty, "--out", empty.parent / "out"), f"{empty / file}: no such label file")
    refused(platelight("export", "reader", "x.pt", "--data", empty, "--out", empty.parent / "out"), "plates/train.jsonl: no such label file")


def test_a_missing_folder_of_drawn_pictures_is_named(platelight: Run, labels: Path) -> None:
    ran = platelight("train", "reader", "--data", labels, "--drawn", labels / "undrawn", "--out", labels.parent / "out")
    refused(ran, f"{labels / 'undrawn'}: no such folder")


def test_a_missing_or_broken_checkpoint_is_named(platelight: Run, labels: Path) -> None:
    broken = labels / "broken.pt"
    broken.write_bytes(b"no checkpoint")
    out = ("--data", labels, "--out", labels.parent / "out")
    refused(platelight("train", "reader", *out, "--resume", labels / "none.pt"), f"{labels / 'none.pt'}: cannot be read: No such file")
    refused(platelight("train", "reader", *out, "--resume", broken), f"{broken}: not a checkpoint of")
    refused(platelight("export", "reader", labels / "none.pt", *out), f"{labels / 'none.pt'}: cannot be read: No such file")
    refused(platelight("export", "reader", broken, *out), f"{broken}: not a checkpoint of")


def test_a_device_that_is_not_there_is_named(platelight: Run, labels: Path) -> None:
    refused(platelight("train", "reader", "--data", labels, "--out", labels.parent / "out", "--device", "abacus"), "device 'abacus' cannot be used")


def test_data_without_a_usable_plate_ends_with_one(platelight: Run, labels: Path) -> None:
    ran = platelight("train", "reader", "--data", labels, "--out", labels.parent / "out", "--workers", 0)
    refused(ran, "plates/train.jsonl: no usable plate with a text", status=1)


@pytest.mark.parametrize("content", ["{", "[1]"])
def test_an_extra_file_that_is_no_json_object_is_named(platelight: Run, labels: Path, content: str) -> None:
    (labels / "extra.json").write_text(content, encoding="utf-8")
    ran = platelight("export", "reader", "x.pt", "--data", labels, "--out", labels.parent / "out", "--extra", labels / "extra.json")
    refused(ran, "extra.json: ")


@pytest.mark.parametrize("options", [["--steps", "0"], ["--minutes", "-1"], ["--workers", "many"], ["--nonsense"]])
def test_wrong_options_are_wrong_usage(platelight: Run, tmp_path: Path, options: list[str]) -> None:
    ran = platelight("train", "reader", "--data", tmp_path, "--out", tmp_path / "out", *options)
    assert ran.status == 2
    assert options[0] in ran.err


@pytest.mark.parametrize("command", [["train", "reader"], ["export", "reader", "x.pt"]])
def test_without_torch_the_line_that_installs_it_is_printed(command: list[str], tmp_path: Path) -> None:
    program = "import sys; sys.modules['torch'] = None; from platelight.cli.app import main; main()"
    words = [sys.executable, "-c", program, *command, "--data", str(tmp_path), "--out", str(tmp_path / "out")]
    ran = subprocess.run(words, capture_output=True, text=True, check=False, env={"PYTHONPATH": ":".join(sys.path)})
    assert ran.returncode == 1
    assert ran.stderr == "platelight: this needs torch, which is not installed: pip install 'platelight[train]'\n"
