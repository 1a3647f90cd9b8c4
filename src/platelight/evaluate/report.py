"""The measures as text for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from platelight.evaluate.measure import Measured
from platelight.evaluate.score import Mean, PictureOutcome, PlateOutcome, Share, Summary, country_of, group, lines_of, source_of, summarise

GROUPINGS: dict[str, Callable[[PlateOutcome], str]] = {"country": country_of, "source": source_of, "lines": lines_of}
FEWEST = 5  # groups with fewer texts share one line of the table


def as_text(sets: Sequence[Measured], crops: bool = False) -> str:
    """Tables: a column for each set and a pooled one, then reliability, countries, sources and numbers of lines over all sets."""
    everything = [outcome for measured in sets for outcome in measured.outcomes]
    columns = [_column(measured.name, summarise(measured.outcomes), measured.ms_per_picture, crops) for measured in sets]
    pooled = summarise(everything)
    if len(sets) > 1:
        seconds = sum(measured.seconds for measured in sets)
        columns.append(_column("all", pooled, 1000 * seconds / max(len(everything), 1), crops))
    rows = [[name, *(column[name] for column in columns)] for name in columns[0]]
    parts = [_aligned([row for row in rows if set(row[1:]) != {"-"}])]
    if pooled.texts:
        parts.append("Reliability\n" + _aligned([["confidence", "right", "readings"], *_reliability_rows(pooled)]))
    plates = [plate for outcome in everything for plate in outcome.plates]
    for name, key in GROUPINGS.items():
        members = _group_rows(group(plates, key), crops)
        if len(members) > 1:
            parts.append(f"By {name}\n" + _aligned([[name, *(title for title in _GROUP_HEAD if not (crops and title == "recall50"))], *members]))
    return "\n\n".join(parts)


def as_dict(sets: Sequence[Measured]) -> dict[str, Any]:
    """The same for programs, with every group and every mistake: `{"sets": [...], "pooled": {...}}`."""
    everything = [outcome for measured in sets for outcome in measured.outcomes]
    rows = [{"name": measured.name, "ms_per_picture": _rounded(measured.ms_per_picture, 1), **_details(measured.outcomes)} for measured in sets]
    return {"sets": rows, "pooled": _details(everything)}


_GROUP_HEAD = ["plates", "recall50", "texts", "exact", "lenient", "chars"]


def _column(name: str, summary: Summary, ms: float | None, crops: bool) -> dict[str, str]:
    """The measures of one set, by the names they have in the table; where nothing was detected, detection has no measures."""
    trust = summary.calibration
    failed = f" ({summary.failed} unreadable)" if summary.failed else ""
    detection: dict[str, Share | Mean] = {"recall50": summary.recall50, "precision": summary.precision, "false/picture": summary.false}
    reading: dict[str, Share | Mean] = {"exact": summary.exact, "lenient": summary.lenient, "chars": summary.chars, "right among top 5": summary.top5}
    corners = [_number(share, 4) for share in summary.corner_errors or ()]
    return {
        "": name, "pictures": f"{summary.pictures}{failed}", "texts": str(summary.texts),
        **{title: _with_interval(score) for title, score in ({} if crops else detection).items()},
        **{title: _with_interval(score) for title, score in reading.items()}, "country": _with_interval(summary.country),
        "accepted at 99 % precision": _with_interval(trust.accepted), "accepted from confidence": _number(trust.threshold, 4),
        "calibration error": _number(trust.error, 4),
        "corner error, median and 90 %": " ".join(corners) or "-", "ms/picture": _number(ms, 1),
    }  # fmt: skip


def _reliability_rows(summary: Summary) -> list[list[str]]:
    return [[f"{row.confidence:.4f}", f"{row.right:.4f}", str(row.count)] for row in summary.calibration.table]


def _group_rows(groups: dict[str, list[PlateOutcome]], crops: bool) -> list[list[str]]:
    large = {name: plates for name, plates in groups.items() if sum(plate.counted for plate in plates) >= FEWEST}
    small = {name: plates for name, plates in groups.items() if name not in large and any(plate.counted for plate in plates)}
    rows = [_group_row(name, plates, crops) for name, plates in large.items()]
    if small:
        title = f"{len(small)} others" if len(small) > 1 else next(iter(small))
        rows.append(_group_row(title, [plate for plates in small.values() for plate in plates], crops))
    return rows


def _group_row(name: str, plates: Sequence[PlateOutcome], crops: bool) -> list[str]:
    scores = {title: score for title, score in _group_scores(plates).items() if not (crops and title == "recall50")}
    return [name, str(len(plates)), *[str(score) if isinstance(score, int) else _with_interval(score) for score in scores.values()]]


def _group_scores(plates: Sequence[PlateOutcome]) -> dict[str, Share | Mean | int]:
    counted = [plate for plate in plates if plate.counted]
    return {
        "recall50": Share(sum(plate.covered for plate in plates), sum(plate.label.box is not None for plate in plates)),
        "texts": len(counted),
        "exact": Share(sum(plate.exact for plate in counted), len(counted)),
        "lenient": Share(sum(plate.lenient for plate in counted), len(counted)),
        "chars": Mean.of([plate.chars for plate in counted]),
    }


def _details(outcomes: Sequence[PictureOutcome]) -> dict[str, Any]:
    summary = summarise(outcomes)
    plates = [plate for outcome in outcomes for plate in outcome.plates]
    trust = summary.calibration
    return {
        "pictures": summary.pictures, "failed": summary.failed, "texts": summary.texts,
        **{name: _score_dict(getattr(summary, name)) for name in ("recall50", "precision", "exact", "lenient", "top5", "chars", "country", "false")},
        "calibration_error": _rounded(trust.error), "accepted_at_99": _score_dict(trust.accepted), "threshold_at_99": trust.threshold,
        "reliability": [{"confidence": _rounded(row.confidence), "right": _rounded(row.right), "count": row.count} for row in trust.table],
        "corner_error": summary.corner_errors and {"plates": summary.corners, "median": summary.corner_errors[0], "p90": summary.corner_errors[1]},
        **{f"by_{name}": {value: _group_dict(members) for value, members in group(plates, key).items()} for name, key in GROUPINGS.items()},
        "mistakes": [_mistake(plate) for plate in mistakes(outcomes)],
    }  # fmt: skip


def mistakes(outcomes: Sequence[PictureOutcome]) -> list[PlateOutcome]:
    """The counted plates whose text was not read exactly, by source and then by file name."""
    wrong = [plate for outcome in outcomes for plate in outcome.plates if plate.counted and not plate.exact]
    return sorted(wrong, key=lambda plate: (source_of(plate), plate.picture.path.name))


def _group_dict(plates: Sequence[PlateOutcome]) -> dict[str, Any]:
    return {name: score if isinstance(score, int) else _score_dict(score) for name, score in _group_scores(plates).items()}


def _mistake(plate: PlateOutcome) -> dict[str, Any]:
    return {
        "image": str(plate.picture.path), "source": source_of(plate), "country": plate.label.country, "text": plate.label.text,
        "read": plate.read or None, "confidence": plate.confidence if plate.answer else None, "lenient": plate.lenient,
    }  # fmt: skip


def _score_dict(score: Share | Mean) -> dict[str, Any]:
    interval = [round(bound, 4) for bound in score.interval] if score.interval else None
    counts = {"hits": score.hits, "total": score.total} if isinstance(score, Share) else {"count": score.count}
    return {"value": score.value, "interval": interval, **counts}


def _with_interval(score: Share | Mean) -> str:
    if score.value is None or score.interval is None:
        return "-"
    return f"{score.value:.4f} [{score.interval[0]:.2f} {score.interval[1]:.2f}]"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
