"""The reader of size s from drawn plates alone: no photo but backgrounds, as deep-anpr was trained.

What it reads of real plates says how true the drawings are, and it is the start of `training/sources_study.py`.

Command:  platelight train reader --recipe reader_drawn --data DATA --drawn DRAWN --minutes 40 --out DIR
Machine:  one core of an AMD EPYC (Zen 4), bf16; about 80 plates a second.
Expected: the table of sources in docs/accuracy.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from platelight.train.recipe import Data
from platelight.train.recipes.reader_s import RECIPE as READER_S
from platelight.train.recipes.reader_s import stream


def train_labels(data: Data) -> Sequence[Path]:
    return [data.real / "backgrounds" / "train.jsonl", *(folder / "train.jsonl" for folder in data.drawn)]


RECIPE = replace(READER_S, name="reader_drawn", about=(__doc__ or "").splitlines()[0], stream=partial(stream, photos={}), train_labels=train_labels)
