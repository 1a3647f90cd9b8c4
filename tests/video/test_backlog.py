"""Being behind is noticed and made up for; waits between tries grow."""

from __future__ import annotations

import random

import pytest

from platelight.video.backlog import LIMIT_S, Backlog, Pace
from platelight.video.waits import LONGEST_REFUSED_S, LONGEST_S, Waits

INTERVAL_S = 0.04


class Stream:
    """A camera that sends 25 frames a second with a key frame each second, and a reader that needs `work_s` for each.

    The camera's clock runs `drift` faster than ours, and begins at 1000.
    """

    def __init__(self, work_s: float, drift: float = 0.0) -> None:
        self.now, self.number, self.drift, self.work_s = 0.0, 0, drift, work_s
        self.backlog = Backlog(lambda: self.now)
        self.lags: list[tuple[float, float]] = []  # as measured, and true

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            sent = self.number * INTERVAL_S
            waited = max(sent - self.now, 0.0001)
            self.now += waited
            stamp = 1000 + sent * (1 + self.drift)
            if self.backlog.admit(stamp, self.number % 25 == 0, waited):
                self.now += self.work_s
                self.lags.append((self.backlog.age_s(stamp, self.now), self.now - sent))
            self.number += 1


def test_a_fast_reader_leaves_nothing_out() -> None:
    stream = Stream(work_s=0.02)
    stream.run(300)
    assert stream.backlog.skipped == 0
    assert max(measured for measured, _ in stream.lags) < 0.03


def test_clocks_that_drift_apart_are_no_lag() -> None:
    for drift in (-0.001, 0.001):
        stream = Stream(work_s=0.02, drift=drift)
        stream.run(1200)
        assert stream.backlog.skipped == 0
        assert max(measured for measured, _ in stream.lags) < 0.1


def test_a_slow_reader_is_never_far_behind() -> None:
    for work in (0.0402, 0.045, 0.08, 0.3):
        stream = Stream(work_s=work)
        stream.run(300)
        assert stream.backlog.skipped > 0
        assert max(true for _, true in stream.lags) < LIMIT_S + 1.2 + work  # older ones are decoded but not given out
        assert max(abs(measured - true) for measured, true in stream.lags) < 0.1


def test_a_short_stop_is_made_up_for_without_a_gap() -> None:
    stream = Stream(work_s=0.01)
    stream.run(10)
    stream.now += 0.9
    stream.run(10)
    assert stream.backlog.skipped == 0
    assert stream.lags[-1][0] < 0.05


def test_what_a_server_kept_for_newcomers_is_old() -> None:
    backlog = Backlog(lambda: 5.0)
    backlog.admit(1.0, True, 0.0001)
    assert not backlog.settled
    backlog.admit(1.04, False, 0.03)
    assert backlog.settled


def test_waits_grow_are_jittered_and_start_anew() -> None:
    waits = Waits(random.Random(1))
    first = [waits.next_s() for _ in range(30)]
    assert first[0] < first[1] < first[2] < first[3]
    assert max(first) <= LONGEST_S
    assert len(set(first)) == 30
    waits.reset()
    assert waits.next_s() < 0.3


def test_after_a_wrong_password_waits_are_long() -> None:
    waits = Waits(random.Random(1))
    longest = [waits.next_s(refused=True) for _ in range(10)]
    assert longest[0] > 1
    assert LONGEST_REFUSED_S * 0.6 <= longest[-1] <= LONGEST_REFUSED_S


def test_a_file_is_paced_and_a_late_reader_is_late() -> None:
    pace = Pace(lumps=False)
    assert pace.early_s(10.0, now=50.0) == 0
    assert pace.early_s(10.5, now=50.1) == pytest.approx(0.4)
    assert pace.early_s(11.0, now=51.3) == pytest.approx(-0.3)
    assert pace.early_s(11.5, now=51.5) == 0
    assert pace.early_s(5000.0, now=52.0) == 0  # its clock leapt


def test_what_comes_in_lumps_is_spread_even_after_a_late_one() -> None:
    pace = Pace(lumps=True)
    assert pace.early_s(10.0, now=50.0) == 0
    assert pace.early_s(11.0, now=51.4) == 0
    assert pace.early_s(11.04, now=51.4) == pytest.approx(0.04)
