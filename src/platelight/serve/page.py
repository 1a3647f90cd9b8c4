"""The files of the web page, each under its own address: no address is ever turned into a path."""

from __future__ import annotations

import mimetypes
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse

from platelight.serve.shield import PAGE_POLICY

STATIC = Path(__file__).with_name("static")


def install(app: FastAPI, folder: Path = STATIC) -> None:
    """Serve every file of `folder`; `index.html` at `/` too."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        app.add_route("/" if path.name == "index.html" else f"/{path.name}", _file(path), methods=["GET", "HEAD"], include_in_schema=False)


def _file(path: Path) -> Callable[[Request], Awaitable[FileResponse]]:
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    headers = {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-cache"}

    async def send(request: Request) -> FileResponse:
        return FileResponse(path, media_type=media_type, headers=headers)

    return send
