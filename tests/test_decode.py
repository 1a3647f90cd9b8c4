from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from platelight import templates
from platelight.decode import Calibration, Decoder
from platelight.records import ALPHABET, Reading
from platelight.templates import Template
from platelight.templates.model import plain

WORLD = templates.load()
COUNTRIES = tuple(sorted({template.country for template in WORLD}))
DECODER = Decoder(WORLD)
NONE = ""
"""In a slot: no character."""

LOOK_ALIKES = {"0": "ODQ", "1": "IL", "2": "Z", "5": "S", "8": "B", "O": "0", "I": "1", "Z": "2", "S": "5", "B": "8", "D": "0", "Q": "0"}


def reading(*slots: dict[str, float] | str, country: str | None = None, countries: Sequence[str] = COUNTRIES) -> Reading:
    """A reading of slots: a character that is certain, or chances by character; the rest is shared by all others."""
    rows = []
    for slot in slots:
        chances = {slot: 0.9995} if isinstance(slot, str) else slot
        row = np.full(len(ALPHABET) + 1, max(1 - sum(chances.values()), 1e-7) / (len(ALPHABET) + 1))
        for character, chance in chances.items():
            row[ALPHABET.index(character) + 1 if character else 0] = chance
        rows.append(row / row.sum())
    log_probs = np.log(np.array(rows).reshape(-1, len(ALPHABET) + 1)).astype(np.float32)
    shares = np.full(len(countries), 0.1 / max(len(countries) - 1, 1))
    if country in countries:
        shares[countries.index(country)] = 0.9
    return Reading(log_probs, (0,) * len(rows), ALPHABET, np.log(shares / shares.sum()).astype(np.float32), tuple(countries), 1, 0.99)


def sampled(template: Template, seed: int) -> str:
    return "".join(plain(line) for line in template.sample(np.random.default_rng(seed)))


def by_id(name: str) -> Template:
    return next(template for template in WORLD if template.id == name)


DECODERS = {country: Decoder(WORLD, [country]) for country in ("ua", "pl", "gb", "de", "br", "fr")}


@given(st.sampled_from(WORLD), st.integers(0, 2**32 - 1))
@settings(max_examples=120, deadline=None)
def test_a_sharp_text_of_any_type_decodes_to_itself(template: Template, seed: int) -> None:
    text = sampled(template, seed)
    decoding = DECODER([reading(*text, country=template.country)])[0]
    assert decoding.best is not None
    assert decoding.best.text == text
    if template.log_size > len(text) * math.log(len(ALPHABET)) and decoding.reason == "NO_TEMPLATE":
        return  # a short text on a type that allows nearly anything speaks for no type
    assert decoding.reason == "AS_READ"
    assert by_id(decoding.best.template or "").matches(text)
    assert decoding.best.country == by_id(decoding.best.template or "").country


