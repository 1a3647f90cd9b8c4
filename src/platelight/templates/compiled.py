"""Templates in a form that loads fast: `compiled.jsonl` beside this module, one line a country, written by `make templates`.

Parsing and checking the TOML files takes many times longer. A line counts only while its `sha256` is that of the TOML file
beside it, so a file that was changed is read itself. JSON, because reading it can run no code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from platelight.templates.model import Band, Choice, Element, Mark, Slot, Template

FILE = Path(__file__).with_name("compiled.jsonl")

_PLAIN = tuple(item for item in fields(Template) if item.name not in ("country", "lines", "bands"))
_TUPLES = ("size_mm", "years", "patterns")


def fingerprint(data: bytes) -> str:
    """sha256 of a TOML file, the same whatever line ends it was checked out with."""
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def dump(templates: Sequence[Template], sha256: str) -> str:
    """The line of one country's templates. What several of them share is written once."""
    elements: dict[Element, int] = {}
    lines: dict[tuple[tuple[Element, ...], ...], int] = {}
    types = []
    for template in templates:
        for line in template.lines:
            for element in line:
                elements.setdefault(element, len(elements))
        row = {item.name: getattr(template, item.name) for item in _PLAIN if item.default is MISSING or getattr(template, item.name) != item.default}
        bands = [[getattr(band, item.name) for item in fields(Band)] for band in template.bands]
        types.append(row | {"lines": lines.setdefault(template.lines, len(lines))} | ({"bands": bands} if bands else {}))
    shared = {"elements": [_stored(element) for element in elements], "lines": [[[elements[e] for e in line] for line in one] for one in lines]}
    return json.dumps({"country": templates[0].country, "sha256": sha256} | shared | {"types": types}, ensure_ascii=False, separators=(",", ":"))


def read(path: Path = FILE) -> dict[str, dict[str, Any]]:
    """The lines of the file by their country, not yet turned into templates; nothing where there is no such file."""
    try:
        found = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        return {entry["country"]: entry for entry in found}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def build(entry: dict[str, Any]) -> tuple[Template, ...]:
    """The templates of one line."""
    elements = [_element(stored) for stored in entry["elements"]]
    lines = [tuple(tuple(elements[index] for index in line) for line in one) for one in entry["lines"]]
    return tuple(_template(entry["country"], lines, row) for row in entry["types"])


def _template(country: str, lines: list[tuple[tuple[Element, ...], ...]], row: dict[str, Any]) -> Template:
    row |= {name: tuple(row[name]) for name in _TUPLES if name in row}
    if "bands" in row:
        row["bands"] = tuple(Band(*band) for band in row["bands"])
    row["lines"] = lines[row["lines"]]
    return Template(country=country, **row)


def _stored(element: Element) -> str | list[Any]:
    """A mark as its symbol, a slot as its characters, a choice as its texts; the latter two with whether they are optional."""
    if isinstance(element, Mark):
        return element.symbol
    return [element.chars if isinstance(element, Slot) else list(element.texts), int(element.optional)]


def _element(stored: str | list[Any]) -> Element:
    if isinstance(stored, str):
        return Mark(stored)
    body, optional = stored
    return Slot(body, bool(optional)) if isinstance(body, str) else Choice(tuple(body), bool(optional))
