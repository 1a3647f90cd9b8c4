"""Age and dirt of a plate: drawn as small arrays, enlarged and laid over the picture."""

from __future__ import annotations

import cv2
import numpy as np

from platelight.records import Image
from platelight.synth.look import Weather
from platelight.synth.pen import Mask

_NONE = np.zeros((0, 5))
_UNIT = 180  # brightness 1 in the bytes of the shade
_ROWS, _COLUMNS = 4, 9
_ACROSS, _DOWN = np.linspace(-1, 1, _COLUMNS)[None, :], np.linspace(-1, 1, _ROWS)[:, None]
_LOW_EDGE, _LEFT_EDGE = np.linspace(0, 1, _ROWS)[:, None] ** 2, np.linspace(1, 0, _COLUMNS)[None, :] ** 2


def draw_weather(rng: np.random.Generator) -> Weather:
    """Most plates are nearly clean; some are unevenly lit, worn, muddy, specked or scratched."""
    u = rng.random(16).tolist()
    blotches = rng.normal(0, 0.012 if u[2] < 0.6 else 0.02 + 0.1 * u[3], (_ROWS, _COLUMNS))
    if u[4] < 0.12:  # dust gathers at one edge
        blotches = blotches - (_LOW_EDGE if u[5] < 0.7 else _LEFT_EDGE) * (0.1 + 0.35 * u[6])
    wear = np.clip(0.75 + 0.5 * rng.random((7, 24)) - 0.3 * u[8], 0.35, 1.0) if u[7] < 0.12 else None
    mud = None
    if u[9] < 0.1:
        fine = rng.random((14, 40)) * 0.5 + np.kron(rng.random((7, 20)), np.ones((2, 2))) * 0.5
        slope = np.linspace(0, 0.35, 14)[:, None] if u[11] < 0.6 else 0.2 * rng.random((1, 40))
        mud = np.clip((fine + slope - 0.95 + 0.2 * u[10]) * 2, 0, 0.2 + 0.45 * u[11])
    specks = _NONE
    if u[12] < 0.16:
        count = 2 + int(u[13] * 22)
        specks = np.column_stack([rng.random((count, 2)), rng.exponential(0.006, count).clip(0.004, 0.022), rng.choice([40, 80, 120, 200], count)])
    scratches = _NONE
    if u[14] < 0.08:
        ends = rng.random((1 + int(u[15] * 4), 2))
        scratches = np.column_stack([ends, ends + rng.normal(0, 0.12, ends.shape), rng.choice([90, 150, 220], len(ends))])
    tone = 60 + 80 * u[11]
    shade = np.minimum(np.maximum(1 + _ACROSS * ((u[0] - 0.5) * 0.22) + _DOWN * ((u[1] - 0.5) * 0.22) + blotches, 0.4), 1.3)
    return Weather(shade, wear, mud, (int(tone), int(tone * 0.9), int(tone * 0.75)), specks, scratches)


def worn(ink: Mask, weather: Weather) -> Mask:
    """The ink with its paint rubbed off in places."""
    if weather.wear is None:
        return ink
    opacity = cv2.resize(weather.wear.astype(np.float32), (ink.shape[1], ink.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(ink, opacity, dtype=cv2.CV_8U), np.uint8)


def expose(image: Image, weather: Weather) -> Image:
    """Mud, specks, scratches and uneven brightness over everything."""
    height, width = image.shape[:2]
    if weather.mud is not None:
        opacity = cv2.resize(weather.mud.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 0.8)
        solid = np.empty_like(image)
        cv2.rectangle(solid, (0, 0), (width, height), weather.mud_colour, -1)
        image = np.asarray(cv2.blendLinear(solid, image, opacity, 1 - opacity), np.uint8)
    for x, y, size, grey in weather.specks[:, :4].tolist():
        centre = int(x * width * 16), int(y * height * 16)
        cv2.circle(image, centre, max(int(size * height * 16), 8), (grey, grey * 0.95, grey * 0.85), -1, cv2.LINE_AA, 4)
    for x0, y0, x1, y1, grey in weather.scratches.tolist():
        cv2.line(image, (int(x0 * width), int(y0 * height)), (int(x1 * width), int(y1 * height)), (grey, grey, grey), 1, cv2.LINE_AA)
    shade = cv2.resize((weather.shade * _UNIT).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(image, cv2.merge([shade, shade, shade]), scale=1 / _UNIT), np.uint8)
