"""Which colour a text means, and whether two texts can mean the colour of one car."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from platelight.register.names import LONGEST, load_table

Shade = Literal["dark", "light"]

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Color:
    """What a text says of a colour: every colour it names or may mean (none: not understood), and dark or light.

    `unsaid`: the text says that the colour is not known or is several.
    """

    colors: frozenset[str]
    shade: Shade | None = None
    unsaid: bool = False


class _Table:
    def __init__(self) -> None:
        table = load_table("colors")
        self.stems: dict[str, set[str]] = {}
        self.words: dict[str, set[str]] = {}
        for kind, target in (("stems", self.stems), ("words", self.words)):
            for color, listed in table[kind].items():
                for word in listed:
                    target.setdefault(_plain(word), set()).add(color)
        self.modifiers: dict[str, Shade] = {_plain(stem): shade for shade in ("dark", "light") for stem in table["shades"][shade]}
        self.implied: dict[str, Shade] = {_plain(stem): shade for shade in ("dark", "light") for stem in table["implied"][shade]}
        self.silent = _prefixes(table["silent"])
        self.unsaid = _prefixes(table["unsaid"])
        self.near: dict[tuple[frozenset[str], Shade | None], str] = {(frozenset(entry["colors"]), entry.get("shade")): entry["why"] for entry in table["near"]}


def _prefixes(table: dict[str, list[str]]) -> tuple[str, ...]:
    return tuple(_plain(word) for word in (*table["stems"], *table["words"]))


@lru_cache(maxsize=1)
def _table() -> _Table:
    return _Table()


def _plain(text: str) -> str:
    """Lower case without accents and apostrophes; й and ї become и and і, which is the same in table and text."""
    spread = unicodedata.normalize("NFKD", text.casefold().replace("'", "").replace("’", "").replace("ʼ", ""))
    return "".join(character for character in spread if not unicodedata.combining(character))


@lru_cache(maxsize=4096)
def parse(text: str) -> Color:
    """What the text says; never raises."""
    table = _table()
    colors: set[str] = set()
    shade: Shade | None = None
    unsaid = False
    for word in _WORD.findall(_plain(text[:LONGEST])):
        rest, modifier = _without_modifier(word, table)
        implied = _longest(rest, table.implied)
        shade = shade or modifier or (table.implied[implied] if implied else None)
        named = _longest(rest, table.stems)
        if rest in table.words:
            colors |= table.words[rest]
        elif named and not _outranked(named, rest, table):
            colors |= table.stems[named]
        elif not _begins(rest, table.silent) and _begins(rest, table.unsaid):
            unsaid = True
    return Color(frozenset(colors), shade, unsaid and not colors)


def _without_modifier(word: str, table: _Table) -> tuple[str, Shade | None]:
    """`темносиній` as `синій` and dark; a word that is only the modifier leaves nothing."""
    stem = _longest(word, table.modifiers)
    if not stem:
        return word, None
    rest = word[len(stem) :].removeprefix("о").removeprefix("о").removeprefix("o")
    return (rest if _longest(rest, table.stems) or rest in table.words else ""), table.modifiers[stem]


def _longest(word: str, stems: object) -> str:
    """The longest stem that the word begins with, or an empty text."""
    return next((word[:end] for end in range(len(word), 0, -1) if word[:end] in stems), "")  # type: ignore[operator]


def _begins(word: str, stems: tuple[str, ...]) -> bool:
    return bool(word) and word.startswith(stems)


def _outranked(named: str, word: str, table: _Table) -> bool:
    """Whether a longer stem says that this word is no colour."""
    return any(len(stem) > len(named) and word.startswith(stem) for stem in (*table.silent, *table.unsaid))


def why_near(a: Color, b: Color) -> str | None:
    """Why clerks and owners may give both colours to one car, or None. Two shades that differ still may."""
    shades: set[Shade | None] = {None, a.shade, b.shade}
    for one in sorted(a.colors):
        for other in sorted(b.colors):
            for shade in shades:
                if why := _table().near.get((frozenset((one, other)), shade)):
                    return why
    return None
