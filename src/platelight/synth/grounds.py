"""Graphic grounds behind the characters, as on plates of the United States."""

from __future__ import annotations

import cv2
import numpy as np

from platelight.records import Image
from platelight.synth.look import Colour, PlateParams, apart, mixed


def draw(image: Image, params: PlateParams) -> None:
    """Paint the ground of kind `params.art` on a picture already filled with the ground's colour; the ink stays readable on it."""
    d = params.details.tolist()
    pale = 0.7 * d[21] if d[22] < 0.7 else 0.0
    tint = apart(mixed((int(90 + 160 * d[0]), int(90 + 160 * d[1]), int(90 + 165 * d[2])), params.ground, pale), params.ink, params.ground)
    deep = apart(mixed((int(30 + 200 * d[3]), int(30 + 200 * d[4]), int(30 + 200 * d[5])), params.ground, pale), params.ink, params.ground)
    kind = params.art
    if kind in ("sky", "fade", "sun") or d[6] < 0.15:
        warm = apart((250, int(170 + 60 * d[7]), int(90 + 60 * d[8])), params.ink, params.ground)
        _fade(image, warm if kind == "sun" else tint, d)
    if kind == "sun":
        _sun(image, params, deep, d)
    if kind == "photo":
        _blotches(image, params)
    if kind in ("hills", "forest") or (kind == "sky" and d[9] < 0.4):
        _hills(image, deep, d)
        if d[10] < 0.5:
            _hills(image, tint, d[20:])
    if kind == "map":
        _island(image, tint, d)
    if kind in ("stripes", "waves"):
        _stripes(image, (tint, deep), kind == "waves", d)


def _fade(image: Image, colour: Colour, d: list[float]) -> None:
    height = image.shape[0]
    share = np.linspace(1, 0, height, dtype=np.float32)[:, None, None] ** (0.6 + d[11])
    if d[12] < 0.3:
        share = share[::-1]
    row = image[:1, :1].astype(np.float32)
    image[:] = (row + (np.array(colour, np.float32) - row) * share).astype(np.uint8)


def _sun(image: Image, params: PlateParams, colour: Colour, d: list[float]) -> None:
    height, width = image.shape[:2]
    centre = int(width * d[13]), int(height * (0.3 + 0.7 * d[14]))
    glow = apart((250, 225, 130), params.ink, params.ground)
    if d[15] < 0.4:
        for index in range(0, 18, 2):
            first, second = (np.array([np.cos(a), np.sin(a)]) * width for a in (index * 0.349, (index + 0.8) * 0.349))
            ray = np.array([centre, centre + first, centre + second]).astype(np.int32)
            cv2.fillConvexPoly(image, ray, colour, cv2.LINE_AA)
    cv2.circle(image, centre, int(height * (0.15 + 0.2 * d[16])), glow, -1, cv2.LINE_AA)


def _blotches(image: Image, params: PlateParams) -> None:
    """Something like a faint photograph: large soft patches, kept near the ground."""
    height, width = image.shape[:2]
    patches = np.array(params.ground, np.float32) + (params.details[24:].reshape(4, 6, 3).astype(np.float32) - 0.5) * (60 + 60 * float(params.details[23]))
    np.clip(patches, 0, 255, out=patches)
    image[:] = cv2.resize(patches, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.uint8)


def _hills(image: Image, colour: Colour, d: list[float]) -> None:
    height, width = image.shape[:2]
    xs = np.linspace(0, width, 28)
    turns = xs / width * 6.3
    rough = np.abs(np.sin(turns * (3 + 4 * d[13]) + 6 * d[14])) if d[15] < 0.4 else np.sin(turns * 5 * d[13] + 6 * d[14])
    top = height * (0.5 + 0.4 * d[16]) - np.sin(turns * (1 + 2 * d[17]) + d[18] * 6) * height * 0.12 - rough * height * 0.08
    outline = np.vstack([np.column_stack([xs, top]), [[width, height], [0, height]]]).astype(np.int32)
    cv2.fillPoly(image, [outline], colour, cv2.LINE_AA)


def _island(image: Image, colour: Colour, d: list[float]) -> None:
    height, width = image.shape[:2]
    angles = np.arange(14) * (2 * np.pi / 14)
    radii = height * (0.25 + 0.3 * np.array(d[24:38]))
    points = np.column_stack([width * (0.35 + 0.3 * d[19]) + radii * np.cos(angles) * (1 + d[20]), height / 2 + radii * np.sin(angles)])
    cv2.fillPoly(image, [points.astype(np.int32)], colour, cv2.LINE_AA)


def _stripes(image: Image, colours: tuple[Colour, Colour], bent: bool, d: list[float]) -> None:
    height, width = image.shape[:2]
    count = 2 + int(d[13] * 5)
    xs = np.linspace(0, width, 20)
    bend = np.sin(xs / width * 6.3 * (1 + d[14]) + d[15] * 6) * height * (0.1 if bent else 0.0) + (xs / width - 0.5) * height * (d[16] - 0.5)
    thick = max(int(height * (0.02 + 0.1 * d[17])), 1)
    for index in range(count):
        points = np.column_stack([xs, height * (index + 0.5) / count + bend]).astype(np.int32)
        cv2.polylines(image, [points], False, colours[index % 2] if d[18] < 0.4 else colours[0], thick, cv2.LINE_AA)
