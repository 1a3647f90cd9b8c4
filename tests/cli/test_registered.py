from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow
from stand_ins import PLATE, street

from platelight.register import Options, build, parse_mapping

Run = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("stand_in")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Pillow.fromarray(street(800, 600, PLATE)).save(tmp_path / "a.png")
    return tmp_path / "a.png"


@pytest.fixture
def cars(tmp_path: Path) -> Path:
    """A register that holds the plate of the photo."""
    (tmp_path / "cars.csv").write_text("number;brand;model;built;paint\nAB12CDE;BMW;X5;2016;black\n", encoding="utf-8")
    columns = parse_mapping(["plate=number,make=brand,model=model,year=built,color=paint"])
    build([tmp_path / "cars.csv"], tmp_path / "cars.sqlite", Options(columns))
    return tmp_path / "cars.sqlite"


def test_json_lines_say_what_the_register_decides(platelight: Run, photo: Path, cars: Path) -> None:
    ran = platelight("read", photo, "--register", cars, "--format", "jsonl", "--top", "1")

    assert (ran.status, ran.err) == (0, "")
    plate = json.loads(ran.out)["plates"][0]
    assert plate["text"] == "AB12CDE"
    assert len(plate["candidates"]) == 1
    assert plate["register"]["text"] == "AB12CDE"
    assert plate["register"]["reading"] == {"text": "AB12CDE", "confidence": plate["confidence"]}
    assert (plate["register"]["known"], plate["register"]["decided_by"]) == (True, "reading")
    assert plate["register"]["registration"]["model"] == "X5"


def test_without_a_register_the_lines_are_as_ever(platelight: Run, photo: Path) -> None:
    assert "register" not in json.loads(platelight("read", photo, "--format", "jsonl").out)["plates"][0]


def test_the_table_names_the_registered_car(platelight: Run, photo: Path, cars: Path) -> None:
    assert "register: BMW X5 2016 black" in platelight("read", photo, "--register", cars).out


def test_a_claim_is_weighed(platelight: Run, photo: Path, cars: Path) -> None:
    plain = json.loads(platelight("read", photo, "--register", cars, "--format", "jsonl").out)["plates"][0]["register"]
    claimed = json.loads(platelight("read", photo, "--register", cars, "--format", "jsonl", "--claim", "make=БМВ, model=X5,year=2016").out)

    assert claimed["plates"][0]["register"]["confidence"] >= plain["confidence"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--claim", "make=BMW"], "give --register too"),
        (["--register", "CARS", "--claim", "wheels=4"], "'wheels=4' is not one of make=..., model=..., year=..., color=..."),
        (["--register", "CARS", "--claim", "year=16"], "year must have four digits, got '16'"),
        (["--register", "CARS", "--format", "csv"], "csv has no place for what a register says; use jsonl or table"),
    ],
)
def test_wrong_usage(platelight: Run, photo: Path, cars: Path, options: list[str], message: str) -> None:
    ran = platelight("read", photo, *(str(cars) if option == "CARS" else option for option in options))

    assert ran.status == 2
    assert message in " ".join(ran.err.replace("│", " ").split())


def test_what_is_no_register_is_named(platelight: Run, photo: Path) -> None:
    ran = platelight("read", photo, "--register", photo)

    assert ran.status == 1
    assert ran.err == f"platelight: {photo}: not a register; make one with: platelight register build\n"
