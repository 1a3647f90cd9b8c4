"""Lay a drawn plate into a picture under a given quad."""

from __future__ import annotations

import cv2
import numpy as np

from platelight.geometry import FloatArray, Quad, homography
from platelight.records import FloatTensor, Image
from platelight.synth import noise


def pixel_map(width: int, height: int, quad: Quad) -> FloatArray:
    """The 3x3 map, in OpenCV's convention of whole numbers at pixel centres, from a drawing (height, width) onto `quad`."""
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    return homography(source - 0.5, quad.array() - 0.5)


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
    pixels = cv2.warpPerspective(art, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpPerspective(mask, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return np.asarray(pixels, dtype=np.uint8), np.asarray(cover, dtype=np.float32) / 255


def place(picture: Image, art: Image, mask: Image, quad: Quad, shadow: float = 0.0) -> Image:
    """The picture with the drawing laid on `quad`; `shadow` 0 to 1 darkens the ground around and below its edge."""
    height, width = picture.shape[:2]
    pixels, cover = warp(art, mask, quad, height, width)
    if shadow > 0:
        spread = max(quad.height_px * 0.05, 0.8)
        soft = cv2.GaussianBlur(cover, (0, 0), spread)
        drop = np.float32([[1, 0, spread * 0.3], [0, 1, spread]])
        shade = np.asarray(cv2.warpAffine(soft, drop, (width, height)), dtype=np.float32)
        picture = np.asarray(picture * (1 - shadow * shade[..., None]), dtype=np.uint8)
    return noise.blend(picture, pixels, cover)
