from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from platelight.dataset import PlateLabel, read_labels, write_labels
from platelight.geometry import Box, Quad
from platelight.train.losses import refiner_loss
from platelight.train.quads import HEIGHT, MARGIN, NO_PLATE, PLACES, WIDTH, QuadBatch, QuadPool, QuadStream, cut, misplaced
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


@pytest.fixture
def stream(data: Path, drawn: Path, tmp_path: Path) -> QuadStream:
    """One that also has something that was taken for a plate."""
    places = tmp_path / PLACES
    ground = read_labels(data / "backgrounds" / "train.jsonl")[0]
    write_labels(places, [replace(ground, plates=(PlateLabel(corners=Box(20.0, 20.0, 80.0, 44.0).quad(), flags=(NO_PLATE,)),))])
    grounds, plates = [data / "backgrounds" / "train.jsonl"], [data / "plates" / "train.jsonl"]
    return QuadStream([SceneSource(drawn / "train.jsonl", 1.0)], grounds, plates, data / "scenes" / "train.jsonl", [places], 64, 3)


def test_a_batch_holds_plates_with_their_corners(stream: QuadStream) -> None:
    batch = next(iter(stream))
    assert batch.pictures.shape == (64, HEIGHT, WIDTH, 3)
    assert batch.corners.shape == (64, 4, 2)
    assert float(batch.corners.min()) > 0
    assert (batch.corners < batch.corners.new_tensor([WIDTH, HEIGHT])).all()


def test_corners_are_taught_where_they_are_true_and_plates_told_from_what_was_taken_for_them(stream: QuadStream) -> None:
    batch = next(iter(stream))
    kinds = Counter(zip(batch.exact.tolist(), batch.plate.tolist(), strict=True))
    assert set(kinds) == {(True, True), (False, True), (False, False)}
    assert kinds[True, True] > kinds[False, False] > 0


def test_corners_that_are_not_true_cost_nothing() -> None:
    corners = torch.rand(2, 4, 2) * 50
    batch = QuadBatch(torch.zeros(2, HEIGHT, WIDTH, 3), corners, torch.tensor([True, False]), torch.tensor([True, False]))
    moved = corners + torch.tensor([0.0, 5.0])[:, None, None]
    assert float(refiner_loss((moved, torch.zeros(2)), batch)["corners"]) == 0
    assert float(refiner_loss((moved, torch.tensor([9.0, -9.0])), batch)["plate"]) < 1e-3
