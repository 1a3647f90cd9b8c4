from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from platelight.cli.app import app
from platelight.dataset import LabelledImage, PlateLabel, write_labels
from platelight.geometry import Box

BOX = Box(100, 60, 220, 90)


@pytest.fixture
def data(tmp_path: Path, stand_in: Path) -> Path:
    """Two pictures of the plate that the stand-in reads as AB12CDE; the second is labelled otherwise."""
    folder = tmp_path / "mine"
    folder.mkdir()
    pixels = np.full((160, 320, 3), 60, np.uint8)
    pixels[60:90, 100:220] = 255
    labelled = []
    for name, text, country in (("a-1.png", "AB12CDE", "ua"), ("a-2.png", "AB12CDF", "gb")):
        Image.fromarray(pixels).save(folder / name)
        labelled.append(LabelledImage(folder / name, 320, 160, "a", (PlateLabel(box=BOX, text=text, country=country),)))
    write_labels(folder / "dev.jsonl", labelled)
    return folder


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def test_prints_a_table(data: Path) -> None:
    result = run(data)
    assert result.exit_code == 0, result.output
    assert "mine/dev" in result.stdout
    assert "0.5000" in result.stdout


def test_prints_json(data: Path) -> None:
    report = json.loads(run(data, data / "dev.jsonl", "--format", "json").stdout)
    assert [row["exact"]["value"] for row in report["sets"]] == [0.5, 0.5]
    assert report["pooled"]["exact"]["total"] == 4


def test_writes_predictions_and_the_sheet(data: Path, tmp_path: Path) -> None:
    predictions, sheet = tmp_path / "read.jsonl", tmp_path / "out" / "wrong.png"
    assert run(data, "--predictions", predictions, "--sheet", sheet).exit_code == 0
    rows = [json.loads(line) for line in predictions.read_text(encoding="utf-8").splitlines()]
    assert [(Path(row["source"]).name, row["plates"][0]["text"]) for row in rows] == [("a-1.png", "AB12CDE"), ("a-2.png", "AB12CDE")]
    with Image.open(sheet) as picture:
        assert picture.width > 200


def test_a_file_that_cannot_be_written_loses_no_measures(data: Path, tmp_path: Path) -> None:
    result = run(data, "--predictions", tmp_path / "none" / "read.jsonl")
    assert result.exit_code == 1
    assert "mine/dev" in result.stdout


def test_an_unreadable_picture_is_named_and_gives_status_1(data: Path) -> None:
    (data / "a-2.png").write_bytes(b"")
    result = run(data)
    assert result.exit_code == 1
    assert "a-2.png: the file is empty" in result.stderr
    assert "2 (1 unreadable)" in result.stdout


@pytest.mark.parametrize(("arguments", "message"), [(["--split", "train"], "no split 'train'"), (["--format", "xml"], "xml")])
def test_wrong_usage_gives_status_2(data: Path, arguments: list[str], message: str) -> None:
    result = run(data, *arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


def test_a_broken_label_file_is_named_with_its_line(data: Path) -> None:
    (data / "dev.jsonl").write_text("{\n", encoding="utf-8")
    result = run(data)
    assert result.exit_code == 2
    assert "line 1" in " ".join(result.output.split())


@pytest.mark.parametrize("arguments", [[], ["--country-hint"], ["--crops"], ["--crops", "--country-hint"]])
def test_every_way_of_reading_is_judged_alike(data: Path, arguments: list[str]) -> None:
    measured = json.loads(run(data, "--format", "json", *arguments).stdout)["pooled"]
    assert [measured[name]["value"] for name in ("recall50", "precision", "exact")] == [1.0, 1.0, 0.5]
    (mistake,) = measured["mistakes"]
    assert (Path(mistake["image"]).name, mistake["read"]) == ("a-2.png", "AB12CDE")


def test_the_hint_limits_the_types_to_the_labelled_country(data: Path) -> None:
    def types(*hint: str) -> list[str | None]:
        run(data, "--predictions", data / "read.jsonl", *hint)
        rows = [json.loads(line) for line in (data / "read.jsonl").read_text(encoding="utf-8").splitlines()]
        return [row["plates"][0]["template"] for row in rows]

    assert types() == ["gb-current", "gb-current"]
    assert types("--country-hint") == [None, "gb-current"]
