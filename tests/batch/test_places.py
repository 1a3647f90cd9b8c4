"""Photos at addresses: fetched by pyarrow or fsspec, with errors that name the address."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("pyarrow")

from pyarrow import fs

from platelight.batch import places
from platelight.batch.places import PlaceError, source
from platelight.batch.settings import _read
from platelight.images import ImageError, load


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The bucket s3://cars in this folder."""
    opened = []

    def from_uri(address: str) -> tuple[Any, str]:
        opened.append(address)
        assert address == "s3://cars"
        return fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem()), "."

    monkeypatch.setattr("pyarrow.fs.FileSystem", SimpleNamespace(from_uri=from_uri))
    places._bucket.cache_clear()
    yield tmp_path
    places._bucket.cache_clear()
    assert len(opened) == 1


def test_a_bucket_is_opened_once_and_its_names_are_taken_literally(bucket: Path) -> None:
    (bucket / "a").mkdir()
    (bucket / "a" / "50% #1?.jpg").write_bytes(b"one")
    (bucket / "b.jpg").write_bytes(b"two")
    assert source("s3://cars/a/50% #1?.jpg") == b"one"
    assert source("s3://cars/b.jpg") == b"two"
    with pytest.raises(PlaceError, match="s3://cars/gone.jpg: no such file"):
        source("s3://cars/gone.jpg")


def test_a_file_that_is_too_large_is_not_fetched_whole(bucket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bucket / "a.jpg").write_bytes(b"0123456789")
    monkeypatch.setattr("platelight.images.MAX_BYTES", 5)
    with pytest.raises(PlaceError, match=r"s3://cars/a.jpg: too large"):
        source("s3://cars/a.jpg")


def test_other_addresses_go_to_fsspec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fsspec")
    (tmp_path / "a.jpg").write_bytes(b"three")
    assert source(f"local://{tmp_path}/a.jpg") == b"three"
    with pytest.raises(PlaceError, match=r"nonsense://a.jpg: cannot be fetched"):
        source("nonsense://a.jpg")
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(PlaceError, match=r"http://b/a.jpg: needs the package fsspec"):
        source("http://b/a.jpg")


def test_plain_paths_stay_paths(tmp_path: Path) -> None:
    assert source("a b.jpg") == "a b.jpg"
    assert source((tmp_path / "ä%.jpg").as_uri()) == str(tmp_path / "ä%.jpg")


class Opener:
    """Stands in for a `Platelight`: opens pictures and finds no plates."""

    def read_many(self, sources: Any, crops: bool) -> Iterator[Any]:
        for index, given in enumerate(list(sources)):
            error = None
            try:
                load(given)
            except ImageError as caught:
                error = str(caught)
            name = "bytes" if isinstance(given, bytes) else given
            yield SimpleNamespace(index=index, source=name, to_dict=lambda name=name, error=error: {"source": name, "error": error})


def test_errors_of_fetched_photos_name_the_address(bucket: Path) -> None:
    (bucket / "broken.jpg").write_bytes(b"no picture at all")
    (bucket / "empty.jpg").write_bytes(b"")
    rows = list(_read(Opener(), ["s3://cars/broken.jpg", "s3://cars/gone.jpg", "s3://cars/empty.jpg", "here.jpg"], crops=False))
    errors = [row["error"] for row in rows]
    assert errors[0].startswith("s3://cars/broken.jpg: not a picture")
    assert errors[1] == "s3://cars/gone.jpg: no such file"
    assert errors[2] == "s3://cars/empty.jpg: the file is empty"
    assert errors[3] == "here.jpg: no such file"
    assert all(set(row) == {"error"} for row in rows)
