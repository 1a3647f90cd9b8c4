"""Find plates: pictures in, quads with scores out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from platelight.bundle import ModelSpec
from platelight.geometry import FloatArray, Quad, is_clockwise
from platelight.images import Fitted, fit
from platelight.records import Detection, FloatTensor, Image
from platelight.session import Session

Effort = Literal["fast", "normal", "thorough"]

SECOND_LOOK = 2.0
"""A larger look is taken at this multiple of the network's usual long side."""

SMALLER = (2, 4)
"""Smaller looks are taken at these parts of it: a plate that fills the picture is larger than any that the network was taught."""

SURE_SCORE = 0.5
"""A picture without any score from here on earns a larger look and smaller ones."""

TURNED_SCORE = 0.35
"""From this score on a plate lying on its side or head earns a look at the picture turned upright."""

SMALL_PLATE_PX = 40.0
"""A sure plate narrower than this in the network's input earns a second look too: its corners are coarse there."""

WORTH_ENLARGING = 1.25
"""A larger look is taken only at pictures larger than the first look by this factor; enlarging shows nothing new."""

TILE_PX, TILE_SHARED_PX, MAX_TILES = 1600, 96, 24
"""Thorough: the longest side of the tiles that a large picture is also searched in, what neighbours share, how many there may be.

Few large tiles: what neighbours share is searched twice. A plate wider than that is large enough for the look at the whole picture.
"""

SAME_IOU, SAME_INSIDE = 0.35, 0.7
"""Two quads are one plate if they overlap this much, or if this share of the smaller lies in the other."""

MAX_PLATES = 64
BATCH_PIXELS = 4 * 640 * 640
"""Input pixels that go through the network in one call; more would only take memory."""


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """A part of picture `index` as the network sees it; `origin` is the part's top-left corner in the picture.

    Or the whole picture, turned back by `quarters` of a turn from its `size`, width and height.
    """

    index: int
    fitted: Fitted
    origin: tuple[int, int] = (0, 0)
    inner: tuple[bool, bool, bool, bool] = (False, False, False, False)  # which of left, top, right, bottom is a cut through the picture
    quarters: int = 0
    size: tuple[int, int] = (0, 0)

    def in_picture(self, points: FloatArray) -> FloatArray:
        """Points (P, 4, 2) of the network's input in the picture's pixels."""
        x, y = np.moveaxis(points / (self.fitted.x_scale, self.fitted.y_scale) + np.array(self.origin, dtype=np.float64), 2, 0)
        width, height = self.size
        x, y = ((x, y), (width - y, x), (width - x, height - y), (y, height - x))[self.quarters]
        return np.stack([x, y], axis=2)


