"""Read and check template files. An error names the file, the type and the field."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from platelight.records import ALPHABET
from platelight.templates import compiled
from platelight.templates.model import MARKS, Band, Choice, Element, Mark, Slot, Template

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CHARSETS = {"L": LETTERS, "9": "0123456789", "N": "123456789", "V": LETTERS + "0123456789"}
FACES = ("fe", "din", "uk", "fr", "it", "us", "br", "su", "generic")
SIDES = ("left", "right", "top", "bottom")
VEHICLES = ("car", "motorcycle", "truck", "trailer", "any")
ARTS = ("", "sky", "hills", "stripes", "fade", "sun", "waves", "forest", "map")
FLAGS = ("", "eu", "stars", "tricolour-vertical", "tricolour-horizontal", "bicolour", "cross", "disc", "crest")
COLOURS = {
    "white": "#f4f4f0", "black": "#141414", "yellow": "#f2c318", "blue": "#10389c", "red": "#c01820", "green": "#10713a",
    "silver": "#b9bcbf", "grey": "#7d8083", "orange": "#e8841a", "brown": "#5a3a22", "cream": "#efe6c4", "lightblue": "#a8cfe8",
    "lightgreen": "#b8dfae", "pink": "#e7b3c0", "purple": "#5a2d82", "gold": "#c9a13b", "maroon": "#6d1523", "none": "",
}  # fmt: skip
REQUIRED = {"id": str, "name": str, "lines": list, "size_mm": list, "face": str, "source": str}
OPTIONAL = {
    "years": list, "vehicle": str, "region": str, "ground": str, "ink": str, "border": str, "art": str, "bands": list,
    "caption_top": str, "caption_bottom": str, "frequency": (int, float), "charsets": dict, "lists": dict,
}  # fmt: skip
TOP_LEVEL = {"country", "name", "charsets", "lists", "type", "notes"}


class TemplateError(ValueError):
    """A template file that cannot be used; the message names file, type and field."""


@lru_cache(maxsize=1)
def load() -> tuple[Template, ...]:
    """All templates of the package, ordered by country and then as written in the file."""
    known = compiled.read()
    return tuple(template for path in sorted(Path(__file__).parent.glob("*.toml")) for template in _country(path, known.get(path.stem)))


def _country(path: Path, entry: dict[str, Any] | None) -> tuple[Template, ...]:
    """The templates of one file: as compiled, unless it was changed since."""
    if entry is None or entry["sha256"] != compiled.fingerprint(path.read_bytes()):
        return load_file(path)
    return compiled.build(entry)


def load_file(path: Path) -> tuple[Template, ...]:
    """The templates of one file. Raises TemplateError where anything is missing, unknown or contradictory."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TemplateError(f"{path.name}: not readable as TOML: {error}") from error
    unknown = set(data) - TOP_LEVEL
    if unknown:
        raise TemplateError(f"{path.name}: unknown key {sorted(unknown)[0]!r}")
    country = data.get("country")
    if not isinstance(country, str) or country != path.stem:
        raise TemplateError(f"{path.name}: country must be {path.stem!r} like the file name, got {country!r}")
    types = data.get("type")
    if not isinstance(types, list) or not types:
        raise TemplateError(f"{path.name}: no [[type]] given")
    templates = tuple(_Type(path.name, country, data, entry).build() for entry in types)
    ids = [template.id for template in templates]
    for name in ids:
        if ids.count(name) > 1:
            raise TemplateError(f"{path.name}: type {name!r}: id used twice")
    return templates


