"""The outbox's folder: its database, opened although it may be damaged, and its lock."""

from __future__ import annotations

import contextlib
import logging
from datetime import UTC, datetime
from pathlib import Path

from platelight.events.errors import EventsError
from platelight.events.store import Store, StoreError
from platelight.files import HeldError, held

DATABASE, LOCK = "outbox.db", "outbox.lock"

_log = logging.getLogger("platelight.events")


def opened(folder: Path) -> Store:
    """The folder's database, made if need be; a damaged one is kept under another name and a new one begun.

    Raises `StoreError` and OSError where the folder or its disk cannot be used.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / DATABASE
    try:
        return Store(path)
    except StoreError as error:
        if not error.corrupt:
            raise
        _set_aside(path, str(error))
        return Store(path)


def _set_aside(path: Path, cause: str) -> None:
    aside = f"{path.stem}-damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    for end in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(path.with_name(f"{aside}.db{end}"))
    _log.error("outbox %s: the database is damaged (%s); it is kept as %s.db, and a new one begun", path.parent, cause, aside)


def hold(folder: Path) -> int | None:
    """Be the one process that delivers from this folder: a handle that holds it until it is closed or the process ends.

    None where the folder cannot be written, so that there is no queue to share. Raises `EventsError` where another process is.
    """
    try:
        return held(folder / LOCK)
    except HeldError:
        raise EventsError(f"outbox {folder}: another platelight delivers from this folder; give each its own") from None
    except OSError:
        return None
