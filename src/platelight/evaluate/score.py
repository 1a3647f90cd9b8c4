"""Compare what was read with what is labelled: one outcome for each labelled plate, and sums over them.

A labelled text is judged by the prediction that overlaps its box most, whatever that prediction says, so a reader cannot
gain by guessing often. Where a label has no box, the best of the five predictions with the highest score is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein

from platelight.dataset import LabelledImage, PlateLabel
from platelight.evaluate.metrics import Bin, accepted_at, bootstrap_mean, calibration_error, lenient, normal, reliability, similarity, wilson
from platelight.geometry import Box, Quad, corner_error

COVERS = 0.5  # IoU from which a labelled box counts as found
TOUCHES = 0.1  # IoU from which a prediction speaks of a labelled box at all
UNCERTAIN = frozenset({"show", "cut", "amb"})  # flags of plates whose text is not certain

Prediction = dict[str, Any]
"""One plate in the shape of `platelight read --format jsonl`."""


@dataclass(frozen=True, slots=True)
class PlateOutcome:
    """What became of one labelled plate. `answer` is the prediction judged; `counted` whether its text is certain enough to count."""

    picture: LabelledImage
    label: PlateLabel
    answer: Prediction | None
    covered: bool
    counted: bool
    read: str
    exact: bool
    lenient: bool
    chars: float
    in_top5: bool
    corner_error: float | None  # as a share of the plate's width

    @property
    def confidence(self) -> float:
        return float((self.answer or {}).get("confidence") or 0.0)


@dataclass(frozen=True, slots=True)
class PictureOutcome:
    """What became of one picture. `false`: predictions that touch no labelled box, None where that cannot be known."""

    picture: LabelledImage
    plates: tuple[PlateOutcome, ...]
    found: int
    false: int | None
    error: str | None = None

    @property
    def boxes(self) -> int:
        return sum(plate.label.box is not None for plate in self.plates)


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` out of `total`, with its 95 % Wilson interval."""

    hits: int
    total: int

    @property
    def value(self) -> float | None:
        return round(self.hits / self.total, 4) if self.total else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.hits, self.total)


@dataclass(frozen=True, slots=True)
class Mean:
    """Mean over `count` values, with its 95 % bootstrap interval; both None without values."""

    count: int
    value: float | None
    interval: tuple[float, float] | None

    @classmethod
    def of(cls, values: Sequence[float]) -> Mean:
        return cls(len(values), round(sum(values) / len(values), 4) if values else None, bootstrap_mean(values))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether confidences can be believed, over the plates that got a text at all."""

    error: float | None
    table: tuple[Bin, ...]
    accepted: Share  # of all counted texts, at 99 % precision
    threshold: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Every measure over a group of pictures. `corner_errors` are median and 90 % quantile, as shares of the plate's width."""

    pictures: int
    failed: int
    texts: int
    recall50: Share
    precision: Share
    exact: Share
    lenient: Share
    top5: Share
    chars: Mean
    country: Share
    false: Mean
    calibration: Calibration
    corners: int
    corner_errors: tuple[float, float] | None


def judge_picture(picture: LabelledImage, predictions: Sequence[Prediction], error: str | None = None) -> PictureOutcome:
    """Outcome of every labelled plate of one picture; a prediction without a box speaks of the whole picture."""
    whole = Box(0, 0, picture.width, picture.height)
    found = sorted(((_box(plate, whole), plate) for plate in predictions), key=lambda pair: -_rank(pair[1]))
    covered = _covered(picture.plates, [box for box, _ in found])
    plates = tuple(_judge_plate(picture, label, found, index in covered) for index, label in enumerate(picture.plates))
    boxes = [label.box for label in picture.plates if label.box is not None]
    checkable = bool(boxes) or not picture.plates
    false = sum(all(box.iou(other) < TOUCHES for box in boxes) for other, _ in found) if checkable else None
    return PictureOutcome(picture, plates, len(found), false, error)


