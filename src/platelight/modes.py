"""Upright 8-bit RGB from a decoded picture of any mode: deep, see-through, with a palette, or in other colour spaces."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from platelight.records import Image

STRIP_PIXELS = 4_000_000
"""Pictures are converted in strips of about this size."""

_EXIF_ORIENTATION = 0x0112
_ROTATIONS = {3: cv2.ROTATE_180, 6: cv2.ROTATE_90_CLOCKWISE, 8: cv2.ROTATE_90_COUNTERCLOCKWISE}
_FLIPS = {2: 1, 4: 0, 7: -1}  # about the vertical axis, the horizontal, both


def to_rgb(picture: Pillow.Image) -> Image:
    """8-bit RGB from any mode, converted strip by strip to spare memory; what shines through is white."""
    width, height = picture.size
    rows = max(STRIP_PIXELS // width, 1)
    strips = [(0, top, width, min(top + rows, height)) for top in range(0, height, rows)]
    deep = picture.mode in ("I", "F") or picture.mode.startswith("I;16")
    white = _white(max(float(_finite(picture.crop(strip)).max()) for strip in strips), picture.mode) if deep else 0.0
    see_through = has_transparency(picture)
    pixels = np.empty((height, width, 3), dtype=np.uint8)
    for strip in strips:
        part = picture.crop(strip)
        if deep:
            part = Pillow.fromarray(np.clip(_finite(part) * (255 / white) + 0.5, 0, 255).astype(np.uint8))
        elif see_through:
            layer = (part.convert("LA") if part.mode == "La" else part).convert("RGBA")
            part = Pillow.new("RGB", layer.size, "white")
            part.paste(layer, mask=layer.getchannel("A"))
        pixels[strip[1] : strip[3]] = np.asarray(part.convert("RGB"))
    return pixels


def _finite(part: Pillow.Image) -> NDArray[np.float32]:
    return np.nan_to_num(np.asarray(part, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)


def _white(largest: float, mode: str) -> float:
    """The value shown as white. Cameras store 10 or 12 bits in 16, so it is judged by the picture's largest value."""
    if mode == "F":
        return 1.0 if largest <= 1 else max(largest, 255.0)
    return float(next((2**bits - 1 for bits in (8, 10, 12, 14, 16) if largest < 2**bits), 2**31 - 1))


def has_transparency(picture: Pillow.Image) -> bool:
    """Whether something may shine through this picture."""
    return picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info


def orientation_of(picture: Pillow.Image) -> int:
    """The EXIF orientation, 1 where there is none or where it is damaged."""
    try:
        return int(picture.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:  # a damaged EXIF block says nothing about the pixels
        return 1


def upright(pixels: Image, orientation: int) -> Image:
    """Undo an EXIF orientation (1 to 8); any other value means upright."""
    if orientation in _ROTATIONS:
        return cast(Image, cv2.rotate(pixels, _ROTATIONS[orientation]))
    if orientation in (5, 7):
        pixels = cast(Image, cv2.transpose(pixels))
    if orientation in _FLIPS:
        return cast(Image, cv2.flip(pixels, _FLIPS[orientation]))
    return np.ascontiguousarray(pixels)
