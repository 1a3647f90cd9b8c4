from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from platelight.dataset import LabelledImage, PlateLabel, write_labels
from platelight.geometry import Box
from platelight.synth import backdrop, scene, vehicle
from platelight.synth.generate import Options, all_templates


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two photos: a plate whose place is known, and one whose box says too little."""
    rng = np.random.default_rng(4)
    labels = (PlateLabel(box=Box(100, 120, 220, 150), text="OLD1"), PlateLabel(box=Box(20, 20, 60, 55), text="OLD2"))
    for number in range(2):
        picture = cv2.GaussianBlur(rng.integers(0, 256, (240, 320, 3), dtype=np.uint8), (0, 0), 3)
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture)
    write_labels(tmp_path / "train.jsonl", [LabelledImage(tmp_path / f"{number}.png", 320, 240, "test", labels) for number in range(2)])
    return tmp_path


def check(record: LabelledImage) -> None:
    assert len(record.plates) <= 3
    for label in record.plates:
        assert label.box is not None
        assert label.box.x0 >= 0
        assert label.box.y0 >= 0
        assert label.box.x1 <= record.width
        assert label.box.y1 <= record.height
        assert label.text == "".join(label.text_lines)


def test_scenes_are_the_same_for_the_same_seed_and_well_labelled() -> None:
    counts = []
    for index in range(12):
        picture, record = scene.draw_scene(1, index)
        assert picture.shape == (record.height, record.width, 3)
        assert 240 <= max(picture.shape) <= 960
        check(record)
        counts.append(len(record.plates))
    again, label = scene.draw_scene(1, 11)
    np.testing.assert_array_equal(again, picture)
    assert label == record
    assert sum(counts) >= 6


def test_plates_in_photos_do_not_lie_over_each_other(photos: Path) -> None:
    for index in range(12):
        _, record = scene.draw_scene(2, index, Options(backgrounds=photos))
        check(record)
        boxes = [label.box for label in record.plates]
        assert all(a.iou(b) == 0 for n, a in enumerate(boxes) for b in boxes[:n] if a and b)


def test_a_known_plate_is_replaced_and_an_unknown_one_keeps_its_label(photos: Path) -> None:
    replaced = 0
    for index in range(10):
        _, record = scene.draw_scene(3, index, Options(scenes=photos))
        texts = [label.text for label in record.plates]
        if "OLD2" in texts:
            assert "OLD1" not in texts
            assert record.plates[0].corners is not None
            assert record.plates[0].corners.box.iou(Box(100, 120, 220, 150)) > 0.6
            replaced += 1
    assert replaced >= 4


def test_a_plate_over_the_edge_is_flagged_cut() -> None:
    found = scene._visible(PlateLabel(corners=Box(-40, 10, 60, 40).quad()), 20.0, np.zeros((100, 100, 3), np.uint8))
    assert found.flags == ("cut",)
    assert found.box == Box(0, 10, 60, 40)


def test_text_too_small_to_read_is_flagged() -> None:
    label = scene._visible(PlateLabel(corners=Box(10, 10, 40, 20).quad()), 4.0, np.zeros((100, 100, 3), np.uint8))
    assert label.flags == ("blur", "amb")


@pytest.mark.parametrize("kind", ["road", "wall", "hedge", "garage"])
def test_places_hold_room_for_plates_on_their_vehicles(kind: str) -> None:
    params = backdrop.sample(np.random.default_rng(5), kind)
    picture, places = backdrop.render(params, 300, 400)
    assert picture.shape == (300, 400, 3)
    assert 1 <= len(places) <= len(params.vehicles)
    for place in places:
        assert place.hold(place.aspect).area == pytest.approx(place.quad.area, rel=1e-6)
        assert place.hold(place.aspect * 2).area == pytest.approx(place.quad.area / 2, rel=0.05)
        assert place.hold(place.aspect / 2).area == pytest.approx(place.quad.area / 2, rel=0.05)


def test_every_vehicle_has_its_plate_within_its_outline() -> None:
    rng = np.random.default_rng(6)
    kinds = set()
    for _ in range(12):
        params = vehicle.sample(rng)
        kinds.add(params.kind)
        image, mask, mount = vehicle.render(params, 200)
        assert image.shape == (*mask.shape, 3)
        box = mount.quad.box
        assert mask[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)].min() > 200
    assert len(kinds) >= 3


def test_templates_are_loaded_once() -> None:
    assert all_templates() is all_templates()
