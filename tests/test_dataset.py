from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platelight.dataset import LabelError, LabelledImage, PlateLabel, find_split, find_splits, read_labels, write_labels
from platelight.geometry import Box, Quad

FULL = PlateLabel(
    box=Box(10, 20, 110, 45),
    corners=Quad(((10, 21), (110, 20), (109, 44), (11, 45))),
    text="MÜ12AB",
    text_lines=("MÜ12", "AB"),
    lines=2,
    country="de",
    region="by",
    template="de-car",
    flags=("blur",),
    alt="MU12AB",
)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    images = [LabelledImage(tmp_path / "images" / "a.jpg", 640, 480, "test", (FULL, PlateLabel())), LabelledImage(tmp_path / "b.png", 4, 3, "test")]
    write_labels(tmp_path / "train.jsonl", images)
    assert read_labels(tmp_path / "train.jsonl") == images


def test_names_are_relative_to_the_file_and_umlauts_stay_plain(tmp_path: Path) -> None:
    write_labels(tmp_path / "train.jsonl", [LabelledImage(tmp_path / "images" / "a.jpg", 640, 480, "test", (FULL,))])
    text = (tmp_path / "train.jsonl").read_text(encoding="utf-8")
    assert json.loads(text)["image"] == "images/a.jpg"
    assert "MÜ12AB" in text


numbers = st.floats(-50, 5000).map(lambda value: round(value, 2))


@settings(max_examples=40)
@given(
    corners=st.lists(st.tuples(numbers, numbers), min_size=4, max_size=4),
    lines=st.lists(st.text("ABC019ÄÖÜ", min_size=1, max_size=6), min_size=1, max_size=3),
    flags=st.lists(st.sampled_from(["blur", "cut", "amb"]), unique=True),
)
def test_any_plate_survives_the_round_trip(
    tmp_path_factory: pytest.TempPathFactory, corners: list[tuple[float, float]], lines: list[str], flags: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("labels")
    label = PlateLabel(box=Box(0, 0, 5, 5), corners=Quad(tuple(corners)), text="".join(lines), text_lines=tuple(lines), lines=len(lines), flags=tuple(flags))
    write_labels(folder / "dev.jsonl", [LabelledImage(folder / "a.jpg", 10, 10, "s", (label,))])
    assert read_labels(folder / "dev.jsonl")[0].plates == (label,)


def test_a_plate_with_corners_alone_is_written_with_their_box(tmp_path: Path) -> None:
    label = PlateLabel(corners=Quad(((1, 2), (5, 1), (6, 4), (2, 5))))
    write_labels(tmp_path / "x.jsonl", [LabelledImage(tmp_path / "a.jpg", 10, 10, "s", (label,))])
    assert read_labels(tmp_path / "x.jsonl")[0].plates[0].box == Box(1, 1, 6, 5)


GOOD = '{"image": "a.jpg", "width": 10, "height": 10, "plates": []}'


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{oops", "line 2: not JSON"),
        ("[1]", "line 2: expected an object"),
        ('{"width": 1, "height": 1}', "line 2: 'image' is missing"),
        ('{"image": 5, "width": 1, "height": 1}', "line 2: 'image' must be text, found 5"),
        ('{"image": "a", "width": "10", "height": 1}', "line 2: 'width' must be a positive whole number, found '10'"),
        ('{"image": "a", "width": 1, "height": 0}', "line 2: 'height' must be a positive whole number, found 0"),
        ('{"image": "a", "width": 1, "height": 1, "plates": {}}', "line 2: 'plates' must be a list"),
        ('{"image": "a", "width": 1, "height": 1, "plates": [7]}', "line 2, plate 1: expected an object, found 7"),
        ('{"image": "a", "width": 1, "height": 1, "plates": [{}, {"box": [1, 2, 3]}]}', "line 2, plate 2: 'box' must be [x, y, width, height]"),
        ('{"image": "a", "width": 1, "height": 1, "plates": [{"box": [1, 2, 0, 5]}]}', "with positive size, found [1, 2, 0, 5]"),
        ('{"image": "a", "width": 1, "height": 1, "plates": [{"corners": [[1, 2], [3, 4]]}]}', "'corners' must be four [x, y] pairs"),
        ('{"image": "a", "width": 1, "height": 1, "plates": [{"box": [NaN, 2, 3, 4]}]}', "'box' must be"),
        ('{"image": "a", "width": 1, "height": 1, "plates": [{"text": 12}]}', "'text' must be text, found 12"),
        ('{"image": "a", "width": 1, "height": 1, "plates": [{"lines": 4}]}', "'lines' must be 1, 2 or 3, found 4"),
        ('{"image": "a", "width": 1, "height": 1, "plates": [{"text": "AB", "text_lines": ["A", "C"]}]}', "do not join to 'text' 'AB'"),
        ('{"image": "a", "width": 1, "height": 1, "plates": [{"flags": "blur"}]}', "'flags' must be a list of texts, found 'blur'"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(f"{GOOD}\n{line}\n", encoding="utf-8")
    with pytest.raises(LabelError) as caught:
        read_labels(path)
    assert str(caught.value).startswith(f"{path}, line 2")
    assert message in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="missing.jsonl: cannot be read"):
        read_labels(tmp_path / "missing.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b'{"image": "\xfc.jpg"}')
    with pytest.raises(LabelError, match="latin.jsonl: not UTF-8"):
        read_labels(tmp_path / "latin.jsonl")


def test_blank_lines_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "dev.jsonl").write_text(f"\n{GOOD}\n\n", encoding="utf-8")
    assert len(read_labels(tmp_path / "dev.jsonl")) == 1


def test_splits_are_found_by_name(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="no label file"):
        find_splits(tmp_path)
    for name in ("train", "dev"):
        (tmp_path / f"{name}.jsonl").write_text(GOOD, encoding="utf-8")
    assert find_splits(tmp_path) == {"dev": tmp_path / "dev.jsonl", "train": tmp_path / "train.jsonl"}
    assert find_split(tmp_path, "dev") == tmp_path / "dev.jsonl"
    with pytest.raises(LabelError, match="no split 'test'; there are dev, train"):
        find_split(tmp_path, "test")
