"""Requests taken apart: pictures and options, from a form, from JSON or from the body itself, in memory and within limits."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from platelight.serve.errors import RefusedError
from platelight.serve.settings import Limits

MAX_FIELDS = 64
LONGEST_NAME = 255

MOST_ESCAPES, MOST_VALUES = 1_000_000, 2_000
"""Bounds of a form's %-escapes and of a JSON text's quotes and commas. A text of a few megabytes made of nothing else would take gigabytes
when taken apart; a picture in base64 has no quotes and commas, and escapes for one character in thirty."""


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded picture; `name` is what the client calls it, made safe to print."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Upload:
    """What a request holds: files by field, and texts by field, both in order."""

    files: list[tuple[str, File]] = field(default_factory=list)
    fields: dict[str, list[str]] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """The last value of a field, None where it is absent or empty."""
        return next((value for value in reversed(self.fields.get(name, [])) if value.strip()), None)


async def receive(request: Request, limits: Limits, raw: bool = False) -> Upload:
    """The upload of `request`. With `raw`, a body that is no form is one picture; otherwise it may be JSON. Raises `RefusedError`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        async with asyncio.timeout(limits.upload_s):
            if kind == "multipart/form-data":
                return await _multipart(request, limits)
            if raw:
                return _body(await _all(request))
            if kind == "application/x-www-form-urlencoded":
                return await asyncio.to_thread(_urlencoded, await _all(request))
            if kind == "application/json":
                return await asyncio.to_thread(_json, await _all(request))
    except ClientDisconnect:
        raise RefusedError(499, "gone", "the client went away during its upload") from None
    except TimeoutError:
        raise RefusedError(408, "slow_upload", f"the upload was not complete within {limits.upload_s:g} s") from None
    raise RefusedError(415, "unsupported_type", "send multipart/form-data with a file")


async def _multipart(request: Request, limits: Limits) -> Upload:
    parser = MultiPartParser(request.headers, request.stream(), max_files=limits.files, max_fields=MAX_FIELDS, max_part_size=limits.body_bytes)
    parser.spool_max_size = limits.body_bytes + 1  # no picture ever touches the disk
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise RefusedError(*_too_many(error.message), error.message) from None
    except (ValueError, KeyError, TypeError) as error:  # what the parser trips over in a malformed form
        raise RefusedError(400, "malformed_form", f"the form cannot be taken apart ({type(error).__name__})") from None
    return await _sorted(form)


def _too_many(message: str) -> tuple[int, str]:
    return (413, "too_large") if message.startswith(("Too many", "Part exceeded")) else (400, "malformed_form")


async def _sorted(form: FormData) -> Upload:
    upload = Upload()
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            upload.files.append((name, File(printable(value.filename or name), await value.read())))
            await value.close()
        else:
            upload.fields.setdefault(name, []).append(_sendable(value))
    return upload


async def _all(request: Request) -> bytes:
    chunks: AsyncGenerator[bytes, None] = request.stream()
    return b"".join([chunk async for chunk in chunks])


def _urlencoded(data: bytes) -> Upload:
    if data.count(b"%") > MOST_ESCAPES:
        raise RefusedError(400, "malformed_form", "the form has too many escapes; send multipart/form-data")
    upload = Upload()
    try:
        for name, value in parse_qsl(data.decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS):
            upload.fields.setdefault(name, []).append(value)
    except ValueError:  # not ASCII, or too many
        raise RefusedError(400, "malformed_form", f"the form cannot be taken apart, or has more than {MAX_FIELDS} fields") from None
    return upload


def _body(data: bytes) -> Upload:
    return Upload([("body", File("body", data))] if data else [])


def _json(data: bytes) -> Upload:
    if data.count(b'"') + data.count(b",") > MOST_VALUES:
        raise RefusedError(400, "malformed_json", "the body holds too many values")
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        raise RefusedError(400, "malformed_json", "the body is not JSON") from None
    if not isinstance(values, dict):
        raise RefusedError(400, "malformed_json", "the body must be a JSON object")
    upload = Upload()
    for name, value in values.items():
        items = value if isinstance(value, list) else [value]
        upload.fields[name] = [_sendable(item) if isinstance(item, str) else json.dumps(item) for item in items if item is not None]
    return upload


def _sendable(text: str) -> str:
    """The text without halves of characters, which JSON and some charsets can hold and no answer can."""
    return text.encode("utf-8", "replace").decode("utf-8")


def from_base64(text: str, name: str) -> File:
    """A picture sent as text, with or without `data:image/...;base64,` before it. Raises `RefusedError`."""
    head, comma, rest = text.partition(",")
    coded = rest if comma and head.startswith("data:") else text
    try:
        return File(name, base64.b64decode("".join(coded.split()), validate=True))
    except (binascii.Error, ValueError):
        raise RefusedError(400, "malformed_base64", f"{name}: neither a file nor a base64 text") from None


def printable(name: str) -> str:
    """The last part of a client's file name, without what would break a line or a JSON text."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(character if character.isprintable() else "?" for character in last)[:LONGEST_NAME] or "unnamed"
