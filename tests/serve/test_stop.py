"""The program as it is started: stopping, its messages, its processes, with the released models."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from services import TOKEN

EXAMPLE = Path(__file__).parents[2] / "examples" / "ukraine-yard.jpg"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def program(*arguments: str, **environment: str) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    port = free_port()
    command = [sys.executable, "-m", "platelight", "serve", "--port", str(port), *arguments]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment})
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            deadline = time.monotonic() + 90
            while time.monotonic() < deadline and running.poll() is None:
                try:
                    if client.get("/readyz").status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield client, running
    finally:
        running.kill()
        running.communicate()


@pytest.mark.slow
def test_what_was_accepted_is_finished(tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text(f"# mine\n{TOKEN}\n")
    with program("--token-file", str(tokens), PLATELIGHT_TOKENS="another-one-of-mine") as (client, running):
        assert client.post("/v1/read", content=b"x").status_code == 401
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        answers: list[Any] = []
        files = [("files", EXAMPLE.read_bytes())] * 6
        threads = [
            threading.Thread(target=lambda: answers.append(client.post("/v1/read", files=files, params={"effort": "thorough"})), daemon=True) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 20
        while "platelight_waiting_pictures 0.0" in client.get("/metrics", headers={"Authorization": "Bearer another-one-of-mine"}).text:
            assert time.monotonic() < deadline
        running.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join(60)
        _, messages = running.communicate(timeout=30)
    assert [answer.status_code for answer in answers] == [200] * 3
    assert all(len(answer.json()["photos"]) == 6 for answer in answers)
    assert running.returncode == -signal.SIGTERM
    assert "Traceback" not in messages
    assert TOKEN not in messages


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_a_reading_process_that_dies_is_started_again() -> None:
    with program("--workers", "2") as (client, running):
        first = client.post("/v1/read", files=[("files", EXAMPLE.read_bytes())] * 4).json()["photos"]
        assert len({str(photo["plates"]) for photo in first}) == 1
        readers = [pid for pid in children(running.pid) if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()]
        assert len(readers) == 2
        for pid in readers:
            os.kill(pid, signal.SIGKILL)
        statuses = [client.post("/v1/read", files={"files": EXAMPLE.read_bytes()}).status_code for _ in range(4)]
        assert statuses.count(200) >= 2
        assert statuses[-1] == 200
        readers = [pid for pid in children(running.pid) if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()]
        for pid in readers:
            os.kill(pid, signal.SIGTERM)  # as whoever stops a group of processes does: they leave it to the service
        assert client.post("/v1/read", files={"files": EXAMPLE.read_bytes()}).status_code == 200
        running.kill()
        deadline = time.monotonic() + 30
        while any(Path(f"/proc/{pid}").exists() for pid in readers):
            assert time.monotonic() < deadline, "a reading process outlives its service"
            time.sleep(0.1)


def children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(status.parent.name))
    return found
