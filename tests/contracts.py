"""The fields and types that other plate readers publish, and what differs from them."""

from __future__ import annotations

from typing import Any

BOX = {"xmin": int, "ymin": int, "xmax": int, "ymax": int}
SNAPSHOT = {
    "processing_time": float, "filename": str, "version": int, "camera_id": str | None, "timestamp": str,
    "results": [{
        "box": BOX, "plate": str, "region": {"code": str, "score": float}, "score": float, "dscore": float,
        "candidates": [{"score": float, "plate": str}], "vehicle": {"score": float, "type": str, "box": BOX},
    }],
}  # fmt: skip
OPENALPR = {
    "version": int, "data_type": str, "epoch_time": int, "img_width": int, "img_height": int, "processing_time_ms": float, "regions_of_interest": list,
    "source": str,  # ours
    "results": [{
        "plate": str, "confidence": float, "matches_template": int, "plate_index": int, "region": str, "region_confidence": int,
        "processing_time_ms": float, "requested_topn": int, "coordinates": [{"x": int, "y": int}],
        "candidates": [{"plate": str, "confidence": float, "matches_template": int}],
    }],
}  # fmt: skip
ALPR = {
    "success": bool, "message": str, "count": int, "code": int, "inferenceMs": int, "processMs": int, "analysisRoundTripMs": int, "command": str,
    "moduleId": str, "moduleName": str, "executionProvider": str, "canUseGPU": bool, "timestampUTC": str,
    "predictions": [{"confidence": float, "label": str, "plate": str, "x_min": int, "y_min": int, "x_max": int, "y_max": int}],
}  # fmt: skip
STREAM = {
    "hook": {"target": str, "id": str, "event": str, "filename": str},
    "data": {
        "camera_id": str, "filename": str, "timestamp": str, "timestamp_local": str,
        "results": [SNAPSHOT["results"][0] | {
            "model_make": list, "color": list, "orientation": list, "direction": int | None, "source_url": str, "position_sec": float, "user_data": str,
        }],
    },
}  # fmt: skip
CANDIDATE = {"plate": str, "confidence": float, "matches_template": int}
GROUP = {
    "data_type": str, "version": int, "epoch_start": int, "epoch_end": int, "frame_start": int, "frame_end": int, "company_id": str, "agent_uid": str,
    "agent_version": str, "agent_type": str, "camera_id": int, "gps_latitude": float, "gps_longitude": float, "country": str, "uuids": list,
    "vehicle_path": list, "plate_indexes": list, "candidates": [CANDIDATE],
    "best_plate": {
        "plate": str, "confidence": float, "matches_template": int, "plate_index": int, "region": str, "region_confidence": int,
        "processing_time_ms": float, "requested_topn": int, "coordinates": [{"x": int, "y": int}], "plate_crop_jpeg": str,
        "vehicle_region": {"x": int, "y": int, "width": int, "height": int}, "vehicle_detected": bool, "candidates": [CANDIDATE],
    },
    "best_confidence": float, "best_plate_number": str, "best_region": str, "best_region_confidence": int, "matches_template": bool,
    "plate_path": [{"x": int, "y": int, "w": int, "h": int, "t": int, "f": int}], "vehicle_crop_jpeg": str, "overview_jpeg": str, "best_uuid": str,
    "best_uuid_epoch_ms": int, "best_image_width": int, "best_image_height": int, "travel_direction": float, "is_parked": bool, "is_preview": bool,
    "vehicle_signature": str, "vehicle": dict.fromkeys(("color", "make", "make_model", "body_type", "year", "orientation"), list),
    "web_server_config": {"camera_label": str, "agent_label": str}, "direction_of_travel_id": int, "custom_data": dict, "user_data": str,
}  # fmt: skip


def differences(value: Any, contract: Any, where: str = "") -> list[str]:
    """Where `value` lacks a field of the contract, has one more, or one of another type."""
    if isinstance(contract, dict):
        if not isinstance(value, dict):
            return [f"{where}: {value!r} is no object"]
        names = [f"{where}.{name}: only on one side" for name in contract.keys() ^ value.keys()]
        return names + [line for name in contract.keys() & value.keys() for line in differences(value[name], contract[name], f"{where}.{name}")]
    if isinstance(contract, list):
        if not isinstance(value, list) or not value:
            return [f"{where}: {value!r} is no filled list"]
        return [line for item in value for line in differences(item, contract[0], f"{where}[]")]
    right = isinstance(value, contract) and (contract is bool or not isinstance(value, bool))
    return [] if right else [f"{where}: {value!r} is no {contract}"]
