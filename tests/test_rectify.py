from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platelight.geometry import Quad, apply_homography, corner_error
from platelight.rectify import Rectifier, looks, rectify


def gradient(width: int, height: int) -> np.ndarray:
    """Red grows with x, green with y: a pixel's colour tells where it was."""
    x = (np.arange(width) + 0.5) * 255 / width
    y = (np.arange(height) + 0.5) * 255 / height
    picture = np.zeros((height, width, 3), np.uint8)
    picture[..., 0], picture[..., 1] = np.round(x)[None, :], np.round(y)[:, None]
    return picture


def colour_at(points: np.ndarray, width: int, height: int) -> np.ndarray:
    return points * (255 / width, 255 / height)


@given(
    st.lists(st.tuples(st.floats(-12, 12), st.floats(-8, 8)), min_size=4, max_size=4),
    st.sampled_from([(40.0, 16.0), (160.0, 64.0), (380.0, 90.0)]),
)
@settings(max_examples=40, deadline=None)
def test_every_pixel_shows_the_spot_of_the_photo_that_to_frame_names(moves: list[tuple[float, float]], size: tuple[float, float]) -> None:
    width, height = size
    quad = Quad.from_array(np.array([[60, 60], [60 + width, 60], [60 + width, 60 + height], [60, 60 + height]]) + np.array(moves) * min(height / 64, 1))
    plate = rectify(gradient(500, 220), quad, 160, 64)
    ys, xs = np.mgrid[4:60:7, 4:156:13]
    spots = apply_homography(plate.to_frame, np.stack([xs + 0.5, ys + 0.5], axis=-1).astype(float))
    shown = plate.pixels[ys, xs, :2].astype(float)
    assert np.abs(shown - colour_at(spots, 500, 220)).max() < 2.0


def test_corners_go_to_corners_and_the_margin_around_them() -> None:
    quad = Quad(((100, 100), (260, 100), (260, 164), (100, 164)))
    assert apply_homography(rectify(gradient(400, 300), quad, 160, 64).to_frame, np.array([[0, 0], [160, 64]])) == pytest.approx(
        np.array([[100, 100], [260, 164]])
    )
    grown = rectify(gradient(400, 300), quad, 160, 64, margin=0.1)
    assert apply_homography(grown.to_frame, np.array([[0, 0]])) == pytest.approx(np.array([[84, 93.6]]))
    assert grown.quad is quad


def test_a_plate_upside_down_comes_out_upright() -> None:
    picture = gradient(400, 300)
    quad = Quad(((100, 100), (260, 100), (260, 164), (100, 164)))
    assert np.array_equal(rectify(picture, quad.turned(2), 160, 64).pixels, rectify(picture, quad, 160, 64).pixels[::-1, ::-1])


@pytest.mark.parametrize("width", [640, 1600, 6400])
def test_fine_stripes_of_a_large_plate_become_grey_not_moire(width: int) -> None:
    picture = np.zeros((width // 4, width, 3), np.uint8)
    picture[:, ::2] = 255
    quad = Quad(((0, 0), (width, 0), (width, width / 4), (0, width / 4)))
    inner = rectify(picture, quad, 160, 64).pixels[:, 4:-4].astype(int)
    assert np.abs(inner - 127).max() < 30


@pytest.mark.parametrize("quad", [
    Quad(((-500, -300), (-300, -300), (-300, -250), (-500, -250))),
    Quad(((-50, -20), (60, -20), (60, 40), (-50, 40))),
    Quad(((390, 290), (600, 290), (600, 400), (390, 400))),
])  # fmt: skip
def test_beyond_the_picture_the_edge_is_repeated(quad: Quad) -> None:
    picture = np.full((300, 400, 3), 33, np.uint8)
    assert (rectify(picture, quad, 160, 64).pixels == 33).all()


def test_pictures_longer_than_opencv_can_warp() -> None:
    picture = np.full((40, 40_000, 3), 200, np.uint8)
    whole = Quad(((0, 0), (40_000, 0), (40_000, 40), (0, 40)))
    assert rectify(picture, whole, 160, 64).pixels.shape == (64, 160, 3)


def test_one_pixel() -> None:
    assert (rectify(np.full((1, 1, 3), 9, np.uint8), Quad(((0, 0), (1, 0), (1, 1), (0, 1))), 160, 64).pixels == 9).all()


def test_a_quad_without_area_is_refused() -> None:
    with pytest.raises(ValueError, match="no perspective map"):
        rectify(gradient(50, 50), Quad(((0, 0), (10, 10), (20, 20), (30, 30))), 160, 64)


def test_a_batch_keeps_its_order() -> None:
    bright, dark = np.full((50, 90, 3), 250, np.uint8), np.full((50, 90, 3), 5, np.uint8)
    quad = Quad(((10, 10), (60, 10), (60, 30), (10, 30)))
    plates = Rectifier(32, 16)([bright, dark, bright], [[quad], [quad, quad], []])
    assert [int(plate.pixels.mean()) for plate in plates] == [250, 5, 5]
    assert plates[0].pixels.shape == (16, 32, 3)


def test_looks_differ_from_the_quad_and_stay_near_it() -> None:
    quad = Quad(((100.0, 50.0), (180.0, 60.0), (178.0, 82.0), (98.0, 71.0)))
    seen = looks(quad)
    assert len({look.corners for look in seen} | {quad.corners}) == 9
    assert all(0 < corner_error(look, quad) < 0.05 for look in seen)
    assert seen[0].area == pytest.approx(1.06 * 1.10 * quad.area, rel=0.02)
    assert seen[2].roll_deg > quad.roll_deg > seen[3].roll_deg
