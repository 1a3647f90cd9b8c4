"""Looking a host's name up before FFmpeg does, which waits for it without a limit and does not say that it failed."""

from __future__ import annotations

import os
import re
import socket
import threading

from platelight.video.address import Address, host_of
from platelight.video.errors import VideoError


def check_host(address: Address, timeout_s: float) -> None:
    """Raise `VideoError` if the host's name is not known, or not found out in time."""
    host = host_of(address.text)
    if not host or re.fullmatch(r"[\d.]+|\[.*\]", host) or (address.scheme.startswith("http") and _has_proxy()):
        return
    found: list[str] = []

    def look_up() -> None:
        try:
            socket.getaddrinfo(host, None)
            found.append("")
        except (OSError, UnicodeError) as error:
            found.append(f"the host {host!r} is not known ({getattr(error, 'strerror', None) or 'not a valid name'})")

    thread = threading.Thread(target=look_up, name=f"look up {host}", daemon=True)
    thread.start()
    thread.join(timeout_s)
    problem = found[0] if found else f"the host {host!r} was not found within {timeout_s:g} s"
    if problem:
        raise VideoError(f"{address.name}: {problem}")


def _has_proxy() -> bool:
    return any(os.environ.get(name) for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"))
