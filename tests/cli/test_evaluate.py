from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from platelight import images
from platelight.cli.app import app
from platelight.dataset import LabelledImage, PlateLabel, write_labels
from platelight.geometry import Box
from platelight.records import Candidate, Decoding, Detection, Photo, Plate, Reading

BOX = Box(20, 10, 60, 30)


class Scripted:
    """Stands for Platelight: reads AB12 in the same place of every picture."""

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def read_many(self, sources: Iterable[Any], /, *, crops: bool = False) -> Iterator[Photo]:
        reading = Reading(np.zeros((0, 40), np.float32), (), "A", np.zeros(1, np.float32), ("de",), 1, 1.0)
        best = Candidate("AB12", "de", None, 0.0)
        plate = Plate(Detection(BOX.quad(), 0.8), reading, Decoding(best, (best,), "AS_READ", 0.9))
        for index, source in enumerate(sources):
            try:
                images.load(source)
            except images.ImageError as error:
                yield Photo(str(source), index, 0, 0, error=str(error))
            else:
                yield Photo(str(source), index, 80, 40, (plate,))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("platelight.pipeline.Platelight", Scripted)
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("a-1.png", "a-2.png"):
        Image.new("RGB", (80, 40), (90, 120, 30)).save(folder / name)
    texts = {"a-1.png": "AB12", "a-2.png": "AB13"}
    write_labels(folder / "dev.jsonl", [LabelledImage(folder / name, 80, 40, "a", (PlateLabel(box=BOX, text=text),)) for name, text in texts.items()])
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
    assert [(Path(row["source"]).name, row["plates"][0]["text"]) for row in rows] == [("a-1.png", "AB12"), ("a-2.png", "AB12")]
    with Image.open(sheet) as picture:
        assert picture.width > 200


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
