"""Outlines and texts of plates on a copy of the photo."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from platelight.geometry import Quad
from platelight.records import Image, Plate

READ, UNREAD, INK = (0, 224, 96), (255, 144, 0), (12, 12, 12)


def annotate(image: Image, plates: Sequence[Plate]) -> Image:
    """A copy of `image` (H, W, 3) with every plate's outline (its own top edge thicker) and text, sized to be read at any resolution."""
    canvas = Pillow.fromarray(image)
    pen = ImageDraw.Draw(canvas)
    unit = max(min(image.shape[:2]) / 400, 1.0)
    for plate in plates:
        colour = READ if plate.text else UNREAD
        _outline(pen, plate.detection.quad, colour, max(round(unit * 1.5), 1))
        _label(pen, canvas.size, plate.detection.quad, _caption(plate), colour, _text_px(plate.detection.quad, unit))
    return np.array(canvas)


def _caption(plate: Plate) -> str:
    if not plate.text:
        return "not read"
    return f"{plate.text}  {plate.country or '?'}  {plate.confidence:.2f}"


def _text_px(quad: Quad, unit: float) -> int:
    """About as high as the plate, but neither illegible nor larger than a twelfth of the picture."""
    return round(min(max(quad.height_px * 0.6, 11.0 * unit), 32.0 * unit))


def _outline(pen: ImageDraw.ImageDraw, quad: Quad, colour: tuple[int, int, int], width: int) -> None:
    corners = list(quad.corners)
    pen.line([*corners, corners[0], corners[1]], fill=INK, width=width + 2, joint="curve")
    pen.line([*corners, corners[0], corners[1]], fill=colour, width=width, joint="curve")
    pen.line(corners[:2], fill=colour, width=width * 2)


def _label(pen: ImageDraw.ImageDraw, size: tuple[int, int], quad: Quad, text: str, colour: tuple[int, int, int], text_px: int) -> None:
    """The text in a box above the plate, or below it where there is no room above; never outside the picture."""
    font = ImageFont.load_default(text_px)
    left, top, right, bottom = pen.textbbox((0, 0), text, font=font)
    pad = max(text_px // 5, 2)
    width, height = right - left + 2 * pad, bottom - top + 2 * pad
    box = quad.box
    x = max(min(box.x0, size[0] - width), 0)
    y = box.y0 - height - pad
    if y < 0:
        y = max(min(box.y1 + pad, size[1] - height), 0)
    pen.rectangle([x, y, x + width, y + height], fill=colour)
    pen.text((x + pad - left, y + pad - top), text, fill=INK, font=font)
