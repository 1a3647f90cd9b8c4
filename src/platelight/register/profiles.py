"""Which column of a published file means what: profiles for known registers, a mapping for any other."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from platelight.register.errors import RegisterError
from platelight.register.records import Registration

FIELDS = tuple(item.name for item in fields(Registration))
"""What a column may be mapped to."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How a register is published: for each field of `Registration` the names its column has had, as `_key` writes them.

    `make_repeats_model`: in some years the make's column holds the model again ("BMW  X5" beside "X5"), which is then taken off.
    `hint` is added to the message when there is no column of plates.
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    make_repeats_model: bool = False
    hint: str = ""


UA_MVS = Profile(
    "ua-mvs",
    {
        "plate": ("nregnew", "nreg", "regnumber", "nreglatin"),
        "date": ("dreg", "datereg", "operdate"),
        "make": ("brand", "mark", "marka"),
        "model": ("model",),
        "year": ("makeyear", "year"),
        "color": ("color", "colour"),
        "kind": ("kind",),
        "body": ("body", "bodytype"),
        "fuel": ("fuel", "fueltype"),
        "purpose": ("purpose",),
        "operation": ("opername", "operationname", "operas", "cdopercodecdoperas"),
        "capacity_cm3": ("capacity", "enginecapacity"),
        "own_mass_kg": ("ownweight",),
        "total_mass_kg": ("totalweight",),
        "vin": ("vin", "vincode"),
    },
    make_repeats_model=True,
    hint="; the register's files of 2026 are published without plates, older ones have the column N_REG_NEW",
)

PROFILES = {profile.name: profile for profile in (UA_MVS,)}


@dataclass(frozen=True, slots=True)
class Header:
    """Where a file's fields stand: `places` maps fields of `Registration` to positions; `width` is the number of columns."""

    places: Mapping[str, int]
    width: int
    names: tuple[str, ...] = field(default=())


def parse_mapping(texts: Sequence[str]) -> Profile:
    """A profile from texts such as `plate=Number,make=Brand`; a name with a comma is quoted (`"make=Brand, maker"`).

    Raises ValueError.
    """
    columns: dict[str, tuple[str, ...]] = {}
    for part in (part for text in texts for part in next(csv.reader([text], skipinitialspace=True), [])):
        name, equals, column = (piece.strip() for piece in part.partition("="))
        if not equals or not column:
            raise ValueError(f"{part!r} is no mapping; write field=COLUMN, for example plate=NUMBER,make=BRAND")
        if name not in FIELDS:
            raise ValueError(f"{name!r} is no field; fields are {', '.join(FIELDS)}")
        if name in columns:
            raise ValueError(f"{name!r} is mapped twice")
        columns[name] = (_key(column),)
    if "plate" not in columns:
        raise ValueError("the mapping names no column of plates; add plate=COLUMN")
    return Profile("mapping", columns)


def find_columns(header: Sequence[str], profile: Profile) -> Header:
    """Where the profile's fields stand under this header, whatever the order, the case and the quotes.

    A mapping's columns must all be there; of a profile's only the plates. Raises RegisterError.
    """
    names = tuple(name.strip().strip('"').strip() for name in header)
    keys = [_key(name) for name in names]
    places: dict[str, int] = {}
    for item, known in profile.columns.items():
        found = [place for wanted in known for place, key in enumerate(keys) if key == wanted]
        if len(found) > 1 and keys[found[0]] == keys[found[1]]:
            raise RegisterError(f"has the column {names[found[0]]!r} twice")
        if found:
            places[item] = found[0]
        elif profile.name not in PROFILES:
            raise RegisterError(f"has no column for {item}; its columns are {_shown(names)}")
    if "plate" not in places:
        raise RegisterError(f"has no column of plates; its columns are {_shown(names)}{profile.hint}")
    return Header(places, len(names), names)


def _key(name: str) -> str:
    """A column's name without case, spaces and punctuation; a name of punctuation only stays."""
    folded = name.strip().strip('"').strip().casefold()
    return re.sub(r"[\W_]+", "", folded) or folded


def _shown(names: Sequence[str]) -> str:
    return ", ".join(name[:40] for name in names[:40]) or "none"
