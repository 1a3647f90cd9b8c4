from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from platelight.batch import read_rows
from platelight.geometry import Box
from platelight.register import build
from platelight.synth import compose, plate, surround
from platelight.synth.generate import all_templates

Run = Callable[..., Any]


def car(text_seed: int, path: Path) -> str:
    """A photo of a drawn Ukrainian plate on bodywork; gives its text."""
    rng = np.random.default_rng(text_seed)
    params = plate.sample(next(template for template in all_templates() if template.id == "ua-2015"), rng)
    art = plate.render(params, 44)
    ground = surround.render(surround.sample(rng), 360, 480)
    width, height = art.image.shape[1], art.image.shape[0]
    quad = Box(240 - width / 2, 200 - height / 2, 240 + width / 2, 200 + height / 2).quad()
    Pillow.fromarray(compose.place(ground, art.image, art.mask, quad)).save(path, quality=92)
    return "".join(art.text_lines)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three adverts, one of which lies and one of which has a photo that is none, and a register."""
    folder = tmp_path_factory.mktemp("audit")
    (folder / "photos").mkdir()
    texts = [car(seed, folder / "photos" / f"{seed}.jpg") for seed in (3, 4)]
    (folder / "photos" / "broken.jpg").write_bytes(b"no picture")
    with (folder / "register.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(["D_REG", "BRAND", "MODEL", "MAKE_YEAR", "COLOR", "N_REG_NEW"])
        for text in texts:
            rows.writerow(["01.02.2020", "BMW X5", "X5", 2015, "ЧОРНИЙ", text])
    build([folder / "register.csv"], folder / "cars.sqlite")
    adverts = "номер;фото;марка;модель;рік;колір\n1;3.jpg;БМВ;Х5;2015;чорний\n2;4.jpg;Opel;Astra;2015;чорний\n3;broken.jpg;Opel;Astra;2015;\n"
    (folder / "adverts.csv").write_text(adverts, encoding="cp1251")
    return folder


@pytest.mark.slow
def test_adverts_are_checked_from_photos_to_report_and_a_second_run_reads_nothing_again(platelight: Run, folder: Path) -> None:
    out = folder / "out"
    command = (
        "audit", folder / "adverts.csv", "--register", folder / "cars.sqlite", "--out", out, "--map", "id=номер", "--photos", folder / "photos",
        "--country", "ua", "--workers", 1, "--encoding", "cp1251",
    )  # fmt: skip
    ran = platelight(*command)
    assert ran.status == 1  # for the broken photo
    assert "broken.jpg" in ran.err
    assert {row["id"]: row["verdict"] for row in read_rows(out / "adverts.parquet")} == {"1": "confirmed", "2": "contradicted", "3": "no_photo"}
    assert [line.split()[:2] for line in ran.out.splitlines()[:1]] == [["contradicted", "1"]]
    assert (out / "report/contradicted-1.html").exists()
    read_once = {path: path.stat().st_mtime_ns for path in (out / "photos").glob("photos-*.parquet")}
    assert read_once
    assert platelight(*command, "--redacted").status == 1
    assert {path: path.stat().st_mtime_ns for path in read_once} == read_once


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--map", "price=x"], 2, "'price' is not one of"),
        (["--map", "make=nosuch"], 1, "there is no such column"),
        (["--delimiter", "::"], 2, "one character"),
        (["--encoding", "klingon"], 1, "no encoding 'klingon'"),
        (["--sure", "0.1"], 2, "'--sure'"),
        (["--country", ","], 2, "names no country"),
        (["--register", "{folder}/adverts.csv"], 1, "not a register"),
        (["--register", "{folder}/none.sqlite"], 1, "No such file"),
        (["--out", "{folder}/adverts.csv"], 1, "File exists"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(platelight: Run, folder: Path, arguments: list[str], status: int, message: str) -> None:
    defaults = {"--register": str(folder / "cars.sqlite"), "--out": str(folder / "elsewhere"), "--map": "id=номер"}
    given = dict(zip(arguments[::2], (value.format(folder=folder) for value in arguments[1::2]), strict=True))
    ran = platelight("audit", folder / "adverts.csv", *(part for pair in (defaults | given).items() for part in pair))
    assert (ran.status, message in " ".join(ran.err.replace("│", " ").split())) == (status, True), ran.err
    assert "Traceback" not in ran.err


def test_a_missing_table(platelight: Run, folder: Path) -> None:
    ran = platelight("audit", folder / "none.csv", "--register", folder / "cars.sqlite", "--out", folder / "elsewhere")
    assert (ran.status, ran.out) == (1, "")
    assert "none.csv: cannot be read (No such file or directory)" in ran.err
