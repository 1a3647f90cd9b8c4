"""Training pictures of the reader: plates cut from labelled pictures with the corner errors of a real detector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import torch
from torch.utils.data import IterableDataset, get_worker_info

from platelight.dataset import LabelledImage, PlateLabel, read_labels
from platelight.geometry import Box, FloatArray, Quad, apply_homography, homography
from platelight.records import ALPHABET, Image
from platelight.rectify import rectify
from platelight.train.augment import PLATE, photometric
from platelight.train.cuts import inner_box
from platelight.train.incomplete import incomplete

WIDTH, HEIGHT = 160, 64
MAX_TEXT = 14
UNSTRAIGHTENED = 0.25
"""Share of the plates with known corners that are cut by their box instead: pictures given as crops come like that."""
ASKEW = 0.12
"""Share of the plates that are cut turned and slanted, as by a corner far off."""
FALSE_FINDS = "false finds"
"""Source of pictures that show what a detector took for a plate (`false_finds`)."""
SPLICED = "spliced"
"""Source of pictures made of several real plates (`splice`)."""
INCOMPLETE = 0.06
"""Share of the plates that lose characters at a side or in the middle."""
TURNED = 0.03
"""Share of the plates that are shown upside down or on their side, to be refused: so plate-ness tells the right way up."""
UNKNOWN = -1
"""Label of a country, a number of lines or a text that is not known; no loss is taken on it."""


@dataclass(frozen=True, slots=True)
class PlateSource:
    """One labelled file and how much it counts: `weight` is its share of the samples, `drawn` turns heavy augmentation off."""

    labels: Path
    weight: float
    drawn: bool = False
    skip_flags: frozenset[str] = field(default=frozenset({"show", "amb", "cut"}))
    left_out: frozenset[str] = frozenset()  # names of pictures whose label is wrong


@dataclass(frozen=True, slots=True)
class PlateTarget:
    """What a picture says. `text_lines` is None where the split into lines is not known, empty for a non-plate.

    `whole` is false where characters are cut off or covered, so that the text is not to be read out.

    `zero_or_o`: the label writes the digit 0 for the letter O as well, so neither can be told from it.
    """

    text: str
    text_lines: tuple[str, ...] | None
    country: int
    lines: int
    is_plate: bool
    zero_or_o: bool = False
    whole: bool = True


def encode(text: str) -> list[int]:
    """Class indices of a text; class 0 is the CTC blank."""
    return [ALPHABET.index(character) + 1 for character in text]


def cut(picture: Image, corners: FloatArray, grow: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)) -> Image:
    """Straighten the quad `corners` (4, 2) to (64, 160, 3) as the runtime does.

    `grow` moves the left, top, right, bottom edges outwards so far that they are these shares of the result.
    """
    left, top, right, bottom = (WIDTH * grow[0], HEIGHT * grow[1], WIDTH * grow[2], HEIGHT * grow[3])
    inner = np.array([[left, top], [WIDTH - right, top], [WIDTH - right, HEIGHT - bottom], [left, HEIGHT - bottom]])
    whole = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], dtype=np.float64)
    return rectify(picture, Quad.from_array(apply_homography(homography(inner, corners), whole)), WIDTH, HEIGHT).pixels


def plate_corners(image: LabelledImage, plate: PlateLabel) -> FloatArray:
    """The corners, or the box's, or the whole picture's, as (4, 2)."""
    if plate.corners is not None:
        return plate.corners.array()
    return (plate.box or Box(0.0, 0.0, float(image.width), float(image.height))).quad().array()


def _askew(corners: FloatArray, size: FloatArray, rng: np.random.Generator) -> FloatArray:
    """The quad turned and sheared against the plate, so that the plate comes out turned and slanted."""
    angle, slant = np.radians(rng.normal(0, 8)), rng.normal(0, 0.2)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    unit = (corners - corners.mean(axis=0)) @ turn
    unit[:, 0] += slant * unit[:, 1]
    return np.asarray(corners.mean(axis=0) + unit * (1 + abs(float(np.sin(angle))) * size[::-1] / size * [0.5, 1.0]), dtype=np.float64)


def jittered(corners: FloatArray, rng: np.random.Generator, exact: bool) -> FloatArray:
    """Corners with the errors of a detector: mostly small independent ones, sometimes a common shift or scale.

    One plate in `ASKEW` stays turned and slanted, as a crop that nobody has straightened. `exact` says that nothing surrounds
    the plate (a tight crop), so that outward moves would only smear the rim.
    """
    width, height = np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[3] - corners[0])
    size = np.array([width, height])
    if rng.random() < ASKEW:
        corners = _askew(corners, size, rng)
    loose = rng.random() < 0.3
    single = rng.normal(0, 0.025 if loose else 0.012, (4, 2)) * size * [0.5, 1.0]
    shift = rng.normal(0, 0.02 if loose else 0.008, 2) * size
    scale = np.exp(rng.normal(0.0 if exact else 0.02, 0.05 if loose else 0.025))
    centre = corners.mean(axis=0)
    angle = np.radians(rng.normal(0, 4 if loose else 1))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(centre + (corners - centre) @ turn * scale + single + shift, dtype=np.float64)


class PlatePool:
    """The labelled plates of one source, drawn so that rare countries are seen more often than their share."""

    def __init__(self, source: PlateSource, countries: tuple[str, ...]) -> None:
        self.source, self.countries = source, countries
        self.items = [(image, plate) for image in self._trusted() for plate in image.plates if self._usable(plate)]
        if not self.items:
            raise ValueError(f"{source.labels}: no usable plate with a text")
        kinds = [plate.country or str(image.source) for image, plate in self.items]
        counts = Counter(kinds)
        shares = np.array([counts[kind] ** -0.4 for kind in kinds])
        self.cumulative = np.cumsum(shares / shares.sum())

    def _trusted(self) -> list[LabelledImage]:
        return [image for image in read_labels(self.source.labels) if image.path.name not in self.source.left_out]

    def _zero_or_o(self, plate: PlateLabel) -> bool:
        """Nearly all real labels of the United States write O as 0."""
        return not self.source.drawn and plate.country == "us" and "0" in (plate.text or "")

    def _usable(self, plate: PlateLabel) -> bool:
        return (
            bool(plate.text)
            and len(plate.text or "") <= MAX_TEXT
            and not set(plate.text or "") - set(ALPHABET)
            and not self.source.skip_flags & set(plate.flags)
        )

    def sample(self, rng: np.random.Generator) -> tuple[Image, PlateTarget]:
        image, plate = self.items[min(int(np.searchsorted(self.cumulative, rng.random())), len(self.items) - 1)]
        return self.cut(image, plate, rng)

    def cut(self, image: LabelledImage, plate: PlateLabel, rng: np.random.Generator | None) -> tuple[Image, PlateTarget]:
        """One plate as a sample; without `rng` exactly as labelled, as the scorer sees it."""
        picture = load_rgb(image.path)
        corners = plate_corners(image, plate)
        if rng is not None:
            exact = plate.box is None and plate.corners is None
            hugging = 0.08 if "text_box" in plate.flags else 0.0
            if plate.corners is not None and rng.random() < UNSTRAIGHTENED:
                corners = plate.corners.box.quad().array()
            corners = jittered(corners, rng, exact)
            pixels = cut(picture, corners, (hugging,) * 4 if not hugging else tuple(rng.uniform(0, hugging, 4)))
            if lacking := len(plate.text or "") >= 3 and rng.random() < INCOMPLETE:
                pixels = incomplete(pixels, len(plate.text or "") / (plate.lines or 1), rng)
            pixels = photometric(pixels, rng, 0.35 if self.source.drawn else 1.0, PLATE)
        else:
            pixels, lacking = cut(picture, corners), False
        text = plate.text or ""
        parts = tuple(plate.text_lines) if plate.text_lines else ((text,) if plate.lines == 1 else None)
        if parts is not None and "".join(parts) != text:
            parts = None
        country = self.countries.index(plate.country) if plate.country in self.countries else UNKNOWN
        lines = plate.lines - 1 if plate.lines else UNKNOWN
        return pixels, PlateTarget(text, parts, country, lines, True, self._zero_or_o(plate), not lacking)


class NonPlates:
    """Pictures that hold no plate, cut at random shapes, and what a detector took for plates: what the reader must refuse."""

    def __init__(self, labels: Path) -> None:
        self.items = [image for image in read_labels(labels) if not image.plates]
        if not self.items:
            raise ValueError(f"{labels}: no picture without plates")

    def sample(self, rng: np.random.Generator) -> tuple[Image, PlateTarget]:
        image = self.items[int(rng.integers(len(self.items)))]
        picture = load_rgb(image.path)
        height, width = picture.shape[:2]
        if image.source == FALSE_FINDS:
            box = inner_box(width, height)
        else:
            box = _some_box(width, height, rng)
        corners = box.quad().array()
        return photometric(cut(picture, jittered(corners, rng, False)), rng, softness=PLATE), PlateTarget("", (), UNKNOWN, UNKNOWN, False)


def _some_box(width: int, height: int, rng: np.random.Generator) -> Box:
    wide = min(width * rng.uniform(0.1, 1.0), width - 2)
    high = min(wide / rng.uniform(1.2, 5.0), height - 2)
    x, y = rng.uniform(0, width - wide), rng.uniform(0, height - high)
    return Box(x, y, x + wide, y + high)


def kind_of(labels: Path) -> Literal["drawn", "spliced", "none"]:
    """What a folder of pictures for training shows: drawn plates, plates made of real ones, or no plate at all."""
    images = read_labels(labels)
    if not any(image.plates for image in images):
        return "none"
    return "spliced" if all(image.source == SPLICED for image in images) else "drawn"


def load_rgb(path: Path) -> Image:
    """Decode a training picture; raises ValueError naming it where that fails."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f"{path}: cannot be decoded")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class PlateBatch:
    """`pictures` uint8 (N, 64, 160, 3) and N targets."""

    pictures: torch.Tensor
    targets: list[PlateTarget]


