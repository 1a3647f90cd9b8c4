"""What a client is told when something is refused: a status, a code for programs, a sentence for people, never a trace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

CODES = {401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 429: "busy"}


class RefusedError(Exception):
    """A request that is not answered as asked."""

    def __init__(self, status: int, code: str, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = {} if retry_after_s is None else {"Retry-After": str(max(round(retry_after_s), 1))}
        if status == 401:
            self.headers["WWW-Authenticate"] = "Bearer"
        if status in (408, 413):
            self.headers["Connection"] = "close"  # the rest of the upload is not wanted


def body_of(path: str, status: int, code: str, message: str) -> dict[str, Any]:
    """The body of a refusal, in the shape that clients of that address know."""
    if path.startswith("/v1/plate-reader"):
        return {"detail": message, "status_code": status}
    if path in ("/v1/vision/alpr", "/v1/image/alpr"):
        return {"success": False, "error": message, "code": status}
    return {"error": {"code": code, "message": message}}


def answer(path: str, refused: RefusedError) -> Response:
    return JSONResponse(body_of(path, refused.status, refused.code, refused.message), refused.status, refused.headers)


def install(app: FastAPI) -> None:
    """Let every kind of refusal of `app` answer in our shape."""
    handlers: dict[Any, Callable[[Request, Any], Awaitable[Response]]] = {
        RefusedError: _refused, HTTPException: _http, RequestValidationError: _invalid,
    }  # fmt: skip
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


async def _refused(request: Request, error: RefusedError) -> Response:
    return answer(request.url.path, error)


async def _http(request: Request, error: HTTPException) -> Response:
    body = body_of(request.url.path, error.status_code, CODES.get(error.status_code, "bad_request"), str(error.detail))
    return JSONResponse(body, error.status_code, dict(error.headers or {}))


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:])
    message = f"{where}: {first['msg']}" if where else str(first["msg"])
    return JSONResponse(body_of(request.url.path, 422, "invalid", message), 422)


def unexpected(path: str) -> Response:
    """The answer where something went wrong that nobody foresaw; the cause is for the log only."""
    return JSONResponse(body_of(path, 500, "internal", "internal error; the service's log says more"), 500)
