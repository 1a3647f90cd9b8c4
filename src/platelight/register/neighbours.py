"""How likely a register holds a text by chance: the share of the texts one character away that it holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Protocol

from platelight.templates import load
from platelight.templates.index import TemplateIndex

DOUBT = 1e-3
"""Candidates less likely than this do not say where a text is in doubt."""

MOST = 40
"""About how many neighbours of a text are looked up."""

LEAST_CHANCE, MOST_CHANCE = 0.02, 0.98
"""Bounds of the result: a few dozen neighbours cannot show that there is none, or that all are there."""

_DIGITS, _LETTERS = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Members(Protocol):
    """Which of the plates a register knows."""

    def has(self, plates: Iterable[str], /) -> set[str]: ...


class Home:
    """The plate types of the country whose cars a register holds; without types of its own, every text fits."""

    def __init__(self, country: str | None) -> None:
        own = [template for template in load() if template.country == country]
        self.index = TemplateIndex(own) if own else None

    @staticmethod
    @lru_cache(maxsize=8)
    def of(country: str | None) -> Home:
        return Home(country)

    def fits(self, text: str) -> bool:
        return self.index is None or bool(self.index.fitting(text))

    def by_chance(self, texts: Sequence[str], probabilities: Sequence[float], register: Members) -> list[float]:
        """For each text the chance that the register holds it although it is not the plate's.

        Plates are issued in blocks, so the chance is that of its surroundings: of the texts that differ from it in one character,
        of the same kind, at a place where the candidates differ, as far as they fit a plate type of the country.
        """
        neighbours = [self._neighbours(text, _doubtful(text, texts, probabilities)) for text in texts]
        known = register.has({text for group in neighbours for text in group})
        return [min(max((sum(text in known for text in group) + 0.5) / (len(group) + 1), LEAST_CHANCE), MOST_CHANCE) for group in neighbours]

    def _neighbours(self, text: str, places: Sequence[int]) -> list[str]:
        """Texts that differ at one of the places, evenly taken from all there are; a digit may be any, a letter must fit a type."""
        found = []
        for place in places:
            kind = _DIGITS if text[place] in _DIGITS else _LETTERS
            found += [(text[:place] + other + text[place + 1 :], kind is _DIGITS) for other in kind if other != text[place]]
        spread = found[:: max(len(found) // MOST, 1)]
        strange = not self.fits(text)
        return [neighbour for neighbour, digit in spread if digit or strange or self.fits(neighbour)]


def _doubtful(text: str, texts: Sequence[str], probabilities: Sequence[float]) -> list[int]:
    """The places where likely candidates of the same length differ from the text; all places where there is none."""
    rivals = [other for other, chance in zip(texts, probabilities, strict=True) if chance >= DOUBT and len(other) == len(text) and other != text]
    places = [place for place in range(len(text)) if any(other[place] != text[place] for other in rivals)]
    return places or list(range(len(text)))
