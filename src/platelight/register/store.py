"""Looks plates up in a register's file."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from platelight.register import schema
from platelight.register.errors import RegisterError
from platelight.register.plates import normalize_plate
from platelight.register.records import Registration
from platelight.register.values import date_of

_MOST_AT_ONCE = 512
_CACHE_KIB = 32768
_HEADER = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class RegisterInfo:
    """What a register holds and how it was built; dates are ISO 8601, `created` in UTC.

    `rows` registrations of `plates` different plates; `rejected` rows of the published files could not be used; `files` as the
    build reported them.
    """

    path: Path
    size_bytes: int
    version: int
    rows: int
    plates: int
    first_date: str | None
    last_date: str | None
    vin: bool
    created: str
    profile: str
    platelight: str
    rejected: int
    files: tuple[Mapping[str, Any], ...]


def is_register(path: Path) -> bool:
    """Whether the file is a register of any format version. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(100)
    return head.startswith(_HEADER) and int.from_bytes(head[68:72], "big") == schema.APPLICATION_ID


class Register:
    """A register's file, open for looking up; a context manager.

    Threads may share one: each gets its own connection. It can be pickled, and used in a process forked from the one that opened
    it. The file is taken to be unchanging: a new one must be renamed into its place, as `build` does, and is seen when opened.
    Raises RegisterError for a file that is not a register or of another format version, OSError for one that cannot be read.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._check()
        self._lock = threading.Lock()
        self._own = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._process = os.getpid()
        self._closed = False
        try:
            self._meta = {name: json.loads(value) for name, value in self._connection().execute("SELECT name, value FROM meta")}
            self._load()
        except (sqlite3.DatabaseError, ValueError, KeyError) as error:
            self.close()
            raise RegisterError(f"{self.path}: the register is damaged ({error})") from None

    def lookup(self, plate: str) -> tuple[Registration, ...]:
        """The registrations of a plate, newest first, those without a date last; empty where the register does not know it.

        The plate may be written in any way that `normalize_plate` understands; what cannot be a plate is not in the register.
        """
        try:
            plate = normalize_plate(plate)
        except ValueError:
            return ()
        return tuple(map(self._registration, self._execute("SELECT * FROM registration WHERE plate = ? ORDER BY day DESC", (plate,))))

    def lookup_many(self, plates: Iterable[str]) -> dict[str, tuple[Registration, ...]]:
        """Each of the plates as given, in that order, with what `lookup` gives for it."""
        return {plate: self.lookup(plate) for plate in plates}

    def has(self, plates: Iterable[str]) -> set[str]:
        """Those of the plates, as given, that the register knows; faster than looking up, for testing many candidates."""
        given: dict[str, list[str]] = {}
        for plate in plates:
            try:
                given.setdefault(normalize_plate(plate), []).append(plate)
            except ValueError:
                continue
        wanted = list(given)
        known = [text for start in range(0, len(wanted), _MOST_AT_ONCE) for text in self._known(wanted[start : start + _MOST_AT_ONCE])]
        return {plate for text in known for plate in given[text]}

    def info(self) -> RegisterInfo:
        meta = self._meta
        files = tuple(meta["files"])
        return RegisterInfo(
            self.path, self.path.stat().st_size, schema.VERSION, meta["rows"], meta["plates"], meta["first_date"], meta["last_date"], meta["vin"],
            meta["created"], meta["profile"], meta["platelight"], sum(sum(file["rejected"].values()) for file in files), files,
        )  # fmt: skip

    def close(self) -> None:
        """Close the file for all threads; a second time does nothing."""
        with self._lock:
            self._closed = True
            while self._connections:
                self._connections.pop().close()

    def __len__(self) -> int:
        """How many registrations it holds."""
        return int(self._meta["rows"])

    def __contains__(self, plate: object) -> bool:
        return isinstance(plate, str) and bool(self.has([plate]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __reduce__(self) -> tuple[type[Register], tuple[Path]]:
        return Register, (self.path,)

    def __repr__(self) -> str:
        return f"Register({str(self.path)!r})"

    def _check(self) -> None:
        if not is_register(self.path):
            raise RegisterError(f"{self.path}: not a register; make one with: platelight register build")
        with self.path.open("rb") as file:
            head = file.read(100)
        version = int.from_bytes(head[60:64], "big")
        if version != schema.VERSION:
            raise RegisterError(f"{self.path}: a register of format {version}, this program reads format {schema.VERSION}: build it again")
        page = int.from_bytes(head[16:18], "big")
        if self.path.stat().st_size != int.from_bytes(head[28:32], "big") * (65536 if page == 1 else page):
            raise RegisterError(f"{self.path}: the register is cut off or damaged; copy or build it again")

    def _load(self) -> None:
        """The coded texts, which take a few megabytes."""
        read = self._connection().execute
        none = tuple[str | None, ...]
        self._models: dict[int, none] = {code: (make or None, model or None) for code, make, model in read("SELECT code, make, model FROM model")}
        self._colors: dict[int, str | None] = {code: text or None for code, text in read("SELECT code, color FROM color")}
        self._operations: dict[int, str | None] = {code: text or None for code, text in read("SELECT code, operation FROM operation")}
        self._traits: dict[int, none] = {
            code: tuple(text or None for text in texts) for code, *texts in read(f"SELECT code, {', '.join(schema.TRAITS)} FROM traits")
        }

    def _registration(self, row: tuple[Any, ...]) -> Registration:
        plate, days, model, year, color, traits, operation, capacity, own, total, *vin = row
        make, name = self._models[model]
        kind, body, fuel, purpose = self._traits[traits]
        return Registration(
            plate, date_of(days), make, name, year or None, self._colors[color], kind, body, fuel, purpose, self._operations[operation],
            capacity or None, own or None, total or None, vin[0] or None if vin else None,
        )  # fmt: skip

    def _known(self, plates: list[str]) -> list[str]:
        room = 1 << (len(plates) - 1).bit_length()  # few different statements, so that SQLite need not parse each
        padded = plates + plates[-1:] * (room - len(plates))
        return [plate for (plate,) in self._execute(f"SELECT DISTINCT plate FROM registration WHERE plate IN ({', '.join('?' * room)})", padded)]

    def _execute(self, statement: str, values: Sequence[Any]) -> list[Any]:
        try:
            return self._connection().execute(statement, values).fetchall()
        except sqlite3.DatabaseError as error:
            problem = "the register was closed" if self._closed else f"the register is damaged ({error})"
            raise RegisterError(f"{self.path}: {problem}") from None

    def _connection(self) -> sqlite3.Connection:
        """This thread's own, opened when it first asks."""
        if self._process != os.getpid():  # SQLite's connections must not be carried over a fork
            self._own, self._connections, self._lock, self._process = threading.local(), [], threading.Lock(), os.getpid()
        found: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if found is not None:
            return found
        with self._lock:
            if self._closed:
                raise RegisterError(f"{self.path}: the register was closed")
            address = f"{self.path.resolve().as_uri()}?mode=ro&immutable=1"
            connection = sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            self._own.connection = connection
            self._connections.append(connection)
        return connection
