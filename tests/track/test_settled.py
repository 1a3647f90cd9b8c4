from __future__ import annotations

import pytest
from passing import decoder, drive, frame, plate

from platelight.records import Pass, Plate
from platelight.track import Tracker


def follow(tracker: Tracker, seen: list[tuple[float, list[Plate]]]) -> tuple[list[Pass], int]:
    """Passes, and how many plates were read, of a watcher that reads only what the tracker wants read."""
    passes, read = [], 0
    for time_s, plates in seen:
        wanted = tracker.wants(frame(time_s), [found.detection for found in plates])
        to_read = [found for found, want in zip(plates, wanted, strict=True) if want]
        read += len(to_read)
        passes += tracker.update(frame(time_s), to_read, [found.detection for found, want in zip(plates, wanted, strict=True) if not want])
    return passes + tracker.close(), read


def test_a_settled_plate_is_read_twice_a_second_and_followed_all_the_same() -> None:
    going = drive("AC4921CB", 0.0, 60, speed=150.0)
    (passed,), read = follow(Tracker(decoder()), [(time_s, [found]) for time_s, found in going])
    assert 5 + 8 <= read <= 5 + 14
    assert passed.sightings == read
    assert (passed.first_s, passed.last_s) == pytest.approx((0.0, 5.9))
    assert passed.path[-1][1] == pytest.approx(going[-1][1].detection.quad.box.x0 + 60, abs=0.1)


def test_what_is_unsure_is_read_in_every_frame() -> None:
    going = drive("AC4921CB", 0.0, 40, sure=0.7)
    _, read = follow(Tracker(decoder()), [(time_s, [found]) for time_s, found in going])
    assert read == 40


def test_what_comes_closer_is_read_again() -> None:
    going = [(n / 10, [plate("AC4921CB", 400, 200 + 4 * n, 60 * 1.05**n)]) for n in range(30)]
    _, read = follow(Tracker(decoder()), going)
    assert read >= 12


def test_once_it_reads_otherwise_every_frame_is_read_again() -> None:
    """It may be another vehicle close behind."""
    seen = [(n / 10, [plate("AC4921CB" if n < 30 else "KA1734XE", 300 + 8 * n, 300)]) for n in range(60)]
    _, before = follow(Tracker(decoder()), seen[:30])
    _, read = follow(Tracker(decoder()), seen)
    assert before <= 10
    assert read - before >= 25


def test_a_plate_that_was_not_read_counts_as_found() -> None:
    tracker = Tracker(decoder())
    follow(tracker, [])
    for time_s, found in drive("AC4921CB", 0.0, 30, speed=20.0):
        wanted = tracker.wants(frame(time_s), [found.detection])
        tracker.update(frame(time_s), [found] if wanted[0] else [], [] if wanted[0] else [found.detection])
    (track,) = tracker.tracks
    assert (track.found, track.looks, track.missed) == (30, 30, 0)
