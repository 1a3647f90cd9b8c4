"""Plates with names, found again although a character was misread; what was read is never replaced by what is known."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from platelight.events.errors import EventsError
from platelight.register import normalize_plate

ALIKE_COST, SIMILAR_COST = 0.25, 0.5
"""Distance of two characters that readers confuse often, or now and then; of any others it is 1, and so is one too many or too few."""

_ALIKE = "0O 0Q OQ 0D OD 1I 1L IL 8B 5S 2Z 6G AÄ OÖ UÜ VY UV"
_SIMILAR = "38 68 89 17 7T 1T IT 27 7Z CG EF PR PF BR MN HN HM MW KX XY VW DQ GQ 4A IJ 1J UJ"
_COST = {pair: cost for pairs, cost in ((_SIMILAR, SIMILAR_COST), (_ALIKE, ALIKE_COST)) for both in pairs.split() for pair in (both, both[::-1])}

TOLERANCE = 1.0
SHARE = 0.25
"""A match may differ by at most `tolerance`, and by at most this share of the known plate's length: three characters bear less than seven."""

APART = 0.5
"""Where a second known plate is hardly farther away than this, nobody knows which it is, and none is named."""

_TEXT_COLUMNS, _NAME_COLUMNS = ("text", "plate", "plates", "number"), ("name", "owner", "label")


@dataclass(frozen=True, slots=True)
class Known:
    """A plate's text, normalised, and the name that it has for its user."""

    text: str
    name: str


@dataclass(frozen=True, slots=True)
class Match:
    """A known plate, and how far the reading is from it: 0 means the same."""

    name: str
    text: str
    distance: float


class KnownPlates:
    """Finds the known plate that a reading means.

    `tolerance` is the largest distance: 0 for equal texts only, 1 for one misread character or several look-alikes. Raises
    `EventsError` for a text that is no plate or has two names.
    """

    def __init__(self, plates: Iterable[Known], tolerance: float = TOLERANCE) -> None:
        if not 0 <= tolerance <= 4:
            raise EventsError(f"the tolerance for known plates must be from 0 to 4, got {tolerance!r}")
        self.tolerance = tolerance
        self.names: dict[str, str] = {}
        for known in plates:
            text = _normalised(known.text, "a known plate")
            if self.names.setdefault(text, known.name) != known.name:
                raise EventsError(f"the known plate {text} has two names: {self.names[text]!r} and {known.name!r}")

    @classmethod
    def from_file(cls, path: str | Path, tolerance: float = TOLERANCE) -> KnownPlates:
        """Read a list: CSV with a header (`text,name`), TOML (`[plates]` with `TEXT = "name"` or `"name" = [TEXTS]`), or lines
        of `TEXT name`, where what follows a # is a comment. Raises `EventsError` naming the file and the line."""
        path = Path(path)
        try:
            content = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise EventsError(f"{path}: cannot be read ({error.strerror or error})") from None
        except UnicodeDecodeError:
            raise EventsError(f"{path}: is not text in UTF-8") from None
        if path.suffix.lower() == ".toml":
            rows = _toml(path, content)
        elif path.suffix.lower() == ".csv":
            rows = _csv(path, content)
        else:
            rows = _lines(content)
        try:
            return cls([Known(_normalised(text, where), name.strip()) for where, text, name in rows], tolerance)
        except EventsError as error:
            raise EventsError(f"{path}: {error}") from None

    def __len__(self) -> int:
        return len(self.names)

    def match(self, text: str | None) -> Match | None:
        """The one known plate within the tolerance of `text`; None where there is none or it could as well be another."""
        if not text:
            return None
        try:
            text = normalize_plate(text)
        except ValueError:
            return None
        if text in self.names:
            return Match(self.names[text], text, 0.0)
        near = sorted((distance(text, other), other) for other in self.names if self._may_be(text, other))
        near = [(cost, other) for cost, other in near if cost <= min(self.tolerance, SHARE * len(other))]
        if not near or any(cost - near[0][0] <= APART for cost, _ in near[1:]):
            return None
        return Match(self.names[near[0][1]], near[0][1], near[0][0])

    def _may_be(self, text: str, other: str) -> bool:
        """A quick look: even if all that differs were look-alikes, it must stay within the tolerance."""
        most = int(self.tolerance / ALIKE_COST)
        return abs(len(text) - len(other)) <= self.tolerance and Levenshtein.distance(text, other, score_cutoff=most) <= most


def distance(one: str, other: str) -> float:
    """Least total cost of turning one text into the other, where look-alikes cost less (Levenshtein with weights)."""
    row = [float(place) for place in range(len(other) + 1)]
    for down, left in enumerate(one, 1):
        before, row = row, [float(down)]
        for across, right in enumerate(other, 1):
            swap = before[across - 1] + (0.0 if left == right else _COST.get(left + right, 1.0))
            row.append(min(swap, before[across] + 1.0, row[across - 1] + 1.0))
    return row[-1]


def _normalised(text: str, where: str) -> str:
    try:
        return normalize_plate(text)
    except ValueError as error:
        raise EventsError(f"{where}: {error}") from None


def _csv(path: Path, content: str) -> list[tuple[str, str, str]]:
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(content.partition("\n")[0], ",;\t")
    except csv.Error:
        dialect = csv.excel
    reader = csv.DictReader(StringIO(content), dialect=dialect)
    columns = {name.strip().lower(): name for name in reader.fieldnames or () if name}
    text = next((columns[name] for name in _TEXT_COLUMNS if name in columns), None)
    name = next((columns[name] for name in _NAME_COLUMNS if name in columns), None)
    if text is None or name is None:
        raise EventsError(f"{path}: the first line must name the columns text and name, it names {', '.join(columns) or 'none'}")
    return [(f"line {reader.line_num}", row[text], row[name] or "") for row in reader if (row[text] or "").strip()]


def _toml(path: Path, content: str) -> list[tuple[str, str, str]]:
    try:
        table = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise EventsError(f"{path}: is no TOML ({error})") from None
    rows: list[tuple[str, str, str]] = []
    for key, value in table.get("plates", table).items():
        if isinstance(value, str):
            rows.append((key, key, value))
        elif isinstance(value, list) and all(isinstance(text, str) for text in value):
            rows += [(key, text, key) for text in value]
        else:
            raise EventsError(f"{path}: {key}: a plate's name or a list of plates is wanted, not {value!r}")
    return rows


def _lines(content: str) -> list[tuple[str, str, str]]:
    rows = []
    for number, line in enumerate(content.splitlines(), 1):
        text, _, name = line.partition("#")[0].strip().partition(" ")
        if text:
            rows.append((f"line {number}", text, name.strip() or text))
    return rows
