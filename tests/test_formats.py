from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from contracts import ALPR, OPENALPR, SNAPSHOT, differences

from platelight import Candidate, Decoding, Detection, Photo, Plate, Quad, Reading
from platelight.formats import CSV_COLUMNS, SHAPES, codeproject, one_line, openalpr, platerecognizer, shape, writer
from platelight.records import ALPHABET

QUAD = Quad(((512.1, 640.0), (701.3, 642.2), (700.8, 683.0), (511.7, 680.9)))


def plate(text: str | None = "AC4921CB", flags: tuple[str, ...] = ()) -> Plate:
    read = text or ""
    rows = np.full((len(read), len(ALPHABET) + 1), -9.0, np.float32)
    rows[np.arange(len(read)), [ALPHABET.index(character) + 1 for character in read]] = -0.01
    reading = Reading(rows, (0,) * len(read), ALPHABET, np.zeros(0, np.float32), (), 1, 0.99)
    candidates = (Candidate(read, "ua", "ua-2015", -0.02, (0.99,) * len(read)), Candidate("AC4921C8", "ua", None, -4.0)) if text else ()
    decoding = Decoding(candidates[0] if candidates else None, candidates, "AS_READ", 0.981 if text else 0.0, (0.981, 0.01) if text else ())
    return Plate(Detection(QUAD, 0.97), reading, decoding, flags)


PHOTO = Photo("dir/a, b.jpg", 0, 1280, 960, (plate(), plate(None, ("cut_off", "unreadable"))))
EMPTY = Photo("empty.jpg", 1, 10, 20)
BROKEN = Photo("broken.jpg", 2, 0, 0, error="broken.jpg: the file is empty")


def printed(name: str, *photos: Photo) -> str:
    form = writer(name)
    return form.start() + "".join(form.photo(photo) for photo in photos) + form.end()


def rows(name: str) -> list[Any]:
    return [json.loads(line) for line in printed(name, PHOTO, EMPTY, BROKEN).splitlines()]


def test_jsonl_is_the_documented_shape() -> None:
    first, empty, broken = rows("jsonl")
    assert first["plates"][0] == {
        "text": "AC4921CB", "raw_text": "AC4921CB", "confidence": 0.981, "country": "ua", "template": "ua-2015", "region": None, "lines": 1,
        "reason": "AS_READ", "flags": [], "corners": [[512.1, 640.0], [701.3, 642.2], [700.8, 683.0], [511.7, 680.9]],
        "box": [511.7, 640.0, 189.6, 43.0], "score": 0.97, "char_confidences": [0.99] * 8,
        "candidates": [
            {"text": "AC4921CB", "confidence": 0.981, "country": "ua", "template": "ua-2015"},
            {"text": "AC4921C8", "confidence": 0.01, "country": "ua", "template": None},
        ],
    }  # fmt: skip
    assert first["plates"][1]["text"] is None
    assert first["plates"][1]["flags"] == ["cut_off", "unreadable"]
    assert empty == {"source": "empty.jpg", "width": 10, "height": 20, "error": None, "plates": []}
    assert broken["error"] == "broken.jpg: the file is empty"


def test_csv_has_a_row_for_every_plate_and_every_photo_without() -> None:
    table = list(csv.DictReader(io.StringIO(printed("csv", PHOTO, EMPTY, BROKEN))))
    assert tuple(table[0]) == CSV_COLUMNS
    assert [row["source"] for row in table] == ["dir/a, b.jpg", "dir/a, b.jpg", "empty.jpg", "broken.jpg"]
    assert (table[0]["text"], table[0]["confidence"], table[0]["x"], table[0]["x2"]) == ("AC4921CB", "0.981", "511.7", "700.8")
    assert table[0]["candidates"] == "AC4921CB:0.981;AC4921C8:0.01"
    assert (table[1]["text"], table[1]["flags"]) == ("", "cut_off;unreadable")
    assert all(value == "" for key, value in table[2].items() if key != "source")
    assert table[3]["error"] == "broken.jpg: the file is empty"


def test_table_lines_up() -> None:
    lines = printed("table", PHOTO, EMPTY, BROKEN, Photo("x" * 50 + "/end.jpg", 3, 1, 1)).splitlines()
    assert [line.index(word) for line, word in zip(lines[:3], ("text", "AC4921CB", "-"), strict=True)] == [34, 34, 34]
    assert "cut_off, unreadable" in lines[2]
    assert "no plate found" in lines[3]
    assert "error" in lines[4]
    assert lines[5].startswith("…")
    assert "/end.jpg" in lines[5]


def test_the_table_says_what_the_network_read_where_that_was_changed() -> None:
    as_read = plate()
    corrected = replace(as_read, decoding=Decoding(Candidate("AC4921CO", "ua", "ua-2015", -0.1), (), "CORRECTED", 0.7))
    first, second = printed("table", replace(PHOTO, plates=(as_read, corrected))).splitlines()[1:]
    assert "read" not in first
    assert second.endswith("network read AC4921CB")


def test_openalpr() -> None:
    result, _, broken = rows("openalpr")
    assert (result["version"], result["data_type"], result["img_width"], result["img_height"]) == (2, "alpr_results", 1280, 960)
    [found] = result["results"]
    assert (found["plate"], found["confidence"], found["matches_template"], found["region"], found["plate_index"]) == ("AC4921CB", 98.1, 1, "ua", 0)
    assert found["coordinates"][0] == {"x": 512, "y": 640}
    assert found["candidates"][1] == {"plate": "AC4921C8", "confidence": 1.0, "matches_template": 0}
    assert broken["results"] == []
    assert broken["error"] == "broken.jpg: the file is empty"
    assert isinstance(openalpr(PHOTO)["epoch_time"], int)


