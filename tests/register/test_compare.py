from __future__ import annotations

import tomllib
from importlib import resources

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platelight.register import colors, names
from platelight.register.compare import compare, compare_all
from platelight.register.records import FIELDS, Claim, Comparison, FieldVerdict, Registration


def verdict_of(comparison: Comparison, field: str) -> str:
    return item_of(comparison, field).verdict


def item_of(comparison: Comparison, field: str) -> FieldVerdict:
    return next(item for item in comparison.fields if item.field == field)


def car(make: str | None = None, model: str | None = None, year: int | None = None, color: str | None = None, date: str | None = None) -> Registration:
    return Registration("AA1234BB", date, make, model, year, color)


SAME_CARS = [
    (("BMW X5", None), ("БМВ", "X5")),
    (("BMW", "X5"), ("BMW  X5 3.0D", None)),
    (("BMW", "x-5"), ("BMW", "Х5")),  # a Cyrillic Х
    (("ВМW", "520"), ("BMW", "520I")),  # a Cyrillic В and М in the make
    (("BMW", "320"), ("BMW", "3 series")),
    (("BMW 320d xDrive", None), ("БМВ", "3 серія")),
    (("ВАЗ 2106", None), ("LADA (ВАЗ)", "21063")),
    (("VAZ", "2106"), ("LADA", "2106")),
    (("Лада", "Пріора"), ("ВАЗ", "217030")),
    (("Жигулі", "2107"), ("ВАЗ  2107", "2107")),
    (("МЕРСЕДЕС", "E-Class"), ("MERCEDES-BENZ E 220 CDI", None)),
    (("Mercedes", "C 180"), ("МЕРСЕДЕС-БЕНЦ", "С-клас")),
    (("Mersedes Bens", "GLE 350"), ("MERCEDES-BENZ", "ML 350")),
    (("VW", "Golf"), ("VOLKSWAGEN", "GOLF VII VARIANT")),
    (("Фольцваген", "Пасат"), ("VOLKSWAGEN", "PASSAT B6")),
    (("SKODA OCTAVIA A5", None), ("ŠKODA", "Октавія")),
    (("ГАЗ", "3302"), ("GAZELLE", None)),
    (("Газель", "Бізнес"), ("ГАЗ", "3302-414")),
    (("Mazda 3", None), ("MAZDA3", None)),
    (("Mazda", "CX5"), ("МАЗДА", "CX-5")),
    (("Range Rover", "Sport"), ("LAND ROVER", "RANGE ROVER SPORT")),
    (("Lexus RX 350", None), ("LEXUS", "RX")),
    (("Infiniti", "FX35"), ("INFINITI", "QX70")),
    (("Folksvagen", "Pasat"), ("VOLKSWAGEN", "PASSAT")),
    (("Хюндай", "Акцент"), ("HYUNDAI", "ACCENT")),
    (("Toyota", "Corola"), ("TOYOTA", "COROLLA")),
    (("Citroen", "C4 Picasso"), ("CITROËN", "C4 PICASSO HDI")),
    (("KIA", "Сид"), ("КІА", "CEE'D")),
    (("Haima", "7"), ("HAIMA", "7")),
    (("Mercedes", "W211"), ("MERCEDES-BENZ", "E 270 CDI")),
    (("BMW", "E60"), ("BMW", "530D")),
    (("продам BMW 525 дизель", None), ("BMW", "525TDS")),
    (("Нива", None), ("ВАЗ", "21213")),
]


@pytest.mark.parametrize(("claimed", "registered"), SAME_CARS)
def test_one_car_in_two_spellings_matches(claimed: tuple[str, str | None], registered: tuple[str, str | None]) -> None:
    comparison = compare(Claim(*claimed), car(*registered))

    assert [(item.field, item.verdict) for item in comparison.fields[:2]] == [("make", "match"), ("model", "match")], comparison.fields


OTHER_CARS = [
    (("Audi", "A6"), ("BMW", "X5"), "make"),
    (("Mercedes", "С180"), ("Mercedes-Benz", "S 350"), "model"),  # a Cyrillic С is the C that it looks like
    (("Mazda", "CX-3"), ("MAZDA", "3"), "model"),
    (("Mazda", "3"), ("MAZDA", "6"), "model"),
    (("ВАЗ", "2106"), ("ВАЗ", "2107"), "model"),
    (("BMW", "X5"), ("BMW", "X3"), "model"),
    (("BMW", "520"), ("BMW", "320I"), "model"),
    (("Audi", "A4"), ("AUDI", "A6"), "model"),
    (("Volvo", "XC 90"), ("VOLVO", "XC60"), "model"),
    (("Skoda Octavia", None), ("SKODA", "FABIA"), "model"),
    (("Toyota Camry", None), ("HYUNDAI", "SONATA"), "make"),
    (("Peugeot", "206"), ("PEUGEOT", "306"), "model"),
    (("Chevrolet", "Cruze"), ("DAEWOO", "LANOS"), "make"),
    (("Opel", "Astra"), ("RENAULT", "TRAFIC"), "make"),
]


