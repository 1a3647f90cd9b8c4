"""Move the four corners of found plates to the plate's true rim, by a second look at each plate and its surroundings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from platelight.geometry import FloatArray, Quad, apply_homography, is_clockwise
from platelight.records import Image, PlateImage
from platelight.session import Session

KEPT_IOU = 0.3
"""A new outline that overlaps the old one less than this is not the same plate's; the old one is kept."""

AGAIN_IOU = 0.75
"""Where the new outline overlaps the old one less than this, a second look from the new one pays: the first saw the plate badly cut."""

RIM_PX = 4.0
"""A corner this near to the rim of what was seen may lie beyond it, so that a second look pays too."""

BATCH = 16


class Refiner:
    """Callable: pictures and the quads found in each, to better quads in the same order.

    `cut` straightens plates to the network's input size with its margin around them (a `rectify.Rectifier`).
    """

    def __init__(self, session: Session, cut: Callable[[Sequence[Image], Sequence[Sequence[Quad]]], list[PlateImage]]) -> None:
        self.session, self.cut = session, cut

    def __call__(self, images: Sequence[Image], quads: Sequence[Sequence[Quad]]) -> list[list[Quad]]:
        first = self._look(images, quads)
        second = self._look(images, [[quad for quad, again in found if again] for found in first])
        return [[next(later)[0] if again else quad for quad, again in found] for found, later in zip(first, map(iter, second), strict=True)]

    def _look(self, images: Sequence[Image], quads: Sequence[Sequence[Quad]]) -> list[list[tuple[Quad, bool]]]:
        """The better quads, and whether a second look at each pays."""
        plates = self.cut(images, quads)
        better = iter([seen for start in range(0, len(plates), BATCH) for seen in self._better(plates[start : start + BATCH])])
        return [[next(better) for _ in found] for found in quads]

    def _better(self, plates: Sequence[PlateImage]) -> list[tuple[Quad, bool]]:
        points = self.session.run({"plates": np.stack([plate.pixels for plate in plates])})["points"]  # (P, 4, 2)
        return [_judged(plate, corners.astype(np.float64)) for plate, corners in zip(plates, points, strict=True)]


def _judged(plate: PlateImage, corners: FloatArray) -> tuple[Quad, bool]:
    """The quad of corners (4, 2) given in the plate image's pixels, and whether the plate was seen badly cut."""
    quad = _moved(plate, corners)
    height, width = plate.pixels.shape[:2]
    beyond = corners.min() < RIM_PX or (corners > [width - RIM_PX, height - RIM_PX]).any()
    return quad, bool(beyond) or _overlap(quad, plate.quad) < AGAIN_IOU


def _moved(plate: PlateImage, corners: FloatArray) -> Quad:
    """The quad of corners (4, 2) given in the plate image's pixels, or the plate's old one where they make no sense."""
    points = apply_homography(plate.to_frame, corners)
    if not np.isfinite(points).all() or not is_clockwise(points):
        return plate.quad
    quad = Quad.from_array(points)
    return quad if _overlap(quad, plate.quad) >= KEPT_IOU else plate.quad


def _overlap(quad: Quad, other: Quad) -> float:
    """Intersection over union of two convex outlines; 0 for one without area."""
    shared = float(cv2.intersectConvexConvex(quad.array().astype(np.float32), other.array().astype(np.float32))[0])
    return shared / max(quad.area + other.area - shared, 1e-9)
