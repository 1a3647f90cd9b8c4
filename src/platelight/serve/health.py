"""Whether the service lives, whether it can take work, and its counts."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from platelight import __version__
from platelight.serve import metrics, schemas, service

router = APIRouter(tags=["health"])
guarded = APIRouter(tags=["health"])


@router.get("/healthz", summary="The process answers", response_model=schemas.Health)
async def healthz() -> JSONResponse:
    return JSONResponse({"status": "ok", "version": __version__})


@router.get("/readyz", summary="The models are loaded and work is taken", response_model=schemas.Health, responses={503: {"model": schemas.Health}})
async def readyz(request: Request) -> JSONResponse:
    server = service.of(request)
    status = "ok" if server.ready else "starting" if server.batcher is None else "stopping"
    return JSONResponse({"status": status, "version": __version__}, 200 if server.ready else 503)


_METRICS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {}}}}


@guarded.get("/metrics", summary="Counts for Prometheus", response_class=Response, responses=_METRICS)
async def read_metrics(request: Request) -> Response:
    return Response(service.of(request).metrics.text(), media_type=metrics.CONTENT_TYPE)


@router.get("/v1/status/ping", summary="As CodeProject.AI's", response_model=schemas.Ping)
async def ping() -> JSONResponse:
    return JSONResponse({"success": True})
