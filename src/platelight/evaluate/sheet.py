"""The mistakes as one picture: each misread plate with what stands on it and what was read."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw
from rapidfuzz.distance import Levenshtein

from platelight import images
from platelight.draw import font, write
from platelight.evaluate.metrics import normal
from platelight.evaluate.score import PlateOutcome, source_of
from platelight.records import Image

TILE = (232, 164)  # width, height
PICTURE = (220, 88)  # the plate inside its tile
COLUMNS = 6
MOST = 300
MARGIN = 0.12  # share of the plate's size shown around it

PAPER, TILE_PAPER, INK, FAINT, WRONG = (232, 232, 228), (255, 255, 255), (20, 20, 20), (110, 110, 110), (200, 0, 24)


def contact_sheet(mistakes: Sequence[PlateOutcome]) -> Image:
    """Misread plates in the order given, RGB (H, W, 3); characters that differ are red. Beyond `MOST` plates the heading says so."""
    shown = mistakes[:MOST]
    rows = max(math.ceil(len(shown) / COLUMNS), 1)
    canvas = Pillow.new("RGB", (COLUMNS * (TILE[0] + 6) + 6, rows * (TILE[1] + 6) + 40), PAPER)
    pen = ImageDraw.Draw(canvas)
    heading = f"{len(mistakes)} plates misread" + (f", the first {MOST} shown" if len(mistakes) > MOST else "")
    pen.text((8, 8), heading, fill=INK, font=font(18))
    for index, plate in enumerate(shown):
        row, column = divmod(index, COLUMNS)
        _tile(canvas, pen, plate, 6 + column * (TILE[0] + 6), 36 + row * (TILE[1] + 6))
    return np.asarray(canvas)


def _tile(canvas: Pillow.Image, pen: ImageDraw.ImageDraw, plate: PlateOutcome, x: int, y: int) -> None:
    pen.rectangle([x, y, x + TILE[0], y + TILE[1]], fill=TILE_PAPER)
    picture = Pillow.fromarray(_plate_pixels(plate))
    scale = min(PICTURE[0] / picture.width, PICTURE[1] / picture.height)
    picture = picture.resize((max(round(picture.width * scale), 1), max(round(picture.height * scale), 1)), Pillow.Resampling.BILINEAR)
    canvas.paste(picture, (x + (TILE[0] - picture.width) // 2, y + 4 + (PICTURE[1] - picture.height) // 2))
    true, read = _closest(plate), plate.read
    true_wrong, read_wrong = _differences(true, read)
    _characters(pen, true, true_wrong, (x + 48, y + 94))
    _characters(pen, read or "nothing", read_wrong if read else set(range(7)), (x + 48, y + 118))
    pen.text((x + 6, y + 99), "true", fill=FAINT, font=font(13))
    pen.text((x + 6, y + 123), "read", fill=FAINT, font=font(13))
    country = f"{plate.label.country or '?'}, read {(plate.answer or {}).get('country') or '?'} {plate.confidence:.2f}"
    below = f"{plate.picture.path.stem[:18]}  {country}  {source_of(plate)}"
    while pen.textlength(below, font=font(11)) > TILE[0] - 12:
        below = below[:-1]
    pen.text((x + 6, y + 146), below, fill=FAINT, font=font(11))


def _plate_pixels(plate: PlateOutcome) -> Image:
    """The labelled plate with a little around it; the whole picture where the label has no box; grey where it cannot be opened."""
    try:
        pixels = images.load(plate.picture.path)
    except images.ImageError:
        return np.full((44, 220, 3), 200, dtype=np.uint8)
    if plate.label.box is None:
        return pixels
    box = plate.label.box.quad().grown(MARGIN).box
    cut = pixels[max(int(box.y0), 0) : math.ceil(box.y1), max(int(box.x0), 0) : math.ceil(box.x1)]
    return cut if cut.size else pixels


def _closest(plate: PlateOutcome) -> str:
    """Of the texts that count as right, the one nearest to what was read."""
    texts = [text for text in (normal(plate.label.text), normal(plate.label.alt)) if text]
    return min(texts, key=lambda text: Levenshtein.distance(text, plate.read))


def _differences(true: str, read: str) -> tuple[set[int], set[int]]:
    """Indices of the characters of each text that have no equal in the other."""
    changes = [step for step in Levenshtein.opcodes(true, read) if step.tag != "equal"]
    in_true = {index for step in changes for index in range(step.src_start, step.src_end)}
    return in_true, {index for step in changes for index in range(step.dest_start, step.dest_end)}


def _characters(pen: ImageDraw.ImageDraw, text: str, wrong: set[int], at: tuple[float, float]) -> None:
    x, y = at
    for index, character in enumerate(text):
        x += write(pen, (x, y), character, WRONG if index in wrong else INK, 20) + 1