def test_platerecognizer() -> None:
    result = platerecognizer(PHOTO)
    assert result["filename"] == "a, b.jpg"
    [found] = result["results"]
    assert found["box"] == {"xmin": 512, "ymin": 640, "xmax": 701, "ymax": 683}
    assert (found["plate"], found["score"], found["dscore"], found["region"]["code"]) == ("ac4921cb", 0.981, 0.97, "ua")
    assert found["candidates"] == [{"plate": "ac4921cb", "score": 0.981}, {"plate": "ac4921c8", "score": 0.01}]
    assert json.loads(json.dumps(result)) == result


def test_codeproject() -> None:
    result = codeproject(PHOTO, 0.0314)
    assert (result["success"], result["count"], result["message"], result["inferenceMs"], result["code"]) == (True, 1, "Found AC4921CB", 31, 200)
    assert result["predictions"] == [
        {"confidence": 0.981, "label": "Plate: AC4921CB", "plate": "AC4921CB", "x_min": 512, "y_min": 640, "x_max": 701, "y_max": 683}
    ]
    assert codeproject(EMPTY)["message"] == "No plates found"
    broken = codeproject(BROKEN)
    assert (broken["success"], broken["error"], broken["predictions"]) == (False, "broken.jpg: the file is empty", [])
    assert rows("codeproject")[0]["predictions"] == result["predictions"]


@pytest.mark.parametrize(("name", "contract"), [("openalpr", OPENALPR), ("platerecognizer", SNAPSHOT), ("codeproject", ALPR)])
def test_shapes_keep_to_what_is_published(name: str, contract: dict[str, Any]) -> None:
    assert differences(json.loads(json.dumps(shape(name, PHOTO, 0.05))), contract) == []
    assert set(SHAPES) == {"openalpr", "platerecognizer", "codeproject"}


def test_differences_are_noticed() -> None:
    assert differences({"a": 1}, {"a": float, "b": str}) == [".b: only on one side", ".a: 1 is no <class 'float'>"]
    assert differences({"a": True}, {"a": int}) == [".a: True is no <class 'int'>"]
    assert differences({"a": []}, {"a": [int]}) == [".a: [] is no filled list"]


def test_the_country_that_was_decided_is_the_region_and_its_chance_is_told() -> None:
    found = plate()
    seen = replace(found, reading=replace(found.reading, countries=("de", "ua"), country_log_probs=np.log([0.25, 0.75]).astype(np.float32)))
    photo = replace(PHOTO, plates=(seen,))
    assert platerecognizer(photo)["results"][0]["region"] == {"code": "ua", "score": 0.75}
    assert (openalpr(photo)["results"][0]["region"], openalpr(photo)["results"][0]["region_confidence"]) == ("ua", 75)
    decided = replace(seen, decoding=replace(seen.decoding, best=Candidate("6ABC123", "us", "us-ca-current", -0.1, (), "us-ca")))
    assert platerecognizer(replace(PHOTO, plates=(decided,)))["results"][0]["region"] == {"code": "us-ca", "score": 0.0}


def test_an_unknown_shape() -> None:
    with pytest.raises(ValueError, match="shape must be one of openalpr, platerecognizer, codeproject, got 'table'"):
        shape("table", PHOTO)


def test_an_unknown_format() -> None:
    with pytest.raises(ValueError, match="format must be one of table, jsonl, csv, openalpr, platerecognizer, codeproject, got 'xml'"):
        writer("xml")


@pytest.mark.parametrize("name", ["a\rb.jpg", "a\nb.jpg", 'a"b,c.jpg', "a\r\nb.jpg"])
def test_csv_keeps_names_that_need_quoting(name: str) -> None:
    table = list(csv.DictReader(io.StringIO(printed("csv", replace(EMPTY, source=name)), newline="")))
    assert [row["source"] for row in table] == [name]


@pytest.mark.parametrize("name", ["=1+1.jpg", "+1.jpg", "-1.jpg", "@SUM(A1).jpg", "\t=1.jpg"])
def test_csv_holds_nothing_that_a_spreadsheet_takes_for_a_formula(name: str) -> None:
    photos = (replace(PHOTO, source=name), replace(EMPTY, source=name), replace(BROKEN, source=name, error=f"{name}: broken"))
    table = list(csv.DictReader(io.StringIO(printed("csv", *photos))))
    assert {row["source"] for row in table} == {f"./{name}"}
    assert table[-1]["error"] == f"./{name}: broken"


def test_a_name_stays_on_its_line_of_the_table_and_does_not_steer_the_terminal() -> None:
    out = printed("table", replace(EMPTY, source="a\nb\x1b[31m.jpg"))
    assert len(out.splitlines()) == 2
    assert out.splitlines()[1].startswith("a\\nb\\x1b[31m.jpg ")
    assert one_line("Ümlaut 日本 \udcff.jpg") == "Ümlaut 日本 \\udcff.jpg"


def test_jsonl_of_a_name_that_is_no_utf8() -> None:
    line = printed("jsonl", replace(EMPTY, source="a\udcff\n.jpg")).encode("utf-8", "backslashreplace")
    assert json.loads(line)["source"] == "a\udcff\n.jpg"
