"""How long to wait before the next try to connect."""

from __future__ import annotations

import random

FIRST_S = 0.25
LONGEST_S = 3.0
"""Short, so that a camera that is back is read again within 5 s; a try costs next to nothing."""

LONGEST_REFUSED_S = 60.0
"""After a rejected password: cameras lock the account when somebody knocks too often."""


class Waits:
    """Growing, jittered waits; `reset` after a success."""

    def __init__(self, rng: random.Random | None = None) -> None:
        self._rng = rng or random.Random()
        self._tries = 0

    def next_s(self, refused: bool = False) -> float:
        longest = LONGEST_REFUSED_S if refused else LONGEST_S
        wait: float = min(FIRST_S * 2 ** min(self._tries, 20) * (8 if refused else 1), longest)
        self._tries += 1
        return wait * self._rng.uniform(0.6, 1.0)

    def reset(self) -> None:
        self._tries = 0
