from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platelight.records import ALPHABET
from platelight.register import normalize_plate


@pytest.mark.parametrize(
    ("written", "plate"),
    [
        ("AA1234BB", "AA1234BB"),
        ("АА1234ВВ", "AA1234BB"),
        ("аі 4921-св", "AI4921CB"),
        ("KA\u00a01234\u202fHX", "KA1234HX"),
        ("  ВТ.01·23/АМ ", "BT0123AM"),
        ("ＡＢ１２３", "AB123"),
        ("ΥΡΗ-1234", "YPH1234"),
        ("M-ÄÖ 12", "MÄÖ12"),
        ("a\u0308b 12", "ÄB12"),
        ("1", None),
    ],
)
def test_spellings(written: str, plate: str | None) -> None:
    if plate is None:
        with pytest.raises(ValueError):
            normalize_plate(written)
    else:
        assert normalize_plate(written) == plate


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "no plate"),
        (" - ", "no plate"),
        ("12345ЛВ", "the letter 'Л'"),
        ("AA12**BB", r"the character '\*'"),
        ("AA12\ufffdBB", "the character"),
        ("null", "stands for no plate"),
        ("0000", "stands for no plate"),
        ("XX-XX", "stands for no plate"),
        ("A", "has 1 character;"),
        ("ABCDEFGHIJKLM", "has 13 characters"),
    ],
)
def test_what_cannot_be_a_plate_is_refused_with_the_reason(written: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        normalize_plate(written)


@given(st.text(max_size=14))
def test_a_normalized_plate_is_read_by_the_reader_and_normalizes_to_itself(text: str) -> None:
    try:
        plate = normalize_plate(text)
    except ValueError:
        return
    assert set(plate) <= set(ALPHABET)
    assert normalize_plate(plate) == plate


@given(st.text(alphabet="ABCEHIKMOPTX0123456789", min_size=2, max_size=8), st.text(alphabet=" -.·\u00a0", max_size=3))
def test_the_alphabet_a_plate_is_typed_in_does_not_matter(plate: str, separators: str) -> None:
    cyrillic = plate.translate(str.maketrans("ABCEHIKMOPTX", "АВСЕНІКМОРТХ"))
    try:
        expected = normalize_plate(plate)
    except ValueError:
        with pytest.raises(ValueError):
            normalize_plate(cyrillic)
        return
    assert normalize_plate(separators.join(cyrillic.lower())) == expected
