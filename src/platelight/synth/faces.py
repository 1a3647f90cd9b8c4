"""Faces for drawn plates: random stroke shapes of a family, and open fonts.

A `Face` is what one plate is lettered with. `draw_face` draws a new one each time, so that a character is never learnt
from one font. A ball in the weight-width-curve space is kept out of training: with `holdout=True` only shapes inside it are
drawn, otherwise only shapes outside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from platelight.records import ALPHABET
from platelight.synth.glyphs import stroke_mask
from platelight.synth.pen import Mask, Shape
from platelight.synth.typeset import FontFace, face_fonts

Range = tuple[float, float]


class Face(Protocol):
    """Letters for one plate."""

    def advance(self, character: str) -> float:
        """Natural width of the character's box as a share of its height."""
        ...

    def mask(self, character: str, width_px: int, height_px: int) -> Mask:
        """The character filling its box: uint8 (height_px, width_px), 255 is ink."""
        ...


@dataclass(frozen=True, slots=True)
class StrokeFace:
    """A face drawn by the pen."""

    shape: Shape

    def advance(self, character: str) -> float:
        return self.shape.advance(character)

    def mask(self, character: str, width_px: int, height_px: int) -> Mask:
        return stroke_mask(self.shape, character, width_px, height_px)


@dataclass(frozen=True, slots=True)
class Family:
    """Ranges that the shapes of a family are drawn from; `kinds` gives weights of a character's alternatives."""

    weight: Range = (0.11, 0.18)
    width: Range = (0.46, 0.66)
    mono: float = 0.3
    curve_x: Range = (0.45, 1.0)
    curve_y: Range = (0.16, 0.36)
    tension: Range = (0.52, 0.68)
    zero_width: Range = (0.92, 1.0)
    round_ends: float = 0.4
    soft: float = 0.5
    contrast: Range = (0.92, 1.1)
    kinds: tuple[tuple[str, tuple[float, ...]], ...] = ()


COMMON_KINDS: dict[str, tuple[float, ...]] = {
    "0": (0.94, 0.05, 0.01), "1": (0.12, 0.6, 0.23, 0.05), "2": (0.85, 0.15), "3": (0.8, 0.2), "4": (0.75, 0.2, 0.05),
    "5": (0.7, 0.3), "6": (0.68, 0.32), "7": (0.82, 0.08, 0.03, 0.07), "A": (0.7, 0.26, 0.04), "G": (0.6, 0.2, 0.2), "I": (0.6, 0.4),
    "J": (0.75, 0.25), "K": (0.4, 0.35, 0.25), "M": (0.92, 0.08), "Q": (0.55, 0.2, 0.25), "R": (0.55, 0.2, 0.25),
    "W": (0.55, 0.35, 0.1), "Z": (0.97, 0.03),
}  # fmt: skip

FAMILIES: dict[str, Family] = {
    "fe": Family(weight=(0.125, 0.165), width=(0.58, 0.66), mono=0.85, curve_x=(0.5, 0.85), curve_y=(0.16, 0.26), tension=(0.55, 0.66), round_ends=0.35,
                 kinds=(("0", (0.8, 0.0, 0.2)), ("1", (0, 0.87, 0.06, 0.07)), ("3", (0.6, 0.4)), ("4", (0.5, 0.5, 0)), ("I", (0.2, 0.8)))),
    "din": Family(weight=(0.12, 0.17), width=(0.44, 0.62), mono=0.2, curve_x=(0.85, 1.0), curve_y=(0.22, 0.34), round_ends=0.5,
                  kinds=(("1", (0, 0.95, 0.01, 0.04)), ("I", (0.9, 0.1)))),
    "uk": Family(weight=(0.155, 0.19), width=(0.58, 0.66), mono=0.15, curve_x=(0.5, 0.95), curve_y=(0.16, 0.28), round_ends=0.05,
                 kinds=(("0", (1, 0, 0)), ("1", (0.8, 0.15, 0, 0.05)), ("I", (0.9, 0.1)), ("6", (0.85, 0.15)), ("7", (0.95, 0, 0, 0.05)))),
    "fr": Family(weight=(0.12, 0.17), width=(0.5, 0.64), mono=0.3, curve_x=(0.6, 1.0), curve_y=(0.18, 0.32), round_ends=0.3, kinds=(("I", (0.7, 0.3)),)),
    "it": Family(weight=(0.11, 0.15), width=(0.5, 0.62), mono=0.5, curve_x=(0.55, 1.0), curve_y=(0.18, 0.3), round_ends=0.5,
                 kinds=(("1", (0, 0.85, 0.1, 0.05)), ("I", (0.8, 0.2)))),
    "us": Family(weight=(0.1, 0.16), width=(0.4, 0.58), mono=0.6, curve_x=(0.45, 1.0), curve_y=(0.15, 0.28), tension=(0.55, 0.75), round_ends=0.75,
                 soft=0.8, zero_width=(0.9, 1.0), kinds=(("1", (0.15, 0.4, 0.38, 0.07)), ("I", (0.35, 0.65)), ("0", (0.9, 0.1, 0)), ("M", (0.95, 0.05)))),
    "br": Family(weight=(0.12, 0.165), width=(0.5, 0.64), mono=0.35, curve_x=(0.7, 1.0), curve_y=(0.18, 0.32), round_ends=0.4,
                 kinds=(("1", (0.05, 0.8, 0.1, 0.05)), ("I", (0.6, 0.4)))),
    "su": Family(weight=(0.11, 0.16), width=(0.48, 0.66), mono=0.4, curve_x=(0.6, 1.0), curve_y=(0.18, 0.34), round_ends=0.4,
                 kinds=(("1", (0, 0.9, 0.05, 0.05)), ("4", (0.7, 0.3, 0)))),
    "generic": Family(weight=(0.085, 0.2), width=(0.36, 0.74), curve_x=(0.45, 1.0), curve_y=(0.15, 0.4), tension=(0.5, 0.8), zero_width=(0.82, 1.0),
                      contrast=(0.8, 1.25)),
}  # fmt: skip

