"""Outlines and texts of plates on a copy of the photo."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from platelight.geometry import Box, Quad
from platelight.records import Image, Plate

READ, UNREAD, INK = (0, 224, 96), (255, 144, 0), (12, 12, 12)
UMLAUTS = str.maketrans("ÄÖÜ", "AOU")
STEPS = 4  # how many label heights a label may move away from its plate to lie free
LEAST_WIDE = 140  # pixels that the label of a plate takes at its smallest


def annotate(image: Image, plates: Sequence[Plate]) -> Image:
    """A copy of `image` (H, W, 3) with every plate's outline (its own top edge thicker) and text, sized to be read at any resolution.

    A label covers neither a plate nor another label where there is room for it.
    """
    canvas = Pillow.fromarray(image)
    pen = ImageDraw.Draw(canvas)
    unit = max(min(image.shape[:2]) / 400, 1.0)
    taken = [plate.detection.quad.box for plate in plates]
    for plate in plates:
        _outline(pen, plate.detection.quad, _colour(plate), max(round(unit * 1.5), 1))
    for plate in plates:
        taken.append(_label(pen, canvas.size, plate, taken, unit))
    return np.array(canvas)


def with_room(image: Image) -> Image:
    """A picture that is a plate, (H, W, 3), with a dark strip below for its label."""
    height, width = image.shape[:2]
    strip = max(min(height, width // 5), 24)
    return np.pad(image, ((0, strip), (0, max(LEAST_WIDE - width, 0)), (0, 0)), constant_values=INK[0])


def write(pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, colour: tuple[int, int, int], size_px: int) -> float:
    """Text whose umlauts are letters with two dots, because the font that comes with Pillow lacks them.

    `at` is the left end of the line that Pillow calls the ascender. Gives the width in pixels.
    """
    face, plain = font(size_px), text.translate(UMLAUTS)
    pen.text(at, plain, fill=colour, font=face)
    gap, dot = max(round(size_px / 16), 1), max(round(size_px / 9), 2)
    bottom = at[1] + pen.textbbox((0, 0), "H", font=face)[1] - gap
    for index, (character, base) in enumerate(zip(text, plain, strict=True)):
        if character != base:
            start, end = (at[0] + pen.textlength(plain[:stop], font=face) for stop in (index, index + 1))
            for share in (0.3, 0.7):
                x = round(start + (end - start) * share - dot / 2)
                pen.rectangle([x, bottom - dot, x + dot - 1, bottom - 1], fill=colour)
    return pen.textlength(plain, font=face)


@lru_cache(maxsize=64)
def font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font that comes with Pillow."""
    return ImageFont.load_default(size_px)


def _colour(plate: Plate) -> tuple[int, int, int]:
    return READ if plate.text else UNREAD


def _caption(plate: Plate) -> str:
    if not plate.text:
        return "not read"
    return f"{plate.text}  {plate.country or '?'}  {plate.confidence:.2f}"


def _outline(pen: ImageDraw.ImageDraw, quad: Quad, colour: tuple[int, int, int], width: int) -> None:
    corners = list(quad.corners)
    pen.line([*corners, corners[0], corners[1]], fill=INK, width=width + 2, joint="curve")
    pen.line([*corners, corners[0], corners[1]], fill=colour, width=width, joint="curve")
    pen.line(corners[:2], fill=colour, width=width * 2)


def _label(pen: ImageDraw.ImageDraw, canvas: tuple[int, int], plate: Plate, taken: Sequence[Box], unit: float) -> Box:
    """Write the caption on a ground of its own; gives the place it takes."""
    caption, quad = _caption(plate), plate.detection.quad
    text_px = _text_px(pen, caption, quad, canvas[0], unit)
    left, top, right, bottom = pen.textbbox((0, 0), caption.translate(UMLAUTS), font=font(text_px))
    pad = max(text_px // 4, 3)
    place = _place((right - left + 2 * pad, bottom - top + 2 * pad), quad.box, canvas, taken, pad)
    pen.rectangle([place.x0, place.y0, place.x1, place.y1], fill=_colour(plate))
    write(pen, (place.x0 + pad - left, place.y0 + pad - top), caption, INK, text_px)
    return place


def _text_px(pen: ImageDraw.ImageDraw, caption: str, quad: Quad, canvas_px: int, unit: float) -> int:
    """As high as half the plate but not much wider than it; neither illegible nor larger than a twelfth of the picture."""
    as_wide = min(1.3 * quad.width_px, 0.9 * canvas_px) / (pen.textlength(caption.translate(UMLAUTS), font=font(100)) / 100)
    return round(min(max(min(quad.height_px * 0.6, as_wide), 11.0 * unit), 32.0 * unit))


def _place(size: tuple[float, float], plate: Box, canvas: tuple[int, int], taken: Sequence[Box], gap: float) -> Box:
    """Above the plate, or below it, or further away, whichever lies free first; never outside the picture."""
    width, height = size
    x = max(min(plate.x0, canvas[0] - width), 0)
    steps = [gap + step * (height + gap) for step in range(STEPS)]
    tops = [top for away in steps for top in (plate.y0 - height - away, plate.y1 + away)]
    inside = [Box(x, y, x + width, y + height) for y in tops if 0 <= y <= canvas[1] - height]
    free = [place for place in inside if not any(place.iou(other) for other in taken)]
    y = max(min(plate.y1 + gap, canvas[1] - height), 0)
    return next(iter(free or inside), Box(x, y, x + width, y + height))
