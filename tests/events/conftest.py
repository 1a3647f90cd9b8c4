"""Puts the modules beside this file where tests can import them; receivers and brokers that are really there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from receivers import Broker, Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A web server that keeps what it is sent, and answers as it is told."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """Debian's MQTT broker, which tests may stop and start; they are skipped where it or the client is missing."""
    pytest.importorskip("paho.mqtt.client", reason="paho-mqtt is not installed (extra mqtt)")
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin")
    if program is None:
        pytest.skip("no mosquitto on this machine (Debian: apt install mosquitto)")
    with Broker(program, tmp_path / "broker") as broker:
        yield broker


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own for 127.0.0.1, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine")
    path = tmp_path_factory.mktemp("tls") / "own.pem"
    subject = ["-subj", "/CN=platelight test", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(path.with_suffix(".key"))]
    subprocess.run(["openssl", "req", "-x509", *key, *subject, "-out", str(path)], check=True, capture_output=True)
    return path
