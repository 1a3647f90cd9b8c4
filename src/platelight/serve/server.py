"""Runs the application on a socket: uvicorn, with a limit on how long a request's head may take."""

from __future__ import annotations

import asyncio
import logging
import socket

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from platelight.serve import workers
from platelight.serve.app import create_app
from platelight.serve.reading import Readers
from platelight.serve.settings import Settings

BACKLOG = 2048
"""Connections that may wait to be taken."""

GRACE_S = 5
"""Seconds beyond the deadline that a stopping service gives to what it accepted."""


def run(settings: Settings, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM, then finish what was accepted. Raises what loading the models raises, and OSError for the address."""
    app = create_app(settings, _checked(settings))
    with listening(host, port) as door:
        server(app, settings, host, port).run([door])


def _checked(settings: Settings) -> Readers | None:
    """The readers of this process. Where others read, none, but what would fail in each of them fails here, with its message."""
    readers = workers.load(settings)
    return readers if settings.workers == 1 else None


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises OSError naming the address."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address, family=family, backlog=BACKLOG)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), f"{host}:{port}") from None


def server(app: FastAPI, settings: Settings, host: str, port: int) -> uvicorn.Server:
    """A server for `app`, not yet running."""
    limits = settings.limits
    config = uvicorn.Config(
        app, host, port, http=_patient_for(limits.header_s), ws="none", log_config=None, access_log=False, server_header=False,
        proxy_headers=False, timeout_keep_alive=20, timeout_graceful_shutdown=round(limits.upload_s + limits.deadline_s) + GRACE_S,
    )  # fmt: skip
    return uvicorn.Server(config)


def log_to_stderr() -> None:
    """One line an event, as it is."""
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    for name in ("uvicorn.error", "uvicorn.access", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # it warns of every malformed upload


def _patient_for(header_s: float) -> type[asyncio.Protocol]:
    """uvicorn's HTTP protocol that closes a connection whose next head is not complete in time.

    h11 rather than httptools: it bounds the size of a head.
    """

    class Protocol(H11Protocol):
        _timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._timer = self.loop.call_later(header_s, self._too_slow)

        def data_received(self, data: bytes) -> None:
            known = self.scope
            if self._timer is None and self._awaits_head():
                self._timer = self.loop.call_later(header_s, self._too_slow)
            super().data_received(data)
            if self.scope is not known:
                self._disarm()

        def connection_lost(self, exc: Exception | None) -> None:
            self._disarm()
            super().connection_lost(exc)

        def _awaits_head(self) -> bool:
            return self.cycle is None or self.cycle.response_complete

        def _disarm(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

        def _too_slow(self) -> None:
            self._timer = None
            if self._awaits_head() and not self.transport.is_closing():
                self.transport.close()

    return Protocol
