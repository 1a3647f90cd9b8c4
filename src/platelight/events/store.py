"""The queue's file: events, and for each of them the receivers that have yet to get it, in one SQLite database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WAITING, REFUSED = "waiting", "refused"

_FORMAT = 1
_SCHEMA = """
CREATE TABLE event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, put_s REAL NOT NULL, body TEXT NOT NULL,
  frame TEXT, plate TEXT, size INTEGER NOT NULL
);
CREATE INDEX event_size ON event (size);
CREATE INDEX event_put ON event (put_s);
CREATE TABLE delivery (
  seq INTEGER NOT NULL, target TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', tries INTEGER NOT NULL DEFAULT 0, error TEXT,
  PRIMARY KEY (target, seq)
) WITHOUT ROWID;
CREATE INDEX delivery_seq ON delivery (seq);
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class StoreError(Exception):
    """The database does not take or give what it was asked; `corrupt`: and never will; `reopen`: not this way, at least."""

    def __init__(self, cause: str, corrupt: bool = False, reopen: bool = False) -> None:
        super().__init__(cause)
        self.corrupt, self.reopen = corrupt, corrupt or reopen


@dataclass(frozen=True, slots=True)
class Entry:
    """An event on its way to one receiver: which, how often it was tried, and what the receiver said last."""

    seq: int
    id: str
    event: dict[str, Any]
    frame: Path | None
    plate: Path | None
    tries: int
    error: str | None = None
    target: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An event as it is stored."""

    id: str
    put_s: float
    body: str
    frame: str | None
    plate: str | None
    size: int


@dataclass(frozen=True, slots=True)
class Gone:
    """What was removed: events, their bytes with those of their pictures, the pictures, receiver and state of what was not delivered."""

    events: int
    size: int
    pictures: list[str]
    lost: list[tuple[str, str]]


class Store:
    """One database, used by one thread at a time. `path` None: in memory. Every method raises `StoreError`."""

    def __init__(self, path: Path | None) -> None:
        with _explained():
            self._db = sqlite3.connect(":memory:" if path is None else path, timeout=5.0, isolation_level=None, check_same_thread=False)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def _prepare(self) -> None:
        checked = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if checked != "ok":
            raise StoreError(" ".join(str(checked).split()), corrupt=True)
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found > _FORMAT:
            raise StoreError("it was written by a newer platelight")
        if found == 0:
            self._db.execute("PRAGMA auto_vacuum=INCREMENTAL")
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA journal_size_limit=4194304")
        if found == 0:
            with self._change():
                for statement in filter(None, map(str.strip, _SCHEMA.split(";"))):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version={_FORMAT}")
        self._db.execute("SELECT seq, target, state, tries, error FROM delivery LIMIT 1").fetchone()

    def close(self) -> None:
        with _explained():
            self._db.close()

    def put(self, row: Row, targets: Collection[str], counter: str | None = None) -> bool:
        """Store an event for these receivers, and raise the counter; on the disk when this returns.

        False: the event is there already, and stays as it is.
        """
        with self._change():
            if counter is not None:
                self._counted(counter)
            values = (row.id, row.put_s, row.body, row.frame, row.plate, row.size)
            query = "INSERT OR IGNORE INTO event (id, put_s, body, frame, plate, size) VALUES (?, ?, ?, ?, ?, ?)"
            new = self._db.execute(query, values).rowcount > 0
            seq = self._db.execute("SELECT seq FROM event WHERE id=?", (row.id,)).fetchone()[0]
            self._db.executemany("INSERT OR IGNORE INTO delivery (seq, target) VALUES (?, ?)", [(seq, target) for target in targets])
            return new

    def head(self, target: str, without: Collection[int] = ()) -> Entry | None:
        """The oldest event that waits for this receiver and is not among `without`."""
        columns = "d.seq, e.id, e.body, e.frame, e.plate, d.tries, d.error, d.target"
        query = "SELECT seq FROM delivery WHERE target=? AND state='waiting' ORDER BY seq LIMIT ?"
        with _explained():
            waiting = (seq for (seq,) in self._db.execute(query, (target, len(without) + 1)))
            seq = next((seq for seq in waiting if seq not in without), None)
            if seq is None:
                return None
            where = f"SELECT {columns} FROM delivery d JOIN event e USING (seq) WHERE d.target=? AND d.seq=?"
            return _entry(self._db.execute(where, (target, seq)).fetchone())

    def done(self, seq: int, target: str) -> Gone:
        """This receiver needs the event no more; what nobody needs then is removed."""
        with self._change(durable=False):
            self._db.execute("DELETE FROM delivery WHERE target=? AND seq=?", (target, seq))
            return self._removed("seq=?", (seq,), [])

    def failed(self, seq: int, target: str, error: str) -> None:
        """One try more."""
        self._tried(seq, target, error, WAITING)

    def refuse(self, seq: int, target: str, error: str) -> Gone:
        """One try more, and none from now on."""
        self._tried(seq, target, error, REFUSED)
        return Gone(0, 0, [], [])

    def _tried(self, seq: int, target: str, error: str, state: str) -> None:
        query = "UPDATE delivery SET tries=tries+1, error=?, state=? WHERE target=? AND seq=?"
        with self._change(durable=False):
            self._db.execute(query, (error[:500], state, target, seq))

    def drop_oldest(self) -> Gone:
        """Forget the oldest event."""
        return self._forget("seq=(SELECT MIN(seq) FROM event)", ())

    def expire(self, before_s: float) -> Gone:
        """Forget what was put before."""
        return self._forget("put_s<?", (before_s,))

    def _forget(self, which: str, values: tuple[float, ...]) -> Gone:
        seqs = f"seq IN (SELECT seq FROM event WHERE {which})"
        with self._change():
            lost = self._db.execute(f"SELECT target, state FROM delivery WHERE {seqs}", values).fetchall()
            self._db.execute(f"DELETE FROM delivery WHERE {seqs}", values)
            return self._removed(which, values, lost)

    def refused(self, target: str | None = None) -> list[Entry]:
        """What was refused for good, oldest first."""
        query = (
            "SELECT d.seq, e.id, e.body, e.frame, e.plate, d.tries, d.error, d.target FROM delivery d JOIN event e USING (seq)"
            " WHERE d.state='refused' AND (? IS NULL OR d.target=?) ORDER BY d.seq"
        )
        with _explained():
            return [_entry(row) for row in self._db.execute(query, (target, target))]

    def requeue(self, event_id: str | None, target: str | None) -> int:
        """Let what was refused wait again; gives how many."""
        query = (
            "UPDATE delivery SET state='waiting', tries=0 WHERE state='refused' AND (? IS NULL OR target=?)"
            " AND (? IS NULL OR seq IN (SELECT seq FROM event WHERE id=?))"
        )
        with self._change():
            return self._db.execute(query, (target, target, event_id, event_id)).rowcount

    def counts(self) -> dict[tuple[str, str], int]:
        """How many events are in each state for each receiver."""
        with _explained():
            return {(target, state): count for target, state, count in self._db.execute("SELECT target, state, COUNT(*) FROM delivery GROUP BY 1, 2")}

    def totals(self) -> tuple[int, int]:
        """How many events there are, and their bytes with those of their pictures."""
        with _explained():
            count, size = self._db.execute("SELECT COUNT(*), COALESCE(SUM(size), 0) FROM event").fetchone()
            return count, size

    def pictures(self) -> set[str]:
        """The pictures of all events."""
        with _explained():
            rows = self._db.execute("SELECT frame, plate FROM event WHERE frame IS NOT NULL OR plate IS NOT NULL")
            return {path for row in rows for path in row if path}

    def rows(self, limit: int) -> list[tuple[Row, list[str]]]:
        """The oldest events with the receivers that do not have them yet."""
        with _explained():
            found = self._db.execute("SELECT seq, id, put_s, body, frame, plate, size FROM event ORDER BY seq LIMIT ?", (limit,)).fetchall()
            query = "SELECT target FROM delivery WHERE seq=?"
            return [(Row(*row[1:]), [target for (target,) in self._db.execute(query, (row[0],))]) for row in found]

    def count(self, name: str) -> bool:
        """Raise a counter by one."""
        with self._change():
            self._counted(name)
            return True

    def _counted(self, name: str) -> None:
        self._db.execute("INSERT INTO counter VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value=value+1", (name,))

    def counter(self, name: str) -> int:
        with _explained():
            row = self._db.execute("SELECT value FROM counter WHERE name=?", (name,)).fetchone()
            return int(row[0]) if row else 0

    def forget_counters(self, start: str, before: str) -> None:
        """Remove the counters whose name begins like this and comes before that name in the alphabet."""
        with self._change():
            self._db.execute("DELETE FROM counter WHERE substr(name, 1, ?)=? AND name<?", (len(start), start, before))

    def checkpoint(self) -> None:
        """Bring what the log holds into the database, so that the log's room is free: a disk that was full may have little."""
        with _explained():
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def shrink(self) -> None:
        """Give free pages of the file back."""
        with _explained():
            self._db.executescript("PRAGMA incremental_vacuum(2000)")  # execute() would give one page back

    def _removed(self, which: str, values: tuple[float, ...], lost: list[tuple[str, str]]) -> Gone:
        """Remove those of the events that nobody waits for any more."""
        query = f"SELECT seq, size, frame, plate FROM event e WHERE {which} AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.seq=e.seq)"
        rows = self._db.execute(query, values).fetchall()
        self._db.executemany("DELETE FROM event WHERE seq=?", [(row[0],) for row in rows])
        return Gone(len(rows), sum(row[1] for row in rows), [path for row in rows for path in row[2:] if path], lost)

    @contextmanager
    def _change(self, durable: bool = True) -> Iterator[None]:
        """One transaction; where not `durable`, a power cut may undo it: then an event is delivered once more, which costs less."""
        with _explained():
            self._db.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        corrupt = name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "no such table" in str(error) or "no such column" in str(error)
        raise StoreError(str(error), corrupt, name.startswith(("SQLITE_IOERR", "SQLITE_READONLY_DBMOVED"))) from None


def _entry(row: Sequence[Any]) -> Entry:
    seq, event_id, body, frame, plate, tries, error, target = row
    return Entry(seq, event_id, json.loads(body), frame and Path(frame), plate and Path(plate), tries, error, target)
