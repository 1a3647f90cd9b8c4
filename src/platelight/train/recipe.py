"""What a training is made of: a recipe builds the network, the stream of batches, the loss and the dev score."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from torch.utils.data import IterableDataset

RECIPES = {"reader": ("reader_s", "reader_drawn"), "detector": ("detector_s",), "refiner": ("refiner_s",)}


@dataclass(frozen=True, slots=True)
class Data:
    """Folders of a training: `real` holds plates/, scenes/, backgrounds/ and openalpr-*/ as data/README describes; `drawn` what `synth` wrote.

    `left_out`: names of real pictures whose label was found to be wrong.
    """

    real: Path
    drawn: tuple[Path, ...] = ()
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way of training one network. `about` says in words what it is; `rate` is the peak learning rate."""

    name: str
    role: str
    about: str
    build: Callable[[], nn.Module]
    stream: Callable[[Data, int, int], IterableDataset[Any]]  # data, batch size, seed
    loss: Callable[[Any, Any], Mapping[str, Tensor]]
    score: Callable[[nn.Module, Data], Mapping[str, float]]
    train_labels: Callable[[Data], Sequence[Path]]  # the label files that `stream` reads
    dev_labels: Callable[[Data], Sequence[Path]]  # those that `score` reads
    main_score: str
    batch: int
    rate: float
    weight_decay: float = 0.01
    ema: float = 0.9995


def read_notes(path: Path) -> frozenset[str]:
    """The pictures that a file of label notes leaves out of training: JSON lines with `image` and `decision`.

    Raises ValueError naming the line that is not one.
    """
    names = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            note = json.loads(line)
            if "left out" in note["decision"]:
                names.add(str(note["image"]))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}, line {number}: not a note with image and decision ({error})") from error
    return frozenset(names)


def check_labels(data: Data, labels: Sequence[Path]) -> None:
    """Raise ValueError for the first folder or label file that is not there, before hours are spent."""
    for folder in (data.real, *data.drawn):
        if not folder.is_dir():
            raise ValueError(f"{folder}: no such folder")
    for path in labels:
        if not path.is_file():
            raise ValueError(f"{path}: no such label file; docs/training.md says what a data folder holds")


def find(role: str, name: str) -> Recipe:
    """The recipe of that name; raises ValueError naming those there are."""
    names = RECIPES.get(role)
    if names is None:
        raise ValueError(f"no role {role!r}; there are {', '.join(RECIPES)}")
    if name not in names:
        raise ValueError(f"no recipe {name!r} for the {role}; there are {', '.join(names)}")
    recipe: Recipe = importlib.import_module(f"platelight.train.recipes.{name}").RECIPE
    return recipe
