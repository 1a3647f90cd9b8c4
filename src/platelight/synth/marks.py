"""What stands between characters without being text: dashes, dots, seals, coats of arms, characters of other scripts."""

from __future__ import annotations

import cv2
import numpy as np

from platelight.records import Image
from platelight.synth import script
from platelight.synth.layout import Placed
from platelight.synth.look import Colour, PlateParams
from platelight.synth.pen import Mask

# Here "+" is a character outside the alphabet.
OTHER_SCRIPT = ("jp", "cn", "kr", "th", "tw", "mo", "ma", "tn", "eg", "ir", "iq", "lb", "mm", "kh", "np", "bd", "mn")
SHIELDED = ("at", "sk", "hr", "si", "ch", "li")
HUES: tuple[Colour, ...] = ((60, 140, 80), (200, 60, 60), (50, 80, 170), (150, 150, 150), (210, 180, 60), (230, 130, 40))


def draw(image: Image, ink: Mask, params: PlateParams, boxes: list[Placed]) -> None:
    """Draw all marks of a plate: dashes, dots and other scripts into the ink, seals and emblems in colour into the picture."""
    d = params.details.tolist()
    country = params.template.country if params.template else ""
    for index, box in enumerate(boxes):
        cx, cy = box.x + box.width // 2, box.y + box.height // 2
        if box.symbol == "-":
            half, thick = max(int(box.width * (0.22 + 0.16 * d[21])), 1), max(int(box.height * (0.08 + 0.07 * d[22])), 1)
            ink[cy - thick // 2 : cy - thick // 2 + thick, max(cx - half, 0) : cx + half + 1] = 255
        elif box.symbol == ".":
            y = cy if d[23] < 0.6 else box.y + box.height - max(box.height // 12, 1)
            cv2.circle(ink, (cx * 16, y * 16), max(int(box.height * (0.05 + 0.04 * d[22]) * 16), 12), 255, -1, cv2.LINE_AA, 4)
        elif box.symbol == "+" and country in OTHER_SCRIPT:
            script.character(ink, box, d[30 + index * 7 % 50 :])
        elif box.symbol == "+" and country not in SHIELDED and d[19] < 0.7:
            _outline(image, box, params, d)
        elif box.symbol in "*+":
            shield = box.symbol == "+" or country in SHIELDED or d[20] < 0.1
            _shield(image, box, d) if shield else _seals(image, box, d)


def _hue(value: float) -> Colour:
    return HUES[int(value * 5.999)]


def _seals(image: Image, box: Placed, d: list[float]) -> None:
    """Round stickers: a coloured inspection label above the authority's seal, either of them, or none."""
    if d[27] < 0.06:
        return
    cx, radius = box.x + box.width // 2, max(box.width * (0.36 + 0.1 * d[28]), 2.0)
    upper, lower = box.y + box.height * 0.24, box.y + box.height * 0.76
    if d[27] < 0.62:
        _disc(image, cx, upper, radius * 0.85, _hue(d[29]), (235, 235, 235) if d[30] < 0.5 else _hue(d[31]))
        _disc(image, cx, lower, radius, (205, 205, 205), _hue(d[32]))
    else:
        _disc(image, cx, (upper + lower) / 2 + (d[33] - 0.5) * box.height * 0.3, radius, _hue(d[29]) if d[30] < 0.6 else (205, 205, 205), _hue(d[31]))


def _disc(image: Image, cx: float, cy: float, radius: float, rim: Colour, hub: Colour) -> None:
    centre = int(cx * 16), int(cy * 16)
    cv2.circle(image, centre, int(radius * 16), rim, -1, cv2.LINE_AA, 4)
    cv2.circle(image, centre, int(radius * 9), hub, -1, cv2.LINE_AA, 4)
    if radius > 5:
        cv2.circle(image, centre, int(radius * 13), (90, 90, 90), 1, cv2.LINE_AA, 4)


def _shield(image: Image, box: Placed, d: list[float]) -> None:
    cx, cy = box.x + box.width / 2, box.y + box.height / 2
    w, h = box.width * 0.38, box.height * (0.26 + 0.14 * d[28])
    side = np.array([(-1, -1), (1, -1), (1, 0.2), (0.6, 0.75), (0, 1), (-0.6, 0.75), (-1, 0.2)]) * (w, h) + (cx, cy)
    outline = (side * 16).astype(np.int32)
    first, second = _hue(d[29]), _hue(d[31]) if d[30] < 0.5 else (240, 240, 240)
    cv2.fillPoly(image, [outline], first, cv2.LINE_AA, 4)
    x, y = int(cx), int(cy)
    if d[32] < 0.35:
        image[max(y - int(h * 0.25), 0) : y + 1, x - int(w * 0.8) : x + int(w * 0.8)] = second
    elif d[32] < 0.6:
        image[y - int(h * 0.8) : y + int(h * 0.6), x - int(w * 0.18) : x + int(w * 0.18) + 1] = second
    else:
        cv2.circle(image, (x, y), max(int(w * 0.5), 1), second, -1, cv2.LINE_AA)
    cv2.polylines(image, [outline], True, (70, 70, 70), 1, cv2.LINE_AA, 4)


def _outline(image: Image, box: Placed, params: PlateParams, d: list[float]) -> None:
    """A state's outline, a tree, a fruit, a bird on its branch: a blob, or several in a few colours that fill the place of a character."""
    cx, cy = box.x + box.width / 2, box.y + box.height * (0.45 + 0.2 * d[28])
    size = box.width * (0.5 + 0.25 * d[46])
    _blob(image, (cx, cy), size, 0.7 + 0.8 * d[45], d[34:45], params.ink if d[29] < 0.4 else _hue(d[30]))
    if d[46] < 0.45:
        if d[31] < 0.4:
            cv2.circle(image, (int(cx), int(cy)), max(int(box.width * 0.15), 1), _hue(d[32]), -1, cv2.LINE_AA)
        return
    for part in range(1 + int(4 * d[32])):
        values = d[46 + part * 3 : 49 + part * 3]
        place = cx + (values[0] - 0.5) * size * 1.2, cy + (values[1] - 0.5) * size * 2
        _blob(image, place, size * (0.2 + 0.5 * values[2]), 0.5 + 1.2 * values[1], d[33 + part : 44 + part], _hue((values[0] * 7 + values[2]) % 1.0))


def _blob(image: Image, centre: tuple[float, float], size: float, tall: float, radii: list[float], colour: Colour) -> None:
    angles = np.arange(len(radii)) * (2 * np.pi / len(radii))
    reach = (0.35 + 0.65 * np.array(radii)) * size
    points = np.column_stack([centre[0] + reach * np.cos(angles), centre[1] + reach * np.sin(angles) * tall])
    cv2.fillPoly(image, [(points * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)
