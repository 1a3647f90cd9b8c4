"""Training pictures of the refiner: plates with true corners, cut as a detector with imperfect corners would cut them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info

from platelight.dataset import LabelledImage, read_labels
from platelight.geometry import FloatArray, Quad, apply_homography
from platelight.records import Image
from platelight.rectify import rectify
from platelight.train.augment import PLATE, photometric
from platelight.train.plates import load_rgb
from platelight.train.scenes import Pasted, SceneSource, rim
from platelight.train.views import Scene

WIDTH, HEIGHT, MARGIN = 160, 96, 0.25
"""Input of the refiner, and how much of the plate's size is seen around it on every side."""
SMALLEST_PX = 24.0
BARE = 0.1
"""Share of the plates that are cut by their own rim with nothing around: what `--crops` is given."""
BEYOND_PX = 24.0
"""A corner so far outside of the cut is still taught, as the nearest point inside: a second look then finds it."""
REAL, NO_PLATES = 0.4, 0.6
"""How much plates of real photos count, of which only that they are plates is taught, and what was taken for plates; drawn plates count 1."""
NO_PLATE, PLACES = "no_plate", "places.jsonl"
"""Flag of a labelled place that was taken for a plate, and the file that `train.false_finds` writes them to."""
PASTED = 0.6
"""How much plates pasted into photos count against drawn ones: true light and dirt, but their rim is only as good as the crop they come from."""


@dataclass(frozen=True, slots=True, eq=False)
class QuadBatch:
    """`pictures` uint8 (N, 96, 160, 3), `corners` (N, 4, 2) in their pixels, whether those are true (`exact`, N), and whether it is a `plate` (N)."""

    pictures: torch.Tensor
    corners: torch.Tensor
    exact: torch.Tensor
    plate: torch.Tensor


