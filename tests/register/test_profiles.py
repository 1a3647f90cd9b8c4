from __future__ import annotations

import pytest

from platelight.register import UA_MVS, RegisterError, parse_mapping
from platelight.register.profiles import find_columns

PUBLISHED = (
    "PERSON;REG_ADDR_KOATUU;OPER_CODE;OPER_NAME;D_REG;DEP_CODE;DEP;BRAND;MODEL;VIN;MAKE_YEAR;COLOR;KIND;BODY;PURPOSE;FUEL;CAPACITY;"
    "OWN_WEIGHT;TOTAL_WEIGHT;N_REG_NEW"
)


def test_the_published_columns() -> None:
    found = find_columns(PUBLISHED.split(";"), UA_MVS)
    assert found.width == 20
    assert found.places == {
        "plate": 19, "date": 4, "make": 7, "model": 8, "year": 10, "color": 11, "kind": 12, "body": 13, "fuel": 15, "purpose": 14, "operation": 3,
        "capacity_cm3": 16, "own_mass_kg": 17, "total_mass_kg": 18, "vin": 9,
    }  # fmt: skip


@pytest.mark.parametrize("spell", [str.lower, lambda name: f'"{name}"', lambda name: f" {name.replace('_', ' ').title()} ", lambda name: f"\ufeff{name}"])
def test_order_case_and_quotes_do_not_matter(spell: object) -> None:
    assert callable(spell)
    names = [spell(name) for name in reversed(PUBLISHED.split(";"))]
    found = find_columns(names, UA_MVS)
    assert {names[place].strip('" \ufeff').upper().replace(" ", "_") for place in found.places.values()} == set(PUBLISHED.split(";")) - {
        "PERSON", "REG_ADDR_KOATUU", "OPER_CODE", "DEP_CODE", "DEP",
    }  # fmt: skip


def test_owners_and_addresses_have_no_place() -> None:
    assert not {0, 1} & set(find_columns(PUBLISHED.split(";"), UA_MVS).places.values())


def test_a_file_without_plates_is_refused_naming_its_columns() -> None:
    with pytest.raises(RegisterError, match="no column of plates; its columns are D_REG, BRAND, MODEL; .* 2026"):
        find_columns(["D_REG", "BRAND", "MODEL"], UA_MVS)


def test_a_column_twice_is_refused() -> None:
    with pytest.raises(RegisterError, match="'n_reg_new' twice|'N_REG_NEW' twice"):
        find_columns(["N_REG_NEW", "n_reg_new"], UA_MVS)


def test_mapping() -> None:
    profile = parse_mapping(["plate=Number Plate, make = Brand", '"color=Paint, outside"'])
    assert find_columns(["Paint, outside", "x", "brand", "NUMBER_PLATE"], profile).places == {"plate": 3, "make": 2, "color": 0}
    with pytest.raises(RegisterError, match="no column for color; its columns are brand, number plate"):
        find_columns(["brand", "number plate"], profile)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("make=Brand", "names no column of plates"),
        ("plate", "'plate' is no mapping"),
        ("plate=", "is no mapping"),
        ("plate=a,owner=b", "'owner' is no field; fields are plate, date"),
        ("plate=a,plate=b", "mapped twice"),
        ("", "names no column of plates"),
    ],
)
def test_wrong_mappings(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_mapping([text])
