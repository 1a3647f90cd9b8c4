"""Lists of photos: from paths, or from the rows of a CSV or Parquet file whose other columns are carried through to the results."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from platelight.batch import places
from platelight.batch.errors import BatchError
from platelight.batch.parquet import opened
from platelight.batch.schema import PHOTO

LISTS = frozenset({".csv", ".tsv", ".parquet", ".pq"})
"""File names that are lists of photos."""

COLUMNS = ("source", "path", "photo", "image", "picture", "file", "filename", "file_name", "photo_path", "image_path", "file_path", "url", "uri")
"""Names, in the order of preference, of a column taken for the paths where none is named."""

CARRIED = "list_"
"""Put before the name of a list's column that the results have one of their own of."""

READ_ROWS = 1_000


@dataclass(frozen=True)
class Listing:
    """A list of photos that can be gone through more than once, a few rows at a time.

    `name` is what messages call it; `root` the folder (or address) that relative paths start from. `carried` names the list's
    other columns and their types. `tables()` gives tables whose first column is `source`, the path as it is written in the list.
    """

    name: str
    root: str
    carried: pa.Schema
    tables: Callable[[], Iterator[pa.Table]]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field("source", pa.string()), *self.carried])

    def groups(self, rows: int) -> Iterator[pa.Table]:
        """The list in tables of `rows` rows, the last one shorter."""
        held = self.schema.empty_table()
        for table in self.tables():
            held = pa.concat_tables([held, table])
            while held.num_rows >= rows:
                yield held.slice(0, rows).combine_chunks()
                held = held.slice(rows)
        if held.num_rows:
            yield held.combine_chunks()


class Digest:
    """The hash of a list's rows in order, which says whether two lists are the same."""

    def __init__(self, listing: Listing) -> None:
        self.rows = 0
        self._hash = hashlib.sha256(json.dumps([[field.name, str(field.type)] for field in listing.schema]).encode())

    def add(self, table: pa.Table) -> None:
        self.rows += table.num_rows
        columns = [column.to_pylist() for column in table.columns]
        for row in zip(*columns, strict=True):
            self._hash.update(json.dumps(row, default=str).encode() + b"\n")

    def value(self) -> str:
        return self._hash.hexdigest()


def list_paths(paths: Callable[[], Iterable[str]], name: str = "the list", root: str | Path = ".") -> Listing:
    """A list without other columns; `paths` is called each time the list is gone through and must give the same paths."""
    schema = pa.schema([("source", pa.string())])

    def tables() -> Iterator[pa.Table]:
        iterator = iter(paths())
        while group := [places.as_text(path) for path in islice(iterator, READ_ROWS)]:
            yield pa.table([pa.array(group, pa.string())], schema=schema)

    return Listing(name, places.whole(root), pa.schema([]), tables)


def list_file(path: str | Path, column: str | None = None, root: str | Path | None = None) -> Listing:
    """The list in a CSV file (text columns; comma, semicolon or tab) or a Parquet file.

    `column` holds the paths; without it, the only column or one with a usual name. Relative paths start from `root`, else from
    the list's own folder. Raises `BatchError` that names the file and the cause, for the rows when they are gone through.
    """
    file = Path(path)
    start = places.whole(file.parent if root is None else root)
    if file.suffix.lower() in (".parquet", ".pq"):
        with opened(file) as parquet:
            schema = parquet.schema_arrow
        chosen = _path_column(file, schema.names, column)
        if not _is_text(schema.field(chosen).type):
            raise BatchError(f"{file}: the column {chosen!r} holds {schema.field(chosen).type}, not paths; choose another with --column")
        carried = _carried(pa.schema([field for field in schema if field.name != chosen]).remove_metadata())
        return Listing(str(file), start, carried, lambda: _parquet_tables(file, chosen, carried))
    names = _csv_header(file)
    chosen = _path_column(file, names, column)
    carried = _carried(pa.schema([(name, pa.string()) for name in names if name != chosen]))
    return Listing(str(file), start, carried, lambda: _csv_tables(file, names.index(chosen), carried))