def misplaced(corners: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Corners (4, 2) as a detector might give them: near the true ones, often level where the plate is turned, sometimes far off."""
    width, height = np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[3] - corners[0])
    size = np.array([width, height])
    kind = rng.random()
    if kind < 0.2:
        corners = Quad.from_array(corners).box.quad().array()
        spread, shift = 0.02, 0.03
    elif kind < 0.75:
        spread, shift = 0.04, 0.03
    else:
        spread, shift = 0.09, 0.07
    centre = corners.mean(axis=0)
    angle = np.radians(rng.normal(0, 3 if kind < 0.75 else 9))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    scale = np.exp(rng.normal(0, 0.06, 2) + rng.normal(0, 0.05))
    moved = centre + (corners - centre) @ turn * scale + rng.normal(0, shift, 2) * size + rng.normal(0, spread, (4, 2)) * size * [0.5, 1.0]
    return np.asarray(moved, dtype=np.float64)


def cut(picture: Image, true: FloatArray, guess: FloatArray) -> tuple[Image, FloatArray]:
    """The plate at `guess` (4, 2) with its margin (96, 160, 3), and the true corners in its pixels."""
    plate = rectify(picture, Quad.from_array(guess), WIDTH, HEIGHT, MARGIN)
    return plate.pixels, apply_homography(np.asarray(np.linalg.inv(plate.to_frame), dtype=np.float64), true)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One cut: `pixels` (96, 160, 3), `corners` (4, 2) in it, whether they are true, whether it shows a plate."""

    pixels: Image
    corners: FloatArray
    exact: bool
    plate: bool


class QuadPool:
    """The plates with corners of labelled files, and plates pasted into their pictures.

    `exact`: the corners are true; `plate`: what they hold is a plate, and not what a detector took for one.
    """

    def __init__(self, source: SceneSource, pasted: Pasted | None = None, exact: bool = True, plate: bool = True) -> None:
        self.pasted, self.exact, self.plate = pasted, exact, plate
        images = read_labels(source.labels)
        known = [(image, plate) for image in images for plate in image.plates if plate.corners or (plate.box and not exact)]
        quads = [(image, Quad.from_array(rim(image, plate))) for image, plate in known]
        quads = [(image, quad) for image, quad in quads if quad.width_px >= SMALLEST_PX]
        self.items: list[tuple[LabelledImage, Quad | None]] = [(image, None) for image in images] if pasted is not None else list(quads)
        if not self.items:
            raise ValueError(f"{source.labels}: no plate with corners")

    def sample(self, rng: np.random.Generator) -> tuple[Image, FloatArray]:
        """A picture with a plate, and the plate's corners in it."""
        image, quad = self.items[int(rng.integers(len(self.items)))]
        picture = load_rgb(image.path)
        if quad is not None:
            return picture, quad.array()
        scene = Scene(picture, np.zeros((0, 4, 2)), np.zeros(0, dtype=bool), False)
        if self.pasted is not None:
            scene = self.pasted.paste(scene, max(picture.shape[:2]) * float(np.exp(rng.uniform(np.log(0.06), np.log(0.6)))), rng)
        if not len(scene.corners):  # no room: the middle of the picture would be no plate, so try another
            return self.sample(rng)
        return scene.picture, scene.corners[0]


class QuadStream(IterableDataset[QuadBatch]):
    """An endless stream of batches mixed from pools by weight."""

    def __init__(self, sources: list[SceneSource], grounds: list[Path], plates: list[Path], real: Path, places: list[Path], batch: int, seed: int) -> None:
        self.sources, self.grounds, self.plates, self.real, self.places, self.batch, self.seed = sources, grounds, plates, real, places, batch, seed

    def __iter__(self) -> Iterator[QuadBatch]:
        worker = get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        cv2.setNumThreads(1)
        pasted = Pasted(self.plates)
        pools = [QuadPool(source) for source in self.sources] + [QuadPool(SceneSource(path, 1.0), pasted) for path in self.grounds]
        pools += [QuadPool(SceneSource(self.real, 1.0), exact=False)]
        pools += [QuadPool(SceneSource(path, 1.0), exact=False, plate=False) for path in self.places]
        weights = np.array([source.weight for source in self.sources] + [PASTED / len(self.grounds)] * len(self.grounds) + [REAL])
        weights = np.concatenate([weights, np.full(len(self.places), NO_PLATES / max(len(self.places), 1))])
        weights = weights / weights.sum()
        while True:
            yield collate([_one(pools[int(rng.choice(len(pools), p=weights))], rng) for _ in range(self.batch)])


def _one(pool: QuadPool, rng: np.random.Generator) -> Sample:
    """A cut as a detector would make it, and the corners in it."""
    while True:
        picture, true = pool.sample(rng)
        if pool.plate and rng.random() < BARE:
            picture, true = _bare(picture, true)
            guess = np.array([[0, 0], [picture.shape[1], 0], [picture.shape[1], picture.shape[0]], [0, picture.shape[0]]], dtype=np.float64)
        else:
            guess = misplaced(true, rng)
        if not cv2.isContourConvex(guess.astype(np.float32)):
            continue
        pixels, corners = cut(picture, true, guess)
        seen = np.clip(corners, 2, [WIDTH - 2, HEIGHT - 2])
        if np.abs(corners - seen).max() < BEYOND_PX:
            return Sample(photometric(pixels, rng, 0.8, PLATE), seen, pool.exact, pool.plate)


def _bare(picture: Image, corners: FloatArray) -> tuple[Image, FloatArray]:
    """The picture cut down to the box around the plate."""
    height, width = picture.shape[:2]
    low = np.clip(np.floor(corners.min(axis=0)), 0, [width - 8, height - 8]).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)), low + 8, [width, height]).astype(int)
    return picture[low[1] : high[1], low[0] : high[0]], corners - low


def collate(samples: list[Sample]) -> QuadBatch:
    corners = torch.from_numpy(np.stack([sample.corners for sample in samples]).astype(np.float32))
    exact, plate = (torch.tensor([getattr(sample, name) for sample in samples]) for name in ("exact", "plate"))
    return QuadBatch(torch.from_numpy(np.stack([sample.pixels for sample in samples])), corners, exact, plate)
