from __future__ import annotations

import base64
import email
import email.policy
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from passes import passed, street
from receivers import Got, Handler, Receiver, free_port, in_turn, status

from platelight.events import Entry, EventsError, NotNowError, RefusedError, Webhook, event_dict, is_genuine
from platelight.events.evidence import jpeg


def entry(frame: Path | None = None, plate: Path | None = None, tries: int = 0, **changed: Any) -> Entry:
    event = event_dict(passed(picture=True, **changed), None, None, "rtsp://u:secret@camera/1")
    return Entry(1, event["id"], event, frame, plate, tries)


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Path, Path]:
    frame, plate = tmp_path / "frame.jpg", tmp_path / "plate.jpg"
    frame.write_bytes(jpeg(street()))
    plate.write_bytes(jpeg(street()[200:250, 100:300]))
    return frame, plate


def test_our_json_is_sent_with_its_headers(receiver: Receiver) -> None:
    one = entry(tries=2)
    Webhook(receiver.url + "?key=1", secret="secret", headers={"X-Api-Key": "k"}).send(one)
    (got,) = receiver.got
    assert (got.path, got.event) == ("/hook?key=1", one.event)
    assert (got.headers["content-type"], got.headers["x-api-key"]) == ("application/json", "k")
    assert (got.headers["idempotency-key"], got.headers["webhook-id"], got.headers["platelight-attempt"]) == (one.id, one.id, "3")
    assert is_genuine("secret", got.headers, got.body)
    assert not is_genuine("other", got.headers, got.body)


def test_without_a_secret_there_is_no_signature(receiver: Receiver) -> None:
    Webhook(receiver.url).send(entry())
    assert not [name for name in receiver.got[0].headers if name.startswith("webhook-")]


def test_user_and_password_go_into_a_header_and_nowhere_else(receiver: Receiver) -> None:
    hook = Webhook(f"http://user:p%40ss@127.0.0.1:{receiver.server_port}/hook")
    hook.send(entry())
    assert base64.b64decode(receiver.got[0].headers["authorization"].removeprefix("Basic ")) == b"user:p@ss"
    assert "p%40ss" not in hook.name + hook.url_shown
    assert "ss" not in receiver.got[0].headers["host"]


def test_pictures_go_with_our_json_where_they_are_wanted(receiver: Receiver, pictures: tuple[Path, Path]) -> None:
    Webhook(receiver.url, pictures=True).send(entry(*pictures))
    Webhook(receiver.url).send(entry(*pictures))
    sent = receiver.got[0].event["pictures"]
    assert [base64.b64decode(sent[name]) for name in ("frame_jpeg", "plate_jpeg")] == [path.read_bytes() for path in pictures]
    assert "pictures" not in receiver.got[1].event


def parts_of(got: Got) -> dict[str, bytes]:
    """The fields of a form, as the standard library's reader of messages takes it apart."""
    head = f"content-type: {got.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + got.body, policy=email.policy.HTTP)
    return {str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True) for part in message.iter_parts()}  # type: ignore[misc]


def test_plate_recognizers_shape_is_a_form_with_the_picture(receiver: Receiver, pictures: tuple[Path, Path]) -> None:
    one = entry(*pictures)
    Webhook(receiver.url, "platerecognizer", secret="secret").send(one)
    (got,) = receiver.got
    parts = parts_of(got)
    assert list(parts) == ["json", "upload"]
    assert parts["upload"] == pictures[0].read_bytes()
    value = json.loads(parts["json"])
    assert value["data"]["results"][0]["plate"] == "ab12cde"
    assert value["hook"]["target"] == receiver.url
    assert is_genuine("secret", got.headers, got.body)


@pytest.mark.parametrize("wanted", [True, False])
def test_plate_recognizers_shape_is_json_without_a_picture(receiver: Receiver, pictures: tuple[Path, Path], wanted: bool) -> None:
    pictures[0].unlink()  # removed by hand: the event goes without
    Webhook(receiver.url, "platerecognizer", pictures=wanted).send(entry(*pictures))
    assert receiver.got[0].headers["content-type"] == "application/json"
    assert receiver.got[0].event["data"]["camera_id"] == "gate"


