"""Reader of size s: 1.3 M parameters, 64 x 160 pixels.

Command:  platelight train reader --recipe reader_s --data DATA --drawn DRAWN --minutes 100 --out DIR
Machine:  one to two cores of an AMD EPYC (Zen 4), bf16; about 150 plates a second and core.
Expected: see models/CHANGELOG.md for the dev scores of each released run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import nn

from platelight.records import ALPHABET
from platelight.train.countries import COUNTRIES
from platelight.train.losses import reader_loss
from platelight.train.models import ReaderNet
from platelight.train.plates import PlateSource, PlateStream, kind_of
from platelight.train.recipe import Data, Recipe
from platelight.train.scores import reader_scores

REAL, SPLICED, DRAWN = {"plates": 0.6, "scenes": 0.25}, 0.4, 0.9
"""How much each kind counts; folders of one kind share what is given to it."""

NONPLATES = 0.1


def stream(data: Data, batch: int, seed: int, photos: Mapping[str, float] = REAL) -> PlateStream:
    """Real plates (cut close, out of whole photos, or spliced of several), drawn ones, and one non-plate in ten.

    `photos`: how much the plates of each folder of real ones count. A drawn folder without any plate (`synth --kind nonplates`,
    `train.false_finds`) gives non-plates, one of `train.splice` real plates.
    """
    real = [PlateSource(data.real / name / "train.jsonl", weight, left_out=data.left_out) for name, weight in photos.items()]
    given = [(kind_of(folder / "train.jsonl"), folder / "train.jsonl") for folder in data.drawn]
    spliced, drawn, others = ([path for kind, path in given if kind == wanted] for wanted in ("spliced", "drawn", "none"))
    real += [PlateSource(path, SPLICED / len(spliced)) for path in spliced]
    painted = [PlateSource(path, DRAWN / len(drawn), drawn=True) for path in drawn]
    return PlateStream(real + painted, [data.real / "backgrounds" / "train.jsonl", *others], COUNTRIES, batch, seed, NONPLATES)


def score(model: nn.Module, data: Data) -> Mapping[str, float]:
    return reader_scores(model, dev_labels(data)[0], COUNTRIES)


def train_labels(data: Data) -> Sequence[Path]:
    return [*(data.real / name / "train.jsonl" for name in ("plates", "scenes", "backgrounds")), *(folder / "train.jsonl" for folder in data.drawn)]


def dev_labels(data: Data) -> Sequence[Path]:
    return [data.real / "plates" / "dev.jsonl"]


RECIPE = Recipe(
    name="reader_s", role="reader", about=(__doc__ or "").splitlines()[0], build=lambda: ReaderNet(len(ALPHABET) + 1, len(COUNTRIES)),
    stream=stream, loss=reader_loss, score=score, train_labels=train_labels, dev_labels=dev_labels, main_score="exact", batch=32, rate=1.5e-3,
)  # fmt: skip
