"""A photo of little but a plate is read, whatever stands on the plate besides its text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from platelight import Detection, Platelight, images
from platelight.dataset import read_labels
from platelight.detect import Detector
from platelight.geometry import Quad
from platelight.records import Image

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def reader() -> Platelight:
    return Platelight()


@pytest.mark.parametrize("fill", [0.5, 0.8, 0.95])
def test_plates_are_read_where_they_fill_the_picture(reader: Platelight, fill: float) -> None:
    for image in read_labels(EXAMPLES / "labels.jsonl"):
        for plate in image.plates:
            assert plate.corners is not None
            box, picture = plate.corners.box, images.load(image.path)
            spare_x = (box.width / fill - box.width) / 2
            spare_y = max((box.width / fill * 0.75 - box.height) / 2, 0.1 * box.height)
            part = picture[max(int(box.y0 - spare_y), 0) : int(box.y1 + spare_y), max(int(box.x0 - spare_x), 0) : int(box.x1 + spare_x)]
            assert plate.text in [seen.text for seen in reader.read(np.ascontiguousarray(part)).plates], (image.path.name, fill)


class Misled(Detector):
    """Takes the ground for a plate at first; its smaller looks see the plate."""

    def __init__(self, real: Detector) -> None:
        super().__init__(real.session, real.spec, real.effort)

    def __call__(self, pictures: list[Image]) -> list[list[Detection]]:  # type: ignore[override]
        return [[Detection(Quad(((2.0, 2.0), (42.0, 2.0), (42.0, 12.0), (2.0, 12.0))), 0.9)] for _ in pictures]


def test_where_no_find_is_a_plate_the_picture_is_looked_at_as_a_close_up(reader: Platelight) -> None:
    picture = images.load(EXAMPLES / "france-close.jpg")
    [text] = [plate.text for plate in reader.read(picture).plates]
    detector = reader.detector
    assert isinstance(detector, Detector)
    reader.detector = Misled(detector)
    try:
        assert [plate.text for plate in reader.read(picture).plates] == [text]
        reader.detector.effort = "fast"
        assert [plate.text for plate in reader.read(picture).plates] == []
    finally:
        reader.detector = detector
