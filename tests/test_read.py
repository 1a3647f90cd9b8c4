from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stand_ins import COUNTRIES, FRAMES, StandIn, ctc_frames

from platelight.bundle import ModelError, ModelSpec
from platelight.geometry import Quad
from platelight.read import BATCH, Reader, count_lines, to_slots
from platelight.records import ALPHABET, PlateImage, Reading

SPEC = ModelSpec(
    folder=Path("nowhere"), name="stand-in", role="reader", version=1, file="model.onnx", sha256="", input={"width": 160, "height": 64},
    threshold=0.5, alphabet=ALPHABET, countries=COUNTRIES,
)  # fmt: skip
HEAD = {1: [0.9, 0.05, 0.05], 2: [0.05, 0.9, 0.05], 3: [0.05, 0.05, 0.9]}


class Answers:
    def __init__(self, frames: np.ndarray, lines: list[float]) -> None:
        self.outputs = {
            "log_probs": frames[None], "country": np.log(np.array([[0.2, 0.7, 0.1]], np.float32)),
            "lines": np.log(np.array([lines], np.float32)), "plateness": np.array([0.8], np.float32),
        }  # fmt: skip

    def run(self, feeds: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return self.outputs


def plate(value: int = 200) -> PlateImage:
    return PlateImage(np.full((64, 160, 3), value, np.uint8), Quad(((0, 0), (160, 0), (160, 64), (0, 64))), np.eye(3))


def reading(frames: np.ndarray, lines: list[float] | None = None) -> Reading:
    [result] = Reader(Answers(frames, lines or HEAD[1]), SPEC)([plate()])  # type: ignore[arg-type]
    return result


def frames_of(*rows: dict[str, float]) -> np.ndarray:
    """One line of frames by chances of characters; "" is blank, what is missing goes to blank."""
    chances = np.full((3, FRAMES, len(ALPHABET) + 1), 1e-6)
    chances[:, :, 0] = 1
    for frame, row in enumerate(rows, start=5):
        chances[0, frame, 0] = max(1 - sum(row.values()), 1e-6)
        for character, chance in row.items():
            chances[0, frame, ALPHABET.index(character) + 1] = chance
    return np.log(chances / chances.sum(axis=2, keepdims=True)).astype(np.float32)


texts = st.text(ALPHABET, min_size=1, max_size=12)


@given(st.lists(texts, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_what_the_frames_spell_is_what_the_slots_say(lines: list[str]) -> None:
    result = reading(ctc_frames(*lines), HEAD[len(lines)])
    assert result.text == "".join(lines)
    assert result.text_lines == tuple(lines)
    assert result.lines == len(lines)
    assert np.allclose(np.exp(result.log_probs).sum(axis=1), 1, atol=1e-4)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_slots_of_noise_are_probabilities_and_agree_with_greedy_ctc(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames = rng.normal(0, 3, (2, FRAMES, len(ALPHABET) + 1)).astype(np.float32)
    frames -= np.logaddexp.reduce(frames, axis=2, keepdims=True)
    slots = to_slots(frames)
    assert np.allclose(np.exp(slots.log_probs).sum(axis=1), 1, atol=1e-4)
    assert slots.line.tolist() == sorted(slots.line.tolist())
    for line in range(2):
        greedy = frames[line].argmax(axis=1)
        runs = sum(1 for before, now in zip([0, *greedy], greedy, strict=False) if now and now != before)
        sure = sum(1 for row in slots.log_probs[slots.line == line] if row.argmax() > 0)
        assert sure <= runs


def test_the_same_character_twice_needs_a_blank_between() -> None:
    assert reading(frames_of({"A": 0.9}, {}, {"A": 0.9})).text == "AA"
    assert reading(frames_of({"A": 0.9}, {"A": 0.8}, {"A": 0.9})).text == "A"


def test_different_characters_need_none() -> None:
    assert reading(frames_of({"A": 0.9}, {"B": 0.9}, {"A": 0.9})).text == "ABA"


def test_one_doubtful_character_over_two_frames_is_one_slot() -> None:
    result = reading(frames_of({"O": 0.5, "0": 0.45}, {"O": 0.4, "0": 0.55}))
    assert len(result.log_probs) == 1
    chances = np.exp(result.log_probs[0])
    assert chances[ALPHABET.index("O") + 1] == pytest.approx(0.45, abs=0.03)
    assert chances[ALPHABET.index("0") + 1] == pytest.approx(0.50, abs=0.03)


def test_a_weak_character_is_kept_as_a_slot_that_is_probably_empty() -> None:
    result = reading(frames_of({"A": 0.95}, {}, {"B": 0.1}, {"B": 0.3, "8": 0.1}, {"B": 0.2}, {}, {"C": 0.95}))
    assert result.text == "AC"
    chances = np.exp(result.log_probs)
    assert chances.shape[0] == 3
    assert chances[1, 0] == pytest.approx(0.6, abs=0.01)
    assert chances[1, ALPHABET.index("B") + 1] == pytest.approx(0.3, abs=0.01)


def test_the_shoulder_of_a_character_is_no_slot() -> None:
    assert len(reading(frames_of({"A": 0.2}, {"A": 0.9}, {"A": 0.3}, {"A": 0.1})).log_probs) == 1


def test_a_run_is_empty_only_if_all_its_frames_are() -> None:
    [row] = reading(frames_of({"A": 0.8}, {"A": 0.7})).log_probs
    assert np.exp(row[0]) == pytest.approx(0.2 * 0.3, rel=0.01)


def test_an_empty_plate_has_no_slots() -> None:
    result = reading(ctc_frames())
    assert result.log_probs.shape == (0, len(ALPHABET) + 1)
    assert result.text == ""
    assert result.line_of_slot == ()


def test_frames_overrule_a_doubtful_line_head() -> None:
    two = ctc_frames("ABC", "123")[None]
    assert count_lines(two, np.log(np.array([[0.6, 0.39, 0.01]], np.float32))).tolist() == [2]
    one = ctc_frames("ABC123")[None]
    assert count_lines(one, np.log(np.array([[0.4, 0.59, 0.01]], np.float32))).tolist() == [1]


def test_heads_are_passed_on() -> None:
    result = reading(ctc_frames("AB"))
    assert np.exp(result.country_log_probs) == pytest.approx([0.2, 0.7, 0.1], abs=1e-5)
    assert (result.countries, result.plateness, result.alphabet) == (COUNTRIES, pytest.approx(0.8), ALPHABET)


def test_a_network_that_does_not_judge_wholeness_takes_every_plate_for_whole() -> None:
    answers = Answers(ctc_frames("AB"), HEAD[1])
    assert Reader(answers, SPEC)([plate()])[0].wholeness == 1.0  # type: ignore[arg-type]
    answers.outputs["wholeness"] = np.array([0.3], np.float32)
    assert Reader(answers, SPEC)([plate()])[0].wholeness == pytest.approx(0.3)  # type: ignore[arg-type]


def test_batches_are_limited_and_keep_their_order() -> None:
    session = StandIn("reader")
    values = [200 if index % 3 else 20 for index in range(BATCH + 5)]
    readings = Reader(session, SPEC)([plate(value) for value in values])  # type: ignore[arg-type]
    assert [shape[0] for shape in session.shapes] == [BATCH, 5]
    assert [result.text for result in readings] == ["AB12CDE" if value == 200 else "" for value in values]
    assert Reader(session, SPEC)([]) == []  # type: ignore[arg-type]


def test_a_network_that_does_not_fit_its_spec_is_refused() -> None:
    wrong = ModelSpec(
        folder=Path("nowhere"), name="stand-in", role="reader", version=1, file="model.onnx", sha256="", input={"width": 160, "height": 64},
        threshold=0.5, alphabet=ALPHABET[:-1], countries=COUNTRIES,
    )  # fmt: skip
    with pytest.raises(ModelError, match="40 classes and 3 countries, spec.json names 38 \\+ 1 and 3"):
        Reader(StandIn("reader"), wrong)([plate()])  # type: ignore[arg-type]
