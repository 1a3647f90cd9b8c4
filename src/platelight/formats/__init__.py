"""Photos in the shapes that people and other plate readers use.

A format is a class with `start()`, `photo(photo)` and `end()`, each giving the text to print; `writer(name)` makes one. A shape
turns one photo into one JSON object; `shape(name, photo, time_s)` applies one by its name. `stream` and `group` do so for the event of
a vehicle's pass.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from platelight.formats.passes import group, stream
from platelight.formats.printed import CSV_COLUMNS, Added, Csv, Format, Lines, Table, one_line
from platelight.formats.shapes import SHAPES, codeproject, country_chance, openalpr, platerecognizer, shape
from platelight.records import Photo

__all__ = [
    "CSV_COLUMNS", "SHAPES", "Added", "Format", "codeproject", "country_chance", "group", "one_line", "openalpr", "platerecognizer", "shape", "stream",
    "writer",
]  # fmt: skip


def writer(name: str, added: Added | None = None) -> Format:
    """The format of that name; what is `added` to each plate has a place in `jsonl` and `table` only. Raises ValueError."""
    formats: dict[str, Callable[[], Format]] = {
        "table": lambda: Table(added), "jsonl": lambda: Lines(partial(_with_added, added=added)), "csv": Csv,
        "openalpr": lambda: Lines(openalpr), "platerecognizer": lambda: Lines(platerecognizer), "codeproject": lambda: Lines(codeproject),
    }  # fmt: skip
    if name not in formats:
        raise ValueError(f"format must be one of {', '.join(formats)}, got {name!r}")
    if added is not None and name not in ("table", "jsonl"):
        raise ValueError(f"{name} has no place for what a register says; use jsonl or table")
    return formats[name]()


def _with_added(photo: Photo, added: Added | None) -> dict[str, Any]:
    if added is None:
        return photo.to_dict()
    return photo.to_dict() | {"plates": [plate.to_dict() | added.fields(plate) for plate in photo.plates]}
