"""Draw a number plate: `choose` a type, `sample` a plate of it, `render` the picture.

Chance is used up in `sample`; `render` of the same parameters gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from platelight.records import Image
from platelight.synth import grounds, marks, paint
from platelight.synth.layout import Placed, set_line
from platelight.synth.look import PlateParams
from platelight.synth.pen import Mask
from platelight.synth.sampling import choose, sample, sample_free
from platelight.synth.wear import expose, worn
from platelight.templates import Template
from platelight.templates.model import plain

__all__ = ["PlateArt", "PlateParams", "choose", "render", "sample", "sample_free"]


@dataclass(frozen=True, slots=True, eq=False)
class PlateArt:
    """A drawn plate: `image` RGB (h, w, 3) is exactly the plate's rectangle, `mask` (h, w) its opacity with round corners.

    `text_lines` is the text without marks; `relief` (h, w) the ink alone, 255 where a character is.
    """

    image: Image
    mask: Mask
    text_lines: tuple[str, ...]
    template: Template | None
    relief: Mask


def render(params: PlateParams, height_px: int = 96) -> PlateArt:
    """Draw the plate `height_px` high. Raises ValueError below 16 pixels."""
    if height_px < 16:
        raise ValueError(f"a plate is drawn at least 16 pixels high, got {height_px}")
    width_px = round(params.aspect * height_px)
    image = np.empty((height_px, width_px, 3), np.uint8)
    paint.flood(image, params.ground)
    if params.art:
        grounds.draw(image, params)
    free = paint.bands(image, params)
    placed = _place(params, width_px, height_px, free)
    boxes = [box for line in placed for box in line]
    letters = [box for box in boxes if not box.is_mark]
    edges = min(b.x for b in letters), min(b.y for b in letters), max(b.x + b.width for b in letters), max(b.y + b.height for b in letters)
    paint.captions(image, params, edges[1], edges[3])
    paint.border(image, params)
    ink = _ink(params, placed, height_px, width_px)
    relief = ink.copy()
    marks.draw(image, ink, params, [box for box in boxes if box.is_mark])
    inked = _around(boxes, height_px, width_px)
    paint.lay_ink(image[inked], worn(ink, params.weather)[inked], params)
    paint.fixings(image, params, edges)
    image = expose(image, params.weather)
    outline = _outline(height_px, width_px, int(params.radius * height_px))
    text_lines = tuple(text for text in map(plain, params.lines) if text)
    return PlateArt(image, outline, text_lines, params.template, relief)


def _around(boxes: list[Placed], height: int, width: int) -> tuple[slice, slice]:
    """The part of the plate that holds all characters and marks, with a margin."""
    top, bottom = min(box.y for box in boxes) - 4, max(box.y + box.height for box in boxes) + 4
    left, right = min(box.x for box in boxes) - 4, max(box.x + box.width for box in boxes) + 4
    return slice(max(top, 0), min(bottom, height)), slice(max(left, 0), min(right, width))


def _place(params: PlateParams, width: int, height: int, free: tuple[float, float, float, float]) -> list[list[Placed]]:
    """Lines of characters inside what bands and border leave free."""
    left, right, top, bottom = free
    margin = (params.border_inset + (params.border_width if params.border else 0.0) + 0.035) * height
    y0, y1 = max(top, margin), min(bottom, height - margin)
    heights = [share * height for share in params.heights]
    gap = params.line_gap * height
    total = sum(heights) + gap * (len(heights) - 1)
    if total > y1 - y0:
        shrink = (y1 - y0) / total
        heights, gap, total = [value * shrink for value in heights], gap * shrink, y1 - y0
    y = y0 + (y1 - y0 - total) * (0.5 + params.shift)
    lines = []
    for index, (line, line_height) in enumerate(zip(params.lines, heights, strict=True)):
        beside = params.band_whole or index == 0 or len(params.lines) == 1
        x0 = max(left if beside else 0.0, margin) + height * 0.03
        x1 = min(right if beside else width, width - margin) - height * 0.03
        placed = set_line(line, params.face, x0, x1, y, line_height, params.spacing)
        lines.append(placed if params.letter_height == 1.0 else [_lowered(box, params.letter_height) for box in placed])
        y += line_height + gap
    return lines


def _lowered(box: Placed, share: float) -> Placed:
    """A letter made smaller than the digits beside it, on the same base line."""
    if box.is_mark or box.symbol.isdigit():
        return box
    tall, wide = int(box.height * share), max(int(box.width * (0.5 + share / 2)), 2)
    return Placed(box.symbol, box.x + (box.width - wide) // 2, box.y + box.height - tall, wide, tall)


def _ink(params: PlateParams, placed: list[list[Placed]], height: int, width: int) -> Mask:
    """All characters in one mask."""
    ink = np.zeros((height, width), np.uint8)
    drawn: dict[tuple[str, int, int], Mask] = {}
    index = -1
    for line in placed:
        for box in line:
            index += 1
            if box.is_mark:
                continue
            dx, dy, grow = params.jitter[index].tolist()
            tall = min(max(int(box.height * (1 + grow)), 4), height)
            key = (box.symbol, box.width, tall)
            if key not in drawn:
                drawn[key] = params.face.mask(*key)
            x = min(max(box.x + round(dx * box.height), 0), width - box.width)
            y = min(max(box.y + round(dy * box.height), 0), height - tall)
            patch = ink[y : y + tall, x : x + box.width]
            cv2.max(patch, drawn[key], patch)
    return ink


@lru_cache(maxsize=512)
def _outline(height: int, width: int, radius: int) -> Mask:
    mask = np.full((height, width), 255, np.uint8)
    if radius > 0:
        scale = 4
        corner = np.zeros((radius * scale, radius * scale), np.uint8)
        cv2.circle(corner, (radius * scale, radius * scale), radius * scale, 255, -1)
        corner = np.asarray(cv2.resize(corner, (radius, radius), interpolation=cv2.INTER_AREA), np.uint8)
        mask[:radius, :radius], mask[:radius, -radius:] = corner, corner[:, ::-1]
        mask[-radius:, :radius], mask[-radius:, -radius:] = corner[::-1], corner[::-1, ::-1]
    mask.flags.writeable = False
    return mask
