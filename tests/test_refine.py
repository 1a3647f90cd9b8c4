from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from platelight.geometry import Box, Quad
from platelight.records import Detection
from platelight.rectify import Rectifier
from platelight.refine import Refiner

WIDTH, HEIGHT, MARGIN = 160, 96, 0.25
INNER = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * [WIDTH, HEIGHT] / (1 + 2 * MARGIN) + np.array([WIDTH, HEIGHT]) * MARGIN / (1 + 2 * MARGIN)
OUTWARD = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
PICTURE = np.zeros((200, 300, 3), np.uint8)
QUAD = Quad(((100.0, 50.0), (180.0, 60.0), (178.0, 82.0), (98.0, 72.0)))


class Answers:
    """A session that finds the plate's corners `points` in every picture."""

    def __init__(self, points: np.ndarray) -> None:
        self.points, self.counts = points, list[int]()

    def run(self, feeds: dict[str, Any]) -> dict[str, Any]:
        assert feeds["plates"].shape[1:] == (HEIGHT, WIDTH, 3)
        self.counts.append(len(feeds["plates"]))
        return {"points": np.repeat(self.points[None].astype(np.float32), len(feeds["plates"]), axis=0)}


def refined(session: Answers | np.ndarray, quads: list[list[Quad]]) -> list[list[Quad]]:
    """The quads that come of these, in one picture each, where the network's answers are given."""
    answers = session if isinstance(session, Answers) else Answers(session)
    refiner = Refiner(answers, Rectifier(WIDTH, HEIGHT, MARGIN))  # type: ignore[arg-type]
    found = refiner([PICTURE] * len(quads), [[Detection(quad, 0.5) for quad in row] for row in quads])
    return [[detection.quad for detection in row] for row in found]


def test_corners_found_where_they_were_leave_the_quad() -> None:
    ((found,),) = refined(INNER, [[QUAD]])
    assert found.array() == pytest.approx(QUAD.array(), abs=1e-3)


def test_corners_are_moved_back_into_the_picture() -> None:
    level = Box(90.0, 60.0, 190.0, 80.0).quad()
    ((found,),) = refined(INNER + 4 * OUTWARD, [[level]])
    unit_x, unit_y = 100 * (1 + 2 * MARGIN) / WIDTH, 20 * (1 + 2 * MARGIN) / HEIGHT
    assert found.array() == pytest.approx(level.array() + 4 * OUTWARD * np.array([unit_x, unit_y]), abs=1e-3)


@pytest.mark.parametrize(
    "points",
    [INNER[[1, 0, 3, 2]], INNER[[0, 2, 1, 3]], INNER * 0.2, np.full((4, 2), np.nan), np.tile([[50.0, 50.0]], (4, 1))],
    ids=["mirrored", "crossed", "elsewhere", "nan", "point"],
)
def test_corners_that_make_no_sense_are_not_taken(points: np.ndarray) -> None:
    assert refined(points, [[QUAD]]) == [[QUAD]]


def test_a_plate_may_be_turned_round() -> None:
    ((found,),) = refined(INNER[[2, 3, 0, 1]], [[QUAD]])
    assert found.array() == pytest.approx(QUAD.turned(2).array(), abs=1e-3)


def test_many_plates_keep_their_pictures() -> None:
    quads = [[QUAD.moved(step, 0) for step in range(20)], [], [QUAD]]
    found = refined(INNER, quads)
    assert [len(part) for part in found] == [20, 0, 1]
    assert found[0][7].array() == pytest.approx(QUAD.moved(7, 0).array(), abs=1e-3)


def test_no_plates_need_no_network() -> None:
    session = Answers(INNER)
    assert refined(session, [[]]) == [[]]
    assert session.counts == []


def test_a_plate_badly_cut_is_looked_at_twice() -> None:
    far = INNER + np.array([30.0, 0.0])
    once, twice = Answers(INNER + np.array([6.0, 0.0])), Answers(far)
    refined(once, [[QUAD]])
    ((found,),) = refined(twice, [[QUAD]])
    assert (once.counts, twice.counts) == ([1], [1, 1])
    assert found.box.x0 > QUAD.box.x0 + 20


def test_a_corner_at_the_rim_of_what_was_seen_is_looked_for_again() -> None:
    inside, rim = INNER.copy(), INNER.copy()
    inside[0, 0], rim[0, 0] = 6.0, 3.0
    looks = []
    for points in (inside, rim):
        session = Answers(points)
        refined(session, [[QUAD]])
        looks.append(session.counts)
    assert looks == [[1], [1, 1]]


def test_what_the_network_says_of_a_plate_is_kept() -> None:
    class Sure(Answers):
        def run(self, feeds: dict[str, Any]) -> dict[str, Any]:
            return {**super().run(feeds), "plateness": np.full(len(feeds["plates"]), 0.75, np.float32)}

    contexts = []
    for session in (Sure(INNER), Answers(INNER)):
        ((found,),) = Refiner(session, Rectifier(WIDTH, HEIGHT, MARGIN))([PICTURE], [[Detection(QUAD, 0.5)]])  # type: ignore[arg-type]
        contexts.append(found.context)
    assert contexts == [0.75, None]
