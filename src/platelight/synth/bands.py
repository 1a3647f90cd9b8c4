"""Coloured strips at the edges of a plate, with a country's letters and flag."""

from __future__ import annotations

import math

import cv2

from platelight.geometry import FloatArray
from platelight.records import Image
from platelight.synth.look import Colour, PlateParams, rgb
from platelight.synth.paint import blend, flood
from platelight.synth.typeset import small_print
from platelight.templates.model import Band

STAR_YELLOW = (240, 200, 40)
WHITE, RED, BLUE, GREEN, YELLOW, BLACK = (245, 245, 245), (200, 30, 45), (20, 60, 160), (20, 130, 70), (250, 205, 30), (25, 25, 25)
ORANGE, SKY = (240, 130, 40), (100, 170, 220)
FLAG_COLOURS: dict[str, tuple[Colour, ...]] = {
    "ua": ((0, 87, 183), (255, 215, 0)), "by": (RED, GREEN), "pl": (WHITE, RED), "mc": (RED, WHITE), "am": (RED, BLUE, ORANGE), "az": (SKY, RED, GREEN),
    "bg": (WHITE, GREEN, RED), "ee": (BLUE, BLACK, WHITE), "lt": (YELLOW, GREEN, RED), "lv": (RED, WHITE, RED), "hu": (RED, WHITE, GREEN),
    "ru": (WHITE, BLUE, RED), "uz": (SKY, WHITE, GREEN), "ro": (BLUE, YELLOW, RED), "md": (BLUE, YELLOW, RED), "ad": (BLUE, YELLOW, RED),
    "ar": (SKY, WHITE, SKY), "bo": (RED, YELLOW, GREEN), "br": (GREEN, YELLOW, BLUE), "py": (RED, WHITE, BLUE), "uy": (WHITE, BLUE, YELLOW),
    "gb": (WHITE, RED), "ge": (WHITE, RED), "no": (RED, BLUE, WHITE), "kg": (RED, YELLOW), "kz": (SKY, YELLOW), "sm": (WHITE, SKY),
    "in": (ORANGE, WHITE, GREEN), "de": (BLACK, RED, YELLOW), "fr": (BLUE, WHITE, RED),
}  # fmt: skip


def draw(image: Image, params: PlateParams) -> tuple[float, float, float, float]:
    """Paint the strips; returns what they leave free as left, right, top, bottom in pixels."""
    height, width = image.shape[:2]
    left, right, top, bottom = 0, width, 0, height
    for band, size in zip(params.bands, params.band_sizes, strict=True):
        thick = max(int(size * height), 3)
        tall = height if params.band_whole or len(params.lines) == 1 else height // 2
        if band.side == "left":
            _band(image[:tall, :thick], band, params)
            left = thick
        elif band.side == "right":
            _band(image[:tall, width - thick :], band, params)
            right = width - thick
        elif band.side == "top":
            _band(image[:thick], band, params)
            top = thick
        else:
            _band(image[height - thick :], band, params)
            bottom = height - thick
    return left, right, top, bottom


def _band(area: Image, band: Band, params: PlateParams) -> None:
    height, width = area.shape[:2]
    if band.colour:
        flood(area, rgb(band.colour))
    upright = height > width
    if band.flag:
        _flag(area, band, upright, params)
    if band.text:
        cap = max(int((width * 0.38 if len(band.text) < 3 else width * 0.28) if upright else height * 0.55), 4)
        mask = small_print(band.text, params.print_font, cap, width * (0.86 if upright else 0.7))
        y = int(height * 0.76) if upright and band.flag else height // 2
        blend(area, mask, (width - mask.shape[1]) // 2, y - mask.shape[0] // 2, rgb(band.ink) if band.ink.startswith("#") else WHITE)


def _flag(area: Image, band: Band, upright: bool, params: PlateParams) -> None:
    height, width = area.shape[:2]
    size = width * 0.7 if upright else height * 0.6
    cx, cy = (width / 2, height * 0.33) if upright else (width - size, height / 2)
    if band.flag in ("eu", "stars"):
        _stars(area, cx, cy, size)
        return
    w, h = int(size), max(int(size * 0.62), 3)
    x0, y0 = max(int(cx - w / 2), 0), max(int(cy - h / 2), 0)
    flag = area[y0 : y0 + h, x0 : x0 + w]
    fh, fw = flag.shape[:2]
    colours = _colours(params.template.country if params.template else "", params.details)
    flood(flag, colours[1])
    if band.flag == "bicolour":
        flood(flag[: fh // 2], colours[0])
    elif band.flag == "tricolour-horizontal":
        flood(flag[: fh // 3], colours[0])
        flood(flag[fh - fh // 3 :], colours[2])
    elif band.flag == "tricolour-vertical":
        flood(flag[:, : fw // 3], colours[0])
        flood(flag[:, fw - fw // 3 :], colours[2])
    elif band.flag == "cross":
        flood(flag, colours[0])
        flood(flag[fh // 2 - fh // 8 : fh // 2 + fh // 8 + 1], colours[1])
        flood(flag[:, fw // 2 - fh // 8 : fw // 2 + fh // 8 + 1], colours[1])
    else:
        flood(flag, colours[0])
        cv2.circle(flag, (fw // 2, fh // 2), max(fh // 3, 1), colours[1], -1, cv2.LINE_AA)


def _colours(country: str, details: FloatArray) -> tuple[Colour, ...]:
    """Three colours of the country's flag; random ones where it is not listed."""
    hues = (RED, WHITE, BLUE, GREEN, YELLOW)
    known = FLAG_COLOURS.get(country, tuple(hues[int(details[index] * 4.99)] for index in (24, 25, 26)))
    return (*known, known[0])[:3]


def _stars(area: Image, cx: float, cy: float, size: float) -> None:
    for index in range(12):
        angle = index * math.pi / 6
        x, y = cx + size * 0.42 * math.cos(angle), cy + size * 0.42 * math.sin(angle)
        cv2.circle(area, (int(x * 16), int(y * 16)), max(int(size * 0.07 * 16), 8), STAR_YELLOW, -1, cv2.LINE_AA, 4)
