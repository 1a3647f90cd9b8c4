"""A plate read in one frame, and how much that reading is worth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from platelight.geometry import Quad
from platelight.records import Image, Plate

DETAIL_HEIGHT_PX = 48
"""Plates are brought to this height before their sharpness is taken, so that a small one counts as blurred as it is."""

LARGE_PX = 24.0
"""A line of text higher than this looks no better for being larger."""

LEAST_WEIGHT = 1e-4
DOUBTFUL = 0.1
"""What a reading of no confidence at all counts, where a sure one counts 1 more. Chosen with TEMPER and SOFTENED of `join`."""

CUT_OFF = 0.15
"""What a plate that reaches beyond the picture's edge counts, against one that does not: it lacks characters."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A plate in one frame; `sharpness` as `sharpness_of` measures it."""

    plate: Plate
    sharpness: float

    @property
    def weight(self) -> float:
        """What the reading counts beside others of the same plate: the square of how much can be seen of it (sharpness,
        plate-ness, wholeness), times how sure it is."""
        reading = self.plate.reading
        seen = self.sharpness * reading.plateness * reading.wholeness * (CUT_OFF if "cut_off" in self.plate.flags else 1.0)
        return max(seen * seen * (DOUBTFUL + self.plate.confidence), LEAST_WEIGHT)

    @property
    def rank(self) -> float:
        """How well the frame shows the plate to a person: as `weight`, and the larger the better."""
        plate = self.plate
        return self.weight * min(plate.detection.quad.height_px / max(plate.reading.lines, 1) / LARGE_PX, 1.0)


def sharpness_of(pixels: Image, quad: Quad) -> float:
    """How much fine detail a plate shows, about 0 (smeared or tiny) to 1: the share of its contrast that lies between neighbouring
    pixels once the plate is DETAIL_HEIGHT_PX high. Independent of how bright or contrasty the picture is."""
    height, width = pixels.shape[:2]
    box = quad.box
    x0, y0, x1, y1 = max(int(box.x0), 0), max(int(box.y0), 0), min(int(box.x1) + 1, width), min(int(box.y1) + 1, height)
    if x1 - x0 < 4 or y1 - y0 < 3:
        return 0.0
    grey = cv2.cvtColor(pixels[y0:y1, x0:x1], cv2.COLOR_RGB2GRAY)
    scale = DETAIL_HEIGHT_PX / grey.shape[0]
    size = max(round(grey.shape[1] * scale), 4), DETAIL_HEIGHT_PX
    grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR), dtype=np.float32)
    spread = float(grey.std())
    if spread < 1.0:
        return 0.0
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=0.125)
    return float(min(np.sqrt((across**2).mean() + (down**2).mean()) / spread, 1.0))
