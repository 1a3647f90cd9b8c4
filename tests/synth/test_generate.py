from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from platelight.dataset import LabelledImage, write_labels
from platelight.geometry import Quad, apply_homography, homography
from platelight.records import ALPHABET, Image
from platelight.synth import degrade, generate, plate, surround
from platelight.synth.generate import Options, draw_plate
from platelight.templates import load

UNIT = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=float)


def inner(picture: Image, label: LabelledImage, share: tuple[float, float]) -> np.ndarray:
    """The colour at a place given as shares of the plate's width and height."""
    corners = label.plates[0].corners
    assert corners is not None
    x, y = apply_homography(homography(UNIT, corners.array()), np.array(share))
    return picture[int(y), int(x)].astype(int)


def within(quad: Quad, height: int, width: int) -> np.ndarray:
    """Which pixels have their middle inside the quad."""
    y, x = np.mgrid[:height, :width] + 0.5
    corners = quad.array()
    sides = [(b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)]
    return np.all(np.array(sides) >= 0, axis=0)


def test_the_same_seed_and_index_give_the_same_picture_in_any_order() -> None:
    forwards = [draw_plate(7, index) for index in range(4)]
    backwards = [draw_plate(7, index) for index in reversed(range(4))][::-1]
    for (first, label), (second, other) in zip(forwards, backwards, strict=True):
        np.testing.assert_array_equal(first, second)
        assert label == other
    assert forwards[0][1].plates[0].text != forwards[1][1].plates[0].text
    assert draw_plate(8, 0)[1].plates != forwards[0][1].plates


def test_labels_say_what_a_template_allows() -> None:
    templates = {template.id: template for template in load()}
    free = 0
    for index in range(60):
        picture, record = draw_plate(11, index)
        assert picture.shape == (record.height, record.width, 3)
        (label,) = record.plates
        assert label.text == "".join(label.text_lines)
        assert label.text
        assert set(label.text) <= set(ALPHABET)
        assert label.lines == len(label.text_lines)
        assert label.corners is not None
        box = label.corners.box
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= record.width + 0.5
        assert box.y1 <= record.height + 0.5
        if label.template is None:
            free += 1
            assert label.country is None
        else:
            assert templates[label.template].matches(label.text)
            assert label.country == templates[label.template].country
    assert 0 < free < 25


def test_countries_are_kept_to() -> None:
    countries = {draw_plate(3, index, Options(countries=("ua", "pl")))[1].plates[0].country for index in range(25)}
    assert countries == {"ua", "pl"}


def test_a_country_without_templates_is_refused() -> None:
    with pytest.raises(ValueError, match="zz"):
        draw_plate(3, 0, Options(countries=("zz",)))


def test_characters_are_large_enough_to_read() -> None:
    for index in range(60):
        rng = np.random.default_rng([5, index])
        params = generate.choose_plate(rng, Options())
        quad = generate._posed(rng, params)
        assert generate.glyph_height(params, quad) >= generate.LEAST_GLYPH_PX - 1e-6


def test_corners_point_at_the_drawn_plate(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plate painted magenta with a green first corner, on black, before anything is spoilt."""
    real = plate.render

    def painted(params: plate.PlateParams, height_px: int = 96) -> plate.PlateArt:
        art = real(params, height_px)
        image = np.empty_like(art.image)
        image[:] = (255, 0, 255)
        image[: height_px // 3, : height_px // 3] = (0, 255, 0)
        return replace(art, image=image, mask=np.full_like(art.mask, 255))

    monkeypatch.setattr(plate, "render", painted)
    monkeypatch.setattr(surround, "render", lambda params, height, width: np.zeros((height, width, 3), np.uint8))
    monkeypatch.setattr(degrade, "develop", lambda params, image: image)
    monkeypatch.setattr(generate, "COVERED", 0.0)
    for index in range(25):
        drawn = generate.compose_plate(21, index, Options())
        corners = drawn.labels[0].corners
        assert corners is not None
        wrong = np.logical_xor(within(corners, *drawn.image.shape[:2]), drawn.image.max(axis=2) > 100).sum()
        assert wrong <= 0.4 * (corners.width_px + corners.height_px)
        record = drawn.record("x.jpg")
        red, green, _ = inner(drawn.image, record, (0.3 * corners.height_px / corners.width_px * 0.4, 0.15))
        assert green > red
        for share in ((0.95, 0.1), (0.95, 0.9), (0.05, 0.9)):
            red, green, _ = inner(drawn.image, record, share)
            assert red > green


def test_background_photos_are_used(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    green = np.zeros((120, 160, 3), np.uint8)
    green[:] = (10, 200, 10)
    cv2.imwrite(str(tmp_path / "images" / "a.png"), green)
    write_labels(tmp_path / "train.jsonl", [LabelledImage(tmp_path / "images" / "a.png", 160, 120, "test")])
    found = 0
    for index in range(12):
        drawn = generate.compose_plate(2, index, replace(Options(strength=0.0), backgrounds=tmp_path))
        corner = drawn.image[:3, :3].reshape(-1, 3).mean(axis=0)
        found += bool(corner[1] > corner[0] + 40 and corner[1] > corner[2] + 40)
    assert 2 <= found <= 10


def test_a_background_that_is_no_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("no picture", encoding="utf-8")
    write_labels(tmp_path / "train.jsonl", [LabelledImage(tmp_path / "a.jpg", 160, 120, "test")])
    with pytest.raises(ValueError, match=r"a\.jpg: not a picture"):
        [draw_plate(2, index, Options(backgrounds=tmp_path)) for index in range(12)]
