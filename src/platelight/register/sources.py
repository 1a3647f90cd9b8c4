"""Published files as text: opened plain or packed (ZIP, gzip), their encoding and delimiter found by looking."""

from __future__ import annotations

import codecs
import csv
import gzip
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from platelight.register.errors import RegisterError
from platelight.signatures import looks_like

BLOCK = 1 << 20
"""Bytes read at once."""

DELIMITERS = (";", ",", "\t", "|")
_SPOTS = 16
_LOOKED_AT = 1 << 16
_GZIP = b"\x1f\x8b"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_HIGH = re.compile(rb"[\x80-\xff]+")
_HIGH_TEXT = re.compile(r"[^\x00-\x7f]+")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a"))
_CONTINUATION = bytes(range(0x80, 0xC0))


@dataclass(frozen=True, slots=True)
class Source:
    """One table: a file, or one member of a ZIP archive. `size` bytes in all, as they are counted by `Text.position`."""

    path: Path
    member: str | None
    size: int

    @property
    def name(self) -> str:
        return str(self.path) if self.member is None else f"{self.path}:{self.member}"


@dataclass(slots=True)
class Text:
    """A source being read: its decoded blocks, how far the reading has come, and characters that were wrong in the encoding so far."""

    encoding: str
    blocks: Iterator[str]
    position: Callable[[], int]
    undecodable: int = 0


def find_sources(path: Path) -> list[Source]:
    """The tables in a file: itself, or the CSV and text files in a ZIP archive. Raises OSError, RegisterError."""
    size = path.stat().st_size
    if size == 0:
        raise RegisterError(f"{path}: the file is empty")
    with path.open("rb") as file:
        head = file.read(4)
    if head != b"PK\x03\x04":
        return [Source(path, None, size)]
    try:
        with zipfile.ZipFile(path) as archive:
            tables = [entry for entry in archive.infolist() if _is_table(entry.filename)]
    except zipfile.BadZipFile as error:
        raise RegisterError(f"{path}: a damaged ZIP archive ({error})") from None
    if not tables:
        raise RegisterError(f"{path}: a ZIP archive without a CSV file; an Excel sheet has to be saved as CSV first")
    return [Source(path, entry.filename, entry.file_size) for entry in tables]


def _is_table(name: str) -> bool:
    """Whether a member of an archive is a table by its name; `._2019.csv` is what a Mac puts beside `2019.csv`."""
    return name.lower().endswith((".csv", ".txt", ".tsv")) and not name.rpartition("/")[2].startswith("._")


@contextmanager
def open_text(source: Source, encoding: str | None = None) -> Iterator[Text]:
    """The source decoded block by block; bytes that are wrong in the encoding become U+FFFD, NUL bytes are left out.

    `encoding` None: found from its first bytes and, in a plain file, from samples of the rest. Raises OSError, RegisterError.
    """
    with ExitStack() as stack:
        binary, position = _opened(source, stack)
        head = _read(source, binary)
        if not head:
            raise RegisterError(f"{source.name}: the file is empty")
        found = encoding or detect_encoding(head, _samples(source))
        text = Text(found, iter(()), position)
        text.blocks = _decoded(source, head, binary, text)
        yield text


def _opened(source: Source, stack: ExitStack) -> tuple[IO[bytes], Callable[[], int]]:
    if source.member is not None:
        try:
            member = stack.enter_context(stack.enter_context(zipfile.ZipFile(source.path)).open(source.member))
        except (NotImplementedError, RuntimeError, zipfile.BadZipFile) as error:  # packed in an unknown way, with a password, damaged
            raise RegisterError(f"{source.name}: {error}") from None
        return member, member.tell
    file = stack.enter_context(source.path.open("rb"))
    packed = file.read(2) == _GZIP
    file.seek(0)
    return (cast(IO[bytes], stack.enter_context(gzip.GzipFile(fileobj=file))) if packed else file), file.tell


def _read(source: Source, binary: IO[bytes]) -> bytes:
    try:
        return binary.read(BLOCK)
    except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise RegisterError(f"{source.name}: the archive is damaged or cut off ({error})") from None
    except OSError as error:
        raise OSError(error.errno, error.strerror, source.name) from None


def _samples(source: Source) -> list[bytes]:
    """Bytes from further on in a plain file: its head may hold no letter beyond ASCII."""
    if source.member is not None or source.size <= BLOCK:
        return []
    samples = []
    with source.path.open("rb") as file:
        if file.read(2) == _GZIP:
            return []
        for spot in range(1, _SPOTS + 1):
            file.seek(source.size * spot // (_SPOTS + 1))
            samples.append(file.read(_LOOKED_AT // _SPOTS))
    return samples


def detect_encoding(head: bytes, samples: Sequence[bytes] = ()) -> str:
    """UTF-8 (with or without a mark), UTF-16 or UTF-32 with one, Windows-1251, or Windows-1252 where high bytes stand alone.

    `head`: the first bytes, all of them where there are few; `samples`: others, cut anywhere.
    """
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    head = head[:_LOOKED_AT]
    good = bad = 0
    for sample in (head, *samples):
        text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample.lstrip(_CONTINUATION), final=sample is head and len(head) < _LOOKED_AT)
        wrong = text.count("\ufffd")
        bad += wrong
        good += len(text) - len(_HIGH_TEXT.sub("", text)) - wrong
    if bad == 0 or good > 10 * bad:
        return "utf-8"
    runs = [len(run) for sample in (head, *samples) for run in _HIGH.findall(sample)]
    return "cp1251" if sum(runs) > 1.5 * len(runs) else "cp1252"


def detect_delimiter(line: str) -> str:
    """The character of `;`, `,`, tab and `|` that divides a header line into most fields, quoted ones kept whole."""
    counts = {mark: len(next(csv.reader([line[:_LOOKED_AT]], delimiter=mark), [])) for mark in DELIMITERS}
    return max(DELIMITERS, key=lambda mark: counts[mark])


def _decoded(source: Source, head: bytes, binary: IO[bytes], text: Text) -> Iterator[str]:
    encoding = codecs.lookup(text.encoding).name
    if not encoding.startswith(("utf-16", "utf-32")) and len(head) - len(head.translate(None, _CONTROLS)) > len(head) // 20:
        raise RegisterError(f"{source.name}: not a text file: {looks_like(head)}")
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    block = head
    while True:
        decoded = decoder.decode(block, final=not block)
        text.undecodable += decoded.count("\ufffd")
        yield decoded.replace("\0", "") if "\0" in decoded else decoded
        if not block:
            return
        block = _read(source, binary)
