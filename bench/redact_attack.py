"""Can the number behind a blurred plate be found by trying all? python bench/redact_attack.py [PLATES]

The strongest attacker: knows font, wear, light and the plate's exact place, draws 200 numbers of the plate's type as they would
look there, the true one among them, blurs or pixelates each in the same way but without noise, and ranks them by how near they
come. Compared: a usual Gaussian blur, usual pixelation, and what `platelight redact` does. Chance ranks the true number first
once in 200, and in the middle on average.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import cv2
import numpy as np

from platelight.geometry import Box, Quad
from platelight.records import ALPHABET, Candidate, Decoding, Detection, Image, Plate, Reading
from platelight.redact import Blur, Pixelate, redact
from platelight.redact.hide import MARGIN
from platelight.redact.patch import spread
from platelight.synth import plate as drawing
from platelight.templates import Template, load

NUMBERS, HEIGHT, ROOM = 200, 60, 24
TYPES = ("de-car", "gb-current", "ua-2015", "fr-siv", "us-ca-1987", "br-2018", "pl-two-1", "es-2000")
Hide = Callable[[Image, Quad], Image]


def main(plates: int) -> None:
    known = [template for template in load() if template.id in TYPES]
    ways: dict[str, Hide] = {
        "usual blur, sigma a quarter of the plate's height": lambda picture, quad: cv2.GaussianBlur(picture, (0, 0), HEIGHT / 4),
        "usual blur, sigma half of the plate's height": lambda picture, quad: cv2.GaussianBlur(picture, (0, 0), HEIGHT / 2),
        "usual pixelation, squares a third of the height": lambda picture, quad: squares(picture, 3),
        "usual pixelation, squares as high as the plate": lambda picture, quad: squares(picture, 1),
        "platelight blur": lambda picture, quad: redact(picture, [found(quad)], "blur"),
        "platelight pixelate": lambda picture, quad: redact(picture, [found(quad)], "pixelate"),
    }
    guesses = ways | {
        "platelight blur": lambda picture, quad: quiet(Blur(), picture, quad),
        "platelight pixelate": lambda picture, quad: quiet(Pixelate(), picture, quad),
    }
    ranks: dict[str, list[int]] = {name: [] for name in ways}
    for number in range(plates):
        template = known[number % len(known)]
        pictures, quad = candidates(template, number)
        for name, way in ways.items():
            expected = np.stack([signature(guesses[name](picture, quad), quad) for picture in pictures])
            observed = signature(way(pictures[0], quad), quad)
            distances = np.linalg.norm(expected - observed, axis=1)
            ranks[name].append(int((distances < distances[0]).sum()))
    print(f"{plates} plates of {len(known)} types, {NUMBERS} numbers to choose from\n\n{'':<52}{'true first':>12}{'among 10':>12}{'median rank':>14}")
    for name, values in ranks.items():
        print(f"{name:<52}{np.mean(np.array(values) == 0):>12.3f}{np.mean(np.array(values) < 10):>12.3f}{int(np.median(values)) + 1:>14}")


def candidates(template: Template, seed: int) -> tuple[list[Image], Quad]:
    """The plate with the true number first, then with others, all drawn alike."""
    texts = np.random.default_rng([seed, 1])
    lines = [template.sample(texts) for _ in range(NUMBERS)]
    pictures = [drawing.render(drawing.sample(template, np.random.default_rng([seed, 2]), lines=each), HEIGHT).image for each in lines]
    width = min(picture.shape[1] for picture in pictures)
    framed = [cv2.copyMakeBorder(picture[:, :width], ROOM, ROOM, ROOM, ROOM, cv2.BORDER_CONSTANT, value=(70, 70, 75)) for picture in pictures]
    return [np.asarray(picture, np.uint8) for picture in framed], Box(ROOM, ROOM, ROOM + width, ROOM + HEIGHT).quad()


def signature(picture: Image, quad: Quad) -> np.ndarray:
    """Mean colours over a grid finer than any of the ways leaves."""
    box = quad.box
    part = picture[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)]
    return cv2.resize(part, (30, 6), interpolation=cv2.INTER_AREA).astype(np.float64).ravel()


def squares(picture: Image, rows: int) -> Image:
    height, width = picture.shape[:2]
    side = HEIGHT / rows
    small = cv2.resize(picture, (max(round(width / side), 1), max(round(height / side), 1)), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


def quiet(method: Blur | Pixelate, picture: Image, quad: Quad) -> Image:
    """The method without its noise."""
    result, mask = picture.copy(), np.zeros(picture.shape[:2], np.uint8)
    patch = method(picture, found(quad), spread(quad, MARGIN), NoNoise())  # type: ignore[arg-type]
    assert patch is not None
    patch.lay(result, mask)
    return result


class NoNoise:
    """A source of chance that always gives the mean."""

    def normal(self, mean: float, _deviation: float, shape: tuple[int, ...]) -> np.ndarray:
        return np.full(shape, mean)


def found(quad: Quad) -> Plate:
    frames = np.zeros((1, len(ALPHABET) + 1), np.float32)
    reading = Reading(frames, (0,), ALPHABET, np.zeros(1, np.float32), ("xx",), 1, 1.0)
    best = Candidate("A", "xx", None, 0.0)
    return Plate(Detection(quad, 1.0), reading, Decoding(best, (best,), "AS_READ", 1.0, (1.0,)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 32)
