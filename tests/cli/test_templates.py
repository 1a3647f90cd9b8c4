from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from platelight.cli.app import app
from platelight.templates import load

RUN = CliRunner()


def test_json_tells_everything_about_the_types_asked_for() -> None:
    result = RUN.invoke(app, ["templates", "--country", "UA, br", "--format", "json"])
    assert result.exit_code == 0
    rows = json.loads(result.stdout)
    expected = [template for template in load() if template.country in ("ua", "br")]
    assert [row["id"] for row in rows] == [template.id for template in expected]
    for row, template in zip(rows, expected, strict=True):
        assert template.matches(row["example"].replace(" ", ""))
        assert row["patterns"] == list(template.patterns)
        assert row["source"] == template.source
        assert row["size_mm"] == list(template.size_mm)


def test_table_shows_patterns_as_written() -> None:
    result = RUN.invoke(app, ["templates", "--country", "us"])
    assert result.exit_code == 0
    assert "[123456789OND]LL 999" in result.stdout  # brackets are no markup
    assert "1987-" in result.stdout
    assert "305x152" in result.stdout
    assert all(template.id in result.stdout for template in load() if template.country == "us")


def test_all_countries_are_listed_by_default() -> None:
    result = RUN.invoke(app, ["templates", "--format", "json"])
    assert len(json.loads(result.stdout)) == len(load())


@pytest.mark.parametrize(("codes", "message"), [("zz", "no plate types for 'zz'"), ("ua,zz", "no plate types for 'zz'"), (",", "names no country")])
def test_an_unknown_country_is_wrong_usage(codes: str, message: str) -> None:
    result = RUN.invoke(app, ["templates", "--country", codes])
    assert result.exit_code == 2
    assert message in result.stderr


def test_draw_writes_a_picture_that_is_the_same_in_every_run(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        result = RUN.invoke(app, ["templates", "--country", "br", "--draw", str(tmp_path / name)])
        assert result.exit_code == 0, result.stderr
        assert "types" in result.stdout
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.width > 1000


@pytest.mark.parametrize(("name", "why"), [("sheet.txt", "must end in"), ("absent/sheet.png", "there is no folder")])
def test_draw_refuses_a_name_it_cannot_write(tmp_path: Path, name: str, why: str) -> None:
    result = RUN.invoke(app, ["templates", "--country", "br", "--draw", str(tmp_path / name)])
    assert result.exit_code == 2
    assert why in " ".join(result.stderr.split())
