from __future__ import annotations

import numpy as np
import pytest

from platelight.synth.route import Camera, Route, Solid

CAMERA = Camera(focal=1000.0, horizon=200.0, middle=640.0, height=2.0)
CAR = Solid(width=1.8, height=1.45, length=4.1, foot=0.9, top=0.6, rear=False)


def place(route: Route, time_s: float) -> tuple[float, float, float]:
    found = route.at(time_s)
    assert found is not None
    return found


def test_a_straight_drive_towards_the_camera() -> None:
    route = Route(1.0, -1.8, 30.0, 0.0, 10.0)
    assert route.at(0.5) is None
    assert place(route, 2.0)[:2] == pytest.approx((-1.8, 20.0), abs=0.01)
    assert route.at(40.0) is None


def test_a_drive_away_and_one_across() -> None:
    assert place(Route(0.0, 1.0, 2.0, 180.0, 5.0), 2.0)[:2] == pytest.approx((1.0, 12.0), abs=0.01)
    assert place(Route(0.0, -5.0, 8.0, 90.0, 5.0), 2.0)[:2] == pytest.approx((5.0, 8.0), abs=0.01)


def test_a_stop_holds_for_its_time_and_the_drive_goes_on() -> None:
    route = Route(0.0, 0.0, 40.0, 0.0, 5.0, stop=(2.0, 3.0))
    assert place(route, 2.5)[1] == pytest.approx(place(route, 4.5)[1])
    assert place(route, 8.0)[1] < place(route, 5.0)[1] - 5


def test_a_turn_changes_the_heading_by_its_angle() -> None:
    route = Route(0.0, -8.0, 18.0, 60.0, 5.0, turn=(4.0, 10.0, -6.0))
    assert np.degrees(place(route, 0.5)[2]) == pytest.approx(60)
    assert np.degrees(place(route, 4.0)[2]) == pytest.approx(0, abs=0.1)


def test_a_car_ahead_shows_its_face_upright_and_its_roof_to_a_higher_camera() -> None:
    faces = CAR.faces((0.0, 10.0, 0.0), CAMERA)
    assert faces is not None
    assert faces.front is not None
    assert faces.front.box.xywh == pytest.approx((550.0, 255.0, 180.0, 145.0))
    assert faces.side is None
    assert faces.roof is not None
    assert CAR.faces((0.0, 10.0, 0.0), Camera(1000.0, 200.0, 640.0, 1.2)).roof is None  # type: ignore[union-attr]


@pytest.mark.parametrize(("x", "mirrored"), [(-3.0, False), (3.0, True)])
def test_a_car_beside_the_middle_shows_the_side_that_is_nearer_to_it(x: float, mirrored: bool) -> None:
    faces = CAR.faces((x, 10.0, 0.0), CAMERA)
    assert faces is not None
    assert faces.side is not None
    assert faces.front is not None
    assert faces.mirrored is mirrored
    inward = faces.side.box.x1 > faces.front.box.x1 if x < 0 else faces.side.box.x0 < faces.front.box.x0
    assert inward


def test_a_car_that_drives_away_hides_its_front_and_one_behind_the_camera_everything() -> None:
    faces = CAR.faces((0.0, 10.0, np.pi), CAMERA)
    assert faces is not None
    assert faces.front is None
    assert CAR.faces((3.0, -9.0, 0.0), CAMERA) is None
