"""The rear of a motorcycle or scooter with the place for its plate."""

from __future__ import annotations

from platelight.synth.bodywork import AMBER, CHROME, RED, TRIM, VehicleParams, between, body, box, crease, exhaust, lamp, room, shadow
from platelight.synth.easel import Easel, mirrored, shade
from platelight.synth.sketch import arc, rectangle

STEEL = (120.0, 122.0, 126.0)


def motorcycle(easel: Easel, params: VehicleParams) -> tuple[float, float, float, float]:
    """Draw it; returns the middle, width and height of the plate's room as shares of the width."""
    form = params.form
    shadow(easel, 1.42, 0.24)
    _handlebars(easel, params)
    _wheel(easel)
    _suspension(easel, params)
    hips = between(0.2, 0.25, form[2])
    body(easel, params, [(0.1, 0.28), (0.17, 0.36), (hips, 0.5), (0.17, 0.66), (0.11, 0.72)])
    for side in (-1, 1):
        crease(easel, params, [(0.5 + side * 0.13, 0.36), (0.5 + side * (hips - 0.05), 0.48), (0.5 + side * 0.14, 0.64)])
    _seat(easel, params)
    lamp(easel, mirrored([(0.13, 0.5), (0.155, 0.53), (0.1, 0.605)]), RED, params.lit or form[3] < 0.3)
    for side in (-1, 1):
        easel.line([(0.5 + side * 0.13, 0.635), (0.5 + side * 0.26, 0.625)], TRIM, 0.018)
        easel.fill(arc(0.5 + side * 0.28, 0.622, 0.036, 0, 360, squeeze=0.85), (30, 30, 32), curve=0.004)
        easel.fill(arc(0.5 + side * 0.28, 0.622, 0.028, 0, 360, squeeze=0.85), shade(AMBER, 1.0, 20), shade(AMBER, 0.7), curve=0.003)
        easel.fill(arc(0.5 + side * 0.273, 0.612, 0.008, 0, 360), (255, 230, 200), soft=0.003, opacity=0.7)
    width, height = room(params, 0.34, 0.3)
    width, height = width * 1.75, height * 1.75
    y = 0.68 + height / 2
    easel.fill(rectangle(0.46, 0.64, 0.54, 0.7), (48, 49, 51), TRIM, curve=0.006)
    easel.fill(rectangle(0.5 - width * 0.53, y - height * 0.6, 0.5 + width * 0.53, y + height * 0.6), (40, 41, 43), shade(TRIM, 0.6), curve=0.012)
    return 0.5, y, width, height


def _handlebars(easel: Easel, params: VehicleParams) -> None:
    easel.fill(mirrored([(0.09, 0.2), (0.13, 0.26), (0.1, 0.32)]), shade(params.paint, 0.9), shade(params.paint, 0.5), curve=0.02)
    for side in (-1, 1):
        easel.line([(0.5, 0.29), (0.5 + side * 0.2, 0.265), (0.5 + side * 0.3, 0.28)], shade(STEEL, 0.7), 0.018, soft=0.001)
        easel.line([(0.5 + side * 0.28, 0.277), (0.5 + side * 0.4, 0.29)], (18, 18, 19), 0.032, soft=0.001)
        easel.line([(0.5 + side * 0.27, 0.255), (0.5 + side * 0.38, 0.262)], CHROME, 0.007)
        easel.line([(0.5 + side * 0.22, 0.27), (0.5 + side * 0.27, 0.2), (0.5 + side * 0.31, 0.15)], TRIM, 0.012, soft=0.001)
        glass = [(0.5 + side * (0.36 + dx), 0.13 + dy) for dx, dy in ((-0.08, 0.02), (-0.05, -0.04), (0.06, -0.045), (0.09, 0.0), (0.05, 0.045))]
        easel.fill(glass, (16, 16, 17), curve=0.014)
        inner = [(0.5 + side * 0.36 + (x - 0.5 - side * 0.36) * 0.84, 0.13 + (y - 0.13) * 0.82) for x, y in glass]
        easel.fill(inner, shade(params.sky, 0.95), shade(params.sky, 0.45), curve=0.012)


def _wheel(easel: Easel) -> None:
    """The tyre from behind: rounded tread with grooves that run to its edges."""
    easel.fill(rectangle(0.425, 0.72, 0.575, 1.42), (16, 16, 17), (38, 38, 39), curve=0.035)
    for side in (-1, 1):
        easel.fill(box(0.5 + side * 0.075, 0.74, 0.5 + side * 0.05, 1.4), (4, 4, 5), soft=0.014, opacity=0.7, inside=True)
        for n in range(14):
            y = 0.78 + n * 0.045
            easel.line([(0.5 + side * 0.014, y), (0.5 + side * 0.045, y + 0.016), (0.5 + side * 0.07, y + 0.012)], (7, 7, 7), 0.007, soft=0.001, opacity=0.85)
    easel.fill(rectangle(0.47, 0.8, 0.53, 1.38), (90, 90, 92), soft=0.012, opacity=0.16)


def _suspension(easel: Easel, params: VehicleParams) -> None:
    """Swing arm, springs and the silencer on one side."""
    for side in (-1, 1):
        easel.line([(0.5 + side * 0.15, 0.7), (0.5 + side * 0.115, 1.1)], shade(STEEL, 0.5), 0.034, soft=0.002)
        for n in range(9):
            y = 0.76 + n * 0.032
            x = 0.5 + side * (0.147 - 0.0028 * n)
            easel.line([(x - 0.022, y + 0.006), (x + 0.022, y - 0.006)], CHROME if params.form[5] < 0.5 else RED, 0.009, soft=0.001)
        easel.fill(box(0.5 + side * 0.09, 1.06, 0.5 + side * 0.13, 1.14), STEEL, shade(STEEL, 0.4), curve=0.006)
        easel.fill(arc(0.5 + side * 0.125, 1.1, 0.014, 0, 360), CHROME, shade(CHROME, 0.5))
    side = 1 if params.form[6] < 0.7 else -1
    pipe = [(0.5 + side * 0.17, 0.94), (0.5 + side * 0.27, 0.96), (0.5 + side * 0.26, 1.09), (0.5 + side * 0.17, 1.1)]
    easel.fill(pipe, (70, 71, 74), (18, 18, 19), curve=0.02)
    exhaust(easel, 0.5 + side * 0.22, 1.03)


def _seat(easel: Easel, params: VehicleParams) -> None:
    """Seat with its seam, and the rail a passenger holds."""
    easel.fill(mirrored([(0.12, 0.24), (0.165, 0.31), (0.145, 0.385)]), (44, 44, 46), (16, 16, 17), curve=0.024)
    easel.line([(0.37, 0.335), (0.5, 0.35), (0.63, 0.335)], (80, 80, 82), 0.003, soft=0.001, opacity=0.7)
    easel.fill(mirrored([(0.09, 0.25), (0.11, 0.268)]), params.sky, soft=0.01, opacity=0.25)
    for side in (-1, 1):
        easel.line([(0.5 + side * 0.06, 0.43), (0.5 + side * 0.17, 0.4), (0.5 + side * 0.19, 0.34)], shade(STEEL, 0.55), 0.018, soft=0.001)
        easel.line([(0.5 + side * 0.06, 0.426), (0.5 + side * 0.168, 0.396)], CHROME, 0.004, soft=0.001, opacity=0.7)