@pytest.mark.parametrize(("claimed", "registered", "field"), OTHER_CARS)
def test_another_car_is_a_mismatch(claimed: tuple[str, str | None], registered: tuple[str, str | None], field: str) -> None:
    comparison = compare(Claim(*claimed), car(*registered))

    assert verdict_of(comparison, field) == "mismatch", comparison.fields
    assert comparison.verdict == "mismatch"


UNSURE = [
    (("DAEWOO", "LANOS"), ("ZAZ", "LANOS"), "make"),
    (("Chevrolet", None), ("ДЕУ", "Ланос"), "make"),
    (("Chevrolet Lanos", None), ("ЗАЗ-DAEWOO", "TF69Y0"), "model"),
    (("Renault", "Logan"), ("DACIA", "LOGAN"), "make"),
    (("Vauxhall", "Astra"), ("OPEL", "ASTRA"), "make"),
    (("VW", "Golf Plus"), ("VOLKSWAGEN", "GOLF"), "model"),
    (("Suzuki", "Vitara"), ("SUZUKI", "GRAND VITARA"), "model"),
    (("ВАЗ", "2109"), ("ВАЗ", "21099"), "model"),
    (("Skoda", "Zzyzx"), ("SKODA", "FABIA"), "model"),
    (("Qwfp", "1"), ("BMW", "X5"), "make"),
]


@pytest.mark.parametrize(("claimed", "registered", "field"), UNSURE)
def test_what_may_be_one_car_is_not_held_against_it(claimed: tuple[str, str | None], registered: tuple[str, str | None], field: str) -> None:
    comparison = compare(Claim(*claimed), car(*registered))

    assert verdict_of(comparison, field) == "unknown", comparison.fields
    assert comparison.verdict != "mismatch"


def test_a_shared_car_says_which_makes_sold_it() -> None:
    assert "the Lanos and the Sens were sold as Daewoo, ZAZ and Chevrolet" in item_of(compare(Claim("Daewoo Lanos"), car("ЗАЗ", "LANOS")), "make").reason


@pytest.mark.parametrize(
    ("claimed", "registered", "wanted"),
    [
        ("чорний", "ЧЕРНЫЙ", "match"),
        ("черная", "black", "match"),
        ("темно-синій", "Dark Blue", "match"),
        ("темносиній металік", "СИНІЙ", "match"),
        ("сірий металік", "grey", "match"),
        ("белого цвета", "БІЛИЙ", "match"),
        ("жёлтый", "ЖОВТИЙ", "match"),
        ("голубой", "блакитний", "match"),
        ("сріблястий", "СІРИЙ", "unknown"),
        ("silver", "серый", "unknown"),
        ("бежевий", "КОРИЧНЕВИЙ", "unknown"),
        ("мокрий асфальт", "ЧОРНИЙ", "unknown"),
        ("бірюзовий", "ЗЕЛЕНИЙ", "unknown"),
        ("чорно-білий", "ЧОРНИЙ", "unknown"),
        ("вишневий", "КОРИЧНЕВИЙ", "unknown"),
        ("червоний", "НЕВИЗНАЧЕНИЙ", "unknown"),
        ("кольору щастя", "ЧОРНИЙ", "unknown"),
        ("червоний", "СИНІЙ", "mismatch"),
        ("білий", "ЧОРНИЙ", "mismatch"),
        ("сірий", "ЧОРНИЙ", "mismatch"),
        ("серый", "бежево-розовый", "unknown"),
        ("green", "красный", "mismatch"),
    ],
)
def test_colors(claimed: str, registered: str, wanted: str) -> None:
    item = item_of(compare(Claim(color=claimed), car(color=registered)), "color")

    assert item.verdict == wanted, item.reason


@pytest.mark.parametrize(
    ("claimed", "registered", "tolerance", "wanted"),
    [
        (2010, 2010, 0, "match"),
        (2011, 2010, 1, "match"),
        (2009, 2010, 1, "match"),
        (2012, 2010, 1, "mismatch"),
        (2011, 2010, 0, "mismatch"),
        (98, 1998, 1, "unknown"),
    ],
)
def test_years(claimed: int, registered: int, tolerance: int, wanted: str) -> None:
    assert verdict_of(compare(Claim(year=claimed), car(year=registered), tolerance), "year") == wanted


def test_what_nobody_said_is_unknown_and_says_who_was_silent() -> None:
    comparison = compare(Claim(make="BMW"), car(year=2010, model="X5"))

    assert [item.verdict for item in comparison.fields] == ["unknown"] * 4
    assert [item.reason for item in comparison.fields] == [
        "The register holds no make.", "No model is claimed.", "No year is claimed.", "No color is claimed.",
    ]  # fmt: skip


