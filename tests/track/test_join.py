from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from passing import COUNTRIES, decoder, reading

from platelight.records import ALPHABET
from platelight.track import joined, likeness, merged

TEXTS = st.text(alphabet=ALPHABET, min_size=1, max_size=9)


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.integers(1, 6), st.floats(0.4, 0.99))
def test_joining_equal_readings_gives_their_text(text: str, count: int, sure: float) -> None:
    found = merged([reading(text, sure)] * count, [1.0] * count)
    assert found.text == text
    assert min(found.char_confidences) > sure - 0.1


@settings(max_examples=40, deadline=None)
@given(st.permutations(["AC4921CB", "AC4921CB", "AC492ICB", "AC4921CB", "4921CB", "AC49 21CB".replace(" ", "7")]))
def test_what_most_readings_say_wins_in_every_place(texts: list[str]) -> None:
    assert merged([reading(text, 0.9) for text in texts], [1.0] * len(texts)).text == "AC4921CB"


def test_every_reading_may_be_wrong_and_the_joined_text_right() -> None:
    texts = ["XC4921CB", "AC7921CB", "AC4931CB", "AC49218B", "AC4921C"]
    found = joined([reading(text, 0.8) for text in texts], [1.0] * len(texts), decoder())
    assert found.best is not None
    assert (found.best.text, found.best.template) == ("AC4921CB", "ua-2015")


def test_weights_decide() -> None:
    two = [reading("AC4921CB", 0.9), reading("AC4921CE", 0.9)]
    assert merged(two, [1.0, 0.2]).text == "AC4921CB"
    assert merged(two, [0.2, 1.0]).text == "AC4921CE"


def test_lines_are_kept_and_readings_of_other_shapes_do_not_disturb_them() -> None:
    two_lines = [reading("AC4921CB", 0.9, (4, 4))] * 3
    found = merged([*two_lines, reading("AC49", 0.9)], [1.0] * 4)
    assert (found.lines, found.text_lines) == (2, ("AC49", "21CB"))


def test_a_hundred_readings_of_one_pass_are_not_a_hundred_proofs() -> None:
    found = merged([reading("AC4921CB", 0.9)] * 54 + [reading("AC4921CE", 0.9)] * 46, [1.0] * 100)
    assert found.text == "AC4921CB"
    assert found.char_confidences[-1] < 0.99


def test_countries_and_plateness_are_joined() -> None:
    sure, unsure = reading("AC4921CB", plateness=0.9), reading("AC4921CB", plateness=0.5)
    found = merged([sure, unsure], [3.0, 1.0])
    assert found.plateness == pytest.approx(0.8)
    assert found.countries[int(found.country_log_probs.argmax())] == "ua"
    assert float(np.exp(found.country_log_probs).sum()) == pytest.approx(1.0, abs=1e-5)
    assert len(found.country_log_probs) == len(COUNTRIES)


def test_readings_without_text_join_to_none() -> None:
    found = joined([reading(""), reading("")], [1.0, 1.0], decoder())
    assert found.best is None


@pytest.mark.parametrize(("count", "weights"), [(0, []), (2, [1.0]), (2, [0.0, 0.0]), (2, [1.0, -1.0])])
def test_what_cannot_be_joined_is_refused(count: int, weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weights|readings"):
        merged([reading("AB12")] * count, weights)


@settings(max_examples=40, deadline=None)
@given(TEXTS, TEXTS)
def test_likeness_is_the_same_both_ways(first: str, second: str) -> None:
    assert likeness(reading(first), reading(second)) == pytest.approx(likeness(reading(second), reading(first)), abs=1e-3)


def test_likeness_tells_a_misread_plate_from_another_one() -> None:
    mine = reading("AC4921CB")
    assert likeness(mine, mine) > likeness(mine, reading("AC492ICB")) > likeness(mine, reading("AC4957CB")) > 0
    assert likeness(mine, reading("KH1734XE")) < -5
    assert abs(likeness(mine, reading("KH1734XE", 0.05))) < 3
