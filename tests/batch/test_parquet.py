"""Rows to Parquet files and back: types, atomic replacement, failures that name the file."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

import pyarrow.parquet as pq

from platelight.batch import BatchError, read_rows, write_rows
from platelight.batch import parquet as home

COLUMNS = {"id": str, "year": int, "chance": float, "sure": bool, "texts": [str], "car": {"make": str, "colors": [str]}}


def test_rows_come_back_with_their_types(tmp_path: Path) -> None:
    rows = [
        {"id": "007", "year": 2015, "chance": 0.5, "sure": True, "texts": ["A", "B"], "car": {"make": "ВАЗ", "colors": []}},
        {"id": "8", "year": None, "chance": 1, "sure": None, "texts": None, "car": None},
    ]
    assert write_rows(tmp_path / "a.parquet", iter(rows), COLUMNS, {"made by": "a test"}) == 2
    assert list(read_rows(tmp_path / "a.parquet")) == rows
    assert list(read_rows(tmp_path / "a.parquet", ["year"])) == [{"year": 2015}, {"year": None}]
    assert pq.read_metadata(tmp_path / "a.parquet").metadata[b"made by"] == b"a test"


def test_a_row_may_lack_columns_but_not_have_more(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.parquet", [{"id": "1"}], COLUMNS)
    assert next(read_rows(tmp_path / "a.parquet"))["year"] is None
    with pytest.raises(ValueError, match="field 'yaer'"):
        write_rows(tmp_path / "a.parquet", [{"yaer": 1}], COLUMNS)


def test_columns_of_the_rows_where_none_are_named(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.parquet", [{"a": None, "b": 1}, {"b": 2, "c": "x"}])
    assert list(read_rows(tmp_path / "a.parquet")) == [{"a": None, "b": 1, "c": None}, {"a": None, "b": 2, "c": "x"}]
    assert write_rows(tmp_path / "none.parquet", [], COLUMNS) == 0
    assert list(read_rows(tmp_path / "none.parquet")) == []


@pytest.mark.parametrize("wrong", [{"year": "old"}, {"year": 2**70}, {"texts": 1}, {"id": "\udcff"}, {"sure": "yes"}])
def test_a_value_that_does_not_fit_names_its_column(tmp_path: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=f"column {next(iter(wrong))}:"):
        write_rows(tmp_path / "a.parquet", [wrong], COLUMNS)
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_file_stays_until_the_new_one_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.parquet"
    write_rows(path, [{"n": 1}], {"n": int})
    monkeypatch.setattr(home, "GROUP_ROWS", 2)

    def broken() -> Iterator[dict[str, int]]:
        yield from ({"n": n} for n in range(5))
        assert list(read_rows(path)) == [{"n": 1}]
        raise RuntimeError("the source failed")

    with pytest.raises(RuntimeError, match="the source failed"):
        write_rows(path, broken(), {"n": int})
    assert [file.name for file in tmp_path.iterdir()] == ["a.parquet"]
    assert list(read_rows(path)) == [{"n": 1}]


def test_rows_are_taken_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "GROUP_ROWS", 10)
    sizes = []
    real = home.table_of
    monkeypatch.setattr(home, "table_of", lambda rows, schema: sizes.append(len(rows)) or real(rows, schema))
    assert write_rows(tmp_path / "a.parquet", ({"n": n} for n in range(25)), {"n": int}) == 25
    assert sizes == [10, 10, 5]
    assert [row["n"] for row in read_rows(tmp_path / "a.parquet")] == list(range(25))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        write_rows(tmp_path / "gone" / "a.parquet", [], COLUMNS)
    assert caught.value.filename == str(tmp_path / "gone" / "a.parquet")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are POSIX")
def test_a_disk_that_takes_no_more_names_the_file_and_leaves_nothing(tmp_path: Path) -> None:
    script = (
        "import resource, sys; from platelight.batch import write_rows; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))\n"
        "try: write_rows(sys.argv[1], ({'n': str(n * 7919 % 10007) * 9} for n in range(60000)), {'n': str})\n"
        "except OSError as error: print(error.errno, error.filename)"
    )
    ran = subprocess.run([sys.executable, "-c", script, str(tmp_path / "a.parquet")], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [str(errno.EFBIG), str(tmp_path / "a.parquet")]
    assert list(tmp_path.iterdir()) == []


def test_files_that_are_no_parquet(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("no")
    with pytest.raises(BatchError, match=r"a\.parquet: not a Parquet file"):
        list(read_rows(tmp_path / "a.parquet"))
    with pytest.raises(BatchError, match="no such file"):
        list(read_rows(tmp_path / "b.parquet"))
    write_rows(tmp_path / "c.parquet", [{"n": 1}])
    with pytest.raises(BatchError, match="there is no column 'm'; it has n"):
        list(read_rows(tmp_path / "c.parquet", ["m"]))
    write_rows(tmp_path / "d.parquet", [{"n": str(n) * 50} for n in range(2000)])
    (tmp_path / "d.parquet").write_bytes((tmp_path / "d.parquet").read_bytes()[:-200])
    with pytest.raises(BatchError, match=r"d\.parquet: not a Parquet file, or a broken one"):
        list(read_rows(tmp_path / "d.parquet"))
