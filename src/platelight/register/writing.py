"""The register's file while it is made: rows are kept in a temporary table, sorted on disk, and renamed into place when whole."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from platelight.register import schema
from platelight.register.coding import Tables
from platelight.register.errors import RegisterError
from platelight.register.values import NO_DAY, date_of

CACHE_KIB = 65536
"""What SQLite keeps in memory of the file, and again of the rows it sorts before they go to disk."""

_STEPS = 500_000
"""Steps of SQLite's machine between two calls of `beat`: a few a second."""


class Writing:
    """A register being written. Rows go in in any order; `finish` makes the register of them."""

    def __init__(self, connection: sqlite3.Connection, vin: bool) -> None:
        self._connection, self._vin = connection, vin
        names = schema.columns(vin)
        connection.execute(f"CREATE TEMP TABLE unsorted ({', '.join(names)})")
        connection.execute("PRAGMA temp.journal_mode = OFF")
        self._insert = f"INSERT INTO temp.unsorted VALUES ({', '.join('?' * len(names))})"

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self._connection.executemany(self._insert, rows)

    def finish(self, tables: Tables, meta: Mapping[str, Any], beat: Callable[[], None]) -> dict[str, Any]:
        """Sort the rows, each once, and write everything else; gives what was counted: `rows`, `plates`, `first_date`, `last_date`."""
        execute = self._connection.execute
        for statement in (schema.TABLES + schema.registration_table(self._vin) + schema.readable_view(self._vin)).split(";"):
            execute(statement)
        with _heard(self._connection, beat):
            names = ", ".join(schema.columns(self._vin))
            execute(f"INSERT OR IGNORE INTO main.registration SELECT {names} FROM temp.unsorted ORDER BY {names}")
            rows, first, last = execute("SELECT count(*), min(nullif(day, ?)), max(nullif(day, ?)) FROM registration", (NO_DAY, NO_DAY)).fetchone()
            (plates,) = execute("SELECT count(*) FROM (SELECT DISTINCT plate FROM registration)").fetchone()
        for name, codes in tables.named().items():
            marks = ", ".join("?" * (1 + len(next(iter(codes.texts)))))
            self._connection.executemany(f"INSERT INTO {name} VALUES ({marks})", codes.rows())
        first, last = (None if edge is None else date_of(edge) for edge in (first, last))
        counted = {"rows": rows, "plates": plates, "first_date": first, "last_date": last, "vin": self._vin}
        values = ((name, json.dumps(value, ensure_ascii=False)) for name, value in {**meta, **counted}.items())
        self._connection.executemany("INSERT INTO meta VALUES (?, ?)", values)
        execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        execute(f"PRAGMA user_version = {schema.VERSION}")
        execute("COMMIT")
        return counted


@contextmanager
def writing(out: Path, vin: bool) -> Iterator[Writing]:
    """A register that takes the name `out` when the block ends well, and leaves nothing behind when it does not.

    Raises RegisterError: another build is writing it, no space, not writable. A file left by a killed build is replaced.
    """
    part = out.with_name(f"{out.name}.part")
    with _errors_of(out):
        connection = _only_writer(part, out)
        try:
            yield Writing(connection, vin)
            connection.close()
            _sync(part)
            part.replace(out)
            _sync(out.parent)
        except BaseException:
            connection.close()
            part.unlink(missing_ok=True)
            raise


def _only_writer(part: Path, out: Path) -> sqlite3.Connection:
    """An empty database, locked: a second build of the same register is refused."""
    if part.exists():
        with suppress(sqlite3.DatabaseError):
            left = sqlite3.connect(part, timeout=0, isolation_level=None)
            try:
                left.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                    raise RegisterError(f"{out}: another build is writing it") from None
            finally:
                left.close()
        part.unlink(missing_ok=True)
    connection = sqlite3.connect(part, timeout=0, isolation_level=None)
    try:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "temp_store = FILE", f"cache_size = -{CACHE_KIB}", "threads = 2"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN EXCLUSIVE")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _errors_of(out: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0)
        if code == sqlite3.SQLITE_FULL:
            raise RegisterError(f"{out}: no space left there or in SQLite's folder for temporary files (SQLITE_TMPDIR names another)") from None
        if code == sqlite3.SQLITE_BUSY:
            raise RegisterError(f"{out}: another build is writing it") from None
        raise RegisterError(f"{out}: cannot be written ({error})") from None


@contextmanager
def _heard(connection: sqlite3.Connection, beat: Callable[[], None]) -> Iterator[None]:
    """Calls `beat` while SQLite works; what it raises, Ctrl-C too, ends the statement and comes out here."""
    raised: list[BaseException] = []

    def handler() -> int:
        try:
            beat()
        except BaseException as error:
            raised.append(error)
        return len(raised)

    connection.set_progress_handler(handler, _STEPS)
    try:
        yield
    except sqlite3.OperationalError:
        if raised:
            raise raised[0] from None
        raise
    finally:
        connection.set_progress_handler(None, 0)


def _sync(path: Path) -> None:
    """On disk before it counts; folders cannot be synced everywhere."""
    with suppress(PermissionError, IsADirectoryError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
