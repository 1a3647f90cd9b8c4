"""From what the network saw to a decided text: candidates, weighed by the plate types of the world.

Two kinds of candidates are made: texts the slots allow by themselves (a small beam), and for every number of characters that
is in question the best text of each plate type. All are ranked by one sum,

    log P(slots say this text) + log prior(text),

where the prior is that of the best plate type the text fits (how likely the network holds its country, how common the type),
and a fixed small value for a text that fits no type: a template may reorder what was seen, never forbid it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from platelight.records import ALPHABET, Candidate, Decoding, FloatTensor, Reading, Reason
from platelight.templates import Template
from platelight.templates.index import TemplateIndex

BEAM = 16
LENGTHS = 4
PER_TEMPLATE = 6
SLOT_FLOOR = math.log(2e-3)
"""A character of a slot less likely than this starts no candidate of the beam."""
REACH = 9.0
"""A template's text this many nats below the best reading is not considered."""
CERTAIN = math.log(0.995)


@dataclass(frozen=True, slots=True)
class Weights:
    """How strongly prior knowledge counts; chosen on dev readings with the country unknown.

    `country`, `frequency`: exponents of the two chances. `format`: exponent of the chance of one text among all of its type
    (a narrow format that fits is better evidence than one that allows anything). `stranger`: the log prior of a text that
    fits no type, on top of any character at every place; `stranger_given`: the same where the user named the countries.
    `shape`: exponent of the chance of the plate's proportions given the type's, a normal law of its logarithm with the
    deviation `shape_spread`; no type loses more than `shape_floor` by it, for plates are seen from the side.
    """

    country: float = 0.65
    frequency: float = 0.1
    format: float = 0.15
    stranger: float = -3.0
    stranger_given: float = -6.0
    shape: float = 0.5
    shape_spread: float = 0.2
    shape_floor: float = -2.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """A rising curve from the decoder's raw chance to the share that proved right: `raw` and `right`, same length, both 0 to 1."""

    raw: tuple[float, ...]
    right: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.raw) != len(self.right) or len(self.raw) < 2 or list(self.raw) != sorted(self.raw) or list(self.right) != sorted(self.right):
            raise ValueError("calibration: raw and right must be rising lists of one length, at least two points")

    def __call__(self, chance: float) -> float:
        return float(np.interp(chance, self.raw, self.right))


@dataclass(frozen=True, slots=True)
class _Path:
    """A text with the slots its characters stand in and its log-probability."""

    text: str
    slots: tuple[int, ...]
    log_prob: float


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A text's score, the numbers of the types that it fits, and the one that counts."""

    score: float
    path: _Path
    fitting: list[int]
    chosen: Template | None


@dataclass(frozen=True, slots=True, eq=False)
class _Types:
    """What counts for each of N plate types whatever is read; those of one country, or of one shape, share a number.

    `common`, `narrow` (N,): the parts of the prior for how common the type is and for how many texts it allows.
    """

    common: NDArray[np.float64]
    narrow: NDArray[np.float64]
    countries: tuple[str, ...]
    country: NDArray[np.intp]  # (N,) into countries
    shapes: tuple[tuple[float, float], ...]
    shape: NDArray[np.intp]  # (N,) into shapes

    @classmethod
    def of(cls, templates: Sequence[Template], weights: Weights) -> _Types:
        totals: dict[str, float] = {}
        shapes: dict[tuple[float, float], int] = {}
        for template in templates:
            totals[template.country] = max(totals.get(template.country, 0.0), template.frequency)
            shapes.setdefault(template.size_mm, len(shapes))
        countries = {name: number for number, name in enumerate(totals)}
        return cls(
            np.array([weights.frequency * math.log(template.frequency / totals[template.country]) for template in templates]),
            np.array([weights.format * template.log_size for template in templates]),
            tuple(countries), np.array([countries[template.country] for template in templates], np.intp),
            tuple(shapes), np.array([shapes[template.size_mm] for template in templates], np.intp),
        )  # fmt: skip

    def priors(self, country: dict[str, float], aspect: float | None, weights: Weights) -> list[float]:
        """Log prior of every type for a plate of these chances of each country and of these proportions."""
        seen = np.array([weights.country * country.get(name, -12.0) for name in self.countries])
        values: list[float] = ((seen[self.country] + self.common) + (self._shape(aspect, weights)[self.shape] - self.narrow)).tolist()
        return values

    def _shape(self, aspect: float | None, weights: Weights) -> NDArray[np.float64]:
        """Log prior of seeing each shape in these proportions."""
        if not aspect:
            return np.zeros(len(self.shapes))
        off = np.array([math.log(aspect * height / width) for width, height in self.shapes]) / weights.shape_spread
        return np.asarray(np.maximum(-weights.shape * off * off / 2, weights.shape_floor))


