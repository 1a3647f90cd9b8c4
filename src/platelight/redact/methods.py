"""Ways of hiding that leave nothing of the plate: blur, pixelate, fill, logo.

Blurring and pixelating by themselves can be undone: whoever knows the font draws every number, blurs it in the same way and
compares (S. Hill, Z. Zhou, L. Saul, H. Shacham: On the (In)effectiveness of Mosaicing and Blurring as Tools for Document
Redaction, 2016). Here both are made from at most `MOST_CELLS` mean colours along the plate, each of a region wider than a
character, with noise added; nothing else of the plate enters the result. bench/redact_attack.py tries to undo it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow

from platelight import images
from platelight.geometry import FloatArray, Quad
from platelight.records import Image, Plate
from platelight.redact.patch import Patch, averages, full_cover, part_of, seen_under

MOST_CELLS = 5
"""Mean colours along a plate; plates wider than high are one cell high, others two."""

NOISE, COLOUR_NOISE = 12.0, 2.0
"""Standard deviation of what is added to each mean colour, in grey levels: to all its channels alike, and to each."""

ONE_ROW = 1.9
"""Width over height from which a plate is averaged in one row of cells."""

Colour = tuple[int, int, int]
BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Blur:
    """A few mean colours of the plate, with noise, run into each other; its edge fades into the picture."""

    name: str = "blur"

    def __call__(self, picture: Image, plate: Plate, place: Quad, rng: np.random.Generator) -> Patch | None:
        feather = max(0.04 * place.height_px, 0.7)
        found = part_of(picture, place, 5 * feather + 2)
        if found is None:
            return None
        top, left, part, local = found
        height, width = part.shape[:2]
        tones = _tones(picture, plate.detection.quad, rng)
        grid = np.clip(cv2.resize(tones, (tones.shape[1] * 16, tones.shape[0] * 16), interpolation=cv2.INTER_CUBIC), 0, 255).astype(np.uint8)
        seen = seen_under(grid, local, height, width)
        return Patch(top, left, seen, full_cover(local, height, width, feather), self.name)


@dataclass(frozen=True, slots=True)
class Pixelate:
    """Squares that look like those of a coarse plate: their mean colours are the plate's, with noise; what differs between neighbours is chance."""

    name: str = "pixelate"

    def __call__(self, picture: Image, plate: Plate, place: Quad, rng: np.random.Generator) -> Patch | None:
        found = part_of(picture, place, 3)
        if found is None:
            return None
        top, left, part, local = found
        height, width = part.shape[:2]
        tones = _tones(picture, plate.detection.quad, rng)
        aspect = place.width_px / max(place.height_px, 1.0)
        rows = 3 if tones.shape[0] == 1 else 5
        columns = int(np.clip(round(aspect * rows), 3, 24))
        squares = cv2.resize(tones, (columns, rows), interpolation=cv2.INTER_LINEAR).reshape(rows, columns, 3)
        squares = squares + rng.normal(0, DETAIL, (rows, columns, 1))
        seen = seen_under(np.clip(squares, 0, 255).astype(np.uint8), local, height, width, cv2.INTER_NEAREST)
        return Patch(top, left, seen, full_cover(local, height, width), self.name)


DETAIL = 22.0
"""Standard deviation between neighbouring squares, in grey levels; the same for every plate, so that it says nothing about one."""


@dataclass(frozen=True, slots=True)
class Fill:
    """One colour, red, green and blue 0 to 255."""

    colour: Colour = BLACK
    name: str = "fill"

    def __call__(self, picture: Image, plate: Plate, place: Quad, rng: np.random.Generator) -> Patch | None:
        found = part_of(picture, place, 3)
        if found is None:
            return None
        top, left, part, local = found
        seen = np.empty_like(part)
        seen[:] = self.colour
        return Patch(top, left, seen, full_cover(local, *part.shape[:2]), self.name)


@dataclass(frozen=True, slots=True, eq=False)
class Logo:
    """A picture `art` RGBA uint8 (h, w, 4), laid on the plate as if printed there, proportions kept, on a ground of one colour."""

    art: Image
    ground: Colour = WHITE
    name: str = "logo"

    def __post_init__(self) -> None:
        if self.art.ndim != 3 or self.art.shape[2] != 4 or self.art.dtype != np.uint8 or min(self.art.shape[:2]) < 1:
            raise ValueError(f"a logo must be RGBA, uint8 (h, w, 4), got {self.art.dtype} {self.art.shape}")

    @classmethod
    def open(cls, path: str | os.PathLike[str], ground: Colour = WHITE) -> Logo:
        """The logo in a picture file. Raises ImageError where it is none."""
        images.load(path, max_pixels=16_000_000)
        with Pillow.open(Path(path)) as picture:
            return cls(np.array(picture.convert("RGBA")), ground)

    def __call__(self, picture: Image, plate: Plate, place: Quad, rng: np.random.Generator) -> Patch | None:
        found = part_of(picture, place, 3)
        if found is None:
            return None
        top, left, part, local = found
        seen = seen_under(self._sheet(place), local, *part.shape[:2])
        return Patch(top, left, seen, full_cover(local, *part.shape[:2]), self.name)

    def _sheet(self, place: Quad) -> Image:
        """The logo in the middle of a plate of the place's proportions, drawn about as large as it will be seen."""
        height = int(np.clip(place.height_px * 1.2, 16, 1024))
        width = int(np.clip(height * place.width_px / max(place.height_px, 1.0), 16, 4096))
        sheet = Pillow.new("RGB", (width, height), self.ground)
        scale = min(width * 0.92 / self.art.shape[1], height * 0.84 / self.art.shape[0])
        size = max(round(self.art.shape[1] * scale), 1), max(round(self.art.shape[0] * scale), 1)
        art = Pillow.fromarray(self.art).resize(size, Pillow.Resampling.LANCZOS)
        sheet.paste(art, ((width - size[0]) // 2, (height - size[1]) // 2), art)
        return np.array(sheet)


def _tones(picture: Image, quad: Quad, rng: np.random.Generator) -> FloatArray:
    """All that blur and pixelate know of a plate: a few mean colours (rows, columns, 3), with noise."""
    aspect = quad.width_px / max(quad.height_px, 1.0)
    columns = int(np.clip(round(aspect), 2, MOST_CELLS))
    means = averages(picture, quad, 1 if aspect >= ONE_ROW else 2, columns)
    noisy = means + rng.normal(0, NOISE, (*means.shape[:2], 1)) + rng.normal(0, COLOUR_NOISE, means.shape)
    return np.clip(noisy, 0, 255)
