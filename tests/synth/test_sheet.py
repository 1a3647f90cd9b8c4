from __future__ import annotations

import numpy as np
import pytest

from platelight.synth.sheet import CELL, COLUMNS, HEADING, MARGIN, PAPER, template_sheet
from platelight.templates import load

TYPES = [template for template in load() if template.country in ("br", "ua")]


def test_every_type_has_a_plate_in_its_place() -> None:
    sheet = template_sheet(TYPES, np.random.default_rng(1))
    assert sheet.dtype == np.uint8
    count = {country: sum(template.country == country for template in TYPES) for country in ("br", "ua")}
    rows = sum(-(-number // COLUMNS) for number in count.values())
    assert sheet.shape == (rows * CELL[1] + 2 * HEADING + MARGIN, COLUMNS * CELL[0] + 2 * MARGIN, 3)
    y = 0
    for number in count.values():
        y += HEADING
        for index in range(-(-number // COLUMNS) * COLUMNS):
            row, column = divmod(index, COLUMNS)
            top, left = y + row * CELL[1], MARGIN + column * CELL[0]
            drawn = (sheet[top : top + CELL[1], left : left + CELL[0]] != PAPER).any(axis=2).mean()
            assert (drawn > 0.1) == (index < number)
        y += -(-number // COLUMNS) * CELL[1]


def test_the_same_chance_gives_the_same_sheet() -> None:
    first, second, other = (template_sheet(TYPES[:5], np.random.default_rng(seed)) for seed in (4, 4, 5))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_no_types_are_refused() -> None:
    with pytest.raises(ValueError, match="no plate types to draw"):
        template_sheet([], np.random.default_rng(1))
