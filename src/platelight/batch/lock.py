"""One run at a time in a folder: a lock that goes with its process, however that ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platelight.batch.errors import BatchError
from platelight.batch.manifest import LOCK
from platelight.files import HeldError, held


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold the folder. Raises `BatchError` where another run holds it, `OSError` where it cannot be written."""
    try:
        handle = held(out / LOCK)
    except HeldError:
        raise BatchError(f"{out}: another run is writing to this folder") from None
    try:
        yield
    finally:
        os.close(handle)
