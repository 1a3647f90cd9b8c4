"""Passes that were never driven."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np

from platelight.geometry import Box
from platelight.records import ALPHABET, Candidate, Decoding, Detection, Frame, Image, Pass, Plate, Reading

EPOCH_S = 1_795_000_000.25  # 2026-11-18T11:06:40.250Z


def plate(text: str | None = "AB12CDE", confidence: float = 0.93) -> Plate:
    log_probs = np.full((8, len(ALPHABET) + 1), -9.0, np.float32)
    for place, character in enumerate(text or ""):
        log_probs[place, 1 + ALPHABET.index(character)] = -0.01
    reading = Reading(log_probs, (0,) * 8, ALPHABET, np.log(np.array([0.9, 0.1], np.float32)), ("gb", "de"), 1, 0.9)
    candidates = () if text is None else (Candidate(text, "gb", "gb-2001", -0.1, (0.9,) * len(text)),)
    decoding = Decoding(candidates[0] if candidates else None, candidates, "AS_READ", confidence if text else 0.0, (confidence,) * len(candidates))
    return Plate(Detection(Box(100, 200, 300, 250).quad(), 0.9), reading, decoding)


def street() -> Image:
    """A gray picture with something bright where the plate is."""
    pixels = np.full((480, 640, 3), 90, np.uint8)
    pixels[200:250, 100:300] = (250, 240, 60)
    return pixels


def passed(text: str | None = "AB12CDE", camera: str = "gate", picture: bool = False, epoch_s: float = EPOCH_S, **changed: Any) -> Pass:
    frame = Frame(street(), 4.0, epoch_s, 40) if picture else None
    values: dict[str, Any] = {
        "id": str(uuid.uuid4()), "camera": camera, "plate": plate(text), "frame": frame, "first_s": 1.0, "last_s": 5.5, "first_epoch_s": epoch_s - 3,
        "last_epoch_s": epoch_s + 1.5, "best_s": 4.0, "best_epoch_s": epoch_s, "sightings": 12, "path": ((1.0, 10.0, 20.0), (4.0, 200.0, 225.0)),
        "direction": "towards", "direction_deg": 180.04, "agreement": 0.75,
    }  # fmt: skip
    return Pass(**values | changed)
