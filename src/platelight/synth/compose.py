"""Lay a drawn plate into a picture under a given quad."""

from __future__ import annotations

import math

import cv2
import numpy as np

from platelight.geometry import FloatArray, Quad
from platelight.records import FloatTensor, Image
from platelight.synth import pixels


def pixel_map(width: int, height: int, quad: Quad) -> FloatArray:
    """The 3x3 map, in OpenCV's convention of whole numbers at pixel centres, from a drawing (height, width) onto `quad`."""
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32) - np.float32(0.5)
    target = np.array(quad.corners, dtype=np.float32) - np.float32(0.5)
    return np.asarray(cv2.getPerspectiveTransform(source, target), dtype=np.float64)


def warp(art: Image, mask: Image, quad: Quad, height: int, width: int) -> tuple[Image, FloatTensor]:
    """Drawing and mask (h, w) seen under `quad` in a picture (height, width): pixels and coverage 0 to 1."""
    art, mask = _shrunk(art, mask, quad)
    matrix = pixel_map(mask.shape[1], mask.shape[0], quad)
    seen = cv2.warpPerspective(art, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpPerspective(mask, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return np.asarray(seen, dtype=np.uint8), np.asarray(cover, dtype=np.float32) / np.float32(255)


def place(picture: Image, art: Image, mask: Image, quad: Quad, shadow: float = 0.0, smear: FloatTensor | None = None) -> Image:
    """The picture with the drawing laid on `quad`; `shadow` 0 to 1 darkens the ground around and below its edge; `smear` is the path
    of a point of light (k, k), sum 1, for a drawing that moves."""
    spread = max(quad.height_px * 0.05, 0.8)
    top, left, bottom, right = window(quad, picture, room=5 * spread + 2 + (0 if smear is None else len(smear)))
    if bottom <= top or right <= left:
        return picture
    part, local = picture[top:bottom, left:right], quad.moved(-left, -top)
    art, mask = _shrunk(art, mask, local)
    both = cv2.insertChannel(mask, cv2.cvtColor(pixels.dimmed(art, mask), cv2.COLOR_RGB2RGBA), 3)
    seen = cv2.warpPerspective(both, pixel_map(mask.shape[1], mask.shape[0], local), (right - left, bottom - top), flags=cv2.INTER_LINEAR)
    if smear is not None:
        seen = cv2.filter2D(seen, -1, smear, borderType=cv2.BORDER_REPLICATE)
    cover = np.asarray(cv2.extractChannel(seen, 3), dtype=np.uint8)
    if shadow > 0:
        part = pixels.dimmed(part, cv2.convertScaleAbs(_fallen(cover, spread), alpha=-shadow, beta=255))
    result = picture.copy()
    result[top:bottom, left:right] = cv2.add(cv2.cvtColor(seen, cv2.COLOR_RGBA2RGB), pixels.dimmed(part, cv2.bitwise_not(cover)))
    return result


def _shrunk(art: Image, mask: Image, quad: Quad) -> tuple[Image, Image]:
    """Drawing and mask made smaller where they are much larger than the quad, so that fine strokes do not alias."""
    art_height, art_width = mask.shape
    shrink = min(art_width / max(quad.width_px, 1.0), art_height / max(quad.height_px, 1.0))
    if shrink <= 1.4:
        return art, mask
    size = max(round(art_width / shrink), 1), max(round(art_height / shrink), 1)
    art = np.asarray(cv2.resize(art, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return art, np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _fallen(cover: Image, spread: float) -> Image:
    """The drawing's outline as a shadow: blurred (two box blurs are nearly a Gaussian of sigma `spread`) and moved down."""
    side = max(round(math.sqrt(6 * spread * spread + 1)) | 1, 3)
    soft = cv2.blur(cv2.blur(cover, (side, side)), (side, side))
    down, along = max(round(spread), 1), round(spread * 0.3)
    height, width = cover.shape
    shade = np.zeros_like(cover)
    shade[down:, along:] = soft[: height - down, : width - along]
    return shade


def window(quad: Quad, picture: Image, room: float) -> tuple[int, int, int, int]:
    """Rows and columns around the quad with `room` pixels about it, inside the picture: top, left, bottom, right."""
    height, width = picture.shape[:2]
    box = quad.box
    top, left = max(int(box.y0 - room), 0), max(int(box.x0 - room), 0)
    return top, left, min(int(box.y1 + room) + 1, height), min(int(box.x1 + room) + 1, width)
