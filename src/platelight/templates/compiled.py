"""Templates in a form that loads fast: `compiled.jsonl` beside this module, one line a country, written by `make templates`.

Parsing and checking the TOML files takes many times longer. A line counts only while its `sha256` is that of the TOML file
beside it, so a file that was changed is read itself. JSON, because reading it can run no code.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from platelight.templates.model import Band, Choice, Element, Mark, Slot, Template

FILE = Path(__file__).with_name("compiled.jsonl")

_FIELDS = tuple(item.name for item in fields(Template) if item.name not in ("country", "lines"))


def fingerprint(data: bytes) -> str:
    """sha256 of a TOML file, the same whatever line ends it was checked out with."""
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def dump(templates: Sequence[Template], sha256: str) -> str:
    """The line of one country's templates: `types` holds for each the numbers of its lines and of its fields' values."""
    elements: dict[Element, int] = {}
    lines: dict[tuple[tuple[Element, ...], ...], int] = {}
    values: dict[str, int] = {}
    types = []
    for template in templates:
        for element in itertools.chain(*template.lines):
            elements.setdefault(element, len(elements))
        stored = [_json(_stored_value(getattr(template, name))) for name in _FIELDS]
        types.append([lines.setdefault(template.lines, len(lines)), *(values.setdefault(value, len(values)) for value in stored)])
    entry = {
        "country": templates[0].country, "sha256": sha256, "elements": [_stored(element) for element in elements],
        "lines": [[[elements[element] for element in line] for line in one] for one in lines], "values": [json.loads(value) for value in values],
        "types": types,
    }  # fmt: skip
    return _json(entry)


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
    lines = [tuple(tuple([elements[index] for index in line]) for line in one) for one in entry["lines"]]
    values = [_value(stored) for stored in entry["values"]]
    country = entry["country"]
    return tuple(
        Template(country=country, lines=lines[line], **dict(zip(_FIELDS, map(values.__getitem__, numbers), strict=True))) for line, *numbers in entry["types"]
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _stored_value(value: Any) -> Any:
    """Tuples as lists, bands as lists of their fields."""
    if isinstance(value, tuple):
        return [_stored_value(part) for part in value]
    return [getattr(value, item.name) for item in fields(Band)] if isinstance(value, Band) else value


def _value(stored: Any) -> Any:
    """A list of lists is bands; any other list a tuple."""
    if not isinstance(stored, list):
        return stored
    return tuple(Band(*part) if isinstance(part, list) else part for part in stored)


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
