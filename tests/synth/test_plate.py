"""Drawn plates: repeatable, whole, and with all their text inside."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from platelight.records import ALPHABET
from platelight.synth import plate
from platelight.synth.faces import StrokeFace
from platelight.synth.freetext import free_text
from platelight.synth.layout import NARROWEST, Spacing, set_line
from platelight.synth.pen import Shape
from platelight.templates import Template, load
from platelight.templates.model import plain


@pytest.fixture(scope="module")
def templates() -> tuple[Template, ...]:
    return load()


def some(templates: tuple[Template, ...], count: int = 120) -> list[Template]:
    return list(templates[:: max(len(templates) // count, 1)])


def test_the_same_seed_gives_the_same_bytes(templates: tuple[Template, ...]) -> None:
    for template in some(templates, 40):
        first, again, other = (plate.render(plate.sample(template, np.random.default_rng(seed)), 64) for seed in (7, 7, 8))
        assert first.image.tobytes() == again.image.tobytes()
        assert first.text_lines == again.text_lines
        assert first.image.tobytes() != other.image.tobytes()


def test_rendering_uses_no_chance() -> None:
    params = plate.sample_free(np.random.default_rng(3))
    assert plate.render(params, 80).image.tobytes() == plate.render(params, 80).image.tobytes()


def test_a_plate_has_its_shape_and_text(templates: tuple[Template, ...]) -> None:
    rng = np.random.default_rng(0)
    for template in some(templates):
        art = plate.render(plate.sample(template, rng), 72)
        height, width = art.image.shape[:2]
        assert (height, art.image.dtype, art.image.shape[2]) == (72, np.uint8, 3)
        assert art.mask.shape == art.relief.shape == (height, width)
        assert abs(width / height / (template.size_mm[0] / template.size_mm[1]) - 1) < 0.1
        assert art.template is template
        assert template.matches("".join(art.text_lines)), (template.id, art.text_lines)


def test_only_the_corners_of_the_mask_are_open() -> None:
    for seed in range(20):
        mask = plate.render(plate.sample_free(np.random.default_rng(seed)), 64).mask
        height, width = mask.shape
        assert (mask[height // 4 : -height // 4] == 255).all()
        assert (mask[:, width // 4 : -width // 4] == 255).all()
        assert mask[0, 0] < 128 or mask[0, 0] == mask[1, 1]


def test_all_characters_are_drawn_and_whole(templates: tuple[Template, ...]) -> None:
    rng = np.random.default_rng(5)
    for template in some(templates):
        art = plate.render(plate.sample(template, rng), 96)
        ink = art.relief > 127
        assert not ink[[0, -1]].any(), f"{template.id}: a character is cut off above or below"
        assert not ink[:, [0, -1]].any(), f"{template.id}: a character is cut off at a side"
        columns = np.flatnonzero(ink.any(axis=0))
        assert len(columns) > 2 * max(map(len, art.text_lines)), template.id


def test_characters_stand_out_from_their_ground(templates: tuple[Template, ...]) -> None:
    rng = np.random.default_rng(6)
    for template in some(templates):
        params = dataclasses.replace(plate.sample(template, rng), art="", emboss=0.0)
        art = plate.render(params, 96)
        grey = art.image.mean(axis=2)
        rows, columns = np.flatnonzero((art.relief > 0).any(axis=1)), np.flatnonzero((art.relief > 0).any(axis=0))
        inside = np.zeros(grey.shape, bool)
        inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
        inked, ground = np.median(grey[art.relief > 250]), np.median(grey[(art.relief == 0) & inside])
        assert abs(inked - ground) > 20, f"{template.id}: ink {inked:.0f} on {ground:.0f}"


def test_given_lines_are_drawn(templates: tuple[Template, ...]) -> None:
    template = next(t for t in templates if len(t.lines) == 1)
    art = plate.render(plate.sample(template, np.random.default_rng(1), lines=("AB 12-XY",)), 64)
    assert art.text_lines == ("AB12XY",)
    wordy = plate.render(plate.sample(template, np.random.default_rng(1), lines=("WWWWWWWWWWWW",)), 64)
    assert not wordy.relief[:, [0, -1]].any()


def test_the_holdout_letters_plates_differently(templates: tuple[Template, ...]) -> None:
    faces = [plate.sample(templates[0], np.random.default_rng(seed), holdout=True).face for seed in range(20)]
    assert all(isinstance(face, StrokeFace) for face in faces)


def test_free_plates_cover_the_alphabet_and_lengths() -> None:
    rng = np.random.default_rng(9)
    texts = [tuple(map(plain, free_text(rng))) for _ in range(3000)]
    joined = ["".join(lines) for lines in texts]
    assert set("".join(joined)) == set(ALPHABET)
    assert {len(text) for text in joined} == set(range(1, 13))
    assert {len(lines) for lines in texts} == {1, 2, 3}
    assert all(all(lines) for lines in texts)
    for _ in range(40):
        art = plate.render(plate.sample_free(rng), 64)
        assert art.template is None
        assert 1 <= len("".join(art.text_lines)) <= 12
        assert not art.relief[[0, -1]].any()


def test_choose_keeps_to_the_countries_and_weighs_types(templates: tuple[Template, ...]) -> None:
    rng = np.random.default_rng(0)
    assert {plate.choose(rng, templates, ["ua", "de"]).country for _ in range(100)} == {"ua", "de"}
    drawn = [plate.choose(rng, templates, ["de"]).id for _ in range(2000)]
    assert drawn.count("de-car") == max(drawn.count(name) for name in set(drawn))
    assert len({plate.choose(rng, templates).country for _ in range(3000)}) > 50
    with pytest.raises(ValueError, match="no template of xx"):
        plate.choose(rng, templates, ["xx"])


def test_a_plate_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        plate.render(plate.sample_free(np.random.default_rng(0)), 8)


@pytest.mark.parametrize("line", ["A", "AB 12", "WWWWWWWWWWWW", "AB-12.CD*99+7"])
@pytest.mark.parametrize("room", [70, 130, 400])
def test_a_line_stays_between_its_limits(line: str, room: int) -> None:
    placed = set_line(line, StrokeFace(Shape()), 10, 10 + room, 20, 40, Spacing(fill=0.95, stretch=1.3, loosen=0.3))
    assert "".join(box.symbol for box in placed) == line
    assert placed[0].x >= 10
    assert placed[-1].x + placed[-1].width <= 10 + room + 1
    assert all(box.y >= 19 and box.y + box.height <= 61 for box in placed)
    assert all(first.x + first.width <= second.x + 1 for first, second in pairwise(placed))


def test_a_long_line_is_condensed_before_it_is_lowered() -> None:
    face = StrokeFace(Shape())
    natural = sum(face.advance(c) for c in "ABCDEF") * 40 + 5 * 0.1 * 40
    tight = set_line("ABCDEF", face, 0, natural * 0.8, 0, 40, Spacing())
    assert {box.height for box in tight} == {40}
    lower = set_line("ABCDEF", face, 0, natural * NARROWEST * 0.5, 0, 40, Spacing())
    assert max(box.height for box in lower) < 25
