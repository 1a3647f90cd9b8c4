from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from platelight import images
from platelight.dataset import LabelledImage, PlateLabel
from platelight.evaluate.measure import measure, split_name
from platelight.evaluate.report import as_dict, as_text, mistakes
from platelight.evaluate.sheet import WRONG, contact_sheet
from platelight.geometry import Box
from platelight.records import Candidate, Decoding, Detection, Photo, Plate, Reading


def plate(text: str, box: Box, confidence: float = 0.9) -> Plate:
    reading = Reading(np.zeros((0, 40), np.float32), (), "A", np.zeros(1, np.float32), ("de",), 1, 1.0)
    best = Candidate(text, "de", None, 0.0)
    return Plate(Detection(box.quad(), 0.8), reading, Decoding(best, (best,), "AS_READ", confidence))


class Scripted:
    """Answers every readable picture with one plate in its middle, and keeps what it was given."""

    def __init__(self, text: str) -> None:
        self.text, self.sizes = text, list[tuple[int, int]]()

    def read_many(self, sources: Iterable[Any], /, *, crops: bool = False) -> Iterator[Photo]:
        for index, source in enumerate(sources):
            try:
                pixels = images.load(source)
            except images.ImageError as error:
                yield Photo(str(source), index, 0, 0, error=str(error))
                continue
            height, width = pixels.shape[:2]
            self.sizes.append((width, height))
            box = Box(0, 0, width, height) if crops else Box(width / 4, height / 4, width * 3 / 4, height * 3 / 4)
            yield Photo(str(source), index, width, height, (plate(self.text, box),))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "ro-1.png"
    Image.new("RGB", (80, 40), (90, 120, 30)).save(path)
    return path


def test_reads_whole_pictures(photo: Path) -> None:
    picture = LabelledImage(photo, 80, 40, "", (PlateLabel(box=Box(20, 10, 60, 30), text="AB12", country="de"),))
    measured = measure(Scripted("AB12"), [picture], "x/dev")
    (outcome,) = measured.outcomes
    assert (outcome.plates[0].exact, outcome.plates[0].covered, outcome.false) == (True, True, 0)
    assert measured.predictions[0]["source"] == str(photo)


def test_crops_with_a_margin_are_cut_to_their_boxes_and_put_back(photo: Path) -> None:
    labels = (PlateLabel(box=Box(10.5, 5, 30, 15), text="AB12"), PlateLabel(box=Box(40, 20, 79.5, 40), text="XY9"))
    reader = Scripted("XY9")
    measured = measure(reader, [LabelledImage(photo, 80, 40, "", labels)], "x/dev", crops=True)
    assert reader.sizes == [(20, 10), (40, 20)]
    assert [row["box"] for row in measured.predictions[0]["plates"]] == [[10, 5, 20, 10], [40, 20, 40, 20]]
    assert [outcome.read for outcome in measured.outcomes[0].plates] == ["XY9", "XY9"]


@pytest.mark.parametrize("box", [None, Box(2, 2, 78, 38)])
def test_tight_crops_are_read_whole(photo: Path, box: Box | None) -> None:
    reader = Scripted("AB12")
    picture = LabelledImage(photo, 80, 40, "", (PlateLabel(box=box, text="AB12"),))
    assert measure(reader, [picture], "x/dev", crops=True).outcomes[0].plates[0].exact
    assert reader.sizes == [(80, 40)]


@pytest.mark.parametrize("crops", [False, True])
def test_a_missing_picture_is_counted_as_failed_and_the_rest_is_read(photo: Path, tmp_path: Path, crops: bool) -> None:
    label = PlateLabel(box=Box(20, 10, 60, 30), text="AB12")
    pictures = [LabelledImage(tmp_path / "gone.png", 80, 40, "", (label,)), LabelledImage(photo, 80, 40, "", (label,))]
    measured = measure(Scripted("AB12"), pictures, "x/dev", crops=crops)
    assert "gone.png" in str(measured.outcomes[0].error)
    assert [outcome.plates[0].exact for outcome in measured.outcomes] == [False, True]


def two_sets(photo: Path) -> list[Any]:
    right = LabelledImage(photo, 80, 40, "", (PlateLabel(box=Box(20, 10, 60, 30), text="AB12", country="de", lines=1),))
    wrong = LabelledImage(photo, 80, 40, "other", (PlateLabel(box=Box(20, 10, 60, 30), text="ÄB13", country="ua", lines=2),))
    return [measure(Scripted("AB12"), [right], "a/dev"), measure(Scripted("AB12"), [wrong, right], "b/dev")]


def test_the_report_has_a_column_for_each_set_and_a_pooled_one(photo: Path) -> None:
    main, *_ = as_text(two_sets(photo)).split("\n\n")
    lines = {line.split("  ")[0]: line for line in main.splitlines()}
    assert lines[""].split() == ["a/dev", "b/dev", "all"]
    assert lines["exact"].split("  ")[-1] == "0.6667 [0.21 0.94]"
    assert lines["recall50"].split()[1] == "1.0000"


@pytest.mark.parametrize(("small", "title"), [([2], "2"), ([2, 3], "2 others")])
def test_small_groups_share_a_line_and_a_single_one_keeps_its_name(photo: Path, small: list[int], title: str) -> None:
    labels = [PlateLabel(box=Box(20, 10, 60, 30), text="AB12", lines=lines) for lines in [1] * 5 + small]
    text = as_text([measure(Scripted("AB12"), [LabelledImage(photo, 80, 40, "", (label,)) for label in labels], "x/dev")])
    by_lines = text.partition("By lines\n")[2].splitlines()
    assert [row.split("  ")[0] for row in by_lines] == ["lines", "1", title]


def test_without_detection_the_report_has_no_measures_of_it(photo: Path) -> None:
    text = as_text(two_sets(photo), crops=True)
    assert "exact" in text
    assert "recall50" not in text
    assert "false" not in text


def test_the_json_report_groups_and_lists_mistakes(photo: Path) -> None:
    report = as_dict(two_sets(photo))
    assert [row["exact"]["value"] for row in report["sets"]] == [1.0, 0.5]
    assert report["pooled"]["by_country"]["ua"]["exact"] == {"value": 0.0, "interval": [0.0, 0.7935], "hits": 0, "total": 1}
    assert list(report["pooled"]["by_source"]) == ["ro", "other"]
    (mistake,) = report["pooled"]["mistakes"]
    assert (mistake["text"], mistake["read"], mistake["source"]) == ("ÄB13", "AB12", "other")


def test_the_sheet_shows_wrong_characters_in_red(photo: Path) -> None:
    sets = two_sets(photo)
    wrong = mistakes([outcome for measured in sets for outcome in measured.outcomes])
    assert (contact_sheet(wrong) == WRONG).all(axis=2).any()
    assert not (contact_sheet([]) == WRONG).all(axis=2).any()


def test_a_label_file_is_named_by_folder_and_split() -> None:
    assert split_name(Path("data/openalpr-eu/dev.jsonl")) == "openalpr-eu/dev"
