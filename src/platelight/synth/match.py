"""Measure how a camera rendered one region of a photo, and render a drawing the same way."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from platelight.geometry import FloatArray, Quad, homography
from platelight.records import FloatTensor, Image
from platelight.synth import noise

OWN_SIGMA = 0.45  # blur that warping with linear interpolation brings by itself, in pixels
LEAST_CONTRAST = 42.0


@dataclass(frozen=True, slots=True)
class PatchLook:
    """Grey levels of ink and ground, colour of the light, light falling off along x and y (share from edge to edge of the
    plate), blur in pixels along the picture's axes, noise in grey levels."""

    low: float
    high: float
    cast: tuple[float, float, float]
    slope: tuple[float, float]
    sigma: tuple[float, float]
    noise: float


def measure(photo: Image, quad: Quad) -> PatchLook:
    """Measure the plate that lies at `quad` in a photo."""
    patch = _straight(photo, quad)
    grey = np.asarray(cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY), dtype=np.float32)
    low, high = (float(level) for level in np.percentile(grey, (6, 92)))
    if high - low < LEAST_CONTRAST:
        middle = (high + low) / 2
        low, high = max(middle - LEAST_CONTRAST / 2, 0.0), min(middle + LEAST_CONTRAST / 2, 255.0)
    return PatchLook(low, high, _cast(patch, grey), _slope(grey), _blur(photo, quad, high - low), noise_level(photo, quad))


def render(look: PatchLook, pixels: Image, cover: FloatTensor, quad: Quad, seed: int) -> tuple[Image, FloatTensor]:
    """A drawing already warped into place (H, W, 3) and its coverage (H, W), toned, lit, blurred and grained like `look`."""
    toned = look.low * 0.85 + pixels.astype(np.float32) / 255 * (look.high - look.low * 0.85)
    toned *= np.array(look.cast, np.float32) * _falloff(look.slope, quad, *cover.shape)[..., None]
    extra = tuple(math.sqrt(max(sigma**2 - OWN_SIGMA**2, 0.0)) for sigma in look.sigma)
    if max(extra) > 0.2:
        sigma_x, sigma_y = (max(value, 0.15) for value in extra)
        toned = np.asarray(cv2.GaussianBlur(toned, (0, 0), sigma_x, sigmaY=sigma_y), dtype=np.float32)
        cover = np.asarray(cv2.GaussianBlur(cover, (0, 0), sigma_x, sigmaY=sigma_y), dtype=np.float32)
    if look.noise > 0.3:
        grain = noise.grain(seed, cover.shape[0], cover.shape[1], 1)
        toned = toned + look.noise * (0.75 * grain[..., :1] + 0.4 * grain)
    return np.asarray(np.clip(toned, 0, 255), dtype=np.uint8), cover


def noise_level(photo: Image, quad: Quad) -> float:
    """Standard deviation of the noise around `quad`, in grey levels.

    The median of a second-difference mask's answer, which edges hardly move. Method: J. Immerkaer, Fast noise variance
    estimation, 1996, with the median in place of the mean.
    """
    box = quad.grown(0.3).box
    part = photo[max(int(box.y0), 0) : max(int(box.y1), 1), max(int(box.x0), 0) : max(int(box.x1), 1)]
    if min(part.shape[:2], default=0) < 5:
        return 0.0
    grey = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), dtype=np.float32)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    answer = np.abs(cv2.filter2D(grey, -1, kernel)[1:-1, 1:-1])
    return min(float(np.median(answer)) / 0.6745 / 6, 14.0)


def _straight(photo: Image, quad: Quad) -> Image:
    """The region seen head-on, at about its own resolution."""
    width, height = max(round(quad.width_px), 8), max(round(quad.height_px), 6)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    matrix = homography(quad.array() - 0.5, target - 0.5)
    return np.asarray(cv2.warpPerspective(photo, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def _cast(patch: Image, grey: FloatTensor) -> tuple[float, float, float]:
    """Colour of the ground relative to its grey level; a strongly coloured ground is the plate's own and left out."""
    bright = patch[grey >= np.percentile(grey, 70)].astype(np.float64).mean(axis=0)
    ratio = bright / max(float(bright @ (0.299, 0.587, 0.114)), 1.0)
    strength = 1.0 if np.ptp(ratio) < 0.45 else 0.12
    red, green, blue = 1 + (np.clip(ratio, 0.5, 1.6) - 1) * strength
    return float(red), float(green), float(blue)


def _slope(grey: FloatTensor) -> tuple[float, float]:
    """How the ground's light changes across the plate, from a plane laid through the local maxima."""
    ground = cv2.resize(cv2.dilate(grey, np.ones((5, 5), np.uint8)), (16, 8), interpolation=cv2.INTER_AREA)
    y, x = np.mgrid[-0.5:0.5:8j, -0.5:0.5:16j]
    design = np.column_stack([x.ravel(), y.ravel(), np.ones(128)])
    plane = np.linalg.lstsq(design, np.asarray(ground, dtype=np.float64).ravel(), rcond=None)[0]
    across, down = np.clip(plane[:2] / max(plane[2], 20.0), -0.6, 0.6)
    return float(across), float(down)


def _blur(photo: Image, quad: Quad, contrast: float) -> tuple[float, float]:
    """Blur along x and y from the steepest edges: a step of height C blurred by sigma has slope C / (sigma * sqrt(2 pi))."""
    box = quad.box
    part = photo[max(int(box.y0), 0) : max(int(box.y1) + 1, 1), max(int(box.x0), 0) : max(int(box.x1) + 1, 1)]
    if min(part.shape[:2], default=0) < 4:
        return OWN_SIGMA, OWN_SIGMA
    grey = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), dtype=np.float32)
    steep_x = float(np.percentile(np.abs(np.diff(grey, axis=1)), 98.5))
    steep_y = float(np.percentile(np.abs(np.diff(grey, axis=0)), 98.5))
    most = 0.07 * quad.height_px
    x, y = (min(max(contrast / max(steep, 1.0) / math.sqrt(2 * math.pi), OWN_SIGMA), max(most, OWN_SIGMA)) for steep in (steep_x, steep_y))
    return x, y


def _falloff(slope: tuple[float, float], quad: Quad, height: int, width: int) -> FloatTensor:
    """Light (height, width) falling off along the plate's own axes."""
    corners: FloatArray = quad.array()
    centre = corners.mean(axis=0)
    along = (corners[1] + corners[2] - corners[0] - corners[3]) / 2
    down = (corners[2] + corners[3] - corners[0] - corners[1]) / 2
    direction = slope[0] * along / max(float(along @ along), 1.0) + slope[1] * down / max(float(down @ down), 1.0)
    x = (np.arange(width) - centre[0]) * direction[0]
    y = (np.arange(height) - centre[1]) * direction[1]
    return np.asarray(np.clip(1 + x[None, :] + y[:, None], 0.4, 1.6), dtype=np.float32)
