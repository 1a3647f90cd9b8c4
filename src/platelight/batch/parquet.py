"""Parquet files that are there whole or not at all, written from rows in bounded memory and read back as rows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from platelight.batch.errors import BatchError
from platelight.batch.schema import Kind, arrow_schema

GROUP_ROWS = 5_000
"""Rows held in memory at a time, and in one row group of a file."""

COMPRESSION = "zstd"

Row = Mapping[str, Any]


def write_rows(path: str | Path, rows: Iterable[Row], columns: Mapping[str, Kind] | None = None, metadata: Mapping[str, str] | None = None) -> int:
    """Write `rows` as a Parquet file and return how many they were.

    The file gets its name when it is whole; until then, and if anything fails, an earlier file of that name stays as it is.
    `columns` names the columns and what they hold (see `schema.Kind`); a row may lack some, which become null. Without it the
    columns are those of the rows, which are then all held in memory. Raises `ValueError` for a row that does not fit, `OSError`
    naming the file where it cannot be written.
    """
    if columns is None:
        rows = list(rows)
        schema = _inferred(rows).with_metadata(dict(metadata or {}))
    else:
        schema = arrow_schema(columns, metadata)
    return write_tables(Path(path), schema, (table_of(group, schema) for group in _groups(rows, GROUP_ROWS)))


def write_tables(path: Path, schema: pa.Schema, tables: Iterable[pa.Table], durable: bool = True) -> int:
    """Write tables of one schema, each as a row group, and return the number of rows; like `write_rows` whole or not at all."""
    count = 0
    with replacing(path, durable) as file, pq.ParquetWriter(file, schema, compression=COMPRESSION) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
            count += table.num_rows
    return count


def read_rows(path: str | Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file, one after the other; `columns` chooses some. Raises `BatchError` naming the file and the cause."""
    for table in read_tables(Path(path), columns):
        yield from table.to_pylist()


def read_tables(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """A Parquet file in tables of at most GROUP_ROWS rows. Raises `BatchError`."""
    with opened(path) as file:
        unknown = [name for name in columns or () if name not in file.schema_arrow.names]
        if unknown:
            raise BatchError(f"{path}: there is no column {unknown[0]!r}; it has {', '.join(file.schema_arrow.names)}")
        for batch in file.iter_batches(GROUP_ROWS, columns=None if columns is None else list(columns)):
            yield pa.Table.from_batches([batch])


@contextmanager
def opened(path: Path) -> Iterator[pq.ParquetFile]:
    """A Parquet file for reading. Raises `BatchError`, also for what breaks while it is read."""
    try:
        with pq.ParquetFile(path) as file:
            yield file
    except FileNotFoundError:
        raise BatchError(f"{path}: no such file") from None
    except pa.ArrowInvalid as error:
        raise BatchError(f"{path}: not a Parquet file, or a broken one ({_first_line(error)})") from None
    except OSError as error:
        raise BatchError(f"{path}: cannot be read ({error.strerror or _first_line(error)})") from None


@contextmanager
def replacing(path: Path, durable: bool = True) -> Iterator[BinaryIO]:
    """A file to write that takes the place of `path` when the block ends well, and leaves nothing when it does not.

    `durable`: it also outlives a power cut. Raises `OSError` that names `path`.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        _remove(temporary)
        if isinstance(error, OSError) and error.filename in (None, os.fspath(temporary)):
            raise OSError(error.errno, error.strerror or _first_line(error), os.fspath(path)) from None
        raise


def table_of(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    """Rows as a table. Raises `ValueError` that names the column which a value does not fit, or a field that is no column."""
    known = set(schema.names)
    stray = next((name for row in rows for name in row if name not in known), None)
    if stray is not None:
        raise ValueError(f"a row has the field {stray!r}, which is none of the columns {', '.join(schema.names)}")
    return pa.table([_array([row.get(field.name) for row in rows], field) for field in schema], schema=schema)


def _array(values: list[Any], field: pa.Field) -> pa.Array:
    try:
        return pa.array(values, type=field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError) as error:
        raise ValueError(f"column {field.name}: {_first_line(error)}") from None


def _inferred(rows: Sequence[Row]) -> pa.Schema:
    """The columns of the rows in the order in which they first come; those that are null throughout count as text."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    arrays = {name: pa.array([row.get(name) for row in rows]) for name in names}
    return pa.schema([(name, pa.string() if pa.types.is_null(array.type) else array.type) for name, array in arrays.items()])


def _groups(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while group := list(islice(iterator, size)):
        yield group


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError:  # never made, or the disk that failed fails again: the first cause is the one to tell
        return


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
