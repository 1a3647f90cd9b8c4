"""New real plates out of the halves of others: what stands on the picture is what the label says."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from platelight.bundle import PACKAGED
from platelight.dataset import LabelledImage, PlateLabel, read_labels, write_labels
from platelight.records import Image
from platelight.synth.generate import Options, draw_plate
from platelight.train.cuts import SIZE, inner_box
from platelight.train.plates import SPLICED, PlatePool, PlateSource, kind_of
from platelight.train.splice import Gaps, Piece, pieces, splice

BOX = inner_box()
HEIGHT, WIDTH = round(BOX.y0 + BOX.y1), round(BOX.x0 + BOX.x1)
DARK, LIGHT = (20, 20, 20), (235, 235, 235)


def striped(text: str, levels: list[int], **more: object) -> Piece:
    """A plate whose characters are stripes of one grey level each, on a ground of 200."""
    pixels = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    edges = np.linspace(BOX.x0, BOX.x1, len(text) + 1)
    for level, left, right in zip(levels, edges[:-1], edges[1:], strict=True):
        pixels[int(BOX.y0) : int(BOX.y1), int(left) + 4 : int(right) - 4] = level
    label = PlateLabel(box=BOX, corners=BOX.quad(), text=text, lines=1)
    return Piece(pixels, label, "test", edges[1:-1], 0, np.zeros(5), **more)  # type: ignore[arg-type]


def stacked(texts: tuple[str, str], levels: tuple[int, int], split: int) -> Piece:
    pixels = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
    pixels[int(BOX.y0) : split - 6, 80:-80] = levels[0]
    pixels[split + 6 : int(BOX.y1), 80:-80] = levels[1]
    label = PlateLabel(box=BOX, corners=BOX.quad(), text="".join(texts), text_lines=texts, lines=2)
    return Piece(pixels, label, "test", np.zeros(0), split, np.zeros(5))


def middles(pixels: Image, count: int) -> list[float]:
    """The grey level in the middle of each of `count` characters."""
    edges = np.linspace(BOX.x0, BOX.x1, count + 1)
    return [float(pixels[HEIGHT // 2, int((a + b) / 2)].mean()) for a, b in pairwise(edges)]


def test_every_character_comes_with_its_own_picture() -> None:
    first, other = striped("ABCDEF", [0, 10, 20, 30, 40, 50]), striped("123456", [90, 100, 110, 120, 130, 140])
    level = dict(zip("ABCDEF123456", [0, 10, 20, 30, 40, 50, 90, 100, 110, 120, 130, 140], strict=True))
    texts = set()
    for seed in range(40):
        made = splice(first, [first, other], np.random.default_rng(seed))
        if made is None:
            continue
        pixels, (text,) = made
        assert len(text) == 6
        seen = middles(pixels, 6)
        for character, grey in zip(text, seen, strict=True):  # those of the second plate are toned like the first: darker than they were
            assert (character in "123456") == (abs(grey - level[character]) > 8)
        assert text[0] == "A"
        texts.add(text)
    assert len(texts) > 5
    assert any(text[-1] == "F" for text in texts)
    assert any(text[-1] == "6" for text in texts)


def test_the_lower_line_of_another_plate_fills_the_rest() -> None:
    made = splice(stacked(("AB", "123"), (20, 60), 100), [stacked(("XY", "789"), (20, 60), 80)], np.random.default_rng(0))
    assert made is not None
    pixels, texts = made
    assert texts == ("AB", "789")
    assert abs(float(pixels[40, WIDTH // 2].mean()) - 20) < 3
    assert abs(float(pixels[99, WIDTH // 2].mean()) - 200) < 12


def test_nothing_fits_where_characters_stand_elsewhere_or_there_is_no_other() -> None:
    first = striped("ABCDEF", [0] * 6)
    assert splice(first, [first], np.random.default_rng(0)) is None
    assert splice(first, [striped("ABCDEFGHIJ", [0] * 10)], np.random.default_rng(0)) is None
    assert splice(first, [striped("A", [0])], np.random.default_rng(0)) is None


def test_plates_of_another_ground_country_or_number_of_lines_are_of_another_kind() -> None:
    light = striped("ABC", [20] * 3)
    dark = Piece(255 - light.pixels, light.label, "test", light.cuts, 0, light.look)
    assert light.kind == striped("123", [40] * 3).kind
    assert len({light.kind, dark.kind, stacked(("AB", "1"), (20, 20), 90).kind}) == 3


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-four plates of one type as a photo would show them, and one whose label is wrong."""
    folder = tmp_path_factory.mktemp("plates")
    images = []
    for index in range(24):
        picture, image = draw_plate(5, index, Options(countries=("pl",), strength=0.1))
        path = folder / f"{image.source}-{index}.png"
        assert cv2.imwrite(str(path), picture[:, :, ::-1])
        images.append(LabelledImage(path, image.width, image.height, image.source, image.plates))
    first = images[0]
    wrong = PlateLabel(corners=first.plates[0].corners, text="QQ99999", lines=1)
    images[0] = LabelledImage(first.path, first.width, first.height, first.source, (wrong,))
    write_labels(folder / "train.jsonl", images)
    return folder / "train.jsonl"


def test_gaps_lie_between_the_characters_of_plates_that_are_read_as_labelled(labels: Path) -> None:
    found = list(pieces(Gaps(PACKAGED), labels))
    assert len(found) >= 10
    assert all(piece.label.text != "QQ99999" for piece in found)
    for piece in found:
        if not piece.split:
            assert len(piece.cuts) == len(piece.label.text or "") - 1
            assert np.all(np.diff(piece.cuts) > 0.03 * SIZE[0])


def test_the_command_writes_a_folder_that_counts_as_real_plates(labels: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "platelight.train.splice", str(PACKAGED), str(tmp_path / "out"), "30", str(labels)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    made = read_labels(tmp_path / "out" / "train.jsonl")
    assert len(made) >= 3
    assert done.stdout.startswith(f"{len(made)} plates of ")
    assert {image.source for image in made} == {SPLICED}
    assert kind_of(tmp_path / "out" / "train.jsonl") == "spliced"
    assert kind_of(labels) == "drawn"
    pool = PlatePool(PlateSource(tmp_path / "out" / "train.jsonl", 1.0), ("pl",))
    assert len(pool.items) == len(made)
    originals = {plate.text for image in read_labels(labels) for plate in image.plates}
    assert any(plate.text not in originals for image in made for plate in image.plates)
