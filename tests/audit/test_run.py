from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from made import BMW, OPEL, Records, advert, drawn, find
from PIL import Image as Pillow

from platelight.audit.judge import Judge
from platelight.audit.reading import by_advert, seen_of, sources
from platelight.audit.records import Advert, Find
from platelight.audit.report import Facts, Style
from platelight.audit.run import Summary, audit
from platelight.audit.tables import columns
from platelight.batch import read_rows
from platelight.register.records import Claim

FACTS = Facts("adverts.csv", "cars.sqlite", datetime(2026, 1, 2, tzinfo=UTC), "", "0.1.0")


def read(source: str, *finds: Find, error: str | None = None) -> dict[str, Any]:
    """A photo in the shape of `platelight read --format jsonl`."""
    plates = [
        {
            "text": item.text, "confidence": item.confidence, "country": item.country, "template": item.template, "flags": list(item.flags),
            "corners": [list(corner) for corner in item.quad.corners], "score": item.score,
            "candidates": [{"text": c.text, "confidence": c.probability, "country": c.country, "template": item.template} for c in item.candidates],
        }
        for item in finds
    ]  # fmt: skip
    return {"source": source, "width": 1000, "height": 750, "error": error, "plates": plates}


@pytest.fixture
def photos(tmp_path: Path) -> dict[str, str]:
    shown = {"bmw": [find("AA1234BB")], "opel": [find("KA7777HX")], "empty": []}
    for name, finds in shown.items():
        Pillow.fromarray(drawn(finds)).save(tmp_path / f"{name}.jpg")
    return {name: str(tmp_path / f"{name}.jpg") for name in shown}


def given(photos: dict[str, str]) -> tuple[list[Advert], list[dict[str, Any]]]:
    truth, lie = Claim("BMW", "X5", 2015, "black"), Claim("=HYPERLINK(1)", None, 2015, None)
    adverts = [
        advert(truth, id="true", photos=(photos["bmw"],), photo_names=("bmw.jpg",), extra={"price": "9"}),
        advert(Claim("Audi", "A6"), id="lie", line=3, photos=(photos["empty"], photos["bmw"]), photo_names=("empty.jpg", "bmw.jpg")),
        advert(lie, id="broken", line=4, photos=("gone.jpg",), photo_names=("gone.jpg",)),
        advert(truth, id="none", line=5, photos=(), photo_names=()),
        advert(truth, id="other", line=6, photos=(photos["opel"],), photo_names=("opel.jpg",)),
    ]
    rows = [
        read(photos["bmw"], find("AA1234BB")), read(photos["empty"]), read(photos["bmw"], find("AA1234BB", photo=1)),
        read("gone.jpg", error="gone.jpg: no such file"), read(photos["opel"], find("KA7777HX")),
    ]  # fmt: skip
    return adverts, rows


def run(tmp_path: Path, photos: dict[str, str], notes: list[str], **options: Any) -> Summary:
    adverts, rows = given(photos)
    judge = Judge(Records({BMW.plate: (BMW,), OPEL.plate: (OPEL,)}))
    (tmp_path / "out").mkdir(exist_ok=True)
    return audit(adverts, rows, judge, tmp_path / "out", FACTS, note=notes.append, **options)


def test_an_audit_writes_one_row_an_advert_and_counts(tmp_path: Path, photos: dict[str, str]) -> None:
    notes: list[str] = []
    summary = run(tmp_path, photos, notes)
    assert {name: count for name, count in summary.counts.items() if count} == {"contradicted": 2, "no_photo": 2, "confirmed": 1}
    assert (summary.adverts, summary.photos, summary.failed_photos) == (5, 5, 1)
    assert notes == ["gone.jpg: no such file"]
    rows = {row["id"]: row for row in read_rows(summary.parquet)}
    assert list(rows) == ["true", "lie", "broken", "none", "other"]
    lie = rows["lie"]
    assert (lie["verdict"], lie["plate"], lie["make_claimed"], lie["make_registered"], lie["make_verdict"]) == (
        "contradicted",
        "AA1234BB",
        "Audi",
        "BMW",
        "mismatch",
    )
    assert lie["photos"] == ["empty.jpg", "bmw.jpg"]
    assert lie["photo"] == photos["bmw"]
    assert (tmp_path / "out" / lie["evidence"]).exists()
    assert (tmp_path / "out" / lie["crop"]).exists()
    assert rows["true"]["input_price"] == "9"
    assert rows["broken"]["photo_errors"] == ["gone.jpg: no such file"]


def test_the_csv_says_the_same_and_holds_no_formula(tmp_path: Path, photos: dict[str, str]) -> None:
    summary = run(tmp_path, photos, [])
    data = summary.csv.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = {row["id"]: row for row in csv.DictReader(data.decode("utf-8-sig").splitlines())}
    assert list(rows["true"]) == list(columns(given(photos)[0]))
    assert rows["lie"]["photos"] == "empty.jpg; bmw.jpg"
    assert rows["broken"]["make_claimed"] == "'=HYPERLINK(1)"
    assert rows["true"]["verdict"] == "confirmed"


def test_a_second_audit_into_the_same_folder_replaces_the_first(tmp_path: Path, photos: dict[str, str]) -> None:
    first = run(tmp_path, photos, [])
    files = sorted(path for path in (tmp_path / "out").rglob("*") if path.is_file())
    second = run(tmp_path, photos, [], style=Style(redacted=True))
    assert second == first
    assert sorted(path for path in (tmp_path / "out").rglob("*") if path.is_file()) == files


def test_adverts_that_are_skipped_stand_in_the_tables_without_evidence(tmp_path: Path, photos: dict[str, str]) -> None:
    summary = run(tmp_path, photos, [], style=Style(skip=frozenset({"confirmed"})))
    rows = {row["id"]: row for row in read_rows(summary.parquet)}
    assert (rows["true"]["verdict"], rows["true"]["evidence"]) == ("confirmed", None)
    assert rows["lie"]["evidence"] is not None


def test_photos_that_vanish_after_reading_are_noted(tmp_path: Path, photos: dict[str, str]) -> None:
    Path(photos["opel"]).unlink()
    notes: list[str] = []
    summary = run(tmp_path, photos, notes)
    assert summary.counts["contradicted"] == 2
    assert any("opel.jpg: no such file" in message for message in notes)


def test_rows_are_taken_one_advert_at_a_time(photos: dict[str, str]) -> None:
    adverts, rows = given(photos)
    taken = []

    def stream() -> Iterator[dict[str, Any]]:
        for row in rows:
            taken.append(row["source"])
            yield row

    pairs = by_advert(adverts, stream())
    assert next(pairs)[0].id == "true"
    assert len(taken) == 1
    assert [len(seen) for _, seen in pairs] == [2, 1, 0, 1]
    assert list(sources(adverts)) == [row["source"] for row in rows]


def test_a_row_becomes_finds() -> None:
    one = seen_of(read("a.jpg", find("AA1234BB", flags=("tilted",))), 3)
    assert one.finds == (find("AA1234BB", flags=("tilted",), photo=3),)
    assert seen_of(read("a.jpg", error="broken"), 0).error == "broken"
