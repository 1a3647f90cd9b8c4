"""Plates that move over a picture, as a reader would report them."""

from __future__ import annotations

from functools import cache

import numpy as np

from platelight import templates
from platelight.decode import Decoder
from platelight.geometry import Box
from platelight.records import ALPHABET, Detection, Frame, Pass, Plate, Reading
from platelight.track import Tracker

COUNTRIES = ("de", "gb", "ua")
PICTURE = np.random.default_rng(1).integers(0, 255, (720, 1280, 3)).astype(np.uint8)


@cache
def decoder() -> Decoder:
    return Decoder([template for template in templates.load() if template.country in COUNTRIES])


def reading(text: str, sure: float = 0.97, lines: tuple[int, ...] = (), plateness: float = 0.999) -> Reading:
    """Slots that spell a text, each character as likely as `sure`; `lines`: how many characters stand on each line (all on one)."""
    chances = np.full((len(text), len(ALPHABET) + 1), (1 - sure) / len(ALPHABET))
    for place, character in enumerate(text):
        chances[place, ALPHABET.index(character) + 1] = sure
    at = tuple(line for line, count in enumerate(lines or (len(text),)) for _ in range(count))
    country = np.log(np.array([0.02, 0.02, 0.96], np.float32))
    return Reading(np.log(chances).astype(np.float32), at, ALPHABET, country, COUNTRIES, max(len(lines), 1), plateness, 4.6)


def plate(text: str, x: float, y: float, width: float = 120.0, sure: float = 0.97) -> Plate:
    """A plate whose top-left corner lies at `x, y`."""
    found = reading(text, sure)
    return Plate(Detection(Box(x, y, x + width, y + width / 4.6).quad(), 0.9), found, decoder()([found])[0])


def frame(time_s: float) -> Frame:
    return Frame(PICTURE, time_s, 1000.0 + time_s, round(time_s * 100))


def passes(seen: list[tuple[float, list[Plate]]], tracker: Tracker | None = None) -> list[Pass]:
    """What a tracker reports of plates seen at these times, the end included."""
    tracker = tracker or Tracker(decoder(), camera="gate")
    found = [passed for time_s, plates in seen for passed in tracker.update(frame(time_s), plates)]
    return found + tracker.close()


def drive(
    text: str, begin_s: float, count: int, fps: float = 10.0, start: tuple[float, float] = (100.0, 200.0), speed: float = 300.0, **look: float
) -> list[tuple[float, Plate]]:
    """A plate that moves to the right and down, with the time of every frame."""
    times = [begin_s + number / fps for number in range(count)]
    return [(time_s, plate(text, start[0] + speed * (time_s - begin_s), start[1] + 0.3 * speed * (time_s - begin_s), **look)) for time_s in times]


def film(*drives: list[tuple[float, Plate]], until_s: float, fps: float = 10.0, begin_s: float = 0.0) -> list[tuple[float, list[Plate]]]:
    """Frames of the rate `fps`, each with the plates that are seen in it."""
    times = [begin_s + number / fps for number in range(round((until_s - begin_s) * fps))]
    return [(time_s, [found for going in drives for at_s, found in going if abs(at_s - time_s) < 0.4 / fps]) for time_s in times]
