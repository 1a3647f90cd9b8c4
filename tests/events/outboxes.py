"""Outboxes to fill and to empty."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from passes import passed

from platelight.events import Outbox, event_dict


def event(number: int = 0, camera: str = "gate", **changed: Any) -> dict[str, Any]:
    return event_dict(passed(id=f"id-{number}", camera=camera), None, None, "") | changed


def ids(outbox: Outbox, target: str = "a") -> list[str]:
    """The events that wait for the receiver, in order; they are delivered by this."""
    found = []
    while entry := outbox.head(target):
        found.append(entry.id)
        outbox.done(entry)
    return found


def fill(outbox: Outbox, count: int, *targets: str) -> None:
    for number in range(count):
        assert outbox.put(event(number), targets or ("a",))


def database(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / "outbox.db")
