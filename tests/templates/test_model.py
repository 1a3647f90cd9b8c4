from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platelight.records import ALPHABET
from platelight.templates import Choice, Mark, Slot, Template, load
from platelight.templates.model import MARKS, plain

CHARS = st.text(ALPHABET, min_size=1, max_size=6).map(lambda text: "".join(dict.fromkeys(text)))
SLOTS = st.builds(Slot, CHARS, st.booleans())
CHOICES = st.builds(Choice, st.lists(st.text(ALPHABET, min_size=1, max_size=4), min_size=1, max_size=4, unique=True).map(tuple), st.booleans())
ELEMENTS = st.one_of(SLOTS, CHOICES, st.builds(Mark, st.sampled_from(sorted(MARKS))))
LINES = st.lists(st.lists(ELEMENTS, min_size=1, max_size=6).map(tuple), min_size=1, max_size=2).map(tuple)
SEEDS = st.integers(0, 2**32 - 1)


def template(lines: tuple[tuple[Slot | Choice | Mark, ...], ...]) -> Template:
    return Template("xx-a", "xx", "any", lines, (520, 110), "generic", "unverified")


def text_of(lines: tuple[str, ...]) -> str:
    return "".join(map(plain, lines))


def width(variant: tuple[Slot | Choice, ...]) -> int:
    return sum(1 if isinstance(element, Slot) else len(element.texts[0]) for element in variant)


def draw(variant: tuple[Slot | Choice, ...], rng: np.random.Generator) -> str:
    return "".join(element.options()[int(rng.integers(len(element.options())))] for element in variant)


@given(LINES, SEEDS)
def test_a_sample_matches_its_own_type(lines: tuple[tuple[Slot | Choice | Mark, ...], ...], seed: int) -> None:
    drawn = template(lines).sample(np.random.default_rng(seed))
    assert len(drawn) == len(lines)
    assert template(lines).matches(text_of(drawn))


@given(LINES, SEEDS)
def test_a_sample_has_the_length_of_a_variant_and_every_variant_matches(lines: tuple[tuple[Slot | Choice | Mark, ...], ...], seed: int) -> None:
    rng = np.random.default_rng(seed)
    made = template(lines)
    assert len(text_of(made.sample(rng))) in {width(variant) for variant in made.variants}
    for variant in made.variants:
        assert all(not element.optional for element in variant)
        assert all(len(set(map(len, element.options()))) == 1 for element in variant)
        assert made.matches(draw(variant, rng))


@given(LINES, SEEDS, st.text(ALPHABET, min_size=1, max_size=3))
def test_text_beyond_the_longest_variant_does_not_match(lines: tuple[tuple[Slot | Choice | Mark, ...], ...], seed: int, more: str) -> None:
    made = template(lines)
    longest = max(made.variants, key=width)
    assert not made.matches(draw(longest, np.random.default_rng(seed)) + more)


@given(st.sampled_from(load()), SEEDS)
def test_every_type_of_the_package_matches_what_it_draws(made: Template, seed: int) -> None:
    text = text_of(made.sample(np.random.default_rng(seed)))
    assert made.matches(text)
    assert len(text) in {width(variant) for variant in made.variants}
    assert set(text) <= set(ALPHABET)


def test_marks_are_drawn_but_are_no_text() -> None:
    made = template(((Slot("A"), Mark("-"), Slot("1"), Mark("*")), (Mark("+"), Slot("B"))))
    assert made.sample(np.random.default_rng(0)) == ("A-1*", "+B")
    assert plain("A-1*") == "A1"
    assert made.matches("A1B")
    assert not made.matches("A-1B")
    assert not made.matches("A1")


def test_optional_elements_are_left_out_about_half_the_time() -> None:
    made = template(((Slot("A"), Slot("1", True)),))
    rng = np.random.default_rng(3)
    lengths = [len(made.sample(rng)[0]) for _ in range(400)]
    assert 150 < lengths.count(1) < 250
    assert [width(variant) for variant in made.variants] == [1, 2]


def test_variants_that_read_alike_are_counted_once() -> None:
    digits = Slot("0123456789", True)
    assert [width(variant) for variant in template(((digits,) * 5,)).variants] == [0, 1, 2, 3, 4, 5]


def test_a_choice_gives_one_variant_for_each_length() -> None:
    made = template(((Choice(("B", "M", "HH", "MKK")), Slot("12")),))
    assert [variant[0].options() for variant in made.variants] == [("B", "M"), ("HH",), ("MKK",)]
    assert made.matches("HH2")
    assert not made.matches("H2")


def test_log_size_is_the_logarithm_of_the_number_of_texts() -> None:
    made = template(((Choice(("B", "HH")), Mark(" "), Slot("123"), Slot("XY", True)),))
    assert made.log_size == pytest.approx(math.log(2 * 3 * 3))


def test_a_type_that_takes_any_letters_and_digits_is_not_narrow() -> None:
    any_character = Slot("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    letter, digit = Slot("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), Slot("0123456789")

    def narrow(*elements: Slot | Choice | Mark) -> bool:
        return Template("xx-a", "xx", "any", (elements,), (520, 110), "generic", "unverified").narrow

    assert not narrow(*[any_character] * 5, Slot(any_character.chars, optional=True))
    assert narrow(*[letter] * 6)
    assert narrow(letter, letter, Mark("-"), digit, digit)
    assert narrow(Choice(("ABC", "DEF")), *[any_character] * 2)