HOLDOUT_CENTRE = np.array([0.35, 0.6, 0.5])
HOLDOUT_RADIUS = 0.28


def in_holdout(unit: np.ndarray) -> bool:
    """Whether a shape, given by its places (weight, width, curve_x) inside the family's ranges (0 to 1), is kept for tests."""
    return bool(np.linalg.norm(unit - HOLDOUT_CENTRE) < HOLDOUT_RADIUS)


def draw_shape(rng: np.random.Generator, family: str, holdout: bool = False) -> Shape:
    """A new stroke shape of a family. Raises KeyError for an unknown family."""
    ranges = FAMILIES[family]
    u = rng.random(3)
    while in_holdout(u) != holdout:
        u = rng.random(3)
    v = rng.random(27).tolist()

    def within(bounds: Range, share: float) -> float:
        return bounds[0] + (bounds[1] - bounds[0]) * share

    round_ends = v[0] < ranges.round_ends
    width = within(ranges.width, u[1])
    return Shape(
        weight=min(within(ranges.weight, u[0]), width * 0.3), width=width, curve_x=within(ranges.curve_x, u[2]), mono=v[1] < ranges.mono,
        curve_y=within(ranges.curve_y, 0.5 * v[2] + 0.5 * u[2]), tension=within(ranges.tension, v[3]), zero_width=within(ranges.zero_width, v[4]),
        zero_curve=within((0.7, 1.25), v[5]), round_ends=round_ends, square_joins=not round_ends and v[6] < 0.9,
        soften=within((0.012, 0.045), v[7]) if v[8] < ranges.soft else 0.0, narrow=within((0.3, 0.5), v[9]), wide=within((1.0, 1.3), v[10]),
        waist=within((0.45, 0.52), v[11]), bowl=within((0.52, 0.62), v[12]), arm=within((0.75, 1.0), v[13]), reach=v[14],
        apex=v[15] * 1.0 if not round_ends else 1.0, vertex=within((0.5, 1.0), v[16]), spine=within((0.0, 0.07), v[17]), bar=within((0.58, 0.76), v[18]),
        fork=within((0.42, 0.58), v[19]), upper=within((0.0, 0.05), v[20]), tail=within((0.16, 0.28), v[21]), four_bar=within((0.62, 0.8), v[22]),
        four_stem=within((0.62, 0.9), v[23]), six_bowl=within((0.36, 0.47), v[24]), flag=within((0.16, 0.34), v[25]),
        contrast=within(ranges.contrast, v[26]), kinds=_draw_kinds(rng, ranges),
    )  # fmt: skip


def _draw_kinds(rng: np.random.Generator, ranges: Family) -> dict[str, int]:
    weights = COMMON_KINDS | dict(ranges.kinds)
    draws = rng.random(len(weights)).tolist()
    kinds = {}
    for (character, shares), draw in zip(weights.items(), draws, strict=True):
        left = draw * sum(shares)
        for index, share in enumerate(shares):
            left -= share
            if left < 0:
                kinds[character] = index
                break
    return kinds


FONT_SHARE = 0.3


def draw_face(rng: np.random.Generator, family: str, holdout: bool = False) -> Face:
    """The face of one plate: a new stroke shape of the family or, for FONT_SHARE of the plates outside the holdout, an open font."""
    if holdout or rng.random() >= FONT_SHARE:
        return StrokeFace(draw_shape(rng, family, holdout))
    names = face_fonts(family if rng.random() < 0.75 else "generic")
    return FontFace(names[int(rng.integers(len(names)))], rng.uniform(0.92, 1.12))


def telling(face: Face) -> Face:
    """The face with its 0 narrower than its O and a flag on its 1, for texts in which no format says which of the two it is."""
    if not isinstance(face, StrokeFace):
        return face
    shape = face.shape
    return StrokeFace(replace(shape, zero_width=min(shape.zero_width, 0.88), kinds=shape.kinds | {"1": shape.kind("1") or 1}))


def alphabet_sheet(face: Face, height_px: int) -> Mask:
    """Every character of the alphabet in one row, for looking at a face."""
    gap = np.zeros((height_px, max(height_px // 8, 1)), np.uint8)
    parts = [part for character in ALPHABET for part in (face.mask(character, max(int(face.advance(character) * height_px), 2), height_px), gap)]
    return np.hstack(parts)
