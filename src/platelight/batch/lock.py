"""One run at a time in a folder: a lock that goes with its process, however that ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platelight.batch.errors import BatchError
from platelight.batch.manifest import LOCK


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold the folder. Raises `BatchError` where another run holds it, `OSError` where it cannot be written."""
    handle = os.open(out / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _lock(handle, out)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, out: Path) -> None:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        raise BatchError(f"{out}: another run is writing to this folder") from None
