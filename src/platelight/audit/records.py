"""The values of an audit: an advert as given, a plate found on its photos, the car chosen, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from platelight.geometry import Quad
from platelight.register.posterior import Candidate, DecidedBy
from platelight.register.records import Claim, Field, FieldVerdict, Registration

Verdict = Literal["contradicted", "unsure", "not_in_register", "unchecked", "no_plate", "no_photo", "confirmed"]

VERDICTS: tuple[Verdict, ...] = ("contradicted", "unsure", "not_in_register", "unchecked", "no_plate", "no_photo", "confirmed")
"""In the order in which a moderator wants to see them."""

MEANINGS: dict[Verdict, str] = {
    "contradicted": "the register says something else about this plate's car than the advert",
    "unsure": "the plate may be misread, or it is not clear which car is meant",
    "not_in_register": "the plate was read, and the register does not hold it",
    "unchecked": "the register holds the plate, but nothing claimed could be compared",
    "no_plate": "no readable plate on the car of the advert",
    "no_photo": "no photo of the advert could be read",
    "confirmed": "what could be compared agrees with the register",
}


@dataclass(frozen=True, slots=True)
class Advert:
    """One advert as given: `photos` are paths as resolved, `photo_names` the same as written; `line` its first line in the file.

    `year_text` is the year as written, whether or not it is one. `extra` holds the columns that mean nothing here, by name.
    """

    id: str
    photos: tuple[str, ...]
    photo_names: tuple[str, ...]
    claim: Claim
    line: int
    year_text: str | None = None
    title: str | None = None
    url: str | None = None
    extra: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Find:
    """One plate on one photo: `photo` counts the advert's photos from 0; `candidates` are what it may say, best first."""

    photo: int
    quad: Quad
    width: int
    height: int
    text: str | None
    confidence: float
    country: str | None
    template: str | None
    score: float
    flags: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """One photo after reading: its plates, or the `error` saying why it could not be read."""

    source: str
    finds: tuple[Find, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Car:
    """The finds that show one plate, over all photos of an advert.

    `prominence` is the sum over photos of how large and central it is; `photos` how many show it, `main_on` how many show it as
    the foremost plate. `candidates` are what all its finds say together. `best` is the find to show a person.
    """

    finds: tuple[Find, ...]
    prominence: float
    photos: int
    main_on: int
    candidates: tuple[Candidate, ...]
    best: Find

    @property
    def text(self) -> str:
        return self.candidates[0].text

    @property
    def chance(self) -> float:
        return self.candidates[0].probability


@dataclass(frozen=True, slots=True)
class Choice:
    """Which car of the photos is the advert's: `car`, or None where none can be named, with the `reason` in one sentence.

    `rivals` are cars about as prominent; `unread` is the most prominent plate that could not be read.
    """

    car: Car | None
    reason: str
    rivals: tuple[Car, ...] = ()
    unread: Find | None = None
    others: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """What the evidence picture shows: a photo's path, the plate's quad there (None where there is none), and the quads of the
    photo's other plates."""

    source: str
    quad: Quad | None
    others: tuple[Quad, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """All that an audit says about one advert.

    `plate` is the text that was looked up and `confidence` the chance that it is right, the register's word included;
    `plate_alone` and `confidence_alone` are the reading without the register, and `decided_by` what made them differ. `car_reason` says why this plate
    is taken for the advert's car, `reading_reason` why this text. `plates_found` counts plates on all photos, `seen_on` the
    photos that show this one.
    """

    advert: Advert
    verdict: Verdict
    reason: str
    car_reason: str = ""
    plate: str | None = None
    confidence: float | None = None
    plate_alone: str | None = None
    confidence_alone: float | None = None
    decided_by: DecidedBy | None = None
    reading_reason: str = ""
    country: str | None = None
    template: str | None = None
    registration: Registration | None = None
    registrations: int = 0
    fields: tuple[FieldVerdict, ...] = ()
    photos_read: int = 0
    photo_errors: tuple[str, ...] = ()
    plates_found: int = 0
    seen_on: int = 0
    shown: Shown | None = None

    def field(self, name: Field) -> FieldVerdict | None:
        """The verdict on one field of the claim, or None where there was nothing to compare with."""
        return next((item for item in self.fields if item.field == name), None)
