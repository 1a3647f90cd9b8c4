"""Training pictures of the detector: crops of photos at random scale and turn, with plates pasted in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from platelight.dataset import LabelledImage, read_labels
from platelight.geometry import Box, FloatArray, apply_homography
from platelight.records import Image
from platelight.train.augment import photometric
from platelight.train.plates import load_rgb, plate_corners

STRIDE = 8


@dataclass(frozen=True, slots=True)
class SceneSource:
    """A labelled file of whole pictures. `doubtful`: other plates may stand there unlabelled, so the rest is no proven negative."""

    labels: Path
    weight: float
    doubtful: bool = False
    drawn: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A picture with the corners (P, 4, 2) of its plates; `exact` (P,) false where the corners are only a box's."""

    picture: Image
    corners: FloatArray
    exact: np.ndarray
    doubtful: bool


@dataclass(frozen=True, slots=True, eq=False)
class SceneBatch:
    """`pictures` uint8 (N, S, S, 3), `heat` and `weight` (N, S/8, S/8), and per supervised cell M its plate.

    `cells` (M, 3) picture, row, column; `offsets` (M, 4, 2) pixels from the cell's centre; `sizes` (M,) pixels; `exact` (M,).
    """

    pictures: Tensor
    heat: Tensor
    weight: Tensor
    doubtful: Tensor
    cells: Tensor
    offsets: Tensor
    sizes: Tensor
    exact: Tensor


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
            corners.append(plate_corners(image, plate))
        quads = np.array(corners, dtype=np.float64).reshape(-1, 4, 2)
        doubtful = self.source.doubtful or image.path.name.startswith(("ol-", "gv-"))
        return Scene(load_rgb(image.path), quads, np.array(exact, dtype=bool), doubtful)


class Pasted:
    """Plates known by themselves (tight crops, or pictures with corners), to be pasted into photos with true corners."""

    def __init__(self, labels: list[Path]) -> None:
        self.items = [
            image
            for path in labels
            for image in read_labels(path)
            if len(image.plates) == 1 and (image.plates[0].corners is not None or image.plates[0].box is None)
        ]

    def paste(self, scene: Scene, size_px: float, rng: np.random.Generator) -> Scene:
        """Put one plate of about `size_px` width, turned in space, where no labelled plate is; the scene itself if there is no room."""
        image = self.items[int(rng.integers(len(self.items)))]
        art = load_rgb(image.path)
        source = plate_corners(image, image.plates[0])
        target = _posed(source, size_px, rng)
        height, width = scene.picture.shape[:2]
        room = np.array([width, height]) - np.ptp(target, axis=0)
        if room.min() <= 2:
            return scene
        target = target - target.min(axis=0) + rng.uniform(0, 1, 2) * room
        if any(Box(*quad.min(0), *quad.max(0)).iou(Box(*target.min(0), *target.max(0))) > 0.0 for quad in scene.corners):
            return scene
        picture = _blend(scene.picture, art, source, target, rng)
        return Scene(picture, np.concatenate([scene.corners, target[None]]), np.append(scene.exact, True), scene.doubtful)


def _posed(source: FloatArray, size_px: float, rng: np.random.Generator) -> FloatArray:
    """The plate's rectangle turned in space (roll, pitch, yaw), seen by a pinhole camera, `size_px` wide."""
    width, height = np.linalg.norm(source[1] - source[0]), np.linalg.norm(source[3] - source[0])
    roll = np.radians(rng.normal(0, 7) if rng.random() < 0.85 else rng.uniform(-45, 45))
    pitch, yaw = np.radians(rng.normal(0, 12)), np.radians(rng.normal(0, 22))
    pitch, yaw = np.clip(pitch, -0.7, 0.7), np.clip(yaw, -1.0, 1.0)
    flat = np.array([[-width, -height, 0], [width, -height, 0], [width, height, 0], [-width, height, 0]]) / (2 * width)
    turn_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    turn_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    turn_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    points = flat @ (turn_z @ turn_y @ turn_x).T
    distance = rng.uniform(2.0, 8.0)
    seen = points[:, :2] / (1 + points[:, 2:] / distance)
    return np.asarray(seen * size_px)


