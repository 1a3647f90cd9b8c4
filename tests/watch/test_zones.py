from __future__ import annotations

import numpy as np
import pytest

from platelight.watch import Zones

LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
HOLE = ((0.1, 0.1), (0.3, 0.1), (0.3, 0.3), (0.1, 0.3))


def test_without_zones_everything_counts() -> None:
    zones = Zones()
    assert zones.holds(0, 0)
    assert zones.holds(1, 1)
    assert zones.window(640, 480) == type(zones.window(640, 480))(0, 0, 640, 480)
    assert zones.mask(9, 16).all()


def test_a_place_must_lie_in_a_zone_and_in_no_excluded_one() -> None:
    zones = Zones((LEFT,), (HOLE,))
    assert zones.holds(0.4, 0.9)
    assert not zones.holds(0.6, 0.9)
    assert not zones.holds(0.2, 0.2)
    assert Zones((), (HOLE,)).holds(0.9, 0.9)
    assert not Zones((), (HOLE,)).holds(0.2, 0.2)


def test_the_window_holds_the_zones_and_some_more_and_stays_in_the_picture() -> None:
    window = Zones((((0.5, 0.5), (0.9, 0.5), (0.9, 1.0)),)).window(1000, 500)
    assert (window.x0, window.y0, window.x1, window.y1) == (440, 220, 960, 500)


def test_a_window_of_nearly_everything_is_everything() -> None:
    window = Zones((((0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98)),)).window(640, 480)
    assert (window.x0, window.y0, window.x1, window.y1) == (0, 0, 640, 480)


def test_the_mask_reaches_around_the_zones_but_not_into_what_is_left_out() -> None:
    mask = Zones((LEFT,), (HOLE,)).mask(100, 200)
    assert mask[50, 99]
    assert mask[50, 108]
    assert not mask[50, 130]
    assert not mask[20, 40]
    assert np.array_equal(Zones((), (HOLE,)).mask(100, 200)[0], np.ones(200, bool))


@pytest.mark.parametrize(
    ("polygon", "message"),
    [
        (((0.1, 0.1), (0.2, 0.2)), "3 points or more, got 2"),
        (((0, 0), (640, 0), (640, 480)), "shares of the picture from 0 to 1"),
        (((0, 0), (0.5, 0.5), (1, 1)), "must not be a line"),
    ],
)
def test_what_is_no_zone(polygon: tuple[tuple[float, float], ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Zones((polygon,))
