from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from platelight.dataset import LabelError, read_labels
from platelight.synth import write
from platelight.synth.generate import Options
from platelight.synth.write import OutputError, generate


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_two_workers_write_the_same_bytes_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "BLOCK", 3)
    generate("plates", 8, 5, tmp_path / "one")
    generate("plates", 8, 5, tmp_path / "two", workers=2)
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert one == two
    assert sorted(one) == [f"images/{index:07d}.jpg" for index in range(8)] + ["synth.json", "train.jsonl"]


@pytest.mark.parametrize("kind", ["plates", "scenes"])
def test_the_labels_fit_the_files(tmp_path: Path, kind: str) -> None:
    records = read_labels(generate(kind, 4, 9, tmp_path / "out"))
    assert len(records) == 4
    for record in records:
        picture = cv2.imread(str(record.path))
        assert picture is not None
        assert picture.shape[:2] == (record.height, record.width)


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "BLOCK", 2)

    def stop(done: int, count: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate("plates", 6, 5, tmp_path / "out", progress=stop)
    assert not (tmp_path / "out" / "train.jsonl").exists()
    first = tmp_path / "out" / "images" / "0000000.jpg"
    first.write_bytes(b"kept")
    steps: list[int] = []
    generate("plates", 6, 5, tmp_path / "out", progress=lambda done, count: steps.append(done))
    assert steps == [4, 6]
    assert first.read_bytes() == b"kept"
    generate("plates", 6, 5, tmp_path / "clean")
    resumed, clean = contents(tmp_path / "out"), contents(tmp_path / "clean")
    assert resumed.pop("images/0000000.jpg") != clean.pop("images/0000000.jpg")
    assert resumed == clean


def test_a_finished_run_is_left_alone(tmp_path: Path) -> None:
    labels = generate("plates", 2, 5, tmp_path / "out")
    stamp = labels.stat().st_mtime_ns
    assert generate("plates", 2, 5, tmp_path / "out") == labels
    assert labels.stat().st_mtime_ns == stamp


def test_another_run_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    generate("plates", 2, 5, tmp_path / "out")
    with pytest.raises(OutputError, match="another synth run"):
        generate("plates", 2, 6, tmp_path / "out")
    with pytest.raises(OutputError, match="another synth run"):
        generate("plates", 2, 5, tmp_path / "out", Options(countries=("ua",)))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(OutputError, match="not empty"):
        generate("plates", 2, 5, tmp_path / "mine")


def test_bad_wishes_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="kind must be one of"):
        generate("cars", 2, 5, tmp_path / "out")
    with pytest.raises(ValueError, match="at least 1"):
        generate("plates", 0, 5, tmp_path / "out")
    with pytest.raises(LabelError, match="no label file"):
        generate("plates", 2, 5, tmp_path / "out", Options(backgrounds=tmp_path))
    with pytest.raises(ValueError, match="no template of zz"):
        generate("plates", 2, 5, tmp_path / "out", Options(countries=("zz",)))
    assert not (tmp_path / "out").exists()
