"""Spoil a clean picture the way real cameras, weather and files do; chance is decided in `sample`, pixels in `apply`.

The mixture follows what real collections look like: about 35 of 100 pictures are nearly clean, 45 middling and 20 hard, though
a person could still read them. Effects stand in the order in which they happen: light and dirt, lens, sensor, camera
software, file.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from platelight.records import Image
from platelight.synth import light, noise, optics


class Effect(Protocol):
    """One thing that happens to a picture."""

    def apply(self, image: Image) -> Image: ...


@dataclass(frozen=True, slots=True)
class DegradeParams:
    """What happens to one picture: `effects` in order, then the file it is stored in. `tier` is clean, middling or hard."""

    tier: str
    effects: tuple[Effect, ...]
    jpeg: optics.Jpeg


TIERS = ("clean", "middling", "hard")
SHARES = (0.35, 0.45, 0.20)


def sample(rng: np.random.Generator, strength: float = 1.0, glyph_px: float = 20.0) -> DegradeParams:
    """Draw what happens to a picture.

    `strength` 0 to 1 and above moves weight from clean towards hard and scales the effects. `glyph_px` is the height of the
    plate's characters in the picture: blur and resolution are measured against it, so that text stays readable.
    """
    tier = _pick(rng, (SHARES[0], SHARES[1] * strength, SHARES[2] * strength))
    level = strength * (0.25, 0.6, 1.0)[tier]
    effects: list[Effect] = []
    for chance, make in _LIGHT:
        if rng.random() < chance[tier] * min(strength, 1.5):
            effects.append(make(rng, level))
    look, sunlit = _look(rng, level)
    if not sunlit:
        effects = [effect for effect in effects if not isinstance(effect, light.Shadow | light.Glow)]
    effects += look
    effects += _lens(rng, level, glyph_px)
    effects.append(_sensor(rng, level, contrast=_contrast(effects)))
    if rng.random() < 0.25:
        effects.append(optics.Sharpen(amount=rng.uniform(0.3, 1.6), sigma=rng.uniform(0.6, 1.8)))
    if rng.random() < 0.12:
        effects.append(optics.Grey(_grey_weights(rng)))
    return DegradeParams(tier=TIERS[tier], effects=tuple(effects), jpeg=_jpeg(rng, level))


def apply(params: DegradeParams, image: Image) -> Image:
    """Carry out `params` on an RGB picture (H, W, 3); the size stays."""
    return params.jpeg.apply(develop(params, image))


def develop(params: DegradeParams, image: Image) -> Image:
    """As `apply`, without the last step through a JPEG file, for those who encode the picture anyway."""
    for effect in params.effects:
        image = effect.apply(image)
    return image


def _pick(rng: np.random.Generator, weights: tuple[float, ...]) -> int:
    """An index by weight; much cheaper than Generator.choice for a handful of options."""
    ends = list(itertools.accumulate(weights))
    return min(bisect.bisect(ends, rng.random() * ends[-1]), len(weights) - 1)


def _contrast(effects: list[Effect]) -> float:
    """How much of the contrast between ground and ink is left, 1 for all of it."""
    left = 1.0
    for effect in effects:
        if isinstance(effect, light.Tone):
            left *= effect.gain * effect.contrast * (1 - effect.lift)
        elif isinstance(effect, light.Glow | light.Dirt | light.Shadow):
            left *= 0.7
    return left


def _tone_day(rng: np.random.Generator, level: float) -> list[Effect]:
    warm = rng.normal(0, 0.06)
    cast = (1 + warm, 1 + rng.normal(0, 0.02), 1 - warm)
    gain = min(max(math.exp(rng.normal(-0.05, 0.12 + 0.22 * level)), 0.6), 1.7)
    contrast = min(max(math.exp(rng.normal(-0.03, 0.08 + 0.12 * level)), 0.7), 1.5)
    lift = min(max(rng.normal(0, 0.05 + 0.06 * level), 0.0), 0.2)
    return [light.Tone(gain, math.exp(rng.normal(0, 0.1 + 0.12 * level)), contrast, lift, cast, rng.uniform(0.7, 1.25))]


def _tone_fog(rng: np.random.Generator, level: float) -> list[Effect]:
    return [light.Tone(rng.uniform(0.6, 0.95), 1.0, rng.uniform(0.55, 0.85), rng.uniform(0.1, 0.25), (0.98, 1.0, 1.03), rng.uniform(0.5, 0.9))]


def _tone_night(rng: np.random.Generator, level: float) -> list[Effect]:
    lamp = (1.15, 0.98, 0.75) if rng.random() < 0.6 else (0.9, 1.0, 1.15)
    tone = light.Tone(rng.uniform(0.3, 0.75), rng.uniform(0.85, 1.3), rng.uniform(0.7, 1.05), rng.uniform(0, 0.06), lamp, rng.uniform(0.4, 1.0))
    effects: list[Effect] = [light.Slope(rng.normal(0, 0.5), rng.normal(0, 0.4)), tone]
    if rng.random() < 0.4:
        effects.append(light.Bloom(rng.uniform(90, 160), rng.uniform(0.02, 0.1), rng.uniform(0.2, 0.6)))
    return effects


def _tone_dashcam(rng: np.random.Generator, level: float) -> list[Effect]:
    """Cheap dash cameras without an infra-red filter: magenta, milky blacks, glowing tail lights."""
    cast = (rng.uniform(1.0, 1.2), rng.uniform(0.65, 0.85), rng.uniform(0.85, 1.1))
    tone = light.Tone(rng.uniform(0.5, 1.15), rng.uniform(0.85, 1.15), rng.uniform(0.55, 0.9), rng.uniform(0.03, 0.25), cast, rng.uniform(0.3, 0.9))
    return [tone, *_tail_light(rng, 0.5)]


def _tone_infrared(rng: np.random.Generator, level: float) -> list[Effect]:
    """A camera with an infra-red flash: grey, a bright ground that bleeds over thin strokes."""
    tone = light.Tone(rng.uniform(0.75, 1.5), rng.uniform(0.8, 1.6), rng.uniform(0.9, 1.5), rng.uniform(0, 0.1), saturation=0.0)
    return [tone, light.Bloom(rng.uniform(120, 190), rng.uniform(0.01, 0.04), rng.uniform(0.1, 0.5))]


def _tone_cold(rng: np.random.Generator, level: float) -> list[Effect]:
    """Cheap garage cameras: blue or violet whites, clipped lights."""
    cast = (rng.uniform(0.9, 1.02), rng.uniform(0.88, 0.97), rng.uniform(1.05, 1.25))
    return [light.Tone(rng.uniform(0.9, 1.3), 1.0, rng.uniform(0.9, 1.25), rng.uniform(0, 0.1), cast, rng.uniform(0.6, 1.1))]


def _tone_faded(rng: np.random.Generator, level: float) -> list[Effect]:
    """Dusk with an under-exposed, flat picture, as distant traffic cameras give."""
    brown = rng.uniform(0, 0.12)
    cast = (1 + brown, 1.0, 1 - brown)
    return [light.Tone(rng.uniform(0.3, 0.6), rng.uniform(0.9, 1.1), rng.uniform(0.5, 0.8), rng.uniform(0.08, 0.22), cast, rng.uniform(0.3, 0.9))]


_LOOKS: tuple[tuple[float, Callable[[np.random.Generator, float], list[Effect]]], ...] = (
    (0.70, _tone_day),
    (0.04, _tone_fog),
    (0.07, _tone_night),
    (0.05, _tone_dashcam),
    (0.05, _tone_infrared),
    (0.03, _tone_cold),
    (0.06, _tone_faded),
)
_LOOK_SHARES = tuple(share for share, _ in _LOOKS)


def _look(rng: np.random.Generator, level: float) -> tuple[list[Effect], bool]:
    """How the camera renders the light, and whether the sun may cast shadows and glare in it."""
    make = _LOOKS[_pick(rng, _LOOK_SHARES)][1]
    if level < 0.3 and rng.random() < 0.8:
        make = _tone_day
    return make(rng, level), make is _tone_day


def _lens(rng: np.random.Generator, level: float, glyph_px: float) -> list[Effect]:
    """Blur and resolution; the worse the one, the less of the other."""
    budget = level * rng.uniform(0.2, 1.0) * min(max((glyph_px - 5) / 10, 0.1), 1.0)
    kind = _pick(rng, (0.3, 0.25, 0.3, 0.15))
    effects: list[Effect] = []
    if kind in (0, 3):
        sigma = 0.09 * glyph_px * budget * (0.6 if kind == 3 else 1.0)
        if sigma > 0.35:
            effects.append(optics.FocusBlur(sigma, disc=rng.random() < 0.25 and sigma > 0.8))
    if kind == 1:
        length = 0.3 * glyph_px * budget
        angle = rng.normal(0, 15) + 90 * (rng.random() < 0.25) if rng.random() < 0.7 else rng.uniform(0, 180)
        if length > 1.2:
            effects.append(optics.MotionBlur(length, float(angle), rng.normal(0, 0.4)))
    if kind in (2, 3):
        smallest = 7.0 + 2 * (kind == 3)  # pixels of character height that a person still reads
        factor = (glyph_px / smallest) ** budget if glyph_px > smallest else 1.0
        if factor > 1.15:
            effects.append(optics.LowResolution(factor, optics.DOWNSAMPLERS[_pick(rng, (1, 1))], optics.UPSAMPLERS[_pick(rng, (4, 4, 1, 1))]))
    return effects


def _sensor(rng: np.random.Generator, level: float, contrast: float) -> optics.SensorNoise:
    """Noise, held below what would drown text of the contrast that is left."""
    amount = min(abs(rng.normal(0, 2.0 + 6.0 * level)), 17.0 * contrast)
    return optics.SensorNoise(
        luma=amount * rng.uniform(0.4, 1.0),
        chroma=amount * rng.uniform(0.0, 0.8),
        shot=rng.uniform(0, 0.8),
        softness=int(rng.integers(0, 3)),
        seed=noise.seed(rng),
    )


def _jpeg(rng: np.random.Generator, level: float) -> optics.Jpeg:
    lowest = 88 - 62 * min(level, 1.0)
    quality = 95 - (95 - lowest) * rng.random() ** 1.3
    if rng.random() < 0.03 * level:
        quality = rng.uniform(15, 30)
    return optics.Jpeg(int(min(max(quality, 15), 95)), (444, 422, 420)[_pick(rng, (25, 15, 60))])


def _grey_weights(rng: np.random.Generator) -> tuple[float, float, float]:
    weights = rng.dirichlet((4.0, 7.0, 2.0))
    return float(weights[0]), float(weights[1]), float(weights[2])


def _tail_light(rng: np.random.Generator, chance: float) -> list[Effect]:
    if rng.random() >= chance:
        return []
    side = rng.choice((-0.05, 1.05))
    colour = (1.0, rng.uniform(0.1, 0.4), rng.uniform(0.2, 0.5))
    return [light.Glow(side, rng.uniform(-0.2, 0.6), rng.uniform(0.1, 0.35), rng.uniform(0.2, 0.7), rng.uniform(0.5, 1.0), colour)]


def _shadow(rng: np.random.Generator, level: float) -> light.Shadow:
    """A shade over one side, a corner, or a bar across (a lamp post, a bar of the grille, a branch)."""
    angle = rng.uniform(0, math.pi)
    along = np.array([math.cos(angle), math.sin(angle)])
    across = np.array([-along[1], along[0]])
    centre = rng.uniform(0.25, 0.75, 2)
    width = rng.uniform(0.05, 0.25) if rng.random() < 0.3 else 3.0
    corners = [centre - 3 * along, centre + 3 * along, centre + 3 * along + width * across, centre - 3 * along + width * across]
    softness = rng.uniform(0.005, 0.02) if rng.random() < 0.6 else rng.uniform(0.02, 0.12)
    return light.Shadow(tuple((float(x), float(y)) for x, y in corners), rng.uniform(0.2, 0.35 + 0.35 * level), softness)


def _glare(rng: np.random.Generator, level: float) -> light.Glow:
    size = rng.uniform(0.05, 0.3), rng.uniform(0.08, 0.5)
    warm = rng.uniform(0.85, 1.0)
    return light.Glow(rng.uniform(0, 1), rng.uniform(0, 1), *size, rng.uniform(0.2, 0.35 + 0.3 * level), (1.0, (1 + warm) / 2, warm))


def _slope(rng: np.random.Generator, level: float) -> light.Slope:
    return light.Slope(rng.normal(0, 0.3), rng.normal(0, 0.3))


def _vignette(rng: np.random.Generator, level: float) -> light.Vignette:
    return light.Vignette(rng.uniform(0.1, 0.5))


def _dirt(rng: np.random.Generator, level: float) -> light.Dirt:
    dust = rng.uniform(70, 170)
    colour = (dust, dust * rng.uniform(0.82, 1.0), dust * rng.uniform(0.65, 0.95))
    return light.Dirt(rng.uniform(0.1, 0.7), rng.uniform(0.15, 0.3 + 0.35 * level), colour, rng.uniform(0.3, 2.0), noise.seed(rng))


def _specks(rng: np.random.Generator, level: float) -> light.Specks:
    spots = tuple((float(x), float(y), float(r)) for x, y, r in zip(*rng.random((2, 14)), rng.gamma(2.0, 0.006, 14), strict=True))
    colour = (235.0, 238.0, 242.0) if rng.random() < 0.25 else (60.0, 52.0, 42.0)
    return light.Specks(spots, colour, rng.uniform(0.5, 0.95))


def _rain(rng: np.random.Generator, level: float) -> light.Rain:
    places = tuple((float(x), float(y)) for x, y in rng.uniform(-0.05, 1.0, (int(rng.integers(15, 60)), 2)))
    return light.Rain(places, rng.uniform(0.04, 0.16), rng.normal(0, 0.3), rng.uniform(0.1, 0.35))


def _drops(rng: np.random.Generator, level: float) -> light.LensDrops:
    count = int(rng.integers(2, 7))
    drops = tuple((float(x), float(y), float(r)) for x, y, r in zip(*rng.random((2, count)), rng.uniform(0.03, 0.12, count), strict=True))
    return light.LensDrops(drops, rng.uniform(0.015, 0.035))


def _bloom(rng: np.random.Generator, level: float) -> light.Bloom:
    return light.Bloom(rng.uniform(140, 220), rng.uniform(0.01, 0.08), rng.uniform(0.2, 0.7))


_LIGHT: tuple[tuple[tuple[float, float, float], Callable[[np.random.Generator, float], Effect]], ...] = (
    ((0.06, 0.14, 0.22), _shadow),
    ((0.15, 0.3, 0.3), _slope),
    ((0.02, 0.07, 0.12), _glare),
    ((0.03, 0.07, 0.12), _dirt),
    ((0.02, 0.05, 0.08), _specks),
    ((0.0, 0.015, 0.04), _rain),
    ((0.0, 0.01, 0.03), _drops),
    ((0.02, 0.04, 0.06), _bloom),
    ((0.03, 0.05, 0.05), _vignette),
)
