from __future__ import annotations

from collections import Counter, defaultdict
from importlib import resources
from pathlib import Path

import pytest

from platelight.records import ALPHABET
from platelight.templates import Slot, Template, load, load_file

FOLDER = Path(str(resources.files("platelight.templates")))
FILES = sorted(FOLDER.glob("*.toml"))
NAMED = (
    "at be bg hr cy cz dk ee fi fr de gr hu ie it lv lt lu mt nl pl pt ro sk si es se ua gb ch no is li al ba me mk rs xk md by ru ge am az kz kg uz tr il "
    "us ca mx br ar in pk ae sa qa my sg hk za au nz jp kr cn vn th"
)
STATES = (
    "al ak az ar ca co ct dc de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy"
)
KNOWN = [  # texts of made-up but valid plates, and a type that must allow each
    ("AA1234BB", "ua"), ("7ABC123", "us-ca"), ("ABC1234", "us-tx"), ("KCD669", "my"), ("SBA1234A", "sg"), ("BRA2E19", "br"), ("ABC1234", "br"),
    ("DL3CAY2231", "in"), ("MH12AB1234", "in"), ("22BH1234AA", "in"), ("AB123CD", "ar"), ("LEB071031", "pk"), ("A12345", "ae"), ("1ABC123", "au-wa"),
    ("AB12CD", "au-nsw"), ("ABCD123", "ca-on"), ("51F12345", "vn"), ("29B214043", "vn"), ("BB12CCGP", "za-gp"),
    ("A12345", "cn"), ("1234567", "kr"), ("1234ABD", "sa"),
]  # fmt: skip


def channels(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_loads_and_holds_types(path: Path) -> None:
    templates = load_file(path)
    assert templates
    assert {template.country for template in templates} == {path.stem}


def test_load_gives_the_types_of_every_file_once() -> None:
    assert [template.country for template in load()] == [path.stem for path in FILES for _ in load_file(path)]
    assert [identity for identity, count in Counter(template.id for template in load()).items() if count > 1] == []
    assert load() is load()


@pytest.mark.parametrize("country", NAMED.split())
def test_named_countries_exist(country: str) -> None:
    assert (FOLDER / f"{country}.toml").is_file()


@pytest.mark.parametrize("state", STATES.split())
def test_every_state_has_its_serials_drawn_as_on_its_plates(state: str) -> None:
    own = [template for template in load() if template.region == f"us-{state}"]
    assert own
    assert all(template.caption_top and template.face == "us" and template.size_mm[0] <= 305 for template in own)


@pytest.mark.parametrize(("text", "where"), KNOWN)
def test_known_formats(text: str, where: str) -> None:
    assert any(template.matches(text) for template in load() if where in (template.country, template.region))


def test_a_region_lies_in_its_country() -> None:
    assert [template.id for template in load() if template.region is not None and not template.region.startswith(f"{template.country}-")] == []


def test_characters_can_be_told_from_the_ground() -> None:
    contrast = {made.id: max(abs(a - b) for a, b in zip(channels(made.ground), channels(made.ink), strict=True)) for made in load()}
    assert {identity: value for identity, value in contrast.items() if value < 80} == {}


def test_variants_do_not_explode() -> None:
    assert {template.id: len(template.variants) for template in load() if len(template.variants) > 64} == {}


def test_no_type_allows_more_characters_than_a_reader_has_room_for() -> None:
    assert {template.id: length for template in load() if not 1 <= (length := longest(template)) <= 14} == {}


def longest(template: Template) -> int:
    return max(sum(1 if isinstance(element, Slot) else len(element.texts[0]) for element in variant) for variant in template.variants)


def test_years_run_forward() -> None:
    assert [template.id for template in load() if None not in template.years and template.years[0] > template.years[1]] == []  # type: ignore[operator]


def test_plates_are_wider_than_high_unless_they_hold_several_lines() -> None:
    upright = [template.id for template in load() if len(template.lines) == 1 and template.size_mm[0] < template.size_mm[1] * 1.2]
    assert upright == []


def test_two_line_plates_exist_where_they_are_common() -> None:
    lines = defaultdict(set)
    for template in load():
        lines[template.country].add(len(template.lines))
    for country in ("in", "pk", "vn", "br", "ae", "my", "sg", "hk", "za", "jp", "gb"):
        assert {1, 2} <= lines[country], country


def test_a_source_says_something() -> None:
    assert [template.id for template in load() if template.source != "unverified" and len(template.source) < 10] == []


def test_texts_stay_within_the_alphabet() -> None:
    shown = {made.id: "".join(option for variant in made.variants for element in variant for option in element.options()) for made in load()}
    assert [identity for identity, characters in shown.items() if set(characters) - set(ALPHABET)] == []