def summarise(outcomes: Sequence[PictureOutcome]) -> Summary:
    """All measures over the given pictures."""
    plates = [plate for outcome in outcomes for plate in outcome.plates]
    counted = [plate for plate in plates if plate.counted]
    boxes, covered = sum(outcome.boxes for outcome in outcomes), sum(plate.covered for plate in plates)
    named = [plate for plate in counted if plate.exact and plate.label.country]
    errors = [plate.corner_error for plate in plates if plate.corner_error is not None]
    return Summary(
        pictures=len(outcomes),
        failed=sum(outcome.error is not None for outcome in outcomes),
        texts=len(counted),
        recall50=Share(covered, boxes),
        precision=Share(covered, sum(outcome.found for outcome in outcomes if outcome.boxes)),
        exact=Share(sum(plate.exact for plate in counted), len(counted)),
        lenient=Share(sum(plate.lenient for plate in counted), len(counted)),
        top5=Share(sum(plate.in_top5 for plate in counted), len(counted)),
        chars=Mean.of([plate.chars for plate in counted]),
        country=Share(sum((plate.answer or {}).get("country") == plate.label.country for plate in named), len(named)),
        false=Mean.of([float(outcome.false) for outcome in outcomes if outcome.false is not None]),
        calibration=_calibration(counted),
        corners=len(errors),
        corner_errors=(float(np.quantile(errors, 0.5)), float(np.quantile(errors, 0.9))) if errors else None,
    )


def group(plates: Iterable[PlateOutcome], key: Callable[[PlateOutcome], str]) -> dict[str, list[PlateOutcome]]:
    """Plates by `key`, the largest group first."""
    groups: dict[str, list[PlateOutcome]] = {}
    for plate in plates:
        groups.setdefault(key(plate), []).append(plate)
    return dict(sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])))


def country_of(plate: PlateOutcome) -> str:
    """The labelled country, `?` where none is given."""
    return plate.label.country or "?"


def source_of(plate: PlateOutcome) -> str:
    """The labelled source, else the file name up to its first hyphen, else `?`."""
    prefix, hyphen, _ = plate.picture.path.name.partition("-")
    return plate.picture.source or (prefix if hyphen else "?")


def lines_of(plate: PlateOutcome) -> str:
    """The labelled number of text lines, `?` where none is given."""
    return str(plate.label.lines or "?")


def _rank(plate: Prediction) -> float:
    return float(plate.get("score") or plate.get("confidence") or 0)


def _box(plate: Prediction, whole: Box) -> Box:
    return Box.from_xywh(plate["box"]) if plate.get("box") else whole


def _covered(labels: Sequence[PlateLabel], found: Sequence[Box]) -> set[int]:
    """Indices of the labels paired one to one with a box of `found`, which comes best score first."""
    taken: set[int] = set()
    for box in found:
        overlaps = [(label.box.iou(box), index) for index, label in enumerate(labels) if label.box is not None and index not in taken]
        overlap, index = max(overlaps, default=(0.0, -1))
        if overlap >= COVERS:
            taken.add(index)
    return taken


def _answer(label: PlateLabel, found: Sequence[tuple[Box, Prediction]]) -> Prediction | None:
    if label.box is None:
        true = normal(label.text)
        texts = [plate for _, plate in found if plate.get("text")][:5]
        return max(texts, key=lambda plate: -Levenshtein.distance(normal(plate["text"]), true), default=None)
    box = label.box
    nearest = max(found, key=lambda pair: pair[0].iou(box), default=None)
    return nearest[1] if nearest and nearest[0].iou(box) >= TOUCHES else None


def _judge_plate(picture: LabelledImage, label: PlateLabel, found: Sequence[tuple[Box, Prediction]], covered: bool) -> PlateOutcome:
    answer = _answer(label, found)
    texts = {normal(label.text), normal(label.alt)} - {""}
    read = normal(answer.get("text")) if answer else ""
    others = [normal(candidate.get("text")) for candidate in (answer or {}).get("candidates", [])[:5]]
    return PlateOutcome(
        picture=picture,
        label=label,
        answer=answer,
        covered=covered,
        counted=bool(normal(label.text)) and not UNCERTAIN.intersection(label.flags),
        read=read,
        exact=read in texts,
        lenient=lenient(read) in {lenient(text) for text in texts},
        chars=max((similarity(read, text) for text in texts), default=0.0),
        in_top5=bool(texts.intersection([read, *others])),
        corner_error=_corner_error(label, answer),
    )


def _corner_error(label: PlateLabel, answer: Prediction | None) -> float | None:
    if label.corners is None or not answer or not answer.get("corners"):
        return None
    return corner_error(Quad.from_array(answer["corners"]), label.corners)


def _calibration(counted: Sequence[PlateOutcome]) -> Calibration:
    answered = [plate for plate in counted if plate.read]
    confidences, right = [plate.confidence for plate in answered], [plate.exact for plate in answered]
    table = reliability(confidences, right)
    accepted, threshold = accepted_at(0.99, confidences, right)
    return Calibration(calibration_error(table), table, Share(accepted, len(counted)), threshold)
