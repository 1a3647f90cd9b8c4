"""Draw a number plate: `choose` a type, `sample` a plate of it, `render` the picture.

Chance is used up in `sample`; `render` of the same parameters gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from platelight.records import Image
from platelight.synth import bands, grounds, marks, paint, script
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
    free = bands.draw(image, params)
    placed, region = _place(params, width_px, height_px, free)
    boxes = [box for line in placed for box in line]
    edges = _edges([box for box in boxes if not box.is_mark])
    paint.captions(image, params, edges[1], edges[3])
    paint.border(image, params)
    if region:
        code = _edges(region)
        paint.divider(image, params, (code[0] if code[0] > width_px / 2 else code[2]) + int(height_px * (-0.07 if code[0] > width_px / 2 else 0.07)), code)
    ink = _ink(params, placed, height_px, width_px)
    relief = ink.copy()
    marks.draw(image, ink, params, [box for box in boxes if box.is_mark])
    if params.script_row:
        row = int(abs(params.script_row) * height_px)
        y = edges[1] - row - 2 if params.script_row > 0 else edges[3] + 2
        script.cursive(ink, edges[0], edges[2], max(y, 0), min(y + row, height_px), params.details)
    inked = _around(boxes, height_px, width_px) if not params.script_row else (slice(0, height_px), slice(0, width_px))
    paint.lay_ink(image[inked], worn(ink, params.weather)[inked], params)
    paint.fixings(image, params, edges if not params.script_row else (edges[0], 3, edges[2], height_px - 3))
    image = expose(image, params.weather)
    outline = _outline(height_px, width_px, int(params.radius * height_px))
    text_lines = tuple(text for text in map(plain, params.lines) if text)
    return PlateArt(image, outline, text_lines, params.template, relief)


def _around(boxes: list[Placed], height: int, width: int) -> tuple[slice, slice]:
    """The part of the plate that holds all characters and marks, with a margin."""
    top, bottom = min(box.y for box in boxes) - 4, max(box.y + box.height for box in boxes) + 4
    left, right = min(box.x for box in boxes) - 4, max(box.x + box.width for box in boxes) + 4
    return slice(max(top, 0), min(bottom, height)), slice(max(left, 0), min(right, width))


def _edges(boxes: list[Placed]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of some boxes together."""
    return min(b.x for b in boxes), min(b.y for b in boxes), max(b.x + b.width for b in boxes), max(b.y + b.height for b in boxes)


def _place(params: PlateParams, width: int, height: int, free: tuple[float, float, float, float]) -> tuple[list[list[Placed]], list[Placed]]:
    """Lines of characters inside what bands and border leave free, and the boxes of a region code set apart (a double gap in the line)."""
    left, right, top, bottom = free
    margin = (params.border_inset + (params.border_width if params.border else 0.0) + 0.035) * height
    y0, y1 = max(top, margin), min(bottom, height - margin)
    if params.script_row > 0:
        y0 += params.script_row * height
    elif params.script_row < 0:
        y1 += params.script_row * height
    heights = [share * height for share in params.heights]
    gap = params.line_gap * height
    total = sum(heights) + gap * (len(heights) - 1)
    if total > y1 - y0:
        shrink = (y1 - y0) / total
        heights, gap, total = [value * shrink for value in heights], gap * shrink, y1 - y0
    y = y0 + (y1 - y0 - total) * (0.5 + params.shift)
    lines: list[list[Placed]] = []
    region: list[Placed] = []
    for index, (line, line_height) in enumerate(zip(params.lines, heights, strict=True)):
        beside = params.band_whole or index == 0 or len(params.lines) == 1
        x0 = max(left if beside else 0.0, margin) + height * 0.03
        x1 = min(right if beside else width, width - margin) - height * 0.03
        if "  " in line.strip():
            placed, region = _set_apart(params, line, x0, x1, y, line_height)
        else:
            placed = set_line(line, params.face, x0, x1, y, line_height, params.spacing)
        lines.append(placed if params.letter_height == 1.0 else [_lowered(box, params.letter_height) for box in placed])
        y += line_height + gap
    return lines, region


def _set_apart(params: PlateParams, line: str, x0: float, x1: float, y: float, height: float) -> tuple[list[Placed], list[Placed]]:
    """A line whose shorter part, a region code, stands smaller in a box of its own at its end."""
    first, _, second = line.partition("  ")
    code = second if len(plain(second)) <= len(plain(first)) else first
    code_height = height * (0.74 + 0.1 * float(params.details[46]))
    wide = (sum(map(params.face.advance, plain(code))) + 0.12 * len(code)) * code_height + 0.04 * height
    wide = min(wide, (x1 - x0) * 0.3)
    pad = height * 0.2
    code_y = y - height * 0.02 if params.template and params.template.country == "ru" else y + (height - code_height) / 2
    if code is second:
        region = set_line(code, params.face, x1 - wide, x1, code_y, code_height, params.spacing)
        return [*set_line(first, params.face, x0, x1 - wide - pad, y, height, params.spacing), *region], region
    region = set_line(code, params.face, x0, x0 + wide, code_y, code_height, params.spacing)
    return [*region, *set_line(second, params.face, x0 + wide + pad, x1, y, height, params.spacing)], region


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
