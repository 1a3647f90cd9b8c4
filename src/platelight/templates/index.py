"""Many templates at once as arrays: which types a text fits, and the best text each type allows for given probabilities."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from platelight.records import ALPHABET, FloatTensor
from platelight.templates.model import Choice, Element, Mark, Slot, Template, ways

CLASS_OF = {character: index for index, character in enumerate(ALPHABET)}

Variant = tuple[int, ...]
"""One definite sequence of slots and choices, by their numbers."""

Lines = tuple[tuple[Element, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Length:
    """All variants of one text length n.

    `templates` (V): the numbers of the templates that have each variant. `allowed` (U, A): the characters of the U kinds of places,
    those of slots first; `kinds` (V, n): where a table (U, n) has the kind of each variant's places (for a choice: any of its
    texts). `penalty` (S, A): 0 where a slot allows a character, -inf elsewhere; `slots` (V, n): where a table (S + 1, n) has the
    kind of each place, the last for places of blocks, which are choices at a definite place. `blocks_of` (V): each variant's, as
    start, end and number; `texts` (B) of each block. `gathers` (R, w): where a table (n, A + 1) has the log-probabilities of every
    text of every block; `starts` (B,) where blocks begin there; `uses` (U,) the variant and `used` (U,) the block of each use of one.
    """

    templates: tuple[tuple[int, ...], ...]
    allowed: NDArray[np.bool_]
    kinds: NDArray[np.intp]
    penalty: FloatTensor
    slots: NDArray[np.intp]
    blocks_of: tuple[tuple[tuple[int, int, int], ...], ...]
    texts: tuple[dict[str, int], ...]
    gathers: NDArray[np.intp]
    starts: NDArray[np.intp]
    uses: NDArray[np.intp]
    used: NDArray[np.intp]

    def spell(self, variant: int, characters: Sequence[str], options: FloatTensor) -> str:
        """The likeliest text of a variant, given the likeliest of every kind of slot at every place, flat, and what texts of blocks score."""
        text = [characters[slot] if slot < len(characters) else "" for slot in self.slots[variant].tolist()]
        for start, _, block in self.blocks_of[variant]:
            first = int(self.starts[block])
            text[start] = list(self.texts[block])[int(options[first : first + len(self.texts[block])].argmax())]
        return "".join(text)


class TemplateIndex:
    """Templates by text length; each length is compiled when a text of it is first asked about."""

    def __init__(self, templates: Iterable[Template]) -> None:
        self.templates = tuple(templates)
        self._elements: list[Slot | Choice] = []
        self._variants: dict[int, dict[Variant, list[int]]] = {}
        self._compiled: dict[int, _Length | None] = {}
        numbers: dict[Slot | Choice, int] = {}
        known: dict[int, tuple[int | None, ...]] = {}  # by identity, which is far quicker to look up than long lists of texts
        rows_of: dict[int, list[list[int]]] = {}
        for number, template in enumerate(self.templates):
            rows = rows_of.get(id(template.lines))
            if rows is None:
                rows = rows_of[id(template.lines)] = self._rows(template.lines, numbers, known)
            for row in rows:
                row.append(number)

    def _rows(self, lines: Lines, numbers: dict[Slot | Choice, int], known: dict[int, tuple[int | None, ...]]) -> list[list[int]]:
        """Where the templates with these lines are noted: one list for each of their variants."""
        options = []
        for element in itertools.chain(*lines):
            if isinstance(element, Mark):
                continue
            if id(element) not in known:
                known[id(element)] = tuple(None if way is None else self._number(way, numbers) for way in ways(element))
            options.append(known[id(element)])
        variants = dict.fromkeys(tuple([part for part in parts if part is not None]) for parts in itertools.product(*options))
        width = self._width
        return [self._variants.setdefault(sum(map(width, variant)), {}).setdefault(variant, []) for variant in variants]

    def _number(self, element: Slot | Choice, numbers: dict[Slot | Choice, int]) -> int:
        if element not in numbers:
            numbers[element] = len(self._elements)
            self._elements.append(element)
        return numbers[element]

    def _width(self, number: int) -> int:
        return _width(self._elements[number])

    def _length(self, length: int) -> _Length | None:
        if length not in self._compiled:
            variants = self._variants.get(length)
            self._compiled[length] = _compile(length, variants, self._elements) if variants else None
        return self._compiled[length]

    def matching(self, text: str) -> list[Template]:
        """The templates that allow exactly this text."""
        return [self.templates[number] for number in self.fitting(text)]

    def fitting(self, text: str) -> list[int]:
        """The same by their numbers in `templates`."""
        table = self._length(len(text))
        indices = [CLASS_OF.get(character, -1) for character in text]
        if table is None or -1 in indices:
            return []
        possible = table.allowed[:, indices].ravel()[table.kinds].all(axis=1)  # (V,)
        found: dict[int, bool] = {}
        for variant in np.flatnonzero(possible).tolist():
            fits = all(text[start:end] in table.texts[block] for start, end, block in table.blocks_of[variant])
            for number in table.templates[variant]:
                found[number] = found.get(number, False) or fits
        return [number for number, fits in found.items() if fits]

    def best(self, log_probs: FloatTensor, count: int, floor: float) -> list[tuple[str, float]]:
        """The best text of the best `count` distinct templates' variants for log-probabilities (n, A), above `floor`, best first.

        Method: the variants' places are independent of each other given the length, so the best text is found place by place
        (and whole text by whole text for a choice), for all variants at once.
        """
        length = len(log_probs)
        table = self._length(length)
        if table is None:
            return []
        scores = table.penalty[:, None] + log_probs  # (S, n, A)
        totals = np.append(scores.max(axis=2), np.zeros((1, length), np.float32))[table.slots].sum(axis=1)  # (V,)
        options = np.append(log_probs, np.zeros((length, 1), np.float32), axis=1).ravel()[table.gathers].sum(axis=1)  # (R,)
        if len(table.starts):
            totals += np.bincount(table.uses, np.maximum.reduceat(options, table.starts)[table.used], minlength=len(totals))
        characters = [ALPHABET[index] for index in scores.argmax(axis=2).ravel().tolist()]
        texts: dict[str, float] = {}
        for variant in np.argsort(-totals)[: count * 3].tolist():
            if totals[variant] < floor or len(texts) >= count:
                break
            texts.setdefault(table.spell(variant, characters, options), float(totals[variant]))
        return list(texts.items())


def _width(element: Slot | Choice) -> int:
    return 1 if isinstance(element, Slot) else len(element.texts[0])


def _compile(length: int, variants: dict[Variant, list[int]], elements: Sequence[Slot | Choice]) -> _Length:
    present = sorted(dict.fromkeys(itertools.chain(*variants)), key=lambda number: isinstance(elements[number], Choice))
    allowed = [_mask(elements[number]) for number in present]
    ends = list(itertools.accumulate((len(mask) for mask in allowed), initial=0))
    kinds_of = {number: range(start, end) for number, start, end in zip(present, ends, ends[1:], strict=False)}
    kinds = np.array([[kind for number in variant for kind in kinds_of[number]] for variant in variants], np.intp)  # (V, n)
    slot_kinds = sum(isinstance(elements[number], Slot) for number in present)
    blocks: dict[tuple[int, int], int] = {}
    blocks_of = [tuple(_blocks(variant, elements, blocks)) for variant in variants]
    gathers = [_gather(start, elements[number], length) for start, number in blocks]
    widest = max((gather.shape[1] for gather in gathers), default=1)
    uses = [(row, block) for row, own in enumerate(blocks_of) for _, _, block in own]
    return _Length(
        tuple(map(tuple, variants.values())), np.concatenate(allowed), kinds * length + np.arange(length),
        np.where(np.concatenate(allowed)[:slot_kinds], 0.0, -np.inf).astype(np.float32), np.minimum(kinds, slot_kinds) * length + np.arange(length),
        tuple(blocks_of), tuple({text: place for place, text in enumerate(elements[number].options())} for _, number in blocks),
        np.concatenate([np.zeros((0, widest), np.intp), *(_widened(gather, widest) for gather in gathers)]),
        np.array([0, *itertools.accumulate(map(len, gathers))][:-1], np.intp),
        np.array([use[0] for use in uses], np.intp), np.array([use[1] for use in uses], np.intp),
    )  # fmt: skip


def _blocks(variant: Variant, elements: Sequence[Slot | Choice], blocks: dict[tuple[int, int], int]) -> Iterator[tuple[int, int, int]]:
    """Start, end and number of each choice of a variant; `blocks` numbers them by start and element."""
    start = 0
    for number in variant:
        end = start + _width(elements[number])
        if isinstance(elements[number], Choice):
            yield start, end, blocks.setdefault((start, number), len(blocks))
        start = end


@lru_cache(maxsize=4096)
def _columns(element: Slot | Choice) -> NDArray[np.intp]:
    """The classes of every text of an element, (texts, width)."""
    return np.array([[CLASS_OF[character] for character in text] for text in element.options()], np.intp)


def _mask(element: Slot | Choice) -> NDArray[np.bool_]:
    """Which characters an element has at each of its places, (width, A)."""
    columns = _columns(element)
    mask = np.zeros((columns.shape[1], len(ALPHABET)), np.bool_)
    mask[np.arange(columns.shape[1]), columns] = True
    return mask


def _gather(start: int, choice: Slot | Choice, length: int) -> NDArray[np.intp]:
    """Where a table (length, A + 1) has the characters of every text of a block, (texts, width)."""
    columns = _columns(choice)
    return np.asarray((start + np.arange(columns.shape[1])) * (len(ALPHABET) + 1) + columns)


def _widened(gather: NDArray[np.intp], width: int) -> NDArray[np.intp]:
    """Filled up with a place of the table that holds zero."""
    return np.pad(gather, ((0, 0), (0, width - gather.shape[1])), constant_values=len(ALPHABET))
