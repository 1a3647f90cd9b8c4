"""Servers that behave, and servers that do not."""

from __future__ import annotations

import functools
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

PYTHON = "/usr/bin/python3"  # gi belongs to the system's Python
SCRIPT = Path(__file__).with_name("rtsp_server.py")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@functools.cache
def missing_for_rtsp() -> str:
    """What the RTSP server lacks on this machine; empty if nothing."""
    if not Path(PYTHON).exists():
        return f"no {PYTHON}"
    checked = subprocess.run([PYTHON, str(SCRIPT), "--check"], capture_output=True, text=True, check=False, timeout=60)
    return checked.stderr.strip().splitlines()[-1] if checked.returncode else ""


class RtspServer:
    """GStreamer's RTSP server in a process of its own; `kill` and `start` as often as wanted, on the same port."""

    def __init__(self, film: Path, user: str = "", password: str = "") -> None:
        self.port = free_port()
        self._film, self._login = film, [user, password] if user else []
        self._process: subprocess.Popen[str] | None = None

    def address(self, login: str = "", path: str = "/film") -> str:
        return f"rtsp://{login}127.0.0.1:{self.port}{path}"

    def start(self) -> None:
        command = [PYTHON, str(SCRIPT), str(self.port), str(self._film), *self._login]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def freeze(self) -> None:
        """The connection stays, but nothing comes any more."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()


@contextmanager
def silent_server() -> Iterator[int]:
    """Accepts connections and never says a word; gives its port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        yield int(listening.getsockname()[1])


@contextmanager
def web_server(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[int]:
    """Answers every GET by `answer`; gives its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                answer(self)
            except (ConnectionError, TimeoutError):
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
