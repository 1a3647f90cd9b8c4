"""A row's texts as the numbers that the register stores: repeated texts get codes, dates and numbers become integers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from typing import Any

from platelight.register.errors import RegisterError
from platelight.register.plates import normalize_plate
from platelight.register.profiles import Header
from platelight.register.schema import TRAITS
from platelight.register.values import MISSING, NO_DAY, clean, day, number, year_of_make

MOST_TEXTS = 1_000_000
"""Different texts of one kind; more of them are no makes or colors, and would not fit in memory."""

_REMEMBERED = 200_000
_LONGEST_TEXT = 200


class Codes(dict[Any, int]):
    """Texts as published to codes, given out as the texts come; spellings that differ in spaces only share one.

    The keys are what `itemgetter` takes out of a row. `texts` maps the cleaned texts to their codes; code 0 is "none given".
    """

    def __init__(self, name: str, width: int, tidy: Callable[[tuple[str, ...]], tuple[str, ...]] = tuple) -> None:
        super().__init__()
        self._name, self._tidy = name, tidy
        self.texts: dict[tuple[str, ...], int] = {("",) * width: MISSING}

    def __missing__(self, published: Any) -> int:
        texts = (published,) if isinstance(published, str) else published
        cleaned = self._tidy(tuple(clean(text)[:_LONGEST_TEXT] for text in texts))
        code = self.texts.setdefault(cleaned, len(self.texts))
        if len(self.texts) > MOST_TEXTS:
            raise RegisterError(f"more than {MOST_TEXTS:,} different values of {self._name}: the wrong column?")
        if len(self) >= _REMEMBERED:
            self.clear()
        self[published] = code
        return code

    def rows(self) -> Iterator[tuple[int | str, ...]]:
        """What goes into the register's table of these texts."""
        return ((code, *texts) for texts, code in self.texts.items())


def without_model(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Make and model, the model taken off the end of a make that repeats it."""
    make, model = texts
    return (make[: -len(model)].rstrip(), model) if model and make.endswith(f" {model}") else texts


class Tables:
    """The codes of all files of one register."""

    def __init__(self, make_repeats_model: bool) -> None:
        self.model = Codes("make and model", 2, without_model if make_repeats_model else tuple)
        self.color = Codes("color", 1)
        self.traits = Codes("kind, body, fuel and purpose", len(TRAITS))
        self.operation = Codes("operation", 1)

    def named(self) -> Mapping[str, Codes]:
        return {"model": self.model, "color": self.color, "traits": self.traits, "operation": self.operation}


class Coder:
    """Codes the rows of one file. `not_understood` counts, by field, dates and numbers that are there but make no sense."""

    def __init__(self, header: Header, tables: Tables, month_first: bool, vin: bool) -> None:
        self.not_understood: Counter[str] = Counter()
        place = {**dict.fromkeys(("make", "model", "color", *TRAITS, "operation"), -1), **header.places}  # -1: the empty text that `code` appends
        self._plate, self._date = place["plate"], place.get("date", -1)
        self._year, self._vin = place.get("year", -1), place.get("vin", -1) if vin else None
        self._numbers = [place.get(name, -1) for name in ("capacity_cm3", "own_mass_kg", "total_mass_kg")]
        self._model_of = itemgetter(place["make"], place["model"])
        self._color_of = itemgetter(place["color"])
        self._traits_of = itemgetter(*(place[name] for name in TRAITS))
        self._operation_of = itemgetter(place["operation"])
        self._tables, self._month_first = tables, month_first

    def code(self, fields: list[str]) -> tuple[Any, ...]:
        """The row in the order of the register's columns. Raises ValueError where the plate cannot be used."""
        fields.append("")
        plate = normalize_plate(fields[self._plate])
        tables = self._tables
        days = day(fields[self._date], self._month_first)
        if days is None:
            days = self._count("date", NO_DAY)
        year = year_of_make(fields[self._year])
        if year is None:
            year = self._count("year", MISSING)
        capacity_at, own_at, total_at = self._numbers
        capacity, own, total = number(fields[capacity_at]), number(fields[own_at]), number(fields[total_at])
        if capacity is None:
            capacity = self._count("capacity_cm3", MISSING)
        if own is None:
            own = self._count("own_mass_kg", MISSING)
        if total is None:
            total = self._count("total_mass_kg", MISSING)
        row = (
            plate, days, tables.model[self._model_of(fields)], year, tables.color[self._color_of(fields)],
            tables.traits[self._traits_of(fields)], tables.operation[self._operation_of(fields)], capacity, own, total,
        )  # fmt: skip
        return row if self._vin is None else (*row, clean(fields[self._vin]).upper()[:_LONGEST_TEXT])

    def _count(self, name: str, instead: int) -> int:
        self.not_understood[name] += 1
        return instead
