"""Is a find a plate? What the detector saw and what the reader saw decide it together; and what a plate's place says about it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from platelight.geometry import Quad
from platelight.records import Detection, Image, Reading

SCORE_WEIGHT, PLATENESS_WEIGHT, CONTEXT_WEIGHT, TEXT_WEIGHT, BELIEF = 2.8, 0.65, 0.8, 0.9, -0.5
"""A find is a plate if the weighted sum of the detector's, the reader's and the refiner's log-odds and the log-probability of the text
that was read reaches BELIEF. What one of them takes for a plate by mistake the others seldom do. These weights and STRANGE are those of a
logistic regression over the finds of detector-s-3 in photos of `scenes` and `backgrounds` and in 300 drawn non-plates
(training/plate_decision.py), rounded; BELIEF was chosen from its table.
"""

STRANGE = 3.6
"""So much more must speak for a find whose text fits no plate type but those that take any text: signs and badges say words."""

NO_TEXT = -6.0
"""Natural log: a text less likely than this, or none, speaks no more strongly against a plate."""

SMALL_LINE_PX = 9.0
"""A text line lower than this can hardly be read."""

TAUGHT_WHOLE, WHOLE_AT_EDGE, WHOLE_ELSEWHERE = 0.94, 0.3, 0.995
"""Shares of plates that lack nothing: among those the reader was taught with, and what to expect of plates at a photo's edge and of
others. A tight cut hides whether a plate goes on, so what the reader says is weighed with where the plate lies."""

WHOLE = 0.5
"""A plate less likely to show all of its characters than this is flagged as incomplete."""

TILTED_DEG = 25.0
"""Roll of a plate, or slant of its sides against its rows, from which it is flagged as tilted."""


def evidence(detection: Detection, reading: Reading) -> tuple[float, float, float, float]:
    """What speaks for a find being a plate: the detector's, the reader's and the refiner's log-odds, and the log-probability of the text.

    Where no refiner looked, the reader's word stands for it.
    """
    context = reading.plateness if detection.context is None else detection.context
    return _log_odds(detection.score), _log_odds(reading.plateness), _log_odds(context), text_log_prob(reading)


def text_log_prob(reading: Reading) -> float:
    """Natural log of the chance of the text as read, NO_TEXT where there is none and at the least."""
    return max(float(reading.log_probs.max(axis=1).sum()), NO_TEXT) if reading.text else NO_TEXT


def belief_in(detection: Detection, reading: Reading) -> float:
    """The weighted sum of the evidence; from BELIEF on, a find is a plate."""
    score, plateness, context, text = evidence(detection, reading)
    return SCORE_WEIGHT * score + PLATENESS_WEIGHT * plateness + CONTEXT_WEIGHT * context + TEXT_WEIGHT * text


def _log_odds(chance: float) -> float:
    bounded = min(max(chance, 0.0025), 0.9975)
    return math.log(bounded / (1 - bounded))


def at_edge(quad: Quad, picture: Image) -> bool:
    """Whether a plate reaches the edge of the picture (H, W, 3)."""
    height, width = picture.shape[:2]
    box = quad.box
    return box.x0 < 1 or box.y0 < 1 or box.x1 > width - 1 or box.y1 > height - 1


def placed(reading: Reading, cut_off: bool) -> Reading:
    """The reading with its wholeness for a plate at the picture's edge, or elsewhere: the odds, as other shares of whole plates have it.

    The network knows the share of its training only (Saerens et al. 2002, "Adjusting the outputs of a classifier to new a priori
    probabilities").
    """
    share = WHOLE_AT_EDGE if cut_off else WHOLE_ELSEWHERE
    factor = share / (1 - share) * (1 - TAUGHT_WHOLE) / TAUGHT_WHOLE
    odds = factor * reading.wholeness
    return replace(reading, wholeness=odds / (odds + 1 - reading.wholeness))


def flags(quad: Quad, reading: Reading, picture: Image, crops: bool) -> tuple[str, ...]:
    """What to know about where a plate lies: `cut_off` by the picture's edge, `too_small` to read, `tilted`, `incomplete`: characters are missing."""
    names = []
    if not crops and at_edge(quad, picture):
        names.append("cut_off")
    if quad.height_px / max(reading.lines, 1) < SMALL_LINE_PX:
        names.append("too_small")
    if _tilt_deg(quad) > TILTED_DEG:
        names.append("tilted")
    if reading.wholeness < WHOLE:
        names.append("incomplete")
    return tuple(names)


def _tilt_deg(quad: Quad) -> float:
    """The larger of the plate's roll and of the slant of its sides against its rows, 0 to 180 degrees."""
    points = quad.array()
    across = points[1] + points[2] - points[0] - points[3]
    down = points[3] + points[2] - points[0] - points[1]
    lengths = float(np.linalg.norm(across) * np.linalg.norm(down))
    slant = math.degrees(math.asin(min(abs(float(np.dot(across, down))) / max(lengths, 1e-9), 1.0)))
    return max(abs(quad.roll_deg), slant)
