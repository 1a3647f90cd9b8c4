"""Faces of drawn plates: every character is there, is itself, and chance decides the rest."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from platelight.records import ALPHABET
from platelight.synth import faces, typeset
from platelight.synth.faces import FAMILIES, Face, StrokeFace, draw_face, draw_shape
from platelight.synth.pen import Shape

# Pairs that real plates letter alike, in the order of ALPHABET.
ALIKE = {("0", "O"), ("1", "I"), ("O", "Ö"), ("U", "Ü"), ("A", "Ä")}


def sheet(face: Face, height: int = 48) -> dict[str, np.ndarray]:
    """Every character brought to one size, so that only its form counts."""
    return {c: cv2.resize(face.mask(c, max(round(face.advance(c) * height), 3), height), (32, 48), interpolation=cv2.INTER_AREA) for c in ALPHABET}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("holdout", [False, True])
def test_every_character_has_ink_and_differs_from_the_others(family: str, holdout: bool) -> None:
    for seed in range(6):
        drawn = sheet(StrokeFace(draw_shape(np.random.default_rng(seed), family, holdout)))
        for index, first in enumerate(ALPHABET):
            assert np.mean(drawn[first] > 127) > 0.08, f"{first} is nearly empty in {family}, seed {seed}"
            assert first in "I1" or np.mean(drawn[first] > 127) < 0.85, f"{first} is a blot in {family}, seed {seed}"
            for second in ALPHABET[index + 1 :]:
                if (first, second) not in ALIKE:
                    difference = np.mean(np.abs(drawn[first].astype(int) - drawn[second])) / 255
                    assert difference > 0.02, f"{first} and {second} look alike in {family}, seed {seed}: {difference:.4f}"


def test_umlauts_carry_dots_that_their_letters_lack() -> None:
    face = StrokeFace(Shape())
    for letter, umlaut in zip("AOU", "ÄÖÜ", strict=True):
        ink = face.mask(umlaut, 40, 70)
        rows = np.flatnonzero((ink > 127).any(axis=1))
        assert len(rows) < rows[-1] - rows[0] + 1, f"no gap under the dots of {umlaut}"
        assert not np.array_equal(ink, face.mask(letter, 40, 70))


def test_a_nine_is_a_six_turned_round() -> None:
    face = StrokeFace(Shape())
    six, nine = face.mask("6", 40, 70), face.mask("9", 40, 70)
    turned, straight = (np.mean(np.abs(picture.astype(int) - nine)) for picture in (six[::-1, ::-1], six))
    assert turned < straight / 4


def test_masks_have_the_size_asked_for() -> None:
    rng = np.random.default_rng(0)
    for face in (draw_face(rng, "fe"), typeset.FontFace(typeset.face_fonts("generic")[0])):
        for size in ((7, 12), (40, 64), (90, 160)):
            assert face.mask("R", *size).shape == size[::-1]


def test_a_mask_fills_its_box() -> None:
    for family in FAMILIES:
        face = StrokeFace(draw_shape(np.random.default_rng(3), family))
        for character in "0BEHMO8":
            ink = face.mask(character, max(round(face.advance(character) * 60), 3), 60) > 127
            rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
            assert rows[0] <= 2, (family, character)
            assert rows[-1] >= 57, (family, character)
            assert columns[0] <= 3 or character == "0", (family, character)


def test_the_same_seed_gives_the_same_face_and_others_differ() -> None:
    first, again, other = (draw_shape(np.random.default_rng(seed), "din") for seed in (5, 5, 6))
    assert first == again
    assert first != other
    masks = [StrokeFace(shape).mask("R", 40, 64).tobytes() for shape in (first, again, other)]
    assert masks[0] == masks[1] != masks[2]


def test_no_two_plates_share_a_stroke_face() -> None:
    rng = np.random.default_rng(1)
    shapes = [draw_shape(rng, "us") for _ in range(200)]
    assert len({(shape.weight, shape.width, shape.curve_x) for shape in shapes}) == 200
    assert len({shape.kind("1") for shape in shapes}) > 1
    assert len({shape.round_ends for shape in shapes}) == 2


def test_the_holdout_is_a_region_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[bool, bool]] = []
    original = faces.in_holdout

    def note(unit: np.ndarray) -> bool:
        seen.append((wanted, original(unit)))
        return seen[-1][1]

    monkeypatch.setattr(faces, "in_holdout", note)
    rng = np.random.default_rng(2)
    for wanted in (True, False) * 40:
        draw_shape(rng, "fr", holdout=wanted)
        assert seen[-1][0] == seen[-1][1]
    assert {inside for _, inside in seen} == {True, False}


def test_the_holdout_is_lettered_by_strokes_alone() -> None:
    rng = np.random.default_rng(4)
    assert all(isinstance(draw_face(rng, "uk", holdout=True), StrokeFace) for _ in range(60))
    kinds = {type(draw_face(rng, "uk")) for _ in range(60)}
    assert kinds == {StrokeFace, typeset.FontFace}


def test_texts_of_no_format_tell_one_from_i_and_zero_from_o() -> None:
    alike = StrokeFace(Shape(zero_width=1.0, zero_curve=1.0))
    assert np.array_equal(alike.mask("1", 30, 60), alike.mask("I", 30, 60))
    told = faces.telling(alike)
    assert told.advance("0") < 0.9 * told.advance("O")
    assert not np.array_equal(told.mask("1", 30, 60), told.mask("I", 30, 60))


def test_every_font_draws_the_whole_alphabet() -> None:
    for name in typeset.face_fonts("generic"):
        face = typeset.FontFace(name)
        drawn = sheet(face)
        assert all(mask.max() > 200 for mask in drawn.values()), name
        assert not np.array_equal(drawn["O"], drawn["X"]), name


def test_every_font_comes_with_a_licence() -> None:
    folder = Path(typeset.__file__).parent / "fonts"
    listed = (folder / "FONTS.md").read_text(encoding="utf-8")
    licences = {path.stem.removeprefix("LICENSE-") for path in folder.glob("LICENSE-*.txt")}
    for name in typeset.print_fonts():
        start = {"OSP-DIN.ttf": "osp-din"}.get(name, "roadgeek" if name.startswith("RG2014") else name.partition("-latin")[0])
        assert start in licences, f"{name} has no licence file"
        assert f"LICENSE-{start}.txt" in listed, f"{name} is not in FONTS.md"
    assert sum(path.stat().st_size for path in folder.iterdir()) < 1_500_000
