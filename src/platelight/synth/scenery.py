"""What stands around vehicles: sky, ground with its grain, trees, houses, brickwork. Lengths are shares of the picture's width."""

from __future__ import annotations

import math

import cv2
import numpy as np

from platelight.records import FloatTensor
from platelight.synth import noise
from platelight.synth.easel import Easel, shade
from platelight.synth.pixels import Colour
from platelight.synth.sketch import arc, rectangle

LEAVES = 700  # at most, in one tree or a piece of hedge


def sky(easel: Easel, colour: Colour, horizon: float, seed: int) -> None:
    """A sky that pales towards the horizon, with clouds drawn out sideways."""
    easel.fill(rectangle(-0.1, -0.1, 1.1, horizon + 0.02), shade(colour, 0.92), shade(colour, 1.08, 14))
    height, width = round(min(horizon * easel.scale + 2, easel.alpha.shape[0])), easel.alpha.shape[1]
    if height < 4:
        return
    field = noise.cloud(seed // 7, height, width // 3 + 1, 3.2 * width / 640)
    field = np.asarray(cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    cover = np.clip((field - 0.5) * 2.2, 0, 1)[..., None] * 0.55
    part = easel.pixels[:height]
    part += (np.float32(246) - part) * cover


def gravel(easel: Easel, horizon: float, seed: int, strength: float) -> None:
    """The grain of a level ground below `horizon`, finer towards it, of `strength` grey levels, with worn and wet places."""
    height, width = easel.alpha.shape
    top = round(horizon * easel.scale) + 1
    if top >= height - 2:
        return
    down = (np.arange(height - top, dtype=np.float32) + 1) / (height - top)
    depth = (1 / (down + 0.04))[:, None]
    across = (np.arange(width, dtype=np.float32)[None, :] / width - 0.5) * depth
    amount = np.zeros((height - top, width), np.float32)
    for scale, weight, sharp in ((90.0, 0.45, False), (420.0, 0.6, False), (700.0, 0.55, True)):
        x = _folded(across * scale + seed % 997)
        y = np.broadcast_to(_folded(depth * scale * 1.1 + seed % 613), x.shape).copy()
        whole = noise.grain(0, noise.SIDE, noise.SIDE, 2)[..., 0] * np.float32(0.33) if sharp else noise.cloud(0, noise.SIDE, noise.SIDE) - np.float32(0.5)
        found = np.asarray(cv2.remap(np.ascontiguousarray(whole), x, y, cv2.INTER_LINEAR), dtype=np.float32)
        amount += found * weight * (np.clip(down * 3, 0.25, 1)[:, None] if sharp else 1)
    easel.pixels[top:] += amount[..., None] * strength


def _folded(place: FloatTensor) -> FloatTensor:
    """Places of a noise field that goes on mirrored beyond its edge."""
    last = noise.SIDE - 1
    return np.asarray(last - np.abs(np.mod(place, 2 * last) - last), dtype=np.float32)


def plaster(easel: Easel, floor: float, seed: int) -> None:
    """Stains and roughness of a wall down to `floor`."""
    height, width = min(round(floor * easel.scale), easel.alpha.shape[0]), easel.alpha.shape[1]
    if height < 4:
        return
    stains = noise.cloud(seed // 5, height, width, 1.6 * width / 640) - np.float32(0.5)
    rough = noise.grain(seed, min(height, noise.SIDE), min(width, noise.SIDE), 2)[..., 0]
    rough = np.asarray(cv2.resize(rough, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    easel.pixels[:height] *= (1 + stains * 0.22 + rough * 0.025)[..., None]


def bricks(easel: Easel, rng: np.random.Generator, wall: Colour, floor: float) -> None:
    """Courses of bricks with pale joints, each brick lit along its upper edge."""
    size = rng.uniform(0.018, 0.03)
    easel.fill(rectangle(-0.1, -0.1, 1.1, floor), shade(wall, 0.8, 42), shade(wall, 0.7, 36))
    for row in range(int(floor / size) + 1):
        for column in range(int(0.5 / size) + 2):
            x, y = (column - 0.5 * (row % 2)) * size * 2, row * size
            tone = shade(wall, rng.uniform(0.78, 1.15), rng.normal(0, 4))
            easel.fill(rectangle(x, y, x + size * 2 - 0.003, y + size - 0.003), shade(tone, 1.06), shade(tone, 0.88), opacity=0.92)
            easel.line([(x + 0.001, y + 0.0005), (x + size * 2 - 0.004, y + 0.0005)], shade(tone, 1.0, 34), 0.001, opacity=0.5)


def foliage(easel: Easel, rng: np.random.Generator, x: float, y: float, size: float, green: Colour) -> None:
    """The crown of a tree or a piece of hedge about `x, y`: a dark mass under many leaves, lit from above.

    How many leaves are drawn depends on the size in pixels, so they have chance of their own.
    """
    rng = np.random.default_rng(int(rng.integers(2**31)))
    crowns = np.column_stack([rng.uniform(-0.24, 0.24, 8), rng.uniform(-0.2, 0.2, 8), rng.uniform(0.14, 0.24, 8)])
    for dx, dy, radius in crowns.tolist():
        crown = arc(x + size * dx, y + size * dy, size * radius, 0, 360, steps=16)
        easel.fill(crown, shade(green, 0.7), shade(green, 0.3), soft=size * 0.02, opacity=0.9)
    count = int(min(size * easel.scale * 1.5 + 30, LEAVES))
    turns, own = rng.uniform(0, 2 * np.pi, count), crowns[rng.integers(0, 8, count)]
    reach = own[:, 2] * np.sqrt(rng.uniform(0, 1.25, count))
    spots = own[:, :2] + np.column_stack([np.cos(turns), np.sin(turns)]) * reach[:, None]
    radii, tones = rng.uniform(0.006, 0.018, count) * math.sqrt(LEAVES / count), rng.normal(0, 0.14, count)
    places = np.rint((spots * size + (x, y)) * easel.scale).astype(int).tolist()
    light = np.clip(0.85 - 1.4 * spots[:, 1] - 0.3 * spots[:, 0] + tones, 0.3, 1.7)
    colours = np.clip(light[:, None] * np.array(green), 0, 255).tolist()
    lengths = np.maximum(np.rint(radii * size * easel.scale), 1).astype(int).tolist()
    for place, length, turn, colour in zip(places, lengths, (570 * tones).tolist(), colours, strict=True):
        cv2.ellipse(easel.pixels, place, (length, max(round(0.62 * length), 1)), turn, 0, 360, colour, -1)


def house(easel: Easel, rng: np.random.Generator, x: float, ground: float, size: float, wall: Colour) -> None:
    """A house front, `size` wide, with rows of windows under a pitched or a flat roof."""
    floors, columns = int(rng.integers(2, 5)), int(rng.integers(2, 5))
    high = size * (0.28 * floors + 0.08)
    top = ground - high
    easel.fill(rectangle(x, top, x + size, ground), shade(wall, 1.04), shade(wall, 0.82))
    if rng.random() < 0.6:
        tiles = shade((140.0, 76.0, 58.0), rng.uniform(0.6, 1.15))
        roof = [(x - size * 0.06, top + 0.003), (x + size * 0.16, top - size * 0.3), (x + size * 0.84, top - size * 0.3), (x + size * 1.06, top + 0.003)]
        easel.fill(roof, shade(tiles, 1.1), shade(tiles, 0.75))
    else:
        easel.fill(rectangle(x - size * 0.02, top - size * 0.035, x + size * 1.02, top + size * 0.01), shade(wall, 0.7), shade(wall, 0.5))
    easel.line([(x, top + 0.004), (x + size, top + 0.004)], (20, 20, 22), 0.004, soft=0.003, opacity=0.4)
    wide, tall = size / columns * 0.46, high / floors * 0.5
    for row in range(floors):
        for column in range(columns):
            left, upper = x + size * (column + 0.5) / columns - wide / 2, top + high * (row + 0.28) / floors
            easel.fill(rectangle(left - 0.0015, upper - 0.0015, left + wide + 0.0015, upper + tall + 0.002), shade(wall, 1.2, 10))
            glass = shade((70.0, 82.0, 94.0), rng.uniform(0.5, 1.35))
            easel.fill(rectangle(left, upper, left + wide, upper + tall), shade(glass, 1.3), shade(glass, 0.6))
            easel.line([(left + wide / 2, upper), (left + wide / 2, upper + tall)], shade(wall, 1.2, 10), 0.0015)
