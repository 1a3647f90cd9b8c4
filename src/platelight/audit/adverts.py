"""A CSV file of adverts to adverts: columns found by name or by a mapping, encoding and separator found by looking."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, get_args

from platelight.audit.records import Advert
from platelight.register.records import FIELDS, Claim
from platelight.register.sources import detect_delimiter, detect_encoding

Meaning = Literal["id", "photo", "make", "model", "year", "color", "title", "url"]
MEANINGS: tuple[str, ...] = get_args(Meaning)

NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "advert", "advertid", "adid", "listingid", "айді", "номероголошення"),
    "photo": ("photo", "photos", "image", "images", "picture", "pictures", "file", "files", "path", "фото", "зображення"),
    "make": ("make", "brand", "manufacturer", "марка"),
    "model": ("model", "модель"),
    "year": ("year", "makeyear", "modelyear", "рік", "ріквипуску", "год", "годвыпуска"),
    "color": ("color", "colour", "колір", "цвет"),
    "title": ("title", "headline", "заголовок", "назва"),
    "url": ("url", "link", "href", "посилання"),
}
"""What a column may be called where no mapping says so: without case, spaces, `_`, `-` and a number at the end."""

PHOTO_SEPARATOR = ";"
YEAR = re.compile(r"(?<!\d)(?:18|19|20|21)\d\d(?!\d)")
MAX_FIELD = 10_000_000


class AdvertsError(ValueError):
    """A list of adverts that cannot be used; the message names the file and the cause."""


def load(
    path: Path, mapping: dict[str, list[str]] | None = None, photos: Path | None = None, encoding: str | None = None,
    delimiter: str | None = None, note: Callable[[str], None] = lambda message: None, inform: Callable[[str], None] = lambda message: None,
) -> list[Advert]:  # fmt: skip
    """The adverts of a CSV file in their order; rows of one id become one advert with all their photos.

    `mapping` gives columns for meanings (`{"photo": ["front", "rear"]}`); what it leaves out is found by name. Photo paths are
    relative to `photos`, or else to the file's folder. Rows that cannot be used are told to `note`, and to `inform` the encoding
    where it was guessed. Raises `AdvertsError`.
    """
    text, used = _text(path, encoding)
    if encoding is None and not used.startswith("utf"):
        inform(f"{path}: not UTF-8, read as {used} (--encoding names another)")
    csv.field_size_limit(MAX_FIELD)
    text = text.lstrip("\ufeff")
    mark = delimiter or _delimiter(path, text)
    _check_quotes(path, text, mark)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        header = next(rows)
        columns = _columns(path, header, mapping or {})
        return _joined(path, _rows(path, rows, header, columns, photos or path.parent, note))
    except csv.Error as error:
        raise AdvertsError(f"{path}, line {rows.line_num}: not a readable CSV file ({error})") from None


def parse_mapping(text: str | None) -> dict[str, list[str]]:
    """`id=ad,photo=front,photo=rear` as `{"id": ["ad"], "photo": ["front", "rear"]}`. Raises ValueError."""
    mapping: dict[str, list[str]] = {}
    for part in filter(None, (part.strip() for part in (text or "").split(","))):
        meaning, equals, column = (piece.strip() for piece in part.partition("="))
        meaning = "color" if meaning == "colour" else meaning
        if not equals or not column:
            raise ValueError(f"{part!r} is no pair such as make=brand")
        if meaning not in MEANINGS:
            raise ValueError(f"{meaning!r} is not one of {', '.join(MEANINGS)}")
        if meaning in mapping and meaning != "photo":
            raise ValueError(f"{meaning} is given twice; only photo may have several columns")
        mapping.setdefault(meaning, []).append(column)
    return mapping


def _text(path: Path, encoding: str | None) -> tuple[str, str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AdvertsError(f"{path}: cannot be read ({error.strerror or error})") from None
    if not data.strip():
        raise AdvertsError(f"{path}: the file is empty")
    if data.startswith((b"PK\x03\x04", b"PAR1", b"\x1f\x8b")):
        raise AdvertsError(f"{path}: a spreadsheet, an archive or Parquet, not a CSV file; save the table as CSV")
    found = encoding or detect_encoding(data)
    if not found.startswith("utf-16") and not found.startswith("utf-32") and b"\0" in data:
        raise AdvertsError(f"{path}: not a text file (it holds zero bytes); save the table as CSV")
    try:
        return data.decode(found), found
    except LookupError:
        raise AdvertsError(f"{path}: there is no encoding {found!r}; try utf-8 or cp1251") from None
    except UnicodeError as error:
        raise AdvertsError(f"{path}: not text in {found} ({error}); --encoding names another") from None


def _delimiter(path: Path, text: str) -> str:
    first = text.lstrip("\r\n").splitlines()[0]
    found = detect_delimiter(first)
    if found not in first:
        raise AdvertsError(f"{path}: its first line holds one column only; a comma, semicolon, tab or | must stand between the columns")
    return found


def _check_quotes(path: Path, text: str, delimiter: str) -> None:
    """A quote that is never closed would swallow all rows after it without a word."""
    rows, good = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 0
    try:
        for _ in rows:
            good = rows.line_num
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise AdvertsError(f"{path}, line {good + 1}: a quote is opened and never closed") from None


def _columns(path: Path, header: Sequence[str], mapping: dict[str, list[str]]) -> dict[str, list[int]]:
    """Meaning to the places of its columns."""
    found: dict[str, list[int]] = {}
    for meaning in MEANINGS:
        if meaning in mapping:
            found[meaning] = [place for column in mapping[meaning] for place in _named(path, header, meaning, column)]
        else:
            taken = {_plain(column) for columns in mapping.values() for column in columns}
            places = [place for place, name in enumerate(header) if _plain(name) not in taken and _stem(name) in NAMES[meaning]]
            found[meaning] = places if meaning == "photo" else places[:1]
    for needed in ("id", "photo"):
        if not found[needed]:
            raise AdvertsError(f"{path}: no column for {needed}; its columns are {_listed(header)} (--map {needed}=COLUMN names it)")
    return found


def _named(path: Path, header: Sequence[str], meaning: str, column: str) -> list[int]:
    places = [place for place, name in enumerate(header) if _plain(name) == _plain(column)]
    if not places:
        raise AdvertsError(f"{path}: --map {meaning}={column}: there is no such column; its columns are {_listed(header)}")
    return places if meaning == "photo" else places[:1]


def _listed(header: Sequence[str]) -> str:
    return ", ".join(name.strip() or "(no name)" for name in header[:30])


def _plain(name: str) -> str:
    return name.strip().casefold()


def _stem(name: str) -> str:
    return re.sub(r"[\s_\-.]+|\d+\s*$", "", _plain(name))


def _rows(path: Path, rows: Any, header: list[str], columns: dict[str, list[int]], folder: Path, note: Callable[[str], None]) -> Iterator[Advert]:
    used = {place for places in columns.values() for place in places}
    extra = [place for place in range(len(header)) if place not in used and header[place].strip()]
    before = rows.line_num
    for row in rows:
        line, before = before + 1, rows.line_num
        if not any(cell.strip() for cell in row):
            continue
        if any(cell.strip() for cell in row[len(header) :]):
            note(f"{path}, line {line}: {len(row)} cells where the first line names {len(header)}, row left out")
            continue
        cells = {meaning: _cells(row, places) for meaning, places in columns.items()}
        if not cells["id"]:
            note(f"{path}, line {line}: no id, row left out")
            continue
        yield _advert(cells, {header[place].strip(): row[place] for place in extra if place < len(row)}, folder, line)


def _cells(row: list[str], places: list[int]) -> list[str]:
    return [row[place].strip() for place in places if place < len(row) and row[place].strip()]


def _advert(cells: dict[str, list[str]], extra: dict[str, str], folder: Path, line: int) -> Advert:
    names = [name.strip() for cell in cells["photo"] for name in cell.split(PHOTO_SEPARATOR) if name.strip()]
    first = {meaning: values[0] if values else None for meaning, values in cells.items()}
    year = year_of(first["year"])
    claim = Claim(first["make"], first["model"], year, first["color"])
    note = () if year is not None or first["year"] is None else (f"the claimed year {first['year']!r} is no year",)
    photos = tuple(name if "://" in name else str(folder / name) for name in names)
    return Advert(first["id"] or "", photos, tuple(names), claim, line, first["year"], first["title"], first["url"], extra, note)


def year_of(text: str | None) -> int | None:
    """The year in `2015`, `2015.0`, `03.2015`, `2015 р.`; None where there is none or there are several."""
    years = set(YEAR.findall(text or ""))
    return int(years.pop()) if len(years) == 1 else None


def _joined(path: Path, rows: Iterator[Advert]) -> list[Advert]:
    adverts: dict[str, Advert] = {}
    for row in rows:
        known = adverts.get(row.id)
        adverts[row.id] = row if known is None else _merged(known, row)
    if not adverts:
        raise AdvertsError(f"{path}: no adverts in it")
    return list(adverts.values())


def _merged(first: Advert, more: Advert) -> Advert:
    """One advert of two rows: photos of both, each once; what the first leaves empty comes from the second."""
    photos = dict(zip(first.photos + more.photos, first.photo_names + more.photo_names, strict=True))
    notes = [*first.notes, *more.notes]
    old, new = first.claim, more.claim
    for name in FIELDS:
        said, also = getattr(old, name), getattr(new, name)
        if said is not None and also is not None and said != also:
            notes.append(f"line {more.line} claims the {name} {also}, line {first.line} {said}: the first counts")
    claim = Claim(old.make or new.make, old.model or new.model, new.year if old.year is None else old.year, old.color or new.color)
    return replace(
        first, photos=tuple(photos), photo_names=tuple(photos.values()), claim=claim, year_text=first.year_text or more.year_text,
        title=first.title or more.title, url=first.url or more.url, notes=tuple(dict.fromkeys(notes)),
        extra=more.extra | {name: value for name, value in first.extra.items() if value},
    )  # fmt: skip