@given(st.sampled_from([template for template in WORLD if template.country in DECODERS]), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_with_its_country_given_it_is_named_even_if_the_network_knows_no_countries(template: Template, seed: int) -> None:
    text = sampled(template, seed)
    decoding = DECODERS[template.country]([reading(*text, countries=())])[0]
    assert decoding.best is not None
    assert (decoding.best.text, decoding.best.country, decoding.reason) == (text, template.country, "AS_READ")


@given(
    st.sampled_from([template for template in WORLD if template.country in DECODERS]), st.integers(0, 2**32 - 1), st.integers(0, 99), st.floats(0.5, 0.75)
)  # fmt: skip
@settings(max_examples=120, deadline=None)
def test_a_doubtful_look_alike_is_corrected_where_the_format_settles_it(template: Template, seed: int, pick: int, chance: float) -> None:
    text = sampled(template, seed)
    places = [place for place, character in enumerate(text) if character in LOOK_ALIKES]
    assume(places)
    place = places[pick % len(places)]
    wrong = LOOK_ALIKES[text[place]][0]
    seen = text[:place] + wrong + text[place + 1 :]
    decoder = DECODERS[template.country]
    assume(not decoder.index.matching(seen))
    slots: list[dict[str, float] | str] = [*text]
    slots[place] = {wrong: chance, text[place]: 0.98 - chance}
    found = reading(*slots, country=template.country)
    assert found.text == seen
    decoding = decoder([found])[0]
    assert decoding.best is not None
    assert (decoding.best.text, decoding.reason) == (text, "CORRECTED")
    assert seen in [candidate.text for candidate in decoding.candidates]


def test_a_plate_of_ukraine_by_hand() -> None:
    """AA 0234 BB: the third place of the type of 2004 is a digit."""
    found = reading("A", "A", {"O": 0.6, "0": 0.38}, "2", "3", "4", "B", "B", country="ua")
    decoding = DECODERS["ua"]([found])[0]
    assert found.text == "AAO234BB"
    assert decoding.best is not None
    assert (decoding.best.text, decoding.best.country, decoding.reason) == ("AA0234BB", "ua", "CORRECTED")
    assert decoding.best.char_confidences[2] == pytest.approx(0.38, abs=1e-3)
    stranger = next(candidate for candidate in decoding.candidates if candidate.text == "AAO234BB")
    assert stranger.template is None


@given(st.text(ALPHABET, min_size=1, max_size=10), st.sampled_from([None, *DECODERS]))
@settings(max_examples=120, deadline=None)
def test_what_is_sharp_is_never_rewritten(text: str, given_country: str | None) -> None:
    decoder = DECODERS[given_country] if given_country else DECODER
    decoding = decoder([reading(*text, country=given_country)])[0]
    assert decoding.best is not None
    assert decoding.best.text == text
    fits = decoding.best.template is not None
    assert decoding.reason == ("AS_READ" if fits else "NO_TEMPLATE")
    if fits:
        assert by_id(decoding.best.template or "").matches(text)


def test_a_text_that_fits_no_type_says_so_and_keeps_a_country_only_if_the_network_is_sure() -> None:
    sure, unsure = (DECODER([reading(*"ÄÖÜÄÖÜÄÖÜ", country=country)])[0] for country in ("de", None))
    for decoding in (sure, unsure):
        assert decoding.reason == "NO_TEMPLATE"
        assert decoding.best is not None
        assert decoding.best.template is None
    assert sure.best is not None
    assert unsure.best is not None
    assert (sure.best.country, unsure.best.country) == ("de", None)


def test_templates_can_be_left_out() -> None:
    found = reading("A", "A", {"O": 0.6, "0": 0.38}, "2", "3", "4", "B", "B", country="ua")
    decoding = Decoder(WORLD, ["ua"], use_templates=False)([found])[0]
    assert decoding.best is not None
    assert (decoding.best.text, decoding.best.template, decoding.reason) == ("AAO234BB", None, "NO_TEMPLATE")
    assert "AA0234BB" in [candidate.text for candidate in decoding.candidates]


def test_an_unknown_country_is_named() -> None:
    with pytest.raises(ValueError, match=r"no plate types for country 'zz'; there are .*ua"):
        Decoder(WORLD, ["ua", "zz"])


def test_an_empty_reading_gives_no_text() -> None:
    for found in (reading(), reading({NONE: 0.99}, {NONE: 0.9})):
        decoding = DECODER([found])[0]
        assert (decoding.best, decoding.candidates, decoding.confidence) == (None, (), 0.0)


def test_a_slot_that_may_be_empty_gives_both_lengths() -> None:
    decoding = DECODER([reading("A", "B", "1", {NONE: 0.5, "2": 0.45}, "3", "C", "D")])[0]
    texts = [candidate.text for candidate in decoding.candidates]
    assert {"AB13CD", "AB123CD"} <= set(texts[:2])


def test_the_format_settles_whether_there_is_a_character() -> None:
    """The Ukrainian type of 2004 has four digits and two letters at the end: neither less nor more."""
    there = reading(*"AA12", {NONE: 0.55, "3": 0.44}, "4", "B", "B", country="ua")
    absent = reading("A", {NONE: 0.45, "I": 0.54}, *"A1234BB", country="ua")
    for found, seen in ((there, "AA124BB"), (absent, "AIA1234BB")):
        assert found.text == seen
        decoding = DECODERS["ua"]([found])[0]
        assert decoding.best is not None
        assert (decoding.best.text, decoding.reason) == ("AA1234BB", "CORRECTED")
        assert decoding.best.log_prob == pytest.approx(likeliest("AA1234BB", found), abs=1e-3)
        assert len(decoding.best.char_confidences) == len(decoding.best.text)
        assert seen in [candidate.text for candidate in decoding.candidates]


chances = st.dictionaries(st.sampled_from([NONE, *ALPHABET]), st.floats(0.02, 1.0), min_size=1, max_size=4)


def scaled(slot: dict[str, float]) -> dict[str, float]:
    total = sum(slot.values()) / 0.99
    return {character: chance / total for character, chance in slot.items()}


def likeliest(text: str, found: Reading) -> float:
    """Log-probability of the best way to spread a text over the slots in order, the others empty."""
    best = np.full(len(text) + 1, -np.inf)
    best[0] = 0.0
    for row in found.log_probs:
        placed = [best[count] + row[ALPHABET.index(character) + 1] for count, character in enumerate(text)]
        best = np.maximum(best + row[0], np.concatenate([[-np.inf], placed]))
    return float(best[-1])


@given(st.lists(chances.map(scaled), min_size=1, max_size=9), st.integers(1, 7), st.booleans())
@settings(max_examples=80, deadline=None)
def test_candidates_of_any_reading(slots: list[dict[str, float]], top: int, given_country: bool) -> None:
    found = reading(*slots, country="ua")
    decoding = Decoder(UKRAINE, ["ua"] if given_country else None, top)([found])[0]
    texts = [candidate.text for candidate in decoding.candidates]
    assert len(texts) <= top
    assert len(set(texts)) == len(texts)
    assert "" not in texts
    assert len(decoding.confidences) == len(texts)
    assert list(decoding.confidences) == sorted(decoding.confidences, reverse=True)
    assert all(0 <= chance <= 1 for chance in decoding.confidences)
    assert sum(decoding.confidences) <= 1 + 1e-6
    if decoding.best is None:
        assert texts == []
        return
    assert decoding.best == decoding.candidates[0]
    assert decoding.confidence == decoding.confidences[0]
    for candidate in decoding.candidates:
        assert candidate.log_prob <= likeliest(candidate.text, found) + 1e-3
        assert len(candidate.char_confidences) == len(candidate.text)
        if candidate.template:
            assert by_id(candidate.template).matches(candidate.text)
            assert candidate.template.startswith(candidate.country or "?")
    assert decoding.reason == ("CORRECTED" if decoding.best.text != found.text else "AS_READ" if decoding.best.template else "NO_TEMPLATE")


UKRAINE = [template for template in WORLD if template.country == "ua"]


def test_the_likeliest_country_of_the_network_names_a_text_that_fits_several() -> None:
    text = "AB123CD"  # France since 2009 and Italy since 1994 both allow it
    for country in ("fr", "it"):
        decoding = DECODER([reading(*text, country=country)])[0]
        assert decoding.best is not None
        assert decoding.best.country == country


def test_doubt_lowers_the_confidence() -> None:
    sharp, doubtful = (DECODERS["ua"]([reading(*"AA123", slot, "B", "B", country="ua")])[0].confidence for slot in ("4", {"4": 0.6, "7": 0.39}))
    assert sharp > 0.95
    assert doubtful < 0.7


def test_a_plate_that_lacks_characters_is_no_sure_text() -> None:
    whole = reading(*"AA1234BB", country="ua")
    before, after = DECODERS["ua"]([whole, replace(whole, wholeness=0.25)])
    assert after.best == before.best
    assert after.confidence == pytest.approx(0.25 * before.confidence)
    assert after.confidences[0] == after.confidence


def test_readings_are_decoded_one_by_one_in_order() -> None:
    texts = ["AA1234BB", "AI5678KX"]
    decodings = DECODERS["ua"]([reading(*text, country="ua") for text in texts])
    assert [decoding.best.text for decoding in decodings if decoding.best] == texts


def test_a_calibration_is_applied_and_keeps_the_order() -> None:
    curve = Calibration((0.0, 0.5, 1.0), (0.0, 0.1, 0.6))
    found = reading(*"AA123", {"4": 0.6, "7": 0.39}, "B", "B", country="ua")
    plain_one, calibrated = Decoder(UKRAINE, ["ua"])([found])[0], Decoder(UKRAINE, ["ua"], calibration=curve)([found])[0]
    assert calibrated.confidences == pytest.approx([curve(chance) for chance in plain_one.confidences])
    assert calibrated.confidence < plain_one.confidence
    assert list(calibrated.confidences) == sorted(calibrated.confidences, reverse=True)


shares = st.integers(0, 1000).map(lambda value: value / 1000)


@given(st.lists(st.tuples(shares, shares), min_size=2, max_size=9), shares, shares)
def test_a_calibration_rises_between_its_points(points: list[tuple[float, float]], first: float, second: float) -> None:
    raw, right = (tuple(sorted(values)) for values in zip(*points, strict=True))
    curve = Calibration(raw, right)
    low, high = sorted((first, second))
    assert 0 <= curve(low) <= curve(high) <= 1


@pytest.mark.parametrize(("raw", "right"), [((0.0, 1.0), (0.0,)), ((0.5,), (0.5,)), ((1.0, 0.0), (0.0, 1.0)), ((0.0, 1.0), (0.9, 0.1))])
def test_a_calibration_that_does_not_rise_is_refused(raw: tuple[float, ...], right: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="rising lists"):
        Calibration(raw, right)


def test_the_proportions_decide_between_types_that_allow_the_same_text() -> None:
    brazil, texas = by_id("br-1990-sp"), by_id("us-tx-2012")
    assert brazil.matches("MXQ1601")
    assert texas.matches("MXQ1601")
    even = reading(*"MXQ1601")
    seen = {shape: DECODER([replace(even, aspect=shape)])[0].best for shape in (400 / 130, 305 / 152)}
    wide, high = seen[400 / 130], seen[305 / 152]
    assert wide is not None
    assert high is not None
    assert (wide.country, high.country) != ("us", "br")
    assert wide.country != high.country
    unknown = DECODER([even])[0].best
    assert unknown is not None
    assert unknown.text == wide.text == high.text == "MXQ1601"
