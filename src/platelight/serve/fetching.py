"""Pictures behind an address, from hosts that whoever started the service named, and from no other."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from platelight.serve.errors import RefusedError
from platelight.serve.uploads import File, printable

CHUNK = 65536


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A named host must not send the service on to one that is not named."""

    def redirect_request(self, *_arguments: Any) -> None:
        return None


def fetch(address: str, hosts: Sequence[str], most_bytes: int, timeout_s: float) -> File:
    """The file behind `address`, at most `most_bytes`, within `timeout_s`. Raises `RefusedError`."""
    try:
        parts = urlsplit(address)
        allowed = parts.scheme in ("http", "https") and parts.netloc in hosts  # the whole of it: no user name, no other port
    except ValueError:
        allowed = False
    if not hosts:
        raise RefusedError(400, "address_refused", "upload_url is not enabled on this service: send the picture itself in the field upload")
    if not allowed:
        raise RefusedError(400, "address_refused", "upload_url: this service fetches nothing from that address")
    opener = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))
    end = time.monotonic() + timeout_s
    data = bytearray()
    try:
        with opener.open(address, timeout=timeout_s) as response:
            while chunk := response.read1(CHUNK):
                data += chunk
                if len(data) > most_bytes:
                    raise RefusedError(413, "too_large", f"upload_url: the file is larger than {most_bytes / 1e6:g} MB")
                if time.monotonic() > end:
                    raise TimeoutError
    except (OSError, HTTPException, ValueError) as error:
        raise RefusedError(400, "address_refused", f"upload_url: cannot be fetched ({type(error).__name__})") from None
    return File(printable(parts.path), bytes(data))
