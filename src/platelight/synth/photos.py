"""Folders of labelled photos as a source of pictures, read when needed and kept small."""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from platelight.dataset import LabelledImage, find_split, read_labels
from platelight.records import Image

MOST_BYTES = 300_000_000


class PhotoPool:
    """The pictures of one split of a data folder, shrunk to `longest_px`; the ones used last are kept, up to MOST_BYTES."""

    def __init__(self, folder: Path | str, longest_px: int, split: str = "train") -> None:
        self.entries: list[LabelledImage] = read_labels(find_split(folder, split))
        if not self.entries:
            raise ValueError(f"{folder}: split {split!r} holds no picture")
        self._longest_px = longest_px
        self._kept: OrderedDict[int, Image] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self.entries)

    def picture(self, index: int) -> Image:
        """Picture `index` as RGB, its longer side at most `longest_px`. Raises ValueError where the file is no picture."""
        if index in self._kept:
            self._kept.move_to_end(index)
            return self._kept[index]
        picture = self._kept[index] = self._read(self.entries[index].path)
        self._bytes += picture.nbytes
        while self._bytes > MOST_BYTES and len(self._kept) > 1:
            self._bytes -= self._kept.popitem(last=False)[1].nbytes
        return picture

    def patch(self, rng: np.random.Generator, height: int, width: int) -> Image:
        """A random part of a random picture, enlarged where it has to be, (height, width, 3)."""
        picture = self.picture(int(rng.integers(len(self.entries))))
        rows, columns = picture.shape[:2]
        most = min(rows / height, columns / width)
        scale = most * rng.uniform(0.35, 1.0)
        part_height, part_width = max(int(height * scale), 1), max(int(width * scale), 1)
        top = int(rng.integers(rows - part_height + 1))
        left = int(rng.integers(columns - part_width + 1))
        part = picture[top : top + part_height, left : left + part_width]
        return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR), dtype=np.uint8)

    def _read(self, path: Path) -> Image:
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if picture is None:
            raise ValueError(f"{path}: not a picture that can be read")
        shrink = self._longest_px / max(picture.shape[:2])
        if shrink < 1:
            picture = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        return np.asarray(np.ascontiguousarray(picture[..., ::-1]), dtype=np.uint8)


@lru_cache(maxsize=8)
def pool(folder: Path, longest_px: int) -> PhotoPool:
    """The pool of a folder, opened once in this process."""
    return PhotoPool(folder, longest_px)
