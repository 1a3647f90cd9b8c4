from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from passing import decoder, drive, film, frame, passes, plate

from platelight.records import Frame, Plate
from platelight.track import Tracker

NAMES = ("AC4921CB", "KA1734XE", "BH8005TT", "BC7766AO", "AX0312IM")


def standing(text: str, begin_s: float, end_s: float, fps: float = 2.0, x: float = 500.0) -> list[tuple[float, Plate]]:
    """A plate that does not move, but for the corners' trembling."""
    return [(begin_s + n / fps, plate(text, x + (n % 3) - 1, 300 + n % 2)) for n in range(round((end_s - begin_s) * fps))]


def test_a_vehicle_is_one_pass_with_its_times_path_and_direction() -> None:
    (passed,) = passes(film(drive("AC4921CB", 1.0, 20), until_s=6))
    assert (passed.plate.text, passed.camera, passed.sightings, passed.agreement, passed.parked) == ("AC4921CB", "gate", 20, 1.0, False)
    assert (passed.first_s, passed.last_s) == pytest.approx((1.0, 2.9))
    assert (passed.first_epoch_s, passed.last_epoch_s) == pytest.approx((1001.0, 1002.9))
    assert (passed.direction, passed.direction_deg) == ("right", pytest.approx(106.7, abs=1))
    assert passed.path[0][0] == pytest.approx(1.0)
    assert passed.path[-1] == pytest.approx((2.9, 160 + 300 * 1.9, 213 + 90 * 1.9), abs=0.1)


@pytest.mark.parametrize(("first", "last", "direction"), [(60.0, 160.0, "towards"), (160.0, 60.0, "away")])
def test_growing_means_coming_closer(first: float, last: float, direction: str) -> None:
    seen = [(n / 10, [plate("AC4921CB", 400 - n, 200 + 8 * n, first + (last - first) * n / 19)]) for n in range(20)]
    (passed,) = passes(seen)
    assert passed.direction == direction


@pytest.mark.parametrize(
    ("dx", "dy", "direction", "angle"), [(0, 20, "towards", 180), (0, -20, "away", 0), (-20, 1, "left", 267), (20, 0, "right", 90), (0, 0, None, None)]
)
def test_the_way_through_the_picture(dx: float, dy: float, direction: str | None, angle: float | None) -> None:
    (passed,) = passes([(n / 10, [plate("AC4921CB", 500 + dx * n, 300 + dy * n)]) for n in range(12)])
    assert passed.direction == direction
    assert passed.direction_deg == (None if angle is None else pytest.approx(angle, abs=1))


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_the_order_of_the_plates_of_a_frame_does_not_matter(data: st.DataObject) -> None:
    drives = [drive(name, 0.1 * n, 12, start=(80 + 60 * n, 60 + 120 * n)) for n, name in enumerate(NAMES)]
    shuffled = [(time_s, data.draw(st.permutations(plates))) for time_s, plates in film(*drives, until_s=3)]
    assert sorted((found.plate.text, found.sightings) for found in passes(shuffled)) == sorted((name, 12) for name in NAMES)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.02, 0.6), min_size=6, max_size=14), st.floats(50, 700))
def test_irregular_gaps_between_frames_do_not_split_a_pass(gaps: list[float], speed: float) -> None:
    times = [sum(gaps[:n]) for n in range(len(gaps))]
    seen = [(time_s, [plate("AC4921CB", 50 + speed * time_s, 300)]) for time_s in times if 50 + speed * time_s < 1150]
    assert [found.plate.text for found in passes(seen)] == ["AC4921CB"]


@pytest.mark.parametrize("fps", [2.0, 5.0, 25.0])
def test_a_plate_that_jumps_between_frames_stays_one_pass(fps: float) -> None:
    (passed,) = passes(film(drive("AC4921CB", 1.0, max(round(2 * fps), 3), fps, speed=450), until_s=6, fps=fps))
    assert passed.plate.text == "AC4921CB"


def test_two_vehicles_in_a_row_at_the_same_place_are_two_passes() -> None:
    seen = film(drive("AC4921CB", 0.5, 3, 2.0), drive("KA1734XE", 2.0, 3, 2.0), until_s=6, fps=2.0)
    assert [found.plate.text for found in passes(seen)] == ["AC4921CB", "KA1734XE"]


def test_two_vehicles_side_by_side_are_two_passes() -> None:
    seen = film(drive("AC4921CB", 0.5, 15), drive("KA1734XE", 0.5, 15, start=(240.0, 200.0)), until_s=5)
    assert sorted((found.plate.text, found.agreement) for found in passes(seen)) == [("AC4921CB", 1.0), ("KA1734XE", 1.0)]


