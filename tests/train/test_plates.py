from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from platelight.dataset import LabelledImage, PlateLabel, read_labels, write_labels
from platelight.geometry import Box, Quad
from platelight.records import ALPHABET
from platelight.rectify import rectify
from platelight.synth.generate import draw_plate
from platelight.train import plates
from platelight.train.countries import COUNTRIES
from platelight.train.plates import HEIGHT, UNKNOWN, WIDTH, NonPlates, PlatePool, PlateSource, PlateStream, cut, encode, jittered, load_rgb, plate_corners

pytestmark = pytest.mark.train


def labels(folder: Path, *plates: PlateLabel) -> Path:
    """A label file whose pictures need not exist."""
    write_labels(folder / "train.jsonl", [LabelledImage(folder / "a.png", 100, 40, f"set {index}", (plate,)) for index, plate in enumerate(plates)])
    return folder / "train.jsonl"


def pool_of(path: Path) -> PlatePool:
    return PlatePool(PlateSource(path, 1.0), COUNTRIES)


def test_class_zero_is_left_to_the_blank() -> None:
    assert encode("0ZÜ") == [1, ALPHABET.index("Z") + 1, len(ALPHABET)]


@pytest.mark.parametrize("seed", range(4))
def test_training_sees_plates_as_the_runtime_does(seed: int) -> None:
    picture, label = draw_plate(seed, 0)
    quad = label.plates[0].corners
    assert quad is not None
    assert np.array_equal(cut(picture, quad.array()), rectify(picture, quad, WIDTH, HEIGHT).pixels)