def _blend(picture: Image, art: Image, source: FloatArray, target: FloatArray, rng: np.random.Generator) -> Image:
    """Warp the art's quad onto the target, lit like the spot it covers, with a soft edge."""
    height, width = picture.shape[:2]
    shrink = np.linalg.norm(target[1] - target[0]) / max(np.linalg.norm(source[1] - source[0]), 1)
    if shrink < 0.6:
        art = np.asarray(cv2.resize(art, None, fx=shrink * 1.3, fy=shrink * 1.3, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        source = source * (shrink * 1.3)
    matrix = cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32))
    warped = cv2.warpPerspective(art, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(mask, np.round(target * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
    if rng.random() < 0.6:
        mask = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.4, 1.2))
    around = picture[mask > 127]
    if len(around) and rng.random() < 0.6:
        gain = np.clip((around.mean() + 60) / (float(warped[mask > 127].mean()) + 60), 0.5, 1.6)
        warped = np.clip(warped * gain, 0, 255)
    alpha = mask[:, :, None].astype(np.float32) / 255
    return np.asarray(picture * (1 - alpha) + warped * alpha, dtype=np.uint8)


def view(scene: Scene, side: int, rng: np.random.Generator) -> Scene:
    """A square crop of `side` pixels at random scale, turn and mirror, mostly around a plate."""
    height, width = scene.picture.shape[:2]
    fitting = side / max(height, width)
    if len(scene.corners) and rng.random() < 0.85:
        quad = scene.corners[int(rng.integers(len(scene.corners)))]
        wanted = np.exp(rng.uniform(np.log(16), np.log(160))) if rng.random() < 0.85 else rng.uniform(160, 0.95 * side)
        scale = float(np.clip(wanted / max(np.linalg.norm(quad[1] - quad[0]), 4), 0.75 * fitting, 3.0))
        centre, extent = quad.mean(axis=0), np.array([width, height]) * scale
        shown = centre * scale  # where the plate's centre lies in the scaled picture
        low, high = np.minimum(extent - side, 0), np.maximum(extent - side, 0)  # the view's corner: inside the picture where it can be
        corner = np.clip(shown - rng.uniform(0.03, 0.97, 2) * side, low, high)
        place = shown - corner
    else:
        scale, centre = float(np.exp(rng.uniform(-0.2, 0.9))) * fitting, np.array([width, height]) * rng.uniform(0.3, 0.7, 2)
        place = np.array([side, side]) / 2
    exact = bool(scene.exact.all())
    angle = np.radians(_roll(rng) if exact else rng.normal(0, 2))
    stretch = np.exp(rng.normal(0, 0.08))
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.diag([stretch, 1 / stretch])
    mirror = rng.random() < 0.3
    if mirror:
        linear = linear @ np.diag([-1.0, 1.0])
    matrix = np.column_stack([linear, place - linear @ centre])
    source = scene.picture
    if scale < 0.55:
        shrink = scale * 1.4
        source = np.asarray(cv2.resize(source, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        factors = np.diag([source.shape[1] / width, source.shape[0] / height])
        warp = np.column_stack([linear @ np.linalg.inv(factors), matrix[:, 2]])
    else:
        warp = matrix
    fill = tuple(int(value) for value in rng.integers(0, 256, 3)) if rng.random() < 0.5 else (114, 114, 114)
    picture = cv2.warpAffine(source, warp, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=fill)
    full = np.vstack([matrix, [0, 0, 1]])
    corners = apply_homography(full, scene.corners) if len(scene.corners) else scene.corners
    if mirror and len(corners):
        corners = corners[:, [1, 0, 3, 2]]
    return Scene(np.asarray(picture, dtype=np.uint8), corners, scene.exact, scene.doubtful)


def _roll(rng: np.random.Generator) -> float:
    """Degrees: mostly nearly level, some strongly tilted, a few sideways or upside down."""
    kind = rng.random()
    if kind < 0.6:
        return float(rng.normal(0, 3))
    if kind < 0.94:
        return float(rng.uniform(-45, 45))
    return float(rng.choice([90, 180, 270]) + rng.normal(0, 8))


def collate(scenes: list[Scene]) -> SceneBatch:
    """Heat maps and supervised cells of a batch of square views."""
    side = scenes[0].picture.shape[0] // STRIDE
    heat, weight = np.zeros((len(scenes), side, side), np.float32), np.ones((len(scenes), side, side), np.float32)
    cells, offsets, sizes, exact = [], [], [], []
    for index, scene in enumerate(scenes):
        for corners, known in zip(scene.corners, scene.exact, strict=True):
            size = (np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[3] - corners[0])) / 2
            centre = corners.mean(axis=0) / STRIDE
            column, row = int(np.floor(centre[0])), int(np.floor(centre[1]))
            if not (0 <= row < side and 0 <= column < side) or size < 7:
                _veil(weight[index], corners)
                continue
            _stamp(heat[index], row, column, corners)
            for r, c in _near(row, column, corners, side):
                cells.append((index, r, c))
                offsets.append(corners - (np.array([c, r]) + 0.5) * STRIDE)
                sizes.append(size)
                exact.append(bool(known))
    return SceneBatch(
        torch.from_numpy(np.stack([scene.picture for scene in scenes])), torch.from_numpy(heat), torch.from_numpy(weight),
        torch.tensor([scene.doubtful for scene in scenes]), torch.tensor(cells, dtype=torch.long).view(-1, 3),
        torch.tensor(np.array(offsets, dtype=np.float32)).view(-1, 4, 2), torch.tensor(sizes, dtype=torch.float32), torch.tensor(exact, dtype=torch.bool),
    )  # fmt: skip


def _veil(weight: np.ndarray, corners: FloatArray) -> None:
    """Neither plate nor background: a plate whose centre lies outside the view, or one too small to be seen."""
    low, high = np.floor(corners.min(0) / STRIDE).astype(int), np.ceil(corners.max(0) / STRIDE).astype(int)
    weight[max(low[1], 0) : max(high[1], 0), max(low[0], 0) : max(high[0], 0)] = 0


def _stamp(heat: np.ndarray, row: int, column: int, corners: FloatArray) -> None:
    """A Gaussian bump with its peak of 1 at the centre's cell, as wide as the plate allows."""
    extent = np.ptp(corners, axis=0) / STRIDE
    spread_x, spread_y = max(extent[0] / 8, 0.45), max(extent[1] / 6, 0.45)
    rows, columns = np.ogrid[: heat.shape[0], : heat.shape[1]]
    bump = np.exp(-((columns - column) ** 2) / (2 * spread_x**2) - (rows - row) ** 2 / (2 * spread_y**2))
    np.maximum(heat, bump, out=heat)
    heat[row, column] = 1.0


def _near(row: int, column: int, corners: FloatArray, side: int) -> list[tuple[int, int]]:
    """The centre's cell and, on larger plates, its neighbours, so that a slightly wrong peak still has good corners."""
    extent = np.ptp(corners, axis=0) / STRIDE
    right, down = (1 if extent[0] >= 4 else 0), (1 if extent[1] >= 3 else 0)
    around = [(r, c) for r in range(row - down, row + down + 1) for c in range(column - right, column + right + 1)]
    return [(r, c) for r, c in around if 0 <= r < side and 0 <= c < side]


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
            keep = scene.exact.copy()
            if keep.any() and rng.random() < 0.7:  # look at the pasted plate, and then any turn is allowed
                focus = Scene(scene.picture, scene.corners, keep, scene.doubtful)
                return self._lit(view(focus, self.side, rng), rng)
        return self._lit(view(scene, self.side, rng), rng)

    def _lit(self, scene: Scene, rng: np.random.Generator) -> Scene:
        return Scene(photometric(scene.picture, rng, 0.8), scene.corners, scene.exact, scene.doubtful)
