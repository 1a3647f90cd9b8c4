from __future__ import annotations

from pathlib import Path

import pytest

from platelight.train.plates import PlatePool
from platelight.train.recipe import RECIPES, Data, check_labels, find, read_notes

pytestmark = pytest.mark.train


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, names in RECIPES.items() for name in names])
def test_every_listed_recipe_says_what_it_is(role: str, name: str) -> None:
    recipe = find(role, name)
    assert (recipe.name, recipe.role) == (name, role)
    assert recipe.about


def test_an_unknown_recipe_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="no recipe 'reader_xl' for the reader; there are reader_s"):
        find("reader", "reader_xl")


def test_a_recipe_of_the_other_role_is_refused() -> None:
    with pytest.raises(ValueError, match="no recipe 'detector_s' for the reader"):
        find("reader", "detector_s")


def test_an_unknown_role_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="no role 'readr'; there are reader, detector, refiner"):
        find("readr", "reader_s")


@pytest.mark.parametrize(("role", "name"), [("reader", "reader_s"), ("reader", "reader_drawn"), ("detector", "detector_s"), ("refiner", "refiner_s")])
def test_each_recipe_names_the_label_files_it_reads(role: str, name: str, data: Path, drawn: Path) -> None:
    recipe, both = find(role, name), Data(data, (drawn,))
    check_labels(both, [*recipe.train_labels(both), *recipe.dev_labels(both)])
    assert drawn / "train.jsonl" in recipe.train_labels(both)
    stream = recipe.stream(both, 1, 0)
    assert {source.labels for source in stream.sources} <= set(recipe.train_labels(both))


def test_a_reader_of_drawn_plates_alone_sees_no_real_one(data: Path, drawn: Path) -> None:
    stream = find("reader", "reader_drawn").stream(Data(data, (drawn,)), 4, 0)
    assert [(source.labels, source.drawn) for source in stream.sources] == [(drawn / "train.jsonl", True)]
    assert len(next(iter(stream)).targets) == 4


def test_sets_for_scoring_that_are_not_there_are_left_out(data: Path) -> None:
    names = [path.parent.name for path in find("detector", "detector_s").dev_labels(Data(data))]
    assert names == ["openalpr-eu", "scenes", "backgrounds"]


def test_a_missing_folder_or_label_file_is_named(data: Path, tmp_path: Path) -> None:
    recipe = find("reader", "reader_s")
    with pytest.raises(ValueError, match="nowhere: no such folder"):
        check_labels(Data(tmp_path / "nowhere"), [])
    with pytest.raises(ValueError, match="undrawn: no such folder"):
        check_labels(Data(data, (tmp_path / "undrawn",)), [])
    with pytest.raises(ValueError, match=r"plates.train.jsonl: no such label file"):
        check_labels(Data(tmp_path), recipe.train_labels(Data(tmp_path)))


def test_pictures_with_wrong_labels_are_left_out(data: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.jsonl"
    notes.write_text('{"image": "train-0.png", "decision": "label wrong: left out of training"}\n{"image": "train-1.png", "decision": "label right"}\n')
    stream = find("reader", "reader_s").stream(Data(data, left_out=read_notes(notes)), 1, 0)
    pools = [PlatePool(source, ("gb",)) for source in stream.sources]
    assert pools
    for pool in pools:
        assert {image.path.name for image, _ in pool.items} & {"train-0.png", "train-1.png"} == {"train-1.png"}


@pytest.mark.parametrize("line", ["{", '{"image": "a.png"}', "[1]"])
def test_a_bad_note_is_named_by_its_line(line: str, tmp_path: Path) -> None:
    notes = tmp_path / "notes.jsonl"
    notes.write_text('{"image": "a.png", "decision": "label right"}\n' + line + "\n")
    with pytest.raises(ValueError, match=r"notes.jsonl, line 2: not a note"):
        read_notes(notes)
