from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platelight.records import Candidate as Decoded
from platelight.records import Decoding
from platelight.register.posterior import EVIDENCE, Candidate, Joint, Settings, candidates_of, join
from platelight.register.records import Claim, Registration

FOCUS, OCTAVIA, X5 = ("FORD", "FOCUS", 2012, "СІРИЙ"), ("SKODA", "OCTAVIA", 2008, "БІЛИЙ"), ("BMW", "X5", 2016, "ЧОРНИЙ")
READ, OTHER = "AA1234BB", "AA1284BB"


class Held:
    """A register out of a dictionary; with `full`, it says to hold every other plate too."""

    def __init__(self, cars: Mapping[str, tuple[str, str, int, str]], full: bool = False) -> None:
        self.cars, self.full = cars, full

    def has(self, plates: Iterable[str], /) -> set[str]:
        return {plate for plate in plates if self.full or plate in self.cars}

    def lookup_many(self, plates: Iterable[str], /) -> Mapping[str, Sequence[Registration]]:
        return {plate: (Registration(plate, None, *self.cars[plate]),) if plate in self.cars else () for plate in plates}


def reading(*pairs: tuple[str, float], country: str = "ua") -> list[Candidate]:
    return [Candidate(text, chance, country) for text, chance in pairs]


def joined(*pairs: tuple[str, float], cars: Mapping[str, tuple[str, str, int, str]], claim: Claim | None = None, **more: object) -> Joint:
    return join(reading(*pairs), Held(cars, bool(more.get("full"))), claim)


def test_a_registered_reading_wins_over_one_that_exists_nowhere() -> None:
    joint = joined((READ, 0.55), (OTHER, 0.44), cars={OTHER: OCTAVIA})

    assert (joint.text, joint.decided_by) == (OTHER, "register")
    assert (joint.reading_text, joint.reading_confidence) == (READ, 0.55)
    assert joint.confidence > 0.8
    assert joint.reason == f"{OTHER} is in the register, which decided; the reader alone preferred {READ}, which is not in the register."


def test_a_sure_reading_stands_though_only_its_neighbour_is_registered() -> None:
    joint = joined((READ, 0.997), (OTHER, 0.002), cars={OTHER: OCTAVIA})

    assert (joint.text, joint.decided_by) == (READ, "reading")
    assert joint.reason == "The reader's text stands; it is not in the register."


def test_where_both_are_registered_the_pixels_decide() -> None:
    joint = joined((READ, 0.55), (OTHER, 0.44), cars={READ: FOCUS, OTHER: OCTAVIA})

    assert (joint.text, joint.decided_by) == (READ, "reading")


def test_where_both_are_registered_a_claim_may_decide() -> None:
    joint = joined((READ, 0.55), (OTHER, 0.44), cars={READ: FOCUS, OTHER: OCTAVIA}, claim=Claim("Шкода", "Октавія", 2008, "білий"))

    assert (joint.text, joint.decided_by) == (OTHER, "claim")
    assert "is in the register and fits the claim" in joint.reason
    assert joint.chosen is not None
    assert joint.chosen.comparison is not None
    assert joint.chosen.comparison.verdict == "match"


def test_a_claim_does_not_move_a_sure_reading() -> None:
    joint = joined((READ, 0.95), (OTHER, 0.04), cars={READ: FOCUS, OTHER: OCTAVIA}, claim=Claim("Skoda", "Octavia", 2008, "white"))

    assert joint.text == READ


def test_a_claim_that_fits_no_candidate_changes_nothing() -> None:
    pairs = ((READ, 0.5), (OTHER, 0.3), ("AA1294BB", 0.1))
    cars = {READ: FOCUS, OTHER: OCTAVIA}

    assert [item.joint for item in joined(*pairs, cars=cars, claim=Claim(*X5)).candidates] == [item.joint for item in joined(*pairs, cars=cars).candidates]


def test_being_registered_says_little_where_every_number_is_taken() -> None:
    pairs = ((READ, 0.55), (OTHER, 0.44))
    alone, among_all = joined(*pairs, cars={OTHER: OCTAVIA}), joined(*pairs, cars={OTHER: OCTAVIA}, full=True)

    assert among_all.confidence < alone.confidence
    assert among_all.text == READ


