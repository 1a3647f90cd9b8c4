"""A second look at each find and its surroundings: its four corners are moved to the plate's true rim, and judged is whether it is a plate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np

from platelight.geometry import FloatArray, Quad, apply_homography, is_clockwise
from platelight.records import Detection, Image, PlateImage
from platelight.session import Session

KEPT_IOU = 0.3
"""A new outline that overlaps the old one less than this is not the same plate's; the old one is kept."""

AGAIN_IOU = 0.75
"""Where the new outline overlaps the old one less than this, a second look from the new one pays: the first saw the plate badly cut."""

RIM_PX = 4.0
"""A corner this near to the rim of what was seen may lie beyond it, so that a second look pays too."""

BATCH = 16


class Refiner:
    """Callable: pictures and what was found in each, to the same with better quads and with how plausible each is as a plate (`context`).

    `cut` straightens plates to the network's input size with its margin around them (a `rectify.Rectifier`).
    """

    def __init__(self, session: Session, cut: Callable[[Sequence[Image], Sequence[Sequence[Quad]]], list[PlateImage]]) -> None:
        self.session, self.cut = session, cut

    def __call__(self, images: Sequence[Image], found: Sequence[Sequence[Detection]]) -> list[list[Detection]]:
        first = self._look(images, found)
        second = self._look(images, [[detection for detection, again in seen if again] for seen in first])
        return [[next(later)[0] if again else detection for detection, again in seen] for seen, later in zip(first, map(iter, second), strict=True)]

    def _look(self, images: Sequence[Image], found: Sequence[Sequence[Detection]]) -> list[list[tuple[Detection, bool]]]:
        """The better finds, and whether a second look at each pays."""
        plates = self.cut(images, [[detection.quad for detection in detections] for detections in found])
        seen = iter([one for start in range(0, len(plates), BATCH) for one in self._seen(plates[start : start + BATCH])])
        return [[_judged(detection, *next(seen)) for detection in detections] for detections in found]

    def _seen(self, plates: Sequence[PlateImage]) -> list[tuple[PlateImage, FloatArray, float | None]]:
        """Each plate with its corners (4, 2) in the plate image's pixels, and the chance that it is one; models before refiner-s-2 do not give that."""
        outputs = self.session.run({"plates": np.stack([plate.pixels for plate in plates])})
        chances = outputs["plateness"].tolist() if "plateness" in outputs else [None] * len(plates)
        return list(zip(plates, outputs["points"].astype(np.float64), chances, strict=True))  # points (P, 4, 2)


def _judged(detection: Detection, plate: PlateImage, corners: FloatArray, chance: float | None) -> tuple[Detection, bool]:
    """The find with its corners moved, and whether the plate was seen badly cut."""
    quad = _moved(plate, corners)
    height, width = plate.pixels.shape[:2]
    beyond = corners.min() < RIM_PX or (corners > [width - RIM_PX, height - RIM_PX]).any()
    return replace(detection, quad=quad, context=chance), bool(beyond) or _overlap(quad, plate.quad) < AGAIN_IOU


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
