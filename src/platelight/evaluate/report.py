"""The measures as text for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from platelight.evaluate.measure import Measured
from platelight.evaluate.score import Mean, PictureOutcome, PlateOutcome, Share, Summary, country_of, group, lines_of, source_of, summarise

GROUPINGS: dict[str, Callable[[PlateOutcome], str]] = {"country": country_of, "source": source_of, "lines": lines_of}
FEWEST = 5  # groups with fewer texts share one line of the table


def as_text(sets: Sequence[Measured], crops: bool = False) -> str:
    """Tables: one line for each set and a pooled one, then confidence, then countries, sources and numbers of lines over all sets."""
    summaries = [(measured.name, summarise(measured.outcomes), measured.ms_per_picture) for measured in sets]
    everything = [outcome for measured in sets for outcome in measured.outcomes]
    pooled = summarise(everything)
    if len(sets) > 1:
        seconds = sum(measured.seconds for measured in sets)
        summaries.append(("all", pooled, 1000 * seconds / len(everything) if everything else None))
    parts = [_columns([_MAIN_HEAD, *[_main_row(*summary, crops=crops) for summary in summaries]])]
    if pooled.texts:
        parts.append("Confidence\n" + _columns([_TRUST_HEAD, *[_trust_row(name, summary) for name, summary, _ in summaries if summary.texts]]))
        parts.append("Reliability\n" + _columns([["confidence", "right", "readings"], *_reliability_rows(pooled)]))
    if pooled.corner_errors:
        median, high = pooled.corner_errors
        parts.append(f"Corner error, share of plate width, {pooled.corners} plates: median {median:.4f}, 90 % below {high:.4f}")
    plates = [plate for outcome in everything for plate in outcome.plates]
    for name, key in GROUPINGS.items():
        rows = _group_rows(group(plates, key))
        if len(rows) > 1:
            parts.append(f"By {name}\n" + _columns([[name, *_GROUP_HEAD], *rows]))
    return "\n\n".join(parts)


def as_dict(sets: Sequence[Measured]) -> dict[str, Any]:
    """The same for programs, with every group and every mistake: `{"sets": [...], "pooled": {...}}`."""
    everything = [outcome for measured in sets for outcome in measured.outcomes]
    rows = [{"name": measured.name, "ms_per_picture": _rounded(measured.ms_per_picture, 1), **_details(measured.outcomes)} for measured in sets]
    return {"sets": rows, "pooled": _details(everything)}


_MAIN_HEAD = ["set", "pictures", "texts", "recall50", "precision", "exact", "lenient", "chars", "country", "false/picture", "ms/picture"]
_TRUST_HEAD = ["set", "calibration error", "accepted at 99 % precision", "from confidence", "right among top 5"]
_GROUP_HEAD = ["plates", "recall50", "texts", "exact", "lenient", "chars"]


def _main_row(name: str, summary: Summary, ms: float | None, crops: bool) -> list[str]:
    found = ["-", "-"] if crops else [_with_interval(summary.recall50), _with_interval(summary.precision)]
    failed = f" ({summary.failed} unreadable)" if summary.failed else ""
    return [
        name, f"{summary.pictures}{failed}", str(summary.texts), *found, _with_interval(summary.exact), _with_interval(summary.lenient),
        _with_interval(summary.chars), _with_interval(summary.country), "-" if crops else _with_interval(summary.false), _number(ms, 1),
    ]  # fmt: skip


def _trust_row(name: str, summary: Summary) -> list[str]:
    trust = summary.calibration
    return [name, _number(trust.error, 4), _with_interval(trust.accepted), _number(trust.threshold, 4), _with_interval(summary.top5)]


def _reliability_rows(summary: Summary) -> list[list[str]]:
    return [[f"{row.confidence:.4f}", f"{row.right:.4f}", str(row.count)] for row in summary.calibration.table]


def _group_rows(groups: dict[str, list[PlateOutcome]]) -> list[list[str]]:
    large = {name: plates for name, plates in groups.items() if sum(plate.counted for plate in plates) >= FEWEST}
    small = [plates for name, plates in groups.items() if name not in large and any(plate.counted for plate in plates)]
    rows = [_group_row(name, plates) for name, plates in large.items()]
    if small:
        rows.append(_group_row(f"{len(small)} others", [plate for plates in small for plate in plates]))
    return rows


def _group_row(name: str, plates: Sequence[PlateOutcome]) -> list[str]:
    scores = _group_scores(plates)
    return [name, str(len(plates)), *[str(s) if isinstance(s, int) else _with_interval(s) for s in scores.values()]]


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


def _columns(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