def test_openalprs_shape_holds_the_pictures(receiver: Receiver, pictures: tuple[Path, Path]) -> None:
    Webhook(receiver.url, "openalpr").send(entry(*pictures))
    value = receiver.got[0].event
    assert (value["data_type"], value["best_plate_number"]) == ("alpr_group", "AB12CDE")
    assert base64.b64decode(value["best_plate"]["plate_crop_jpeg"]) == pictures[1].read_bytes()
    vehicle = cv2.imdecode(np.frombuffer(base64.b64decode(value["vehicle_crop_jpeg"]), np.uint8), cv2.IMREAD_COLOR)
    assert vehicle.shape[:2] == (450, 600)


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_any_2xx_means_that_it_is_there(receiver: Receiver, code: int) -> None:
    receiver.answer = status(code)
    Webhook(receiver.url).send(entry())


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 413, 422, 303])
def test_what_will_never_be_taken_is_refused(receiver: Receiver, code: int) -> None:
    receiver.answer = status(code)
    with pytest.raises(RefusedError, match=f"it answers {code}"):
        Webhook(receiver.url).send(entry())


@pytest.mark.parametrize(("code", "answered"), [(408, True), (425, True), (429, False), (500, True), (502, True), (503, False), (504, True)])
def test_what_may_be_taken_later_is_tried_later(receiver: Receiver, code: int, answered: bool) -> None:
    receiver.answer = status(code)
    with pytest.raises(NotNowError, match=f"it answers {code}") as caught:
        Webhook(receiver.url).send(entry())
    assert (caught.value.wait_s, caught.value.answered) == (0.0, answered)


@pytest.mark.parametrize(("value", "least", "most"), [("7", 7, 7), ("999999", 3600, 3600), ("soon", 0, 0), ("-1", 0, 0), ("in 100 s", 60, 100)])
def test_retry_after_is_honored_as_a_number_and_as_a_date(receiver: Receiver, value: str, least: float, most: float) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    receiver.answer = status(429, Retry_After=value.replace("in 100 s", date))
    with pytest.raises(NotNowError) as caught:
        Webhook(receiver.url).send(entry())
    assert least <= caught.value.wait_s <= most


def test_nobody_there() -> None:
    with pytest.raises(NotNowError, match="Connection refused"):
        Webhook(f"http://127.0.0.1:{free_port()}/").send(entry())
    with pytest.raises(NotNowError, match="its name cannot be resolved"):
        Webhook("http://receiver.invalid/").send(entry())


def hang_up(handler: Handler, _: Got) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def stop_midway(handler: Handler, _: Got) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this")
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)


def nonsense(handler: Handler, _: Got) -> None:
    handler.wfile.write(b"220 mail.example.org ESMTP\r\n")


@pytest.mark.parametrize(("answer", "message"), [(hang_up, "without an answer"), (stop_midway, "in the middle of its answer"), (nonsense, "220 mail")])
def test_broken_answers_are_none(receiver: Receiver, answer: Any, message: str) -> None:
    receiver.answer = answer
    with pytest.raises(NotNowError, match=message):
        Webhook(receiver.url).send(entry())


def drip(handler: Handler, _: Got) -> None:
    try:
        for character in b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 50:
            handler.wfile.write(bytes([character]))
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass


@pytest.mark.parametrize("answer", [drip, lambda handler, got: time.sleep(2)])
def test_the_whole_exchange_takes_no_longer_than_the_timeout(receiver: Receiver, answer: Any) -> None:
    receiver.answer = answer
    start = time.monotonic()
    with pytest.raises(NotNowError, match=r"no answer within 0.3 s"):
        Webhook(receiver.url, timeout_s=0.3).send(entry())
    assert time.monotonic() - start < 1.5


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_on_the_same_host_is_followed_with_the_body(receiver: Receiver, code: int) -> None:
    receiver.answer = in_turn(status(code, Location="/other"), status(200))
    Webhook(receiver.url, secret="s").send(entry())
    assert [got.path for got in receiver.got] == ["/hook", "/other"]
    assert receiver.got[0].body == receiver.got[1].body


