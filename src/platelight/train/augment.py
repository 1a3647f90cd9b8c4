"""Cheap changes of light and sharpness for real pictures; drawn ones come degraded already (`synth.degrade`)."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from platelight.records import Image


@dataclass(frozen=True, slots=True)
class Softness:
    """How pictures lose their sharpness: how often and how far they are blurred (deviation, pixels) and made coarse (share of the size)."""

    blurred: float
    most_px: float
    coarse: float
    least_share: float


SCENE = Softness(0.25, 2.2, 0.2, 0.3)
PLATE = Softness(0.33, 3.2, 0.3, 0.2)
"""A plate picture of 160 pixels shows a plate of 50 pixels, or one behind motion, enlarged; what blurs it is enlarged with it."""


def photometric(picture: Image, rng: np.random.Generator, strength: float = 1.0, softness: Softness = SCENE) -> Image:
    """Random contrast, brightness, colour cast, grey, inversion, blur, low resolution, noise and JPEG; each in a share of the cases."""
    out = picture
    if rng.random() < 0.7 * strength:
        out = _light(out, rng)
    if rng.random() < 0.15 * strength:
        out = np.repeat(cv2.cvtColor(out, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
    if rng.random() < 0.04 * strength:
        out = 255 - out
    if rng.random() < softness.blurred * strength:
        out = _blurred(out, rng, softness.most_px)
    if rng.random() < softness.coarse * strength:
        out = _coarse(out, rng, softness.least_share)
    if rng.random() < 0.25 * strength:
        noise = rng.normal(0, rng.uniform(2, 16), (*out.shape[:2], int(rng.choice([1, 3]))))
        out = np.clip(out + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.15 * strength:
        packed = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 80))])[1]
        out = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8)
    return np.ascontiguousarray(out)


def _light(picture: Image, rng: np.random.Generator) -> Image:
    """A lookup table per channel: gamma, gain, offset and a colour cast."""
    ramp = np.linspace(0, 1, 256) ** np.exp(rng.normal(0, 0.35))
    gain, offset = np.exp(rng.normal(0, 0.3)), rng.normal(0, 0.1)
    cast = np.exp(rng.normal(0, 0.12, 3)) if rng.random() < 0.5 else np.ones(3)
    table = np.clip(((ramp[:, None] - 0.5) * gain + 0.5 + offset) * cast * 255, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(picture, table.reshape(1, 256, 3)), dtype=np.uint8)


def _blurred(picture: Image, rng: np.random.Generator, most_px: float) -> Image:
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, most_px)), dtype=np.uint8)
    length = int(rng.integers(2, 9))
    kernel = np.zeros((length, length), np.float32)
    slope = rng.uniform(-1, 1) * (length - 1) / 2
    middle = (length - 1) / 2
    cv2.line(kernel, (0, round(middle - slope)), (length - 1, round(middle + slope)), 1.0)
    if rng.random() < 0.4:
        kernel = kernel.T.copy()
    return np.asarray(cv2.filter2D(picture, -1, kernel / max(float(kernel.sum()), 1.0)), dtype=np.uint8)


def _coarse(picture: Image, rng: np.random.Generator, least: float) -> Image:
    """As if the picture had been smaller: down by area, up again."""
    height, width = picture.shape[:2]
    share = rng.uniform(least, 0.8)
    small = cv2.resize(picture, (max(int(width * share), 8), max(int(height * share), 8)), interpolation=cv2.INTER_AREA)
    how = cv2.INTER_LINEAR if rng.random() < 0.6 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(small, (width, height), interpolation=how), dtype=np.uint8)