class Detector:
    """Callable: a batch of pictures to their detections, best first, in pixels of each picture.

    `effort`: one look, a second look where it pays, or every scale and tiles of large pictures.
    """

    def __init__(self, session: Session, spec: ModelSpec, effort: Effort = "normal") -> None:
        if effort not in get_args(Effort):
            raise ValueError(f"effort must be one of {', '.join(get_args(Effort))}, got {effort!r}")
        self.session, self.spec, self.effort = session, spec, effort
        self.long_side, self.multiple, self.stride = spec.input["long_side"], spec.input["multiple"], spec.input["stride"]

    def __call__(self, images: Sequence[Image]) -> list[list[Detection]]:
        looks = [_Look(index, fit(image, self.long_side, self.multiple)) for index, image in enumerate(images)]
        found = self._run(looks, len(images))
        if self.effort == "fast":
            return [_merged(detections) for detections in found]
        turned = [look for index, image in enumerate(images) for look in self._upright(index, image, found[index])]
        for index, better in enumerate(self._run(turned, len(images)) if turned else ()):
            found[index] = better + [one for one in found[index] if not any(_same(one.quad, other.quad) for other in better)]
        more = [look for index, first in enumerate(looks) for look in self._more_looks(index, images[index], first, found[index])]
        for index, detections in enumerate(self._run(more, len(images))):
            found[index] = found[index] + detections
        return [_merged(detections) for detections in found]

    def close_ups(self, images: Sequence[Image]) -> list[list[Detection]]:
        """Detections by the smaller looks alone: a plate that fills the picture, where what stands on it was taken for plates."""
        looks = [look for index, image in enumerate(images) for look in self._smaller(index, image)]
        return [_merged(detections) for detections in self._run(looks, len(images))]

    def _more_looks(self, index: int, image: Image, first: _Look, found: list[Detection]) -> list[_Look]:
        """A larger look where a plate is small or none is sure, smaller ones where none is sure; all of them and tiles if thorough."""
        thorough = self.effort == "thorough"
        widths = [detection.quad.width_px * first.fitted.x_scale for detection in found if detection.score >= SURE_SCORE]
        looks: list[_Look] = []
        if thorough or (max(image.shape[:2]) >= self.long_side * WORTH_ENLARGING and (not widths or min(widths) < SMALL_PLATE_PX)):
            larger = min(round(self.long_side * SECOND_LOOK), round(max(image.shape[:2]) * 2))
            looks.append(_Look(index, fit(image, larger, self.multiple)))
        if thorough or not widths:
            looks += self._smaller(index, image)
        return looks + self._tiles(index, image) if thorough else looks

    def _smaller(self, index: int, image: Image) -> list[_Look]:
        return [_Look(index, fit(image, self.long_side // part, self.multiple)) for part in SMALLER]

    def _upright(self, index: int, image: Image, found: list[Detection]) -> list[_Look]:
        """The picture turned so that its plates stand upright, where they lie on their side or head: corners are better then."""
        turns = {round(detection.quad.roll_deg / 90) % 4 for detection in found if detection.score >= TURNED_SCORE} - {0}
        size = (image.shape[1], image.shape[0])
        return [
            _Look(index, fit(np.ascontiguousarray(np.rot90(image, quarters)), self.long_side, self.multiple), quarters=quarters, size=size)
            for quarters in sorted(turns)
        ]

    def _tiles(self, index: int, image: Image) -> list[_Look]:
        height, width = image.shape[:2]
        if max(height, width) <= self.long_side * SECOND_LOOK:
            return []
        longest = TILE_PX
        while len(across := tiles_along(width, longest, self.multiple)) * len(down := tiles_along(height, longest, self.multiple)) > MAX_TILES:
            longest = round(longest * 1.25)
        return [
            _Look(
                index, fit(image[y:bottom, x:right], min(max(right - x, bottom - y), TILE_PX), self.multiple, max_upscale=1.0), (x, y),
                (x > 0, y > 0, right < width, bottom < height),
            )
            for y, bottom in down for x, right in across
        ]  # fmt: skip

    def _run(self, looks: Sequence[_Look], count: int) -> list[list[Detection]]:
        """Detections by picture; looks of one shape share a call."""
        found: list[list[Detection]] = [[] for _ in range(count)]
        by_shape: dict[tuple[int, ...], list[_Look]] = {}
        for look in looks:
            by_shape.setdefault(look.fitted.pixels.shape, []).append(look)
        for (height, width, *_), group in by_shape.items():
            size = max(BATCH_PIXELS // (height * width), 1)
            for start in range(0, len(group), size):
                part = group[start : start + size]
                outputs = self.session.run({"images": np.stack([look.fitted.pixels for look in part])})
                for look, heat, corners in zip(part, outputs["heat"], outputs["corners"], strict=True):
                    found[look.index].extend(self._detections(look, heat[0], corners))
        return found

    def _detections(self, look: _Look, heat: FloatTensor, corners: FloatTensor) -> list[Detection]:
        """Peaks of one heat map (h, w) with their corner offsets (8, h, w), moved to the picture's pixels."""
        rows, columns = peaks(heat, self.spec.threshold)
        if not len(rows):
            return []
        centres = (np.stack([columns, rows], axis=1) + 0.5) * self.stride  # (P, 2)
        offsets = corners[:, rows, columns].T.reshape(-1, 4, 2)
        points = np.asarray(centres[:, None] + offsets, dtype=np.float64)  # (P, 4, 2)
        inside = _uncut(points, look)
        points = look.in_picture(points)
        scores = heat[rows, columns]
        return [Detection(quad, min(float(score), 1.0)) for quad, score in zip(map(_sound, points[inside]), scores[inside], strict=True) if quad]


def peaks(heat: FloatTensor, threshold: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the cells of `heat` (h, w) that reach `threshold` and are the largest of their 3x3 cells."""
    highest = cv2.dilate(heat, np.ones((3, 3), np.uint8))
    rows, columns = np.nonzero((heat >= threshold) & (heat >= highest))
    best = np.argsort(-heat[rows, columns], kind="stable")[: 4 * MAX_PLATES]
    return rows[best], columns[best]


def _merged(detections: list[Detection]) -> list[Detection]:
    """One detection per plate, best first."""
    kept: list[Detection] = []
    for detection in sorted(detections, key=lambda item: -item.score):
        if len(kept) < MAX_PLATES and not any(_same(detection.quad, other.quad) for other in kept):
            kept.append(detection)
    return kept


def _same(quad: Quad, other: Quad) -> bool:
    if quad.box.iou(other.box) == 0:
        return False
    shared = float(cv2.intersectConvexConvex(quad.array().astype(np.float32), other.array().astype(np.float32))[0])
    smaller, both = min(quad.area, other.area), quad.area + other.area - shared
    return shared > SAME_IOU * both or shared > SAME_INSIDE * smaller


def _sound(points: FloatArray) -> Quad | None:
    """The quad of corners (4, 2), or the box around them where they are crossed or dented, or None where there is nothing."""
    quad = Quad.from_array(points)
    if not np.isfinite(points).all() or min(quad.box.width, quad.box.height) < 1:
        return None
    return quad if is_clockwise(points) else quad.box.quad()


def _uncut(points: FloatArray, look: _Look) -> NDArray[np.bool_]:
    """Which quads (P, 4, 2) of a tile do not touch an edge that cuts through the picture; a neighbouring tile has those whole."""
    height, width = look.fitted.pixels.shape[:2]
    low, high = points.min(axis=1), points.max(axis=1)
    left, top, right, bottom = look.inner
    touches = (left & (low[:, 0] < 2)) | (top & (low[:, 1] < 2)) | (right & (high[:, 0] > width - 2)) | (bottom & (high[:, 1] > height - 2))
    return np.asarray(~touches)


def tiles_along(length: int, longest: int, multiple: int) -> list[tuple[int, int]]:
    """Where tiles of at most about `longest`, all of one size, begin and end: they cover `length` and share at least TILE_SHARED_PX."""
    if length <= longest:
        return [(0, length)]
    count = -(-(length - TILE_SHARED_PX) // (longest - TILE_SHARED_PX))
    side = -(-(length + (count - 1) * TILE_SHARED_PX) // count)
    side = min(-(-side // multiple) * multiple, length)
    return [(start, start + side) for start in (round(step * (length - side) / (count - 1)) for step in range(count))]
