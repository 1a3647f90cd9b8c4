"""Checkpoints: what a training leaves behind and goes on from."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch

KEYS = ("recipe", "step", "seen", "average")


def load(path: Path) -> dict[str, Any]:
    """The values of a checkpoint: `recipe`, `step`, `seen`, `scores`, `average` (the weights), on the CPU.

    Raises ValueError naming the file where it is missing or no checkpoint of ours. Nothing in the file is executed.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from error
    except (RuntimeError, ValueError, EOFError, KeyError, pickle.UnpicklingError) as error:
        raise ValueError(f"{path}: not a checkpoint of `platelight train`") from error
    if not isinstance(state, dict) or any(key not in state for key in KEYS):
        raise ValueError(f"{path}: not a checkpoint of `platelight train`")
    return state