class Decoder:
    """Readings to decodings; a callable.

    `countries` (ISO alpha-2, lower case) limits the plate types and says that the plates are from there; `top` candidates are
    returned; `use_templates=False` leaves every text as read. Raises ValueError for a country without templates.
    """

    def __init__(
        self, templates: Sequence[Template], countries: Sequence[str] | None = None, top: int = 5, calibration: Calibration | None = None,
        weights: Weights = Weights(), use_templates: bool = True,
    ) -> None:  # fmt: skip
        known = {template.country for template in templates}
        unknown = sorted(set(countries or ()) - known)
        if unknown:
            raise ValueError(f"no plate types for country {unknown[0]!r}; there are {', '.join(sorted(known))}")
        self.countries = frozenset(countries or ())
        chosen = [template for template in templates if not self.countries or template.country in self.countries]
        self.index = TemplateIndex(chosen if use_templates else ())
        self.top, self.calibration, self.weights = top, calibration, weights
        self._types = _Types.of(self.index.templates, self.weights)
        self._origins = [(template.region, template.country) for template in self.index.templates]

    def __call__(self, readings: Sequence[Reading]) -> list[Decoding]:
        return [self._decode(reading) for reading in readings]

    def _decode(self, reading: Reading) -> Decoding:
        free = _beam(reading)
        if not free or not free[0].text:
            return Decoding(None, (), "NO_TEMPLATE", 0.0)
        seen = dict(zip(reading.countries, (float(value) for value in reading.country_log_probs), strict=True))
        country, guess = self._among_allowed(seen), _likely(seen)
        priors = self._types.priors(country, reading.aspect, self.weights)
        paths: dict[str, _Path] = {}
        for path in sorted([*self._constrained(reading, free), *free], key=lambda path: -path.log_prob):
            if path.text:
                paths.setdefault(path.text, path)
        ranked = sorted((self._weigh(path, priors) for path in paths.values()), key=lambda weighed: -weighed.score)
        chances = [reading.wholeness * chance for chance in self._chances([weighed.score for weighed in ranked], free)]
        candidates = tuple(self._candidate(weighed, reading, guess) for weighed in ranked[: self.top])
        best = candidates[0]
        reason: Reason = "CORRECTED" if best.text != reading.text else ("AS_READ" if best.template else "NO_TEMPLATE")
        return Decoding(best, candidates, reason, chances[0], tuple(chances[: self.top]))

    def _among_allowed(self, seen: dict[str, float]) -> dict[str, float]:
        """The network's view of the country, renewed over the allowed ones where the user named some."""
        if not self.countries:
            return seen
        total = np.logaddexp.reduce([seen.get(country, -12.0) for country in sorted(self.countries)])
        return {country: seen.get(country, -12.0) - float(total) for country in self.countries}

    def _constrained(self, reading: Reading, free: list[_Path]) -> list[_Path]:
        """The best texts that plate types allow, for the few likeliest choices of which slots hold a character."""
        subsets = list(dict.fromkeys(path.slots for path in free if path.slots))[:LENGTHS]
        absent = reading.log_probs[:, 0]
        paths = []
        for slots in subsets:
            left_out = float(absent.sum() - absent[list(slots)].sum())
            floor = free[0].log_prob - REACH - left_out
            for text, log_prob in self.index.best(reading.log_probs[list(slots), 1:], PER_TEMPLATE, floor):
                paths.append(_Path(text, slots, log_prob + left_out))
        return paths

    def _weigh(self, path: _Path, priors: list[float]) -> _Weighed:
        """The score of one text, by the best plate type it fits."""
        fitting = self.index.fitting(path.text)
        best = max(fitting, key=priors.__getitem__, default=None)
        stranger = self._stranger(len(path.text))
        if best is None or not priors[best] > stranger:
            return _Weighed(path.log_prob + stranger, path, fitting, None)
        return _Weighed(path.log_prob + priors[best], path, fitting, self.index.templates[best])

    def _candidate(self, weighed: _Weighed, reading: Reading, guess: str | None) -> Candidate:
        """The country is `guess` where the text fits no type."""
        path, chosen = weighed.path, weighed.chosen
        where = chosen.country if chosen else guess
        classes = [reading.alphabet.index(character) + 1 for character in path.text]
        confidences = tuple(np.exp(reading.log_probs[list(path.slots), classes]).tolist())
        regions = {region for region, country in map(self._origins.__getitem__, weighed.fitting) if country == where}
        region = regions.pop() if len(regions) == 1 else None
        return Candidate(path.text, where, chosen.id if chosen else None, path.log_prob, confidences, region)

    def _stranger(self, length: int) -> float:
        """Log prior of a text of that many characters that fits no type."""
        rest = self.weights.stranger_given if self.countries else self.weights.stranger
        return rest - self.weights.format * length * math.log(len(ALPHABET))

    def _chances(self, scores: list[float], free: list[_Path]) -> list[float]:
        """Scores as shares of all there is, what no candidate covers counted against them; then calibrated."""
        uncovered = max(1.0 - sum(math.exp(path.log_prob) for path in free), 1e-6)
        total = float(np.logaddexp.reduce([*scores, math.log(uncovered) + self._stranger(len(free[0].text))]))
        shares = [math.exp(score - total) for score in scores]
        return [self.calibration(share) if self.calibration else share for share in shares]


def _likely(country: dict[str, float]) -> str | None:
    """The country if the network is more sure of it than not."""
    best = max(country, key=lambda name: country[name], default=None)
    return best if best is not None and country[best] > math.log(0.5) else None


def _beam(reading: Reading) -> list[_Path]:
    """The likeliest texts by the slots alone, best first; equal texts keep their likeliest path."""
    paths = [_Path("", (), 0.0)]
    for slot, row in enumerate(reading.log_probs):
        paths = _extend(paths, slot, row, reading.alphabet)
    best: dict[str, _Path] = {}
    for path in paths:
        best.setdefault(path.text, path)
    return list(best.values())


def _extend(paths: list[_Path], slot: int, row: FloatTensor, alphabet: str) -> list[_Path]:
    top = int(row.argmax())
    options = [top] if row[top] > CERTAIN else [int(i) for i in np.argsort(-row)[:5] if row[i] > SLOT_FLOOR or i == top]
    grown = []
    for path in paths:
        for option in options:
            log_prob = path.log_prob + float(row[option])
            grown.append(_Path(path.text + alphabet[option - 1], (*path.slots, slot), log_prob) if option else _Path(path.text, path.slots, log_prob))
    return sorted(grown, key=lambda path: -path.log_prob)[:BEAM] if len(options) > 1 else grown
