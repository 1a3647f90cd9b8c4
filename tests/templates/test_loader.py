from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platelight.templates import Choice, Mark, Slot, TemplateError, load_file
from platelight.templates.loader import COLOURS

TYPE = {"id": '"xx-a"', "name": '"car"', "lines": '["LL 99"]', "size_mm": "[520, 110]", "face": '"din"', "source": '"unverified"'}


def write(folder: Path, fields: dict[str, str], head: str = "", name: str = "xx.toml") -> Path:
    """A file with one type; a field set to "" is left out."""
    rows = [f"{key} = {value}" for key, value in (TYPE | fields).items() if value]
    path = folder / name
    path.write_text('country = "xx"\nname = "Land"\n' + head + "\n[[type]]\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def load_one(folder: Path, fields: dict[str, str], head: str = "") -> Any:
    return load_file(write(folder, fields, head))[0]


def test_defaults(tmp_path: Path) -> None:
    made = load_one(tmp_path, {})
    assert (made.id, made.country, made.name, made.face, made.source, made.vehicle) == ("xx-a", "xx", "car", "din", "unverified", "car")
    assert (made.ground, made.ink, made.border) == (COLOURS["white"], COLOURS["black"], COLOURS["black"])
    assert (made.years, made.region, made.bands, made.art, made.frequency) == ((None, None), None, (), "", 1.0)
    assert made.size_mm == (520.0, 110.0)
    assert made.patterns == ("LL 99",)


def test_every_field_arrives(tmp_path: Path) -> None:
    made = load_one(tmp_path, {
        "years": "[1990, 2004]", "vehicle": '"motorcycle"', "region": '"xx-n"', "ground": '"yellow"', "ink": '"#0A0b0c"', "border": '"none"', "art": '"hills"',
        "bands": '[{ side = "right", colour = "red", ink = "black", text = "XX", flag = "eu" }]', "caption_top": '"NORTH"', "caption_bottom": '"by the sea"',
        "frequency": "2.5",
    })  # fmt: skip
    assert (made.years, made.vehicle, made.region, made.art, made.frequency) == ((1990, 2004), "motorcycle", "xx-n", "hills", 2.5)
    assert (made.ground, made.ink, made.border) == (COLOURS["yellow"], "#0A0b0c", "")
    band = made.bands[0]
    assert (band.side, band.colour, band.ink, band.text, band.flag) == ("right", COLOURS["red"], COLOURS["black"], "XX", "eu")
    assert (made.caption_top, made.caption_bottom) == ("NORTH", "by the sea")


def test_border_is_the_ink_unless_said(tmp_path: Path) -> None:
    assert load_one(tmp_path, {"ink": '"red"'}).border == COLOURS["red"]


def test_pattern_language(tmp_path: Path) -> None:
    head = '[lists]\ndistrict = ["B", "MKK"]\n[charsets]\nC = "BCD"\n'
    made = load_one(tmp_path, {"lines": '["{district}*C9?N-", "[XY]?\'TEMP\'V"]'}, head)
    digits, letters = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert made.lines == (
        (Choice(("B", "MKK")), Mark("*"), Slot("BCD"), Slot(digits, True), Slot("123456789"), Mark("-")),
        (Slot("XY", True), Choice(("TEMP",)), Slot(letters + digits)),
    )


def test_charsets_and_lists_of_a_type_go_before_those_of_the_file(tmp_path: Path) -> None:
    head = '[lists]\nd = ["A"]\n[charsets]\nL = "AB"\n'
    made = load_one(tmp_path, {"lines": '["{d}L"]', "lists": '{ d = ["Z"] }', "charsets": '{ L = "XY" }'}, head)
    assert made.lines == ((Choice(("Z",)), Slot("XY")),)


BAD_FIELDS = [
    ({"name": ""}, "name", "missing"),
    ({"size_mm": ""}, "size_mm", "missing"),
    ({"lines": '"LL 99"'}, "lines", "expected list"),
    ({"id": '"yy-a"'}, "id", "must start with 'xx-'"),
    ({"colour": '"red"'}, "colour", "unknown field"),
    ({"region": "7"}, "region", "wrong kind"),
    ({"years": "[1990, 1991, 1992]"}, "years", "expected [first]"),
    ({"years": "[1066]"}, "years", "1066"),
    ({"years": '["1990"]'}, "years", "1990"),
    ({"size_mm": "[520]"}, "size_mm", "[520]"),
    ({"size_mm": "[520, 11]"}, "size_mm", "millimetres"),
    ({"size_mm": '["520", 110]'}, "size_mm", "520"),
    ({"source": '" "'}, "source", "unverified"),
    ({"frequency": "0"}, "frequency", "0"),
    ({"frequency": "1001"}, "frequency", "1001"),
    ({"face": '"comic"'}, "face", "'comic' is none of"),
    ({"vehicle": '"ship"'}, "vehicle", "ship"),
    ({"art": '"cats"'}, "art", "cats"),
    ({"ground": '"snow"'}, "ground", "snow"),
    ({"ink": '"#12345"'}, "ink", "#12345"),
    ({"border": '"#12345g"'}, "border", "#12345g"),
    ({"bands": '["left"]'}, "bands", "expected tables"),
    ({"bands": "[{ text = 7 }]"}, "bands", "expected tables"),
    ({"bands": '[{ side = "under" }]'}, "bands.side", "under"),
    ({"bands": '[{ colour = "snow" }]'}, "bands.colour", "snow"),
    ({"bands": '[{ ink = "snow" }]'}, "bands.ink", "snow"),
    ({"bands": '[{ flag = "pirate" }]'}, "bands.flag", "pirate"),
    ({"bands": '[{ width = "3" }]'}, "bands", "unknown key 'width'"),
    ({"lines": "[]"}, "lines", "one to three"),
    ({"lines": '["9", "9", "9", "9"]'}, "lines", "one to three"),
    ({"lines": "[9]"}, "lines", "one to three"),
    ({"lines": '["99", "* -"]'}, "lines", "'* -' holds no character"),
    ({"lines": '[""]'}, "lines", "holds no character"),
    ({"lines": '["?9"]'}, "lines", "'?' must follow"),
    ({"lines": '["9 ?"]'}, "lines", "'?' must follow"),
    ({"lines": '["9??"]'}, "lines", "'?' must follow"),
    ({"lines": '["9Q"]'}, "lines", "unknown symbol 'Q'"),
    ({"lines": '["{a"]'}, "lines", "{ is not closed"),
    ({"lines": '["[]9"]'}, "lines", "[ is not closed or is empty"),
    ({"lines": "[\"'AB\"]"}, "lines", "' is not closed"),
    ({"lines": '["{nowhere}"]'}, "lines", "no list named 'nowhere'"),
    ({"lines": '["[a-z]"]'}, "lines", "outside"),
    ({"lines": "[\"'Ж'\"]"}, "lines", "outside"),
    ({"charsets": '{ LL = "AB" }'}, "charsets", "one-character name"),
    ({"charsets": '{ K = "" }'}, "charsets", "'K'"),
    ({"charsets": '{ K = "ab" }'}, "charsets", "'ab'"),
    ({"charsets": '{ K = "AA" }'}, "charsets", "distinct"),
    ({"charsets": "{ K = 7 }"}, "charsets", "7"),
    ({"charsets": '"AB"'}, "charsets", "expected a table"),
    ({"lists": '["AB"]'}, "lists", "expected a table"),
    ({"lists": '{ d = "AB" }'}, "lists", "'d'"),
    ({"lists": "{ d = [7] }"}, "lists", "'d'"),
    ({"lists": "{ d = [] }"}, "lists", "'d'"),
    ({"lists": '{ d = ["A", "A"] }'}, "lists", "distinct"),
    ({"lists": '{ d = ["A", ""] }'}, "lists", "non-empty"),
    ({"lists": '{ d = ["a"] }'}, "lists", "texts over"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "field", "why"), BAD_FIELDS, ids=[f"{field}-{index}" for index, (_, field, _) in enumerate(BAD_FIELDS)])
def test_an_error_names_file_type_field_and_cause(tmp_path: Path, fields: dict[str, str], field: str, why: str) -> None:
    with pytest.raises(TemplateError) as caught:
        load_one(tmp_path, fields)
    message = str(caught.value)
    assert message.startswith(f"xx.toml: type {fields.get('id', TYPE['id'])[1:-1]!r}: {field}: ")
    assert why in message


def test_a_type_without_id_is_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"^xx\.toml: type '\?': id: missing$"):
        load_one(tmp_path, {"id": ""})


