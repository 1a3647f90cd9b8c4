"""How the slots of two readings lie against each other, and how much speaks for both being of one plate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from platelight.records import FloatTensor, Reading

LOOK_ALIKES = ("0OQDÖ", "1I", "2Z", "5S", "6G", "8B", "4A", "7T", "7Z", "UVÜ", "VY", "MN", "HN", "CG", "EF", "PR", "KX", "AÄ")
LEAK = 0.03
"""So often a character is read as one of those that look like it, beyond what the network itself doubts."""

DIGITS = 0.5
"""Share of digits among the characters of plates: two plates agree in a digit by chance more often than in a letter."""

WRONG = 0.05
"""A character that the network is sure of is wrong this often in a moving picture."""

Pairs = list[tuple[int | None, int | None]]


def likeness(first: Reading, second: Reading) -> float:
    """How many nats speak for two readings being of one plate rather than of two; 3 or 4 a character that agrees, -3 for one that differs."""
    return sum(score for score, _ in (_line(first, second, line) for line in range(max(first.lines, second.lines, 1))))


def rows_of(reading: Reading, line: int) -> list[int]:
    """The slots that lie on a line; those of a reading without line numbers all lie on the first."""
    return [slot for slot, at in enumerate(reading.line_of_slot) if at == line]


def aligned(first: FloatTensor, second: FloatTensor, alphabet: str) -> tuple[float, Pairs]:
    """Two lines of slots as probabilities (S, C) and (T, C): the score of their best alignment, and its pairs in order.

    None in a pair stands for a slot that the other has not got. Method: Needleman and Wunsch 1970, with log-odds of agreement.
    """
    agree, gaps_first, gaps_second = _scores(first, second, alphabet)
    rows, columns = len(gaps_first), len(gaps_second)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows):
        best[i + 1][0] = best[i][0] + gaps_first[i]
    for j in range(columns):
        best[0][j + 1] = best[0][j] + gaps_second[j]
    for i in range(rows):
        above, here, scores, gap = best[i], best[i + 1], agree[i], gaps_first[i]
        for j in range(columns):
            here[j + 1] = max(above[j] + scores[j], above[j + 1] + gap, here[j] + gaps_second[j])
    return best[rows][columns], _traced(best, agree, gaps_first)


def _line(first: Reading, second: Reading, line: int) -> tuple[float, Pairs]:
    a, b = rows_of(first, line), rows_of(second, line)
    return aligned(np.exp(first.log_probs[a]), np.exp(second.log_probs[b]), first.alphabet)


def _scores(first: FloatTensor, second: FloatTensor, alphabet: str) -> tuple[list[list[float]], list[float], list[float]]:
    """Log-odds of every pair of slots (S, T), and of each slot standing alone."""
    held_first, held_second = 1 - first[:, 0], 1 - second[:, 0]
    both = np.outer(held_first, held_second)
    same = first[:, 1:] @ _evidence(alphabet) @ second[:, 1:].T
    agree = np.log((1 - both) + same * (1 - WRONG) + both * WRONG)
    alone = [np.log(1 - held * (1 - WRONG)).tolist() for held in (held_first, held_second)]
    return agree.tolist(), alone[0], alone[1]


def _traced(best: list[list[float]], agree: list[list[float]], gaps_first: Sequence[float]) -> Pairs:
    """The way back through the table."""
    i, j = len(best) - 1, len(best[0]) - 1
    pairs: Pairs = []
    while i or j:
        if i and j and math.isclose(best[i][j], best[i - 1][j - 1] + agree[i - 1][j - 1], abs_tol=1e-9):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and math.isclose(best[i][j], best[i - 1][j] + gaps_first[i - 1], abs_tol=1e-9):
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


@lru_cache(maxsize=4)
def _evidence(alphabet: str) -> FloatTensor:
    """How many times likelier one plate is read as both characters than two plates are (A, A): 0 where they do not look alike."""
    chance = np.array([DIGITS / 10 if character.isdigit() else (1 - DIGITS) / max(len(alphabet) - 10, 1) for character in alphabet])
    leaks = np.eye(len(alphabet))
    for group in LOOK_ALIKES:
        for a in group:
            for b in group:
                if a != b and a in alphabet and b in alphabet:
                    leaks[alphabet.index(a), alphabet.index(b)] = LEAK
    return np.asarray(leaks / np.sqrt(np.outer(chance, chance)), dtype=np.float32)
