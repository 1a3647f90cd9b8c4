"""Receivers of events that are really there: a web server and an MQTT broker, and what makes them difficult."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Answer = Callable[["Handler", "Got"], None]


@dataclass(frozen=True)
class Got:
    """One request: its path, headers by lower-case name, and body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.body)
        return value


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        got = Got(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        self.server.got.append(got)
        self.server.answer(self, got)

    def reply(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        pass


def status(code: int, **headers: str) -> Answer:
    """An answer with this status."""
    return lambda handler, _: handler.reply(code, **headers)


def in_turn(*answers: Answer) -> Answer:
    """These answers one after the other, the last one for ever."""
    left = list(answers)
    return lambda handler, got: (left.pop(0) if len(left) > 1 else left[0])(handler, got)


class Receiver(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.got: list[Got] = []
        self.answer: Answer = status(200)

    def __enter__(self) -> Receiver:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *_arguments: Any) -> None:
        """Callers that give up are expected here."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"

    def ids(self) -> list[str]:
        return [got.headers["idempotency-key"] for got in self.got]


class Broker:
    """mosquitto on a port of its own."""

    def __init__(self, program: str, folder: Path, settings: str = "allow_anonymous true\n") -> None:
        self.program, self.folder, self.port = program, folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir()
        self.configure(settings)

    def configure(self, settings: str) -> None:
        (self.folder / "conf").write_text(f"listener {self.port} 127.0.0.1\n{settings}")

    def start(self) -> None:
        self.process = subprocess.Popen([self.program, "-c", str(self.folder / "conf")], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        until(lambda: is_open(self.port))

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def __enter__(self) -> Broker:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def is_open(port: int) -> bool:
    with socket.socket() as caller:
        caller.settimeout(0.5)
        return caller.connect_ex(("127.0.0.1", port)) == 0


def until(true: Callable[[], object], timeout_s: float = 15.0) -> None:
    """Wait until something is so. Raises AssertionError after `timeout_s`."""
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.01)