class PlateStream(IterableDataset[PlateBatch]):
    """An endless stream of batches mixed from sources by weight; every worker draws its own."""

    def __init__(self, sources: list[PlateSource], backgrounds: list[Path], countries: tuple[str, ...], batch: int, seed: int, nonplates: float) -> None:
        self.sources, self.backgrounds, self.countries = sources, backgrounds, countries
        self.batch, self.seed, self.nonplates = batch, seed, nonplates

    def __iter__(self) -> Iterator[PlateBatch]:
        worker = get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id if worker else 0])
        cv2.setNumThreads(1)
        pools = [PlatePool(source, self.countries) for source in self.sources]
        others = [NonPlates(path) for path in self.backgrounds]
        weights = np.array([source.weight for source in self.sources])
        weights = weights / weights.sum()
        while True:
            samples = []
            for _ in range(self.batch):
                pool = others[int(rng.integers(len(others)))] if others and rng.random() < self.nonplates else pools[int(rng.choice(len(pools), p=weights))]
                sample = pool.sample(rng)
                samples.append(turned(sample[0], rng) if rng.random() < TURNED else sample)
            yield collate(samples)


def turned(picture: Image, rng: np.random.Generator) -> tuple[Image, PlateTarget]:
    """A plate picture turned by 180, seldom by 90 or 270 degrees: no plate as the reader is to see one."""
    quarters = int(rng.choice([2, 2, 2, 1, 3]))
    around = np.rot90(picture, quarters)
    pixels = cv2.resize(np.ascontiguousarray(around), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(pixels, dtype=np.uint8), PlateTarget("", (), UNKNOWN, UNKNOWN, False)


def collate(samples: list[tuple[Image, PlateTarget]]) -> PlateBatch:
    return PlateBatch(torch.from_numpy(np.stack([picture for picture, _ in samples])), [target for _, target in samples])
