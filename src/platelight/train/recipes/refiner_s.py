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
from platelight.train.quads import QuadStream
from platelight.train.recipe import Data, Recipe
from platelight.train.scenes import SceneSource
from platelight.train.scores import refiner_scores


def stream(data: Data, batch: int, seed: int) -> QuadStream:
    """Plates of drawn and re-plated scenes, and fewer real plates pasted into real photos and backgrounds."""
    drawn = [SceneSource(folder / "train.jsonl", 1.0 / len(data.drawn), drawn=True) for folder in data.drawn]
    grounds = [data.real / name / "train.jsonl" for name in ("scenes", "backgrounds")]
    return QuadStream(drawn, grounds, [data.real / "plates" / "train.jsonl"], batch, seed)


def score(model: nn.Module, data: Data) -> Mapping[str, float]:
    return refiner_scores(model, dev_labels(data)[0])


def train_labels(data: Data) -> Sequence[Path]:
    return [*(data.real / name / "train.jsonl" for name in ("scenes", "backgrounds", "plates")), *(folder / "train.jsonl" for folder in data.drawn)]


def dev_labels(data: Data) -> Sequence[Path]:
    return [data.real / "scenes" / "corners.jsonl"]


RECIPE = Recipe(
    name="refiner_s", role="refiner", about=(__doc__ or "").splitlines()[0], build=RefinerNet,
    stream=stream, loss=refiner_loss, score=score, train_labels=train_labels, dev_labels=dev_labels, main_score="close", batch=32, rate=2e-3,
)  # fmt: skip
