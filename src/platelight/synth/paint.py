"""The layers of a drawn plate, painted in place on an RGB picture (h, w, 3)."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from platelight.geometry import FloatArray
from platelight.records import Image
from platelight.synth.glyphs import Mask
from platelight.synth.layout import Placed
from platelight.synth.look import Colour, PlateParams, rgb
from platelight.synth.typeset import small_print
from platelight.templates.model import Band

STAR_YELLOW = (240, 200, 40)


def blend(image: Image, mask: Mask, x: int, y: int, colour: Colour) -> None:
    """Lay `colour` through a mask whose top-left corner is at x, y; what lies outside the picture is left out."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + mask.shape[1], width), min(y + mask.shape[0], height)
    if x0 >= x1 or y0 >= y1:
        return
    part = image[y0:y1, x0:x1]
    share = mask[y0 - y : y1 - y, x0 - x : x1 - x, None].astype(np.float32) / 255
    part[:] = (part + (np.array(colour, np.float32) - part) * share).astype(np.uint8)


def art(image: Image, kind: str, details: FloatArray, ground: Colour) -> None:
    """A graphic ground behind the characters."""
    height, width = image.shape[:2]
    d = details.tolist()
    tint = np.array([150 + 90 * d[0], 150 + 90 * d[1], 150 + 100 * d[2]])
    if kind in ("sky", "fade", "sun"):
        top = tint if kind != "sun" else np.array([250.0, 170 + 60 * d[3], 90 + 60 * d[4]])
        slope = np.linspace(1, 0, height)[:, None, None] ** (0.6 + d[5])
        if d[6] < 0.25:
            slope = slope[::-1]
        image[:] = (image * (1 - slope) + top * slope).astype(np.uint8)
    dark: Colour = tuple((tint * (0.55 + 0.4 * d[7])).astype(int).tolist())
    if kind == "sun":
        cv2.circle(image, (int(width * d[8]), int(height * (0.3 + 0.5 * d[9]))), int(height * 0.3), (250, 225, 130), -1, cv2.LINE_AA)
    if kind in ("hills", "forest", "map", "sky"):
        xs = np.linspace(0, width, 24)
        base = height * (0.55 + 0.35 * d[10])
        waves = np.sin(xs / width * (6 + 12 * d[11]) + d[12] * 6) * height * 0.12 + np.sin(xs / width * 25 * d[13] + d[14] * 6) * height * 0.06
        outline = np.column_stack([xs, base - waves])
        outline = np.vstack([outline, [[width, height], [0, height]]]).astype(np.int32)
        if kind != "sky" or d[15] < 0.5:
            cv2.fillPoly(image, [outline], dark, cv2.LINE_AA)
    if kind in ("stripes", "waves"):
        count = 2 + int(d[16] * 5)
        for index in range(count):
            y = height * (index + 0.5) / count
            xs = np.linspace(0, width, 20)
            bend = np.sin(xs / width * 6.3 * (1 + d[17]) + d[18] * 6) * height * (0.1 if kind == "waves" else 0.0)
            points = np.column_stack([xs, y + bend + (xs / width - 0.5) * height * (d[19] - 0.5)]).astype(np.int32)
            cv2.polylines(image, [points], False, dark, max(int(height * 0.05 * (0.5 + d[20])), 1), cv2.LINE_AA)


