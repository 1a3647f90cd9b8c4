from __future__ import annotations

import numpy as np
import pytest

from platelight.synth import nonplates, sketch, words


@pytest.mark.parametrize("kind", list(nonplates.KINDS))
def test_every_kind_can_be_drawn(kind: str) -> None:
    for seed in range(8):
        drawing = nonplates.sample(np.random.default_rng(seed), kind)
        assert drawing == nonplates.sample(np.random.default_rng(seed), kind)
        assert drawing.kind == kind
        image, mask = nonplates.render(drawing, 60)
        assert image.shape == (*mask.shape, 3)
        assert image.dtype == mask.dtype == np.uint8
        assert mask.shape[0] == 60
        assert 0.02 < (mask > 60).mean() <= 1
        np.testing.assert_array_equal(image, nonplates.render(drawing, 60)[0])


def test_lettering_without_ground_is_see_through() -> None:
    for kind in ("slogan", "badge", "watermark", "shirt"):
        for seed in range(5):
            _, mask = nonplates.render(nonplates.sample(np.random.default_rng(seed), kind), 80)
            assert (mask < 20).mean() > 0.25


def test_boards_cover_their_whole_ground() -> None:
    for seed in range(5):
        _, mask = nonplates.render(nonplates.sample(np.random.default_rng(seed), "hazard"), 80)
        assert (mask > 200).mean() > 0.95


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        nonplates.sample(np.random.default_rng(1), "spaceship")


def test_lettering_stands_where_and_as_large_as_it_should() -> None:
    drawing = sketch.Sketch("test", 3.0, (sketch.Lettering("HHH", 1.5, 0.5, 0.4, (255, 0, 0), face=0),))
    for height in (50, 200):
        image, mask = sketch.render(drawing, height)
        rows, columns = np.flatnonzero(mask.max(axis=1) > 128), np.flatnonzero(mask.max(axis=0) > 128)
        assert rows[-1] - rows[0] + 1 == pytest.approx(0.4 * height, abs=2)
        assert (rows[0] + rows[-1] + 1) / 2 == pytest.approx(0.5 * height, abs=2)
        assert (columns[0] + columns[-1] + 1) / 2 == pytest.approx(1.5 * height, abs=2)
        np.testing.assert_array_equal(image[mask > 250][:, 0], 255)


def test_time_stamps_and_telephone_numbers_look_like_them() -> None:
    rng = np.random.default_rng(2)
    assert all(any(character in "0123456789" for character in words.stamp(rng)) for _ in range(50))
    assert all("#" not in words.phone(rng) for _ in range(50))
