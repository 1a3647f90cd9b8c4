"""Services behind a socket of this machine, and pictures to send them. Importable by the tests of this folder."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from PIL import Image as Pillow
from stand_ins import PLATE, street

from platelight.serve.app import create_app
from platelight.serve.server import server
from platelight.serve.service import Service
from platelight.serve.settings import Limits, Settings

TOKEN = "correct-horse-battery"


def picture(dx: int = 0, dy: int = 0, kind: str = "PNG", plates: int = 1, **saving: Any) -> bytes:
    """A file with a white plate moved by dx, dy, so that its answer differs from those of others."""
    places = [tuple((x + dx, y + dy + 120 * number) for x, y in PLATE) for number in range(plates)]
    file = io.BytesIO()
    Pillow.fromarray(street(800, 600, *places)).save(file, kind, **saving)
    return file.getvalue()


class Client(httpx.Client):
    """Talks to a service of this process, whose inside is at hand."""

    service: Service
    port: int


@contextmanager
def serving(settings: Settings) -> Iterator[Client]:
    app = create_app(settings)
    running = server(app, settings, "127.0.0.1", 0)
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        while not running.started:
            assert thread.is_alive(), "the server ended before it started"
            time.sleep(0.005)
        port = running.servers[0].sockets[0].getsockname()[1]
        with Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            client.service, client.port = app.state.service, port
            yield client
    finally:
        running.should_exit = True
        thread.join(20)
    assert not thread.is_alive()


def settings(limits: dict[str, Any] | None = None, **others: Any) -> Settings:
    return Settings(limits=Limits(**(limits or {})), **others)
