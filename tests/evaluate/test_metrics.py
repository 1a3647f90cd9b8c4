from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platelight.evaluate.metrics import (
    accepted_at,
    bootstrap_mean,
    calibration_error,
    lenient,
    normal,
    reliability,
    similarity,
    wilson,
)


def test_normal_keeps_letters_digits_and_umlauts_only() -> None:
    assert normal(" mü-ab·12 ") == "MÜAB12"
    assert normal("mu\u0308") == "MÜ"  # u and a combining diaeresis
    assert normal(None) == ""


def test_lenient_merges_the_look_alikes() -> None:
    assert lenient("OI-ÄÖÜ") == "01A0U"


@pytest.mark.parametrize(("read", "true", "expected"), [("", "ABC", 0.0), ("ABC", "ABC", 1.0), ("ABD", "ABC", 2 / 3), ("ABCD", "ABC", 0.75)])
def test_similarity(read: str, true: str, expected: float) -> None:
    assert similarity(read, true) == pytest.approx(expected)


def test_wilson_gives_the_published_intervals() -> None:
    # R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(0, 0) is None


@given(st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_wilson_holds_the_share(trial: tuple[int, int]) -> None:
    low, high = wilson(*trial) or (1, 0)
    assert 0 <= low <= trial[0] / trial[1] + 1e-12
    assert trial[0] / trial[1] - 1e-12 <= high <= 1


def test_bootstrap_interval_is_as_wide_as_theory_says() -> None:
    values = [0.0, 1.0] * 200
    low, high = bootstrap_mean(values) or (0, 0)
    assert low == pytest.approx(0.5 - 1.96 * 0.025, abs=0.01)
    assert high == pytest.approx(0.5 + 1.96 * 0.025, abs=0.01)
    assert bootstrap_mean([]) is None


def test_reliability_bins_hold_equal_shares_of_the_readings() -> None:
    confidences = [index / 100 for index in range(100)]
    table = reliability(confidences, [value > 0.5 for value in confidences])
    assert [row.count for row in table] == [10] * 10
    assert [row.right for row in table] == [0, 0, 0, 0, 0, 0.9, 1, 1, 1, 1]


def test_calibration_error_of_honest_and_of_boastful_confidences() -> None:
    right = [True] * 70 + [False] * 30
    assert calibration_error(reliability([0.7] * 100, right, bins=1)) == pytest.approx(0.0)
    assert calibration_error(reliability([1.0] * 100, right, bins=10)) == pytest.approx(0.3)
    assert calibration_error(reliability([], [])) is None


def test_accepted_takes_the_lowest_threshold_that_is_precise_enough() -> None:
    confidences = [0.9, 0.8, 0.7, 0.6]
    assert accepted_at(0.99, confidences, [True, True, False, True]) == (2, 0.8)
    assert accepted_at(0.75, confidences, [True, True, False, True]) == (4, 0.6)
    assert accepted_at(0.99, confidences, [False, True, True, True]) == (0, None)


def test_readings_of_equal_confidence_are_accepted_together() -> None:
    assert accepted_at(0.99, [0.9, 0.8, 0.8], [True, True, False]) == (1, 0.9)
