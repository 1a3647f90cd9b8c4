from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from published_register import ADDRESS, write_years

from platelight.register import Register

Run = Callable[..., Any]


@pytest.fixture
def years(tmp_path: Path) -> list[Path]:
    return write_years(tmp_path)


@pytest.fixture
def cars(platelight: Run, years: list[Path], tmp_path: Path) -> Path:
    assert platelight("register", "build", *years, "--out", tmp_path / "cars.sqlite").status == 0
    return tmp_path / "cars.sqlite"


def test_build_says_what_it_made(platelight: Run, years: list[Path], tmp_path: Path) -> None:
    ran = platelight("register", "build", *years, "--out", tmp_path / "cars.sqlite")
    assert ran.status == 0
    assert "5 registrations of 3 plates" in ran.out
    assert "1 rows were there twice and are held once; 3 could not be used, see" in ran.out
    assert f"{years[0]} (1 plate cannot be used)" in ran.out
    assert ran.err == f"platelight: {years[1]}: 1 values of date make no sense and are left out\n"


def test_build_as_json(platelight: Run, years: list[Path], tmp_path: Path) -> None:
    made = json.loads(platelight("register", "build", *years, "--out", tmp_path / "a", "--rejects", tmp_path / "r.csv", "--format", "json").out)
    assert (made["rows"], made["plates"], made["repeated"], made["rejected"], made["rejects"]) == (5, 3, 1, 3, str(tmp_path / "r.csv"))
    assert [file["rejected"] for file in made["files"]] == [{"plate cannot be used": 1}, {"wrong number of fields": 2}, {}]
    assert (tmp_path / "r.csv").read_text(encoding="utf-8").startswith("file,line,reason")


def test_build_with_all_options(platelight: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("Kennung#Marke#Tag\nÖ-1 A#Käfer#12/31/1999\n".encode("cp437"))
    options = ["--map", "plate=Kennung,make=marke", "--map", "date=Tag", "--encoding", "cp437", "--delimiter", "#", "--dates", "mdy", "--vin"]
    assert platelight("register", "build", tmp_path / "a.csv", "--out", tmp_path / "cars.sqlite", *options).status == 0
    with Register(tmp_path / "cars.sqlite") as cars:
        (car,) = cars.lookup("Ö1A")
        assert (car.make, car.date) == ("Käfer", "1999-12-31")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--profile", "mars"], "'mars' is not known; known are ua-mvs"),
        (["--map", "plate"], "'plate' is no mapping"),
        (["--delimiter", "tabs"], "the delimiter is one character"),
        (["--encoding", "utf-9"], "'utf-9' is no encoding"),
        (["--encoding", "base64"], "'base64' is no encoding"),
    ],
)
def test_wrong_usage(platelight: Run, years: list[Path], tmp_path: Path, options: list[str], message: str) -> None:
    ran = platelight("register", "build", *years, "--out", tmp_path / "cars.sqlite", *options)
    assert ran.status == 2
    assert message in " ".join(ran.err.replace("│", " ").split())
    assert not (tmp_path / "cars.sqlite").exists()


def test_files_that_cannot_be_used_are_one_line(platelight: Run, years: list[Path], tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    for name, cause in (("none.csv", "No such file or directory"), ("empty.csv", "the file is empty")):
        ran = platelight("register", "build", *years, tmp_path / name, "--out", tmp_path / "cars.sqlite")
        assert (ran.status, ran.out, ran.err) == (1, "", f"platelight: {tmp_path / name}: {cause}\n")


def test_lookup_in_a_table(platelight: Run, cars: Path) -> None:
    ran = platelight("register", "lookup", "аа 1234-вв", "--register", cars)
    head, newest, oldest = ran.out.splitlines()
    assert (ran.status, head.split()[:3]) == (0, ["plate", "date", "make"])
    assert newest.split()[:6] == ["AA1234BB", "2021-08-17", "BMW", "X5", "2008", "СІРИЙ"]
    assert oldest.split()[1] == "2016-02-03"
    assert ADDRESS not in ran.out


def test_lookup_of_what_is_not_there(platelight: Run, cars: Path) -> None:
    ran = platelight("register", "lookup", "AA1234BB", "AA9999AA", "Ж", "--register", cars)
    assert ran.status == 1
    assert [line.split(maxsplit=1)[1] for line in ran.out.splitlines()[3:]] == [
        "not in the register",
        "not a plate: 'Ж' holds the letter 'Ж', which no plate that can be read has",
    ]


def test_lookup_as_json(platelight: Run, cars: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = platelight("register", "lookup", "KA7777AA", "AA9999AA", "--register", cars, "--format", "json")
    found, missing = json.loads(ran.out)
    assert ran.status == 1
    assert [car["date"] for car in found["registrations"]] == ["2025-01-09", None]
    assert missing == {"plate": "AA9999AA", "normalized": "AA9999AA", "problem": None, "found": False, "registrations": []}
    monkeypatch.setattr(sys, "stdin", io.StringIO("KA7777AA\n\nвс0007ні\n"))
    ran = platelight("register", "lookup", "-", "--register", cars, "--format", "jsonl")
    assert ran.status == 0
    assert [json.loads(line)["normalized"] for line in ran.out.splitlines()] == ["KA7777AA", "BC0007HI"]


def test_info(platelight: Run, cars: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLATELIGHT_REGISTER", str(cars))
    out = platelight("register", "info").out.splitlines()
    assert [line.split()[1] for line in out if line.startswith(("rows", "plates", "last_date"))] == ["5", "3", "2025-01-09"]
    told = json.loads(platelight("register", "info", "--format", "json").out)
    assert (told["rows"], told["size_bytes"], len(told["files"])) == (5, cars.stat().st_size, 3)


@pytest.mark.parametrize("command", [("info",), ("lookup", "AA1234BB")])
def test_a_file_that_is_no_register(platelight: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "a.txt").write_text("nothing", encoding="utf-8")
    ran = platelight("register", *command, "--register", tmp_path / "a.txt")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == f"platelight: {tmp_path / 'a.txt'}: not a register; make one with: platelight register build\n"


def test_progress_on_a_terminal(platelight: Run, years: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platelight.cli.register._SECONDS_BETWEEN", -1)
    monkeypatch.setattr("platelight.cli.register._on_terminal", lambda: True)
    err = platelight("register", "build", *years, "--out", tmp_path / "cars.sqlite").err
    assert "[##############################] 100 %  6 rows," in err
    assert "rows/s" in err
    assert "3 rejected" in err
