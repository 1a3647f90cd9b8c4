from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platelight import templates
from platelight.records import ALPHABET
from platelight.templates import Choice, Slot, Template
from platelight.templates.index import TemplateIndex
from platelight.templates.model import plain

WORLD = templates.load()
INDEX = TemplateIndex(WORLD)
FEW = "A0O1"


def template(number: int, *elements: Slot | Choice) -> Template:
    return Template(f"xx-{number}", "xx", "a type", (elements,), (520.0, 110.0), "din", "unverified")


def sampled(number: int, seed: int) -> str:
    return "".join(plain(line) for line in WORLD[number].sample(np.random.default_rng(seed)))


def brute(text: str) -> set[str]:
    return {one.id for one in WORLD if one.matches(text)}


@given(st.integers(0, len(WORLD) - 1), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_sampled_texts_fit_the_types_that_their_patterns_say(number: int, seed: int) -> None:
    text = sampled(number, seed)
    found = [one.id for one in INDEX.matching(text)]
    assert WORLD[number].id in found
    assert len(found) == len(set(found))
    assert set(found) == brute(text)


@given(st.integers(0, len(WORLD) - 1), st.integers(0, 2**32 - 1), st.integers(0, 20), st.sampled_from([*ALPHABET, "", "AA"]))
@settings(max_examples=60, deadline=None)
def test_mutated_texts_fit_the_types_that_their_patterns_say(number: int, seed: int, place: int, put: str) -> None:
    text = sampled(number, seed)
    place %= len(text)
    text = text[:place] + put + text[place + 1 :]
    assert {one.id for one in INDEX.matching(text)} == brute(text)


@pytest.mark.parametrize("text", ["", "A" * 40, "ab12", "AB-12", "Ж123"])
def test_texts_of_no_length_or_of_other_characters_fit_nothing(text: str) -> None:
    assert INDEX.matching(text) == []


slots = st.builds(Slot, st.text(FEW, min_size=1, max_size=3).map(lambda text: "".join(dict.fromkeys(text))), st.booleans())
choices = st.builds(Choice, st.lists(st.text(FEW, min_size=1, max_size=2), min_size=1, max_size=3, unique=True).map(tuple), st.booleans())
patterns = st.lists(st.one_of(slots, choices), min_size=1, max_size=4)


def table(length: int, seed: int) -> np.ndarray:
    """Log-probabilities (n, A) of characters that the types may have and of all others."""
    weights = np.random.default_rng(seed).exponential(size=(length, len(ALPHABET))) ** 3
    return np.log(weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def worth(text: str, log_probs: np.ndarray) -> float:
    return float(sum(log_probs[place, ALPHABET.index(character)] for place, character in enumerate(text)))


@given(st.lists(patterns, min_size=1, max_size=5), st.integers(1, 4), st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_the_best_texts_are_those_that_trying_all_texts_finds(sets: list[list[Slot | Choice]], length: int, seed: int) -> None:
    types = [template(number, *elements) for number, elements in enumerate(sets)]
    log_probs = table(length, seed)
    texts = ["".join(parts) for parts in itertools.product(FEW, repeat=length)]
    best_of_type = [max(allowed, key=lambda text: worth(text, log_probs)) for one in types if (allowed := [text for text in texts if one.matches(text)])]
    found = TemplateIndex(types).best(log_probs, 1000, -1e9)
    assert set(best_of_type) <= {text for text, _ in found}
    for text, log_prob in found:
        assert any(one.matches(text) for one in types)
        assert log_prob == pytest.approx(worth(text, log_probs), abs=1e-4)
    values = [log_prob for _, log_prob in found]
    assert values == sorted(values, reverse=True)
    assert len({text for text, _ in found}) == len(found)
    if best_of_type:
        assert found[0][1] == pytest.approx(max(worth(text, log_probs) for text in best_of_type), abs=1e-4)


@given(st.lists(patterns, min_size=1, max_size=4), st.integers(1, 3), st.integers(0, 2**32 - 1), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_count_and_floor_cut_the_same_list_short(sets: list[list[Slot | Choice]], length: int, seed: int, count: int) -> None:
    index = TemplateIndex(template(number, *elements) for number, elements in enumerate(sets))
    log_probs = table(length, seed)
    everything = index.best(log_probs, 1000, -1e9)
    some = index.best(log_probs, count, -1e9)
    assert some == everything[: len(some)]
    assert len(some) <= count
    assert bool(some) == bool(everything)
    floor = everything[len(everything) // 2][1] if everything else 0.0
    assert index.best(log_probs, 1000, floor) == [pair for pair in everything if pair[1] >= floor]


def test_whole_texts_are_chosen_whole() -> None:
    """The best first and the best second character may not belong to one district."""
    index = TemplateIndex([template(1, Choice(("AB", "CD")))])
    log_probs = np.full((2, len(ALPHABET)), -9.0, np.float32)
    log_probs[0, ALPHABET.index("A")], log_probs[0, ALPHABET.index("C")] = -0.5, -1.0
    log_probs[1, ALPHABET.index("B")], log_probs[1, ALPHABET.index("D")] = -3.0, -0.1
    assert index.best(log_probs, 5, -99)[0] == ("CD", pytest.approx(-1.1, abs=1e-5))


def test_an_index_without_types_finds_nothing() -> None:
    assert TemplateIndex([]).matching("AB12") == []
    assert TemplateIndex([]).best(table(4, 1), 5, -99) == []
