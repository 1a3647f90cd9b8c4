"""What can go wrong between an event and its receiver."""

from __future__ import annotations


class EventsError(Exception):
    """A setting that cannot work, or a folder that cannot be used; the message says which and why."""


class NotNowError(Exception):
    """The receiver cannot take the event now; it may later.

    `wait_s`: at least so long it asked to be left alone. `answered`: it is there, and said no to this very event.
    """

    def __init__(self, cause: str, wait_s: float = 0.0, answered: bool = False) -> None:
        super().__init__(cause)
        self.wait_s, self.answered = wait_s, answered


class RefusedError(Exception):
    """The receiver will never take this event as it is."""
