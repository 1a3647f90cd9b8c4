from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from platelight.events import Outbox, event_dict

sys.path.insert(0, str(Path(__file__).parents[1] / "events"))

from passes import passed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A queue where `a` has refused an event and waits for another, which `b` waits for too."""
    outbox = Outbox(tmp_path / "queue")
    outbox.put(event_dict(passed(id="id-1"), None, None, ""), ["a"])
    outbox.put(event_dict(passed(id="id-2"), None, None, ""), ["a", "b"])
    entry = outbox.head("a")
    assert entry is not None
    outbox.failed(entry, "it answers 404 Not Found", refused=True)
    outbox.close()
    return tmp_path / "queue"


def test_it_shows_what_waits_and_what_was_refused(platelight: Callable[..., Any], folder: Path) -> None:
    ran = platelight("queue", "--queue", folder)
    assert ran.status == 0
    assert ran.out.splitlines() == [
        "a: 1 waiting, 1 refused",
        "b: 1 waiting, 0 refused",
        "  id-1  2026-11-18T11:06:40.250Z  gate  AB12CDE  a: it answers 404 Not Found",
    ]
    assert platelight("queue", "--queue", folder, "--receiver", "b").out == "b: 1 waiting, 0 refused\n"


def test_refused_events_as_json(platelight: Callable[..., Any], folder: Path) -> None:
    report = json.loads(platelight("queue", "--queue", folder, "--format", "json").out)
    assert report["receivers"] == {"a": {"waiting": 1, "refused": 1}, "b": {"waiting": 1, "refused": 0}}
    (value,) = report["refused"]
    assert (value["receiver"], value["tries"], value["error"], value["event"]["id"]) == ("a", 1, "it answers 404 Not Found", "id-1")


@pytest.mark.parametrize("which", ["id-1", "all"])
def test_refused_events_are_requeued(platelight: Callable[..., Any], folder: Path, which: str) -> None:
    ran = platelight("queue", "--queue", folder, "--requeue", which)
    assert (ran.status, ran.out) == (0, "1 requeued\n")
    assert "a: 2 waiting, 0 refused" in platelight("queue", "--queue", folder).out


def test_what_is_not_there_is_said(platelight: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    ran = platelight("queue", "--queue", folder, "--requeue", "id-9")
    assert ran.status == 2
    assert "no receiver refused an event id-9" in ran.err
    ran = platelight("queue", "--queue", tmp_path)
    assert ran.status == 2
    assert "holds no queue" in ran.err
    assert not (tmp_path / "outbox.db").exists()


def test_an_empty_queue(platelight: Callable[..., Any], tmp_path: Path) -> None:
    Outbox(tmp_path).close()
    assert platelight("queue", "--queue", tmp_path).out == "nothing waits, nothing was refused\n"
