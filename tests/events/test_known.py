from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from platelight.events import EventsError, Known, KnownPlates, Match
from platelight.events.known import distance

TEXTS = st.text("0OQD1IL8B5S2Z6GAX7", min_size=1, max_size=9)
ANNA, BEN = Known("AB12CDE", "Anna"), Known("KX77PLO", "Ben")


def names(*texts: str) -> KnownPlates:
    return KnownPlates([Known(text, f"name of {text}") for text in texts])


def test_the_same_text_is_a_match_of_distance_0() -> None:
    assert KnownPlates([ANNA, BEN]).match("KX77PLO") == Match("Ben", "KX77PLO", 0.0)


@pytest.mark.parametrize(
    ("read", "cost"), [("A812CDE", 0.25), ("ABI2CDE", 0.25), ("ABIZCDE", 0.5), ("AB12CD", 1.0), ("AB12CDEX", 1.0), ("AB12CDF", 0.5), ("AB12CKE", 1.0)]
)
def test_a_misread_character_is_forgiven_and_a_look_alike_more_so(read: str, cost: float) -> None:
    assert KnownPlates([ANNA, BEN]).match(read) == Match("Anna", "AB12CDE", cost)


@pytest.mark.parametrize("read", ["AB12CKX", "AB12C", "XX77PLZ", "ZZ99ZZZ", "", None, "Ж", "0"])
def test_what_is_too_far_or_no_plate_is_no_match(read: str | None) -> None:
    assert KnownPlates([ANNA, BEN]).match(read) is None


def test_the_tolerance_is_what_was_asked_for() -> None:
    assert KnownPlates([ANNA], tolerance=0).match("A812CDE") is None
    assert KnownPlates([ANNA], tolerance=0).match("AB12CDE") is not None
    assert KnownPlates([ANNA], tolerance=0.25).match("A812CDE") is not None
    assert KnownPlates([ANNA], tolerance=0.25).match("AB12CDF") is None
    assert KnownPlates([ANNA], tolerance=2).match("AB12CKD") is None  # more than a quarter of seven characters
    with pytest.raises(EventsError, match="from 0 to 4, got -1"):
        KnownPlates([ANNA], tolerance=-1)


def test_a_near_miss_of_two_is_not_guessed() -> None:
    assert names("AB12CDE", "AB12CDF").match("AB12CDK") is None
    assert names("AB12CD8", "AB12CDB").match("AB12CDO") is None
    assert names("AB12CDE", "AB12CDF").match("AB12CDE") is not None  # nothing is missed here


def test_of_two_the_one_that_is_much_nearer_is_named() -> None:
    match = names("AB12CDE", "KB12CDE").match("A812CDE")
    assert match is not None
    assert match.text == "AB12CDE"


def test_short_plates_must_agree_better_than_long_ones() -> None:
    assert names("AB1").match("AB4") is None
    assert names("AB1").match("ABI") is not None


@given(TEXTS, TEXTS)
def test_the_distance_is_one_between_texts(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)
    assert Levenshtein.distance(one, other) / 4 <= distance(one, other) <= Levenshtein.distance(one, other)


@given(st.lists(TEXTS.filter(lambda text: len(text) >= 2), unique=True, max_size=6), TEXTS, st.sampled_from([0.25, 0.5, 1.0, 2.0]))
def test_the_quick_look_leaves_no_match_out(known: list[str], read: str, tolerance: float) -> None:
    plates = KnownPlates([Known(text, text) for text in known if text.strip("0") and text.strip("X")], tolerance)
    match = plates.match(read)
    near = sorted(cost for cost in (distance(read, text) for text in plates.names) if cost <= tolerance)
    if match is not None:
        assert match.distance == near[0] == distance(read, match.text)


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "text,name\nab-12 cde,Anna\n\nKX77 PLO,Ben\n"),
        ("a.csv", "\ufeffName;Note;Plate\nAnna;red;AB12CDE\nBen;;kx77plo\n"),
        ("a.txt", "# ours\nAB12CDE Anna # red\n\nKX77PLO Ben\n"),
        ("a.toml", '[plates]\n"AB12 CDE" = "Anna"\nKX77PLO = "Ben"\n'),
        ("a.toml", '[plates]\nAnna = ["AB12CDE"]\nBen = ["KX77-PLO"]\n'),
        ("a.toml", 'Anna = ["АВ12СDЕ"]\nBen = ["KX77PLO"]\n'),  # А, В, С and Е are Cyrillic
    ],
)
def test_lists_are_read_in_every_form(tmp_path: Path, name: str, content: str) -> None:
    assert KnownPlates.from_file(written(tmp_path, name, content)).names == {"AB12CDE": "Anna", "KX77PLO": "Ben"}


def test_a_line_without_a_name_has_its_text_for_one(tmp_path: Path) -> None:
    assert KnownPlates.from_file(written(tmp_path, "list", "AB12CDE\n")).names == {"AB12CDE": "AB12CDE"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "number plate,owner\nAB12CDE,Anna\n", "must name the columns text and name, it names number plate, owner"),
        ("a.csv", "", "must name the columns text and name, it names none"),
        ("a.csv", "text,name\nAB12CDE,Anna\nЖЖ77,Ben\n", "a.csv: line 3: 'ЖЖ77' holds the letter 'Ж'"),
        ("a.txt", "A Anna\n", "a.txt: line 1: 'A' has 1 character"),
        ("a.txt", "AB12CDE Anna\nab12cde Ben\n", "a.txt: the known plate AB12CDE has two names: 'Anna' and 'Ben'"),
        ("a.toml", "plates = {", "is no TOML"),
        ("a.toml", "[plates]\nAnna = 7\n", "a plate's name or a list of plates is wanted, not 7"),
    ],
)
def test_what_is_wrong_in_a_list_is_said_with_its_place(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(EventsError, match=message):
        KnownPlates.from_file(written(tmp_path, name, content))


def test_a_list_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(EventsError, match=r"none\.csv: cannot be read \(No such file"):
        KnownPlates.from_file(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_bytes(b"text,name\n\xff\xfe,x\n")
    with pytest.raises(EventsError, match="is not text in UTF-8"):
        KnownPlates.from_file(tmp_path / "a.csv")
