"""Passes in the shapes of Plate Recognizer's Stream and of OpenALPR's groups, held to the fields and types that these publish."""

from __future__ import annotations

import base64
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from contracts import GROUP, STREAM, differences

from platelight.events import Match, event_dict
from platelight.formats import group, stream
from platelight.formats.passes import camera_number

sys.path.insert(0, str(Path(__file__).parent / "events"))

from passes import EPOCH_S, passed, street


def event(known: Match | None = None, **changed: Any) -> dict[str, Any]:
    made = event_dict(passed(picture=True, **changed), known, None, "rtsp://u:secret@camera/1")
    return json.loads(json.dumps(made))  # type: ignore[no-any-return]  # as it comes out of the queue


def jpeg(height: int = 480, width: int = 640) -> bytes:
    return bytes(cv2.imencode(".jpg", np.full((height, width, 3), 200, np.uint8))[1])


def test_stream_has_the_fields_that_are_published() -> None:
    assert differences(stream(event(), "http://host/"), STREAM) == []
    assert differences(stream(event(direction_deg=None)), STREAM) == []


def test_stream_says_what_was_read() -> None:
    value = stream(event(Match("Anna", "AB12CDE", 0.0)), "http://host/")
    assert value["hook"] == {"target": "http://host/", "id": "gate", "event": "recognition", "filename": value["data"]["filename"]}
    assert (value["data"]["camera_id"], value["data"]["timestamp"]) == ("gate", "2026-11-18T11:06:40.250Z")
    local = datetime.strptime(value["data"]["timestamp_local"], "%Y-%m-%d %H:%M:%S.%f%z")  # as its receivers read it
    assert local == datetime.fromtimestamp(EPOCH_S, UTC)
    (result,) = value["data"]["results"]
    assert (result["plate"], result["score"], result["dscore"]) == ("ab12cde", 0.93, 0.9)
    assert result["box"] == {"xmin": 100, "ymin": 200, "xmax": 300, "ymax": 250}
    assert result["region"] == {"code": "gb", "score": 0.9}
    assert result["candidates"] == [{"score": 0.93, "plate": "ab12cde"}]
    assert (result["source_url"], result["position_sec"], result["user_data"]) == ("rtsp://camera/1", 4.0, "Anna")


@pytest.mark.parametrize(("ours", "theirs"), [(0.0, 90), (90.0, 0), (180.0, 270), (270.0, 180), (359.9, 90), (89.9, 0), (90.4, 0), (None, None)])
def test_stream_counts_degrees_on_the_unit_circle(ours: float | None, theirs: int | None) -> None:
    assert stream(event(direction_deg=ours))["data"]["results"][0]["direction"] == theirs


def test_group_has_the_fields_that_are_published() -> None:
    assert differences(group(event(), jpeg(), jpeg()), GROUP) == []
    assert differences(group(event()), GROUP) == []


def test_group_says_what_was_read() -> None:
    value = group(event(parked=True), jpeg(), b"plate")
    assert (value["best_plate_number"], value["best_confidence"], value["best_region"]) == ("AB12CDE", 93.0, "gb")
    assert (value["epoch_start"], value["epoch_end"]) == (round((EPOCH_S - 3) * 1000), round((EPOCH_S + 1.5) * 1000))
    assert (value["travel_direction"], value["is_parked"], value["best_image_width"], value["best_image_height"]) == (180.0, True, 640, 480)
    assert value["best_plate"]["coordinates"][0] == {"x": 100, "y": 200}
    assert value["candidates"] == [{"plate": "AB12CDE", "confidence": 93.0, "matches_template": 1}]
    assert base64.b64decode(value["best_plate"]["plate_crop_jpeg"]) == b"plate"
    assert value["web_server_config"]["camera_label"] == "gate"
    assert value["uuids"] == [value["best_uuid"]] == [value["best_uuid"]]
    assert [(point["x"], point["y"], point["w"], point["h"]) for point in value["plate_path"]] == [(-90, -5, 200, 50), (100, 200, 200, 50)]
    assert value["plate_path"][1]["t"] == round(EPOCH_S * 1000)


def test_the_vehicle_is_what_surrounds_the_plate() -> None:
    value = group(event(), bytes(cv2.imencode(".jpg", street()[..., ::-1])[1]))
    vehicle = cv2.imdecode(np.frombuffer(base64.b64decode(value["vehicle_crop_jpeg"]), np.uint8), cv2.IMREAD_COLOR)
    region = value["best_plate"]["vehicle_region"]
    assert vehicle.shape[:2] == (region["height"], region["width"])
    assert abs(vehicle[225 - region["y"], 200 - region["x"], ::-1].astype(int) - (250, 240, 60)).max() < 12


def test_a_plate_without_a_text_and_one_without_pictures() -> None:
    value = group(event(text=None, direction_deg=None))
    assert (value["best_plate_number"], value["best_confidence"], value["candidates"], value["travel_direction"]) == ("", 0.0, [], -1.0)
    assert (value["vehicle_crop_jpeg"], value["best_plate"]["plate_crop_jpeg"]) == ("", "")
    assert group(event(), b"no picture")["vehicle_crop_jpeg"] == ""
    (result,) = stream(event(text=None))["data"]["results"]
    assert (result["plate"], result["score"], result["candidates"]) == ("", 0.0, [])


def test_cameras_are_numbers_that_stay() -> None:
    assert camera_number("17") == 17
    assert camera_number("gate") == camera_number("gate") != camera_number("yard")
    assert 0 <= camera_number("gate") < 2**31
    assert 0 <= camera_number("99999999999") < 2**31
