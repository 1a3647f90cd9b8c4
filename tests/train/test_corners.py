"""Corners proposed for boxes: taken where they agree, left alone elsewhere."""

from __future__ import annotations

from dataclasses import replace
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


def refiner(images: list[object], found: list[list[Detection]]) -> list[list[Detection]]:
    return [[replace(detection, quad=QUAD) for detection in detections] for detections in found]


def proposed(path: Path, plate: PlateLabel) -> PlateLabel:
    return next(corners.propose(refiner, labelled(path, plate))).plates[0]  # type: ignore[arg-type]


def test_an_agreeing_quad_is_taken_as_it_is(picture: Path) -> None:
    box = Box(18.0, 22.0, 124.0, 58.0)
    assert proposed(picture, PlateLabel(box=box)) == PlateLabel(box=box, corners=QUAD)


def test_a_quad_elsewhere_is_not_taken(picture: Path) -> None:
    assert proposed(picture, PlateLabel(box=Box(100.0, 70.0, 190.0, 100.0))).corners is None


def test_a_box_around_the_characters_is_widened_first(picture: Path) -> None:
    middle = Box(30.0, 34.0, 110.0, 46.0)
    assert proposed(picture, PlateLabel(box=middle)).corners is None
    seen: list[list[list[Detection]]] = []

    def watched(images: list[object], found: list[list[Detection]]) -> list[list[Detection]]:
        seen.append(found)
        return refiner(images, found)

    next(corners.propose(watched, labelled(picture, PlateLabel(box=middle, flags=("text_box",)))))  # type: ignore[arg-type]
    assert seen[0][0][0].quad.box.width > middle.width
    assert len(seen) == corners.PASSES


def test_known_corners_are_kept(picture: Path) -> None:
    known = QUAD.box.quad()
    assert proposed(picture, PlateLabel(box=QUAD.box, corners=known)).corners == known


def test_the_sheet_shows_the_corners(picture: Path) -> None:
    seen = corners.sheet(labelled(picture, PlateLabel(box=QUAD.box, corners=QUAD)), np.random.default_rng(0))
    assert seen.shape[1] == corners.COLUMNS * corners.TILE[0]
    assert (seen.reshape(-1, 3) == (0, 255, 0)).all(axis=1).any()
