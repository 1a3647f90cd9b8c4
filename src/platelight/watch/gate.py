"""Skips pictures on which nothing has changed, by a small grey difference against a background that adapts slowly.

The picture is compared as 160 grey pixels across, in tiles of 8 x 8. A tile has moved if it differs from its background by more
than it usually does. What a tile usually does is learned, so that noise, rain and leaves do not count; but a difference of
`ALWAYS_MOVED` grey levels above the noise always counts, so that steady traffic is never learned away. A change of the light over the whole
picture is taken out before comparing.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from platelight.records import FloatTensor, Frame, Image
from platelight.watch.zones import Zones

LONG_SIDE, TILE = 160, 8
"""Pixels of the small picture along its longer side, and of a tile's side in it."""

BACKGROUND_S, MOVED_BACKGROUND_S = 8.0, 20.0
"""Time constant in which the background follows the picture, and where a tile has moved."""

NOISE_S, MOVED_NOISE_S = 15.0, 60.0
"""The same for what a tile's difference usually is."""

FLOOR, DEVIATIONS, ALWAYS_MOVED = 0.6, 5.0, 9.0
"""A tile has moved if it differs by FLOOR grey levels and DEVIATIONS mean deviations more than it usually does, or by ALWAYS_MOVED more
than most tiles usually do."""

SHAKEN = 0.25
"""Share of the contrast around a pixel by which it may differ because the camera shakes."""

EVERYWHERE = 0.6
"""If this share of the tiles has moved, the camera has turned or switched its mode: the picture becomes the background."""

SHAKEN_S = 2.0
"""Time constant in which noise is learned then; where it is everywhere in each frame, it was never movement."""

HOLD_S = 1.0
"""Looking goes on for so long after the last movement."""

LOOK_AGAIN_S = 2.0
"""An unchanged picture is looked at after so long all the same."""

FOLLOWED_S = 0.4
"""So often while something that was seen is still followed, though the picture does not change."""

LONGEST_STEP_S = 1.0
"""After a gap, as when a stream came back, no more than so much is adapted at once."""

_LIGHT = 8.0  # grey levels added before light is compared, which keeps dark pictures from being all noise


