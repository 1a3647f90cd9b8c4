"""Values of a settings file: each kind of value with what is allowed, and messages that name the key and what it got."""

from __future__ import annotations

import difflib
import math
import os
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from platelight.watch.zones import Zones

VARIABLE = re.compile(r"\$(?:\$|\{([^}]*)\})")
"""A dollar sign written twice, or the name of an environment variable in braces."""

NAME = re.compile(r"[A-Za-z0-9_.-]+")
CODE = re.compile(r"[a-z]{2}(-[a-z0-9]+)?")

Check = Callable[[Any], Any]
"""Gives the value to use, or raises ValueError with what is allowed."""


class ConfigError(ValueError):
    """Settings that cannot be used. The message names the file, the key, and what is allowed."""


def expanded(value: Any, environment: Mapping[str, str] = os.environ) -> Any:
    """The same value with `${NAME}` in its texts replaced from the environment, and `$$` by a dollar sign. Raises ValueError."""
    if isinstance(value, list):
        return [expanded(part, environment) for part in value]
    if isinstance(value, dict):
        return {key: expanded(part, environment) for key, part in value.items()}
    if not isinstance(value, str):
        return value

    def of(match: re.Match[str]) -> str:
        name = match.group(1)
        if name is None:
            return "$"
        if name not in environment:
            raise ValueError(f"the environment variable {name} is not set (write $${{...}} for a dollar sign and braces)")
        return environment[name]

    return VARIABLE.sub(of, value)


def checked(table: Any, checks: Mapping[str, Check], where: str, required: Collection[str] = ()) -> dict[str, Any]:
    """The values of a table of the file by key, after expansion. Raises `ConfigError` for what is unknown, missing or wrong."""
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: must be a table of keys and values, got {table!r}")
    values = {}
    for key, value in table.items():
        if key not in checks:
            near = difflib.get_close_matches(key, checks, 1)
            raise ConfigError(f"{where}: there is no key {key!r}{f', did you mean {near[0]!r}?' if near else ''}; keys are {', '.join(sorted(checks))}")
        try:
            values[key] = checks[key](expanded(value))
        except ValueError as error:
            raise ConfigError(f"{where}: {key}: {error}") from None
    for key in required:
        if key not in values:
            raise ConfigError(f"{where}: the key {key!r} is missing")
    return values


def text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"must be a text in quotes, got {value!r}")
    return value


def secret(value: Any) -> str:
    """A text that no message repeats."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text in quotes, not empty")
    return value


def name(value: Any) -> str:
    if not isinstance(value, str) or not NAME.fullmatch(value) or value.strip(".") == "":
        raise ValueError(f"must consist of letters a-z, digits, dots, - and _, got {value!r}")
    return value


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, got {value!r}")
    return value


def whole(least: int, most: int | None = None) -> Check:
    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least or (most is not None and value > most):
            raise ValueError(f"must be a whole number from {least}{'' if most is None else f' to {most}'}, got {value!r}")
        return value

    return check


def number(least: float, most: float = math.inf, above: bool = False) -> Check:
    def check(value: Any) -> float:
        right = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        if not right or value > most or value < least or (above and value == least):
            raise ValueError(f"must be a number {'above' if above else 'from'} {least:g}{'' if most == math.inf else f' to {most:g}'}, got {value!r}")
        return float(value)

    return check


def one_of(*allowed: str) -> Check:
    def check(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}, got {value!r}")
        return str(value)

    return check


def moment(value: Any) -> float:
    """UTC seconds of a date with time: TOML's own, or a text in ISO 8601; without a zone it is local time."""
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return found.timestamp()
    except (TypeError, ValueError, OverflowError, OSError):
        raise ValueError(f"must be a date with time such as 2026-11-21T19:30:00Z, got {value!r}") from None


def codes(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(code, str) and CODE.fullmatch(code.strip().lower()) for code in value):
        raise ValueError(f'must be a list of country codes such as ["ua", "pl"], got {value!r}')
    return tuple(dict.fromkeys(code.strip().lower() for code in value))


def polygons(value: Any) -> tuple[tuple[tuple[float, float], ...], ...]:
    """A list of polygons, or a single one."""
    try:
        shapes = [value] if _is_point(value[0]) else value
        found = tuple(tuple((float(x), float(y)) for x, y in shape) for shape in shapes)
    except (TypeError, ValueError, IndexError, KeyError):
        raise ValueError(f"must be a list of polygons, each a list of points such as [[0.1, 0.5], [0.9, 0.5], [0.9, 1.0]], got {value!r}") from None
    Zones(found)
    return found


def headers(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(part, str) and "\n" not in part and "\r" not in part for pair in value.items() for part in pair):
        raise ValueError('must be a table of texts of one line, such as { Authorization = "Bearer ${TOKEN}" }')
    return dict(value)


def _is_point(value: Any) -> bool:
    return len(value) == 2 and all(isinstance(part, (int, float)) for part in value)
