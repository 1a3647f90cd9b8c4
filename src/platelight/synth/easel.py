"""A canvas for soft, shaded shapes: rounded outlines, vertical gradients, blurred edges."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from platelight.geometry import FloatArray
from platelight.records import FloatTensor, Image
from platelight.synth.pixels import Colour
from platelight.synth.sketch import Point


class Easel:
    """A picture under way. Coordinates are shares of the canvas's width, so y runs from 0 to height / width."""

    def __init__(self, width_px: int, height_px: int, ground: Image | None = None) -> None:
        self.scale = width_px
        self.pixels: FloatTensor = np.zeros((height_px, width_px, 3), np.float32) if ground is None else ground.astype(np.float32)
        self.alpha: FloatTensor = np.zeros((height_px, width_px), np.float32)

    def fill(
        self,
        points: Sequence[Point],
        top: Colour,
        bottom: Colour | None = None,
        *,
        soft: float = 0.0,
        curve: float = 0.0,
        opacity: float = 1.0,
        inside: bool = False,
    ) -> None:
        """Fill an outline with a vertical gradient; `curve` rounds its corners, `soft` blurs its edge, both as shares of
        the width. `inside` paints only where something is painted already."""
        outline = np.array(points, dtype=np.float64) * self.scale
        window = self._window(outline, 3 * max(soft, curve) * self.scale + 3)
        part = self.pixels[window]
        if part.size == 0:
            return
        cover = np.zeros(part.shape[:2], np.float32)
        fixed = np.rint((outline - [window[1].start, window[0].start]) * 16).astype(np.int32)
        cv2.fillPoly(cover, [fixed], 1.0, cv2.LINE_8, 4)
        cover = _shape(cover, curve * self.scale, soft * self.scale) * opacity
        if inside:
            cover = cover * self.alpha[window]
        down = np.clip((np.arange(window[0].start, window[0].stop) - outline[:, 1].min()) / max(float(np.ptp(outline[:, 1])), 1.0), 0, 1)[:, None]
        first, last = np.array(top), np.array(top if bottom is None else bottom)
        colour = (first + (last - first) * down).astype(np.float32)[:, None, :]
        part += (colour - part) * cover[..., None]
        np.maximum(self.alpha[window], cover, out=self.alpha[window])

    def line(self, points: Sequence[Point], colour: Colour, thick: float, *, soft: float = 0.0, opacity: float = 1.0, closed: bool = False) -> None:
        """A line `thick` wide (share of the width)."""
        outline = np.array(points, dtype=np.float64) * self.scale
        thick_px = max(round(thick * self.scale), 1)
        window = self._window(outline, thick_px + 3 * soft * self.scale + 2)
        part = self.pixels[window]
        if part.size == 0:
            return
        cover = np.zeros(part.shape[:2], np.uint8)
        fixed = np.rint((outline - [window[1].start, window[0].start]) * 16).astype(np.int32)
        cv2.polylines(cover, [fixed], closed, 255.0, thick_px, cv2.LINE_AA, 4)
        if soft:
            cover = np.asarray(cv2.GaussianBlur(cover, (0, 0), max(soft * self.scale, 0.5)), dtype=np.uint8)
        mix = cover.astype(np.float32) / 255 * opacity
        part += (np.asarray(colour, np.float32) - part) * mix[..., None]
        np.maximum(self.alpha[window], mix, out=self.alpha[window])

    def _window(self, outline: FloatArray, room: float) -> tuple[slice, slice]:
        """Rows and columns of the canvas around an outline in pixels."""
        height, width = self.alpha.shape
        x0, y0 = (max(int(value - room), 0) for value in outline.min(axis=0))
        x1, y1 = (int(value + room + 1) for value in outline.max(axis=0))
        return slice(min(y0, height), max(min(y1, height), 0)), slice(min(x0, width), max(min(x1, width), 0))

    def image(self) -> Image:
        """The picture so far."""
        return np.asarray(np.clip(self.pixels, 0, 255), dtype=np.uint8)

    def mask(self) -> Image:
        """What has been painted on, 0 to 255."""
        return np.asarray(np.clip(self.alpha * 255, 0, 255), dtype=np.uint8)


def _shape(cover: FloatTensor, curve_px: float, soft_px: float) -> FloatTensor:
    """Round the corners by blurring and steepening again, then soften the edge."""
    if curve_px > 0.8:
        cover = np.clip((_blurred(cover, curve_px) - 0.5) * curve_px * 2.2 + 0.5, 0, 1)
    return _blurred(cover, max(soft_px, 0.55))


def _blurred(cover: FloatTensor, sigma: float) -> FloatTensor:
    """Gaussian blur; a wide one is done on a smaller copy, which looks the same and costs far less."""
    height, width = cover.shape
    shrink = int(sigma / 4)
    if shrink < 2 or min(height, width) < 4 * shrink:
        return np.asarray(cv2.GaussianBlur(cover, (0, 0), sigma), dtype=np.float32)
    small = cv2.resize(cover, (width // shrink, height // shrink), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), sigma / shrink)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def mirrored(half: Sequence[Point], centre: float = 0.5) -> list[Point]:
    """A closed outline from its right half, given from top to bottom with x measured from the centre."""
    right = [(centre + x, y) for x, y in half]
    return right + [(centre - x, y) for x, y in reversed(half)]


def shade(colour: Colour, factor: float, lift: float = 0.0) -> Colour:
    """A colour darkened or lit."""
    red, green, blue = (min(max(value * factor + lift, 0.0), 255.0) for value in colour)
    return red, green, blue