@pytest.mark.parametrize("hidden_s", [0.5, 1.5, 4.0, 10.0])
def test_a_vehicle_hidden_for_a_while_is_one_pass(hidden_s: float) -> None:
    going = drive("AC4921CB", 0.5, 12, speed=60)
    later = drive("AC4921CB", 1.7 + hidden_s, 12, start=(180 + 60 * hidden_s, 220 + 18 * hidden_s), speed=60)
    assert len(passes(film(going, later, until_s=8 + hidden_s))) == 1


def test_a_vehicle_that_comes_again_later_passes_again() -> None:
    assert len(passes(film(drive("AC4921CB", 0.5, 12), drive("AC4921CB", 60.0, 12), until_s=65))) == 2


def test_one_misread_frame_changes_neither_the_pass_nor_its_text() -> None:
    seen = film(drive("AC4921CB", 0.0, 10), until_s=1)
    seen[4] = (seen[4][0], [plate("AC4927GB", 220, 236)])
    (passed,) = passes(seen)
    assert (passed.plate.text, passed.agreement, passed.sightings) == ("AC4921CB", 0.9, 10)


def test_a_vehicle_seen_clearly_in_one_frame_is_a_pass_and_a_doubtful_find_is_none() -> None:
    assert [found.plate.text for found in passes([(1.0, [plate("AC4921CB", 300, 300)])])] == ["AC4921CB"]
    assert passes([(1.0, [plate("7L1I", 300, 300, sure=0.4)])]) == []


def test_a_parked_vehicle_is_reported_once_while_it_stays_and_not_when_it_leaves() -> None:
    tracker = Tracker(decoder(), parked_after_s=20)
    away = drive("AC4921CB", 100.0, 20, 2.0, start=(500.0, 300.0), speed=40)
    found = passes(film(standing("AC4921CB", 0, 100), away, until_s=130, fps=2.0), tracker)
    assert [(passed.plate.text, passed.parked, passed.direction) for passed in found] == [("AC4921CB", True, None)]
    assert found[0].last_s - found[0].first_s == pytest.approx(20, abs=1)


def test_a_parked_vehicle_is_reported_once_though_finds_fail_for_minutes_and_the_text_flickers() -> None:
    tracker = Tracker(decoder(), parked_after_s=20)
    flicker = [(200.0 + n / 2, plate("AC4921C8" if n % 3 else "1C492LCB", 500, 300, sure=0.6)) for n in range(120)]
    seen = film(standing("AC4921CB", 0, 60), flicker, standing("AC4921CB", 500, 560), until_s=570, fps=2.0)
    assert [passed.parked for passed in passes(seen, tracker)] == [True]


def test_a_parked_vehicle_misread_surely_after_a_break_is_not_reported_again() -> None:
    misread = [(120.0 + n / 2, plate("AC4527CB", 500, 300)) for n in range(80)]
    assert len(passes(film(standing("AC4921CB", 0, 60), misread, until_s=170, fps=2.0))) == 1


def test_a_camera_that_was_away_does_not_report_a_parked_vehicle_again() -> None:
    tracker = Tracker(decoder(), parked_after_s=20)
    found = passes(film(standing("AC4921CB", 0, 40), until_s=40, fps=2.0), tracker)
    assert len(found) == 1
    jumped = film(standing("AC4921CB", 4000, 4060), until_s=4060, fps=2.0, begin_s=4000)
    assert passes(jumped, tracker) == []


def test_another_vehicle_that_parks_in_the_same_place_is_reported() -> None:
    seen = film(standing("AC4921CB", 0, 40), standing("KA1734XE", 60, 100), until_s=110, fps=2.0)
    assert [passed.plate.text for passed in passes(seen)] == ["AC4921CB", "KA1734XE"]


def test_a_vehicle_that_waits_and_drives_on_is_one_pass() -> None:
    away = drive("AC4921CB", 12.0, 20, start=(500.0, 300.0), speed=100)
    found = passes(film(standing("AC4921CB", 0, 12, 10.0), away, until_s=18), Tracker(decoder(), parked_after_s=20))
    assert [(passed.parked, passed.direction) for passed in found] == [(False, "right")]


PLACES = st.tuples(st.floats(-80, 1300), st.floats(-40, 740), st.floats(0.5, 400))
SEEN = st.lists(st.tuples(st.sampled_from((*NAMES, "", "1", "O0O0O0O0O0O0")), PLACES, st.floats(0.05, 0.99)), max_size=4)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-2, 30), st.one_of(st.none(), SEEN)), max_size=12))
def test_whatever_is_seen_passes_are_in_order_and_their_ids_differ(
    film: list[tuple[float, list[tuple[str, tuple[float, float, float], float]] | None]],
) -> None:
    tracker, time_s, found = Tracker(decoder(), parked_after_s=3), 0.0, []
    for step_s, seen in film:
        time_s += step_s
        plates = None if seen is None else [plate(text, *place, sure=sure) for text, place, sure in seen]
        found += tracker.update(frame(time_s), plates)
    found += tracker.close()
    assert len({passed.id for passed in found}) == len(found)
    for passed in found:
        assert passed.first_s <= passed.best_s <= passed.last_s
        assert 1 <= len(passed.path) <= 64
        assert passed.frame is not None
        assert passed.plate.text
        assert 0 <= passed.agreement <= 1


