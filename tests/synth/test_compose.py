from __future__ import annotations

import numpy as np
import pytest

from platelight.geometry import Quad, apply_homography, homography
from platelight.records import Image
from platelight.synth import compose, pose

MARKERS = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0)}


def marked(height: int, width: int) -> tuple[Image, np.ndarray]:
    """A black drawing with a coloured square in each corner, and the squares' middles as (4, 2)."""
    art = np.zeros((height, width, 3), np.uint8)
    side = height // 4
    starts = [(0, 0), (width - side, 0), (width - side, height - side), (0, height - side)]
    for (x, y), colour in zip(starts, MARKERS.values(), strict=True):
        art[y : y + side, x : x + side] = colour
    return art, np.array(starts) + side / 2


def middle_of(picture: Image, colour: tuple[int, int, int]) -> np.ndarray:
    """Where a colour is, in pixels (x, y) with whole pixels reaching from 0 to 1."""
    away = np.abs(picture.astype(int) - colour).sum(axis=2)
    weight = np.clip(1 - away / 255, 0, 1)
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]] + 0.5
    return np.array([(x * weight).sum(), (y * weight).sum()]) / weight.sum()


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("art_height", [48, 150])
def test_the_drawing_lies_where_its_corners_say(seed: int, art_height: int) -> None:
    rng = np.random.default_rng(seed)
    art, middles = marked(art_height, art_height * 4)
    quad = pose.project(pose.sample(rng), 4.0, rng.uniform(120, 260)).moved(200 + rng.random(), 150 + rng.random())
    ground = np.full((300, 400, 3), 128, np.uint8)
    picture = compose.place(ground, art, np.full(art.shape[:2], 255, np.uint8), quad, shadow=0.0)
    corners = np.array([[0, 0], [art.shape[1], 0], [art.shape[1], art.shape[0]], [0, art.shape[0]]], dtype=float)
    expected = apply_homography(homography(corners, quad.array()), middles)
    for colour, place in zip(MARKERS.values(), expected, strict=True):
        assert np.linalg.norm(middle_of(picture, colour) - place) < 1.0


def test_the_rest_of_the_picture_stays_and_the_input_too() -> None:
    ground = np.random.default_rng(1).integers(0, 256, (200, 300, 3), dtype=np.uint8)
    before = ground.copy()
    quad = Quad(((100, 80), (180, 85), (178, 110), (98, 104)))
    art, _ = marked(40, 120)
    picture = compose.place(ground, art, np.full((40, 120), 255, np.uint8), quad, shadow=1.0)
    np.testing.assert_array_equal(ground, before)
    far = np.ones((200, 300), bool)
    far[60:140, 80:210] = False
    np.testing.assert_array_equal(picture[far], ground[far])
    assert not np.array_equal(picture, ground)


def test_shadow_darkens_below_the_plate() -> None:
    ground = np.full((200, 300, 3), 200, np.uint8)
    quad = Quad(((100, 80), (200, 80), (200, 110), (100, 110)))
    art, _ = marked(40, 120)
    picture = compose.place(ground, art, np.full((40, 120), 255, np.uint8), quad, shadow=0.8)
    assert picture[112, 120:180].mean() < 160
    assert picture[112, 120:180].mean() < picture[77, 120:180].mean()


def test_a_quad_outside_the_picture_changes_nothing() -> None:
    ground = np.full((50, 60, 3), 90, np.uint8)
    art, _ = marked(40, 120)
    picture = compose.place(ground, art, np.full((40, 120), 255, np.uint8), Quad(((500, 500), (560, 500), (560, 520), (500, 520))))
    np.testing.assert_array_equal(picture, ground)
