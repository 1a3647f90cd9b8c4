from __future__ import annotations

import cv2
import numpy as np
import pytest

from platelight.dataset import PlateLabel
from platelight.geometry import Box, Quad, corner_error
from platelight.records import Image
from platelight.synth import compose, match, plate
from platelight.synth.replate import covering, fitting, place_of, replate
from platelight.templates import load

QUAD = Quad(((200, 150), (395, 162), (392, 206), (198, 192)))


def letters(height: int, width: int) -> Image:
    art = np.full((height, width, 3), 235, np.uint8)
    for x in range(width // 12, width * 11 // 12, width // 12):
        art[height // 5 : -height // 5, x : x + width // 40] = 20
    return art


def photo(high: float = 200, low: float = 40, blur: float = 0.0, noise: float = 0.0) -> Image:
    """A plate at QUAD on a grey car, as a camera with that contrast, blur and noise would show it."""
    tone = np.interp(np.arange(256), (20, 235), (low, high)).astype(np.uint8)
    picture = np.full((360, 600, 3), 110, np.uint8)
    picture = compose.place(picture, tone[letters(100, 450)], np.full((100, 450), 255, np.uint8), QUAD)
    if blur:
        picture = cv2.GaussianBlur(picture, (0, 0), blur)
    grain = np.random.default_rng(1).normal(0, noise, (360, 600, 1)) if noise else 0
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def a_plate(seed: int = 0) -> plate.PlateArt:
    template = next(template for template in load() if template.id == "ua-2015")
    return plate.render(plate.sample(template, np.random.default_rng(seed)), 80)


@pytest.mark.parametrize(("low", "high"), [(40, 200), (20, 110), (120, 240)])
def test_light_is_measured(low: float, high: float) -> None:
    look = match.measure(photo(high, low), QUAD)
    assert look.low == pytest.approx(low, abs=12)
    assert look.high == pytest.approx(high, abs=12)
    assert look.cast == pytest.approx((1, 1, 1), abs=0.05)


def test_blur_is_measured() -> None:
    sigmas = [np.mean(match.measure(photo(blur=blur), QUAD).sigma) for blur in (0.0, 1.2, 2.2)]
    assert sigmas[0] < 0.9
    assert sigmas[1] == pytest.approx(1.2, abs=0.5)
    assert sigmas[2] == pytest.approx(2.2, abs=0.6)


def test_noise_is_measured() -> None:
    assert match.measure(photo(noise=0.0), QUAD).noise < 0.6
    assert match.measure(photo(noise=6.0), QUAD).noise == pytest.approx(6.0, abs=0.8)


def test_light_falling_off_is_measured() -> None:
    picture = photo().astype(float) * np.linspace(0.5, 1.5, 600)[None, :, None]
    assert match.measure(np.clip(picture, 0, 255).astype(np.uint8), QUAD).slope[0] > 0.15


@pytest.mark.parametrize("high", [90.0, 150.0, 230.0])
def test_the_new_plate_is_as_bright_as_the_old_one(high: float) -> None:
    before = photo(high, 30)
    after, target = replate(before, QUAD, a_plate(), np.random.default_rng(2))
    assert match.measure(after, target).high == pytest.approx(high, abs=0.22 * high)


def test_the_new_plate_is_as_blurred_as_the_old_one() -> None:
    sharp, soft = (match.measure(*replate(photo(blur=blur), QUAD, a_plate(), np.random.default_rng(2))).sigma for blur in (0.0, 2.0))
    assert np.mean(soft) > np.mean(sharp) + 0.6


def test_the_surroundings_and_the_input_stay() -> None:
    before = photo(noise=3.0)
    copy = before.copy()
    after, target = replate(before, QUAD, a_plate(), np.random.default_rng(2))
    np.testing.assert_array_equal(before, copy)
    hull = target.grown(0.15).box
    outside = np.ones(before.shape[:2], bool)
    outside[int(hull.y0) - 8 : int(hull.y1) + 9, int(hull.x0) - 8 : int(hull.x1) + 9] = False
    np.testing.assert_array_equal(after[outside], before[outside])


@pytest.mark.parametrize("aspect", [1.4, 3.0, 4.6, 6.0])
def test_the_old_plate_is_covered_fully(aspect: float) -> None:
    outline = covering(QUAD, aspect).array().astype(np.float32)
    for x, y in QUAD.corners:
        assert cv2.pointPolygonTest(outline, (x, y), True) > 0


def test_a_plate_of_the_same_shape_keeps_the_corners() -> None:
    assert corner_error(covering(QUAD, QUAD.width_px / QUAD.height_px), QUAD) < 0.03


def test_shapes_that_differ_much_do_not_fit() -> None:
    assert fitting(QUAD, 4.6)
    assert not fitting(QUAD, 1.4)


def test_where_a_plate_can_be_replaced() -> None:
    wide, square = Box(10, 10, 130, 40), Box(10, 10, 70, 60)
    assert place_of(PlateLabel(corners=QUAD)) == QUAD
    assert place_of(PlateLabel(box=wide)) == wide.quad()
    assert place_of(PlateLabel(box=wide, flags=("tilt",))) is None
    assert place_of(PlateLabel(box=square)) is None
    assert place_of(PlateLabel(box=Box(0, 0, 20, 5))) is None
    assert place_of(PlateLabel()) is None
