"""`POST /v1/register/...`: what the vehicle register knows of a plate, and whether a claim about a car fits it.

Plates travel in bodies, never in addresses: those end up in the logs of every proxy on the way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from platelight.records import Plate
from platelight.register import Claim, Comparison, Register, normalize_plate
from platelight.register.compare import YEARS, compare_all
from platelight.register.posterior import Settings, candidates_of, join
from platelight.serve import schemas, service
from platelight.serve.errors import RefusedError
from platelight.serve.reading import Outcome
from platelight.serve.service import Service
from platelight.serve.uploads import Upload, receive

router = APIRouter(tags=["register"])

WEIGHED = 10
"""Candidates of a plate that are weighed by the register."""

_LOOKUP = {"type": "object", "required": ["plate"], "properties": {"plate": {"type": "string", "example": "AC4921CB"}}}
_CLAIM = {
    "make": {"type": "string", "example": "BMW"}, "model": {"type": "string", "example": "X5"}, "year": {"type": "integer", "example": 2015},
    "color": {"type": "string", "example": "black"},
}  # fmt: skip
_COMPARE = {**_LOOKUP, "properties": {**_LOOKUP["properties"], **_CLAIM}}  # type: ignore[dict-item]
_REFUSALS: dict[int | str, dict[str, Any]] = {status: {"model": schemas.Refusal} for status in (400, 401, 404, 408, 413, 415, 429, 503)}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.post(
    "/v1/register/lookup", summary="The registrations of a plate", openapi_extra=_body(_LOOKUP), responses={**_REFUSALS, 200: {"model": schemas.Known}}
)
async def lookup(request: Request) -> JSONResponse:
    """Newest first; none is no error: the register may not know the plate."""
    register, plate, _ = await _asked(request)
    found = await asyncio.to_thread(register.lookup, plate)
    return JSONResponse({"plate": plate, "registrations": [asdict(item) for item in found]})


@router.post(
    "/v1/register/compare", summary="A claim about a car against the register", openapi_extra=_body(_COMPARE),
    responses={**_REFUSALS, 200: {"model": schemas.Compared}},
)  # fmt: skip
async def compare(request: Request) -> JSONResponse:
    """Give what is claimed: make, model, year, color, any of them."""
    register, plate, upload = await _asked(request)
    claim = claim_of(upload)
    if claim is None:
        raise RefusedError(400, "no_claim", "give at least one of make, model, year, color")
    found = await asyncio.to_thread(register.lookup, plate)
    return JSONResponse({"plate": plate, **_verdict(compare_all(claim, found))})


async def _asked(request: Request) -> tuple[Register, str, Upload]:
    server = service.of(request)
    register = register_of(server)
    upload = await receive(request, server.settings.limits)
    try:
        return register, normalize_plate(upload.text("plate") or ""), upload
    except ValueError as error:
        raise RefusedError(400, "bad_plate", f"plate: {error}") from None


def register_of(server: Service) -> Register:
    """Raises `RefusedError` where the service has none."""
    if server.register is None:
        raise RefusedError(404, "no_register", "this service was started without a vehicle register")
    return server.register


def claim_of(upload: Upload) -> Claim | None:
    """What the request says a car is, None where it says nothing. Raises `RefusedError` for a year that is none."""
    year = upload.text("year")
    if year is not None and not (year.isascii() and year.isdecimal() and len(year) == 4 and int(year) in YEARS):
        raise RefusedError(400, "bad_option", f"year must be a year from {YEARS.start} to {YEARS.stop - 1}, got {year[:40]!r}")
    claim = Claim(upload.text("make"), upload.text("model"), int(year) if year else None, upload.text("color"))
    return None if claim.empty else claim


def _verdict(comparison: Comparison | None) -> dict[str, Any]:
    """`unknown`, with no fields, where the register does not know the plate."""
    if comparison is None:
        return {"verdict": "unknown", "fields": [], "registration": None}
    return {"verdict": comparison.verdict, "fields": [asdict(item) for item in comparison.fields], "registration": asdict(comparison.registration)}


def known(register: Register, outcomes: Sequence[Outcome], claim: Claim | None) -> list[list[dict[str, Any]]]:
    """For each plate of each outcome what its answer gains: the decision of reader and register together, and how the claim fits."""
    assumed = Settings(country="ua" if register.info().profile == "ua-mvs" else None)
    return [[_of_plate(register, plate, claim, assumed) for plate in outcome.photo.plates] for outcome in outcomes]


def _of_plate(register: Register, plate: Plate, claim: Claim | None, assumed: Settings) -> dict[str, Any]:
    joint = join(candidates_of(plate.decoding)[:WEIGHED] if plate.text else (), register, claim, assumed)
    facts: dict[str, Any] = {"register": joint.to_dict()}
    return facts if claim is None else facts | {"comparison": _verdict(joint.chosen.comparison if joint.chosen else None)}