class _Type:
    """Builds one template; keeps the place for error messages."""

    def __init__(self, file: str, country: str, shared: dict[str, Any], entry: Any) -> None:
        if not isinstance(entry, dict):
            raise TemplateError(f"{file}: type '?': expected a table, got {entry!r}")
        self.file, self.country = file, country
        self.entry: dict[str, Any] = entry
        self.label = entry.get("id", "?")
        self.charsets: dict[str, str] = CHARSETS | self._table("charsets", shared) | self._table("charsets", entry)
        self.lists: dict[str, list[str]] = self._table("lists", shared) | self._table("lists", entry)

    def fail(self, field: str, why: str) -> TemplateError:
        return TemplateError(f"{self.file}: type {self.label!r}: {field}: {why}")

    def _table(self, field: str, holder: dict[str, Any]) -> dict[str, Any]:
        table = holder.get(field, {})
        if not isinstance(table, dict):
            raise self.fail(field, f"expected a table, got {table!r}")
        return table

    def build(self) -> Template:
        self._check_fields()
        entry = self.entry
        years, ink = entry.get("years", []), str(entry.get("ink", "black"))
        if len(years) > 2 or not all(isinstance(year, int) and 1890 <= year <= 2100 for year in years):
            raise self.fail("years", f"expected [first] or [first, last], got {years!r}")
        return Template(
            id=entry["id"], country=self.country, name=entry["name"], lines=self._lines(), patterns=tuple(entry["lines"]),
            size_mm=self._size(), face=self._one_of("face", entry["face"], FACES), source=self._source(),
            years=(years[0] if years else None, years[1] if len(years) > 1 else None),
            vehicle=self._one_of("vehicle", entry.get("vehicle", "car"), VEHICLES), region=entry.get("region"),
            ground=self._colour("ground", entry.get("ground", "white")), ink=self._colour("ink", ink),
            border=self._colour("border", entry.get("border", ink)), art=self._one_of("art", entry.get("art", ""), ARTS),
            bands=tuple(self._band(band) for band in entry.get("bands", [])),
            caption_top=entry.get("caption_top", ""), caption_bottom=entry.get("caption_bottom", ""), frequency=self._frequency(),
        )  # fmt: skip

    def _check_fields(self) -> None:
        for field, kind in REQUIRED.items():
            if field not in self.entry:
                raise self.fail(field, "missing")
            if not isinstance(self.entry[field], kind):
                raise self.fail(field, f"expected {kind.__name__}, got {self.entry[field]!r}")
        for field, value in self.entry.items():
            if field not in REQUIRED and field not in OPTIONAL:
                raise self.fail(field, "unknown field")
            if field in OPTIONAL and not isinstance(value, OPTIONAL[field]):  # type: ignore[arg-type]
                raise self.fail(field, f"wrong kind of value: {value!r}")
        if not self.entry["id"].startswith(f"{self.country}-"):
            raise self.fail("id", f"must start with '{self.country}-'")
        for name, chars in self.charsets.items():
            if len(name) != 1 or not isinstance(chars, str) or not chars or set(chars) - set(ALPHABET) or len(set(chars)) != len(chars):
                raise self.fail("charsets", f"{name!r} = {chars!r}: one-character name and distinct characters of {ALPHABET}")
        for name, texts in self.lists.items():
            if not isinstance(texts, list) or not texts or not all(isinstance(text, str) and text for text in texts):
                raise self.fail("lists", f"{name!r}: distinct, non-empty texts over {ALPHABET}")
            if set("".join(texts)) - set(ALPHABET) or len(set(texts)) != len(texts):
                raise self.fail("lists", f"{name!r}: distinct, non-empty texts over {ALPHABET}")

    def _size(self) -> tuple[float, float]:
        size = self.entry["size_mm"]
        if len(size) != 2 or not all(isinstance(value, (int, float)) and 50 <= value <= 1200 for value in size):
            raise self.fail("size_mm", f"expected [width, height] in millimetres, got {size!r}")
        return float(size[0]), float(size[1])

    def _source(self) -> str:
        source: str = self.entry["source"]
        if not source.strip():
            raise self.fail("source", "name a public source, or write 'unverified'")
        return source

    def _frequency(self) -> float:
        frequency = float(self.entry.get("frequency", 1.0))
        if not 0 < frequency <= 1000:
            raise self.fail("frequency", f"expected 0 to 1000, got {frequency!r}")
        return frequency

    def _one_of(self, field: str, value: str, allowed: tuple[str, ...]) -> str:
        if value not in allowed:
            raise self.fail(field, f"{value!r} is none of {', '.join(name or repr('') for name in allowed)}")
        return value

    def _colour(self, field: str, value: str) -> str:
        named = COLOURS.get(value, value)
        if named and not (len(named) == 7 and named[0] == "#" and all(digit in "0123456789abcdef" for digit in named[1:].lower())):
            raise self.fail(field, f"{value!r} is neither #rrggbb nor one of {', '.join(COLOURS)}")
        return named

    def _band(self, band: Any) -> Band:
        if not isinstance(band, dict) or not all(isinstance(value, str) for value in band.values()):
            raise self.fail("bands", f"expected tables of texts, got {band!r}")
        unknown = set(band) - {"side", "colour", "ink", "text", "flag"}
        if unknown:
            raise self.fail("bands", f"unknown key {sorted(unknown)[0]!r}")
        return Band(
            side=self._one_of("bands.side", band.get("side", "left"), SIDES), colour=self._colour("bands.colour", band.get("colour", "blue")),
            ink=self._colour("bands.ink", band.get("ink", "white")), text=band.get("text", ""), flag=self._one_of("bands.flag", band.get("flag", ""), FLAGS),
        )  # fmt: skip

    def _lines(self) -> tuple[tuple[Element, ...], ...]:
        patterns = self.entry["lines"]
        if not 1 <= len(patterns) <= 3 or not all(isinstance(pattern, str) for pattern in patterns):
            raise self.fail("lines", f"expected one to three patterns, got {patterns!r}")
        lines = tuple(self._pattern(pattern) for pattern in patterns)
        for pattern, line in zip(patterns, lines, strict=True):
            if all(isinstance(element, Mark) for element in line):
                raise self.fail("lines", f"{pattern!r} holds no character")
        return lines

    def _pattern(self, pattern: str) -> tuple[Element, ...]:
        elements: list[Element] = []
        rest = pattern
        while rest:
            head, rest = rest[0], rest[1:]
            if head == "?":
                if not elements or isinstance(elements[-1], Mark) or elements[-1].optional:
                    raise self.fail("lines", f"{pattern!r}: '?' must follow a character, a set or a list")
                last = elements.pop()
                elements.append(Slot(last.chars, True) if isinstance(last, Slot) else Choice(last.texts, True))  # type: ignore[union-attr]
            elif head in MARKS:
                elements.append(Mark(head))
            elif head in "{['":
                body, closing, rest = rest.partition({"{": "}", "[": "]", "'": "'"}[head])
                if not closing or not body:
                    raise self.fail("lines", f"{pattern!r}: {head} is not closed or is empty")
                elements.append(self._group(pattern, head, body))
            elif head in self.charsets:
                elements.append(Slot(self.charsets[head]))
            else:
                raise self.fail("lines", f"{pattern!r}: unknown symbol {head!r} (write literal text as 'TEXT')")
        return tuple(elements)

    def _group(self, pattern: str, kind: str, body: str) -> Slot | Choice:
        if kind == "{":
            if body not in self.lists:
                raise self.fail("lines", f"{pattern!r}: no list named {body!r}")
            return Choice(tuple(self.lists[body]))
        if set(body) - set(ALPHABET):
            raise self.fail("lines", f"{pattern!r}: {body!r} holds characters outside {ALPHABET}")
        return Slot(body) if kind == "[" else Choice((body,))
