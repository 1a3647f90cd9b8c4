from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from platelight.geometry import Box, Quad
from platelight.train.quads import HEIGHT, MARGIN, WIDTH, QuadPool, QuadStream, cut, misplaced
from platelight.train.scenes import Pasted, SceneSource
from platelight.train.scores import START

pytestmark = pytest.mark.train

LEVEL = Box(100.0, 100.0, 300.0, 140.0).quad().array()


def test_a_plate_cut_by_its_true_corners_has_them_at_the_margin() -> None:
    pixels, corners = cut(np.zeros((300, 400, 3), np.uint8), LEVEL, LEVEL)
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert corners == pytest.approx(START, abs=1e-6)
    assert corners[0] == pytest.approx([WIDTH * MARGIN / (1 + 2 * MARGIN), HEIGHT * MARGIN / (1 + 2 * MARGIN)])


def test_the_corners_lie_on_the_plate_in_the_cut() -> None:
    picture = np.zeros((300, 400, 3), np.uint8)
    picture[100:140, 100:300] = 255
    guess = LEVEL + np.array([[6.0, -3.0], [-5.0, 4.0], [8.0, 2.0], [-4.0, -2.0]])
    pixels, corners = cut(picture, LEVEL, guess)
    for inward in (1, -1):
        points = Quad.from_array(corners).grown(-0.03 * inward).array().astype(int)
        assert {int(pixels[y, x, 0]) > 127 for x, y in points} == {inward == 1}


def test_misplaced_corners_are_wrong_by_a_few_percent() -> None:
    rng = np.random.default_rng(0)
    errors = np.array([np.linalg.norm(misplaced(LEVEL, rng) - LEVEL, axis=1).mean() / 200 for _ in range(300)])
    assert 0.02 < np.median(errors) < 0.12
    assert errors.min() > 0


def test_pools_give_plates_with_corners(data: Path, drawn: Path) -> None:
    rng = np.random.default_rng(1)
    for pool in (
        QuadPool(SceneSource(drawn / "train.jsonl", 1.0)),
        QuadPool(SceneSource(data / "backgrounds" / "train.jsonl", 1.0), Pasted([data / "plates" / "train.jsonl"])),
    ):
        picture, corners = pool.sample(rng)
        assert corners.shape == (4, 2)
        assert (corners >= -1).all()
        assert (corners <= np.array(picture.shape[1::-1]) + 1).all()


def test_pictures_without_corners_are_refused(data: Path) -> None:
    with pytest.raises(ValueError, match="no plate with corners"):
        QuadPool(SceneSource(data / "backgrounds" / "train.jsonl", 1.0))


def test_a_batch_holds_whole_plates(data: Path, drawn: Path) -> None:
    stream = QuadStream([SceneSource(drawn / "train.jsonl", 1.0)], [data / "backgrounds" / "train.jsonl"], [data / "plates" / "train.jsonl"], 8, 3)
    batch = next(iter(stream))
    assert batch.pictures.shape == (8, HEIGHT, WIDTH, 3)
    assert batch.corners.shape == (8, 4, 2)
    assert float(batch.corners.min()) > 0
    assert (batch.corners < batch.corners.new_tensor([WIDTH, HEIGHT])).all()
