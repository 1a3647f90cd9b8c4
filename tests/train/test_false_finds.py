"""What a detector took for plates, cut out and given to the reader as no plate."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from platelight.dataset import LabelledImage, PlateLabel, write_labels
from platelight.geometry import Box
from platelight.records import Detection
from platelight.train import false_finds
from platelight.train.plates import FALSE_FINDS, HEIGHT, WIDTH, NonPlates, PlateTarget, turned

FIND = Box(60.0, 40.0, 140.0, 72.0)


class OneFind:
    """Finds the same thing in every picture."""

    def find_plates(self, pictures: list[object]) -> list[list[Detection]]:
        return [[Detection(FIND.quad(), 0.6)] for _ in pictures]


def red_where_the_find_is(path: Path) -> Path:
    picture = np.full((120, 200, 3), 90, np.uint8)
    picture[40:72, 60:140] = (0, 0, 255)  # OpenCV writes BGR
    cv2.imwrite(str(path), picture)
    return path


def test_only_pictures_without_plates_are_searched(tmp_path: Path) -> None:
    path = red_where_the_find_is(tmp_path / "a.png")
    labels = tmp_path / "train.jsonl"
    write_labels(labels, [LabelledImage(path, 200, 120, "test"), LabelledImage(path, 200, 120, "test", (PlateLabel(box=FIND),))])
    ((place, cuts),) = false_finds.finds(OneFind(), labels)  # type: ignore[arg-type]
    assert len(cuts) == 1
    assert (place.path, [plate.corners for plate in place.plates]) == (path.resolve(), [FIND.quad()])


def test_the_reader_is_shown_the_find_and_not_its_surroundings(tmp_path: Path) -> None:
    path = red_where_the_find_is(tmp_path / "a.png")
    labels = tmp_path / "train.jsonl"
    write_labels(labels, [LabelledImage(path, 200, 120, "test")])
    ((_, (cut,)),) = false_finds.finds(OneFind(), labels)  # type: ignore[arg-type]
    assert tuple(cut[0, 0]) == (90, 90, 90)
    out = tmp_path / "cut.png"
    cv2.imwrite(str(out), cut[:, :, ::-1])
    write_labels(labels, [LabelledImage(out, cut.shape[1], cut.shape[0], FALSE_FINDS)])
    pixels, target = NonPlates(labels).sample(np.random.default_rng(3))
    assert not target.is_plate
    middle = pixels[HEIGHT // 4 : -HEIGHT // 4, WIDTH // 4 : -WIDTH // 4].reshape(-1, 3).mean(axis=0)
    assert middle[0] > middle[1] + 60


def test_a_turned_plate_is_to_be_refused() -> None:
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[: HEIGHT // 2] = 255
    shown, target = turned(picture, np.random.default_rng(0))
    assert target == PlateTarget("", (), -1, -1, False)
    assert shown.shape == picture.shape
    assert shown[: HEIGHT // 2].mean() < 200
