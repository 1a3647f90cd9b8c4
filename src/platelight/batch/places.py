"""Where photos lie: relative to a root, in files or at addresses such as s3://bucket/a.jpg; the standard library alone until asked for."""

from __future__ import annotations

import os
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

ARROW = frozenset({"s3", "gs", "gcs", "hdfs", "abfs", "abfss"})
"""Addresses that pyarrow fetches from; of others fsspec knows many, where it is installed."""


class PlaceError(ValueError):
    """An address that nothing could be fetched from; the message names it and the cause."""


def as_text(path: str) -> str:
    """A path that is valid Unicode. A file name of other bytes becomes a file:// address, which names it all the same."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return Path(os.path.abspath(path)).as_uri()  # noqa: PTH100 - Path.absolute keeps the ..
    return path


def whole(root: str | Path) -> str:
    """A root that does not depend on the current folder."""
    return str(root) if is_address(str(root)) else os.path.abspath(root)  # noqa: PTH100 - as above


def join(root: str, path: str) -> str:
    """`path` as it is opened: addresses and absolute paths as they stand, others below `root`."""
    if not path or is_address(path):
        return path
    return f"{root.rstrip('/')}/{path.lstrip('/')}" if is_address(root) else str(Path(root) / path)


def is_address(path: str) -> bool:
    return "://" in path


def source(place: str) -> str | bytes:
    """What to give to the reader: a path as it is, the content of an address. Raises `PlaceError`."""
    if not is_address(place):
        return place
    parts = urlsplit(place)
    if parts.scheme == "file":
        return os.fsdecode(unquote_to_bytes(parts.path))
    return _fetched(place)


def _fetched(address: str) -> bytes:
    from platelight.images import MAX_BYTES

    try:
        system, path = _found(address)
        with system.open(path, "rb") if hasattr(system, "open") else system.open_input_stream(path) as stream:
            data: bytes = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise PlaceError(f"{address}: no such file") from None
    except ImportError as error:
        raise PlaceError(f"{address}: needs the package {error.name or error}, which is not installed") from None
    except Exception as error:  # every kind of storage has its own errors
        cause = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise PlaceError(f"{address}: cannot be fetched ({cause})") from None
    if len(data) > MAX_BYTES:
        raise PlaceError(f"{address}: too large, the limit is {MAX_BYTES / 1e6:.0f} MB")
    return data


def _found(address: str) -> tuple[Any, str]:
    """The storage, and the path in it. Names are taken literally: in a bucket, % ? and # are letters like others."""
    scheme, _, rest = address.partition("://")
    if scheme not in ARROW:
        system, path = import_module("fsspec.core").url_to_fs(address)
        return system, str(path)
    bucket, _, key = rest.partition("/")
    system, root = _bucket(f"{scheme}://{bucket}")
    return system, f"{root}/{key}"


@lru_cache(maxsize=64)
def _bucket(address: str) -> tuple[Any, str]:
    """Opening a bucket may ask the network for its region: once is enough."""
    from pyarrow.fs import FileSystem

    system, root = FileSystem.from_uri(address)
    return system, str(root).rstrip("/")
