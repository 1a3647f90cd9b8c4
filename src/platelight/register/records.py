"""The values that the register hands out and takes in: a registration, a claim about a car, and what a comparison found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["match", "mismatch", "unknown"]
Field = Literal["make", "model", "year", "color"]
FIELDS: tuple[Field, ...] = ("make", "model", "year", "color")


@dataclass(frozen=True, slots=True)
class Registration:
    """One registration of one plate as the register holds it; a value that the register lacks is None.

    `plate` is normalised (A-Z, 0-9, umlauts; no separators). `date` is ISO 8601 (YYYY-MM-DD), the day of the registration or of
    the last operation. `make`, `model`, `color`, `kind`, `body`, `fuel`, `purpose`, `operation` are as published; `year` is the
    year of manufacture; `capacity_cm3` the engine's; masses in kilograms; `vin` only in a register built with it.
    """

    plate: str
    date: str | None = None
    make: str | None = None
    model: str | None = None
    year: int | None = None
    color: str | None = None
    kind: str | None = None
    body: str | None = None
    fuel: str | None = None
    purpose: str | None = None
    operation: str | None = None
    capacity_cm3: int | None = None
    own_mass_kg: int | None = None
    total_mass_kg: int | None = None
    vin: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What an advert or a person says a car is; None where nothing is said. `make` may hold the model too ("BMW X5")."""

    make: str | None = None
    model: str | None = None
    year: int | None = None
    color: str | None = None

    @property
    def empty(self) -> bool:
        return self.make is None and self.model is None and self.year is None and self.color is None


@dataclass(frozen=True, slots=True)
class FieldVerdict:
    """One field of a claim against one registration: what was claimed, what is registered, the verdict and why, in one sentence."""

    field: Field
    claimed: str | None
    registered: str | None
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A claim against one registration: one verdict for every field, and together (`mismatch` if any field is one, `match` if
    at least one matches and none contradicts, otherwise `unknown`)."""

    registration: Registration
    fields: tuple[FieldVerdict, ...]

    @property
    def verdict(self) -> Verdict:
        verdicts = {item.verdict for item in self.fields}
        if "mismatch" in verdicts:
            return "mismatch"
        return "match" if "match" in verdicts else "unknown"
