"""Open fonts (see fonts/FONTS.md): faces for plates and small print."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from platelight.synth.glyphs import Mask

_CAP_PX = 110
_FOLDER = Path(__file__).parent / "fonts"


@lru_cache(maxsize=1)
def font_files() -> tuple[str, ...]:
    """Names of the font files, sorted."""
    return tuple(sorted(path.name for path in _FOLDER.iterdir() if path.suffix in (".ttf", ".woff2")))


@lru_cache(maxsize=256)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(_FOLDER / name), size)


@lru_cache(maxsize=64)
def _size_for_caps(name: str, cap_px: int) -> int:
    _, top, _, bottom = _font(name, 200).getbbox("H")
    return max(int(round(200 * cap_px / max(bottom - top, 1))), 4)


@lru_cache(maxsize=4096)
def _ink(name: str, character: str) -> Mask:
    """One character at a cap height of `_CAP_PX`, cropped to its ink."""
    font = _font(name, _size_for_caps(name, _CAP_PX))
    left, top, right, bottom = font.getbbox(character)
    picture = PillowImage.new("L", (int(right - min(left, 0)) + 8, int(bottom) + 8))
    ImageDraw.Draw(picture).text((4 - min(left, 0), 4), character, 255, font)
    pixels = np.asarray(picture, np.uint8)
    rows, columns = np.flatnonzero(pixels.max(axis=1) > 100), np.flatnonzero(pixels.max(axis=0) > 100)
    return np.ascontiguousarray(pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


@dataclass(frozen=True, slots=True)
class FontFace:
    """A face taken from a font file; `stretch` widens every character."""

    name: str
    stretch: float = 1.0

    def advance(self, character: str) -> float:
        return _ink(self.name, character).shape[1] / _CAP_PX * self.stretch

    def mask(self, character: str, width_px: int, height_px: int) -> Mask:
        return np.asarray(cv2.resize(_ink(self.name, character), (width_px, height_px), interpolation=cv2.INTER_AREA), np.uint8)


@lru_cache(maxsize=4096)
def small_print(text: str, name: str, cap_px: int) -> Mask:
    """A line of any text at a cap height in pixels: uint8 (h, w), read-only."""
    font = _font(name, _size_for_caps(name, cap_px))
    left, top, right, bottom = font.getbbox(text)
    picture = PillowImage.new("L", (max(int(right - left), 1) + 2, max(int(bottom - top), 1) + 2))
    ImageDraw.Draw(picture).text((1 - left, 1 - top), text, 255, font)
    pixels = np.array(picture, np.uint8)
    pixels.flags.writeable = False
    return pixels