def test_the_newest_registration_decides() -> None:
    comparison = compare_all(Claim("Audi", "A6"), [car("BMW", "X5", date="2020-01-02"), car("BMW", "X3", date="2010-01-02")])

    assert comparison is not None
    assert comparison.verdict == "mismatch"


def test_an_older_registration_that_fits_takes_the_accusation_back() -> None:
    newest = car("BMW", "X5", 2018, date="2020-01-02")
    comparison = compare_all(Claim("Audi", "A6", 2008), [newest, car("AUDI", "A6", 2008, date="2012-03-04")])

    assert comparison is not None
    assert comparison.registration is newest
    assert comparison.verdict == "unknown"
    assert all("older registration of 2012-03-04" in item.reason for item in comparison.fields[:3])


def test_no_registration_gives_no_comparison() -> None:
    assert compare_all(Claim("Audi"), []) is None


PATIENT = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For machines that do other work."""

NAMES = st.text(max_size=30) | st.sampled_from(
    ["BMW", "Mercedes-Benz E 220", "ЗАЗ", "Lanos", "Mazda3", "Range Rover", "ВАЗ 21063", "VW", "VW Golf Plus", "С 180", "Zzz 5"]
)
COLORS = st.text(max_size=30) | st.sampled_from(["чорний", "темно-синій", "silver", "НЕВИЗНАЧЕНИЙ", "бірюзовий", "мокрий асфальт", "white"])
YEARS = st.integers() | st.integers(1995, 2005)
CLAIMS = st.builds(Claim, st.none() | NAMES, st.none() | NAMES, st.none() | YEARS, st.none() | COLORS)


def registered(claim: Claim) -> Registration:
    return car(claim.make, claim.model, claim.year, claim.color)


@PATIENT
@given(CLAIMS, CLAIMS)
def test_any_two_texts_compare_and_both_ways_alike(a: Claim, b: Claim) -> None:
    there, back = compare(a, registered(b)), compare(b, registered(a))

    assert [item.verdict for item in there.fields] == [item.verdict for item in back.fields]
    assert [item.field for item in there.fields] == list(FIELDS)
    assert all(item.reason.endswith(".") for item in there.fields)


@PATIENT
@given(CLAIMS)
def test_what_equals_the_register_always_matches(claim: Claim) -> None:
    comparison = compare(claim, registered(claim))

    assert {item.verdict for item in comparison.fields if item.claimed is not None} <= {"match"}
    assert all(item.claimed is not None for item in comparison.fields if item.field == "year" and claim.year is not None)


@PATIENT
@given(st.text(), st.text(), st.text())
def test_no_text_raises(make: str, model: str, color: str) -> None:
    compare(Claim(make, model, None, color), car(model, make, None, color[::-1]))


def table(name: str) -> dict[str, object]:
    return tomllib.loads((resources.files("platelight.register") / "data" / f"{name}.toml").read_text(encoding="utf-8"))


def test_the_tables_state_their_source() -> None:
    for name in ("makes", "models", "same_cars", "colors"):
        assert "# Source: " in (resources.files("platelight.register") / "data" / f"{name}.toml").read_text(encoding="utf-8")


def test_there_are_a_hundred_makes_and_none_has_a_name_of_another() -> None:
    owner: dict[str, str] = {}
    makes = table("makes")["makes"]
    assert isinstance(makes, dict)
    assert len(makes) >= 100
    for make, written in makes.items():
        for name in written:
            assert owner.setdefault(names.key(name), make) == make, f"{name} of {make}"


def test_every_listed_model_is_found_by_each_of_its_names() -> None:
    for make, listed in table("models").items():
        assert isinstance(listed, dict)
        for entry in listed["models"]:
            model, *others = (part.strip() for part in entry.split("|"))
            for name in (model, *others):
                found = names.parse(make, name)
                assert (found.make, found.model) == (make, model), f"{make} {name}"


def test_every_shared_car_is_in_the_tables() -> None:
    known = names.tables()
    for makes, pairs in known.same.items():
        for make, models in zip(makes, zip(*[(one, other) for one, other, _ in pairs], strict=True), strict=True):
            for model in models:
                assert make not in known.models or names.parse(make, model).model == model, f"{make} {model}"
            assert make in known.make_names
    for pair in known.makers:
        assert pair <= set(known.make_names)


def test_every_color_word_means_its_color() -> None:
    found = table("colors")
    for kind in ("stems", "words"):
        listed = found[kind]
        assert isinstance(listed, dict)
        for color, written in listed.items():
            for word in written:
                assert color in colors.parse(word).colors, word
