from __future__ import annotations

import cv2
import numpy as np
import pytest

from platelight.synth import compose, pixels
from platelight.synth.easel import Easel


@pytest.fixture
def pictures() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    return rng.integers(0, 256, (40, 60, 3), dtype=np.uint8), rng.integers(0, 256, (40, 60, 3), dtype=np.uint8), rng.integers(0, 256, (40, 60), dtype=np.uint8)


def test_overlaid_is_blend_in_whole_numbers(pictures: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    ground, over, cover = pictures
    exact = pixels.blend(ground, over, cover.astype(np.float32) / np.float32(255))
    assert np.abs(pixels.overlaid(ground, over, cover).astype(int) - exact).max() <= 1


def test_dimmed_leaves_full_light_alone_and_takes_all_of_it_away(pictures: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    ground, _, cover = pictures
    np.testing.assert_array_equal(pixels.dimmed(ground, np.full_like(cover, 255)), ground)
    assert pixels.dimmed(ground, np.zeros_like(cover)).max() == 0


@pytest.mark.parametrize("sigma", [0.6, 1.3, 4.0])
def test_blurred_is_a_gaussian_blur(pictures: tuple[np.ndarray, np.ndarray, np.ndarray], sigma: float) -> None:
    exact = cv2.GaussianBlur(pictures[0].astype(np.float64), (0, 0), sigma)
    assert np.abs(pixels.blurred(pictures[0], sigma) - exact).max() <= 2.0


def test_a_placed_drawing_hides_its_ground_and_its_round_corners_do_not() -> None:
    ground, art = np.full((60, 100, 3), 200, np.uint8), np.full((20, 50, 3), 90, np.uint8)
    mask = np.full((20, 50), 255, np.uint8)
    mask[:3, :3] = 0
    quad = compose.Quad(((20, 20), (70, 20), (70, 40), (20, 40)))
    placed = compose.place(ground, art, mask, quad)
    assert np.abs(placed[24:39, 24:69].astype(int) - 90).max() <= 1
    assert placed[21, 21].tolist() == [200, 200, 200]
    outside = np.ones((60, 100), bool)
    outside[19:41, 19:71] = False
    assert (placed[outside] == 200).all()
    shaded = compose.place(ground, art, mask, quad, shadow=0.8)
    assert shaded[41, 45].max() < 180


def test_a_wide_soft_edge_looks_the_same_on_a_smaller_copy() -> None:
    easel = Easel(600, 400)
    easel.fill([(0.3, 0.2), (0.7, 0.2), (0.7, 0.5), (0.3, 0.5)], (255, 255, 255), soft=0.04)
    square = np.zeros((400, 600), np.float32)
    square[120:300, 180:420] = 255
    exact = cv2.GaussianBlur(square, (0, 0), 24.0)
    assert np.abs(easel.pixels[..., 0] - exact).max() < 8
