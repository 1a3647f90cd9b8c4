from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from platelight.records import Image
from platelight.synth import degrade, light, optics


def lettered(height: int = 60, width: int = 180) -> Image:
    """Dark bars as wide as strokes on a bright ground, with a coloured band."""
    picture = np.full((height, width, 3), 225, np.uint8)
    picture[:, :14] = (20, 50, 160)
    for x in range(24, width - 10, 18):
        picture[14:-14, x : x + 5] = 25
        picture[14:19, x : x + 12] = 25
    return picture


def likeness(first: Image, second: Image) -> float:
    """Correlation of the grey levels, -1 to 1."""
    return float(np.corrcoef(first.mean(axis=2).ravel(), second.mean(axis=2).ravel())[0, 1])


def test_the_same_params_give_the_same_bytes_and_leave_the_input_alone() -> None:
    picture = lettered()
    before = picture.copy()
    for seed in range(30):
        params = degrade.sample(np.random.default_rng(seed))
        assert params == degrade.sample(np.random.default_rng(seed))
        first, second = degrade.apply(params, picture), degrade.apply(params, picture)
        assert first.shape == picture.shape
        assert first.dtype == np.uint8
        np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize("size", [(7, 9), (24, 31), (200, 301)])
def test_every_size_goes_through(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    for seed in range(60):
        assert degrade.apply(degrade.sample(np.random.default_rng(seed), strength=1.5), picture).shape == picture.shape


def test_the_mixture_is_a_third_clean_and_a_fifth_hard() -> None:
    rng = np.random.default_rng(5)
    tiers = Counter(degrade.sample(rng).tier for _ in range(4000))
    assert tiers["clean"] / 4000 == pytest.approx(0.35, abs=0.03)
    assert tiers["hard"] / 4000 == pytest.approx(0.20, abs=0.03)


def test_harder_tiers_change_the_picture_more() -> None:
    rng = np.random.default_rng(6)
    picture = lettered()
    found: dict[str, list[float]] = {tier: [] for tier in degrade.TIERS}
    for _ in range(300):
        params = degrade.sample(rng)
        found[params.tier].append(likeness(picture, degrade.apply(params, picture)))
    means = [float(np.mean(found[tier])) for tier in degrade.TIERS]
    assert means[0] > means[1] > means[2]
    assert means[0] > 0.95


def test_text_is_never_wiped_out() -> None:
    rng = np.random.default_rng(7)
    picture = lettered()
    worst = min(likeness(picture, degrade.apply(degrade.sample(rng, glyph_px=30.0), picture)) for _ in range(400))
    assert worst > 0.35


def test_strength_zero_is_always_clean() -> None:
    rng = np.random.default_rng(8)
    assert {degrade.sample(rng, strength=0.0).tier for _ in range(50)} == {"clean"}


def test_develop_leaves_the_file_step_out() -> None:
    params = degrade.sample(np.random.default_rng(9))
    picture = lettered()
    np.testing.assert_array_equal(params.jpeg.apply(degrade.develop(params, picture)), degrade.apply(params, picture))


def test_small_characters_are_blurred_less() -> None:
    def blur(glyph_px: float) -> float:
        rng = np.random.default_rng(10)
        effects = [effect for _ in range(400) for effect in degrade.sample(rng, glyph_px=glyph_px).effects]
        return sum(effect.sigma for effect in effects if isinstance(effect, optics.FocusBlur))

    assert blur(8.0) < 0.3 * blur(40.0)


def test_fog_and_night_have_no_hard_shadows() -> None:
    rng = np.random.default_rng(11)
    for _ in range(500):
        effects = degrade.sample(rng, strength=1.5).effects
        tones = [effect for effect in effects if isinstance(effect, light.Tone)]
        if any(tone.gain * tone.contrast * (1 - tone.lift) < 0.3 for tone in tones):
            assert not any(isinstance(effect, light.Shadow) for effect in effects)


def test_motion_blur_keeps_the_light_and_smears_along_its_angle() -> None:
    spot = np.zeros((41, 41, 3), np.uint8)
    spot[18:23, 18:23] = 250
    smeared = optics.MotionBlur(length=12, angle=0).apply(spot).astype(float)
    assert smeared.sum() == pytest.approx(spot.sum(), rel=0.03)
    rows, columns = smeared[..., 0].sum(axis=1) > 30, smeared[..., 0].sum(axis=0) > 30
    assert columns.sum() > rows.sum() + 6


def test_low_resolution_keeps_the_size_and_loses_detail() -> None:
    picture = lettered()
    coarse = optics.LowResolution(5.0, optics.DOWNSAMPLERS[0], optics.UPSAMPLERS[0]).apply(picture)
    assert coarse.shape == picture.shape
    assert np.abs(np.diff(coarse.astype(int), axis=1)).max() < np.abs(np.diff(picture.astype(int), axis=1)).max()


@pytest.mark.parametrize("subsampling", [444, 422, 420])
def test_jpeg_keeps_red_red(subsampling: int) -> None:
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[:] = (200, 30, 40)
    np.testing.assert_allclose(optics.Jpeg(90, subsampling).apply(picture).mean(axis=(0, 1)), (200, 30, 40), atol=4)
