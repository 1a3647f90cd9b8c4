"""Events over HTTP: our JSON, or the shapes of other plate readers, to a receiver that answers 2xx once it has one."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import re
import socket
import ssl
import threading
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from platelight import __version__, formats
from platelight.events.addresses import shown, tls_context
from platelight.events.errors import EventsError, NotNowError, RefusedError
from platelight.events.signing import key_of, sign
from platelight.events.store import Entry

HookShape = Literal["platelight", "platerecognizer", "openalpr"]

IDEMPOTENCY, ATTEMPT = "idempotency-key", "platelight-attempt"
"""Headers of every delivery: the event's id, the same at every repeat, and which try it is, from 1."""

TIMEOUT_S = 15.0
LATER = frozenset({408, 425, 429})
MOST_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 307, 308})
_SAFE = "/%:@!$&'()*+,;=~?-._"

LONGEST_ANSWER = 65536
LONGEST_ASKED_S = 3600.0
"""A receiver may ask with Retry-After to be left alone for so long at most."""


class Webhook:
    """One receiver of events over HTTP or HTTPS.

    `url` without a scheme means https. `shape` of the body; `pictures`: whether the frame and the plate go with it (None: where
    the shape has a place for them). `secret` signs each delivery; user and password in the address go into a header. `ca`: a file
    of certificates to trust instead of the system's. `timeout_s` bounds the whole exchange. `name` tells receivers apart in the
    queue, the statistics and the log. Raises `EventsError`.
    """

    def __init__(
        self, url: str, shape: HookShape = "platelight", secret: str | None = None, headers: Mapping[str, str] | None = None,
        timeout_s: float = TIMEOUT_S, *, ca: str | Path | None = None, pictures: bool | None = None, name: str | None = None,
    ) -> None:  # fmt: skip
        self.url, self._login = _taken_apart(url)
        self.name = name or f"webhook {shown(self.url)}"
        if shape not in get_args(HookShape):
            raise EventsError(f"{self.name}: the shape must be one of {', '.join(get_args(HookShape))}, got {shape!r}")
        if timeout_s <= 0:
            raise EventsError(f"{self.name}: the timeout must be more than 0 seconds, got {timeout_s!r}")
        if secret is not None:
            key_of(secret)
        self.shape, self.timeout_s = shape, timeout_s
        self.wants_pictures = shape != "platelight" if pictures is None else pictures
        self._tls: ssl.SSLContext | None = None
        self._secret, self._headers = secret, _checked(headers or {}, self.name)
        if ca is not None or self.url.startswith("https:"):
            self._tls = tls_context(ca, self.name)

    def send(self, entry: Entry) -> None:
        """Deliver one event. Raises `NotNowError` where it should be tried again, `RefusedError` where that is no use."""
        kind, body = self.body(entry)
        sent = {"content-type": kind, "user-agent": f"platelight/{__version__}", IDEMPOTENCY: entry.id, ATTEMPT: str(entry.tries + 1)}
        sent |= self._login | self._headers
        if self._secret is not None:
            sent |= sign(self._secret, entry.id, int(time.time()), body)
        try:
            self._post(self.url, sent, body)
        except TimeoutError:
            raise NotNowError(f"no answer within {self.timeout_s:g} s") from None
        except ssl.SSLCertVerificationError as error:
            raise NotNowError(f"its certificate is not trusted ({error.verify_message}); a certificate authority of your own is given as ca") from None
        except (OSError, http.client.HTTPException) as error:
            raise NotNowError(_cause(error)) from None

    def body(self, entry: Entry) -> tuple[str, bytes]:
        """The content type and the bytes of an event in this receiver's shape."""
        frame, plate = (_read(path) if self.wants_pictures else None for path in (entry.frame, entry.plate))
        if self.shape == "platerecognizer":
            value = formats.stream(entry.event, self.url_shown)
            return ("application/json", _json(value)) if frame is None else _multipart(value, frame, f"{entry.id}.jpg")
        if self.shape == "openalpr":
            return "application/json", _json(formats.group(entry.event, frame, plate))
        if self.wants_pictures:
            value = entry.event | {"pictures": {"frame_jpeg": _base64(frame), "plate_jpeg": _base64(plate)}}
            return "application/json", _json(value)
        return "application/json", _json(entry.event)

    @property
    def url_shown(self) -> str:
        return shown(self.url)

    def close(self) -> None:
        """Nothing is held between deliveries."""

    def _post(self, url: str, headers: dict[str, str], body: bytes) -> None:
        end = time.monotonic() + self.timeout_s
        for _ in range(MOST_REDIRECTS + 1):
            status, reason, found = self._exchange(url, headers, body, end)
            if status not in REDIRECTS or "location" not in found:
                return _judge(status, reason, found)
            url = self._same_host(url, urljoin(url, found["location"]))
        raise RefusedError(f"it redirects more than {MOST_REDIRECTS} times")

    def _same_host(self, url: str, target: str) -> str:
        """Where a redirect may lead: to the same host, and never from https to http."""
        before, after = urlsplit(url), urlsplit(target)
        if after.hostname != before.hostname or (before.scheme, after.scheme) not in (("http", "http"), ("http", "https"), ("https", "https")):
            raise RefusedError(f"it redirects to {shown(target)}, which is not followed; give that address instead if it is right")
        return target

    def _exchange(self, url: str, headers: dict[str, str], body: bytes, end: float) -> tuple[int, str, dict[str, str]]:
        """Status, reason and headers of the answer; whatever the receiver does, it takes no longer than until `end`."""
        parts = urlsplit(url)
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "https":
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(host, port, timeout=left, context=self._tls)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=left)
        late = threading.Event()
        watch = threading.Timer(left, _cut_off, (connection, late))
        watch.daemon = True
        watch.start()
        try:
            connection.request("POST", urlunsplit(("", "", parts.path or "/", parts.query, "")), body, headers)
            with connection.getresponse() as answer:
                found = {name.lower(): value for name, value in answer.getheaders()}
                data = answer.read(LONGEST_ANSWER)
                if answer.length and len(data) < LONGEST_ANSWER:  # a receiver that breaks off may not have kept the event
                    raise http.client.IncompleteRead(data, answer.length)
                return answer.status, answer.reason, found
        except (OSError, ValueError, http.client.HTTPException):  # ValueError: of a TLS connection that was cut off
            if late.is_set():
                raise TimeoutError from None
            raise
        finally:
            watch.cancel()
            connection.close()


