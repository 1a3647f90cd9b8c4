"""The layers of a drawn plate, painted in place on an RGB picture (h, w, 3)."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from platelight.records import Image
from platelight.synth import pixels
from platelight.synth.look import Colour, PlateParams
from platelight.synth.pen import Mask
from platelight.synth.typeset import small_print

_TURNS = np.linspace(0, math.pi / 2, 6)[None, :] + np.array([[0.0], [0.5], [1.0], [1.5]]) * math.pi
_QUARTERS = np.stack([np.cos(_TURNS), np.sin(_TURNS)], axis=2)  # (corners, points, x and y) of a circle


def blend(image: Image, mask: Mask, x: int, y: int, colour: Colour) -> None:
    """Lay `colour` through a mask whose top-left corner is at x, y; what lies outside the picture is left out."""
    height, width = image.shape[:2]
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + mask.shape[1], width), min(y + mask.shape[0], height)
    if x0 >= x1 or y0 >= y1:
        return
    part = image[y0:y1, x0:x1]
    share = mask[y0 - y : y1 - y, x0 - x : x1 - x, None].astype(np.float32) / 255
    part[:] = (part + (np.array(colour, np.float32) - part) * share).astype(np.uint8)


def border(image: Image, params: PlateParams) -> None:
    """The line around the plate."""
    if params.border is None:
        return
    height, width = image.shape[:2]
    inset, thick = int(params.border_inset * height), max(round(params.border_width * height), 1)
    radius = max(int(params.radius * height) - inset, 0)
    x0, y0, x1, y1 = inset, inset, width - 1 - inset, height - 1 - inset
    half = thick // 2
    points = _rounded_box(x0 + half, y0 + half, x1 - half, y1 - half, max(radius - half, 0))
    cv2.polylines(image, [points], True, params.border, thick, cv2.LINE_AA, 4)


def divider(image: Image, params: PlateParams, x: int, region: tuple[int, int, int, int]) -> None:
    """The line beside a region code (its box: left, top, right, bottom), and on most plates the country's name and flag under the code."""
    height = image.shape[0]
    thick = max(round(params.border_width * height * 0.8), 1)
    cv2.rectangle(image, (x - thick // 2, 0), (x - thick // 2 + thick - 1, height), params.border or params.ink, -1)
    country = params.template.country if params.template else ""
    room = height - region[3]
    if country != "ru" or room < height * 0.16:
        return
    mask = small_print("RUS", params.print_font, max(int(room * 0.45), 3), (region[2] - region[0]) * 0.6)
    y = region[3] + int(room * 0.22)
    blend(image, mask, region[0], y, params.ink)
    x0, x1 = region[0] + mask.shape[1] + 2, region[2]
    for index, colour in enumerate(((240, 240, 240), (30, 60, 170), (200, 30, 40))):
        step = max(int(room * 0.14), 1)
        cv2.rectangle(image, (x0, y + index * step), (x1, y + (index + 1) * step - 1), colour, -1)


def _rounded_box(x0: float, y0: float, x1: float, y1: float, radius: float) -> NDArray[np.int32]:
    left, right, top, bottom = x0 + radius, x1 - radius, y0 + radius, y1 - radius
    centres = np.array([[right, bottom], [left, bottom], [left, top], [right, top]])[:, None, :]
    return ((centres + radius * _QUARTERS) * 16).astype(np.int32).reshape(-1, 2)


def flood(image: Image, colour: Colour) -> None:
    """Fill a picture with one colour (many times faster than by numpy's broadcasting)."""
    cv2.rectangle(image, (0, 0), (image.shape[1], image.shape[0]), colour, -1)


def lay_ink(image: Image, ink: Mask, params: PlateParams) -> None:
    """The characters in their colour, with light and shadow along the strokes where they are embossed."""
    solid = np.empty(image.shape, np.uint8)
    flood(solid, params.ink)
    image[:] = pixels.overlaid(image, solid, ink)
    if params.emboss <= 0:
        return
    dx, dy = params.light
    soft = cv2.convertScaleAbs(cv2.blur(ink, (3, 3)), alpha=params.emboss / 128)
    height, width = soft.shape
    near = soft[max(-dy, 0) : height - max(dy, 0), max(-dx, 0) : width - max(dx, 0)]
    far = soft[max(dy, 0) : height - max(-dy, 0), max(dx, 0) : width - max(-dx, 0)]
    part = image[max(-dy, 0) : height - max(dy, 0), max(-dx, 0) : width - max(dx, 0)]
    light, shadow = cv2.subtract(far, near), cv2.subtract(near, far)
    part[:] = cv2.subtract(cv2.add(part, cv2.merge([light, light, light])), cv2.merge([shadow, shadow, shadow]))


def captions(image: Image, params: PlateParams, ink_top: int, ink_bottom: int) -> None:
    """Small print above and below the characters, in the room that is left there."""
    height, width = image.shape[:2]
    edge = int((params.border_inset + (params.border_width if params.border else 0.0)) * height)
    for caption in params.captions:
        room = (ink_top if caption.top else height - ink_bottom) - edge
        cap = int(room * caption.size)
        if cap < 3:
            continue
        middle = edge + room * 0.52 if caption.top else height - edge - room * 0.52
        if caption.ground is not None:
            strip = int(room * 0.88) + edge
            (image[:strip] if caption.top else image[height - strip :])[:] = caption.ground
        mask = small_print(caption.text, caption.font, cap, width * 0.66)
        blend(image, mask, int(caption.x * width - mask.shape[1] / 2), int(middle - mask.shape[0] / 2), caption.colour)


def fixings(image: Image, params: PlateParams, ink: tuple[int, int, int, int]) -> None:
    """Stickers, screws and holes beside the characters (`ink`: left, top, right, bottom), and the frame that stops before them."""
    _stickers(image, params, ink[1], ink[3])
    _screws(image, params, ink)
    _rim(image, params, ink)


def _stickers(image: Image, params: PlateParams, ink_top: int, ink_bottom: int) -> None:
    height, width = image.shape[:2]
    for sticker in params.stickers:
        room = (height - ink_bottom if sticker.bottom else ink_top) - 2
        tall = min(int(sticker.height * height), int(room * 0.9))
        wide = int(sticker.width * height)
        if tall < 5:
            continue
        x = width - wide - int(0.06 * height) if sticker.right else int(0.06 * height)
        y = height - tall - max((room - tall) // 2, 1) if sticker.bottom else max((room - tall) // 2, 1)
        image[y : y + tall, x : x + wide] = sticker.colour
        mask = small_print(sticker.text, params.print_font, max(int(tall * 0.6), 3), wide * 0.85)
        blend(image, mask, x + (wide - mask.shape[1]) // 2, y + (tall - mask.shape[0]) // 2, sticker.ink)


def _screws(image: Image, params: PlateParams, ink: tuple[int, int, int, int]) -> None:
    height, width = image.shape[:2]
    for x, y, size, colour in params.screws:
        cx, cy, radius = int(x * width), int(y * height), max(int(size * height), 1)
        if cy + radius < ink[1] or cy - radius > ink[3] or cx + radius < ink[0] or cx - radius > ink[2]:
            cv2.circle(image, (cx, cy + 1), radius, (40, 40, 40), -1, cv2.LINE_AA)
            cv2.circle(image, (cx, cy), radius, colour, -1, cv2.LINE_AA)
    if params.slots:
        wide, tall = max(int(0.07 * height), 2), max(int(0.028 * height), 1)
        for x in (0.22, 0.78):
            for cy in (int(0.06 * height), int(0.94 * height)):
                cv2.ellipse(image, (int(x * width), cy), (wide, tall), 0, 0, 360, (50, 50, 52), -1, cv2.LINE_AA)


def _rim(image: Image, params: PlateParams, ink: tuple[int, int, int, int]) -> None:
    height, width = image.shape[:2]
    top, right, bottom, left = (int(share * height) for share in params.rim)
    top, bottom, left, right = min(top, ink[1] - 2), min(bottom, height - ink[3] - 2), min(left, ink[0] - 2), min(right, width - ink[2] - 2)
    if top > 0:
        image[:top] = params.rim_colour
    if left > 0:
        image[:, :left] = params.rim_colour
    if right > 0:
        image[:, -right:] = params.rim_colour
    if bottom > 0:
        image[-bottom:] = params.rim_colour
        cap = int(bottom * 0.5)
        if params.rim_text and cap >= 3:
            mask = small_print(params.rim_text, params.print_font, cap, width * 0.6)
            blend(image, mask, (width - mask.shape[1]) // 2, height - bottom + (bottom - mask.shape[0]) // 2, (215, 215, 210))
