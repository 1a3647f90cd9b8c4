"""Strokes that look like writing outside our alphabet, so that a reader learns to leave such writing out."""

from __future__ import annotations

import cv2
import numpy as np

from platelight.geometry import FloatArray
from platelight.synth.layout import Placed
from platelight.synth.pen import Mask

ARABIC_ROW = ("sa", "kw", "qa", "bh", "om", "iq", "jo", "ae", "sy", "lb", "ps", "eg", "ir", "dz")
OTHER_ROW = ("th", "kh", "mm", "np", "bd", "in", "lk", "pk")


def character(ink: Mask, box: Placed, d: list[float]) -> None:
    """One sign of straight strokes in a box; `d` are at least 12 numbers 0 to 1."""
    x0, y0, w, h = box.x + box.width * 0.06, box.y + box.height * 0.08, box.width * 0.88, box.height * 0.84
    thick = max(int(box.height * (0.05 + 0.04 * d[0])), 1)

    def stroke(*points: tuple[float, float]) -> None:
        cv2.polylines(ink, [np.array([(int(x0 + x * w), int(y0 + y * h)) for x, y in points], np.int32)], False, 255, thick, cv2.LINE_AA)

    for index in range(2 + int(d[1] * 2.5)):
        y = (index + 0.3 + 0.5 * d[2 + index]) / 4
        stroke((0.1 * d[3 + index], y), (1 - 0.2 * d[4 + index], y))
    if d[8] < 0.75:
        stroke((0.3 + 0.4 * d[9], 0), (0.3 + 0.4 * d[9], 1))
    if d[10] < 0.5:
        stroke((0.5, 0.4), (0.25, 0.75), (0, 1))
        stroke((0.5, 0.5), (0.75, 0.8), (1, 0.95))
    if d[11] < 0.4:
        stroke((0.2, 0.5), (0.8, 0.5), (0.8, 0.9), (0.2, 0.9), (0.2, 0.5))


def cursive(ink: Mask, x0: int, x1: int, y0: int, y1: int, details: FloatArray) -> None:
    """A row of joined, curved signs with dots over and under them between two heights in pixels."""
    height = y1 - y0
    thick = max(int(height * 0.11), 1)
    base = y0 + height * 0.68
    d = details.tolist()
    count = max(int((x1 - x0) / (height * 0.75)), 1)
    for index in range(min(count, 12)):
        a, b, c, e = d[index * 4 % 60 : index * 4 % 60 + 4]
        left = x0 + (x1 - x0) * (index + 0.12) / count
        w = (x1 - x0) / count * (0.5 + 0.35 * a)
        shape = (
            [(0, 0.0), (0.3, -0.05), (0.6, -0.3), (0.8, 0.0), (1, 0.0)],
            [(0.5, -0.68), (0.5, -0.05)],
            [(0, -0.35), (0.1, 0.0), (0.5, 0.08), (0.9, 0.0), (1, -0.35)],
            [(0.2, -0.3), (0.6, -0.45), (0.9, -0.2), (0.8, 0.2), (0.3, 0.3), (0, 0.15)],
            [(0.1, 0.05), (0.5, -0.6), (0.9, 0.05)],
            [(0.2, -0.2), (0.5, -0.5), (0.8, -0.2), (0.5, 0.05), (0.2, -0.2)],
        )[int(b * 5.99)]
        points = np.array([(left + x * w, base + y * height) for x, y in shape], np.float64)
        cv2.polylines(ink, [(points * 16).astype(np.int32)], False, 255, thick, cv2.LINE_AA, 4)
        for dot in range(int(c * 3)):
            cv2.circle(ink, (int(left + w * (0.35 + 0.25 * dot)), int(base + height * (0.25 if e < 0.4 else -0.55))), max(thick // 2, 1), 255, -1, cv2.LINE_AA)
