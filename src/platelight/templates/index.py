"""Many templates at once as arrays: which types a text fits, and the best text each type allows for given probabilities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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
    `uses` (U,) the variant and `used` (U,) the block of each use of a block.
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


class TemplateIndex:
    """Templates compiled by text length. Building takes a while (about a second for the world); asking is quick."""

    def __init__(self, templates: Iterable[Template]) -> None:
        by_length: dict[int, dict[tuple[Slot | Choice, ...], list[Template]]] = {}
        for template in templates:
            for variant in template.variants:
                by_length.setdefault(sum(_width(element) for element in variant), {}).setdefault(variant, []).append(template)
        self._lengths = {length: _compile(length, variants) for length, variants in by_length.items()}

    def matching(self, text: str) -> list[Template]:
        """The templates that allow exactly this text."""
        table = self._lengths.get(len(text))
        if table is None:
            return []
        indices = [CLASS_OF.get(character, -1) for character in text]
        if -1 in indices:
            return []
        possible = table.allowed[:, np.arange(len(text)), indices].all(axis=1)
        found = dict.fromkeys(template for variant in np.flatnonzero(possible) for template in table.templates[variant])
        return [template for template in found if template.matches(text)]

    def best(self, log_probs: FloatTensor, count: int, floor: float) -> list[tuple[str, float]]:
        """The best text of the best `count` distinct templates' variants for log-probabilities (n, A), above `floor`, best first.

        Method: the variants' places are independent of each other given the length, so the best text is found place by place
        (and whole text by whole text for a choice), for all variants at once.
        """
        table = self._lengths.get(len(log_probs))
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
            texts.setdefault(_spell(table.variants[variant], log_probs), float(totals[variant]))
        return list(texts.items())


def _width(element: Slot | Choice) -> int:
    return 1 if isinstance(element, Slot) else len(element.texts[0])


def _compile(length: int, variants: dict[tuple[Slot | Choice, ...], list[Template]]) -> _Length:
    allowed = np.zeros((len(variants), length, len(ALPHABET)), np.bool_)
    in_block = np.zeros((len(variants), length), np.bool_)
    blocks: dict[tuple[int, Choice], int] = {}
    uses: list[tuple[int, int]] = []
    for row, variant in enumerate(variants):
        start = 0
        for element in variant:
            if isinstance(element, Choice):
                in_block[row, start : start + _width(element)] = True
                uses.append((row, blocks.setdefault((start, element), len(blocks))))
            for text in element.options():
                allowed[row, np.arange(start, start + len(text)), [CLASS_OF[c] for c in text]] = True
            start += _width(element)
    penalty = np.where(allowed, 0.0, -np.inf).astype(np.float32)
    widest = max((_width(choice) for _, choice in blocks), default=1)
    rows: list[list[int]] = []
    columns: list[list[int]] = []
    starts: list[int] = []
    for start, choice in blocks:
        starts.append(len(rows))
        for text in choice.texts:
            pad = widest - len(text)
            rows.append([*range(start, start + len(text)), *[0] * pad])
            columns.append([*(CLASS_OF[c] for c in text), *[len(ALPHABET)] * pad])
    return _Length(
        allowed, penalty, in_block, tuple(tuple(dict.fromkeys(found)) for found in variants.values()),
        np.array(rows, np.intp).reshape(-1, widest), np.array(columns, np.intp).reshape(-1, widest), np.array(starts, np.intp),
        np.array([use[0] for use in uses], np.intp), np.array([use[1] for use in uses], np.intp), tuple(variants),
    )  # fmt: skip


def _spell(variant: tuple[Slot | Choice, ...], log_probs: FloatTensor) -> str:
    text, start = "", 0
    for element in variant:
        options = element.options()
        scores = [sum(float(log_probs[start + k, CLASS_OF[c]]) for k, c in enumerate(option)) for option in options]
        text += options[int(np.argmax(scores))]
        start += _width(element)
    return text
