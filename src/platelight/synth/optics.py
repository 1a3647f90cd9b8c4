"""What lens, sensor and file do to a picture: blur, few pixels, noise, sharpening, grey, JPEG.

Every class is one effect: a frozen record of what chance decided, and `apply(image) -> image` that draws nothing at random.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from platelight.records import FloatTensor, Image
from platelight.synth import noise, pixels

UPSAMPLERS = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4, cv2.INTER_NEAREST)
DOWNSAMPLERS = (cv2.INTER_AREA, cv2.INTER_LINEAR)
SHOT = np.sqrt(np.arange(256, dtype=np.float32) / 128)  # noise of photons grows with the root of the light


@dataclass(frozen=True, slots=True)
class FocusBlur:
    """Gaussian blur of `sigma` pixels, or a disc of the same spread, as a lens out of focus makes it."""

    sigma: float
    disc: bool = False

    def apply(self, image: Image) -> Image:
        if not self.disc:
            return np.asarray(pixels.blurred(image, self.sigma), dtype=np.uint8)
        radius = self.sigma * 2
        reach = math.ceil(radius)
        y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
        kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
        return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class MotionBlur:
    """Smear of `length` pixels along `angle` degrees; `bend` curves the path as a shaken hand does."""

    length: float
    angle: float
    bend: float = 0.0

    def apply(self, image: Image) -> Image:
        kernel = self.kernel()
        return np.asarray(cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)

    def kernel(self) -> FloatTensor:
        """The path of one point of light (k, k), sum 1."""
        reach = max(math.ceil(self.length / 2), 1)
        along = np.linspace(-0.5, 0.5, 33) * self.length
        across = self.bend * (along**2 / max(self.length, 1.0) - self.length / 12)
        turn = math.radians(self.angle)
        x = along * math.cos(turn) - across * math.sin(turn) + reach
        y = along * math.sin(turn) + across * math.cos(turn) + reach
        path = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
        left, top = np.floor(x).astype(int), np.floor(y).astype(int)
        for dx in (0, 1):
            for dy in (0, 1):
                weight = (1 - np.abs(x - left - dx)) * (1 - np.abs(y - top - dy))
                np.add.at(path, (np.clip(top + dy, 0, 2 * reach), np.clip(left + dx, 0, 2 * reach)), weight.astype(np.float32))
        return np.asarray(path / path.sum(), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class LowResolution:
    """Shrink by `factor` (above 1) and enlarge again; `down` and `up` are OpenCV interpolations."""

    factor: float
    down: int
    up: int

    def apply(self, image: Image) -> Image:
        height, width = image.shape[:2]
        size = max(round(width / self.factor), 4), max(round(height / self.factor), 4)
        small = cv2.resize(image, size, interpolation=self.down)
        return np.asarray(cv2.resize(small, (width, height), interpolation=self.up), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class SensorNoise:
    """Brightness noise of `luma` and colour noise of `chroma` grey levels; `shot` makes bright parts noisier, as photons do."""

    luma: float
    chroma: float
    shot: float
    softness: int
    seed: int

    def apply(self, image: Image) -> Image:
        height, width = image.shape[:2]
        field = noise.grain(self.seed, height, width, self.softness)
        luma, chroma = self.luma, self.chroma
        mix = np.array([[chroma + luma, 0, 0], [luma, chroma, 0], [luma, 0, chroma]])
        amount = np.asarray(cv2.transform(field, mix), dtype=np.float32)
        if self.shot:
            amount = np.asarray(cv2.multiply(amount, cv2.LUT(image, SHOT * np.float32(self.shot) + np.float32(1 - self.shot))), dtype=np.float32)
        return pixels.added(image, amount)


@dataclass(frozen=True, slots=True)
class Sharpen:
    """Unsharp mask with the bright and dark halos that telephones and cameras leave around edges."""

    amount: float
    sigma: float

    def apply(self, image: Image) -> Image:
        soft = pixels.blurred(image, self.sigma)
        return np.asarray(cv2.addWeighted(image, 1 + self.amount, soft, -self.amount, 0), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Grey:
    """Grey by channel weights: each camera turns colours into grey in its own way."""

    weights: tuple[float, float, float]

    def apply(self, image: Image) -> Image:
        row = np.array(self.weights, np.float32)
        return np.asarray(cv2.transform(image, np.tile(row, (3, 1))), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Jpeg:
    """One trip through a JPEG file of `quality` 1 to 100; `subsampling` is 444, 422 or 420."""

    quality: int
    subsampling: int

    def options(self) -> list[int]:
        """Arguments for OpenCV's encoder."""
        return jpeg_options(self.quality, self.subsampling)

    def apply(self, image: Image) -> Image:
        _, data = cv2.imencode(".jpg", image, self.options())
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)


def jpeg_options(quality: int, subsampling: int = 420) -> list[int]:
    """Arguments for OpenCV's JPEG encoder."""
    factors = {444: cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444, 422: cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422, 420: cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420}
    return [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factors[subsampling]]
