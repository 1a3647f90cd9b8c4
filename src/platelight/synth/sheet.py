"""One picture with a drawn plate of every type, by country, to look through by eye."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import cv2
import numpy as np

from platelight.records import Image
from platelight.synth import plate
from platelight.synth.typeset import small_print
from platelight.templates import Template

COLUMNS = 8
CELL = (232, 128)  # width, height of a plate with its caption, in pixels
HEADING = 40  # height of a country's heading in pixels
PLATE = (216, 88)  # the largest a plate is shown
MARGIN = 12
PAPER = 226
INK = (25, 25, 25)
FAINT = (95, 95, 95)
FONT = "barlow-condensed-latin-500-normal.woff2"


def template_sheet(templates: Sequence[Template], rng: np.random.Generator) -> Image:
    """One drawn plate of each template, its id and patterns below, under a heading for each country: RGB uint8 (h, w, 3).

    Templates are kept in the order given; those of one country should stand together. Raises ValueError where there are none.
    """
    if not templates:
        raise ValueError("no plate types to draw")
    groups = [(country, list(group)) for country, group in groupby(templates, key=lambda template: template.country)]
    rows = sum(-(-len(group) // COLUMNS) for _, group in groups)
    width, height = COLUMNS * CELL[0] + 2 * MARGIN, len(groups) * HEADING + rows * CELL[1] + MARGIN
    canvas = np.full((height, width, 3), PAPER, np.uint8)
    y = 0
    for country, group in groups:
        _print(canvas, f"{country}   {len(group)} types", MARGIN, y + 14, 16, INK, width)
        y += HEADING
        for index, template in enumerate(group):
            row, column = divmod(index, COLUMNS)
            _cell(canvas, template, rng, MARGIN + column * CELL[0], y + row * CELL[1])
        y += -(-len(group) // COLUMNS) * CELL[1]
    return canvas


def _cell(canvas: Image, template: Template, rng: np.random.Generator, x: int, y: int) -> None:
    """Draw the plate in the middle of its place, and its id and patterns below it."""
    picture = plate.render(plate.sample(template, rng), PLATE[1]).image
    scale = min(PLATE[0] / picture.shape[1], PLATE[1] / picture.shape[0])
    shown = cv2.resize(picture, (round(picture.shape[1] * scale), round(picture.shape[0] * scale)), interpolation=cv2.INTER_AREA)
    height, width = shown.shape[:2]
    left, top = x + (CELL[0] - width) // 2, y + (PLATE[1] - height) // 2
    canvas[top : top + height, left : left + width] = shown
    _print(canvas, template.id, x + 8, y + PLATE[1] + 6, 10, INK, CELL[0] - 16)
    _print(canvas, " / ".join(template.patterns), x + 8, y + PLATE[1] + 22, 9, FAINT, CELL[0] - 16)


def _print(canvas: Image, text: str, x: int, y: int, cap_px: int, colour: tuple[int, int, int], room: int) -> None:
    """Small print with its top left corner at x, y; what does not fit into `room` pixels is cut off."""
    ink = small_print(text, FONT, cap_px)[:, :room].astype(np.float32)[:, :, None] / 255
    place = canvas[y : y + ink.shape[0], x : x + ink.shape[1]]
    place[:] = (place * (1 - ink) + np.array(colour, np.float32) * ink).astype(np.uint8)
