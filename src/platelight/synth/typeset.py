"""Open fonts (see fonts/FONTS.md): faces for plates, and small print."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from platelight.synth.pen import Mask

_CAP_PX = 110
_PRINT_PX = 22
_FOLDER = Path(__file__).parent / "fonts"
_PRINT_ONLY = ("lobster", "kaushan", "zilla")

FAMILY_FONTS = {
    "fe": ("share-tech-mono", "b612-mono", "OSP-DIN", "rajdhani"),
    "din": ("OSP-DIN", "barlow-condensed", "barlow-semi-condensed", "oswald"),
    "uk": ("overpass", "RG2014E", "RG2014EM", "barlow-semi-condensed", "RG2014F"),
    "fr": ("OSP-DIN", "barlow-semi-condensed", "overpass", "RG2014D"),
    "it": ("barlow-semi-condensed", "rajdhani", "share-tech-mono", "OSP-DIN"),
    "us": ("RG2014B", "RG2014C", "saira-condensed", "bebas-neue", "big-shoulders", "share-tech-mono", "oswald"),
    "br": ("OSP-DIN", "barlow-semi-condensed", "RG2014C", "RG2014D", "share-tech-mono"),
    "su": ("OSP-DIN", "barlow-semi-condensed", "RG2014C", "RG2014D", "overpass"),
}
"""Which open fonts come closest to a family; file names start so. `generic` takes any."""


@lru_cache(maxsize=1)
def print_fonts() -> tuple[str, ...]:
    """Names of all font files, sorted."""
    return tuple(sorted(path.name for path in _FOLDER.iterdir() if path.suffix in (".ttf", ".woff2")))


@lru_cache(maxsize=32)
def face_fonts(family: str) -> tuple[str, ...]:
    """Names of the font files that letter plates of a family."""
    starts = FAMILY_FONTS.get(family)
    names = (name for name in print_fonts() if not name.startswith(_PRINT_ONLY))
    return tuple(name for name in names if starts is None or name.startswith(starts))


@lru_cache(maxsize=128)
def _font(name: str, cap_px: int) -> ImageFont.FreeTypeFont:
    """The font in the size at which its capitals are about `cap_px` high."""
    path = str(_FOLDER / name)
    _, top, _, bottom = ImageFont.truetype(path, 200).getbbox("H")
    return ImageFont.truetype(path, max(round(200 * cap_px / max(bottom - top, 1)), 4))


def _draw(text: str, font: ImageFont.FreeTypeFont) -> Mask:
    """The text with two pixels around it. It is drawn with room to spare and cut out, for asking the font for its box would draw it twice."""
    room = round(font.size)
    picture = PillowImage.new("L", (round(room * (1.3 * len(text) + 1)), 3 * room))
    ImageDraw.Draw(picture).text((room // 2, room // 2), text, 255, font)
    pixels = np.asarray(picture)
    x, y, width, height = cv2.boundingRect(pixels)
    drawn = np.zeros((max(height, 1) + 4, max(width, 1) + 4), np.uint8)
    drawn[2 : 2 + height, 2 : 2 + width] = pixels[y : y + height, x : x + width]
    return drawn


@lru_cache(maxsize=4096)
def _ink(name: str, character: str) -> Mask:
    """One character at a cap height of `_CAP_PX`, cropped to its ink."""
    pixels = _draw(character, _font(name, _CAP_PX))
    rows, columns = np.flatnonzero(pixels.max(axis=1) > 100), np.flatnonzero(pixels.max(axis=0) > 100)
    return np.ascontiguousarray(pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


@dataclass(frozen=True, slots=True)
class FontFace:
    """A face taken from a font file; `stretch` widens every character."""

    name: str
    stretch: float = 1.0

    def advance(self, character: str) -> float:
        return float(_ink(self.name, character).shape[1] / _CAP_PX * self.stretch)

    def mask(self, character: str, width_px: int, height_px: int) -> Mask:
        return np.asarray(cv2.resize(_ink(self.name, character), (width_px, height_px), interpolation=cv2.INTER_AREA), np.uint8)


@lru_cache(maxsize=1024)
def fonts_for(text: str) -> tuple[str, ...]:
    """The few fonts that a piece of small print is set in: always the same ones for a text, so that drawn print can be kept."""
    names = print_fonts()
    start = crc32(text.encode())
    return tuple(names[(start + index * 11) % len(names)] for index in range(4))


@lru_cache(maxsize=4096)
def _print(text: str, name: str) -> Mask:
    return _draw(text, _font(name, _PRINT_PX))


def small_print(text: str, choice: float, cap_px: int, width_limit: float) -> Mask:
    """A line of any text in one font of `fonts_for` (`choice`, 0 to 1): uint8 (h, w).

    Capitals are about `cap_px` high; a line wider than `width_limit` pixels is squeezed.
    """
    names = fonts_for(text)
    mask = _print(text, names[min(int(choice * len(names)), len(names) - 1)])
    scale = cap_px / _PRINT_PX
    size = max(int(min(mask.shape[1] * scale, width_limit)), 2), max(round(mask.shape[0] * scale), 2)
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)
