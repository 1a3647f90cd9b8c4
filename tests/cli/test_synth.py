from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from platelight.cli.app import app
from platelight.dataset import read_labels

RUN = CliRunner()


def test_plates_of_two_countries_are_written(tmp_path: Path) -> None:
    result = RUN.invoke(app, ["synth", "--kind", "plates", "--count", "5", "--seed", "3", "--out", str(tmp_path / "out"), "--country", "UA,pl"])
    assert result.exit_code == 0
    assert result.stdout == f"{tmp_path / 'out' / 'train.jsonl'}\n"
    records = read_labels(tmp_path / "out" / "train.jsonl")
    assert len(records) == 5
    assert {plate.country for record in records for plate in record.plates} <= {"ua", "pl"}
    assert all(record.path.is_file() for record in records)


def test_nonplates_have_no_plates(tmp_path: Path) -> None:
    assert RUN.invoke(app, ["synth", "--kind", "nonplates", "--count", "4", "--out", str(tmp_path / "out")]).exit_code == 0
    assert [record.plates for record in read_labels(tmp_path / "out" / "train.jsonl")] == [()] * 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--country", "zz"], "no template of zz"),
        (["--country", ""], "names no country"),
        (["--backgrounds", "nowhere"], "nowhere: no label file"),
        (["--count", "0"], "--count"),
        (["--kind", "cars"], "--kind"),
    ],
)
def test_wrong_usage_ends_with_two_and_says_why(tmp_path: Path, options: list[str], message: str) -> None:
    result = RUN.invoke(app, ["synth", "--out", str(tmp_path / "out"), *options])
    assert result.exit_code == 2
    assert message in result.output
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_another_run_is_refused(tmp_path: Path) -> None:
    arguments = ["synth", "--count", "2", "--out", str(tmp_path)]
    assert RUN.invoke(app, arguments).exit_code == 0
    result = RUN.invoke(app, [*arguments, "--seed", "9"])
    assert result.exit_code == 2
    assert "another synth run" in result.output


def film_of(out: Path, *options: str) -> list[str]:
    return ["synth", "--kind", "video", "--count", "1", "--seconds", "0.6", "--fps", "5", "--size", "320x180", "--out", str(out), *options]


def test_a_film_is_written_with_the_truth_about_its_passes(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="PyAV is not installed")
    from platelight.video import Video

    result = RUN.invoke(app, film_of(tmp_path / "out", "--seed", "2"))
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{tmp_path / 'out' / 'passes.jsonl'}\n"
    film = tmp_path / "out" / "0000000.mp4"
    with Video(str(film)) as video:
        frames = list(video)
    assert [frame.pixels.shape for frame in frames] == [(180, 320, 3)] * 3
    passes = [json.loads(line) for line in (tmp_path / "out" / "passes.jsonl").read_text(encoding="utf-8").splitlines()]
    assert all(passed["video"] == film.name and passed["text"] for passed in passes)
    written = film.stat().st_mtime_ns
    assert RUN.invoke(app, film_of(tmp_path / "out", "--seed", "2")).exit_code == 0
    assert film.stat().st_mtime_ns == written
    refused = RUN.invoke(app, film_of(tmp_path / "out", "--seed", "3"))
    assert refused.exit_code == 2
    assert "another synth run" in refused.output


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--size", "big"], "is no size"), (["--size", "9999x10"], "is no size"), (["--seconds", "0"], "--seconds"), (["--passes", "-1"], "--passes")],
)
def test_a_film_that_cannot_be_drawn_is_refused(tmp_path: Path, options: list[str], message: str) -> None:
    result = RUN.invoke(app, film_of(tmp_path / "out", *options))
    assert result.exit_code == 2
    assert message in result.output
    assert not (tmp_path / "out").exists()


def test_traffic_without_plates(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="PyAV is not installed")
    assert RUN.invoke(app, film_of(tmp_path / "out", "--passes", "0")).exit_code == 0
    assert (tmp_path / "out" / "passes.jsonl").read_text(encoding="utf-8") == ""
