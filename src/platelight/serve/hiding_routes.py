"""`POST /v1/redact`: a picture in, the same picture with its plates hidden out."""

from __future__ import annotations

from typing import Any, get_args

from fastapi import APIRouter, Request
from fastapi.responses import Response

from platelight.serve import service
from platelight.serve.errors import RefusedError
from platelight.serve.read_routes import REFUSALS
from platelight.serve.reading import HideWork, Method
from platelight.serve.uploads import receive

router = APIRouter(tags=["hiding"])

KINDS = ("image/jpeg", "image/png", "image/webp", "image/avif", "image/gif", "image/tiff", "image/bmp", "image/jp2", "image/x-portable-anymap")
"""What an answer may be: the picture's own format, or a JPEG for one that is not written."""

BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "method": {"type": "string", "enum": list(get_args(Method)), "default": "blur"},
                },
            },
        },
    },
}


@router.post(
    "/v1/redact",
    summary="Hide the plates of a picture",
    openapi_extra={"requestBody": BODY},
    response_class=Response,
    responses={**REFUSALS, 200: {"content": {kind: {} for kind in KINDS}, "description": "The picture without readable plates."}},
)
async def redact(request: Request) -> Response:
    """Send one file as `multipart/form-data`. Its metadata (GPS position, thumbnail) is left out of the answer."""
    server = service.of(request)
    upload = await receive(request, server.settings.limits)
    method = upload.text("method") or "blur"
    if method not in get_args(Method):
        raise RefusedError(400, "bad_option", f"method must be one of {', '.join(get_args(Method))}, got {method[:40]!r}")
    files = [file for _, file in upload.files]
    if len(files) > 1:
        raise RefusedError(400, "too_many_pictures", "send one picture at a time")
    [outcome] = await server.do(request, files, HideWork(method))  # type: ignore[arg-type]
    if outcome.photo.error is not None:
        raise RefusedError(422, "unusable_picture", outcome.photo.error)
    headers = {"X-Plates-Hidden": str(len(outcome.photo.plates))}
    return Response(outcome.hidden, media_type=outcome.media_type, headers=headers)
