"""Addresses of cameras and receivers: what of them may be seen, and whom to trust there."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from platelight.events.errors import EventsError

_LONGEST_SHOWN = 16


def shown(address: str) -> str:
    """An address that may be printed: without user, password, query and long parts of the path, which are often secrets."""
    if "://" not in address:
        return address
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return address.partition("://")[0] + "://…"
    path = "/".join(piece[:4] + "…" if len(piece) > _LONGEST_SHOWN and re.search(r"\d", piece) else piece for piece in parts.path.split("/"))
    return f"{parts.scheme}://{host}{path}" + ("?…" if parts.query else "")


def tls_context(ca: str | Path | None, name: str) -> ssl.SSLContext:
    """Trusts the system's certificate authorities, or those in the file `ca` alone. Raises `EventsError`."""
    try:
        return ssl.create_default_context(cafile=None if ca is None else str(ca))
    except OSError as error:  # ssl.SSLError among them
        raise EventsError(f"{name}: the certificates in {ca} cannot be used ({error.strerror or error})") from None
