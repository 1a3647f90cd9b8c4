from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from passes import passed
from receivers import Broker, until

from platelight.events import Delivery, EventsError, Match, Mqtt, Outbox, event_dict
from platelight.events import mqtt as module
from platelight.events.discovery import configs, slug

paho = pytest.importorskip("paho.mqtt.client", reason="paho-mqtt is not installed (extra mqtt)")

QUICK = {"first_wait_s": 0.02, "longest_wait_s": 0.1}


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections that are lost are made again soon."""
    monkeypatch.setattr(module, "RECONNECT_S", (0.1, 0.3))


class Listener:
    """Somebody who hears all that is published, and whether it was kept from before."""

    def __init__(self, port: int, user: str | None = None) -> None:
        self.heard: list[tuple[str, str, bool]] = []
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        if user:
            self.client.username_pw_set(user, "secret")
        self.client.on_message = lambda _client, _userdata, message: self.heard.append((message.topic, message.payload.decode(), message.retain))
        self.client.on_connect = lambda client, *_: client.subscribe("#", 1)
        self.subscribed = False
        self.client.on_subscribe = lambda *_: setattr(self, "subscribed", True)
        self.client.reconnect_delay_set(1, 1)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        until(lambda: self.subscribed)

    def on(self, topic: str) -> list[str]:
        return [payload for heard, payload, _ in self.heard if heard == topic]

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def listening(port: int, user: str | None = None) -> Iterator[Listener]:
    listener = Listener(port, user)
    try:
        yield listener
    finally:
        listener.close()


@contextmanager
def delivering(tmp_path: Path, mqtt: Mqtt) -> Iterator[Delivery]:
    delivery = Delivery(Outbox(tmp_path / "outbox"), [mqtt], **QUICK)  # type: ignore[arg-type]
    try:
        yield delivery
    finally:
        delivery.close(2)


def event(number: int = 0, known: Match | None = None, **changed: Any) -> dict[str, Any]:
    return event_dict(passed(id=f"id-{number}", epoch_s=time.time(), **changed), known, None, "")


def ids(listener: Listener, topic: str = "platelight/gate/event") -> list[str]:
    return [json.loads(payload)["id"] for payload in listener.on(topic)]


def test_an_event_is_published_to_its_topics(tmp_path: Path, broker: Broker) -> None:
    one = event(1, Match("Anna", "AB12CDE", 0.25), camera="Front gate")
    with listening(broker.port) as listener, delivering(tmp_path, Mqtt(broker.url, "home/plates", name="m", frigate="frigate")) as delivery:
        delivery.put(one)
        delivery.put(event(2, camera="Front gate"))
        until(lambda: delivery.stats["m"]["delivered"] == 2 and listener.on("home/plates/front_gate/today")[-1:] == ["2"])
        base = "home/plates/front_gate"
        assert json.loads(listener.on(f"{base}/event")[0]) == one
        last = json.loads(listener.on(f"{base}/last")[0])
        assert (last["text"], last["raw_text"], last["known"]["name"], last["direction"]) == ("AB12CDE", "AB12CDE", "Anna", "towards")
        assert [json.loads(payload)["state"] for payload in listener.on(f"{base}/known")] == ["OFF", "ON"]
        assert json.loads(listener.on(f"{base}/known")[1])["name"] == "Anna"
        assert listener.on(f"{base}/today")[-1] == "2"
        assert json.loads(listener.on("frigate/tracked_object_update")[0]) == {
            "type": "lpr", "id": "id-1", "name": "Anna", "plate": "AB12CDE", "score": 0.93, "camera": "Front gate", "timestamp": one["epoch_ms"] / 1000,
            "plate_box": [100, 200, 300, 250],
        }  # fmt: skip


def test_home_assistant_finds_a_device_with_three_sensors_for_each_camera(tmp_path: Path, broker: Broker) -> None:
    with delivering(tmp_path, Mqtt(broker.url, cameras=["Front gate"], name="m")) as delivery:
        delivery.put(event(1, camera="Front gate"))
        until(lambda: delivery.stats["m"]["delivered"] == 1)
        with listening(broker.port) as listener:  # it comes later, as Home Assistant does after its own restart
            until(lambda: listener.on("platelight/front_gate/today"))
            kept = {topic: payload for topic, payload, retained in listener.heard if retained}
    configs = {topic: json.loads(payload) for topic, payload in kept.items() if topic.startswith("homeassistant/")}
    assert sorted(configs) == [
        "homeassistant/binary_sensor/platelight_front_gate/known_plate/config",
        "homeassistant/sensor/platelight_front_gate/last_plate/config",
        "homeassistant/sensor/platelight_front_gate/passes_today/config",
    ]
    assert len({config["unique_id"] for config in configs.values()}) == 3
    assert {json.dumps(config["device"]["identifiers"]) for config in configs.values()} == {'["platelight_front_gate"]'}
    assert all(config["availability_topic"] == "platelight/available" and config["device"]["name"] == "Front gate" for config in configs.values())
    assert {config["state_topic"] for config in configs.values()} <= set(kept)
    assert kept["platelight/available"] == "online"
    assert json.loads(kept["platelight/front_gate/known"]) == {"state": "OFF"}
    assert kept["platelight/front_gate/today"] == "1"


@pytest.mark.parametrize(
    ("camera", "expected"),
    [("Front gate", "front_gate"), ("Tür 1", "tur_1"), ("камера", "camera_936de13c"), ("gate камера", "gate_d229f4c3"), ("№ 1", "no_1"), ("..", "camera")],
)
def test_names_of_cameras_are_such_as_home_assistant_takes(camera: str, expected: str) -> None:
    assert slug(camera) == expected
    for topic in configs("platelight", camera):
        assert re.fullmatch(r"homeassistant/\w+/[a-zA-Z0-9_-]+/[a-zA-Z0-9_-]+/config", topic, re.ASCII)


def test_discovery_can_be_turned_off_or_put_elsewhere(tmp_path: Path, broker: Broker) -> None:
    with listening(broker.port) as listener:
        for mqtt in (Mqtt(broker.url, discovery=False, name="m"), Mqtt(broker.url, prefix="ha", name="m")):
            with delivering(tmp_path, mqtt) as delivery:
                delivery.put(event())
                until(lambda: delivery.stats["m"]["delivered"] == 1)
        until(lambda: len(listener.on("platelight/gate/event")) == 2)
        assert {topic.partition("/")[0] for topic, _, _ in listener.heard} == {"platelight", "ha"}


def test_events_wait_while_the_broker_is_down(tmp_path: Path, broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    with delivering(tmp_path, Mqtt(broker.url, name="m")) as delivery:
        delivery.put(event(0))
        until(lambda: delivery.stats["m"]["delivered"] == 1)
        broker.stop()
        for number in range(1, 6):
            assert delivery.put(event(number))
        until(lambda: delivery.stats["m"]["last_error"])
        assert delivery.stats["m"]["waiting"] == 5
        broker.start()
        with listening(broker.port) as listener:
            until(lambda: delivery.stats["m"]["delivered"] == 6)
            until(lambda: len(set(ids(listener))) == 5)
            assert list(dict.fromkeys(ids(listener))) == [f"id-{number}" for number in range(1, 6)]
            assert listener.on("platelight/available") == ["online"]
    assert any("m: takes events again after" in message for message in caplog.messages)


def test_a_broker_that_is_not_there_at_the_start_is_waited_for(tmp_path: Path, broker: Broker) -> None:
    broker.stop()
    with delivering(tmp_path, Mqtt(broker.url, name="m")) as delivery:
        delivery.put(event())
        until(lambda: delivery.stats["m"]["last_error"] == f"127.0.0.1:{broker.port} cannot be reached (Connection refused)")
        broker.start()
        until(lambda: delivery.stats["m"]["delivered"] == 1)


def test_the_broker_says_that_we_are_gone_when_we_are_killed(tmp_path: Path, broker: Broker) -> None:
    with listening(broker.port) as listener:
        mqtt = Mqtt(broker.url, name="m")
        with delivering(tmp_path, mqtt):
            until(lambda: listener.on("platelight/available") == ["online"])
            assert mqtt._client is not None
            mqtt._client.socket().close()  # type: ignore[union-attr]  # as the kernel does for a process that ends
            until(lambda: listener.on("platelight/available")[:2] == ["online", "offline"])
            until(lambda: listener.on("platelight/available")[-1] == "online")
        until(lambda: listener.on("platelight/available")[-1] == "offline")


@pytest.fixture
def guarded(broker: Broker) -> Broker:
    """The same broker, where only `anna` with the password `secret` may enter."""
    broker.stop()
    passwords = broker.folder / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "anna", "secret"], check=True, capture_output=True)
    broker.configure(f"allow_anonymous false\npassword_file {passwords}\nuser root\n")
    broker.start()
    return broker


def test_user_and_password_and_a_refusal_that_says_so(tmp_path: Path, guarded: Broker) -> None:
    address = f"127.0.0.1:{guarded.port}"
    with delivering(tmp_path, Mqtt(f"mqtt://anna:wrong@{address}", name="m")) as delivery:
        delivery.put(event())
        until(lambda: delivery.stats["m"]["last_error"] and "refuses" in delivery.stats["m"]["last_error"])
        assert delivery.stats["m"]["last_error"] == "the broker refuses the connection: Not authorized"
        assert "anna" not in str(delivery.stats)
    with delivering(tmp_path, Mqtt(f"mqtt://{address}", user="anna", password="secret", client_id="plates", name="m")) as delivery:
        until(lambda: delivery.stats["m"]["delivered"] == 1)


def test_a_broker_that_acknowledges_nothing_is_left_and_tried_again(tmp_path: Path, broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(broker.port) as listener, delivering(tmp_path, Mqtt(broker.url, name="m", timeout_s=0.3)) as delivery:
        until(lambda: listener.on("platelight/available"))
        waited = module._waited
        monkeypatch.setattr(module, "_waited", lambda info, timeout_s: False)
        delivery.put(event(1))
        until(lambda: delivery.stats["m"]["tries"] >= 1 and delivery.stats["m"]["last_error"])
        monkeypatch.setattr(module, "_waited", waited)
        until(lambda: delivery.stats["m"]["delivered"] == 1)
        assert set(ids(listener)) == {"id-1"}  # more than once, by the same id


def test_a_new_day_begins_with_no_passes(tmp_path: Path, broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DAYS_LOOK_S", 0.05)
    with listening(broker.port) as listener, delivering(tmp_path, Mqtt(broker.url, name="m")) as delivery:
        delivery.put(event(1))
        until(lambda: listener.on("platelight/gate/today") == ["1"])
        tomorrow = time.time() + 86400
        monkeypatch.setattr(module.time, "time", lambda: tomorrow)
        until(lambda: listener.on("platelight/gate/today") == ["1", "0"])


def test_the_passes_of_today_are_there_after_a_restart_and_never_go_back(tmp_path: Path, broker: Broker) -> None:
    with delivering(tmp_path, Mqtt(broker.url, cameras=["gate"], name="m")) as delivery:
        delivery.put(event(1))
        until(lambda: delivery.stats["m"]["delivered"] == 1)
    broker.stop()
    with delivering(tmp_path, Mqtt(broker.url, cameras=["gate"], name="m")) as delivery:
        for number in range(2, 5):
            delivery.put(event(number))
        broker.start()
        with listening(broker.port) as listener:
            until(lambda: delivery.stats["m"]["delivered"] == 3)
            until(lambda: len(set(ids(listener))) == 3)
            assert set(listener.on("platelight/gate/today")) == {"4"}


@pytest.mark.parametrize(
    ("url", "settings", "message"),
    [
        ("http://host", {}, "must be like mqtts://host:8883, got 'http://host'"),
        ("mqtt://user:secret@/", {}, "a broker's address must be like"),
        ("mqtt://host:port", {}, "a broker's address must be like"),
        ("mqtt://host", {"topic": "a/#"}, "'a/#' is no topic to publish to"),
        ("mqtt://host", {"frigate": "/frigate"}, "'/frigate' is no topic to publish to"),
        ("host", {"ca": "/none.pem"}, "the certificates in /none.pem cannot be used"),
    ],
)
def test_settings_that_cannot_work_are_said_at_once(url: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(EventsError, match=message) as caught:
        Mqtt(url, **settings)
    assert "secret" not in str(caught.value)


def test_the_connection_is_encrypted_unless_asked_otherwise() -> None:
    assert (Mqtt("host").port, Mqtt("mqtts://host:9").port, Mqtt("mqtt://host").port) == (8883, 9, 1883)
    assert Mqtt("host")._tls is not None
    assert Mqtt("mqtt://host")._tls is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # paho leaves the socket of a failed handshake to the collector
def test_nobody_hears_us_without_tls_where_tls_is_meant(tmp_path: Path, broker: Broker) -> None:
    """The broker speaks plainly; we do not."""
    with delivering(tmp_path, Mqtt(f"127.0.0.1:{broker.port}", name="m")) as delivery:
        delivery.put(event())
        until(lambda: delivery.stats["m"]["tries"] > 2)
        assert delivery.stats["m"]["delivered"] == 0
        assert "cannot be reached (" in delivery.stats["m"]["last_error"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_certificate_of_ones_own_can_be_trusted(tmp_path: Path, broker: Broker, certificate: Path) -> None:
    broker.stop()
    broker.configure(f"allow_anonymous true\ncertfile {certificate}\nkeyfile {certificate.with_suffix('.key')}\nuser root\n")
    broker.start()
    address = f"127.0.0.1:{broker.port}"
    with delivering(tmp_path, Mqtt(address, name="m")) as delivery:
        delivery.put(event())
        until(lambda: "certificate verify failed" in (delivery.stats["m"]["last_error"] or ""))
    with delivering(tmp_path, Mqtt(address, ca=certificate, name="m")) as delivery:
        until(lambda: delivery.stats["m"]["delivered"] == 1)
