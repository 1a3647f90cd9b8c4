"""Refiner of size s: 0.35 M parameters, 96 x 160 pixels, four corners by soft arg-max.

Command:  platelight train refiner --recipe refiner_s --data DATA --drawn SCENES --minutes 30 --out DIR
Machine:  one core of an AMD EPYC (Zen 4), bf16.
Expected: see models/CHANGELOG.md for the dev scores of each released run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import nn

from platelight.train.losses import refiner_loss
from platelight.train.models import RefinerNet
from platelight.train.quads import PLACES, QuadStream
from platelight.train.recipe import Data, Recipe
from platelight.train.scenes import SceneSource
from platelight.train.scores import refiner_scores


def stream(data: Data, batch: int, seed: int) -> QuadStream:
    """Plates of drawn and re-plated scenes, real ones pasted into photos, those of real photos, and what was taken for plates (`train.false_finds`)."""
    places, scenes = _split(data)
    drawn = [SceneSource(folder / "train.jsonl", 1.0 / len(scenes), drawn=True) for folder in scenes]
    real, backgrounds, plates = (data.real / name / "train.jsonl" for name in ("scenes", "backgrounds", "plates"))
    return QuadStream(drawn, [real, backgrounds], [plates], real, [folder / PLACES for folder in places], batch, seed)


def _split(data: Data) -> tuple[list[Path], list[Path]]:
    """The drawn folders that say where something was taken for a plate, and those that hold scenes."""
    places = [folder for folder in data.drawn if (folder / PLACES).is_file()]
    return places, [folder for folder in data.drawn if folder not in places]


def score(model: nn.Module, data: Data) -> Mapping[str, float]:
    return refiner_scores(model, dev_labels(data)[0])


def train_labels(data: Data) -> Sequence[Path]:
    places, scenes = _split(data)
    real = [data.real / name / "train.jsonl" for name in ("scenes", "backgrounds", "plates")]
    return [*real, *(folder / "train.jsonl" for folder in scenes), *(folder / PLACES for folder in places)]


def dev_labels(data: Data) -> Sequence[Path]:
    return [data.real / "scenes" / "corners.jsonl"]


RECIPE = Recipe(
    name="refiner_s", role="refiner", about=(__doc__ or "").splitlines()[0], build=RefinerNet,
    stream=stream, loss=refiner_loss, score=score, train_labels=train_labels, dev_labels=dev_labels, main_score="close", batch=32, rate=2e-3,
)  # fmt: skip
