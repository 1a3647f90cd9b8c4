"""Addresses, fields and answers of Plate Recognizer and CodeProject.AI: programs written for these work by a change of the address."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from platelight import formats
from platelight.detect import Effort
from platelight.records import Photo
from platelight.serve import fetching, schemas, service
from platelight.serve.errors import RefusedError
from platelight.serve.reading import Outcome, ReadWork
from platelight.serve.service import Service
from platelight.serve.uploads import File, Upload, from_base64, receive

router = APIRouter(tags=["drop-in"])

_TEXT, _FILE = {"type": "string"}, {"type": "string", "format": "binary"}
_SNAPSHOT_FIELDS: dict[str, Any] = {
    "upload": {**_FILE, "description": "The picture: a file, or its base64."},
    "upload_url": {**_TEXT, "description": "Refused, unless the service was started with --upload-host."},
    "regions": {"type": "array", "items": _TEXT, "description": "Country codes, us-ca counts as us; unknown ones are left out."},
    "camera_id": _TEXT, "timestamp": _TEXT, "mmc": _TEXT,
    "config": {**_TEXT, "description": 'JSON; known: {"mode": "fast", "threshold_d": 0.2, "threshold_o": 0.6}.'},
}  # fmt: skip
_SNAPSHOT_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {"schema": {"type": "object", "properties": _SNAPSHOT_FIELDS}},
        "application/json": {"schema": {"type": "object", "properties": {**_SNAPSHOT_FIELDS, "upload": _TEXT}}},
    },
}
_ALPR_FIELDS = {"upload": _FILE, "min_confidence": {"type": "number", "minimum": 0, "maximum": 1, "description": "Leave out plates less sure than this."}}
_ALPR_BODY = {"required": True, "content": {"multipart/form-data": {"schema": {"type": "object", "required": ["upload"], "properties": _ALPR_FIELDS}}}}
_STATUSES = (400, 401, 404, 408, 413, 415, 422, 429, 503, 504)


@router.post(
    "/v1/plate-reader/", status_code=201, summary="As Plate Recognizer's Snapshot API", openapi_extra={"requestBody": _SNAPSHOT_BODY},
    responses={201: {"model": schemas.Snapshot}, **{status: {"model": schemas.SnapshotRefusal} for status in _STATUSES}},
)  # fmt: skip
@router.post("/v1/plate-reader", include_in_schema=False)
async def plate_reader(request: Request) -> JSONResponse:
    """Send `Authorization: Token TOKEN` where the service has tokens."""
    server = service.of(request)
    upload = await receive(request, server.settings.limits)
    config = _config(upload.text("config"))
    least = {key: _number(f"config.{key}", config.get(key, 0)) for key in ("threshold_d", "threshold_o")}
    with_mmc = service.truth_of("mmc", upload.text("mmc"))
    effort: Effort = "fast" if config.get("mode") == "fast" else server.settings.effort
    work = ReadWork(effort, _regions(server, upload))
    [outcome] = await server.do(request, [await _picture(server, upload)], work)
    _usable(outcome)
    answer = formats.platerecognizer(service.trimmed(outcome.photo, 5), outcome.time_s)
    answer["results"] = [item for item in answer["results"] if item["dscore"] >= least["threshold_d"] and item["score"] >= least["threshold_o"]]
    if with_mmc:
        for item in answer["results"]:
            item |= {"model_make": [], "color": [], "orientation": []}
    answer["camera_id"] = upload.text("camera_id")
    answer["timestamp"] = upload.text("timestamp") or answer["timestamp"]
    return JSONResponse(answer, 201)


@router.post(
    "/v1/vision/alpr", summary="As CodeProject.AI's license plate reader", openapi_extra={"requestBody": _ALPR_BODY},
    responses={200: {"model": schemas.Alpr}, **{status: {"model": schemas.AlprRefusal} for status in _STATUSES}},
)  # fmt: skip
@router.post("/v1/image/alpr", include_in_schema=False)
async def alpr(request: Request) -> JSONResponse:
    """A picture that cannot be used is answered with status 200 and `success` false, as there."""
    server = service.of(request)
    upload = await receive(request, server.settings.limits)
    least = _number("min_confidence", upload.text("min_confidence") or 0)
    files = [file for _, file in upload.files][:1]
    [outcome] = await server.do(request, files, ReadWork(server.settings.effort))
    kept = tuple(plate for plate in outcome.photo.plates if plate.confidence >= least)
    photo = outcome.photo if outcome.photo.error else Photo(outcome.photo.source, 0, outcome.photo.width, outcome.photo.height, kept)
    return JSONResponse(formats.codeproject(photo, outcome.time_s))


def _usable(outcome: Outcome) -> None:
    if outcome.photo.error is not None:
        raise RefusedError(400, "unusable_picture", outcome.photo.error)


async def _picture(server: Service, upload: Upload) -> File:
    """The file, or the picture in a text field, or the one behind an address where that is allowed. Raises `RefusedError`."""
    if upload.files:
        return upload.files[0][1]
    text = upload.text("upload")
    if text is not None:
        return from_base64(text, "upload")
    address = upload.text("upload_url")
    if address is None:
        raise RefusedError(400, "no_picture", "the request holds no picture: send it in the field upload")
    limits = server.settings.limits
    return await asyncio.to_thread(fetching.fetch, address, server.settings.upload_hosts, limits.body_bytes, limits.upload_s)


def _regions(server: Service, upload: Upload) -> tuple[str, ...] | None:
    """The countries among the regions asked for; they are a hint, so unknown ones are no error."""
    codes = {code.strip().lower().partition("-")[0] for value in upload.fields.get("regions", []) for code in value.split(",")}
    return tuple(sorted(codes & server.countries)) or None


def _config(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise RefusedError(400, "bad_option", "config must be a JSON object")
    return values


def _number(name: str, value: object) -> float:
    """A number from 0 to 1. Raises `RefusedError`."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = -1.0
    if not 0 <= number <= 1:
        raise RefusedError(400, "bad_option", f"{name} must be a number from 0 to 1, got {str(value)[:40]!r}")
    return number