def _judge(status: int, reason: str, headers: Mapping[str, str]) -> None:
    """Nothing for an answer that means the event is there; raises for the others."""
    answer = f"it answers {status} {reason}".rstrip()
    if 200 <= status < 300:
        return
    if status in LATER or status >= 500:
        raise NotNowError(answer, _asked_s(headers.get("retry-after")), answered=status not in (429, 503))
    raise RefusedError(answer)


def _asked_s(value: str | None) -> float:
    """Seconds that Retry-After asks for, given as a number or as a date."""
    if value is None:
        return 0.0
    try:
        wait = float(value) if value.strip().isdigit() else (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return 0.0
    return min(max(wait, 0.0), LONGEST_ASKED_S)


def _cut_off(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    late.set()
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _taken_apart(url: str) -> tuple[str, dict[str, str]]:
    """The address without user and password, and the header that carries them."""
    full = url if "://" in url else f"https://{url}"
    try:
        parts = urlsplit(full)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise EventsError(f"a webhook's address must be like https://host/path, got {shown(full)!r}")
    login = {}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        login = {"authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], quote(parts.path, _SAFE), quote(parts.query, _SAFE), "")), login


def _checked(headers: Mapping[str, str], name: str) -> dict[str, str]:
    for header, value in headers.items():
        if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", header) or not re.fullmatch(r"[\t\x20-\x7e\xa0-\xff]*", value):
            raise EventsError(f"{name}: the header {header!r} cannot be sent")
    return {header.lower(): value for header, value in headers.items()}


def _cause(error: Exception) -> str:
    if isinstance(error, http.client.RemoteDisconnected):
        return "it closes the connection without an answer"
    if isinstance(error, http.client.IncompleteRead):
        return "it closes the connection in the middle of its answer"
    if isinstance(error, socket.gaierror):
        return f"its name cannot be resolved ({error.strerror})"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _read(path: Path | None) -> bytes | None:
    """A picture's bytes; None where it is gone, because an event without its picture is better than none."""
    try:
        return None if path is None else path.read_bytes()
    except OSError:
        return None


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _base64(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def _multipart(value: dict[str, Any], picture: bytes, filename: str) -> tuple[str, bytes]:
    """A form with the fields `json` and `upload`."""
    mark = uuid.uuid4().hex.encode()
    head = b'--%b\r\nContent-Disposition: form-data; name="json"\r\nContent-Type: application/json\r\n\r\n%b\r\n' % (mark, _json(value))
    form = b'--%b\r\nContent-Disposition: form-data; name="upload"; filename="%b"\r\nContent-Type: image/jpeg\r\n\r\n' % (mark, filename.encode())
    return f"multipart/form-data; boundary={mark.decode()}", head + form + picture + b"\r\n--%b--\r\n" % mark
