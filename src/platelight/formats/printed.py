"""Photos as text, one after the other: a table, JSON lines, CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any, Protocol

from platelight.records import Photo, Plate

CSV_COLUMNS = (
    "source", "error", "text", "raw_text", "confidence", "country", "template", "lines", "reason", "flags", "score",
    "x", "y", "width", "height", "x0", "y0", "x1", "y1", "x2", "y2", "x3", "y3", "candidates",
)  # fmt: skip


class Format(Protocol):
    """Turns photos into text as they come."""

    def start(self) -> str: ...

    def photo(self, photo: Photo) -> str: ...

    def end(self) -> str: ...


class Added(Protocol):
    """More to say of each plate: `fields` of its JSON object, which may replace others, and a `note` in its row of the table."""

    def fields(self, plate: Plate, /) -> dict[str, Any]: ...

    def note(self, plate: Plate, /) -> str: ...


class Lines:
    """One JSON object a line."""

    def __init__(self, shape: Callable[[Photo], dict[str, Any]]) -> None:
        self.shape = shape

    def start(self) -> str:
        return ""

    def photo(self, photo: Photo) -> str:
        return json.dumps(self.shape(photo), ensure_ascii=False) + "\n"

    def end(self) -> str:
        return ""


class Csv:
    """One row a plate, and one for a photo without plates or with an error. Candidates as `TEXT:confidence`, by `;`."""

    def start(self) -> str:
        return csv_row(CSV_COLUMNS)

    def photo(self, photo: Photo) -> str:
        if not photo.plates:
            return csv_row([no_formula(photo.source), no_formula(photo.error or "")] + [""] * (len(CSV_COLUMNS) - 2))
        return "".join(self._row(photo, plate.to_dict()) for plate in photo.plates)

    def end(self) -> str:
        return ""

    def _row(self, photo: Photo, plate: dict[str, Any]) -> str:
        names = ("text", "raw_text", "confidence", "country", "template", "lines", "reason")
        values = [no_formula(photo.source), "", *("" if plate[name] is None else plate[name] for name in names), ";".join(plate["flags"]), plate["score"]]
        corners = [value for corner in plate["corners"] for value in corner]
        candidates = ";".join(f"{candidate['text']}:{candidate['confidence']}" for candidate in plate["candidates"])
        return csv_row([*values, *plate["box"], *corners, candidates])


class Table:
    """Aligned columns for people, one line a plate, printed photo by photo."""

    columns = (("photo", 32), ("text", 12), ("conf.", 6), ("country", 8), ("type", 18), ("lines", 6), ("score", 6), ("notes", 0))

    def __init__(self, added: Added | None = None) -> None:
        self.added = added

    def start(self) -> str:
        return self._line([title for title, _ in self.columns])

    def photo(self, photo: Photo) -> str:
        if photo.error is not None:
            return self._line([photo.source, "-", "", "", "", "", "", "error, see the message"])
        if not photo.plates:
            return self._line([photo.source, "-", "", "", "", "", "", "no plate found"])
        return "".join(self._line(self._cells(photo, plate)) for plate in photo.plates)

    def end(self) -> str:
        return ""

    def _cells(self, photo: Photo, plate: Plate) -> list[str]:
        raw = plate.reading.text
        notes = [*plate.flags, *([f"network read {raw}"] if plate.text != raw and raw else [])]
        if self.added is not None:
            notes += filter(None, [self.added.note(plate)])
        confidence = f"{plate.confidence:.3f}" if plate.text else ""
        return [
            photo.source, plate.text or "-", confidence, plate.country or "", plate.template or "", str(plate.reading.lines),
            f"{plate.detection.score:.2f}", ", ".join(notes),
        ]  # fmt: skip

    def _line(self, cells: list[str]) -> str:
        padded = [_fitted(one_line(cell), width) for cell, (_, width) in zip(cells, self.columns, strict=True)]
        return "  ".join(padded).rstrip() + "\n"


def csv_row(values: Any) -> str:
    """One line of a CSV file."""
    line = io.StringIO()
    csv.writer(line).writerow(values)  # its own line end, because a lone \r in a name is quoted only where \r ends lines too
    return line.getvalue().removesuffix("\r\n") + "\n"


def no_formula(path: str) -> str:
    """The same path where a spreadsheet would not take it for a formula."""
    return f"./{path}" if path.startswith(("=", "+", "-", "@", "\t", "\r")) else path


def one_line(text: str) -> str:
    """`text` with what would break a line or steer a terminal written as in source code."""
    return "".join(character if character.isprintable() else character.encode("unicode_escape").decode("ascii") for character in text)


def _fitted(text: str, width: int) -> str:
    """Padded to `width`; a longer text loses its beginning, because the end of a path tells files apart. Width 0: as it is."""
    if width and len(text) > width:
        text = "…" + text[1 - width :]
    return text.ljust(width)
