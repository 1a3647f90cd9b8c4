"""Signatures of webhooks, after the Standard Webhooks specification 1.0, which has libraries for most languages.

Three headers go with every delivery: the event's id, the time it was sent, and an HMAC-SHA256 over `id.time.body`, so that nobody
else can send an event, change one, or send one again later. https://www.standardwebhooks.com
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping

from platelight.events.errors import EventsError

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE_S = 300.0
"""A signature older than this, or from as far in the future, is not taken."""

_PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """The key behind a secret: the bytes of `whsec_` and base64, or the text itself. Raises `EventsError`."""
    if not secret:
        raise EventsError("the secret of a webhook is empty")
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:  # binascii.Error among them
        raise EventsError(f"what follows {_PREFIX} in the secret of a webhook is not base64") from None


def sign(secret: str, event_id: str, sent_s: int, body: bytes) -> dict[str, str]:
    """The three headers for a body that goes out at `sent_s` (seconds since 1970)."""
    return {ID: event_id, TIMESTAMP: str(sent_s), SIGNATURE: _signature(key_of(secret), event_id, str(sent_s), body)}


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes, now_s: float | None = None) -> bool:
    """Whether headers and body come from someone who knows the secret, within the last few minutes. For receivers in Python."""
    found = {name.lower(): value for name, value in headers.items()}
    sent, event_id = found.get(TIMESTAMP, ""), found.get(ID, "")
    if not sent.isascii() or not sent.isdigit() or abs((time.time() if now_s is None else now_s) - int(sent)) > TOLERANCE_S:
        return False
    right = _signature(key_of(secret), event_id, sent, body).encode()
    return any(hmac.compare_digest(one.encode(), right) for one in found.get(SIGNATURE, "").split())


def _signature(key: bytes, event_id: str, sent: str, body: bytes) -> str:
    digest = hmac.new(key, f"{event_id}.{sent}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
