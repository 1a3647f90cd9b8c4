from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from passes import EPOCH_S, passed

from platelight.events import Match, Saved, event_dict, shown
from platelight.records import Frame

GUIDE = Path(__file__).parents[2] / "docs/guides/events.md"


def test_an_event_holds_what_is_known_of_the_pass() -> None:
    one = passed(picture=True)
    event = event_dict(one, None, None, "front camera")
    assert (event["event"], event["version"], event["id"], event["camera"]) == ("pass", 1, one.id, "gate")
    assert (event["text"], event["confidence"], event["country"], event["country_confidence"]) == ("AB12CDE", 0.93, "gb", 0.9)
    assert event["plate"] == one.plate.to_dict()
    assert (event["dwell_s"], event["sightings"], event["agreement"], event["parked"]) == (4.5, 12, 0.75, False)
    assert (event["direction"], event["direction_deg"]) == ("towards", 180.0)
    assert event["frame"] == {"width": 640, "height": 480}
    assert event["path"] == [[1.0, 10.0, 20.0], [4.0, 200.0, 225.0]]
    assert (event["known"], event["evidence"]) == (None, None)


def test_times_are_utc_and_say_the_same_in_both_forms() -> None:
    event = event_dict(passed(epoch_s=EPOCH_S), None, None, "")
    assert (event["time"], event["epoch_ms"]) == ("2026-11-18T11:06:40.250Z", 1_795_000_000_250)
    assert event["best"] == {"time": event["time"], "epoch_ms": event["epoch_ms"], "stream_s": 4.0}
    for name, seconds in (("first", EPOCH_S - 3), ("last", EPOCH_S + 1.5)):
        moment = event[name]
        assert moment["epoch_ms"] == round(seconds * 1000)
        assert datetime.fromisoformat(moment["time"]) == datetime.fromtimestamp(seconds, UTC)


def test_half_milliseconds_are_rounded_alike_in_both_forms() -> None:
    event = event_dict(passed(epoch_s=1_795_000_000.9996), None, None, "")
    assert (event["time"], event["epoch_ms"]) == ("2026-11-18T11:06:41.000Z", 1_795_000_001_000)


def test_the_reading_stays_beside_the_known_plate() -> None:
    event = event_dict(passed("A812CDE"), Match("Anna", "AB12CDE", 0.25), None, "")
    assert event["known"] == {"name": "Anna", "text": "AB12CDE", "distance": 0.25}
    assert (event["text"], event["plate"]["text"]) == ("A812CDE", "A812CDE")


def test_a_plate_that_could_not_be_read_has_null_for_a_text() -> None:
    event = json.loads(json.dumps(event_dict(passed(None, direction=None, direction_deg=None), None, None, "")))
    assert (event["text"], event["confidence"], event["country"], event["direction"], event["direction_deg"]) == (None, 0.0, None, None, None)


def test_evidence_is_named_relative_to_its_folder(tmp_path: Path) -> None:
    event = event_dict(passed(), None, Saved(tmp_path, tmp_path / "gate/a-frame.jpg", None), "")
    assert event["evidence"] == {"folder": str(tmp_path), "frame": "gate/a-frame.jpg", "plate": None}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("rtsp://admin:secret@10.0.0.5:554/live/main?token=secret", "rtsp://10.0.0.5:554/live/main?…"),
        ("https://ha.local/api/webhook/plate_0123456789secret", "https://ha.local/api/webhook/plat…"),
        ("http://u:secret@[::1]:80/x", "http://[::1]:80/x"),
        ("rtsp://[secret/x", "rtsp://…"),
        ("/dev/video0", "/dev/video0"),
    ],
)
def test_no_secret_of_an_address_is_shown(address: str, expected: str) -> None:
    assert shown(address) == expected
    assert event_dict(passed(), None, None, address)["source"] == expected


def fields(value: Any, before: str = "") -> set[str]:
    if not isinstance(value, dict):
        return set()
    return {before + name for name in value} | {field for name in value for field in fields(value[name], f"{before}{name}.")}


def test_the_guide_describes_every_field_and_no_other(tmp_path: Path) -> None:
    frame = Frame(np.zeros((4, 6, 3), np.uint8), 0.0, 0.0, 0)
    full = replace(passed(), frame=frame)
    event = event_dict(full, Match("Anna", "AB12CDE", 0.25), Saved(tmp_path, tmp_path / "a", tmp_path / "b"), "")
    described = set(re.findall(r"^\| `([a-z_.]+)` \|", GUIDE.read_text(encoding="utf-8").partition("## The event")[2].partition("\n## ")[0], re.MULTILINE))
    assert {field for field in fields(event) if not field.startswith(("plate.", "best.", "last."))} == described
