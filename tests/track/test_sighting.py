from __future__ import annotations

import cv2
import numpy as np
import pytest
from passing import plate

from platelight.geometry import Box, Quad
from platelight.records import Image
from platelight.track import Sighting, sharpness_of


def lettered(height: int = 200, width: int = 600) -> Image:
    picture = np.full((height, width, 3), 230, np.uint8)
    cv2.putText(picture, "AC4921CB", (60, 130), cv2.FONT_HERSHEY_SIMPLEX, 3.0, (20, 20, 20), 8, cv2.LINE_AA)
    return picture


def whole(picture: Image) -> Quad:
    return Box(0, 0, picture.shape[1], picture.shape[0]).quad()


def test_blur_and_smallness_cost_sharpness_and_brightness_does_not() -> None:
    sharp = lettered()
    blurred = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 6), dtype=np.uint8)
    small = np.asarray(cv2.resize(sharp, None, fx=0.06, fy=0.06, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    dark = (sharp * 0.4).astype(np.uint8)
    value = sharpness_of(sharp, whole(sharp))
    assert sharpness_of(blurred, whole(blurred)) < 0.7 * value
    assert sharpness_of(small, whole(small)) < 0.8 * value
    assert sharpness_of(dark, whole(dark)) == pytest.approx(value, rel=0.05)


@pytest.mark.parametrize("box", [Box(-50, -50, -10, -10), Box(10, 10, 12, 11), Box(590, 190, 900, 300)])
def test_plates_beyond_the_picture_have_no_sharpness_to_speak_of(box: Box) -> None:
    assert 0 <= sharpness_of(lettered(), box.quad()) < 0.1


def test_a_plate_at_the_edge_counts_less() -> None:
    whole_plate = plate("AC4921CB", 10, 10)
    cut = type(whole_plate)(whole_plate.detection, whole_plate.reading, whole_plate.decoding, ("cut_off",))
    assert Sighting(cut, 0.5).weight < 0.2 * Sighting(whole_plate, 0.5).weight
