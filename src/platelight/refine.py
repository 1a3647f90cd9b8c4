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

BATCH = 16


class Refiner:
    """Callable: pictures and the quads found in each, to better quads in the same order.

    `cut` straightens plates to the network's input size with its margin around them (a `rectify.Rectifier`).
    """

    def __init__(self, session: Session, cut: Callable[[Sequence[Image], Sequence[Sequence[Quad]]], list[PlateImage]]) -> None:
        self.session, self.cut = session, cut

    def __call__(self, images: Sequence[Image], quads: Sequence[Sequence[Quad]]) -> list[list[Quad]]:
        plates = self.cut(images, quads)
        better = iter(quad for start in range(0, len(plates), BATCH) for quad in self._better(plates[start : start + BATCH]))
        return [[next(better) for _ in found] for found in quads]

    def _better(self, plates: Sequence[PlateImage]) -> list[Quad]:
        points = self.session.run({"plates": np.stack([plate.pixels for plate in plates])})["points"]  # (P, 4, 2)
        return [_moved(plate, corners.astype(np.float64)) for plate, corners in zip(plates, points, strict=True)]


def _moved(plate: PlateImage, corners: FloatArray) -> Quad:
    """The quad of corners (4, 2) given in the plate image's pixels, or the plate's old one where they make no sense."""
    points = apply_homography(plate.to_frame, corners)
    if not np.isfinite(points).all() or not is_clockwise(points):
        return plate.quad
    shared = float(cv2.intersectConvexConvex(points.astype(np.float32), plate.quad.array().astype(np.float32))[0])
    quad = Quad.from_array(points)
    return quad if shared >= KEPT_IOU * (quad.area + plate.quad.area - shared) else plate.quad
