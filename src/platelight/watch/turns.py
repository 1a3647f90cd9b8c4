"""Whose turn it is: cameras that share processors are served in the order they asked."""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType


class Turns:
    """A lock for `at_once` holders that is given in the order it was asked for, so that a fast asker cannot starve a slow one."""

    def __init__(self, at_once: int = 1) -> None:
        if at_once < 1:
            raise ValueError(f"at_once must be 1 or more, got {at_once}")
        self._free = at_once
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    def __enter__(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            mine = threading.Event()
            self._waiting.append(mine)
        mine.wait()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()  # the turn passes on without becoming free in between
            else:
                self._free += 1

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)
