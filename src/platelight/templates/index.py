"""Many templates at once as arrays: which types a text fits, and the best text each type allows for given probabilities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from platelight.records import ALPHABET, FloatTensor
from platelight.templates.model import Choice, Slot, Template

CLASS_OF = {character: index for index, character in enumerate(ALPHABET)}


@dataclass(frozen=True, slots=True, eq=False)
class _Length:
    """All variants of one text length n.

    `allowed` (V, n, A) says which characters a variant has at each place (for a choice: in any of its texts);
    `penalty` is 0 where allowed, -inf elsewhere; `in_block` (V, n) marks the places of choices, which blocks score instead.
    `rows`, `columns` (R, w) gather the log-probabilities of every text of every block; `starts` (B,) where blocks begin;
    `uses` (U,) the variant and `used` (U,) the block of each use of a block. `columns_of` holds each variant's elements as the
    classes of their texts.
    """

    allowed: NDArray[np.bool_]
    penalty: FloatTensor
    in_block: NDArray[np.bool_]
    templates: tuple[tuple[Template, ...], ...]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    starts: NDArray[np.intp]
    uses: NDArray[np.intp]
    used: NDArray[np.intp]
    variants: tuple[tuple[Slot | Choice, ...], ...]
    columns_of: tuple[tuple[NDArray[np.intp], ...], ...]


class TemplateIndex:
    """Templates by text length; each length is compiled when a text of it is first asked about."""

    def __init__(self, templates: Iterable[Template]) -> None:
        by_length: dict[int, dict[tuple[Slot | Choice, ...], list[Template]]] = {}
        for template in templates:
            for variant in template.variants:
                by_length.setdefault(sum(_width(element) for element in variant), {}).setdefault(variant, []).append(template)
        self._variants = by_length
        self._compiled: dict[int, _Length | None] = {}

    def _length(self, length: int) -> _Length | None:
        if length not in self._compiled:
            variants = self._variants.get(length)
            self._compiled[length] = _compile(length, variants) if variants else None
        return self._compiled[length]

    def matching(self, text: str) -> list[Template]:
        """The templates that allow exactly this text."""
        table = self._length(len(text))
        if table is None:
            return []
        indices = [CLASS_OF.get(character, -1) for character in text]
        if -1 in indices:
            return []
        possible = table.allowed[:, np.arange(len(text)), indices].all(axis=1)
        found = {template.id: template for variant in np.flatnonzero(possible) for template in table.templates[variant]}
        return [template for template in found.values() if template.matches(text)]

    def best(self, log_probs: FloatTensor, count: int, floor: float) -> list[tuple[str, float]]:
        """The best text of the best `count` distinct templates' variants for log-probabilities (n, A), above `floor`, best first.

        Method: the variants' places are independent of each other given the length, so the best text is found place by place
        (and whole text by whole text for a choice), for all variants at once.
        """
        table = self._length(len(log_probs))
        if table is None:
            return []
        totals = np.where(table.in_block, 0.0, (table.penalty + log_probs).max(axis=2)).sum(axis=1)  # (V,)
        if len(table.starts):
            padded = np.hstack([log_probs, np.zeros((len(log_probs), 1), np.float32)])
            options = padded[table.rows, table.columns].sum(axis=1)  # (R,)
            totals += np.bincount(table.uses, np.maximum.reduceat(options, table.starts)[table.used], minlength=len(totals))
        texts: dict[str, float] = {}
        for variant in np.argsort(-totals)[: count * 3]:
            if totals[variant] < floor or len(texts) >= count:
                break
            texts.setdefault(_spell(table.variants[variant], table.columns_of[variant], log_probs), float(totals[variant]))
        return list(texts.items())


def _width(element: Slot | Choice) -> int:
    return 1 if isinstance(element, Slot) else len(element.texts[0])


def _compile(length: int, variants: dict[tuple[Slot | Choice, ...], list[Template]]) -> _Length:
    in_block = np.zeros((len(variants), length), np.bool_)
    blocks: dict[tuple[int, Choice], int] = {}
    uses: list[tuple[int, int]] = []
    for row, variant in enumerate(variants):
        start = 0
        for element in variant:
            if isinstance(element, Choice):
                in_block[row, start : start + _width(element)] = True
                uses.append((row, blocks.setdefault((start, element), len(blocks))))
            start += _width(element)
    allowed = np.stack([np.concatenate([_mask(element) for element in variant]) for variant in variants])
    widest = max((_width(choice) for _, choice in blocks), default=1)
    gathers = [_gather(start, choice, widest) for start, choice in blocks]
    nothing = np.zeros((0, widest), np.intp)
    return _Length(
        allowed, np.where(allowed, 0.0, -np.inf).astype(np.float32), in_block, tuple(tuple(dict.fromkeys(found)) for found in variants.values()),
        np.concatenate([nothing, *(rows for rows, _ in gathers)]), np.concatenate([nothing, *(columns for _, columns in gathers)]),
        np.cumsum([0, *(len(rows) for rows, _ in gathers)])[:-1].astype(np.intp),
        np.array([use[0] for use in uses], np.intp), np.array([use[1] for use in uses], np.intp), tuple(variants),
        tuple(tuple(_columns(element) for element in variant) for variant in variants),
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _columns(element: Slot | Choice) -> NDArray[np.intp]:
    """The classes of every text of an element, (texts, width)."""
    return np.array([[CLASS_OF[character] for character in text] for text in element.options()], np.intp)


@lru_cache(maxsize=4096)
def _mask(element: Slot | Choice) -> NDArray[np.bool_]:
    """Which characters an element has at each of its places, (width, A)."""
    columns = _columns(element)
    mask = np.zeros((columns.shape[1], len(ALPHABET)), np.bool_)
    mask[np.arange(columns.shape[1]), columns] = True
    return mask


def _gather(start: int, choice: Choice, widest: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns (texts, widest) of a block's characters in a table of log-probabilities; filled up with its last, zero, column."""
    columns = _columns(choice)
    count, width = columns.shape
    rows = np.zeros((count, widest), np.intp)
    rows[:, :width] = start + np.arange(width)
    padded = np.full((count, widest), len(ALPHABET), np.intp)
    padded[:, :width] = columns
    return rows, padded


def _spell(variant: tuple[Slot | Choice, ...], columns: tuple[NDArray[np.intp], ...], log_probs: FloatTensor) -> str:
    """The likeliest text of a variant, element by element."""
    text, start = "", 0
    for element, classes in zip(variant, columns, strict=True):
        width = classes.shape[1]
        scores = log_probs[np.arange(start, start + width), classes].sum(axis=1)
        text += element.options()[int(scores.argmax())]
        start += width
    return text
