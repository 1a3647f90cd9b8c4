"""The example pictures: labels, table and files say the same."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image

from platelight.dataset import LabelledImage, read_labels
from platelight.templates import load

FOLDER = Path(__file__).parents[1] / "examples"
ROW = re.compile(r"^\| `(.+?\.jpg)` \|[^|]*\|([^|]*)\|$", re.MULTILINE)


def labels() -> dict[str, LabelledImage]:
    return {image.path.name: image for image in read_labels(FOLDER / "labels.jsonl")}


def test_every_picture_has_labels_and_the_size_they_say() -> None:
    known = labels()
    assert sorted(known) == sorted(path.name for path in FOLDER.glob("*.jpg"))
    for name, image in known.items():
        with Image.open(FOLDER / name) as picture:
            assert picture.size == (image.width, image.height)


def test_the_table_gives_the_labelled_texts() -> None:
    table = {name: re.findall(r"`([^`]+)`", texts) for name, texts in ROW.findall((FOLDER / "README.md").read_text(encoding="utf-8"))}
    assert table == {name: [" / ".join(plate.text_lines) for plate in image.plates] for name, image in labels().items()}


def test_texts_fit_their_plate_types_and_plates_lie_inside_and_large_enough() -> None:
    types = {template.id: template for template in load()}
    for image in labels().values():
        for plate in image.plates:
            assert plate.template is not None
            assert plate.text is not None
            assert plate.corners is not None
            assert types[plate.template].matches(plate.text)
            assert plate.corners.width_px >= 110
            hull = plate.corners.box
            assert min(hull.x0, hull.y0) >= 0
            assert hull.x1 <= image.width
            assert hull.y1 <= image.height


def test_there_are_pictures_with_several_plates_and_one_without() -> None:
    counts = [len(image.plates) for image in labels().values()]
    assert 0 in counts
    assert max(counts) >= 3
