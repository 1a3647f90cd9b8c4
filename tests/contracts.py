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
