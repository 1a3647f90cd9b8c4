from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from services import Client, picture

from platelight.serve.errors import RefusedError
from platelight.serve.fetching import fetch


class Camera(BaseHTTPRequestHandler):
    """Serves a picture, a redirect to it, an endless file and a slow one."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/snapshot.png")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(1 if self.path == "/snapshot.png" else 1000):
                self.wfile.write(picture() if self.path == "/snapshot.png" else b"x" * 10_000)
                time.sleep(0.05 if self.path == "/slow" else 0)
        except OSError:  # the other side has had enough
            return

    def log_message(self, *_arguments: object) -> None:
        return


@pytest.fixture(scope="module")
def camera() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Camera)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_named_host_is_asked(make_client: Callable[..., Client], camera: str) -> None:
    client = make_client(upload_hosts=(camera,))
    body = client.post("/v1/plate-reader/", json={"upload_url": f"http://{camera}/snapshot.png"}).json()
    assert (body["results"][0]["plate"], body["filename"]) == ("ab12cde", "snapshot.png")


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/snapshot.png", "http://localhost/snapshot.png", "http://user@{camera}/snapshot.png", "ftp://{camera}/snapshot.png",
        "file:///etc/passwd", "file://{camera}/etc/passwd", "http://{camera}.example.org/a", "//{camera}/a", "{camera}/a", "http://[::1", "", "\x00",
    ],
)  # fmt: skip
def test_no_other_host_is_asked(camera: str, address: str) -> None:
    before = len(Camera.asked)
    with pytest.raises(RefusedError, match="this service fetches nothing from that address"):
        fetch(address.format(camera=camera), (camera,), 10_000_000, 2)
    assert len(Camera.asked) == before


def test_redirects_are_not_followed(camera: str) -> None:
    before = len(Camera.asked)
    with pytest.raises(RefusedError, match="cannot be fetched"):
        fetch(f"http://{camera}/moved", (camera,), 10_000_000, 2)
    assert Camera.asked[before:] == ["/moved"]


def test_what_is_fetched_is_limited(camera: str) -> None:
    with pytest.raises(RefusedError, match=r"larger than 0\.1 MB"):
        fetch(f"http://{camera}/endless", (camera,), 100_000, 5)
    start = time.monotonic()
    with pytest.raises(RefusedError, match=r"cannot be fetched \(TimeoutError\)"):
        fetch(f"http://{camera}/slow", (camera,), 100_000_000, 0.3)
    assert time.monotonic() - start < 5


def test_nothing_is_fetched_unless_enabled() -> None:
    with pytest.raises(RefusedError, match="upload_url is not enabled on this service"):
        fetch("http://127.0.0.1/a.jpg", (), 1000, 1)
