"""Lists of photos: which column holds the paths, what is carried through, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow")

import pyarrow as pa
import pyarrow.parquet as pq

from platelight.batch import BatchError, Listing, list_file, list_paths, places
from platelight.batch.listing import Digest


def rows(listing: Listing, size: int = 1000) -> list[dict[str, Any]]:
    return [row for table in listing.groups(size) for row in table.to_pylist()]


def listed(tmp_path: Path, text: str | bytes, name: str = "list.csv", **options: Any) -> Listing:
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return list_file(tmp_path / name, **options)


def digest(listing: Listing, size: int = 1000) -> str:
    found = Digest(listing)
    for table in listing.groups(size):
        found.add(table)
    return found.value()


def test_csv_keeps_its_other_columns_as_they_stand(tmp_path: Path) -> None:
    listing = listed(tmp_path, 'id,photo,note\n007,a.jpg,"one, ""two"""\n8,b/c.jpg,\n\n9,d.jpg\n')
    assert rows(listing) == [
        {"source": "a.jpg", "id": "007", "note": 'one, "two"'},
        {"source": "b/c.jpg", "id": "8", "note": ""},
        {"source": "d.jpg", "id": "9", "note": None},
    ]
    assert listing.root == str(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["id;photo\n1,5;a.jpg\n", "id\tphoto\n1,5\ta.jpg\n", '"id","photo"\r\n"1,5","a.jpg"\r\n', "\ufeffid;photo\n1,5;a.jpg"],
)
def test_csv_as_programs_write_it(tmp_path: Path, text: str) -> None:
    assert rows(listed(tmp_path, text)) == [{"source": "a.jpg", "id": "1,5"}]


def test_an_index_column_without_a_name(tmp_path: Path) -> None:
    assert rows(listed(tmp_path, ",photo\n0,a.jpg\n")) == [{"source": "a.jpg", "column_1": "0"}]


@pytest.mark.parametrize(
    ("header", "column", "chosen"),
    [("anything", None, "anything"), ("id,Photo", None, "Photo"), ("file,path", None, "path"), ("path,mine", "mine", "mine"), ("photo,source", None, "source")],
)
def test_the_column_of_the_paths(tmp_path: Path, header: str, column: str | None, chosen: str) -> None:
    names = header.split(",")
    listing = listed(tmp_path, f"{header}\n{','.join(f'in {name}' for name in names)}\n", column=column)
    assert rows(listing)[0]["source"] == f"in {chosen}"


def test_a_column_named_like_one_of_the_results_gets_another_name(tmp_path: Path) -> None:
    listing = listed(tmp_path, "photo,width,list_width,error,source\na.jpg,1,2,3,4\n", column="photo")
    assert rows(listing) == [{"source": "a.jpg", "list_list_width": "1", "list_width": "2", "list_error": "3", "list_source": "4"}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,foto\n1,a.jpg\n", "which column holds the paths? Say so with --column; it has id, foto"),
        ("", "the list is empty; its first line must name the columns"),
        ("id,photo\n1,a.jpg\n2,b.jpg,more\n", "line 3: 3 fields where the header names 2"),
        ("id,photo,id\n1,a.jpg,2\n", "two columns are called 'id'"),
        ('id,photo\n1,"a.jpg\n', "not valid CSV"),
        (b"id,photo\n1,\xc0.jpg\n", "not UTF-8 text"),
    ],
)
def test_lists_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BatchError) as caught:
        rows(listed(tmp_path, text))
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "list.csv"))


def test_a_wrong_column(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match=r"list.csv: there is no column 'fotos'; it has id, photos \(did you mean photos\?\)"):
        listed(tmp_path, "id,photos\n1,a.jpg\n", column="fotos")
    with pytest.raises(BatchError, match=r"gone.csv: no such file"):
        list_file(tmp_path / "gone.csv")
    with pytest.raises(BatchError, match=r"gone.parquet: no such file"):
        list_file(tmp_path / "gone.parquet")


def parquet(tmp_path: Path, table: Any, **options: Any) -> Listing:
    pq.write_table(table, tmp_path / "list.parquet", row_group_size=3)
    return list_file(tmp_path / "list.parquet", **options)


def test_parquet_keeps_the_types_of_its_other_columns(tmp_path: Path) -> None:
    paths = pa.array(["a.jpg", None, "a.jpg", "b.jpg"]).dictionary_encode()
    listing = parquet(tmp_path, pa.table({"id": pa.array([1, 2, 3, 4], pa.int8()), "photo": paths, "tags": [["x"], [], None, ["y", "z"]]}))
    assert [row["source"] for row in rows(listing)] == ["a.jpg", "", "a.jpg", "b.jpg"]
    assert [(row["id"], row["tags"]) for row in rows(listing)] == [(1, ["x"]), (2, []), (3, None), (4, ["y", "z"])]
    assert listing.carried.field("id").type == pa.int8()


def test_parquet_whose_column_holds_no_paths(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="the column 'photo' holds int64, not paths"):
        parquet(tmp_path, pa.table({"photo": [1, 2]}))


def test_the_same_list_has_the_same_digest_however_it_is_stored_and_read(tmp_path: Path) -> None:
    csv = listed(tmp_path, "id,photo\n" + "".join(f"{n},{n}.jpg\n" for n in range(25)))
    assert [table.num_rows for table in csv.groups(10)] == [10, 10, 5]
    pq.write_table(pa.concat_tables(csv.groups(10)), tmp_path / "copy.parquet")
    assert digest(csv, 7) == digest(csv, 1000) == digest(list_file(tmp_path / "copy.parquet"))
    changed = [f"{n},{n}.jpg\n" for n in range(25)]
    assert digest(listed(tmp_path, "id,photo\n" + "".join(reversed(changed)))) != digest(listed(tmp_path, "id,photo\n" + "".join(changed)))
    assert digest(listed(tmp_path, "id,photo\n1,a\n")) != digest(listed(tmp_path, "ix,photo\n1,a\n"))


def test_a_list_is_gone_through_a_few_rows_at_a_time() -> None:
    taken = []

    def many() -> Any:
        for number in range(1_000_000):
            taken.append(number)
            yield f"{number}.jpg"

    next(list_paths(many).groups(1024))
    assert len(taken) <= 3000


@pytest.mark.skipif(os.name == "nt", reason="names of files are text there")
def test_names_that_are_not_valid_text_can_be_listed_and_opened(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path / "a") + b"\xff #%.jpg")
    Path(path).write_bytes(b"content")
    [row] = rows(list_paths(lambda: [path]))
    assert row["source"].startswith("file:///")
    assert places.source(places.join("/elsewhere", row["source"])) == path


@pytest.mark.parametrize(
    ("root", "path", "joined"),
    [
        ("/data", "a/b.jpg", "/data/a/b.jpg"),
        ("/data", "/other/b.jpg", "/other/b.jpg"),
        ("/data", "s3://bucket/b.jpg", "s3://bucket/b.jpg"),
        ("s3://bucket/photos/", "a/b.jpg", "s3://bucket/photos/a/b.jpg"),
        ("/data", "", ""),
    ],
)
def test_where_relative_paths_start(root: str, path: str, joined: str) -> None:
    assert places.join(root, path) == joined


def test_a_root_does_not_depend_on_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert list_paths(list, root=".").root == str(tmp_path)
    (tmp_path / "list.csv").write_text("photo\n")
    assert list_file("list.csv").root == str(tmp_path)
    assert list_file("list.csv", root="s3://bucket").root == "s3://bucket"
    assert list_file("list.csv", root="deep").root == str(tmp_path / "deep")
