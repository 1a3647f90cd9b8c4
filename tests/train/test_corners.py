"""Corners proposed for boxes: taken where they agree, stretched to the box, left alone elsewhere."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from platelight.dataset import LabelledImage, PlateLabel
from platelight.geometry import Box, Quad
from platelight.records import Detection
from platelight.train import corners

QUAD = Quad(((20.0, 30.0), (118.0, 24.0), (120.0, 50.0), (22.0, 56.0)))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), np.full((120, 200, 3), 90, np.uint8))
    return path


def labelled(path: Path, plate: PlateLabel) -> list[LabelledImage]:
    return [LabelledImage(path, 200, 120, "test", (plate,))]


def detector(images: list[object]) -> list[list[Detection]]:
    return [[Detection(QUAD, 0.9)] for _ in images]


def proposed(path: Path, plate: PlateLabel) -> PlateLabel:
    return next(corners.propose(detector, labelled(path, plate))).plates[0]  # type: ignore[arg-type]


def test_an_agreeing_quad_is_stretched_to_the_box(picture: Path) -> None:
    box = Box(18.0, 22.0, 124.0, 58.0)
    found = proposed(picture, PlateLabel(box=box)).corners
    assert found is not None
    assert found.box.xywh == pytest.approx(box.xywh)
    assert found.corners[1][1] < found.corners[0][1]  # still leaning as the quad does


def test_a_quad_elsewhere_is_not_taken(picture: Path) -> None:
    assert proposed(picture, PlateLabel(box=Box(100.0, 70.0, 190.0, 100.0))).corners is None


def test_a_box_around_the_characters_is_left_alone(picture: Path) -> None:
    assert proposed(picture, PlateLabel(box=QUAD.box, flags=("text_box",))).corners is None


def test_known_corners_are_kept(picture: Path) -> None:
    known = QUAD.box.quad()
    assert proposed(picture, PlateLabel(box=QUAD.box, corners=known)).corners == known


def test_the_sheet_shows_the_corners(picture: Path) -> None:
    seen = corners.sheet(labelled(picture, PlateLabel(box=QUAD.box, corners=QUAD)), np.random.default_rng(0))
    assert seen.shape[1] == corners.COLUMNS * corners.TILE[0]
    assert (seen.reshape(-1, 3) == (0, 255, 0)).all(axis=1).any()
