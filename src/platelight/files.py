"""Files that are there whole or not at all, and files that one process holds."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` beside `path` and rename it, so that nobody ever sees half of it. Raises OSError; then nothing is left behind."""
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


class HeldError(Exception):
    """Another process holds the file."""


def held(path: Path) -> int:
    """Open and lock a file until the handle is closed or the process ends, however it ends.

    Raises HeldError where another process holds it, OSError where it cannot be written.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        if isinstance(error, (BlockingIOError, PermissionError)):  # the second on Windows
            raise HeldError(f"{path}: another process holds it") from None
        raise
    return handle