class MotionGate:
    """Says which frames of one camera are worth looking at.

    Every frame must be shown to it in order: `wants` also learns. Something that is being followed keeps the gate open, at a
    lower rate if the picture stands still. `looked_at`, `seen` count frames.
    """

    def __init__(self, zones: Zones | None = None, look_again_s: float = LOOK_AGAIN_S) -> None:
        self.zones, self.look_again_s = zones or Zones(), look_again_s
        self.seen = self.looked_at = 0
        self._background: FloatTensor | None = None
        self._usual = self._deviation = np.zeros((0, 0), np.float32)
        self._counts = np.zeros((0, 0), np.bool_)
        self._time_s = self._moved_s = self._looked_s = 0.0

    def wants(self, frame: Frame, following: bool = False) -> bool:
        """Whether to look at `frame`; `following` says that something seen before is not done with."""
        self.seen += 1
        if self.moved(frame):
            self._moved_s = frame.time_s
        still_s, unseen_s = frame.time_s - self._moved_s, frame.time_s - self._looked_s
        wanted = self.looked_at == 0 or still_s <= HOLD_S or unseen_s >= (FOLLOWED_S if following else self.look_again_s)
        if wanted:
            self.looked_at += 1
            self._looked_s = frame.time_s
        return wanted

    def moved(self, frame: Frame) -> bool:
        """Whether anything in the zones differs from the background, which then adapts. True for the first frame."""
        small = shrunk(frame.pixels)
        step_s = min(max(frame.time_s - self._time_s, 0.0), LONGEST_STEP_S)
        self._time_s = frame.time_s
        if self._background is None or self._background.shape != small.shape:
            self._begin(small)
            return True
        lit = _in_the_light_of(small, self._background)
        differences = _by_tile(_beyond_shaking(lit, self._background))
        moved = self._has_moved(differences)
        if np.count_nonzero(moved) > EVERYWHERE * moved.size:
            self._background = small
            self._learn_noise(differences, _share(step_s, SHAKEN_S))
            return True
        self._learn(small, differences, moved, step_s)
        return bool((moved & self._counts).any())

    def _begin(self, small: FloatTensor) -> None:
        self._background = small
        shape = _by_tile(small).shape
        self._usual, self._deviation = np.full(shape, 1.0, np.float32), np.full(shape, 0.5, np.float32)
        self._counts = _by_tile(self.zones.mask(*small.shape).astype(np.float32)) > 0

    def _has_moved(self, differences: FloatTensor) -> NDArray[np.bool_]:
        noise = min(float(np.median(self._usual)), ALWAYS_MOVED)  # of the sensor: it is the same all over the picture
        limits = np.minimum(self._usual + FLOOR + DEVIATIONS * self._deviation, noise + ALWAYS_MOVED)
        return np.asarray(differences > limits)

    def _learn(self, small: FloatTensor, differences: FloatTensor, moved: NDArray[np.bool_], step_s: float) -> None:
        assert self._background is not None
        self._learn_noise(differences, np.where(moved, _share(step_s, MOVED_NOISE_S), _share(step_s, NOISE_S)).astype(np.float32))
        follow = np.where(moved, _share(step_s, MOVED_BACKGROUND_S), _share(step_s, BACKGROUND_S)).astype(np.float32)
        height, width = small.shape
        by_pixel = np.repeat(np.repeat(follow, TILE, axis=0), TILE, axis=1)[:height, :width]
        self._background = self._background + by_pixel * (small - self._background)

    def _learn_noise(self, differences: FloatTensor, rate: FloatTensor | float) -> None:
        away = differences - self._usual
        self._usual = self._usual + rate * away
        self._deviation = self._deviation + rate * (np.abs(away) - self._deviation)


def shrunk(pixels: Image) -> FloatTensor:
    """The picture in grey, at most LONG_SIDE pixels along its longer side, its sides whole numbers of tiles where that is possible."""
    height, width = pixels.shape[:2]
    scale = min(LONG_SIDE / max(height, width), 1.0)
    rows, columns = (max(round(side * scale / TILE) * TILE, min(side, TILE)) for side in (height, width))
    step = max(min(height // rows, width // columns) // 4, 1)  # a few pixels for each small one are enough, and far less memory to walk over
    green = np.ascontiguousarray(pixels[::step, ::step, 1])
    return cv2.resize(green, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float32)


def _in_the_light_of(small: FloatTensor, background: FloatTensor) -> FloatTensor:
    """`small` made as bright as `background` where most of the two is the same."""
    gain = float(np.median((background + _LIGHT) / (small + _LIGHT)))
    return np.asarray((small + _LIGHT) * np.float32(gain) - np.float32(_LIGHT), dtype=np.float32)


def _beyond_shaking(lit: FloatTensor, background: FloatTensor) -> FloatTensor:
    """How much each pixel differs by more than a slight movement of the camera would make it."""
    around = np.ones((3, 3), np.uint8)
    contrast = cv2.dilate(background, around) - cv2.erode(background, around)
    return np.asarray(np.maximum(np.abs(lit - background) - SHAKEN * contrast, 0.0), dtype=np.float32)


def _by_tile(values: FloatTensor) -> FloatTensor:
    """The mean of each tile."""
    height, width = values.shape
    rows, columns = -(-height // TILE), -(-width // TILE)
    if (rows * TILE, columns * TILE) != (height, width):
        values = np.pad(values, ((0, rows * TILE - height), (0, columns * TILE - width)), mode="edge")
    return np.asarray(values.reshape(rows, TILE, columns, TILE).mean(axis=(1, 3)), dtype=np.float32)


def _share(step_s: float, constant_s: float) -> float:
    return 1.0 - float(np.exp(-step_s / constant_s))
