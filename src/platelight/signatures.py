"""What the first bytes of a file say it is, and how much work it asks for, before any decoder is trusted with it."""

from __future__ import annotations

HEAD = 512
"""Bytes that are looked at to tell text from the rest."""

_SIGNATURES = (
    (b"%PDF", "it looks like a PDF document"), (b"%!PS", "it looks like a PostScript document"), (b"PK\x03\x04", "it looks like a ZIP archive"),
    (b"\x1f\x8b", "it looks like a gzip archive"), (b"\x1aE\xdf\xa3", "it looks like a Matroska or WebM video"),
    (b"\xff\xd8\xff", "it begins like a JPEG but its header is broken"), (b"\x89PNG", "it begins like a PNG but its header is broken"),
    (b"GIF8", "it begins like a GIF but its header is broken"),
    (b"II*\x00", "it begins like a TIFF but is broken or of a kind that cannot be read here"),
    (b"MM\x00*", "it begins like a TIFF but is broken or of a kind that cannot be read here"),
)  # fmt: skip

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_START_OF_SCAN = tuple(b"\xff\xda\x00" + bytes((6 + 2 * components, components)) for components in range(1, 5))

_SCAN, _SEQUENTIAL = 0xDA, (0xC0, 0xC1)
_SKIPPED = frozenset({0xC4, 0xDB, 0xDD, 0xFE, *range(0xE0, 0xF0)})  # tables, restarts, comments, and what programs add


def looks_like(data: bytes) -> str:
    """One clause saying what `data` seems to be instead of a picture."""
    for signature, answer in _SIGNATURES:
        if data.startswith(signature):
            return answer
    head = data[:HEAD]
    if head.startswith(b"RIFF"):
        return "it begins like a WebP but its header is broken" if head[8:12] == b"WEBP" else "it looks like an AVI or WAV file"
    if head[4:8] == b"ftyp":
        return "it begins like an AVIF but is broken" if head[8:12] in _AVIF_BRANDS else "it looks like an MP4 or QuickTime video"
    if not any(head):
        return "it holds only zero bytes"
    text = head.lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head")):
        return "it looks like a web page"
    if text.startswith((b"<?xml", b"<svg")):
        return "it looks like XML or SVG"
    printable = sum(byte in b"\t\n\r" or 32 <= byte < 127 or byte >= 128 for byte in head)
    return "it looks like a text file" if printable == len(head) and _is_utf8(head) else "its kind is not known"


def is_heic(data: bytes) -> bool:
    """Whether this is a HEIC picture, the usual one of iPhones."""
    return data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS


def is_plain_pnm(data: bytes) -> bool:
    """Whether this is a PBM, PGM or PPM whose pixels are written as decimal numbers."""
    return data[:2] in (b"P1", b"P2", b"P3")


def count_scans(data: bytes) -> int:
    """How many times the decoder goes over the whole picture: the scans of a JPEG, else 1."""
    if not data.startswith(b"\xff\xd8") or _is_one_scan(data):
        return 1
    return sum(data.count(start) for start in _START_OF_SCAN)


def _is_one_scan(data: bytes) -> bool:
    """Whether a JPEG's header says that its first scan holds everything, as nearly all do; decoders accept no second one then."""
    place, components = 2, 0
    while data[place : place + 1] == b"\xff" and place + 10 <= len(data):
        marker = data[place + 1]
        if marker == _SCAN:
            return data[place + 4] == components > 0
        if marker in _SEQUENTIAL:
            components = data[place + 9]
        elif marker not in _SKIPPED:
            return False
        place += 2 + int.from_bytes(data[place + 2 : place + 4])
    return False


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > HEAD - 4  # the cut may fall inside a character
    return True
