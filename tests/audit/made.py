"""What the tests of audits share: finds, photos and registrations made up on the spot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import cv2
import numpy as np

from platelight.audit.records import Advert, Find, Seen
from platelight.geometry import Box
from platelight.records import Image
from platelight.register.posterior import Candidate
from platelight.register.records import Claim, Registration


def find(
    text: str | None, x: float = 0.5, y: float = 0.6, wide: float = 0.15, photo: int = 0, chances: Sequence[tuple[str, float]] | None = None,
    template: str | None = "ua-2015", flags: tuple[str, ...] = (), width: int = 1000, height: int = 750,
) -> Find:  # fmt: skip
    """A plate of 4.6:1 around (x, y), `wide` as a share of the photo's width."""
    half_x, half_y = wide * width / 2, wide * width / 9.2
    quad = Box(x * width - half_x, y * height - half_y, x * width + half_x, y * height + half_y).quad()
    given = chances if chances is not None else [(text, 0.98)] if text else []
    candidates = tuple(Candidate(other, chance, "ua") for other, chance in given)
    return Find(photo, quad, width, height, text, given[0][1] if given else 0.0, "ua", template, 0.9, flags, candidates)


def seen(*finds: Find, error: str | None = None) -> Seen:
    return Seen("a.jpg", finds, error)


def advert(claim: Claim | None = None, photos: int | tuple[str, ...] = 1, **changed: Any) -> Advert:
    names = tuple(f"{number}.jpg" for number in range(photos)) if isinstance(photos, int) else photos
    claim = claim or Claim("BMW", "X5", 2015, "black")
    values: dict[str, Any] = {
        "id": "a1",
        "photos": names,
        "photo_names": names,
        "claim": claim,
        "line": 2,
        "year_text": None if claim.year is None else str(claim.year),
    }
    return Advert(**values | changed)


class Records(dict[str, tuple[Registration, ...]]):
    """A register in memory."""

    def __or__(self, more: dict[str, tuple[Registration, ...]]) -> Records:  # type: ignore[override]
        return Records({**self, **more})

    def has(self, plates: Iterable[str]) -> set[str]:
        return {plate for plate in plates if plate in self}

    def lookup_many(self, plates: Iterable[str]) -> dict[str, tuple[Registration, ...]]:
        return {plate: self.get(plate, ()) for plate in plates}


BMW = Registration("AA1234BB", "2020-05-01", "BMW", "X5", 2015, "ЧОРНИЙ")
OPEL = Registration("KA7777HX", "2019-02-03", "OPEL", "ASTRA", 2008, "БІЛИЙ")


def drawn(finds: Sequence[Find], width: int = 1000, height: int = 750) -> Image:
    """A photo whose plates are white with black bars, which a cover must hide."""
    picture = np.full((height, width, 3), (70, 80, 95), np.uint8)
    for item in finds:
        box = item.quad.box
        cv2.rectangle(picture, (int(box.x0), int(box.y0)), (int(box.x1), int(box.y1)), (255, 255, 255), -1)
        for bar in np.linspace(box.x0 + 6, box.x1 - 6, 9):
            cv2.rectangle(picture, (int(bar) - 2, int(box.y0) + 4), (int(bar) + 2, int(box.y1) - 4), (0, 0, 0), -1)
    return picture
