"""A flat drawing as a list of shapes and texts, and its rendering; lengths are shares of the drawing's height."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from platelight.records import Image
from platelight.synth.pixels import Colour

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Patch:
    """A filled outline; `hole` cuts the drawing away instead of filling it."""

    points: tuple[Point, ...]
    colour: Colour
    hole: bool = False


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line along `points`, `thick` wide."""

    points: tuple[Point, ...]
    colour: Colour
    thick: float
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Lettering:
    """Text centred at `x, y`; `size` is the height of a capital letter, `stretch` widens it; `face` numbers a shipped font."""

    text: str
    x: float
    y: float
    size: float
    colour: Colour
    face: int
    stretch: float = 1.0
    most_width: float = math.inf


Mark = Patch | Stroke | Lettering


@dataclass(frozen=True, slots=True)
class Sketch:
    """Marks drawn in order on nothing: what no mark covers stays see-through. `opacity` holds for all of it."""

    kind: str
    aspect: float
    marks: tuple[Mark, ...]
    opacity: float = 1.0


def render(sketch: Sketch, height_px: int = 96) -> tuple[Image, Image]:
    """Pixels (h, w, 3) and coverage (h, w), 0 to 255."""
    width_px = max(round(height_px * sketch.aspect), 4)
    image = np.full((height_px, width_px, 3), 128, np.uint8)
    mask = np.zeros((height_px, width_px), np.uint8)
    for mark in sketch.marks:
        if isinstance(mark, Patch):
            points = [_fixed(mark.points, height_px)]
            cv2.fillPoly(image, points, mark.colour, cv2.LINE_AA, 4)
            cv2.fillPoly(mask, points, (0.0 if mark.hole else 255.0,), cv2.LINE_AA, 4)
        elif isinstance(mark, Stroke):
            points = [_fixed(mark.points, height_px)]
            thick = max(round(mark.thick * height_px), 1)
            cv2.polylines(image, points, mark.closed, mark.colour, thick, cv2.LINE_AA, 4)
            cv2.polylines(mask, points, mark.closed, (255.0,), thick, cv2.LINE_AA, 4)
        else:
            _letter(image, mask, mark, height_px)
    if sketch.opacity < 1:
        mask = np.asarray(mask * sketch.opacity, dtype=np.uint8)
    return image, mask


def rectangle(x0: float, y0: float, x1: float, y1: float, radius: float = 0.0) -> tuple[Point, ...]:
    """The outline of a rectangle with rounded corners."""
    if radius <= 0:
        return (x0, y0), (x1, y0), (x1, y1), (x0, y1)
    corners = ((x1 - radius, y0 + radius, -90), (x1 - radius, y1 - radius, 0), (x0 + radius, y1 - radius, 90), (x0 + radius, y0 + radius, 180))
    return tuple(point for x, y, start in corners for point in arc(x, y, radius, start, start + 90, steps=5))


def arc(x: float, y: float, radius: float, start: float, stop: float, steps: int = 40, squeeze: float = 1.0) -> tuple[Point, ...]:
    """Points of a circle's (or, squeezed in height, an ellipse's) arc; angles in degrees clockwise from the right."""
    angles = np.radians(np.linspace(start, stop, steps))
    return tuple((x + radius * math.cos(a), y + radius * squeeze * math.sin(a)) for a in angles)


def polygon(x: float, y: float, radius: float, sides: int, turn: float = 0.0) -> tuple[Point, ...]:
    """A regular polygon."""
    return arc(x, y, radius, turn, turn + 360 * (1 - 1 / sides), steps=sides)


def text_width(text: str, size: float, face: int) -> float:
    """About how wide a lettering is, in the unit of `size`."""
    return float(_font(face, 64).getlength(text)) / _capital(face, 64) * size


@cache
def faces() -> tuple[Path, ...]:
    """The shipped fonts in a fixed order."""
    folder = Path(__file__).parent / "fonts"
    return tuple(sorted(path for path in folder.iterdir() if path.suffix in (".ttf", ".otf", ".woff2")))


def _fixed(points: Iterable[Point], scale: float) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    return np.rint(np.array(tuple(points)) * scale * 16).astype(np.int32)


@lru_cache(maxsize=256)
def _font(face: int, size_px: int) -> ImageFont.FreeTypeFont:
    paths = faces()
    return ImageFont.truetype(str(paths[face % len(paths)]), size_px)


@cache
def _capital(face: int, size_px: int) -> float:
    box = _font(face, size_px).getbbox("H")
    return max(float(box[3] - box[1]), 1.0)


def _letter(image: Image, mask: Image, mark: Lettering, height_px: int) -> None:
    """Draw text, taller or narrower than the font has it, by scaling a larger drawing of it."""
    size_px = max(round(mark.size * height_px * 64 / _capital(mark.face, 64) * 1.25), 6)
    font = _font(mark.face, size_px)
    left, top, right, bottom = (int(edge) for edge in font.getbbox(mark.text))
    if right <= left or bottom <= top:
        return
    tile = PillowImage.new("L", (right - left, bottom - top))
    ImageDraw.Draw(tile).text((-left, -top), mark.text, fill=255, font=font)
    scale = mark.size * height_px / _capital(mark.face, size_px)
    wide = min((right - left) * scale * mark.stretch, mark.most_width * height_px)
    size = max(round(wide), 1), max(round((bottom - top) * scale), 1)
    ink = np.asarray(cv2.resize(np.asarray(tile), size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    box = font.getbbox("H")
    y0 = round(mark.y * height_px - ((box[1] + box[3]) / 2 - top) * scale)
    _stamp(image, mask, ink, round(mark.x * height_px - size[0] / 2), y0, mark.colour)


def _stamp(image: Image, mask: Image, ink: Image, x0: int, y0: int, colour: Colour) -> None:
    height, width = mask.shape
    top, left, bottom, right = max(y0, 0), max(x0, 0), min(y0 + ink.shape[0], height), min(x0 + ink.shape[1], width)
    if bottom <= top or right <= left:
        return
    part = ink[top - y0 : bottom - y0, left - x0 : right - x0]
    cover = part[..., None].astype(np.float32) / 255
    ground = image[top:bottom, left:right]
    bare = mask[top:bottom, left:right, None] == 0
    mixed = np.where(bare, np.asarray(colour, np.float32), ground + (np.asarray(colour, np.float32) - ground) * cover)
    image[top:bottom, left:right] = np.clip(mixed, 0, 255).astype(np.uint8)
    np.maximum(mask[top:bottom, left:right], part, out=mask[top:bottom, left:right])
