"""One photo as the JSON object that another plate reader would answer with: OpenALPR, Plate Recognizer, CodeProject.AI.

Fields, types and ranges are those that these programs publish, so that what was written for them works. Plates without a text are left
out, as they are there. What platelight does not measure (vehicle, make, color of the car) is there with the value for "unknown".
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from platelight.records import Photo, Plate

Shape = Callable[[Photo, float], dict[str, Any]]


def shape(name: str, photo: Photo, time_s: float = 0.0) -> dict[str, Any]:
    """`photo`, which took `time_s` to read, in the shape of that name. Raises ValueError."""
    if name not in SHAPES:
        raise ValueError(f"shape must be one of {', '.join(SHAPES)}, got {name!r}")
    return SHAPES[name](photo, time_s)


def openalpr(photo: Photo, time_s: float = 0.0) -> dict[str, Any]:
    """The photo as OpenALPR's JSON, version 2: confidences 0 to 100, corners in whole pixels, clockwise from the top left."""
    read = _with_text(photo)
    time_ms = round(time_s * 1000, 3)
    result = {
        "version": 2, "data_type": "alpr_results", "epoch_time": round(time.time() * 1000), "img_width": photo.width, "img_height": photo.height,
        "processing_time_ms": time_ms, "regions_of_interest": [],
        "results": [_openalpr_plate(plate, index, time_ms / len(read)) for index, plate in enumerate(read)], "source": photo.source,
    }  # fmt: skip
    return result if photo.error is None else result | {"error": photo.error}


def _openalpr_plate(plate: Plate, index: int, time_ms: float) -> dict[str, Any]:
    values = plate.to_dict()
    candidates = [
        {"plate": item["text"], "confidence": round(item["confidence"] * 100, 4), "matches_template": int(item["template"] is not None)}
        for item in values["candidates"]
    ]
    return {
        "plate": values["text"], "confidence": round(values["confidence"] * 100, 4), "matches_template": int(values["template"] is not None),
        "plate_index": index, "region": _region(plate), "region_confidence": round(country_chance(plate) * 100),
        "processing_time_ms": round(time_ms, 3), "requested_topn": len(candidates),
        "coordinates": [{"x": round(x), "y": round(y)} for x, y in values["corners"]], "candidates": candidates,
    }  # fmt: skip


def platerecognizer(photo: Photo, time_s: float = 0.0) -> dict[str, Any]:
    """The photo as Plate Recognizer's snapshot JSON: lower-case text, `score` for the text, `dscore` for the detection."""
    result = {
        "processing_time": round(time_s * 1000, 3), "results": [_platerecognizer_plate(plate) for plate in _with_text(photo)],
        "filename": PurePath(photo.source).name, "version": 1, "camera_id": None, "timestamp": _now(),
    }  # fmt: skip
    return result if photo.error is None else result | {"error": photo.error}


def _platerecognizer_plate(plate: Plate) -> dict[str, Any]:
    values = plate.to_dict()
    box = plate.detection.quad.box
    corners = {"xmin": round(box.x0), "ymin": round(box.y0), "xmax": round(box.x1), "ymax": round(box.y1)}
    return {
        "box": corners, "plate": values["text"].lower(), "region": {"code": _region(plate), "score": round(country_chance(plate), 3)},
        "score": values["confidence"], "candidates": [{"score": item["confidence"], "plate": item["text"].lower()} for item in values["candidates"]],
        "dscore": values["score"], "vehicle": {"score": 0.0, "type": "Unknown", "box": dict(corners)},
    }  # fmt: skip


def codeproject(photo: Photo, time_s: float = 0.0) -> dict[str, Any]:
    """The photo as CodeProject.AI's answer to `/v1/vision/alpr`: boxes in whole pixels, times in whole milliseconds."""
    time_ms = round(time_s * 1000)
    common = {
        "inferenceMs": time_ms, "processMs": time_ms, "analysisRoundTripMs": time_ms, "command": "alpr", "moduleId": "platelight",
        "moduleName": "platelight", "executionProvider": "CPU", "canUseGPU": False, "timestampUTC": _now(),
    }  # fmt: skip
    if photo.error is not None:
        return {"success": False, "error": photo.error, "predictions": [], "code": 400, **common}
    predictions = [_prediction(plate) for plate in _with_text(photo)]
    message = "Found " + ", ".join(item["plate"] for item in predictions) if predictions else "No plates found"
    return {"success": True, "message": message, "count": len(predictions), "predictions": predictions, "code": 200, **common}


def _prediction(plate: Plate) -> dict[str, Any]:
    box = plate.detection.quad.box
    return {
        "confidence": round(plate.confidence, 4), "label": f"Plate: {plate.text}", "plate": plate.text,
        "x_min": round(box.x0), "y_min": round(box.y0), "x_max": round(box.x1), "y_max": round(box.y1),
    }  # fmt: skip


SHAPES: dict[str, Shape] = {"openalpr": openalpr, "platerecognizer": platerecognizer, "codeproject": codeproject}


def _with_text(photo: Photo) -> list[Plate]:
    return [plate for plate in photo.plates if plate.text]


def _region(plate: Plate) -> str:
    """`us-ca`, `ua`, or nothing."""
    return plate.region or plate.country or ""


def country_chance(plate: Plate) -> float:
    """How sure the network is of the country that was decided, 0 to 1; 0 where it knows nothing of it."""
    reading = plate.reading
    if plate.country not in reading.countries:
        return 0.0
    return math.exp(min(float(reading.country_log_probs[reading.countries.index(plate.country)]), 0.0))


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
