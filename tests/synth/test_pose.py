from __future__ import annotations

import math

import numpy as np
import pytest

from platelight.synth import pose
from platelight.synth.pose import PoseParams


def test_seen_head_on_it_is_the_rectangle() -> None:
    quad = pose.project(PoseParams(0, 0, 0, 10), aspect=4.0, width_px=200)
    np.testing.assert_allclose(quad.array(), [[-100, -25], [100, -25], [100, 25], [-100, 25]])


@pytest.mark.parametrize("angle", [-40.0, -7.0, 13.0, 45.0])
def test_roll_turns_clockwise_by_its_angle(angle: float) -> None:
    quad = pose.project(PoseParams(angle, 0, 0, 10), aspect=4.0, width_px=200)
    assert quad.roll_deg == pytest.approx(angle)
    assert quad.width_px == pytest.approx(200)


def test_yaw_from_far_away_shortens_by_the_cosine() -> None:
    quad = pose.project(PoseParams(0, 60, 0, 1e6), aspect=4.0, width_px=200)
    assert quad.width_px == pytest.approx(200 * math.cos(math.radians(60)), rel=1e-4)
    assert quad.height_px == pytest.approx(50, rel=1e-4)


def test_pitch_from_far_away_flattens_by_the_cosine() -> None:
    quad = pose.project(PoseParams(0, 0, 40, 1e6), aspect=4.0, width_px=200)
    assert quad.height_px == pytest.approx(50 * math.cos(math.radians(40)), rel=1e-4)


def test_the_nearer_side_looks_larger_by_the_pinhole_law() -> None:
    yaw, distance = math.radians(30), 3.0
    (a, b, c, d) = pose.project(PoseParams(0, 30, 0, distance), aspect=4.0, width_px=200).corners
    left, right = math.dist(a, d), math.dist(b, c)
    near, far = distance - 0.5 * math.sin(yaw), distance + 0.5 * math.sin(yaw)
    assert max(left, right) / min(left, right) == pytest.approx(far / near)


def test_sampled_angles_stay_in_range_and_are_mostly_small() -> None:
    rng = np.random.default_rng(3)
    poses = [pose.sample(rng) for _ in range(3000)]
    assert max(abs(p.roll) for p in poses) <= 45
    assert max(abs(p.yaw) for p in poses) <= 60
    assert max(abs(p.pitch) for p in poses) <= 40
    assert np.mean([abs(p.roll) < 12 for p in poses]) > 0.85
    assert max(abs(p.yaw) for p in poses) > 50
    assert max(abs(p.roll) for p in poses) > 35
