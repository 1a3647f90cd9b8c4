"""Pieces of picture that go over plates, and where exactly they lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from platelight.geometry import FloatArray, Quad, homography
from platelight.records import FloatTensor, Image
from platelight.rectify import rectify
from platelight.synth import pixels
from platelight.synth.compose import window

LEAST_ROOM_PX = 2.0
"""A margin is at least this wide: corners of small plates are rarely exact to the pixel."""

SOFT_PX = 0.6
"""Blur of an edge that is to look sharp."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """What goes over one plate: `pixels` (h, w, 3) and `cover` (h, w), 0 to 1, from row `top` and column `left` on; `method` made it."""

    top: int
    left: int
    pixels: Image
    cover: FloatTensor
    method: str

    def lay(self, picture: Image, mask: Image) -> None:
        """Put it into `picture` (H, W, 3), and mark in `mask` (H, W) with 255 whatever it touches; both are changed."""
        rows = slice(self.top, self.top + self.cover.shape[0])
        columns = slice(self.left, self.left + self.cover.shape[1])
        picture[rows, columns] = pixels.blend(picture[rows, columns], self.pixels, self.cover)
        mask[rows, columns][self.cover > 0] = 255


def spread(quad: Quad, margin: float) -> Quad:
    """The quad with `margin` of its height more on every side, LEAST_ROOM_PX at least."""
    room = max(margin * quad.height_px, LEAST_ROOM_PX)
    corners = quad.array()
    centre = corners.mean(axis=0)
    along = (corners[1] + corners[2] - corners[0] - corners[3]) / 4
    down = (corners[2] + corners[3] - corners[0] - corners[1]) / 4
    half = np.array([np.linalg.norm(along), np.linalg.norm(down)])
    if min(half) < 0.5 or abs(along[0] * down[1] - along[1] * down[0]) < 0.2 * half[0] * half[1]:  # a sliver: its directions mean nothing
        box = quad.box
        return Quad(((box.x0 - room, box.y0 - room), (box.x1 + room, box.y0 - room), (box.x1 + room, box.y1 + room), (box.x0 - room, box.y1 + room)))
    shares = (corners - centre) @ np.linalg.inv(np.column_stack([along, down])).T * (1 + room / half)
    return Quad.from_array(centre + shares @ np.column_stack([along, down]).T)


def part_of(picture: Image, place: Quad, room: float) -> tuple[int, int, Image, Quad] | None:
    """Top, left and pixels of the part of the picture around `place`, and `place` in it; None where it lies outside the picture."""
    top, left, bottom, right = window(place, picture, room)
    if bottom <= top or right <= left:
        return None
    return top, left, picture[top:bottom, left:right], place.moved(-left, -top)


def full_cover(place: Quad, height: int, width: int, feather: float = SOFT_PX) -> FloatTensor:
    """1 everywhere in `place`, pixels it only touches among them; outside falling to 0 within about 3 times `feather` pixels."""
    inside = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(inside, np.rint((place.array() - 0.5) * 16).astype(np.int32), 255, cv2.LINE_8, 4)
    inside = np.asarray(cv2.dilate(inside, np.ones((3, 3), np.uint8)), np.uint8)
    cover = inside.astype(np.float32) / np.float32(255)
    side = 2 * max(round(feather), 1) + 1
    wide = cv2.dilate(inside, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))).astype(np.float32) / np.float32(255)
    soft = np.asarray(cv2.GaussianBlur(wide, (0, 0), feather), dtype=np.float32)
    return np.where(soft < 0.01, np.float32(0), np.maximum(cover, soft))


def seen_under(art: Image, place: Quad, height: int, width: int, interpolation: int = cv2.INTER_LINEAR) -> Image:
    """A drawing (h, w, 3) stretched over `place` in a picture (height, width); its edge goes on outside."""
    rows, columns = art.shape[:2]
    source = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], dtype=np.float64) - 0.5
    matrix = homography(source, place.array() - 0.5)
    return np.asarray(cv2.warpPerspective(art, matrix, (width, height), flags=interpolation, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def averages(picture: Image, quad: Quad, rows: int, columns: int) -> FloatArray:
    """Mean colours (rows, columns, 3) of the plate at `quad`, laid out in so many cells."""
    straight = rectify(picture, quad, columns * 16, rows * 16).pixels
    return cast(FloatArray, cv2.resize(straight, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float64).reshape(rows, columns, 3))
