from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from platelight.geometry import Quad
from platelight.records import Image
from platelight.synth.actor import ActorParams
from platelight.synth.film import Film, FilmParams, sample

SIZE = (480, 270)


def clean(index: int, **settings: object) -> FilmParams:
    """A film in which nothing changes but what moves."""
    params = sample(3, index, size=SIZE, **{"seconds": 6.0, "fps": 5.0, **settings})  # type: ignore[arg-type]
    return replace(params, effects=(), drift=(0.0, 1.0, 0.0), noise=replace(params.noise, luma=0.0, chroma=0.0), shake_px=0.0, stamp=None)


def alone(actor: ActorParams, params: FilmParams) -> FilmParams:
    return replace(params, actors=(actor,), poles=())


def without_plate(actor: ActorParams) -> ActorParams:
    """The same vehicle with room for the same plate."""
    assert actor.worn is not None
    return replace(actor, worn=None, what=replace(actor.what, plate_aspect=actor.worn.aspect))


def difference(one: Image, other: Image) -> Image:
    return np.asarray(np.abs(one.astype(int) - other.astype(int)).max(axis=2), dtype=np.uint8)


def test_the_same_seed_gives_the_same_frames_in_any_order() -> None:
    params = sample(5, 1, size=SIZE, seconds=1.0, fps=4.0)
    first, again = [*Film(params).frames()], Film(sample(5, 1, size=SIZE, seconds=1.0, fps=4.0))
    assert len(first) == 4
    assert all(np.array_equal(first[number], again.frame(number)) for number in (2, 0, 3, 1))
    assert first[0].shape == (SIZE[1], SIZE[0], 3)
    assert not np.array_equal(first[0], Film(sample(5, 2, size=SIZE, seconds=1.0, fps=4.0)).frame(0))


def test_the_truth_says_where_plates_are() -> None:
    found = 0
    for index in range(5):
        params = clean(index)
        for actor in [actor for actor in params.actors if actor.worn is not None][:2]:
            film, bare = Film(alone(actor, params)), Film(alone(without_plate(actor), params))
            seen = [place for passed in film.passes for place in passed.seen if place.quad.width_px > 30]
            if not seen:
                continue
            found += 1
            place = max(seen, key=lambda place: place.quad.area)
            changed = difference(film.frame(place.frame), bare.frame(place.frame)) > 40
            inside = np.zeros(changed.shape, np.uint8)
            cv2.fillPoly(inside, [np.rint(place.quad.grown(0.25).array()).astype(np.int32)], 1)
            assert changed.sum() > 0.2 * place.quad.area
            assert (changed & (inside > 0)).sum() > 0.9 * changed.sum()
    assert found >= 4


def test_a_film_without_passes_has_traffic_and_no_plates() -> None:
    params = [sample(1, index, size=SIZE, passes=0) for index in range(3)]
    assert all(actor.worn is None for film in params for actor in film.actors)
    assert sum(len(film.actors) for film in params) > 4
    assert [Film(film).passes for film in params] == [()] * 3


def test_no_more_passes_than_asked_for() -> None:
    for index in range(6):
        assert len([actor for actor in sample(2, index, size=SIZE, passes=2).actors if actor.worn]) <= 2


def test_a_parked_vehicle_stays_where_it_is() -> None:
    parked = [passed for index in range(5) for passed in Film(clean(index, seconds=1.0)).passes if passed.parked]
    assert parked
    for passed in parked:
        corners = np.array([place.quad.array() for place in passed.seen])
        assert np.ptp(corners, axis=0).max() < 0.01


def test_what_drives_towards_the_camera_grows_and_what_drives_away_shrinks() -> None:
    grown: dict[bool, list[bool]] = {True: [], False: []}
    for index in range(6):
        params = clean(index)
        for actor in params.actors:
            if actor.worn is None or actor.route.speed == 0 or actor.route.turn != (0.0, 0.0, 0.0):
                continue
            for passed in Film(alone(actor, params)).passes:
                widths = [place.quad.width_px for place in passed.seen]
                if len(widths) > 3:
                    grown[np.cos(np.radians(actor.route.heading)) > 0].append(widths[-1] > widths[0])
    assert len(grown[True]) > 2
    assert all(grown[True])
    assert len(grown[False]) > 1
    assert not any(grown[False])


def test_a_plate_behind_a_nearer_vehicle_is_not_seen() -> None:
    for index in range(12):
        params = clean(index)
        for actor in params.actors:
            if actor.worn is None or actor.route.speed == 0:
                continue
            film = Film(alone(actor, params))
            if not film.passes or len(film.passes[0].seen) < 4:
                continue
            middle = film.passes[0].seen[len(film.passes[0].seen) // 2].frame
            before = replace(actor, worn=None, route=replace(actor.route, z=actor.route.z - 1.5 * np.cos(np.radians(actor.route.heading))))
            both = Film(replace(params, actors=(actor, before), poles=()))
            hidden = {place.frame for passed in both.passes for place in passed.seen}
            assert middle not in hidden
            return
    pytest.fail("no vehicle to hide")


def test_plates_lie_clockwise_and_in_the_picture() -> None:
    for index in range(3):
        for passed in Film(sample(9, index, size=SIZE, seconds=4.0, fps=2.0)).passes:
            for place in passed.seen:
                box = place.quad.box
                assert box.x0 >= 1
                assert box.y0 >= 1
                assert box.x1 <= SIZE[0] - 1
                assert box.y1 <= SIZE[1] - 1
                assert _turns_right(place.quad)


def _turns_right(quad: Quad) -> bool:
    edges = np.roll(quad.array(), -1, axis=0) - quad.array()
    following = np.roll(edges, -1, axis=0)
    return bool((edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0] > 0).all())


def test_the_truth_can_be_written_down() -> None:
    (passed, *_) = (passed for index in range(4) for passed in Film(clean(index)).passes)
    told = json.loads(json.dumps(passed.to_dict(5.0)))
    assert told["text"] == "".join(told["text_lines"])
    assert told["first_s"] == passed.seen[0].frame / 5
    assert len(told["quads"]) == len(passed.seen)
    assert told["readable_frames"] <= len(passed.seen)


@pytest.mark.parametrize("wrong", [{"seconds": 0.0}, {"fps": -1.0}, {"size": (32, 32)}])
def test_films_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="a film needs"):
        sample(1, 1, **wrong)  # type: ignore[arg-type]
