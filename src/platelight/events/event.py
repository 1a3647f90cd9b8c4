"""A pass as the JSON object that receivers get. docs/guides/events.md describes every field; none changes its meaning."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from platelight.events.addresses import shown
from platelight.events.evidence import Saved
from platelight.events.known import Match
from platelight.formats import country_chance
from platelight.records import Pass

VERSION = 1
"""Of the event's fields: it rises only if one is renamed, removed or changes its meaning."""


def event_dict(passed: Pass, known: Match | None, evidence: Saved | None, source: str) -> dict[str, Any]:
    """The pass as plain values for JSON. `source` is the camera's address; what it holds of passwords and tokens is left out."""
    plate = passed.plate
    size = None if passed.frame is None else passed.frame.pixels.shape
    return {
        "event": "pass", "version": VERSION, "id": passed.id, "camera": passed.camera, "source": shown(source),
        "time": iso(passed.best_epoch_s), "epoch_ms": round(passed.best_epoch_s * 1000),
        "first": _moment(passed.first_epoch_s, passed.first_s), "best": _moment(passed.best_epoch_s, passed.best_s),
        "last": _moment(passed.last_epoch_s, passed.last_s), "dwell_s": round(passed.last_s - passed.first_s, 3),
        "sightings": passed.sightings, "agreement": round(passed.agreement, 4), "parked": passed.parked,
        "direction": passed.direction, "direction_deg": None if passed.direction_deg is None else round(passed.direction_deg, 1),
        "text": plate.text, "confidence": round(plate.confidence, 4), "country": plate.country,
        "country_confidence": round(country_chance(plate), 4),
        "known": None if known is None else {"name": known.name, "text": known.text, "distance": round(known.distance, 3)},
        "plate": plate.to_dict(), "frame": None if size is None else {"width": size[1], "height": size[0]},
        "path": [[round(time_s, 3), round(x, 1), round(y, 1)] for time_s, x, y in passed.path],
        "evidence": None if evidence is None else evidence.to_dict(),
    }  # fmt: skip


def iso(epoch_s: float) -> str:
    """UTC, ISO 8601, to the millisecond: `2026-11-21T19:40:12.345Z`."""
    moment = datetime.fromtimestamp(round(epoch_s * 1000) / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(epoch_s: float, stream_s: float) -> dict[str, Any]:
    return {"time": iso(epoch_s), "epoch_ms": round(epoch_s * 1000), "stream_s": round(stream_s, 3)}
