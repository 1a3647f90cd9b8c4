"""A plate type as a value: what its text may be and how it looks."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

MARKS = {" ": "gap", "~": "thin gap", "-": "dash", ".": "dot", "*": "seal", "+": "emblem"}

NARROW = 0.93 * math.log(36)
"""A type with fewer texts a character than this, in natural logs, is no mixture of any letters and digits; letters alone have 0.91 log 36."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One character out of `chars`."""

    chars: str
    optional: bool = False

    def options(self) -> tuple[str, ...]:
        return tuple(self.chars)


@dataclass(frozen=True, slots=True)
class Choice:
    """One whole string out of `texts` (a district code, a fixed word)."""

    texts: tuple[str, ...]
    optional: bool = False

    def options(self) -> tuple[str, ...]:
        return self.texts


@dataclass(frozen=True, slots=True)
class Mark:
    """Something drawn between characters that is no part of the text; `symbol` is a key of MARKS."""

    symbol: str


Element = Slot | Choice | Mark


@dataclass(frozen=True, slots=True)
class Band:
    """A coloured strip at one side of the plate: `side` left, right, top or bottom; `text` as written on it; `flag` a name."""

    side: str
    colour: str
    ink: str = "white"
    text: str = ""
    flag: str = ""


@dataclass(frozen=True)
class Template:
    """One plate type of one country. Sizes in millimetres; colours are names or `#rrggbb`."""

    id: str
    country: str
    name: str
    lines: tuple[tuple[Element, ...], ...]
    size_mm: tuple[float, float]
    face: str
    source: str
    years: tuple[int | None, int | None] = (None, None)
    vehicle: str = "car"
    region: str | None = None
    ground: str = "white"
    ink: str = "black"
    border: str = ""
    art: str = ""
    bands: tuple[Band, ...] = ()
    caption_top: str = ""
    caption_bottom: str = ""
    frequency: float = 1.0
    patterns: tuple[str, ...] = field(default=())

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Matches exactly the texts (all lines joined, no separators) that this type allows."""
        return re.compile("".join(_regex(element) for line in self.lines for element in line))

    def matches(self, text: str) -> bool:
        """Whether `text` (upper case, no separators, lines joined) is possible on this type."""
        return self.regex.fullmatch(text) is not None

    def sample(self, rng: np.random.Generator) -> tuple[str, ...]:
        """Draw the lines of one plate, marks included: `("AA*1234*BB",)`. Use `plain` for the text alone."""
        return tuple("".join(_sample(element, rng) for element in line) for line in self.lines)

    @property
    def narrow(self) -> bool:
        """Whether it says something of a text that it fits this type: one that takes nearly any letters and digits does not."""
        elements = [element for line in self.lines for element in line if not isinstance(element, Mark)]
        return self.log_size < NARROW * sum(max(map(len, element.options())) for element in elements)

    @cached_property
    def log_size(self) -> float:
        """Natural logarithm of the number of texts of this type, optional elements and choices counted as independent."""
        elements = [element for line in self.lines for element in line if not isinstance(element, Mark)]
        return sum(math.log(len(element.options()) + element.optional) for element in elements)

    @cached_property
    def variants(self) -> tuple[tuple[Slot | Choice, ...], ...]:
        """Every way of leaving optional elements out and of fixing the length of choices; each has one definite length."""
        return tuple(dict.fromkeys(_variants([element for line in self.lines for element in line if not isinstance(element, Mark)])))


def plain(line: str) -> str:
    """A sampled line without its marks."""
    return "".join(character for character in line if character not in MARKS)


def _regex(element: Element) -> str:
    if isinstance(element, Mark):
        return ""
    body = f"[{re.escape(element.chars)}]" if isinstance(element, Slot) else "(?:" + "|".join(map(re.escape, element.texts)) + ")"
    return body + ("?" if element.optional else "")


def _sample(element: Element, rng: np.random.Generator) -> str:
    if isinstance(element, Mark):
        return element.symbol
    if element.optional and rng.random() < 0.5:
        return ""
    options = element.options()
    return options[int(rng.integers(len(options)))]


def _variants(elements: list[Slot | Choice]) -> Iterator[tuple[Slot | Choice, ...]]:
    for combination in itertools.product(*(ways(element) for element in elements)):
        yield tuple(element for element in combination if element is not None)


@lru_cache(maxsize=4096)
def ways(element: Slot | Choice) -> tuple[Slot | Choice | None, ...]:
    """An element as it can stand in a variant: absent, or with one definite length."""
    absent: tuple[None, ...] = (None,) if element.optional else ()
    if isinstance(element, Slot):
        return (*absent, Slot(element.chars))
    lengths = sorted({len(text) for text in element.texts})
    return (*absent, *(Choice(tuple(text for text in element.texts if len(text) == length)) for length in lengths))
