"""Puts the modules beside this file where tests can import them; receivers and brokers that are really there."""

from __future__ import annotations

import shutil
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
