"""The gate on small drawn pictures: noise is no movement, a car is, however slow or faint, and light is not."""

from __future__ import annotations

import numpy as np
import pytest

from platelight.records import Frame, Image
from platelight.watch import MotionGate, Zones

WIDTH, HEIGHT, FPS = 320, 176, 10
NOISE = [np.random.default_rng(seed).normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32) for seed in range(17)]


def scene(seed: int = 0) -> np.ndarray:
    """A road with some structure, grey levels 40 to 140."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(40, 140, (HEIGHT // 16, WIDTH // 16))
    return np.kron(coarse, np.ones((16, 16))).astype(np.float32)


def frame(grey: np.ndarray, time_s: float, noise: float = 4.0) -> Frame:
    noisy = grey + noise * NOISE[round(time_s * FPS) % len(NOISE)]
    pixels: Image = np.repeat(np.clip(noisy, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)
    return Frame(pixels, time_s, time_s, round(time_s * FPS))


def with_car(grey: np.ndarray, x: float, y: float = 100.0, level: float = 30.0, width: int = 45, height: int = 25) -> np.ndarray:
    """A box that differs by `level` from what is behind it."""
    moved = grey.copy()
    x0 = round(x)
    moved[round(y) : round(y) + height, max(x0, 0) : max(x0 + width, 0)] += level
    return moved


def settled(gate: MotionGate, grey: np.ndarray, seconds: float = 20.0, noise: float = 4.0) -> float:
    """Let the gate learn an empty scene; gives the time after it."""
    for step in range(round(seconds * FPS)):
        gate.moved(frame(grey, step / FPS, noise))
    return seconds


@pytest.mark.parametrize("noise", [1.0, 6.0, 15.0])
def test_noise_alone_is_not_movement(noise: float) -> None:
    gate, grey = MotionGate(), scene()
    start = settled(gate, grey, noise=noise)
    moved = [gate.moved(frame(grey, start + step / FPS, noise)) for step in range(300)]
    assert sum(moved) <= 3


@pytest.mark.parametrize("speed_px_s", [1.5, 15.0, 200.0])
def test_a_car_is_noticed_slow_or_fast(speed_px_s: float) -> None:
    gate, grey = MotionGate(), scene()
    start = settled(gate, grey)
    seconds = min(WIDTH / speed_px_s, 15.0)
    seen = [gate.moved(frame(with_car(grey, -22 + speed_px_s * step / FPS), start + step / FPS)) for step in range(round(seconds * FPS))]
    inside = [moved for step, moved in enumerate(seen) if speed_px_s * step / FPS > 4]
    assert np.mean(inside) > 0.95


def test_a_faint_car_at_night_is_noticed() -> None:
    gate, grey = MotionGate(), scene() * 0.2
    start = settled(gate, grey, noise=3.0)
    seen = [gate.moved(frame(with_car(grey, 50 + 3 * step, level=6.0), start + step / FPS, 3.0)) for step in range(20)]
    assert np.mean(seen) > 0.9


def test_steady_traffic_is_never_learned_away() -> None:
    gate, grey = MotionGate(), scene()
    settled(gate, grey)
    seen = [gate.moved(frame(with_car(grey, (12 * step) % WIDTH - 22), 20 + step / FPS)) for step in range(1500)]
    assert np.mean(seen[-300:]) > 0.95


def test_what_flutters_all_the_time_is_learned() -> None:
    """Leaves: a patch whose brightness goes up and down a little."""
    gate, grey = MotionGate(), scene()
    rng = np.random.default_rng(1)

    def fluttering() -> np.ndarray:
        leaves = grey.copy()
        leaves[20:50, 200:250] += rng.normal(0, 5.0)
        return leaves

    for step in range(1800):
        gate.moved(frame(fluttering(), step / FPS))
    later = [gate.moved(frame(fluttering(), 180 + step / FPS)) for step in range(200)]
    assert np.mean(later) < 0.35
    assert gate.moved(frame(with_car(fluttering(), 100), 200.1))


def test_clouds_are_not_movement() -> None:
    gate, grey = MotionGate(), scene()
    start = settled(gate, grey)
    light = 1 + 0.4 * np.sin(np.arange(300) / 300 * 4 * np.pi)
    moved = [gate.moved(frame(grey * gain, start + step / FPS)) for step, gain in enumerate(light)]
    assert sum(moved) <= 15
    assert gate.moved(frame(with_car(grey * light[-1], 150), start + 30.1))


def test_a_switch_to_night_sight_is_looked_at_once_and_then_known() -> None:
    gate, grey = MotionGate(), scene()
    start = settled(gate, grey)
    night = scene(seed=7)
    assert gate.moved(frame(night, start))
    later = [gate.moved(frame(night, start + step / FPS)) for step in range(1, 50)]
    assert sum(later) <= 2


def test_only_the_zones_count() -> None:
    zones = Zones((((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0)),), (((0.7, 0.5), (1.0, 0.5), (1.0, 1.0), (0.7, 1.0)),))
    gate, grey = MotionGate(zones), scene()
    start = settled(gate, grey)
    assert not gate.moved(frame(with_car(grey, 100, y=10), start))
    assert gate.moved(frame(with_car(grey, 100, y=130), start + 0.1))
    assert not gate.moved(frame(with_car(grey, 270, y=130), start + 0.2))


def test_the_gate_opens_for_a_while_and_looks_again_after_a_while() -> None:
    gate, grey = MotionGate(), scene()
    wanted = [gate.wants(frame(grey, step / FPS)) for step in range(300)]
    assert wanted[0]
    still = wanted[30:]
    assert 12 <= sum(still) <= 16  # 27 s, every 2 s
    start = 30.0
    assert gate.wants(frame(with_car(grey, 150), start))
    after = [gate.wants(frame(grey, start + step / FPS)) for step in range(1, 9)]
    assert all(after)
    assert (gate.seen, gate.looked_at) == (309, sum(wanted) + 9)


def test_what_is_followed_is_looked_at_more_often() -> None:
    gate, grey = MotionGate(), scene()
    for step in range(100):
        gate.wants(frame(grey, step / FPS))
    followed = [gate.wants(frame(grey, 10 + step / FPS), following=True) for step in range(40)]
    assert 9 <= sum(followed) <= 11


@pytest.mark.parametrize("size", [(7, 5), (64, 64), (90, 1000), (1080, 1920), (1, 1)])
def test_any_size_of_picture(size: tuple[int, int]) -> None:
    gate = MotionGate(Zones((((0, 0), (1, 0), (1, 1)),)))
    dark, light = (np.full((*size, 3), value, np.uint8) for value in (60, 60))
    light[: size[0] // 2 + 1, : size[1] // 2 + 1] = 200
    gate.moved(Frame(dark, 0.0, 0.0, 0))
    assert gate.moved(Frame(light, 0.1, 0.1, 1)) or min(size) == 1


def test_another_size_midway_begins_anew() -> None:
    gate = MotionGate()
    gate.moved(frame(scene(), 0.0))
    assert gate.moved(Frame(np.full((480, 640, 3), 90, np.uint8), 0.1, 0.1, 1))
    assert not gate.moved(Frame(np.full((480, 640, 3), 90, np.uint8), 0.2, 0.2, 2))
