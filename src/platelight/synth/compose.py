"""Lay a drawn plate into a picture under a given quad."""

from __future__ import annotations

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
    """Drawing and mask (h, w) seen under `quad` in a picture (height, width): pixels and coverage 0 to 1.

    The drawing is shrunk first where it is much larger than the quad, so that fine strokes do not alias.
    """
    art_height, art_width = mask.shape
    shrink = min(art_width / max(quad.width_px, 1.0), art_height / max(quad.height_px, 1.0))
    if shrink > 1.4:
        size = max(round(art_width / shrink), 1), max(round(art_height / shrink), 1)
        art = np.asarray(cv2.resize(art, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        mask = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    matrix = pixel_map(mask.shape[1], mask.shape[0], quad)
    seen = cv2.warpPerspective(art, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpPerspective(mask, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return np.asarray(seen, dtype=np.uint8), np.asarray(cover, dtype=np.float32) / np.float32(255)


def place(picture: Image, art: Image, mask: Image, quad: Quad, shadow: float = 0.0) -> Image:
    """The picture with the drawing laid on `quad`; `shadow` 0 to 1 darkens the ground around and below its edge."""
    spread = max(quad.height_px * 0.05, 0.8)
    top, left, bottom, right = window(quad, picture, room=5 * spread + 2)
    if bottom <= top or right <= left:
        return picture
    part, local = picture[top:bottom, left:right], quad.moved(-left, -top)
    seen, cover = warp(art, mask, local, bottom - top, right - left)
    if shadow > 0:
        soft = cv2.GaussianBlur(cover, (0, 0), spread)
        drop = np.array([[1, 0, spread * 0.3], [0, 1, spread]], dtype=np.float32)
        shade = np.asarray(cv2.warpAffine(soft, drop, (right - left, bottom - top)), dtype=np.float32)
        part = pixels.lit(part, 1 - shadow * shade)
    result = picture.copy()
    result[top:bottom, left:right] = pixels.blend(part, seen, cover)
    return result


def window(quad: Quad, picture: Image, room: float) -> tuple[int, int, int, int]:
    """Rows and columns around the quad with `room` pixels about it, inside the picture: top, left, bottom, right."""
    height, width = picture.shape[:2]
    box = quad.box
    top, left = max(int(box.y0 - room), 0), max(int(box.x0 - room), 0)
    return top, left, min(int(box.y1 + room) + 1, height), min(int(box.x1 + room) + 1, width)
