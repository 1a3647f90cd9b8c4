"""An audit from the photos as read to its files: findings, evidence, tables, report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platelight import batch
from platelight.audit import evidence, report, tables
from platelight.audit.reading import by_advert
from platelight.audit.records import VERDICTS, Advert, Finding, Seen, Verdict
from platelight.images import ImageError

Step = Callable[[str], None]
"""Told of each advert done: `judged`, then `written` when it stands in the report."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How an audit ended: adverts by verdict in the order of `VERDICTS`, photos that could not be read, and the files."""

    counts: dict[Verdict, int]
    photos: int
    failed_photos: int
    report: Path
    parquet: Path
    csv: Path

    @property
    def adverts(self) -> int:
        return sum(self.counts.values())


def audit(
    adverts: Sequence[Advert], rows: Iterable[Mapping[str, Any]], judge: Callable[[Advert, Sequence[Seen]], Finding], out: Path, facts: report.Facts,
    style: report.Style = report.PLAIN, note: Callable[[str], None] = lambda message: None, step: Step = lambda name: None,
) -> Summary:  # fmt: skip
    """Judge the adverts and write adverts.parquet, adverts.csv, evidence/ and report/ into `out`.

    `rows` are the adverts' photos as read, in order (see `reading.sources`). Adverts with a verdict of `style.skip` stand in the tables
    only. What is wrong with single photos is told to `note` and stops nothing. Raises OSError where a file cannot be written.
    """
    entries: list[report.Entry] = []
    photos = failed = 0
    for advert, seen in by_advert(adverts, rows):
        finding = judge(advert, seen)
        photos, failed = photos + len(seen), failed + len(finding.photo_errors)
        for error in finding.photo_errors:
            note(error)
        entries.append((finding, None if finding.verdict in style.skip else _evidence(out, finding, note)))
        step("judged")
    kinds = tables.columns(adverts)
    csv, parquet = out / "adverts.csv", out / "adverts.parquet"
    tables.write_csv(csv, (tables.row(*entry) for entry in entries), list(kinds))
    batch.write_rows(parquet, (tables.row(*entry) for entry in entries), kinds, {"platelight": facts.version})
    index = report.write(out, entries, facts, style, lambda: step("written"))
    evidence.sweep(out, {path for _, proof in entries if proof is not None for path in (proof.picture, proof.crop) if path is not None})
    counts = Counter(finding.verdict for finding, _ in entries)
    return Summary({verdict: counts[verdict] for verdict in VERDICTS}, photos, failed, index, parquet, csv)


def _evidence(out: Path, finding: Finding, note: Callable[[str], None]) -> evidence.Evidence | None:
    if finding.shown is None:
        return None
    try:
        return evidence.write(out, finding.shown)
    except ImageError as error:  # the photo was there when it was read
        note(str(error))
        return None
