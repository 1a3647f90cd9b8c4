"""The files of the web page, each under its own address: no address is ever turned into a path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse

from platelight.serve.shield import PAGE_POLICY

STATIC = Path(__file__).with_name("static")

MEDIA_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".webp": "image/webp"}
"""Not left to the machine's own table: a browser runs no script that is sent as plain text."""


def install(app: FastAPI, folder: Path = STATIC) -> None:
    """Serve every file under `folder` at its place below `/static/`, and `index.html` at `/`."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        place = path.relative_to(folder).as_posix()
        app.add_route("/" if place == "index.html" else f"/static/{place}", _file(path), methods=["GET", "HEAD"], include_in_schema=False)


def _file(path: Path) -> Callable[[Request], Awaitable[FileResponse]]:
    media_type = MEDIA_TYPES.get(path.suffix, "application/octet-stream")
    headers = {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-cache"}

    async def send(request: Request) -> FileResponse:
        return FileResponse(path, media_type=media_type, headers=headers)

    return send
