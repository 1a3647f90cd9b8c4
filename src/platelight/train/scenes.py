"""Training pictures of the detector: crops of photos at random scale and turn, with plates pasted in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from torch.utils.data import IterableDataset, get_worker_info

from platelight.dataset import LabelledImage, PlateLabel, read_labels
from platelight.geometry import Box, FloatArray, Quad, homography
from platelight.records import Image
from platelight.synth import compose, pose
from platelight.train.augment import photometric
from platelight.train.plates import load_rgb, plate_corners
from platelight.train.views import Scene, SceneBatch, collate, view

TEXT_TO_RIM = np.array([1.08, 1.35])
"""A plate is about this much wider and higher than the block of its characters."""


@dataclass(frozen=True, slots=True)
class SceneSource:
    """A labelled file of whole pictures. `doubtful`: other plates may stand there unlabelled, so the rest is no proven negative."""

    labels: Path
    weight: float
    doubtful: bool = False
    drawn: bool = False


class ScenePool:
    """The pictures of one source."""

    def __init__(self, source: SceneSource) -> None:
        self.source = source
        self.items = [image for image in read_labels(source.labels) if self._usable(image)]
        if not self.items:
            raise ValueError(f"{source.labels}: no usable picture")

    def _usable(self, image: LabelledImage) -> bool:
        return all(plate.box is not None or plate.corners is not None for plate in image.plates)

    def scene(self, rng: np.random.Generator) -> Scene:
        image = self.items[int(rng.integers(len(self.items)))]
        corners, exact = [], []
        for plate in image.plates:
            exact.append(plate.corners is not None)
            corners.append(rim(image, plate))
        quads = np.array(corners, dtype=np.float64).reshape(-1, 4, 2)
        doubtful = self.source.doubtful or image.path.name.startswith(("ol-", "gv-"))
        return Scene(load_rgb(image.path), quads, np.array(exact, dtype=bool), doubtful)


def rim(image: LabelledImage, plate: PlateLabel) -> FloatArray:
    """The corners (4, 2) of a plate, or of its box; a box that hugs the characters is widened to about the plate's rim."""
    corners = plate_corners(image, plate)
    if plate.corners is not None or "text_box" not in plate.flags:
        return corners
    centre = corners.mean(axis=0)
    return np.asarray(centre + (corners - centre) * TEXT_TO_RIM)


class Pasted:
    """Plates known by themselves (tight crops, or pictures with corners), to be pasted into photos with true corners."""

    def __init__(self, labels: list[Path]) -> None:
        self.items = [image for path in labels for image in read_labels(path) if len(image.plates) == 1 and self._tight(image.plates[0])]
        if not self.items:
            raise ValueError(f"{', '.join(map(str, labels))}: no tight crop and no plate with corners that could be pasted")

    @staticmethod
    def _tight(plate: PlateLabel) -> bool:
        """Whether the plate's rim is known; crops that a machine labelled are cut too wide."""
        return plate.corners is not None or (plate.box is None and "machine_label" not in plate.flags)

    def paste(self, scene: Scene, size_px: float, rng: np.random.Generator) -> Scene:
        """Put one plate of about `size_px` width, turned in space, where no labelled plate is; the scene itself if there is no room."""
        image = self.items[int(rng.integers(len(self.items)))]
        art = _flat(load_rgb(image.path), plate_corners(image, image.plates[0]))
        quad = pose.project(pose.sample(rng), art.shape[1] / art.shape[0], size_px)
        height, width = scene.picture.shape[:2]
        room = np.array([width - quad.box.width, height - quad.box.height])
        if room.min() <= 2:
            return scene
        quad = quad.moved(*(rng.uniform(0, 1, 2) * room - [quad.box.x0, quad.box.y0]))
        if any(Quad.from_array(other).box.iou(quad.box) > 0 for other in scene.corners):
            return scene
        lit = _lit(art, scene.picture, quad.box, rng)
        picture = compose.place(scene.picture, lit, np.full(art.shape[:2], 255, np.uint8), quad, shadow=rng.uniform(0, 0.6))
        return Scene(picture, np.concatenate([scene.corners, quad.array()[None]]), np.append(scene.exact, True), scene.doubtful)


def _flat(picture: Image, corners: FloatArray) -> Image:
    """The plate alone, straightened to its own size."""
    width, height = (max(round(float(np.linalg.norm(corners[k] - corners[0]))), 8) for k in (1, 3))
    half = np.full(2, 0.5)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float64)
    return np.asarray(cv2.warpPerspective(picture, homography(corners - half, target - half), (width, height), borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def _lit(art: Image, picture: Image, box: Box, rng: np.random.Generator) -> Image:
    """Mostly brought towards the brightness of the spot it will cover."""
    spot = picture[max(int(box.y0), 0) : int(box.y1) + 1, max(int(box.x0), 0) : int(box.x1) + 1]
    if not spot.size or rng.random() < 0.4:
        return art
    gain = float(np.clip((spot.mean() + 60) / (float(art.mean()) + 60), 0.5, 1.6))
    return np.asarray(np.clip(art * np.float32(gain), 0, 255), dtype=np.uint8)


class SceneStream(IterableDataset[SceneBatch]):
    """An endless stream of batches of square views."""

    def __init__(self, sources: list[SceneSource], pasted: list[Path], side: int, batch: int, seed: int, paste: float) -> None:
        self.sources, self.pasted, self.side, self.batch, self.seed, self.share = sources, pasted, side, batch, seed, paste

    def __iter__(self) -> Iterator[SceneBatch]:
        worker = get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        cv2.setNumThreads(1)
        pools = [ScenePool(source) for source in self.sources]
        plates = Pasted(self.pasted) if self.pasted else None
        weights = np.array([source.weight for source in self.sources])
        weights = weights / weights.sum()
        while True:
            yield collate([self._one(pools[int(rng.choice(len(pools), p=weights))], plates, rng) for _ in range(self.batch)])

    def _one(self, pool: ScenePool, plates: Pasted | None, rng: np.random.Generator) -> Scene:
        scene = pool.scene(rng)
        longest = max(scene.picture.shape[:2])
        if plates and not pool.source.drawn and rng.random() < self.share:
            scene = plates.paste(scene, longest * float(np.exp(rng.uniform(np.log(0.05), np.log(0.4)))), rng)
        seen = view(scene, self.side, rng)
        return Scene(photometric(seen.picture, rng, 0.5), seen.corners, seen.exact, seen.doubtful)
