"""A worker process: opens the job, then reads one chunk of photos after the other until its parent goes away.

Only the standard library is imported before the number of threads is set, and nothing that the parent alone needs.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterable, Iterator
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from typing import Any

THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

READY, ALIVE, ROWS, FAILED, UNUSABLE = "ready", "alive", "rows", "failed", "unusable"
"""What a worker tells: it has opened the job; it begins a photo; the rows of the chunk; the chunk or the job raised."""


def main(connection: Connection, job: Any) -> None:
    """Runs in the worker. Receives tuples of places and answers each with ALIVE messages and one of ROWS or FAILED."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides what happens
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    for name in THREAD_LIMITS:
        os.environ[name] = "1"
    try:
        read = job.open()
    except Exception as error:
        told = isinstance(error, (ValueError, RuntimeError))  # as `Platelight` raises, with a message for people
        connection.send((UNUSABLE, str(error) if told else error_text(error)))
        return
    connection.send((READY, None))
    try:
        while True:
            places = connection.recv()
            connection.send(_answer(read, places, connection))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _answer(read: Any, places: tuple[str, ...], connection: Connection) -> tuple[str, Any]:
    try:
        rows = [dict(row) for row in read(_announced(places, connection))]
        if len(rows) != len(places):
            raise RuntimeError(f"{len(rows)} rows for {len(places)} photos")
    except MemoryError:
        return FAILED, "not enough memory"
    except Exception as error:
        return FAILED, error_text(error)
    return ROWS, rows


def _announced(places: Iterable[str], connection: Connection) -> Iterator[str]:
    for place in places:
        connection.send((ALIVE, None))
        yield place


def _leave_with_parent() -> None:
    """End this process when its parent has, however that ended: no worker outlives a killed run."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def error_text(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).strip().splitlines() or ['no message'])[0]}"
