"""Photos on their side or head, as telephones without EXIF give them, are read like upright ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from platelight import Platelight, images
from platelight.geometry import Quad, corner_error
from platelight.records import Image

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def reader() -> Platelight:
    return Platelight()


def turned_quad(quad: Quad, picture: Image, quarters: int) -> Quad:
    """Where a quad comes to lie when the picture is turned by quarters anticlockwise, as `np.rot90` does."""
    points = quad.array()
    height, width = picture.shape[:2]
    for _ in range(quarters):
        points = np.column_stack([points[:, 1], width - points[:, 0]])
        height, width = width, height
    return Quad.from_array(points)


@pytest.mark.parametrize("name", ["ukraine-yard.jpg", "california-sun.jpg", "britain-front-rear.jpg"])
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_photo_is_read_like_an_upright_one(reader: Platelight, name: str, quarters: int) -> None:
    picture = images.load(EXAMPLES / name)
    upright = {plate.text: plate.detection.quad for plate in reader.read(picture).plates}
    seen = {plate.text: plate.detection.quad for plate in reader.read(np.ascontiguousarray(np.rot90(picture, quarters))).plates}
    assert seen.keys() == upright.keys()
    for text, quad in upright.items():
        assert corner_error(seen[text], turned_quad(quad, picture, quarters)) < 0.03


def test_an_upright_photo_costs_no_further_look(reader: Platelight) -> None:
    picture = images.load(EXAMPLES / "ukraine-yard.jpg")
    calls: list[tuple[int, ...]] = []
    session = reader.detector.session  # type: ignore[attr-defined]
    run = session.run
    session.run = lambda inputs: (calls.append(inputs["images"].shape), run(inputs))[1]
    try:
        reader.read(picture)
        upright = len(calls)
        reader.read(np.ascontiguousarray(np.rot90(picture)))
    finally:
        session.run = run
    assert upright == 1
    assert len(calls) > upright + 1
