"""A vehicle's pass, as the event that `platelight.events.event_dict` makes of it, in the shapes that other plate readers send.

Plates without a text are sent with an empty one: a receiver that knows nothing of such passes can leave them out by it.
"""

from __future__ import annotations

import base64
import zlib
from datetime import datetime
from typing import Any

import cv2
import numpy as np

Event = dict[str, Any]

ABOVE, BESIDE, BELOW = 3.0, 1.5, 1.0
"""Plate widths that the picture of the vehicle reaches beyond its plate: about a car, for where the vehicle ends is not known."""


def stream(event: Event, target: str = "") -> dict[str, Any]:
    """The event as Plate Recognizer's Stream sends it to the webhook `target`: lower-case text, scores 0 to 1.

    `direction` is counted there as on the unit circle: 0 to the right, 90 up.
    """
    plate, degrees = event["plate"], event["direction_deg"]
    box = _box(plate)
    result = {
        "box": box, "plate": (plate["text"] or "").lower(),
        "region": {"code": _region(plate), "score": round(event["country_confidence"], 3)},
        "score": plate["confidence"], "candidates": [{"score": item["confidence"], "plate": item["text"].lower()} for item in plate["candidates"]],
        "dscore": plate["score"], "vehicle": {"score": 0.0, "type": "Unknown", "box": dict(box)}, "model_make": [], "color": [], "orientation": [],
        "direction": None if degrees is None else round(90.0 - degrees) % 360, "source_url": event["source"], "position_sec": event["best"]["stream_s"],
        "user_data": "" if event["known"] is None else event["known"]["name"],
    }  # fmt: skip
    filename = f"{event['camera']}/{event['id']}.jpg" if event["evidence"] is None else event["evidence"]["frame"]
    moment = datetime.fromisoformat(event["time"])
    return {
        "hook": {"target": target, "id": event["camera"], "event": "recognition", "filename": filename},
        "data": {
            "camera_id": event["camera"], "filename": filename, "timestamp": event["time"],
            "timestamp_local": moment.astimezone().isoformat(" ", "microseconds"), "results": [result],
        },
    }  # fmt: skip


def group(event: Event, frame: bytes | None = None, plate: bytes | None = None) -> dict[str, Any]:
    """The event as OpenALPR's `alpr_group`, version 2: confidences 0 to 100, times in milliseconds, 0 degrees up and clockwise.

    `frame` and `plate` are JPEG files. OpenALPR numbers its cameras, so `camera_id` is made of the name, which is `camera_label`.
    """
    found, camera = event["plate"], camera_number(event["camera"])
    confidence, size = round(found["confidence"] * 100, 4), event["frame"] or {"width": 0, "height": 0}
    corners = [{"x": round(x), "y": round(y)} for x, y in found["corners"]]
    candidates = [
        {"plate": item["text"], "confidence": round(item["confidence"] * 100, 4), "matches_template": int(item["template"] is not None)}
        for item in found["candidates"]
    ]
    best = {
        "plate": found["text"] or "", "confidence": confidence, "matches_template": int(found["template"] is not None), "plate_index": 0,
        "region": _region(found), "region_confidence": round(event["country_confidence"] * 100), "processing_time_ms": 0.0,
        "requested_topn": len(candidates), "coordinates": corners, "plate_crop_jpeg": _base64(plate),
        "vehicle_region": dict(zip(("x", "y", "width", "height"), _around(found["box"], size), strict=True)), "vehicle_detected": False,
        "candidates": candidates,
    }  # fmt: skip
    return {
        "data_type": "alpr_group", "version": 2, "epoch_start": event["first"]["epoch_ms"], "epoch_end": event["last"]["epoch_ms"],
        "frame_start": 0, "frame_end": event["sightings"], "company_id": "", "agent_uid": "platelight", "agent_version": "", "agent_type": "platelight",
        "camera_id": camera, "gps_latitude": -1.0, "gps_longitude": -1.0, "country": found["country"] or "", "uuids": [event["id"]],
        "vehicle_path": [], "plate_indexes": [0], "candidates": candidates, "best_plate": best, "best_confidence": confidence,
        "best_plate_number": found["text"] or "", "best_region": _region(found), "best_region_confidence": best["region_confidence"],
        "matches_template": found["template"] is not None, "plate_path": _path(event), "vehicle_crop_jpeg": _vehicle_jpeg(frame, found["box"]),
        "overview_jpeg": "", "best_uuid": event["id"], "best_uuid_epoch_ms": event["best"]["epoch_ms"], "best_image_width": size["width"],
        "best_image_height": size["height"], "travel_direction": -1.0 if event["direction_deg"] is None else event["direction_deg"],
        "is_parked": event["parked"], "is_preview": False, "vehicle_signature": "",
        "vehicle": {name: [] for name in ("color", "make", "make_model", "body_type", "year", "orientation")},
        "web_server_config": {"camera_label": event["camera"], "agent_label": "platelight"}, "direction_of_travel_id": 0, "custom_data": {},
        "user_data": "" if event["known"] is None else event["known"]["name"],
    }  # fmt: skip


def camera_number(name: str) -> int:
    """The number of a camera in OpenALPR's shape: its name, if that is a number, else one made of the name, always the same."""
    return int(name) if name.isascii() and name.isdigit() and int(name) < 2**31 else zlib.crc32(name.encode()) & 0x7FFFFFFF


def _box(plate: Event) -> dict[str, int]:
    x, y, width, height = plate["box"]
    return {"xmin": round(x), "ymin": round(y), "xmax": round(x + width), "ymax": round(y + height)}


def _region(plate: Event) -> str:
    return plate["region"] or plate["country"] or ""


def _path(event: Event) -> list[dict[str, int]]:
    """Where the plate was: corner and size in pixels (the best frame's size), milliseconds since the epoch, number of the point."""
    _, _, width, height = event["plate"]["box"]
    start_ms = event["best"]["epoch_ms"] - event["best"]["stream_s"] * 1000
    return [
        {"x": round(x - width / 2), "y": round(y - height / 2), "w": round(width), "h": round(height), "t": round(start_ms + time_s * 1000), "f": number}
        for number, (time_s, x, y) in enumerate(event["path"])
    ]


def _around(box: list[float], size: dict[str, int]) -> tuple[int, int, int, int]:
    """x, y, width and height of what is shown as the vehicle, within the picture."""
    x, y, width, height = box
    left, top = max(x - BESIDE * width, 0), max(y - ABOVE * width, 0)
    right, bottom = min(x + (1 + BESIDE) * width, size["width"]), min(y + height + BELOW * width, size["height"])
    return round(left), round(top), max(round(right - left), 0), max(round(bottom - top), 0)


def _vehicle_jpeg(frame: bytes | None, box: list[float]) -> str:
    """The surroundings of the plate as JPEG in base64, empty without a frame."""
    pixels = None if frame is None else cv2.imdecode(np.frombuffer(frame, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        return ""
    x, y, width, height = _around(box, {"width": pixels.shape[1], "height": pixels.shape[0]})
    part = pixels[y : y + height, x : x + width]
    if not part.size:
        return ""
    return _base64(cv2.imencode(".jpg", part, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes())


def _base64(data: bytes | None) -> str:
    return "" if data is None else base64.b64encode(data).decode()