def test_growing_shows_what_lies_around() -> None:
    picture = np.zeros((80, 200, 3), np.uint8)
    picture[20:60, 50:150] = 255
    corners = Box(50.0, 20.0, 150.0, 60.0).quad().array()
    assert cut(picture, corners)[2:-2, 2:-2].min() == 255
    grown = cut(picture, corners, (0.25, 0.0, 0.0, 0.0))
    dark = (grown[HEIGHT // 2, :, 0] < 128).sum()
    assert abs(dark - WIDTH / 4) <= 1
    assert grown[4:-4, WIDTH // 2 : -4].min() == 255


def test_corners_fall_back_to_the_box_and_to_the_whole_picture() -> None:
    image = LabelledImage(Path("a.png"), 100, 40, "")
    quad = Quad(((1.0, 2.0), (9.0, 3.0), (9.0, 8.0), (1.0, 7.0)))
    assert plate_corners(image, PlateLabel(corners=quad, box=quad.box)).tolist() == quad.array().tolist()
    assert plate_corners(image, PlateLabel(box=quad.box)).tolist() == [[1, 2], [9, 2], [9, 8], [1, 8]]
    assert plate_corners(image, PlateLabel()).tolist() == [[0, 0], [100, 0], [100, 40], [0, 40]]


def test_jitter_is_small_and_centred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platelight.train.plates.ASKEW", 0.0)
    corners = Box(100.0, 100.0, 300.0, 140.0).quad().array()
    rng = np.random.default_rng(3)
    moved = np.array([jittered(corners, rng, exact=True) for _ in range(400)]) - corners
    assert np.abs(moved.mean(axis=0)).max() < 1.5
    assert 1 < moved[..., 0].std() < 20
    assert np.percentile(np.abs(moved[..., 1]), 95) < 16


def test_askew_plates_stay_whole_in_the_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platelight.train.plates.ASKEW", 1.0)
    corners = Box(100.0, 100.0, 300.0, 140.0).quad().array()
    rng = np.random.default_rng(4)
    quads = [Quad.from_array(jittered(corners, rng, exact=True)) for _ in range(300)]
    rolls = np.array([quad.roll_deg for quad in quads])
    assert 5 < rolls.std() < 18
    assert abs(rolls.mean()) < 2
    inside = [cv2.pointPolygonTest(quad.grown(0.15).array().astype(np.float32), tuple(corner), False) >= 0 for quad in quads for corner in corners]
    assert np.mean(inside) > 0.8


def test_plates_that_teach_nothing_are_left_out(tmp_path: Path) -> None:
    flags = [("show",), ("amb",), ("cut",), ("blur",), ()]
    plates = [*(PlateLabel(text="AB12", flags=flag) for flag in flags), PlateLabel(text="A" * 15), PlateLabel(text="ab"), PlateLabel(), PlateLabel(text="Ж1")]
    assert [plate.flags for _, plate in pool_of(labels(tmp_path, *plates)).items] == [("blur",), ()]


def test_a_file_without_usable_plates_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"train\.jsonl: no usable plate with a text"):
        pool_of(labels(tmp_path, PlateLabel()))


def test_rare_countries_are_seen_more_often_than_their_share(tmp_path: Path) -> None:
    pool = pool_of(labels(tmp_path, *[PlateLabel(text="A1", country="de")] * 90, *[PlateLabel(text="A1", country="mt")] * 10))
    rng = np.random.default_rng(1)
    found = Counter(pool.items[int(np.searchsorted(pool.cumulative, rng.random()))][1].country for _ in range(2000))
    assert 0.15 < found["mt"] / 2000 < 0.35


def test_a_target_says_what_the_label_says(data: Path) -> None:
    pool = pool_of(data / "plates" / "dev.jsonl")
    for image, plate in pool.items:
        pixels, target = pool.cut(image, plate, None)
        assert (pixels.shape, pixels.dtype) == ((HEIGHT, WIDTH, 3), np.uint8)
        assert target.is_plate
        assert "".join(target.text_lines or ()) == target.text == plate.text
        assert target.lines + 1 == plate.lines == len(plate.text_lines)
        assert target.country == UNKNOWN if plate.country not in COUNTRIES else COUNTRIES[target.country] == plate.country


def test_the_split_into_lines_is_unknown_unless_stated(data: Path) -> None:
    pool = pool_of(data / "plates" / "dev.jsonl")
    image = pool.items[0][0]

    def lines(plate: PlateLabel) -> tuple[tuple[str, ...] | None, int]:
        target = pool.cut(image, plate, None)[1]
        return target.text_lines, target.lines

    assert lines(PlateLabel(text="AB12")) == (None, UNKNOWN)
    assert lines(PlateLabel(text="AB12", lines=1)) == (("AB12",), 0)
    assert lines(PlateLabel(text="AB12", lines=2)) == (None, 1)
    assert lines(PlateLabel(text="AB12", lines=2, text_lines=("AB", "12"))) == (("AB", "12"), 1)


def test_nonplates_come_from_pictures_without_plates(data: Path) -> None:
    others = NonPlates(data / "backgrounds" / "train.jsonl")
    pixels, target = others.sample(np.random.default_rng(1))
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert not target.is_plate
    with pytest.raises(ValueError, match=r"plates.train\.jsonl: no picture without plates"):
        NonPlates(data / "plates" / "train.jsonl")


def test_a_picture_that_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(ValueError, match=r"a\.png: cannot be decoded"):
        load_rgb(tmp_path / "a.png")


def stream(data: Path, drawn: Path, seed: int, nonplates: float = 0.3) -> PlateStream:
    sources = [PlateSource(data / "plates" / "train.jsonl", 1.0), PlateSource(drawn / "train.jsonl", 1.0, drawn=True)]
    return PlateStream(sources, [data / "backgrounds" / "train.jsonl"], COUNTRIES, 16, seed, nonplates)


def test_the_stream_mixes_its_sources_and_follows_its_seed(data: Path, drawn: Path) -> None:
    first, again, other = (list(islice(iter(stream(data, drawn, seed)), 3)) for seed in (5, 5, 6))
    assert first[0].pictures.shape == (16, HEIGHT, WIDTH, 3)
    assert all((a.pictures == b.pictures).all() and a.targets == b.targets for a, b in zip(first, again, strict=True))
    assert not (first[0].pictures == other[0].pictures).all()
    real, made = ({plate.text for image in read_labels(path) for plate in image.plates} for path in (data / "plates" / "train.jsonl", drawn / "train.jsonl"))
    seen = {target.text for batch in first for target in batch.targets}
    assert seen <= real | made | {""}
    assert seen & real
    assert seen & made
    assert "" in seen


def test_no_share_of_nonplates_gives_none(data: Path, drawn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plates, "TURNED", 0.0)  # plates that are turned are none either
    assert all(target.is_plate for target in next(iter(stream(data, drawn, 1, nonplates=0.0))).targets)