def test_time_that_runs_backwards_is_held() -> None:
    tracker = Tracker(decoder())
    seen = film(drive("AC4921CB", 0.0, 10), until_s=1)
    broken = [(time_s if n < 5 else time_s - 0.5, plates) for n, (time_s, plates) in enumerate(seen)]
    (passed,) = passes(broken, tracker)
    assert passed.last_s >= passed.first_s
    assert [place[0] for place in passed.path] == sorted(place[0] for place in passed.path)


def test_an_unchanged_picture_that_is_not_looked_at_keeps_what_stands_in_it() -> None:
    tracker = Tracker(decoder(), parked_after_s=20)
    found = [passed for n in range(4) for passed in tracker.update(frame(n / 2), [plate("AC4921CB", 500, 300)])]
    found += [passed for n in range(4, 60) for passed in tracker.update(frame(n / 2), None)]
    assert [(passed.parked, passed.sightings) for passed in found] == [(True, 4)]
    assert tracker.close() == []


def test_a_vehicle_that_left_is_reported_while_nothing_else_moves() -> None:
    tracker = Tracker(decoder())
    for time_s, plates in film(drive("AC4921CB", 0.0, 10), until_s=1.1):
        assert tracker.update(frame(time_s), plates) == []
    found = [passed for n in range(12, 60) for passed in tracker.update(frame(n / 10), None)]
    assert [passed.plate.text for passed in found] == ["AC4921CB"]


def test_a_plate_half_hidden_is_no_second_vehicle() -> None:
    seen = film(drive("AC4921CB", 0.0, 30, speed=100), until_s=3)
    seen[12] = (seen[12][0], [*seen[12][1], plate("4921CB", 700, 500, 60)])
    assert [passed.plate.text for passed in passes(seen)] == ["AC4921CB"]


@pytest.mark.parametrize("text", ["RENAHEIM", "TYRES3906468"])
def test_a_sign_that_stands_there_is_no_vehicle(text: str) -> None:
    assert passes(film(standing(text, 0, 60), until_s=60, fps=2.0)) == []


def test_what_moves_and_cannot_be_read_is_a_pass_of_little_confidence() -> None:
    texts = ["7L1IQ0X", "XL7IQ8B", "7E1TOQX", "ZL1IG0K", "1L1IQ0X", "7L4IQ5X", "7B1ID0X", "2L1IC0X"]
    seen = [(n / 10, [plate(text, 100 + 25 * n, 300, sure=0.3)]) for n, text in enumerate(texts)]
    (passed,) = passes(seen)
    assert passed.plate.confidence < 0.3
    assert passed.sightings == 8


def test_the_frame_of_a_pass_is_the_very_one_its_best_reading_is_from() -> None:
    seen = [(n / 10, plate("AC4921CB", 100 + 20 * n, 300, 60 + (n if n < 12 else 24 - n) * 8)) for n in range(24)]
    tracker = Tracker(decoder())
    frames = [replace(frame(time_s), pixels=frame(time_s).pixels.copy()) for time_s, _ in seen]
    found = [passed for shown, (_, one) in zip(frames, seen, strict=True) for passed in tracker.update(shown, [one])] + tracker.close()
    best = found[0].frame
    assert best is not None
    shown = next(one for time_s, one in seen if time_s == best.time_s)
    assert found[0].plate.detection == shown.detection
    assert any(best.pixels is known.pixels for known in frames)


def test_memory_does_not_grow_with_the_length_of_a_track() -> None:
    tracker, kept = Tracker(decoder(), parked_after_s=1e9), []
    for n in range(300):
        shown = frame(n / 10)
        shown = Frame(shown.pixels[:100, :100].copy(), shown.time_s, shown.epoch_s, n)
        kept.append(weakref.ref(shown.pixels))
        tracker.update(shown, [plate("AC4921CB", 10, 10, 60)])
        del shown
    gc.collect()
    assert sum(known() is not None for known in kept) == 1
    (track,) = tracker.tracks
    assert len(track.readings) <= 24
    assert len(track.path) <= 64


def test_a_pass_that_was_reported_keeps_no_frame() -> None:
    tracker = Tracker(decoder(), parked_after_s=5)
    found = passes(film(standing("AC4921CB", 0, 20), until_s=15, fps=2.0), tracker)
    assert len(found) == 1
    assert [track.best for track in tracker.tracks] == []


def test_ids_differ_and_are_the_same_in_a_second_run() -> None:
    seen = film(drive("AC4921CB", 0.5, 12), drive("KA1734XE", 0.5, 12, start=(200.0, 500.0)), until_s=4)
    ids = [passed.id for passed in passes(seen)]
    assert len(set(ids)) == 2
    assert ids == [passed.id for passed in passes(seen)]
