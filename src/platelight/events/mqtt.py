"""Events over MQTT, with the sensors that Home Assistant finds by itself."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from platelight.events import discovery
from platelight.events.addresses import shown, tls_context
from platelight.events.errors import EventsError, NotNowError
from platelight.events.outbox import Outbox
from platelight.events.store import Entry

if TYPE_CHECKING:
    import paho.mqtt.client as paho

PORTS = {"mqtt": 1883, "mqtts": 8883}
KEEPALIVE_S = 20
TIMEOUT_S = 10.0
RECONNECT_S = (1.0, 30.0)
"""Seconds to the first attempt to connect again, and between later ones at most."""

DAYS_LOOK_S = 5.0
ONLINE, OFFLINE = "online", "offline"


class Mqtt:
    """A broker that events are published to, QoS 1; needs the extra `mqtt`.

    `url` mqtts://user:password@host:port, or mqtt:// for an unencrypted connection; without a scheme it is mqtts. Topics, below
    `topic`: `available` (online or offline, by the broker's last will where we end suddenly), and for each camera `CAMERA/event`
    (our JSON), `CAMERA/last`, `CAMERA/known`, `CAMERA/today`. `discovery` announces the cameras to Home Assistant, under `prefix`;
    those in `cameras` at once, others with their first pass. `frigate`: a topic such as "frigate" whose `tracked_object_update` gets
    each plate in Frigate's form. `ca`: certificates to trust instead of the system's. Raises `EventsError`.
    """

    wants_pictures = False

    def __init__(
        self, url: str, topic: str = "platelight", discovery: bool = True, *, user: str | None = None, password: str | None = None,
        client_id: str | None = None, cameras: Sequence[str] = (), prefix: str = "homeassistant", frigate: str | None = None,
        ca: str | Path | None = None, timeout_s: float = TIMEOUT_S, name: str | None = None,
    ) -> None:  # fmt: skip
        import paho.mqtt.client as paho
        from paho.mqtt.enums import CallbackAPIVersion

        self.host, self.port, tls, login = _taken_apart(url)
        self.name = name or f"mqtt {self.host}:{self.port}"
        self.topic, self.prefix, self.frigate = (_checked(level, self.name) for level in (topic, prefix, frigate or ""))
        self.discovery, self.timeout_s, self.last_error = discovery, timeout_s, "not connected yet"
        self._user, self._password = user or login[0], password or login[1]
        self._tls = tls_context(ca, self.name) if tls or ca is not None else None
        self._client: paho.Client | None = None
        self._make = partial(paho.Client, CallbackAPIVersion.VERSION2, client_id, clean_session=True)
        self._guard = threading.Lock()
        self._cameras = list(dict.fromkeys(cameras))
        self._days: dict[str, str] = {}
        self._outbox: Outbox | None = None
        self._wake: Callable[[], None] = lambda: None
        self._attempted, self._closed = threading.Event(), threading.Event()

    @property
    def connected(self) -> bool:
        return self._client is not None and bool(self._client.is_connected())

    def attach(self, outbox: Outbox, wake: Callable[[], None]) -> None:
        """Start: connect, and from now on call `wake` whenever the broker is there again."""
        self._outbox, self._wake = outbox, wake
        self._connect()
        threading.Thread(target=self._midnights, name=f"platelight {self.name} days", daemon=True).start()

    def send(self, entry: Entry) -> None:
        """Publish one event and what follows from it. Raises `NotNowError` until the broker has acknowledged all of it."""
        self._attempted.wait(self.timeout_s)  # at the start: until it is known whether the broker is there
        client = self._client
        if client is None or not client.is_connected():
            raise NotNowError(self.last_error)
        event = entry.event
        if event["camera"] not in self._cameras:
            self._cameras.append(event["camera"])
            self._announce(event["camera"], client)
        base = f"{self.topic}/{discovery.slug(event['camera'])}"
        messages = [(f"{base}/event", event, False), (f"{base}/last", discovery.last(event), True)]
        if event["known"] is not None:
            messages.append((f"{base}/known", {"state": "ON", **event["known"], "read": event["text"], "time": event["time"]}, False))
        if self.frigate:
            messages.append((f"{self.frigate}/tracked_object_update", discovery.frigate(event), False))
        sent = [client.publish(topic, json.dumps(value, ensure_ascii=False), 1, retain) for topic, value, retain in messages]
        if self._day(event["epoch_ms"] / 1000) == self._day(time.time()):
            sent.append(self._count(event["camera"], client))
        self._acknowledged(sent)

    def close(self) -> None:
        self._closed.set()
        with self._guard:
            client, self._client = self._client, None
        if client is None:
            return
        if client.is_connected():
            info = client.publish(f"{self.topic}/available", OFFLINE, 1, True)
            _waited(info, min(self.timeout_s, 2.0))
        client.disconnect()
        client.loop_stop()

    def _connect(self) -> None:
        """A client of its own thread, which connects and, whenever it is cut off, connects again."""
        with self._guard:
            if self._client is not None or self._closed.is_set():
                return
            client = self._make()
            if self._user is not None:
                client.username_pw_set(self._user, self._password)
            if self._tls is not None:
                client.tls_set_context(self._tls)
            client.will_set(f"{self.topic}/available", OFFLINE, 1, True)
            client.reconnect_delay_set(*RECONNECT_S)  # type: ignore[arg-type]  # fractions work as well
            client.connect_timeout = self.timeout_s
            client.on_connect, client.on_connect_fail, client.on_disconnect = self._on_connect, self._on_connect_fail, self._on_disconnect
            client.connect_async(self.host, self.port, KEEPALIVE_S)
            self._client = client
            client.loop_start()

    def _on_connect(self, client: Any, _userdata: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self.last_error = f"the broker refuses the connection: {reason}" if reason.is_failure else ""
        if not reason.is_failure:
            client.publish(f"{self.topic}/available", ONLINE, 1, True)
            for camera in self._cameras:
                self._announce(camera, client)
                self._count(camera, client)
        self._attempted.set()
        self._wake()

    def _on_connect_fail(self, _client: Any, _userdata: Any) -> None:
        cause = sys.exception()  # that of the attempt, which is being handled while we are called
        self.last_error = f"{self.host}:{self.port} cannot be reached ({getattr(cause, 'strerror', None) or cause or 'no cause given'})"
        self._attempted.set()

    def _on_disconnect(self, _client: Any, _userdata: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if not self.last_error:
            self.last_error = f"the connection was lost: {reason}"

    def _announce(self, camera: str, client: paho.Client) -> None:
        if self.discovery:
            for topic, message in discovery.configs(self.topic, camera, self.prefix).items():
                client.publish(topic, json.dumps(message, ensure_ascii=False), 1, True)
            client.publish(f"{self.topic}/{discovery.slug(camera)}/known", json.dumps({"state": "OFF"}), 1, True)

    def _count(self, camera: str, client: paho.Client) -> paho.MQTTMessageInfo:
        """Publish the camera's passes of today: those of the outbox, also of events that have yet to be sent."""
        now_s = time.time()
        self._days[camera] = self._day(now_s)
        count = 0 if self._outbox is None else self._outbox.passes_on(camera, now_s)
        return client.publish(f"{self.topic}/{discovery.slug(camera)}/today", str(count), 1, True)

    def _acknowledged(self, sent: Sequence[Any]) -> None:
        end = time.monotonic() + self.timeout_s
        if all(_waited(info, max(end - time.monotonic(), 0.0)) for info in sent):
            return
        self._start_over()
        raise NotNowError(self.last_error or f"the broker does not acknowledge within {self.timeout_s:g} s")

    def _start_over(self) -> None:
        """Drop a client that holds messages nobody acknowledged: the outbox has them, and sends them again."""
        with self._guard:
            client, self._client = self._client, None
        if client is not None:
            client.disconnect()
            client.loop_stop()
        self._connect()

    def _midnights(self) -> None:
        """Say that there were no passes yet when a new day begins."""
        while not self._closed.wait(DAYS_LOOK_S):
            today = self._day(time.time())
            for camera, day in list(self._days.items()):
                if day != today and (client := self._client) is not None:
                    self._count(camera, client)

    @staticmethod
    def _day(epoch_s: float) -> str:
        return f"{datetime.fromtimestamp(epoch_s).astimezone():%Y-%m-%d}"


def _waited(info: Any, timeout_s: float) -> bool:
    """Whether the broker acknowledged the message in time."""
    try:
        info.wait_for_publish(timeout_s)
        return bool(info.is_published())
    except (ValueError, RuntimeError):  # not queued, or the connection went away
        return False


def _taken_apart(url: str) -> tuple[str, int, bool, tuple[str | None, str | None]]:
    """Host, port, whether to use TLS, and user and password."""
    full = url if "://" in url else f"mqtts://{url}"
    try:
        parts = urlsplit(full)
        host, port = parts.hostname, parts.port or PORTS[parts.scheme]
    except (ValueError, KeyError):
        host, port = None, 0
    if not host:
        raise EventsError(f"a broker's address must be like mqtts://host:8883, got {shown(full)!r}")
    user, password = (None if value is None else unquote(value) for value in (parts.username, parts.password))
    return host, port, parts.scheme == "mqtts", (user, password)


def _checked(topic: str, name: str) -> str:
    if any(character in topic for character in "+#\0") or topic.startswith(("/", "$")) or topic.endswith("/"):
        raise EventsError(f"{name}: {topic!r} is no topic to publish to")
    return topic
