"""One picture with a drawn plate of every type, by country, to look through by eye."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from platelight.records import Image
from platelight.synth import plate
from platelight.templates import Template

COLUMNS = 8
CELL = (232, 128)  # width, height of a plate with its caption, in pixels
HEADING = 40  # height of a country's heading in pixels
PLATE = (216, 88)  # the largest a plate is shown
MARGIN = 12
PAPER = 226
INK = (25, 25, 25)
FAINT = (95, 95, 95)
FONT = Path(__file__).parent / "fonts" / "barlow-condensed-latin-500-normal.woff2"


def template_sheet(templates: Sequence[Template], rng: np.random.Generator) -> Image:
    """One drawn plate of each template, its id and patterns below, under a heading for each country: RGB uint8 (h, w, 3).

    Templates are kept in the order given; those of one country should stand together. Raises ValueError where there are none.
    """
    if not templates:
        raise ValueError("no plate types to draw")
    groups = [(country, list(group)) for country, group in groupby(templates, key=lambda template: template.country)]
    rows = sum(-(-len(group) // COLUMNS) for _, group in groups)
    size = (COLUMNS * CELL[0] + 2 * MARGIN, len(groups) * HEADING + rows * CELL[1] + MARGIN)
    canvas = Pillow.new("RGB", size, (PAPER, PAPER, PAPER))
    pen = ImageDraw.Draw(canvas)
    y = 0
    for country, group in groups:
        pen.text((MARGIN, y + 8), f"{country}   {len(group)} types", INK, ImageFont.truetype(FONT, 24))
        y += HEADING
        for index, template in enumerate(group):
            row, column = divmod(index, COLUMNS)
            _cell(canvas, pen, template, rng, MARGIN + column * CELL[0], y + row * CELL[1])
        y += -(-len(group) // COLUMNS) * CELL[1]
    return np.asarray(canvas)


def _cell(canvas: Pillow.Image, pen: ImageDraw.ImageDraw, template: Template, rng: np.random.Generator, x: int, y: int) -> None:
    """Draw the plate in the middle of its place, and its id and patterns below it."""
    picture = Pillow.fromarray(plate.render(plate.sample(template, rng), PLATE[1]).image)
    picture.thumbnail(PLATE)
    canvas.paste(picture, (x + (CELL[0] - picture.width) // 2, y + (PLATE[1] - picture.height) // 2))
    for text, down, size_px, colour in ((template.id, 3, 15, INK), (" / ".join(template.patterns), 20, 13, FAINT)):
        font = ImageFont.truetype(FONT, size_px)
        pen.text((x + 8, y + PLATE[1] + down), _cut(text, font), colour, font)


def _cut(text: str, font: ImageFont.FreeTypeFont) -> str:
    """As much of the text as the place is wide."""
    while font.getlength(text) > CELL[0] - 16:
        text = text[:-1]
    return text