def _path_column(file: Path, names: Sequence[str], wanted: str | None) -> str:
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise BatchError(f"{file}: two columns are called {twice!r}")
    has = f"it has {', '.join(names[:20])}{', ...' if len(names) > 20 else ''}"
    if wanted is not None:
        if wanted in names:
            return wanted
        close = get_close_matches(wanted, names, 1)
        raise BatchError(f"{file}: there is no column {wanted!r}; {has}" + (f" (did you mean {close[0]}?)" if close else ""))
    if len(names) == 1:
        return names[0]
    by_lower = {name.lower(): name for name in reversed(names)}
    usual = next((by_lower[name] for name in COLUMNS if name in by_lower), None)
    if usual is None:
        raise BatchError(f"{file}: which column holds the paths? Say so with --column; {has}")
    return usual


def _carried(schema: pa.Schema) -> pa.Schema:
    """The columns under the names they have in the results."""
    taken = {*PHOTO, *schema.names}
    fields = []
    for field in schema:
        name = field.name
        while name in PHOTO or (name != field.name and name in taken):
            name = CARRIED + name
        taken.add(name)
        fields.append(field.with_name(name).with_nullable(True))
    return pa.schema(fields)


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _parquet_tables(file: Path, chosen: str, carried: pa.Schema) -> Iterator[pa.Table]:
    with opened(file) as parquet:
        others = [name for name in parquet.schema_arrow.names if name != chosen]
        for batch in parquet.iter_batches(READ_ROWS):
            paths = batch.column(chosen).cast(pa.string()).fill_null("")
            yield pa.table([paths, *(batch.column(name) for name in others)], schema=pa.schema([pa.field("source", pa.string()), *carried]))


@contextmanager
def _csv_rows(file: Path) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """The rows of a CSV file, each with the number of its last line, empty lines left out. Raises `BatchError` for what is none."""
    reader: Any = None
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            head = lines.readline(1_000_000)
            lines.seek(0)
            reader = csv.reader(lines, delimiter=_delimiter(head), strict=True)
            yield ((reader.line_num, row) for row in reader if row)
    except FileNotFoundError:
        raise BatchError(f"{file}: no such file") from None
    except UnicodeDecodeError:
        place = f" after line {reader.line_num}" if reader and reader.line_num else ""
        raise BatchError(f"{file}: not UTF-8 text{place}; convert it, for example: iconv -f windows-1251 -t utf-8") from None
    except csv.Error as error:
        raise BatchError(f"{file}, line {reader.line_num}: not valid CSV ({error})") from None
    except OSError as error:
        raise BatchError(f"{file}: cannot be read ({error.strerror})") from None


def _delimiter(head: str) -> str:
    """Which of the usual characters parts the header's columns."""

    def columns(mark: str) -> int:
        return len(next(csv.reader(io.StringIO(head), delimiter=mark), []))

    return max(",;\t", key=columns)


def _csv_header(file: Path) -> list[str]:
    with _csv_rows(file) as rows:
        header = next(rows, None)
    if header is None:
        raise BatchError(f"{file}: the list is empty; its first line must name the columns")
    return [name.strip() or f"column_{place}" for place, name in enumerate(header[1], start=1)]


def _csv_tables(file: Path, path_place: int, carried: pa.Schema) -> Iterator[pa.Table]:
    schema = pa.schema([pa.field("source", pa.string()), *carried])
    width = len(schema)
    with _csv_rows(file) as rows:
        next(rows, None)
        while group := [_filled(file, number, row, width) for number, row in islice(rows, READ_ROWS)]:
            columns = [list(column) for column in zip(*group, strict=True)]
            paths = [path or "" for path in columns.pop(path_place)]
            yield pa.table([pa.array(values, pa.string()) for values in (paths, *columns)], schema=schema)


def _filled(file: Path, number: int, row: list[str], width: int) -> list[str | None]:
    """A row of `width` cells; those that a short row lacks are null."""
    if len(row) > width:
        raise BatchError(f"{file}, line {number}: {len(row)} fields where the header names {width}")
    return [*row, *[None] * (width - len(row))]
