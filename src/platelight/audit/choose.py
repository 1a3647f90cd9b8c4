"""Which of the plates on an advert's photos is the plate of the advert's car.

The advert's car is what the photos are of: its plate is the largest, is near the middle, and comes back from photo to photo. A
plate that is never the foremost of a photo belongs to a car in the background and is not taken, even if it is the only one that
can be read: to accuse an advert of what another car's record says would be worse than to say nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from platelight.audit.records import Car, Choice, Find, Seen
from platelight.register.posterior import Candidate

FOREMOST = 0.7
"""Share of the prominence of a photo's foremost plate from which another plate there counts as foremost too."""

RIVAL = 0.6
"""Share of the chosen car's prominence from which another car is a rival: which of them is meant is then not clear."""

OFF_CENTRE, OFF_HEIGHT, CUT, NO_TYPE = 0.5, 0.2, 0.5, 0.5
"""What prominence loses: at the left or right edge, at the upper or lower edge; what is left of it for a plate that is cut off
by the picture's edge. By the last, a text that fits no plate type (a dealer's name, a slogan) comes after one that fits one."""

ODDS_BASE = 100
"""Texts among which the chance that no candidate holds is thought to be spread, where readings of several photos are joined."""


@dataclass(frozen=True, slots=True)
class _Ranked:
    find: Find
    prominence: float
    foremost: bool


def choose(seen: Sequence[Seen]) -> Choice:
    """The advert's car among the finds of its photos, with rivals and the reason."""
    ranked = [item for photo in seen for item in _ranked(photo.finds)]
    if not ranked:
        return Choice(None, "no plate was found on the photos")
    cars = _cars([item for item in ranked if item.find.text], len(seen))
    leading = [car for car in cars if car.main_on > 0]
    if not leading:
        return _nothing_to_read(ranked, cars)
    first, rest = leading[0], leading[1:]
    rivals = tuple(car for car in rest if car.prominence >= RIVAL * first.prominence)
    others = len(cars) - 1
    return Choice(first, _reason(first, rivals, others, len(seen)), rivals, _unread(ranked), others)


def prominence(find: Find) -> float:
    """How much a photo is about this plate: the root of its share of the picture, less the further it lies from the middle."""
    centre = find.quad.array().mean(axis=0)
    across = min(abs(float(centre[0]) / find.width - 0.5) * 2, 1.0)
    down = min(abs(float(centre[1]) / find.height - 0.5) * 2, 1.0)
    size = math.sqrt(find.quad.area / (find.width * find.height))
    lost = (1 - OFF_CENTRE * across * across) * (1 - OFF_HEIGHT * down * down)
    return size * lost * (CUT if "cut_off" in find.flags else 1.0)


def _ranked(finds: Sequence[Find]) -> list[_Ranked]:
    values = [prominence(find) for find in finds]
    return [_Ranked(find, value, value >= FOREMOST * max(values)) for find, value in zip(finds, values, strict=True)]


def _cars(ranked: Iterable[_Ranked], photos: int) -> list[Car]:
    """Finds of one plate together, the most prominent car first, a dealer's plate after a real one."""
    groups: list[list[_Ranked]] = []
    for item in sorted(ranked, key=lambda item: -item.prominence):
        group = next((group for group in groups if _same_plate(item.find, group)), None)
        if group is None:
            groups.append([item])
        else:
            group.append(item)
    return sorted((_car(group) for group in groups), key=lambda car: -car.prominence * (1.0 if any(find.template for find in car.finds) else NO_TYPE))


def _same_plate(find: Find, group: Sequence[_Ranked]) -> bool:
    """Whether the texts are equal; on different photos, also whether they differ by one character and each may be the other."""
    for other in (item.find for item in group):
        if find.text == other.text:
            return True
        if find.photo == other.photo or Levenshtein.distance(find.text or "", other.text or "", score_cutoff=1) > 1:
            continue
        if other.text in {c.text for c in find.candidates} or find.text in {c.text for c in other.candidates}:
            return True
    return False


def _car(group: Sequence[_Ranked]) -> Car:
    by_photo: dict[int, _Ranked] = {}
    for item in group:
        by_photo.setdefault(item.find.photo, item)  # the group is in falling order of prominence
    candidates = fused([item.find for item in by_photo.values()])
    best = max(by_photo.values(), key=lambda item: (item.find.text == candidates[0].text, item.find.confidence * math.sqrt(item.prominence)))
    return Car(
        tuple(item.find for item in group), sum(item.prominence for item in by_photo.values()), len(by_photo),
        sum(item.foremost for item in by_photo.values()), candidates, best.find,
    )  # fmt: skip


def fused(finds: Sequence[Find]) -> tuple[Candidate, ...]:
    """The candidates of several readings of one plate, best first.

    Photos of one plate share its dirt and its font, so their readings are neither independent nor the same: n of them count as
    the root of n would. What a reading does not name shares the chance that it leaves over.
    """
    if len(finds) == 1:
        return finds[0].candidates
    known: dict[str, Candidate] = {}
    for find in finds:
        for candidate in find.candidates:
            known.setdefault(candidate.text, candidate)
    left = [max(1 - sum(candidate.probability for candidate in find.candidates), 1e-4) for find in finds]
    share = 1 / math.sqrt(len(finds))
    weights = {text: math.prod(_chance(find, text, rest / ODDS_BASE) for find, rest in zip(finds, left, strict=True)) ** share for text in known}
    total = sum(weights.values()) + (math.prod(left) / ODDS_BASE ** (len(finds) - 1)) ** share
    order = sorted(known, key=lambda text: -weights[text])
    return tuple(replace(known[text], probability=weights[text] / total) for text in order)


def _chance(find: Find, text: str, otherwise: float) -> float:
    return next((max(candidate.probability, otherwise) for candidate in find.candidates if candidate.text == text), otherwise)


def _nothing_to_read(ranked: Sequence[_Ranked], cars: Sequence[Car]) -> Choice:
    unread = _unread(ranked)
    if not cars:
        return Choice(None, "a plate was found, and it cannot be read", unread=unread)
    reason = f"the foremost plate cannot be read; {_count(len(cars), 'plate')} further back {'is' if len(cars) == 1 else 'are'} taken for other cars"
    return Choice(None, reason, unread=unread, others=len(cars))


def _unread(ranked: Sequence[_Ranked]) -> Find | None:
    """The most prominent plate that could not be read."""
    unread = [item for item in ranked if not item.find.text]
    return max(unread, key=lambda item: item.prominence).find if unread else None


def _reason(car: Car, rivals: Sequence[Car], others: int, photos: int) -> str:
    if rivals:
        return f"{_count(len(rivals) + 1, 'plate')} are about equally large and central; this one is slightly ahead"
    where = "the only photo" if photos == 1 else f"{car.photos} of {photos} photos"
    if others == 0:
        return f"the only plate read, seen on {where}"
    return f"the largest and most central plate, seen on {where}; {_count(others, 'other plate')} further back or seen less"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
