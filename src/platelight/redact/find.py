"""Find plates so that none is missed, rather than so that none is found too many."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from platelight import detect
from platelight.detect import Effort
from platelight.pipeline import Platelight

SCORE = 0.1
"""Detector score from which a find is looked at."""

BELIEF = -4.0
"""`platelight.verify.belief_in` from which a find is hidden; for reading, more is asked for (the guide to redacting has the trade)."""


def recall_first(platelight: Platelight, effort: Effort = "thorough", score: float = SCORE, belief: float = BELIEF) -> Platelight:
    """A reader for hiding plates that shares the networks of `platelight` (which stays as it is): every scale, and weak finds kept."""
    found = copy(platelight)
    if isinstance(platelight.detector, detect.Detector):
        detector = platelight.detector
        found.detector = detect.Detector(detector.session, replace(detector.spec, threshold=score), effort)
    found.belief, found.looks, found.types = belief, 0, None  # what a plate says is of no account here
    return found
