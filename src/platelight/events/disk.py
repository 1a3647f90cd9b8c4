"""The outbox's database as long as the disk allows: questions are answered or not, and trouble is said once."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from platelight.events.opening import opened
from platelight.events.store import Store, StoreError

TRY_AGAIN_S = 5.0
"""Seconds between attempts to use a disk that took nothing."""

_log = logging.getLogger("platelight.events")
_Answer = TypeVar("_Answer")


class Disk:
    """The database in `folder` (None: there is none). `begin` is called with every database that is opened, also later on."""

    def __init__(self, folder: Path | None, begin: Callable[[Store], None], meanwhile: str) -> None:
        self.folder = folder
        self.error: str | None = None
        self._begin, self._meanwhile, self._tried_s = begin, meanwhile, 0.0
        self._store: Store | None = None
        self._open()

    @property
    def is_open(self) -> bool:
        return self._store is not None

    def ask(self, question: Callable[[Store], _Answer]) -> _Answer | None:
        """What the database answers; None where it does not."""
        if self._store is None and self.may_try():
            self._open()
        if self._store is None:
            return None
        try:
            return question(self._store)
        except StoreError as error:
            if error.reopen:
                self.close()
                self._open()
            else:
                self.trouble(str(error))
            return None

    def may_try(self, now: bool = False) -> bool:
        """Whether it is time for another attempt; from now on it is not for a while."""
        if self.folder is None or not (now or time.monotonic() - self._tried_s >= TRY_AGAIN_S):
            return False
        self._tried_s = time.monotonic()
        return True

    def trouble(self, cause: str) -> None:
        if self.error is None:
            _log.error("outbox %s: %s; %s", self.folder, cause, self._meanwhile)
        self.error = cause

    def recovered(self) -> None:
        if self.error is not None:
            _log.warning("outbox %s: works again", self.folder)
        self.error = None

    def close(self) -> None:
        if self._store is not None:
            with contextlib.suppress(StoreError):
                self._store.close()
        self._store = None

    def _open(self) -> None:
        if self.folder is None:
            return
        self._tried_s = time.monotonic()
        try:
            self._store = opened(self.folder)
            self._begin(self._store)
        except OSError as error:
            self.trouble(f"the folder cannot be used ({error.strerror or error})")
        except StoreError as error:
            self.close()
            self.trouble(str(error))
        else:
            self.recovered()
