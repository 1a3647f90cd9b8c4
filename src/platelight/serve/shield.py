"""ASGI layers around the service: limits on what is sent in, headers on what goes out, one line in the log for every request."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from platelight.serve.errors import RefusedError, answer, unexpected
from platelight.serve.metrics import Metrics
from platelight.serve.settings import Limits

log = logging.getLogger("platelight.serve.access")

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
API_POLICY = "default-src 'none'; frame-ancestors 'none'"

DISCARDED, DISCARD_S = 64_000_000, 3.0
"""So many bytes of an upload that is refused are received and dropped, in so many seconds at most."""

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
"""What the log calls by its name; a client may make up others."""

FRAMES = 4
"""Places of an unforeseen error that the log names."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}


class Held:
    """How many bytes of uploads are in memory now."""

    def __init__(self) -> None:
        self.bytes = 0


class BodyLimits:
    """Refuses uploads that are too large, before they are in memory, and holds no more than so many bytes of all uploads at once."""

    def __init__(self, app: ASGIApp, limits: Limits, held: Held) -> None:
        self.app, self.limits, self.held = app, limits, held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        mine = 0

        async def counted() -> Message:
            nonlocal mine
            message = await receive()
            size = len(message.get("body", b""))
            mine += size
            self.held.bytes += size
            if mine > self.limits.body_bytes or self.held.bytes > self.limits.held_bytes:
                await self._discard(receive, message)
                raise self._too_large() if mine > self.limits.body_bytes else RefusedError(429, "busy", "too many uploads at once; try again later", 1)
            return message

        try:
            headers = Headers(scope=scope)
            declared = headers.get("content-length", "")
            if declared.isdecimal() and int(declared) > self.limits.body_bytes:
                if "expect" not in headers and int(declared) <= self.limits.body_bytes + DISCARDED:
                    await self._discard(receive, {"more_body": True})
                raise self._too_large()
            await self.app(scope, counted, send)
        except RefusedError as refused:  # raised before the app began; later ones are answered by the app's own handlers
            await answer(scope["path"], refused)(scope, receive, send)
        finally:
            self.held.bytes -= mine

    async def _discard(self, receive: Receive, last: MutableMapping[str, Any]) -> None:
        """Let a client that sends somewhat too much finish: one that is cut off in the middle never sees why."""
        discarded = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(DISCARD_S):
                while last.get("more_body") and discarded <= DISCARDED:
                    last = await receive()
                    discarded += len(last.get("body", b""))

    def _too_large(self) -> RefusedError:
        return RefusedError(413, "too_large", f"the upload is larger than {self.limits.body_bytes / 1e6:g} MB")


class Outside:
    """What every request gets: headers that protect whoever receives the answer, counts, and a line in the log.

    The line holds no query, no file name and no plate unless `log_plates`; routes leave texts in `scope["state"]["plates"]`.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, log_plates: bool) -> None:
        self.app, self.metrics, self.log_plates = app, metrics, log_plates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status, failure = time.perf_counter(), 0, ""

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", API_POLICY)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self.app(scope, receive, guarded)
        except Exception as error:
            failure = where(error)
            if not status:
                await unexpected(scope["path"])(scope, receive, guarded)
        finally:
            self._note(scope, status, time.perf_counter() - start, failure)

    def _note(self, scope: Scope, status: int, seconds: float, failure: str) -> None:
        route = str(getattr(scope.get("route"), "path", "page" if "endpoint" in scope else "none"))
        self.metrics.requests.labels(route, str(status)).inc()
        self.metrics.request_s.labels(route).observe(seconds)
        state = scope.get("state", {})
        line: dict[str, Any] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"), "method": scope["method"] if scope["method"] in METHODS else "?", "route": route,
            "status": status, "ms": round(seconds * 1000, 1), "pictures": state.get("pictures", 0), "found": state.get("found", 0),
        }  # fmt: skip
        if self.log_plates:
            line["plates"] = state.get("plates", [])
        if failure:
            line["error"] = failure
        log.log(logging.ERROR if failure else logging.INFO, json.dumps(line))


def where(error: BaseException) -> str:
    """An error's kind and the last places it came through; not its message, which may hold what a client sent."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return " < ".join([type(error).__name__, *(f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))])
