"""`POST /v1/read`: pictures in, plates out."""

from __future__ import annotations

import asyncio
import base64
from itertools import accumulate, pairwise
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from platelight import formats
from platelight.records import Plate
from platelight.serve import schemas, service
from platelight.serve.errors import RefusedError
from platelight.serve.reading import Outcome, ReadWork
from platelight.serve.register_routes import claim_of, known, register_of
from platelight.serve.service import Service
from platelight.serve.uploads import receive

router = APIRouter(tags=["reading"])

_FILE = {"type": "string", "format": "binary"}
_OPTIONS = {
    "country": {"type": "string", "example": "ua,gb", "description": "Codes of the countries the plates are from."},
    "top": {"type": "integer", "minimum": 1, "maximum": 50, "default": 5, "description": "Candidate texts a plate."},
    "crops": {"type": "boolean", "default": False, "description": "The pictures are plates already: read them without detecting."},
    "effort": {"type": "string", "enum": ["fast", "normal", "thorough"]},
    "images": {"type": "boolean", "default": False, "description": "Also give every plate's straightened picture."},
    "register": {"type": "boolean", "default": False, "description": "Also give what the vehicle register knows of every plate."},
    "make": {"type": "string", "description": "With register: what the car is said to be, compared with what is registered."},
    "model": {"type": "string"},
    "year": {"type": "integer", "minimum": 1886, "maximum": 2100},
    "color": {"type": "string"},
    "format": {"type": "string", "enum": ["platelight", "openalpr", "platerecognizer", "codeproject"], "default": "platelight"},
}
BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {"type": "object", "required": ["files"], "properties": {"files": {"type": "array", "items": _FILE}, **_OPTIONS}},
        },
        "image/jpeg": {"schema": _FILE},
        "image/png": {"schema": _FILE},
        "application/octet-stream": {"schema": _FILE},
    },
}
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": schemas.Refusal, "description": "An option is wrong, or there is no picture."},
    401: {"model": schemas.Refusal, "description": "No token, or a wrong one."},
    404: {"model": schemas.Refusal, "description": "The service was started without a register."},
    408: {"model": schemas.Refusal, "description": "The upload was too slow."},
    413: {"model": schemas.Refusal, "description": "Too many bytes or too many files."},
    415: {"model": schemas.Refusal, "description": "Neither a form nor a picture."},
    422: {"model": schemas.Refusal, "description": "The picture cannot be used."},
    429: {"model": schemas.Refusal, "description": "Too much is waiting; Retry-After says when to try again."},
    503: {"model": schemas.Refusal, "description": "Starting or stopping."},
    504: {"model": schemas.Refusal, "description": "Not done before the deadline."},
}  # fmt: skip


_PARAMETERS = [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in _OPTIONS.items()]


@router.post(
    "/v1/read",
    summary="Find and read the plates of pictures",
    openapi_extra={"requestBody": BODY, "parameters": _PARAMETERS},
    responses={
        **REFUSALS,
        200: {"model": schemas.ReadAnswer, "content": {"application/json": {"example": schemas.EXAMPLE}}},
        422: {"model": schemas.NothingRead},
    },
)
async def read(request: Request) -> JSONResponse:
    """Send one or several files as `multipart/form-data`, or one picture as the body. Options stand in the form or in the query."""
    server = service.of(request)
    upload = await receive(request, server.settings.limits, raw=True)
    for name, value in request.query_params.items():
        upload.fields.setdefault(name, [value])
    shape = _shape(upload.text("format"))
    count = _top(upload.text("top"), server.settings.limits.top)
    work = ReadWork(
        service.effort_of(upload.text("effort"), server.settings.effort), countries_of(server, upload.text("country")),
        service.truth_of("crops", upload.text("crops")), service.truth_of("images", upload.text("images")),
    )  # fmt: skip
    register = register_of(server) if service.truth_of("register", upload.text("register")) else None
    claim = claim_of(upload) if register else None
    outcomes = await server.do(request, [file for _, file in upload.files], work)
    photos = [photo_of(outcome, count) for outcome in outcomes]
    if register:
        for photo, facts in zip(photos, await asyncio.to_thread(known, register, outcomes, claim), strict=True):
            for plate, more in zip(photo["plates"], facts, strict=True):
                plate |= more
    return _answer(outcomes, photos, shape, count)


def countries_of(server: Service, text: str | None) -> tuple[str, ...] | None:
    """`ua, PL` as ("pl", "ua"). Raises `RefusedError` for a country without plate types."""
    if text is None:
        return None
    codes = tuple(sorted({code.strip().lower() for code in text.split(",") if code.strip()}))
    unknown = [code for code in codes if code not in server.countries]
    if unknown or not codes:
        named = f"no plate types for country {unknown[0][:20]!r}" if unknown else f"{text[:40]!r} names no country"
        raise RefusedError(400, "bad_option", f"country: {named}; there are {', '.join(sorted(server.countries))}")
    return codes


def _top(text: str | None, most: int) -> int:
    if text is None:
        return min(5, most)
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and 1 <= int(text) <= most):
        raise RefusedError(400, "bad_option", f"top must be a whole number from 1 to {most}, got {text[:40]!r}")
    return int(text)


Shape = Literal["platelight", "openalpr", "platerecognizer", "codeproject"]


def _shape(text: str | None) -> Shape:
    if text in ("platelight", None):
        return "platelight"
    if text not in ("openalpr", "platerecognizer", "codeproject"):
        raise RefusedError(400, "bad_option", f"format must be platelight, openalpr, platerecognizer or codeproject, got {text[:40]!r}")
    return text  # type: ignore[return-value]


def _answer(outcomes: list[Outcome], photos: list[dict[str, Any]], shape: Shape, top: int) -> JSONResponse:
    bad = all(outcome.photo.error is not None for outcome in outcomes)
    if shape != "platelight" and not bad:
        shaped = [formats.shape(shape, service.trimmed(outcome.photo, top), outcome.time_s) for outcome in outcomes]
        return JSONResponse(shaped[0] if len(shaped) == 1 else shaped)
    if not bad:
        return JSONResponse({"photos": photos})
    several = f"none of the {len(outcomes)} pictures could be used; " if len(outcomes) > 1 else ""
    return JSONResponse({"error": {"code": "unusable_picture", "message": f"{several}{outcomes[0].photo.error}"}, "photos": photos}, 422)


def photo_of(outcome: Outcome, top: int) -> dict[str, Any]:
    """One photo as the answer holds it."""
    values = service.trimmed(outcome.photo, top).to_dict()
    for values_of, plate in zip(values["plates"], outcome.photo.plates, strict=True):
        values_of["text_lines"] = text_lines(plate)
    for plate, png in zip(values["plates"], outcome.images, strict=False):
        plate["image"] = f"data:image/png;base64,{base64.b64encode(png).decode()}" if png else None
    return {**values, "time_ms": round(outcome.time_s * 1000, 1)}


def text_lines(plate: Plate) -> list[str]:
    """The decided text cut where the lines that were read end; whole where it has another length than what was read."""
    text, read = plate.text or "", plate.reading.text_lines
    if not text or len(text) != sum(map(len, read)):
        return [text] if text else []
    ends = list(accumulate(map(len, read), initial=0))
    return [text[start:end] for start, end in pairwise(ends)]
