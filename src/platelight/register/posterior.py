"""The reader's candidates, the register's plates and a claim about the car, joined into one probability for each text.

With h a candidate text, the probability that it is the plate's is proportional to

    P(h | pixels) * member(h) * claim(h),

where *member* weighs that the register holds h, or does not, against how often it would hold a look-alike of the plate by chance,
and *claim* weighs how well the claim fits the car that the register has under h against how well it fits any car. What is
outside the candidates keeps its share. docs/design/0011-register-aware-reading.md derives this and says what was measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from platelight.records import Decoding
from platelight.register.compare import compare_all
from platelight.register.neighbours import Home
from platelight.register.records import Claim, Comparison, Registration, Verdict

DecidedBy = Literal["reading", "register", "claim"]

EVIDENCE: Mapping[str, Mapping[Verdict, float]] = {
    "make": {"match": 10.0, "mismatch": 0.02, "unknown": 1.0},
    "model": {"match": 4.0, "mismatch": 0.05, "unknown": 1.0},
    "year": {"match": 5.0, "mismatch": 0.1, "unknown": 1.0},
    "color": {"match": 3.0, "mismatch": 0.1, "unknown": 1.0},
}
"""How much likelier a verdict is where an honest claim is compared with its own car than where it is compared with any car of
the register; that of the model given that the makes match. Own estimates, rounded towards 1; bench/register_reading.py prints
what the drawn register gives."""


class Lookup(Protocol):
    """What is asked of a register."""

    def has(self, plates: Iterable[str], /) -> set[str]: ...

    def lookup_many(self, plates: Iterable[str], /) -> Mapping[str, Sequence[Registration]]: ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that the plate may say, its probability by the pixels alone, and the country of its plate type."""

    text: str
    probability: float
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What is assumed about register and claims; the defaults are the ones that were measured.

    `country`: of the register's cars (lower case). `coverage`, `coverage_abroad`: the chance that the register holds the plate of
    a photo, for a text that fits a plate type of that country and for another. `unlisted`: the share of the reader's doubt that
    lies outside its candidates. `lie_rate`: the chance that a claim has nothing to do with the car. `most`: no claim makes a
    text likelier by more than this factor, and none makes it less likely, for claims are what is being checked. `switch_at`: the
    joint probability from which another text takes the place of the reader's. Raises ValueError for a number out of range.
    """

    country: str | None = "ua"
    coverage: float = 0.9
    coverage_abroad: float = 0.05
    unlisted: float = 0.25
    lie_rate: float = 0.1
    most: float = 20.0
    switch_at: float = 0.8

    def __post_init__(self) -> None:
        for name in ("coverage", "coverage_abroad", "unlisted", "lie_rate", "switch_at"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be from 0 to 1, got {getattr(self, name)!r}")
        if not self.most >= 1:
            raise ValueError(f"most must be at least 1, got {self.most!r}")


@dataclass(frozen=True, slots=True)
class JointCandidate:
    """One text: its probability by the reader alone and joined with the register, and what the register knows of it."""

    text: str
    reading: float
    joint: float
    registrations: tuple[Registration, ...]
    comparison: Comparison | None


@dataclass(frozen=True, slots=True)
class Joint:
    """What reader and register together say of one plate.

    `text` with `confidence` is the joint decision, `reading_text` with `reading_confidence` that of the reader alone;
    `decided_by` names what made the difference (`reading`: there is none), `reason` says it in words. `candidates` are ranked by
    their joint probability; what is missing to 1 is the chance of a text that is not among them.
    """

    text: str | None
    confidence: float
    reading_text: str | None
    reading_confidence: float
    decided_by: DecidedBy
    reason: str
    candidates: tuple[JointCandidate, ...]

    @property
    def chosen(self) -> JointCandidate | None:
        return next((candidate for candidate in self.candidates if candidate.text == self.text), None)

    def to_dict(self) -> dict[str, Any]:
        """The value of `register` in `platelight read --format jsonl --register FILE`."""
        chosen = self.chosen
        newest = chosen.registrations[0] if chosen and chosen.registrations else None
        return {
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "reading": {"text": self.reading_text, "confidence": round(self.reading_confidence, 4)},
            "decided_by": self.decided_by,
            "reason": self.reason,
            "known": newest is not None,
            "registration": None if newest is None else _shown(newest),
            "registrations": len(chosen.registrations) if chosen else 0,
            "candidates": [
                {"text": item.text, "confidence": round(item.joint, 4), "reading": round(item.reading, 4), "known": bool(item.registrations)}
                for item in self.candidates
            ],
        }


def candidates_of(decoding: Decoding) -> tuple[Candidate, ...]:
    """The candidates of a decoding as `join` takes them."""
    chances = decoding.confidences or tuple(math.exp(item.log_prob) for item in decoding.candidates)
    return tuple(Candidate(item.text, chance, item.country) for item, chance in zip(decoding.candidates, chances, strict=True))


def join(candidates: Sequence[Candidate], register: Lookup, claim: Claim | None = None, settings: Settings = Settings()) -> Joint:
    """Weigh the reader's candidates, best first, by the register and, where there is one, by a claim about the car.

    Probabilities that sum to more than 1 are scaled down. No candidates give a decision without a text.
    """
    if not candidates:
        return Joint(None, 0.0, None, 0.0, "reading", "No text was read.", ())
    readings = _with_rest(candidates, settings.unlisted)
    held = register.lookup_many([candidate.text for candidate in candidates])
    members = _members(readings, held, register, settings)
    facts = [held[candidate.text] for candidate in candidates]
    comparisons = [compare_all(claim, found) if claim and not claim.empty else None for found in facts]
    fits = [_fit(comparison, settings) for comparison in comparisons]
    plain = _shares([reading.probability * member for reading, member in zip(readings, members, strict=True)], readings)
    joint = _shares([reading.probability * member * fit for reading, member, fit in zip(readings, members, fits, strict=True)], readings)
    ranked = sorted(zip(candidates, joint, facts, comparisons, strict=True), key=lambda row: -row[1])
    items = tuple(JointCandidate(item.text, item.probability, share, tuple(found), fit) for item, share, found, fit in ranked)
    return _decided(candidates, plain, joint, items, settings)


def _with_rest(candidates: Sequence[Candidate], unlisted: float) -> list[Candidate]:
    """The same, scaled so that what is missing to 1 is the chance of no candidate being right.

    A reader that doubts its best text doubts the whole list: the share `unlisted` of that doubt is added to what the list lacks.
    """
    total = sum(candidate.probability for candidate in candidates)
    missing = max(1.0 - total, 0.0) + unlisted * max(1.0 - candidates[0].probability, 0.0)
    scale = 1.0 / max(total + missing, 1e-9)
    return [replace(candidate, probability=candidate.probability * scale) for candidate in candidates]


def _members(readings: Sequence[Candidate], held: Mapping[str, Sequence[Registration]], register: Lookup, settings: Settings) -> list[float]:
    """For each candidate, how much likelier it is that the register holds it (or not) if it is the plate than if it is not."""
    home = Home.of(settings.country)
    chances = home.by_chance([reading.text for reading in readings], [reading.probability for reading in readings], register)
    weights = []
    for reading, chance in zip(readings, chances, strict=True):
        own = settings.country is None or reading.country == settings.country or home.fits(reading.text)
        coverage = settings.coverage if own else settings.coverage_abroad
        weights.append(coverage / chance if held[reading.text] else min((1 - coverage) / (1 - chance), 1.0))
    return weights


def _fit(comparison: Comparison | None, settings: Settings) -> float:
    """How much likelier the claim is of this car than of any; a claim that contradicts says nothing."""
    if comparison is None:
        return 1.0
    verdicts = {item.field: item.verdict for item in comparison.fields}
    if verdicts["make"] == "mismatch":
        verdicts["model"] = "unknown"  # the makes have said it already
    honest = 1.0
    for field, verdict in verdicts.items():
        honest *= EVIDENCE[field][verdict]
    return min(max((1 - settings.lie_rate) * honest + settings.lie_rate, 1.0), settings.most)


def _shares(weights: Sequence[float], readings: Sequence[Candidate]) -> list[float]:
    outside = max(1.0 - sum(reading.probability for reading in readings), 0.0)
    total = sum(weights) + outside
    return [weight / total for weight in weights] if total > 0 else [0.0] * len(weights)


def _decided(candidates: Sequence[Candidate], plain: Sequence[float], joint: Sequence[float], items: tuple[JointCandidate, ...], settings: Settings) -> Joint:
    without, final = _winner(plain, settings.switch_at), _winner(joint, settings.switch_at)
    decided_by: DecidedBy = "reading" if final == 0 else "register" if final == without else "claim"
    read, chosen = candidates[0], candidates[final]
    chosen_item = next(item for item in items if item.text == chosen.text)
    best_item = next(item for item in items if item.text == read.text)
    return Joint(chosen.text, joint[final], read.text, read.probability, decided_by, _reason(decided_by, chosen_item, best_item), items)


def _winner(shares: Sequence[float], switch_at: float) -> int:
    best = max(range(len(shares)), key=lambda index: shares[index])
    return best if shares[best] >= switch_at else 0


def _reason(decided_by: DecidedBy, chosen: JointCandidate, best: JointCandidate) -> str:
    if decided_by == "reading":
        known = "is in the register" if chosen.registrations else "is not in the register"
        return f"The reader's text stands; it {known}."
    where = "which is not in the register" if not best.registrations else "which is in the register too but is less likely"
    because = " and fits the claim" if decided_by == "claim" else ", which decided"
    return f"{chosen.text} is in the register{because}; the reader alone preferred {best.text}, {where}."


def _shown(registration: Registration) -> dict[str, Any]:
    return {
        "plate": registration.plate, "date": registration.date, "make": registration.make, "model": registration.model,
        "year": registration.year, "color": registration.color,
    }  # fmt: skip