def test_file_errors(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"^absent\.toml: not readable"):
        load_file(tmp_path / "absent.toml")
    with pytest.raises(TemplateError, match=r"^yy\.toml: country must be 'yy' like the file name, got 'xx'"):
        load_file(write(tmp_path, {}, name="yy.toml"))
    with pytest.raises(TemplateError, match=r"^xx\.toml: unknown key 'charset'"):
        load_file(write(tmp_path, {}, "[charset]\nL = 'A'\n"))
    broken = tmp_path / "zz.toml"
    broken.write_bytes(b"country = \xff")
    with pytest.raises(TemplateError, match=r"^zz\.toml: not readable as TOML"):
        load_file(broken)
    broken.write_text("country = [", encoding="utf-8")
    with pytest.raises(TemplateError, match=r"^zz\.toml: not readable as TOML"):
        load_file(broken)
    broken.write_text('country = "zz"\ntype = ["car"]', encoding="utf-8")
    with pytest.raises(TemplateError, match=r"^zz\.toml: type '\?': expected a table, got 'car'$"):
        load_file(broken)
    broken.write_text('country = "zz"\nlists = 3\n[[type]]\nid = "zz-a"', encoding="utf-8")
    with pytest.raises(TemplateError, match=r"^zz\.toml: type 'zz-a': lists: expected a table, got 3$"):
        load_file(broken)
    broken.write_text('country = "zz"', encoding="utf-8")
    with pytest.raises(TemplateError, match=r"^zz\.toml: no \[\[type\]\]"):
        load_file(broken)


def test_an_id_may_stand_once_in_a_file(tmp_path: Path) -> None:
    path = write(tmp_path, {})
    path.write_text(path.read_text() + "\n[[type]]\n" + "\n".join(f"{key} = {value}" for key, value in TYPE.items()), encoding="utf-8")
    with pytest.raises(TemplateError, match=r"^xx\.toml: type 'xx-a': id used twice$"):
        load_file(path)


@given(pattern=st.text("L9NVZ {}[]'?-~.*+ABa", max_size=12))
def test_any_pattern_loads_or_is_refused_with_the_place(tmp_path_factory: pytest.TempPathFactory, pattern: str) -> None:
    assert load_or_message(tmp_path_factory.getbasetemp(), pattern).startswith(("loaded", "xx.toml: type 'xx-a': lines: "))


def load_or_message(folder: Path, pattern: str) -> str:
    try:
        made = load_one(folder, {"lines": f'["{pattern}"]'})
    except TemplateError as error:
        return str(error)
    return "loaded" if any(not isinstance(element, Mark) for element in made.lines[0]) else "accepted a line without characters"
