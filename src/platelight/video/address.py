"""Where a video comes from, and how to name it without giving its passwords away."""

from __future__ import annotations

import os
import re
import stat
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import unquote_plus

from platelight.signatures import HEAD, looks_like
from platelight.video.errors import VideoError

Kind = Literal["file", "device", "stream"]

HIDDEN = "***"
"""What stands in place of a password."""

RECORDINGS = frozenset((
    ".3gp", ".asf", ".avi", ".flv", ".gif", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".ts", ".webm", ".wmv",
))  # fmt: skip
"""Ends of an http address that make it a recording, read from start to end; every other http address is a live stream."""

_HARMLESS = frozenset(
    "action audio cam camera camid channel ch codec compression format fps framerate h height id index inst mode overlay proto "
    "profile quality res resolution rotation size stream streamtype subtype transportmode type unicast video videocodec w width".split()
)
_ADDRESS = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+)://(.*)$", re.DOTALL)
_PAIR = re.compile(r"([^?&;/#=]+)=([^?&;/#]*)")


@dataclass(frozen=True, slots=True)
class Address:
    """A source told apart. `text` is what opens it and may hold passwords, so it is not printed; `name` may be shown."""

    text: str = field(repr=False)
    name: str
    kind: Kind
    scheme: str = ""

    @property
    def live(self) -> bool:
        """Whether it goes on by itself: devices, and all streams but recordings that lie on a web server."""
        if self.kind == "file":
            return False
        path = re.split(r"[?#]", self.text)[0]
        return not (self.scheme in ("http", "https", "ftp") and Path(path).suffix.lower() in RECORDINGS)


def parse(source: str) -> Address:
    """Tell file, device and stream apart: a number is a camera of this machine, `scheme://` a stream, all else a file."""
    text = os.fspath(source)
    if not text:
        raise VideoError("a video's path or address is empty")
    match = _ADDRESS.match(text)
    if match and match[1].lower() != "file":
        _check_authority(text, match[1].lower())
        return Address(text, masked(text), "stream", match[1].lower())
    if match:
        text = match[2]
    if text.isdigit():
        return Address(f"/dev/video{text}" if sys.platform.startswith("linux") else text, f"camera {text}", "device")
    return Address(text, text, "device" if text.startswith("/dev/video") else "file")


def masked(address: str) -> str:
    """The address with everything hidden that may be a secret: the password (and a user without one), and all values in path and
    query but those known to be harmless, such as `channel=1`."""
    match = _ADDRESS.match(address)
    if not match:
        return address
    login, rest = _split_login(match[2])
    if login is not None:
        user, colon, _ = login.partition(":")
        shown = f"{user}:{HIDDEN}" if colon else HIDDEN if login else ""
        rest = f"{shown}@{rest}"
    host, path = re.match(r"([^/?#]*)(.*)", rest, re.DOTALL).groups()  # type: ignore[union-attr]
    return f"{match[1]}://{host}{_PAIR.sub(_hide_value, path)}"


def secrets_of(address: str) -> list[str]:
    """The passwords in an address, as written and decoded, longest first."""
    match = _ADDRESS.match(address)
    if not match:
        return []
    login, rest = _split_login(match[2])
    found = [login.partition(":")[2] or login] if login else []
    found += [value for key, value in _PAIR.findall(rest) if value and not _is_harmless(key)]
    return sorted({text for value in found for text in (value, unquote_plus(value)) if len(text) > 2}, key=len, reverse=True)


def host_of(address: str) -> str:
    """The host's name alone; empty where there is none."""
    match = _ADDRESS.match(address)
    if not match:
        return ""
    authority = re.split(r"[/?#]", _split_login(match[2])[1], maxsplit=1)[0]
    return authority if authority.endswith("]") else re.sub(r":\d*$", "", authority)


def check_file(address: Address) -> None:
    """Raise `VideoError` for what is no file that can be read, with a better reason than a decoder gives."""
    path, name = Path(address.text), address.name
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise VideoError(f"{name}: is a folder, not a video")
        if stat.S_ISREG(found.st_mode):
            with path.open("rb") as file:
                if not file.read(1):
                    raise VideoError(f"{name}: the file is empty")
        elif address.kind == "file" and not stat.S_ISFIFO(found.st_mode):
            raise VideoError(f"{name}: is no file")
    except FileNotFoundError:
        raise VideoError(f"{name}: no such {'device' if address.kind == 'device' else 'file'}") from None
    except PermissionError:
        hint = " (is this user in the group 'video'?)" if address.kind == "device" else ""
        raise VideoError(f"{name}: no permission to read it{hint}") from None
    except (OSError, ValueError) as error:
        raise VideoError(f"{name}: cannot be read ({getattr(error, 'strerror', None) or error})") from None


def what_it_is(address: Address) -> str:
    """One clause saying what a file seems to be instead of a video."""
    try:
        with Path(address.text).open("rb") as file:
            head = file.read(HEAD)
    except OSError:
        return "its kind is not known"
    seems = looks_like(head)
    return f"{seems}, but is broken or cut off" if "video" in seems or "AVI" in seems else seems


def _split_login(rest: str) -> tuple[str | None, str]:
    """`user:password` and what follows the @. A password may hold / ? # or @ though it should not: shown is rather too little."""
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        login, _, host = authority.rpartition("@")
        return login, host + rest[len(authority) :]
    user, colon, port = authority.partition(":")
    looks_like_host = "." in user or user == "localhost" or user.startswith("[")
    if colon and "@" in rest and not (port.isdigit() and looks_like_host):
        login, _, after = rest.rpartition("@")
        return login, after
    return None, rest


def _check_authority(address: str, scheme: str) -> None:
    host = host_of(address)
    if scheme in ("rtsp", "rtsps", "http", "https", "rtmp") and not host:
        raise VideoError(f"{masked(address)}: the address names no host")
    authority = re.split(r"[/?#]", _split_login(_ADDRESS.match(address)[2])[1], maxsplit=1)[0]  # type: ignore[index]
    port = authority.removeprefix(host).removeprefix(":") if not authority.endswith("]") else ""
    if ":" in host.strip("[]") and not host.startswith("["):
        raise VideoError(f"{masked(address)}: {host.partition(':')[2]!r} is no port")
    if port and not 0 < int(port) < 65536:
        raise VideoError(f"{masked(address)}: {port} is no port, they end at 65535")


def _is_harmless(key: str) -> bool:
    return unquote_plus(key).strip().lower() in _HARMLESS


def _hide_value(match: re.Match[str]) -> str:
    key, value = match.groups()
    return match[0] if _is_harmless(key) or not value else f"{key}={HIDDEN}"
