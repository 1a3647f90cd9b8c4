"""Which make and which model a text names, in whatever letters and spelling it is written.

A text is cut into words at every change between letters and digits, and each word is brought to a rough spelling: lower case,
no accents, Latin letters, letters that sound alike written alike, no double letters in words of four or more. `Октавія` and `OCTAVIA` end up the same.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import permutations
from typing import Any

from rapidfuzz.distance import OSA

LONGEST = 200
"""Characters of a text that are looked at; a name is never longer."""

REACH = 6
"""Words that may stand before a name."""

_CYRILLIC = dict(
    zip("абвгґдезийклмнопрстуфхцыэіѐ", "a b v g g d e z i i k l m n o p r s t u f h ts i e i e".split(), strict=True),
    ж="zh", ч="ch", ш="sh", щ="sch", ъ="", ь="", ю="iu", я="ia", є="e", ё="e", ї="i", љ="l", њ="n",
)  # fmt: skip
_LOOK_ALIKE = dict(zip("авеікмнорстухј", "abeikmhopctyxj", strict=True))
_WORD = re.compile(r"[^\W\d_]+|\d+")
_SOUNDS = (("ph", "f"), ("sch", "sh"), ("ck", "k"), ("q", "k"), ("w", "v"), ("y", "i"), ("x", "ks"))


@dataclass(frozen=True, slots=True)
class Word:
    """One word in its rough spelling: `sound` as it is most likely meant, `other` the second way to take Cyrillic letters."""

    sound: str
    other: str


@dataclass(frozen=True, slots=True)
class Name:
    """What a text names: keys of the tables where they know it, and the words left for the model.

    `make_typo` and `model_typo`: found only by forgiving a typing error. `model_words` are in the rough spelling.
    """

    make: str | None
    model: str | None
    model_words: tuple[str, ...]
    make_typo: bool = False
    model_typo: bool = False

    @property
    def model_key(self) -> str:
        return "".join(self.model_words)


def words(text: str) -> tuple[Word, ...]:
    """The words of a text, at most the first 200 characters of it; never raises."""
    plain = unicodedata.normalize("NFKD", text[:LONGEST].casefold().replace("'", "").replace("’", ""))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return tuple(_word(match.group()) for match in _WORD.finditer(plain))


def _word(text: str) -> Word:
    """Mixed scripts are Latin with look-alikes; so are one or two letters such as the Х of Х5, where every letter has one."""
    if text.isdigit() or text.isascii():
        return Word(*[_rough(text)] * 2)
    as_seen = "".join(_LOOK_ALIKE.get(character, _CYRILLIC.get(character, character)) for character in text)
    as_heard = "".join(_CYRILLIC.get(character, character) for character in text)
    mixed = any(character.isascii() for character in text)
    seen_first = mixed or (len(text) <= 2 and all(character in _LOOK_ALIKE for character in text))
    return Word(_rough(as_seen), _rough(as_heard)) if seen_first else Word(_rough(as_heard), _rough(as_seen))


def _rough(latin: str) -> str:
    if latin.isdigit() or latin == "w":  # W211 is not V211
        return latin
    for written, sound in _SOUNDS:
        latin = latin.replace(written, sound)
    latin = re.sub(r"c(?!h)", "k", latin)
    return re.sub(r"(.)\1+", r"\1", latin) if len(latin) > 3 else latin


def key(text: str) -> str:
    """The whole text in its rough spelling, without gaps."""
    return "".join(word.sound for word in words(text))


@dataclass(frozen=True, slots=True)
class _Models:
    """The models of one make: rough spelling to name, and patterns of types to the name of their series."""

    names: dict[str, str]
    series: tuple[tuple[re.Pattern[str], str], ...]


class Tables:
    """The alias tables of the package. `make_names` and `model_names` give what to show."""

    def __init__(self) -> None:
        makes, models, same = (load_table(name) for name in ("makes", "models", "same_cars"))
        self.make_names: dict[str, str] = {make: names[0] for make, names in makes["makes"].items()}
        self.makes: dict[str, str] = {key(name): make for make, names in makes["makes"].items() for name in (make, *names)}
        self.models: dict[str, _Models] = {make: _models(table) for make, table in models.items()}
        self.owners: dict[str, set[str]] = {}
        for make, listed in self.models.items():
            for alias in listed.names:
                self.owners.setdefault(alias, set()).add(make)
        self.same: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
        for group in same["same"]:
            cars = [(make, model) for make, _, model in (car.partition(" ") for car in group["cars"])]
            for (make, model), (other_make, other_model) in permutations(cars, 2):
                self.same.setdefault((make, other_make), []).append((model, other_model, group["why"]))
        self.makers: dict[frozenset[str], str] = {
            frozenset((a, b)): group["why"] for group in same["makers"] for a in group["makes"] for b in group["makes"] if a != b
        }

    def shared(self, make: str, model: str | None, other_make: str, other_model: str | None) -> str | None:
        """Why one car may be called both, or None. A model that is not given may be any of its make."""
        for one, other, why in self.same.get((make, other_make), ()):
            if model in (None, one) and other_model in (None, other):
                return why
        return None


def _models(table: dict[str, Any]) -> _Models:
    names: dict[str, str] = {}
    for entry in table["models"]:
        model, *aliases = (part.strip() for part in entry.split("|"))
        for alias in (model, *aliases):
            names.setdefault(key(alias), model)
    return _Models(names, tuple((re.compile(pattern), model) for pattern, model in table.get("series", ())))


def load_table(name: str) -> dict[str, Any]:
    """One of the package's tables, by the name of its file without the ending."""
    return tomllib.loads((resources.files("platelight.register") / "data" / f"{name}.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def tables() -> Tables:
    return Tables()


@lru_cache(maxsize=65536)
def parse(make_text: str, model_text: str, within: str | None = None) -> Name:
    """What the two texts of a car name together; either may hold the make, the model or both.

    `within`: the make whose models are meant where the texts name no make.
    """
    first, rest = words(make_text), words(model_text)
    if not first:
        first, rest = rest, ()
    make, end, typo = _find_make(first)
    if make:
        left = (*first[end:], *_without_make(rest, make))
    elif not make_text.strip() or (within and _model_at(first, within)):
        left = (*first, *rest)
    else:
        left = rest
    model, model_typo = _find_model(left, make or within)
    return Name(make, model, tuple(word.sound for word in left), typo, model_typo)


def _find_make(found: tuple[Word, ...]) -> tuple[str | None, int, bool]:
    """The make, how many words it takes with all before it, and whether only with a typing error.

    It is looked for at the beginning; then the words may be a model that only one make has (none of them is taken then); then
    further on, in three letters or more; then with a typing error.
    """
    if at := _make_at(found):
        return *at, False
    if owner := _owner(found):
        return owner, 0, False
    for start in range(1, min(len(found), REACH)):
        if at := _make_at(found[start:], shortest=3):
            return at[0], start + at[1], False
    makes = tables().makes
    for end in range(min(len(found), 3), 0, -1):
        close = {makes[name] for name in makes if _mistyped(found[:end], name)}
        if len(close) == 1:
            return close.pop(), end, True
    return None, 0, False


def _make_at(found: tuple[Word, ...], shortest: int = 1) -> tuple[str, int] | None:
    """The make that the words begin with, the longest name first, and how many words it takes."""
    makes = tables().makes
    for end in range(min(len(found), 4), 0, -1):
        for name in _joined(found[:end]):
            if name in makes and len(name) >= shortest:
                return makes[name], end
    return None


def _without_make(found: tuple[Word, ...], make: str) -> tuple[Word, ...]:
    """The words of a model's text without the make that some repeat there, if anything is left then."""
    again = _make_at(found)
    return found[again[1] :] if again and again[0] == make and again[1] < len(found) and not _model_at(found, make) else found


def _owner(found: tuple[Word, ...]) -> str | None:
    """The only make that has a model of this name, where a text names no make: four letters or more."""
    owners = tables().owners
    for end in range(min(len(found), 4), 0, -1):
        for name in _joined(found[:end]):
            if len(name) >= 4 and not name.isdigit() and name in owners:
                return next(iter(owners[name])) if len(owners[name]) == 1 else None
    return None


def _find_model(found: tuple[Word, ...], make: str | None) -> tuple[str | None, bool]:
    """Model of the make that the words name, and whether only with a typing error."""
    listed = tables().models.get(make or "")
    if listed is None or not found:
        return None, False
    if model := _model_at(found, make or ""):
        return model, False
    for start in range(1, min(len(found), REACH)):
        for end in range(min(len(found), start + 4), start, -1):
            for name in _joined(found[start:end]):
                if name in listed.names and sum(character.isalpha() for character in name) >= 4:
                    return listed.names[name], False
    for end in range(min(len(found), 3), 0, -1):
        close = {listed.names[name] for name in listed.names if _mistyped(found[:end], name)}
        if len(close) == 1:
            return close.pop(), True
    return None, False


def _model_at(found: tuple[Word, ...], make: str) -> str | None:
    """The model that the words begin with: the longest listed name, else the series of a type."""
    listed = tables().models.get(make)
    if listed is None:
        return None
    for end in range(min(len(found), 5), 0, -1):
        for name in _joined(found[:end]):
            if name in listed.names:
                return listed.names[name]
    for name in _joined(found):
        for pattern, model in listed.series:
            if match := pattern.match(name):
                wanted = match.expand(model)
                return listed.names.get(key(wanted), wanted)
    return None


def _joined(found: tuple[Word, ...]) -> tuple[str, ...]:
    sounds, others = "".join(word.sound for word in found), "".join(word.other for word in found)
    return (sounds,) if sounds == others else (sounds, others)


def _mistyped(found: tuple[Word, ...], name: str) -> bool:
    return any(mistyped(written, name) for written in _joined(found))


def mistyped(a: str, b: str) -> bool:
    """Whether two words in rough spelling differ by a typing error: one letter of five or more, two of nine or more, never a digit."""
    shorter = min(len(a), len(b))
    if shorter < 5 or a[:1] != b[:1] or any(character.isdigit() for character in a + b):
        return False
    allowed = 2 if shorter >= 9 else 1
    return OSA.distance(a, b, score_cutoff=allowed) <= allowed
