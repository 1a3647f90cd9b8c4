"""Detector of size s: 1.5 M parameters, heat map at stride 8, four corners.

Command:  platelight train detector --recipe detector_s --data DATA --drawn DRAWN --minutes 60 --out DIR
Machine:  one core of an AMD EPYC (Zen 4), bf16.
Expected: see models/CHANGELOG.md for the dev scores of each released run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import nn

from platelight.train.losses import detector_loss
from platelight.train.models import DetectorNet
from platelight.train.recipe import Data, Recipe
from platelight.train.scenes import SceneSource, SceneStream
from platelight.train.scores import detector_scores

SIDE = 320
PASTED = 0.35


def stream(data: Data, batch: int, seed: int) -> SceneStream:
    """Real photos, backgrounds, drawn scenes; plates pasted into a third of the real ones for true corners."""
    sources = [SceneSource(data.real / "scenes" / "train.jsonl", 3.0), SceneSource(data.real / "backgrounds" / "train.jsonl", 1.0)]
    sources += [SceneSource(folder / "train.jsonl", 3.0 / len(data.drawn), drawn=True) for folder in data.drawn]
    return SceneStream(sources, [data.real / "plates" / "train.jsonl"], SIDE, batch, seed, PASTED)


def score(model: nn.Module, data: Data) -> Mapping[str, float]:
    return detector_scores(model, {path.parent.name.removeprefix("openalpr-"): path for path in dev_labels(data)})


def train_labels(data: Data) -> Sequence[Path]:
    return [*(data.real / name / "train.jsonl" for name in ("scenes", "backgrounds", "plates")), *(folder / "train.jsonl" for folder in data.drawn)]


def dev_labels(data: Data) -> Sequence[Path]:
    """Those of the openalpr sets that the folder holds, and our own two, which it must hold."""
    public = [data.real / name / "dev.jsonl" for name in ("openalpr-eu", "openalpr-br", "openalpr-us")]
    return [*(path for path in public if path.is_file()), *(data.real / name / "dev.jsonl" for name in ("scenes", "backgrounds"))]


RECIPE = Recipe(
    name="detector_s", role="detector", about=(__doc__ or "").splitlines()[0], build=DetectorNet,
    stream=stream, loss=detector_loss, score=score, train_labels=train_labels, dev_labels=dev_labels, main_score="mean", batch=16, rate=1.5e-3,
)  # fmt: skip
