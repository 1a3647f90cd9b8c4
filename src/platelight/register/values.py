"""Dates and numbers as registers write them; each function gives what is stored, and `UNKNOWN` where it cannot be understood."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

MISSING = 0
"""How a number, a code or a text's code that the row lacks is stored; no car has the year, the mass or the engine 0."""

NO_DAY = -32768
"""How a missing date is stored: before every day that is one."""

EPOCH = datetime.date(2000, 1, 1)
UNKNOWN = None
"""Given for a value that is there but cannot be understood."""

_BLANK = frozenset({"", "-", "--", "NULL", "null", "Null", "None", "N/A", "n/a"})
_ISO = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?:[T ].*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_PARTS = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4}|\d{2})(?:[T ].*)?")
_NUMBER = re.compile(r"\d+(?:[.,]\d*)?")


def clean(text: str) -> str:
    """The text with single spaces; empty where it says that there is none."""
    text = " ".join(text.split())
    return "" if text in _BLANK else text


@lru_cache(maxsize=65536)
def day(text: str, month_first: bool = False) -> int | None:
    """Days since 2000-01-01 of DD.MM.YYYY, DD.MM.YY, YYYY-MM-DD or YYYYMMDD, with . - or /, a time after it left out."""
    text = clean(text)
    if not text:
        return NO_DAY
    iso = _ISO.fullmatch(text) or _COMPACT.fullmatch(text)
    if iso:
        return _since_epoch(*map(int, iso.groups()))
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return UNKNOWN
    first, second, year = map(int, parts.groups())
    if len(parts[3]) == 2:
        year += 2000 if year <= datetime.date.today().year % 100 + 1 else 1900
    return _since_epoch(year, first, second) if month_first else _since_epoch(year, second, first)


def _since_epoch(year: int, month: int, day_of_month: int) -> int | None:
    try:
        days = (datetime.date(year, month, day_of_month) - EPOCH).days
    except ValueError:
        return UNKNOWN
    return days if days > NO_DAY else UNKNOWN


@lru_cache(maxsize=65536)
def date_of(days: int) -> str | None:
    """The stored day as YYYY-MM-DD."""
    return None if days == NO_DAY else (EPOCH + datetime.timedelta(days)).isoformat()


@lru_cache(maxsize=65536)
def number(text: str) -> int | None:
    """A whole number of at least 0, rounded; thousands may stand apart (`1 998`), a fraction after a point or a comma."""
    text = clean(text).replace(" ", "")
    if not text:
        return MISSING
    if _NUMBER.fullmatch(text) is None or len(text) > 12:
        return UNKNOWN
    return round(float(text.replace(",", ".")))


@lru_cache(maxsize=1024)
def year_of_make(text: str) -> int | None:
    """A year from 1880 to the one after this; the year alone, or a date."""
    found = number(text)
    if found is None:
        days = day(text)
        if days is None:
            return UNKNOWN
        found = (EPOCH + datetime.timedelta(days)).year
    return found if found == MISSING or 1880 <= found <= datetime.date.today().year + 1 else UNKNOWN
