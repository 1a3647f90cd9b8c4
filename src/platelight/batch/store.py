"""The folder of a run: which rows are done, written so that a run can be killed at any moment and goes on where it was.

A photo's row is first in a piece, a small file of one chunk; when the pieces of a shard are complete they become its file.
Every file appears by a rename. What is done is what is there, so no record of it can be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from platelight.batch import places
from platelight.batch.errors import BatchError
from platelight.batch.manifest import LIST, OPEN, Manifest
from platelight.batch.parquet import opened, replacing, table_of, write_tables
from platelight.batch.pool import Outcome, Task
from platelight.batch.schema import PHOTO, READ, arrow_schema

PIECE = arrow_schema({"index": int, **READ})
PIECE_SUFFIX = ".arrow"  # quicker to write and to read than Parquet, and none lives long


class Store:
    """A run's folder, opened for going on with it. `done`, `errors` and `plates` count the rows that are there."""

    def __init__(self, out: Path, manifest: Manifest) -> None:
        self.out, self.manifest = out, manifest
        self.done = self.errors = self.plates = 0
        self._pieces: dict[int, dict[int, int]] = {}  # shard to {first row: number of rows}
        (out / OPEN).mkdir(exist_ok=True)
        with opened(out / LIST) as listed:
            self._carried = [field for field in listed.schema_arrow if field.name != "source"]
        self._shards_done = {shard for shard in range(manifest.shards) if self._take_shard(shard)}
        for path in sorted((out / OPEN).iterdir()):
            self._take_piece(path)

    def tasks(self) -> Iterator[Task]:
        """What is left to do, read from the list as it is asked for."""
        with opened(self.out / LIST) as listed:
            for shard in range(self.manifest.shards):
                if shard in self._shards_done or self._merged(shard):
                    continue
                rows = self.manifest.rows_of(shard)
                paths = [places.join(self.manifest.root, path) for path in listed.read_row_group(shard, ["source"]).column(0).to_pylist()]
                covered = {row for first, count in self._pieces.get(shard, {}).items() for row in range(first, first + count)}
                for first in range(rows.start, rows.stop, self.manifest.chunk_rows):
                    chunk = range(first, min(first + self.manifest.chunk_rows, rows.stop))
                    missing = [row for row in chunk if row not in covered]
                    if len(missing) == len(chunk):
                        yield Task(first, tuple(paths[row - rows.start] for row in chunk))
                    else:  # some had to be read alone, so all of them were to be
                        yield from (Task(row, (paths[row - rows.start],), alone=True) for row in missing)

    def add(self, outcome: Outcome) -> None:
        """Keep the rows of an outcome; those that are there already are left as they are. Raises `OSError` that names the file."""
        shard = outcome.start // self.manifest.shard_rows
        if shard in self._shards_done or outcome.start in self._pieces.get(shard, {}):
            return
        rows = [{"index": outcome.start + place, **row, "error": _storable(row["error"])} for place, row in enumerate(outcome.rows)]
        table = table_of(rows, PIECE)
        _write_piece(self._piece_path(outcome.start, table.num_rows), table)
        self._count(table)
        self._pieces.setdefault(shard, {})[outcome.start] = table.num_rows
        self._merged(shard)

    def finish(self) -> Manifest:
        """Say in the manifest that the run is whole."""
        missing = self.manifest.shards - len(self._shards_done)
        if missing:
            raise BatchError(f"{self.out}: {missing} of {self.manifest.shards} files are missing at the end of the run; start it again")
        if self.manifest.finished is None:
            self.manifest = self.manifest.finish(self.done, self.errors, self.plates)
            self.manifest.write(self.out)
        for path in (self.out / OPEN).iterdir():
            path.unlink()
        (self.out / OPEN).rmdir()
        return self.manifest

    def _take_shard(self, shard: int) -> bool:
        """Count a shard's file; one that is not whole is no file."""
        path = self._shard_path(shard)
        if not path.exists():
            return False
        try:
            about = pq.read_metadata(path)
            counts = about.metadata
            errors, plates = int(counts[b"platelight.errors"]), int(counts[b"platelight.plates"])
        except (OSError, pa.ArrowInvalid, KeyError, TypeError, ValueError):
            return False
        if about.num_rows != len(self.manifest.rows_of(shard)):
            return False
        self.done, self.errors, self.plates = self.done + about.num_rows, self.errors + errors, self.plates + plates
        return True

    def _take_piece(self, path: Path) -> None:
        """Count a piece; remove what is none, is not whole, or whose shard is done."""
        try:
            first, count = (int(part) for part in path.stem.split("-"))
            shard = first // self.manifest.shard_rows
            if path.suffix == PIECE_SUFFIX and shard not in self._shards_done:
                table = _read_piece(path)
                if table.schema.equals(PIECE) and table.column("index").to_pylist() == list(range(first, first + count)):
                    self._count(table)
                    self._pieces.setdefault(shard, {})[first] = count
                    return
        except (OSError, pa.ArrowInvalid, ValueError):
            pass
        path.unlink()

    def _count(self, table: pa.Table) -> None:
        self.done += table.num_rows
        self.errors += _errors(table)
        self.plates += _plates(table)

    def _merged(self, shard: int) -> bool:
        """Make the shard's file if all its pieces are there."""
        rows, pieces = self.manifest.rows_of(shard), self._pieces.get(shard, {})
        if sum(pieces.values()) < len(rows):
            return False
        paths = [self._piece_path(first, count) for first, count in sorted(pieces.items())]
        read = pa.concat_tables([_read_piece(path) for path in paths])
        with opened(self.out / LIST) as listed:
            row_group = listed.read_row_group(shard)
        if read.column("index").to_pylist() != list(rows) or row_group.num_rows != len(rows):
            raise BatchError(f"{self.out}: the pieces in {OPEN} do not fit the list; remove the folder and start again")
        columns: Mapping[str, Any] = {name: row_group.column(name) if name == "source" else read.column(name) for name in PHOTO}
        schema = pa.schema([*arrow_schema(PHOTO), *self._carried], metadata=self.manifest.metadata(_errors(read), _plates(read)))
        table = pa.table([*columns.values(), *(row_group.column(field.name) for field in self._carried)], schema=schema)
        write_tables(self._shard_path(shard), schema, [table])
        self._shards_done.add(shard)
        del self._pieces[shard]
        for path in paths:
            path.unlink()
        return True

    def _shard_path(self, shard: int) -> Path:
        return self.manifest.shard_path(self.out, shard)

    def _piece_path(self, first: int, count: int) -> Path:
        return self.out / OPEN / f"{first:09d}-{count}{PIECE_SUFFIX}"


def _storable(message: str | None) -> str | None:
    """A message may name a file whose name is not valid text."""
    return None if message is None else message.encode(errors="backslashreplace").decode()


def _write_piece(path: Path, table: pa.Table) -> None:
    with replacing(path, durable=False) as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def _read_piece(path: Path) -> pa.Table:
    """Raises `pa.ArrowInvalid` for a file that is not whole."""
    return pa.ipc.open_file(path.read_bytes()).read_all()


def _errors(table: pa.Table) -> int:
    column = table.column("error")
    return int(len(column) - column.null_count)


def _plates(table: pa.Table) -> int:
    return sum(len(chunk.flatten()) for chunk in table.column("plates").chunks)
