"""What a vehicle register adds to the plates that `platelight read` prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from platelight.records import Plate
    from platelight.register import Claim, Register
    from platelight.register.posterior import Joint, Settings

TOP = 10
"""Candidates that are weighed by the register, however few are printed."""

_CLAIMED = ("make", "model", "year", "color")


class Registered:
    """Joins each plate's candidates with a register; `printed` candidates of the reader are shown."""

    top = TOP

    def __init__(self, register: Register, claim: Claim | None, printed: int, settings: Settings) -> None:
        self.register, self.claim, self.printed, self.settings = register, claim, printed, settings

    def fields(self, plate: Plate, /) -> dict[str, Any]:
        return {"candidates": plate.to_dict()["candidates"][: self.printed], "register": self._join(plate).to_dict()}

    def note(self, plate: Plate, /) -> str:
        joint = self._join(plate)
        car = joint.chosen.registrations[0] if joint.chosen and joint.chosen.registrations else None
        if joint.text is None:
            return ""
        known = "not in the register" if car is None else "register: " + " ".join(str(value) for value in (car.make, car.model, car.year, car.color) if value)
        return known if joint.decided_by == "reading" else f"with the register: {joint.text} ({joint.confidence:.3f}){known.removeprefix('register')}"

    def _join(self, plate: Plate) -> Joint:
        from platelight.register.posterior import candidates_of, join

        return join(candidates_of(plate.decoding) if plate.text else (), self.register, self.claim, self.settings)


def registered(path: Path | None, claim: str | None, printed: int) -> Registered | None:
    """Open the register, if one is given. Raises typer.BadParameter for a claim that cannot be understood."""
    if path is None:
        if claim is not None:
            raise typer.BadParameter("a claim is checked against a register: give --register too", param_hint="--claim")
        return None
    from platelight.register import Register
    from platelight.register.posterior import Settings

    said = None if claim is None else _claim(claim)
    register = Register(path)
    return Registered(register, said, printed, Settings(country="ua" if register.info().profile == "ua-mvs" else None))


def _claim(text: str) -> Claim:
    from platelight.register import Claim

    values: dict[str, Any] = {}
    for part in text.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if name not in _CLAIMED or not equals or not value:
            raise typer.BadParameter(f"{part.strip()!r} is not one of {', '.join(f'{field}=...' for field in _CLAIMED)}", param_hint="--claim")
        values[name] = value
    if "year" in values:
        if not (values["year"].isascii() and values["year"].isdigit() and len(values["year"]) == 4):
            raise typer.BadParameter(f"year must have four digits, got {values['year']!r}", param_hint="--claim")
        values["year"] = int(values["year"])
    return Claim(**values)
