"""What Home Assistant is told of our cameras over MQTT, and what those who came from Frigate expect."""

from __future__ import annotations

import unicodedata
import zlib
from typing import Any

from platelight import __version__
from platelight.events.evidence import safe

KNOWN_OFF_S = 30
"""Seconds after which "known plate seen" turns off by itself."""

_ORIGIN = {"name": "platelight", "sw_version": __version__}


def slug(camera: str) -> str:
    """A camera's name as one level of a topic, and as a part of the ids that Home Assistant keeps: lower-case ASCII letters,
    digits, - and _; a name that has other letters gets a number, which is always the same."""
    plain = unicodedata.normalize("NFKD", safe(camera))
    kept = "".join(character for character in plain if character.isascii())
    lost = any(character.isalnum() and not character.isascii() for character in plain)
    return f"{kept.strip('_') or 'camera'}{f'_{zlib.crc32(camera.encode()):08x}' if lost else ''}".lower()


def configs(topic: str, camera: str, prefix: str = "homeassistant") -> dict[str, dict[str, Any]]:
    """Topic to message: one device for the camera, with the last plate, whether a known one was seen, and the passes of today."""
    name, base = slug(camera), f"{topic}/{slug(camera)}"
    device = {"identifiers": [f"platelight_{name}"], "name": camera, "manufacturer": "platelight", "model": "Number-plate reader", "sw_version": __version__}
    common = {"device": device, "origin": _ORIGIN, "availability_topic": f"{topic}/available", "qos": 1}
    last = {
        "name": "Last plate", "icon": "mdi:car", "state_topic": f"{base}/last", "value_template": "{{ value_json.text or 'unreadable' }}",
        "json_attributes_topic": f"{base}/last",
    }  # fmt: skip
    known = {
        "name": "Known plate seen", "device_class": "presence", "state_topic": f"{base}/known", "value_template": "{{ value_json.state }}",
        "json_attributes_topic": f"{base}/known", "off_delay": KNOWN_OFF_S,
    }  # fmt: skip
    today = {
        "name": "Passes today", "icon": "mdi:counter", "state_topic": f"{base}/today", "state_class": "total_increasing", "unit_of_measurement": "passes",
    }  # fmt: skip
    parts: dict[str, dict[str, dict[str, Any]]] = {"sensor": {"last_plate": last, "passes_today": today}, "binary_sensor": {"known_plate": known}}
    return {
        f"{prefix}/{kind}/platelight_{name}/{part}/config": {"unique_id": f"platelight_{name}_{part}", **settings, **common}
        for kind, entities in parts.items()
        for part, settings in entities.items()
    }


def last(event: dict[str, Any]) -> dict[str, Any]:
    """The event without what is too long for an attribute."""
    names = (
        "id", "camera", "time", "text", "confidence", "country", "known", "direction", "direction_deg", "dwell_s", "sightings",
        "agreement", "parked", "evidence",
    )  # fmt: skip
    return {name: event[name] for name in names} | {"raw_text": event["plate"]["raw_text"], "flags": event["plate"]["flags"]}


def frigate(event: dict[str, Any]) -> dict[str, Any]:
    """The event as Frigate's `tracked_object_update` of type `lpr`; `plate_box` is left, top, right, bottom in pixels."""
    x, y, width, height = event["plate"]["box"]
    return {
        "type": "lpr", "id": event["id"], "name": None if event["known"] is None else event["known"]["name"], "plate": event["text"],
        "score": event["confidence"], "camera": event["camera"], "timestamp": event["epoch_ms"] / 1000,
        "plate_box": [round(x), round(y), round(x + width), round(y + height)],
    }  # fmt: skip
