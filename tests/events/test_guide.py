"""The guide's receiver and its commands, run as they stand there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from passes import passed
from receivers import free_port, is_open, until

from platelight.events import Entry, RefusedError, Webhook, event_dict

GUIDE = (Path(__file__).parents[2] / "docs/guides/events.md").read_text(encoding="utf-8")
EVENT = event_dict(passed("AB12CDE"), None, None, "")


def block(language: str, holding: str) -> str:
    return next(body for body in re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL) if holding in body)


@pytest.fixture
def port() -> Iterator[int]:
    """The guide's receiver, running; what it prints is checked at the end."""
    port = free_port()
    environment = os.environ | {"SECRET": "a secret", "PORT": str(port)}
    command = [sys.executable, "-c", block("python", "class Receiver")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        until(lambda: is_open(port))
        yield port
        process.terminate()
        assert process.stdout is not None
        assert process.stdout.read() == "AB12CDE\n"


def test_its_receiver_takes_what_is_signed_and_nothing_else(port: int) -> None:
    entry = Entry(1, EVENT["id"], EVENT, None, None, 0)
    Webhook(f"http://127.0.0.1:{port}/", secret="a secret").send(entry)
    with pytest.raises(RefusedError, match="401"):
        Webhook(f"http://127.0.0.1:{port}/", secret="another").send(entry)


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl") and shutil.which("sh")), reason="needs curl, openssl and sh")
def test_its_commands_send_a_signed_event(port: int, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text(json.dumps(EVENT))
    script = block("sh", "openssl dgst").replace("8080", str(port))
    ran = subprocess.run(["sh", "-ec", script], env=os.environ | {"SECRET": "a secret"}, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=30)
    assert ran.stdout.startswith("HTTP/1.0 200")