def bands(image: Image, params: PlateParams) -> tuple[float, float, float, float]:
    """Paint the coloured strips; returns what they leave free as left, right, top, bottom in pixels."""
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
        area[:] = rgb(band.colour)
    upright = height > width
    if band.flag:
        _flag(area, band, upright, params.details)
    if band.text:
        cap = max(int((width * 0.38 if len(band.text) < 3 else width * 0.28) if upright else height * 0.55), 4)
        mask = small_print(band.text, params.print_font, cap)
        limit = width * (0.86 if upright else 0.7)
        if mask.shape[1] > limit:
            mask = np.asarray(cv2.resize(mask, (max(int(limit), 2), mask.shape[0]), interpolation=cv2.INTER_AREA), np.uint8)
        y = int(height * 0.76) if upright and band.flag else height // 2
        blend(area, mask, (width - mask.shape[1]) // 2, y - mask.shape[0] // 2, rgb(band.ink) if band.ink.startswith("#") else (250, 250, 250))


def _flag(area: Image, band: Band, upright: bool, details: FloatArray) -> None:
    height, width = area.shape[:2]
    size = width * 0.7 if upright else height * 0.6
    cx, cy = (width / 2, height * 0.33) if upright else (width - size, height / 2)
    if band.flag in ("eu", "stars"):
        radius = size * 0.42
        for index in range(12):
            angle = index * math.pi / 6
            x, y = cx + radius * math.cos(angle), cy + radius * math.sin(angle)
            cv2.circle(area, (int(x * 16), int(y * 16)), max(int(size * 0.07 * 16), 8), STAR_YELLOW, -1, cv2.LINE_AA, 4)
        return
    w, h = int(size), max(int(size * 0.62), 3)
    x0, y0 = int(cx - w / 2), int(cy - h / 2)
    hues: list[Colour] = [(200, 30, 45), (245, 245, 245), (20, 60, 160), (20, 130, 70), (250, 205, 30)]
    first, second, third = (hues[int(details[index] * 4.99)] for index in (24, 25, 26))
    flag = area[max(y0, 0) : y0 + h, max(x0, 0) : x0 + w]
    flag[:] = second
    fh, fw = flag.shape[:2]
    if band.flag == "bicolour":
        flag[: fh // 2], flag[fh // 2 :] = (0, 87, 183), (255, 215, 0)
    elif band.flag == "tricolour-horizontal":
        flag[: fh // 3], flag[-(fh // 3) :] = first, third
    elif band.flag == "tricolour-vertical":
        flag[:, : fw // 3], flag[:, -(fw // 3) :] = first, third
    elif band.flag == "cross":
        flag[fh // 2 - fh // 8 : fh // 2 + fh // 8 + 1] = first
        flag[:, fw // 2 - fh // 8 : fw // 2 + fh // 8 + 1] = first
    else:
        cv2.circle(flag, (fw // 2, fh // 2), max(fh // 3, 1), first, -1, cv2.LINE_AA)


def border(image: Image, params: PlateParams) -> None:
    """The line around the plate."""
    if params.border is None:
        return
    height, width = image.shape[:2]
    inset, thick = int(params.border_inset * height), max(int(round(params.border_width * height)), 1)
    radius = max(int(params.radius * height) - inset, 0)
    x0, y0, x1, y1 = inset, inset, width - 1 - inset, height - 1 - inset
    half = thick // 2
    points = _rounded_box(x0 + half, y0 + half, x1 - half, y1 - half, max(radius - half, 0))
    cv2.polylines(image, [points], True, params.border, thick, cv2.LINE_AA, 4)


def _rounded_box(x0: float, y0: float, x1: float, y1: float, radius: float) -> NDArray[np.int32]:
    turns = np.linspace(0, math.pi / 2, 6)
    corners = [(x1 - radius, y1 - radius, 0.0), (x0 + radius, y1 - radius, 0.5), (x0 + radius, y0 + radius, 1.0), (x1 - radius, y0 + radius, 1.5)]
    parts = [np.column_stack([cx + radius * np.cos(turns + turn * math.pi), cy + radius * np.sin(turns + turn * math.pi)]) for cx, cy, turn in corners]
    return (np.vstack(parts) * 16).astype(np.int32)


def captions(image: Image, params: PlateParams, ink_top: int, ink_bottom: int) -> None:
    """Small print above and below the characters, made smaller where there is little room."""
    height, width = image.shape[:2]
    for caption in params.captions:
        room = ink_top if caption.y < 0.5 else height - ink_bottom
        cap = min(int(caption.height * height), int(room * 0.55))
        if cap < 4:
            continue
        mask = small_print(caption.text, caption.font, cap)
        if mask.shape[1] > width * 0.7:
            mask = np.asarray(cv2.resize(mask, (int(width * 0.7), mask.shape[0]), interpolation=cv2.INTER_AREA), np.uint8)
        middle = room * 0.55 if caption.y < 0.5 else height - room * 0.52
        blend(image, mask, int(caption.x * width - mask.shape[1] / 2), int(middle - mask.shape[0] / 2), caption.colour)


def marks(image: Image, ink: Mask, params: PlateParams, boxes: list[Placed]) -> None:
    """Dashes and dots go into the ink; seals and emblems are painted in colour."""
    d = params.details
    for box in boxes:
        cx, cy = box.x + box.width // 2, box.y + box.height // 2
        if box.symbol == "-":
            half, thick = max(int(box.width * (0.25 + 0.15 * d[21])), 1), max(int(box.height * (0.08 + 0.06 * d[22])), 1)
            ink[cy - thick // 2 : cy - thick // 2 + thick, max(cx - half, 0) : cx + half + 1] = 255
        elif box.symbol == ".":
            y = cy if d[23] < 0.5 else box.y + box.height - max(box.height // 12, 1)
            cv2.circle(ink, (cx, y), max(int(box.height * 0.07), 1), 255, -1)
        elif box.symbol in "*+":
            _emblem(image, box, d)


def _emblem(image: Image, box: Placed, d: FloatArray) -> None:
    cx, cy = box.x + box.width // 2, box.y + box.height // 2
    hues: list[Colour] = [(60, 140, 80), (200, 60, 60), (50, 80, 170), (150, 150, 150), (210, 180, 60), (230, 130, 40)]
    first, second = hues[int(d[27] * 5.99)], hues[int(d[28] * 5.99)]
    radius = max(int(box.width * 0.4), 2)
    if box.symbol == "*":
        rows = (cy - box.height // 4, cy + box.height // 4) if d[29] < 0.6 else (cy,)
        for index, y in enumerate(rows):
            size = int(radius * (0.85 if index == 0 and len(rows) > 1 else 1))
            cv2.circle(image, (cx, y), size, first if index == 0 else (200, 200, 200), -1, cv2.LINE_AA)
            cv2.circle(image, (cx, y), max(size // 2, 1), second if index == 0 else (120, 120, 125), -1, cv2.LINE_AA)
    else:
        half = int(radius * 0.9)
        shield = np.array([(cx - half, cy - radius), (cx + half, cy - radius), (cx + half, cy + radius // 3), (cx, cy + radius), (cx - half, cy + radius // 3)])
        cv2.fillPoly(image, [shield.astype(np.int32)], first, cv2.LINE_AA)
        cv2.circle(image, (cx, cy - radius // 6), max(half // 2, 1), second, -1, cv2.LINE_AA)


def lay_ink(image: Image, ink: Mask, params: PlateParams) -> Image:
    """The characters in their colour, with light and shadow along the strokes where they are embossed."""
    share = ink.astype(np.float32) / 255
    solid = np.empty_like(image)
    solid[:] = params.ink
    image = np.asarray(cv2.blendLinear(solid, image, share, 1 - share), np.uint8)
    if params.emboss <= 0:
        return image
    dx, dy = params.light
    soft = cv2.blur(ink, (3, 3))
    slope = np.zeros(ink.shape, np.int16)
    inner = soft[2:-2, 2:-2].astype(np.int16)
    far = soft[2 + dy : soft.shape[0] - 2 + dy, 2 + dx : soft.shape[1] - 2 + dx].astype(np.int16)
    slope[2:-2, 2:-2] = (far - inner) * np.float32(params.emboss / 128)
    return np.asarray(cv2.add(image, cv2.merge([slope, slope, slope]), dtype=cv2.CV_8U), np.uint8)


def fixings(image: Image, params: PlateParams, ink_left: int, ink_right: int, ink_top: int, ink_bottom: int) -> None:
    """Screws beside the characters, stickers, and the dealer's frame, which stops before the characters."""
    height, width = image.shape[:2]
    for x, y, size, colour in params.screws:
        cx, cy, radius = int(x * width), int(y * height), max(int(size * height), 1)
        clear = cy + radius < ink_top or cy - radius > ink_bottom or cx + radius < ink_left or cx - radius > ink_right
        if clear:
            cv2.circle(image, (cx, cy + 1), radius, (40, 40, 40), -1, cv2.LINE_AA)
            cv2.circle(image, (cx, cy), radius, colour, -1, cv2.LINE_AA)
    top, right, bottom, left = (int(share * height) for share in params.rim)
    top, bottom = min(top, ink_top - 2), min(bottom, height - ink_bottom - 2)
    left, right = min(left, ink_left - 2), min(right, width - ink_right - 2)
    if top > 0:
        image[:top] = params.rim_colour
    if bottom > 0:
        image[-bottom:] = params.rim_colour
    if left > 0:
        image[:, :left] = params.rim_colour
    if right > 0:
        image[:, -right:] = params.rim_colour


def weather(image: Image, params: PlateParams) -> Image:
    """Uneven brightness and specks over everything."""
    height, width = image.shape[:2]
    for x, y, size, grey in params.specks.tolist():
        cv2.circle(image, (int(x * width), int(y * height)), max(int(size * height), 1), (grey, int(grey * 0.95), int(grey * 0.85)), -1, cv2.LINE_AA)
    shade = cv2.resize(params.shade.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(image, cv2.merge([shade, shade, shade]), dtype=cv2.CV_8U), np.uint8)
