"""Findings as rows: the columns of adverts.parquet and adverts.csv."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from platelight.audit.evidence import Evidence
from platelight.audit.records import Advert, Finding
from platelight.files import write_whole
from platelight.register.records import FIELDS

Kind = Any

COLUMNS: dict[str, Kind] = {
    "id": str, "verdict": str, "reason": str, "plate": str, "confidence": float, "plate_alone": str, "confidence_alone": float,
    "decided_by": str, "reading_reason": str, "country": str, "template": str, "car_reason": str, "seen_on": int, "plates_found": int,
    "photos": [str], "photos_read": int, "photo_errors": [str],
    **{f"{field}_{part}": str for field in FIELDS for part in ("claimed", "registered", "verdict", "reason")},
    "registered_on": str, "registrations": int, "vin": str, "photo": str, "corners": [[float]], "evidence": str, "crop": str,
    "notes": [str], "title": str, "url": str, "line": int,
}  # fmt: skip
"""Column to what it holds. The columns of the given file that mean nothing here follow, with `input_` before their names."""

EXTRA = "input_"
SEPARATOR = "; "


def columns(adverts: Iterable[Advert]) -> dict[str, Kind]:
    """`COLUMNS` and those that the adverts bring along."""
    return COLUMNS | {EXTRA + name: str for advert in adverts for name in advert.extra}


def row(finding: Finding, evidence: Evidence | None) -> dict[str, Any]:
    """One finding as a row; `photo` and `corners` (in its pixels) say where the plate is."""
    advert, shown, registration = finding.advert, finding.shown, finding.registration
    quad = None if shown is None else shown.quad
    claimed = {"make": advert.claim.make, "model": advert.claim.model, "year": advert.year_text, "color": advert.claim.color}
    values: dict[str, Any] = {
        "id": advert.id, "verdict": finding.verdict, "reason": finding.reason, "plate": finding.plate, "confidence": _rounded(finding.confidence),
        "plate_alone": finding.plate_alone, "confidence_alone": _rounded(finding.confidence_alone), "decided_by": finding.decided_by,
        "reading_reason": finding.reading_reason or None, "country": finding.country, "template": finding.template,
        "car_reason": finding.car_reason or None, "seen_on": finding.seen_on, "plates_found": finding.plates_found,
        "photos": list(advert.photo_names), "photos_read": finding.photos_read, "photo_errors": list(finding.photo_errors),
    }  # fmt: skip
    for name in FIELDS:
        item = finding.field(name)
        values |= {
            f"{name}_claimed": claimed[name], f"{name}_registered": None if item is None else item.registered,
            f"{name}_verdict": None if item is None else item.verdict, f"{name}_reason": None if item is None else item.reason,
        }  # fmt: skip
    return values | {
        "registered_on": None if registration is None else registration.date, "registrations": finding.registrations,
        "vin": None if registration is None else registration.vin, "photo": None if shown is None else shown.source,
        "corners": None if quad is None else [[round(value, 1) for value in corner] for corner in quad.corners],
        "evidence": None if evidence is None else evidence.picture, "crop": None if evidence is None else evidence.crop,
        "notes": list(advert.notes), "title": advert.title, "url": advert.url, "line": advert.line,
        **{EXTRA + name: value for name, value in advert.extra.items()},
    }  # fmt: skip


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> None:
    """The rows as CSV in UTF-8 with a mark (spreadsheets need it), lists joined by `; `. Raises OSError."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    for values in rows:
        writer.writerow([_cell(values.get(name)) for name in names])
    write_whole(path, text.getvalue().encode("utf-8-sig", "backslashreplace"))


def _rounded(chance: float | None) -> float | None:
    return None if chance is None else round(chance, 4)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        value = SEPARATOR.join(" ".join(map(str, item)) if isinstance(item, list) else str(item) for item in value)
    if isinstance(value, str):  # a spreadsheet must not take an advert's text for a formula
        return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
    return "" if value is None else value