def test_a_foreign_plate_is_not_expected_in_the_register() -> None:
    pairs, cars = (("WX12345", 0.8), ("WX12845", 0.15)), {"WX12845": OCTAVIA}
    polish = join(reading(*pairs, country="pl"), Held(cars))

    assert polish.text == "WX12345"
    assert polish.confidence > join(reading(*pairs, country="pl"), Held(cars), None, Settings(country=None)).candidates[-1].joint


def test_nothing_read_gives_no_text() -> None:
    joint = join([], Held({}))

    assert (joint.text, joint.confidence, joint.chosen, joint.to_dict()["registration"]) == (None, 0.0, None, None)


def test_the_reader_is_not_overruled_by_a_text_that_stays_doubtful() -> None:
    joint = joined((READ, 0.05), (OTHER, 0.02), cars={OTHER: OCTAVIA})

    assert joint.text == READ
    assert joint.confidence < 0.1


def test_candidates_of_a_decoding_take_its_confidences() -> None:
    found = (Decoded(READ, "ua", "ua-2015", -0.7), Decoded(OTHER, None, None, -1.1))

    assert candidates_of(Decoding(found[0], found, "AS_READ", 0.6, (0.6, 0.3))) == (Candidate(READ, 0.6, "ua"), Candidate(OTHER, 0.3, None))
    assert [round(item.probability, 3) for item in candidates_of(Decoding(found[0], found, "AS_READ", 0.6))] == [0.497, 0.333]


def test_the_dictionary_keeps_the_reading_beside_the_decision() -> None:
    shown = joined((READ, 0.55), (OTHER, 0.44), cars={OTHER: OCTAVIA}).to_dict()

    json.dumps(shown)
    assert shown["text"] == OTHER
    assert shown["reading"] == {"text": READ, "confidence": 0.55}
    assert shown["decided_by"] == "register"
    assert shown["registration"]["make"] == "SKODA"
    assert [item["known"] for item in shown["candidates"]] == [True, False]


@pytest.mark.parametrize("wrong", [{"coverage": 1.5}, {"lie_rate": -0.1}, {"most": 0.5}, {"switch_at": 2.0}, {"unlisted": float("nan")}])
def test_settings_out_of_range(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Settings(**wrong)  # type: ignore[arg-type]


def test_what_fits_is_never_worth_less_than_what_does_not() -> None:
    for ratios in EVIDENCE.values():
        assert ratios["match"] > ratios["unknown"] > ratios["mismatch"] > 0


PATIENT = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For machines that do other work."""

TEXTS = st.lists(st.sampled_from([READ, OTHER, "AA1294BB", "AA123BB", "KA0001AA", "X", "AÖ12"]), min_size=1, max_size=5, unique=True)


@PATIENT
@given(
    TEXTS, st.lists(st.floats(0, 1), min_size=5, max_size=5), st.sets(st.sampled_from([READ, OTHER, "X"])), st.sampled_from([None, Claim(*X5), Claim(*OCTAVIA)])
)
def test_probabilities_stay_probabilities_and_the_reading_is_kept(texts: list[str], chances: list[float], held: set[str], claim: Claim | None) -> None:
    pairs = list(zip(texts, sorted(chances, reverse=True), strict=False))
    joint = join(reading(*pairs), Held(dict.fromkeys(held, OCTAVIA)), claim)

    assert sum(item.joint for item in joint.candidates) <= 1 + 1e-9
    assert all(0 <= item.joint <= 1 + 1e-9 for item in joint.candidates)
    assert (joint.reading_text, joint.reading_confidence) == pairs[0]
    assert joint.text in texts
    assert (joint.text == joint.reading_text) == (joint.decided_by == "reading")
    assert {item.text for item in joint.candidates} == set(texts)


@PATIENT
@given(TEXTS, st.lists(st.floats(0.001, 1), min_size=5, max_size=5))
def test_a_register_that_knows_none_of_the_texts_changes_no_text(texts: list[str], chances: list[float]) -> None:
    pairs = list(zip(texts, sorted(chances, reverse=True), strict=False))

    assert join(reading(*pairs), Held({})).text == texts[0]
