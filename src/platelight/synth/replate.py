"""Put a drawn plate in the place of a real one, seen and lit as the real one was."""

from __future__ import annotations

import math

import numpy as np

from platelight.dataset import PlateLabel
from platelight.geometry import Quad
from platelight.records import Image
from platelight.synth import compose, match, noise, pixels, plate

RIM = 0.02  # the new plate reaches this share of its size beyond the old corners, which are rarely exact to the pixel
LEAST_WIDTH_PX = 24.0
UPRIGHT_ASPECT = 2.0


def replate(photo: Image, quad: Quad, art: plate.PlateArt, rng: np.random.Generator) -> tuple[Image, Quad]:
    """The photo (H, W, 3) with the plate at `quad` replaced by the drawing, and the drawing's corners.

    Brightness, contrast, colour cast, light falling off, blur and noise are measured on the old plate. A drawing of another
    shape is laid so that it covers the old plate fully.
    """
    look = match.measure(photo, quad)
    target = covering(quad, art.image.shape[1] / art.image.shape[0])
    top, left, bottom, right = compose.window(target, photo, room=4 + 0.3 * target.height_px)
    part = photo[top:bottom, left:right]
    local = target.moved(-left, -top)
    seen, cover = compose.warp(art.image, art.mask, local, bottom - top, right - left)
    seen, cover = match.render(look, seen, cover, local, noise.seed(rng))
    result = photo.copy()
    result[top:bottom, left:right] = pixels.blend(part, seen, cover)
    return result, target


def covering(quad: Quad, aspect: float, stretch: float = 1.12) -> Quad:
    """The quad of a plate of ratio `aspect` that covers `quad` in the same plane, with a narrow rim.

    Up to `stretch` the drawing is stretched to the old plate's shape, for corners and foreshortening are not known exactly.
    """
    old = quad.width_px / max(quad.height_px, 1.0)
    ratio = min(max(old / aspect, 1 / stretch), stretch)
    shape = aspect * ratio
    wider, higher = max(shape / old, 1.0), max(old / shape, 1.0)
    corners = quad.array()
    centre = corners.mean(axis=0)
    along = (corners[1] + corners[2] - corners[0] - corners[3]) / 4
    down = (corners[2] + corners[3] - corners[0] - corners[1]) / 4
    basis = np.linalg.inv(np.column_stack([along, down]))
    shares = (corners - centre) @ basis.T * np.array([wider, higher]) * (1 + 2 * RIM)
    return Quad.from_array(centre + shares @ np.column_stack([along, down]).T)


def place_of(label: PlateLabel) -> Quad | None:
    """Where a labelled plate can be replaced: its corners, or its box where that is likely to fit an upright plate."""
    quad = label.corners
    if quad is None and label.box is not None and "tilt" not in label.flags and label.box.width > UPRIGHT_ASPECT * label.box.height:
        quad = label.box.quad()
        if "text_box" in label.flags:
            quad = quad.grown(0.08)
    if quad is None or quad.width_px < LEAST_WIDTH_PX or quad.area < 150:
        return None
    return quad


def fitting(quad: Quad, aspect: float) -> bool:
    """Whether a drawing of ratio `aspect` can take the place without growing by more than a quarter."""
    old = quad.width_px / max(quad.height_px, 1.0)
    return abs(math.log(old / aspect)) < math.log(1.12 * 1.25)
