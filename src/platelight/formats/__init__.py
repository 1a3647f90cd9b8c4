"""Photos in the shapes that people and other plate readers use.

A format is a class with `start()`, `photo(photo)` and `end()`, each giving the text to print; `writer(name)` makes one. A shape
turns one photo into one JSON object; `shape(name, photo, time_s)` applies one by its name.
"""

from __future__ import annotations

from collections.abc import Callable

from platelight.formats.printed import CSV_COLUMNS, Csv, Format, Lines, Table, one_line
from platelight.formats.shapes import SHAPES, codeproject, openalpr, platerecognizer, shape
from platelight.records import Photo

__all__ = ["CSV_COLUMNS", "SHAPES", "Format", "codeproject", "one_line", "openalpr", "platerecognizer", "shape", "writer"]


def writer(name: str) -> Format:
    """The format of that name. Raises ValueError."""
    formats: dict[str, Callable[[], Format]] = {
        "table": Table, "jsonl": lambda: Lines(Photo.to_dict), "csv": Csv,
        "openalpr": lambda: Lines(openalpr), "platerecognizer": lambda: Lines(platerecognizer), "codeproject": lambda: Lines(codeproject),
    }  # fmt: skip
    if name not in formats:
        raise ValueError(f"format must be one of {', '.join(formats)}, got {name!r}")
    return formats[name]()
