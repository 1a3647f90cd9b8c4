"""What light and air do to a picture: exposure, colour cast, shadows, glare, glow, rain, drops, dirt.

Every class is one effect: a frozen record of what chance decided, and `apply(image) -> image` that draws nothing at random.
Places are shares of the picture's width and height.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from platelight.records import FloatTensor, Image
from platelight.synth import noise, pixels
from platelight.synth.pixels import Colour

GREY, SAME = np.array([[0.299, 0.587, 0.114]] * 3), np.eye(3)  # colour matrices: brightness only, unchanged
LEVELS = np.arange(256, dtype=np.float32)[:, None] / 255


@dataclass(frozen=True, slots=True)
class Tone:
    """Exposure `gain`, `gamma`, contrast about mid-grey, raised blacks, colour gains and saturation, applied as one table."""

    gain: float = 1.0
    gamma: float = 1.0
    contrast: float = 1.0
    lift: float = 0.0
    cast: Colour = (1.0, 1.0, 1.0)
    saturation: float = 1.0

    def apply(self, image: Image) -> Image:
        if self.saturation != 1.0:
            image = np.asarray(cv2.transform(image, (1 - self.saturation) * GREY + self.saturation * SAME), dtype=np.uint8)
        curve = (LEVELS * self.gain) ** self.gamma * np.array(self.cast, np.float32)
        curve = (curve - 0.5) * self.contrast + 0.5
        return pixels.looked_up(image, (self.lift + (1 - self.lift) * curve) * 255)


@dataclass(frozen=True, slots=True)
class Shadow:
    """A shade with a hard or soft edge: everything within `corners` is darkened by `depth`."""

    corners: tuple[tuple[float, float], ...]
    depth: float
    softness: float
    tint: Colour = (1.0, 1.0, 1.08)

    def apply(self, image: Image) -> Image:
        height, width = image.shape[:2]
        points = np.array(self.corners) * [width, height]
        mask = np.zeros((height, width), np.float32)
        cv2.fillPoly(mask, [np.rint(points * 16).astype(np.int32)], 1.0, cv2.LINE_8, 4)
        mask = np.asarray(pixels.blurred(mask, max(self.softness * height, 0.6)), dtype=np.float32)
        return pixels.lit(image, cv2.merge([1 - mask * (1 - (1 - self.depth) * tint) for tint in self.tint]))


@dataclass(frozen=True, slots=True)
class Glow:
    """A light that shines into the picture: an elliptic spot, washing out what lies under it."""

    x: float
    y: float
    radius_x: float
    radius_y: float
    strength: float
    colour: Colour

    def apply(self, image: Image) -> Image:
        height, width = image.shape[:2]
        x = (np.arange(width, dtype=np.float32) / width - self.x) / self.radius_x
        y = (np.arange(height, dtype=np.float32) / height - self.y) / self.radius_y
        spot = self.strength * np.exp(-(y * y))[:, None] * np.exp(-(x * x))
        dark = cv2.merge([np.maximum(1 - spot * channel, 0) for channel in self.colour])
        return np.asarray(cv2.bitwise_not(pixels.lit(cv2.bitwise_not(image), dark)), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Bloom:
    """Bright parts bleed into their surroundings, as headlights and over-exposed grounds do."""

    threshold: float
    spread: float
    strength: float

    def apply(self, image: Image) -> Image:
        height = image.shape[0]
        small = cv2.resize(cv2.subtract(image, np.full_like(image, int(self.threshold))), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        soft = pixels.blurred(small, max(self.spread * height / 2, 0.5))
        soft = cv2.resize(soft, image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return np.asarray(cv2.addWeighted(image, 1.0, soft, self.strength * 255 / max(255 - self.threshold, 1), 0), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Vignette:
    """Corners darker than the middle by `depth`."""

    depth: float

    def apply(self, image: Image) -> Image:
        height, width = image.shape[:2]
        factor = 1 - 2 * self.depth * (pixels.ramp(width)[None, :] ** 2 + pixels.ramp(height)[:, None] ** 2)
        return pixels.lit(image, factor)


@dataclass(frozen=True, slots=True)
class Slope:
    """Light that falls off across the picture: `across` and `down` are the change from edge to edge."""

    across: float
    down: float

    def apply(self, image: Image) -> Image:
        height, width = image.shape[:2]
        return pixels.lit(image, 1 + self.across * pixels.ramp(width)[None, :] + self.down * pixels.ramp(height)[:, None])


@dataclass(frozen=True, slots=True)
class Dirt:
    """Mud or dust in blotches: `share` of the area, never fully opaque."""

    share: float
    opacity: float
    colour: Colour
    zoom: float
    seed: int

    def apply(self, image: Image) -> Image:
        height, width = image.shape[:2]
        field = noise.cloud(self.seed, height, width, self.zoom)
        alpha = np.clip((field - (1 - self.share)) / 0.12, 0, 1) * self.opacity
        return pixels.blend(image, self.colour, np.asarray(alpha, dtype=np.float32))


@dataclass(frozen=True, slots=True)
class Specks:
    """Small round spots (x, y, radius as shares of the height) of mud, snow or dead insects."""

    spots: tuple[tuple[float, float, float], ...]
    colour: Colour
    opacity: float

    def apply(self, image: Image) -> Image:
        height, width = image.shape[:2]
        mask = np.zeros((height, width), np.float32)
        for x, y, radius in self.spots:
            centre = round(x * width * 16), round(y * height * 16)
            cv2.circle(mask, centre, max(round(radius * height * 16), 8), self.opacity, -1, cv2.LINE_8, 4)
        soft: FloatTensor = np.asarray(pixels.blurred(mask, 0.7), dtype=np.float32)
        return pixels.blend(image, self.colour, soft)


@dataclass(frozen=True, slots=True)
class Rain:
    """Falling drops as short bright streaks `length` high (share of the height), leaning by `slant`."""

    places: tuple[tuple[float, float], ...]
    length: float
    slant: float
    opacity: float

    def apply(self, image: Image) -> Image:
        height, width = image.shape[:2]
        mask = np.zeros((height, width), np.float32)
        for x, y in self.places:
            start = round(x * width), round(y * height)
            end = round(x * width + self.slant * self.length * height), round((y + self.length) * height)
            cv2.line(mask, start, end, self.opacity, 1)
        soft: FloatTensor = np.asarray(pixels.blurred(mask, 0.8), dtype=np.float32)
        return pixels.blend(image, (225.0, 230.0, 235.0), soft)


@dataclass(frozen=True, slots=True)
class LensDrops:
    """Water on the lens: round patches (x, y, radius as shares of the height) through which the picture is blurred."""

    drops: tuple[tuple[float, float, float], ...]
    blur: float

    def apply(self, image: Image) -> Image:
        height, width = image.shape[:2]
        soft = np.asarray(pixels.blurred(image, max(self.blur * height, 0.6)), dtype=np.uint8)
        mask = np.zeros((height, width), np.float32)
        for x, y, radius in self.drops:
            cv2.circle(mask, (round(x * width), round(y * height)), max(round(radius * height), 1), 1.0, -1)
        mask = np.asarray(pixels.blurred(mask, max(0.02 * height, 0.7)), dtype=np.float32)
        return pixels.blend(image, np.asarray(cv2.convertScaleAbs(soft, alpha=1.04, beta=4), dtype=np.uint8), mask * 0.9)