def test_a_redirect_to_another_host_is_not_followed(receiver: Receiver) -> None:
    with Receiver() as other:
        receiver.answer = status(308, Location=other.url.replace("127.0.0.1", "localhost"))
        with pytest.raises(RefusedError, match="it redirects to http://localhost"):
            Webhook(receiver.url, secret="s").send(entry())
        assert other.got == []


def test_a_redirect_without_end_or_target(receiver: Receiver) -> None:
    receiver.answer = status(307, Location="/hook")
    with pytest.raises(RefusedError, match="redirects more than 3 times"):
        Webhook(receiver.url).send(entry())
    receiver.answer = status(307)
    with pytest.raises(RefusedError, match="it answers 307"):
        Webhook(receiver.url).send(entry())


@contextmanager
def over_tls(certificate: Path) -> Iterator[Receiver]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    with Receiver(tls=context) as receiver:
        yield receiver


def test_tls_is_checked_and_a_certificate_of_ones_own_can_be_trusted(certificate: Path) -> None:
    with over_tls(certificate) as receiver:
        address = f"127.0.0.1:{receiver.server_port}/hook"  # no scheme: https
        Webhook(address, ca=certificate).send(entry())
        assert len(receiver.got) == 1
        with pytest.raises(NotNowError, match=r"its certificate is not trusted \(self.signed certificate\)"):
            Webhook(address).send(entry())
        with pytest.raises(NotNowError, match=r"is not trusted.*localhost"):
            Webhook(address.replace("127.0.0.1", "localhost"), ca=certificate).send(entry())
        assert len(receiver.got) == 1


def test_a_redirect_from_https_to_http_is_not_followed(certificate: Path) -> None:
    with over_tls(certificate) as receiver:
        receiver.answer = status(308, Location="http://127.0.0.1/hook")
        with pytest.raises(RefusedError, match=r"it redirects to http://127\.0\.0\.1/hook, which is not followed"):
            Webhook(f"https://127.0.0.1:{receiver.server_port}/", ca=certificate).send(entry())


def test_a_slow_drip_over_tls_ends_too(certificate: Path) -> None:
    with over_tls(certificate) as receiver:
        receiver.answer = drip
        start = time.monotonic()
        with pytest.raises(NotNowError, match="no answer within"):
            Webhook(f"https://127.0.0.1:{receiver.server_port}/", ca=certificate, timeout_s=0.4).send(entry())
        assert time.monotonic() - start < 2


def test_addresses_are_sent_as_http_wants_them(receiver: Receiver) -> None:
    Webhook(f"{receiver.url}/Tür 1?camera=vorn & hinten").send(entry())
    assert receiver.got[0].path == "/hook/T%C3%BCr%201?camera=vorn%20&%20hinten"


@pytest.mark.parametrize(
    ("url", "settings", "message"),
    [
        ("ftp://host/", {}, "must be like https://host/path, got 'ftp://host/'"),
        ("http://", {}, "must be like https://host/path"),
        ("http://user:secret@host:port/", {}, "got 'http://host:port/'"),
        ("https://host", {"shape": "xml"}, "the shape must be one of platelight, platerecognizer, openalpr, got 'xml'"),
        ("https://host", {"timeout_s": 0}, "the timeout must be more than 0 seconds"),
        ("https://host", {"headers": {"a b": "c"}}, "the header 'a b' cannot be sent"),
        ("https://host", {"headers": {"a": "b\r\nc: d"}}, "the header 'a' cannot be sent"),
        ("https://host", {"headers": {"a": "Ж"}}, "the header 'a' cannot be sent"),
        ("https://host", {"secret": ""}, "the secret of a webhook is empty"),
        ("https://host", {"ca": "/none.pem"}, "the certificates in /none.pem cannot be used"),
        ("https://host", {"ca": __file__}, "cannot be used"),
    ],
)
def test_settings_that_cannot_work_are_said_at_once(url: str, settings: Mapping[str, Any], message: str) -> None:
    with pytest.raises(EventsError, match=message) as caught:
        Webhook(url, **settings)
    assert "user:secret" not in str(caught.value)


def test_threads_that_watch_the_time_are_gone_afterwards(receiver: Receiver) -> None:
    before = threading.active_count()
    for _ in range(5):
        Webhook(receiver.url).send(entry())
    time.sleep(0.1)
    assert threading.active_count() <= before + 1
