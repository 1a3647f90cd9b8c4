"""Small data folders for the training tests, drawn on the spot; without torch the whole folder is skipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from platelight.dataset import LabelledImage, PlateLabel, write_labels
from platelight.geometry import Box, Quad
from platelight.records import Image
from platelight.synth.generate import draw_plate

if TYPE_CHECKING:
    from platelight.train.recipe import Recipe


class _NeedsTorch(pytest.Module):
    def collect(self) -> Iterator[pytest.Item]:
        pytest.skip("needs torch", allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    return None if find_spec("torch") else _NeedsTorch.from_parent(parent, path=module_path)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a few pictures of every kind that the recipes ask for."""
    folder = tmp_path_factory.mktemp("data")
    for split, count, first in (("train", 6, 0), ("dev", 3, 50)):
        _write(folder / "plates", split, [_crop(seed) for seed in range(first, first + count)])
        _write(folder / "scenes", split, [_scene(seed, with_plate=True) for seed in range(first, first + count)])
        _write(folder / "backgrounds", split, [_scene(seed, with_plate=False) for seed in range(first, first + count)])
    _write(folder / "scenes", "corners", [_drawn(70)])
    _write(folder / "openalpr-eu", "dev", [_scene(90, with_plate=True)])
    return folder


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `synth` writes: pictures of plates with corners."""
    folder = tmp_path_factory.mktemp("drawn")
    _write(folder, "train", [_drawn(seed) for seed in range(4)])
    return folder


@pytest.fixture(scope="session")
def small_reader() -> Recipe:
    """The recipe of the reader with a tenth of its width."""
    from platelight.records import ALPHABET
    from platelight.train.countries import COUNTRIES
    from platelight.train.models import ReaderNet
    from platelight.train.recipe import find

    return replace(find("reader", "reader_s"), build=lambda: ReaderNet(len(ALPHABET) + 1, len(COUNTRIES), (8, 8, 12, 12)), batch=4)


@pytest.fixture(scope="session")
def small_detector() -> Recipe:
    """The recipe of the detector with a quarter of its width."""
    from platelight.train.models import DetectorNet
    from platelight.train.recipe import find

    return replace(find("detector", "detector_s"), build=lambda: DetectorNet((4, 8, 8, 12, 12), neck=8), batch=2)


@pytest.fixture(scope="session")
def small_refiner() -> Recipe:
    """The recipe of the refiner with a quarter of its width."""
    from platelight.train.models import RefinerNet
    from platelight.train.recipe import find

    return replace(find("refiner", "refiner_s"), build=lambda: RefinerNet((4, 8, 8, 12), neck=8), batch=2)


def _write(folder: Path, split: str, pairs: list[tuple[Image, tuple[PlateLabel, ...]]]) -> None:
    (folder / "images").mkdir(parents=True, exist_ok=True)
    records = []
    for index, (picture, plates) in enumerate(pairs):
        path = folder / "images" / f"{split}-{index}.png"
        assert cv2.imwrite(str(path), picture[:, :, ::-1])
        records.append(LabelledImage(path, picture.shape[1], picture.shape[0], "drawn for tests", plates))
    write_labels(folder / f"{split}.jsonl", records)


def _drawn(seed: int) -> tuple[Image, tuple[PlateLabel, ...]]:
    picture, label = draw_plate(seed, 0)
    return picture, label.plates


def _crop(seed: int) -> tuple[Image, tuple[PlateLabel, ...]]:
    """A tight crop: the plate fills the picture, so the label has neither box nor corners."""
    picture, (plate,) = _drawn(1000 + seed)
    assert plate.corners is not None
    box = plate.corners.box
    tight = picture[max(int(box.y0), 0) : int(box.y1) + 1, max(int(box.x0), 0) : int(box.x1) + 1]
    return np.ascontiguousarray(tight), (replace(plate, box=None, corners=None),)


def _scene(seed: int, with_plate: bool) -> tuple[Image, tuple[PlateLabel, ...]]:
    """Noise with a white board; every second label has corners, the others a box only."""
    rng = np.random.default_rng(seed)
    picture = rng.integers(60, 120, (120, 160, 3)).astype(np.uint8)
    if not with_plate:
        return picture, ()
    box = Box(50.0, 60.0, 100.0, 76.0)
    picture[60:76, 50:100] = 250
    corners: Quad | None = box.quad() if seed % 2 else None
    return picture, (PlateLabel(box=box, corners=corners, text="AB123", lines=1),)
