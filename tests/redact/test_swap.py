from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein
from stand_ins import PLATE, street

from platelight.geometry import Quad
from platelight.records import Image, Plate
from platelight.redact import hide, redact
from platelight.redact.swap import Swap, fitting_type, made_up, texts_of
from platelight.synth import compose
from platelight.synth import plate as drawing
from platelight.templates import Template, load
from platelight.templates.model import Slot, plain

Make = Callable[..., Plate]
TYPES = tuple(template for template in load() if template.country in ("gb", "ua", "de"))

USUAL = Quad(PLATE)


def type_of(name: str) -> Template:
    return next(template for template in TYPES if template.id == name)


def photo(name: str, quad: Quad = USUAL) -> Image:
    """A street with a drawn plate of that type."""
    art = drawing.render(drawing.sample(type_of(name), np.random.default_rng(3)), 80)
    return compose.place(street(800, 600), art.image, art.mask, quad)


@given(st.integers(0, 2**32), st.sampled_from(TYPES))
@settings(max_examples=80, deadline=None)
def test_a_made_up_number_is_of_the_type_and_never_near_the_old_one(seed: int, template: Template) -> None:
    old = "".join(map(plain, template.sample(np.random.default_rng(seed))))
    lines = made_up(template, {old}, np.random.default_rng(seed))  # the very chance that drew the old one
    if lines is not None:
        new = "".join(map(plain, lines))
        assert template.matches(new)
        assert Levenshtein.distance(old, new) >= 3


def test_a_type_that_has_no_other_number_gives_none() -> None:
    fixed = Template("xx-one", "xx", "one", ((Slot("A"), Slot("B"), Slot("1")),), (520, 110), "din", "none")
    assert made_up(fixed, {"AB1"}, np.random.default_rng(0)) is None


def test_all_that_the_plate_may_say_is_avoided(plate: Make) -> None:
    assert texts_of(plate("AB12CDE")) == {"AB12CDE"}
    assert texts_of(plate(None)) == set()


@pytest.mark.parametrize("name", ["gb-current", "gb-current-rear"])
def test_the_type_is_chosen_by_its_colour_too(plate: Make, name: str) -> None:
    """Front and rear plates of Britain say the same on white and on yellow."""
    quad = Quad(((300.0, 240.0), (508.0, 240.0), (508.0, 284.0), (300.0, 284.0)))
    chosen = fitting_type(photo(name, quad), plate(quad=quad, template="gb-current"), TYPES)
    assert chosen is not None
    assert chosen.ground == type_of(name).ground


def test_two_lines_stay_two_lines(plate: Make) -> None:
    quad = Quad(((300.0, 240.0), (380.0, 240.0), (380.0, 300.0), (300.0, 300.0)))
    chosen = fitting_type(photo("ua-2015-two-line", quad), plate("AA1234BB", quad, country="ua", template="ua-2015"), TYPES)
    assert chosen is not None
    assert chosen.size_mm[0] / chosen.size_mm[1] < 2.5


@pytest.mark.parametrize("found", [{"text": None}, {"country": None}, {"country": "zz"}, {"score": 0.01}], ids=str)
def test_what_may_be_no_plate_is_blurred(plate: Make, found: dict[str, object]) -> None:
    assert hide(photo("gb-current"), [plate(**found)], Swap(TYPES)).methods == ("blur",)


def test_the_same_text_gets_the_same_number_in_every_picture(plate: Make) -> None:
    """With a seed; the pictures differ in everything else."""
    picture = photo("gb-current")
    place = slice(225, 295), slice(285, 475)
    first = redact(picture, [plate("AB12CDE")], Swap(TYPES), seed=4)
    second = redact(np.roll(picture, 100, axis=1), [plate("XY99ZZZ", Quad(PLATE), 0.3), plate("AB12CDE", Quad(PLATE).moved(100, 0))], Swap(TYPES), seed=4)
    other = redact(picture, [plate("XY99ZZZ")], Swap(TYPES), seed=4)
    mean = np.abs(first[place].astype(float) - second[:, 100:][place]).mean()
    assert mean < 6
    assert np.abs(first[place].astype(float) - other[place]).mean() > 3 * mean + 5


def test_nothing_of_the_old_plate_is_left_beside_the_new_one(plate: Make) -> None:
    """The old plate is larger than the new one: what sticks out is filled from around."""
    quad = Quad(((300.0, 200.0), (460.0, 200.0), (460.0, 310.0), (300.0, 310.0)))
    picture = street(800, 600)
    picture[200:310, 300:460] = (255, 0, 255)
    done = hide(picture, [plate(quad=quad)], Swap([type_of("gb-current")]), seed=1)
    assert done.methods == ("swap",)
    magenta = (done.picture[..., 0] > 200) & (done.picture[..., 1] < 60) & (done.picture[..., 2] > 200)
    assert not magenta.any()


def test_the_drawn_plate_is_as_dark_as_the_old_one(plate: Make) -> None:
    picture = photo("gb-current")
    dark = (picture * 0.35).astype(np.uint8)
    place = slice(245, 275), slice(310, 450)
    bright_after, dark_after = (redact(each, [plate()], Swap(TYPES), seed=2)[place].mean() for each in (picture, dark))
    assert dark_after < 0.6 * bright_after
