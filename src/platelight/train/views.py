"""Square views of a scene, and a batch of them with the heat map and the cells the detector is taught by."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from platelight.geometry import FloatArray, apply_homography
from platelight.records import Image
from platelight.train.models import DetectorNet

STRIDE = DetectorNet.STRIDE
SMALLEST_PX, LARGEST_SHARE = 20.0, 0.95
"""Plate widths in a view run from this many pixels to this share of its side."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A picture with the corners (P, 4, 2) of its plates; `exact` (P,) false where the corners are only a box's.

    `doubtful`: other plates may stand in it unlabelled, so the rest is no proven negative.
    """

    picture: Image
    corners: FloatArray
    exact: NDArray[np.bool_]
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


def view(scene: Scene, side: int, rng: np.random.Generator) -> Scene:
    """A square crop of `side` pixels at random scale, turn and mirror, mostly around a plate."""
    scale, centre, place = _placement(scene, side, rng)
    angle = np.radians(_roll(rng) if scene.exact.all() else rng.normal(0, 2))
    stretch = np.exp(rng.normal(0, 0.08))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    mirrored = rng.random() < 0.3
    linear = scale * turn @ np.diag([stretch * (-1.0 if mirrored else 1.0), 1 / stretch])
    matrix = np.vstack([np.column_stack([linear, place - linear @ centre]), [0, 0, 1]])
    fill = tuple(int(value) for value in rng.integers(0, 256, 3)) if rng.random() < 0.5 else (114, 114, 114)
    corners = apply_homography(matrix, scene.corners) if len(scene.corners) else scene.corners
    if mirrored and len(corners):
        corners = corners[:, [1, 0, 3, 2]]
    return Scene(_warped(scene.picture, matrix, scale, side, fill), corners, scene.exact, scene.doubtful)


def _placement(scene: Scene, side: int, rng: np.random.Generator) -> tuple[float, FloatArray, FloatArray]:
    """Scale, the point of the picture to look at, and where in the view that point comes to lie."""
    extent = np.array([scene.picture.shape[1], scene.picture.shape[0]], dtype=np.float64)
    fitting = side / float(extent.max())
    if not len(scene.corners) or rng.random() < 0.15:
        return float(np.exp(rng.uniform(-0.2, 0.9))) * fitting, extent * rng.uniform(0.3, 0.7, 2), np.array([side / 2, side / 2])
    quad = scene.corners[int(rng.integers(len(scene.corners)))]
    wanted = np.exp(rng.uniform(np.log(SMALLEST_PX), np.log(side / 2))) if rng.random() < 0.85 else rng.uniform(side / 2, LARGEST_SHARE * side)
    scale = float(np.clip(wanted / max(float(np.linalg.norm(quad[1] - quad[0])), 4.0), 0.75 * fitting, 3.0))
    centre = quad.mean(axis=0)
    spare = extent * scale - side
    corner = np.clip(centre * scale - rng.uniform(0.03, 0.97, 2) * side, np.minimum(spare, 0), np.maximum(spare, 0))
    return scale, centre, centre * scale - corner


def _warped(picture: Image, matrix: FloatArray, scale: float, side: int, fill: tuple[int, ...]) -> Image:
    """The picture under `matrix`, shrunk by area first where much detail would alias.

    OpenCV counts from pixel centres, our matrices from pixel corners: hence the half pixels.
    """
    height, width = picture.shape[:2]
    if scale < 0.55:
        picture = np.asarray(cv2.resize(picture, None, fx=scale * 1.4, fy=scale * 1.4, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        matrix = matrix @ np.diag([width / picture.shape[1], height / picture.shape[0], 1.0])
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    centred = (np.linalg.inv(half) @ matrix @ half)[:2]
    seen = cv2.warpAffine(picture, centred, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=fill)
    return np.asarray(seen, dtype=np.uint8)


def _roll(rng: np.random.Generator) -> float:
    """Degrees: mostly nearly level, some strongly tilted, a few sideways or upside down."""
    kind = rng.random()
    if kind < 0.55:
        return float(rng.normal(0, 3))
    if kind < 0.85:
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
