"""The clock of frames, which never falls, and the choice among them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platelight.video.timeline import FILE_GAP_S, LIVE_GAP_S, Choice, Timeline


def test_stamps_count_from_the_first() -> None:
    line = Timeline(0.04)
    assert [line.at(stamp) for stamp in (100.0, 100.5, 101.0)] == [0.0, 0.5, 1.0]
    assert line.jumps == 0


def test_a_jump_back_and_a_jump_far_ahead_are_absorbed() -> None:
    line = Timeline(0.04)
    times = [line.at(stamp) for stamp in (10.0, 10.04, 3.0, 3.04, 5000.0, 5000.04)]
    assert times == pytest.approx([0, 0.04, 0.08, 0.12, 0.16, 0.20])
    assert line.jumps == 2


def test_without_stamps_the_frames_are_evenly_spaced() -> None:
    line = Timeline(0.1)
    assert [line.at(None) for _ in range(3)] == pytest.approx([0, 0.1, 0.2])


def test_live_frames_without_stamps_count_by_their_arrival() -> None:
    line = Timeline()
    assert [line.at(None, arrived) for arrived in (50.0, 50.3, 51.0)] == pytest.approx([0, 0.3, 1.0])


def test_a_live_clock_that_jumps_is_replaced_by_ours() -> None:
    line = Timeline()
    times = [line.at(stamp, arrived) for stamp, arrived in ((5.0, 50.0), (90000.0, 50.04), (90000.04, 50.08), (1.0, 50.12))]
    assert times == pytest.approx([0, 0.04, 0.08, 0.12])


def test_a_real_pause_of_a_live_source_is_kept() -> None:
    line = Timeline()
    line.at(5.0, 50.0)
    assert line.at(65.0, 110.0) == pytest.approx(60.0)
    line.restart()  # connected again, with a clock of its own
    assert line.at(0.0, 170.0) == pytest.approx(120.0)


@settings(deadline=None)
@given(st.lists(st.tuples(st.none() | st.floats(-1e6, 1e6), st.floats(0, 1)), min_size=2), st.booleans())
def test_time_never_falls_nor_leaps(steps: list[tuple[float | None, float]], live: bool) -> None:
    line, arrived, before = Timeline(0.04), 0.0, 0.0
    for stamp, passed in steps:
        arrived += passed
        now = line.at(stamp, arrived if live else None)
        assert 0 <= now - before <= (LIVE_GAP_S + passed if live else FILE_GAP_S) + 0.05
        before = now


def test_every_nth() -> None:
    choice = Choice(every=3)
    assert [index for index in range(10) if choice.wants(index, index / 25)] == [0, 3, 6, 9]


@pytest.mark.parametrize(("source", "wanted", "count"), [(25, 10, 100), (25, 25, 250), (30, 7, 70), (25, 60, 250), (50, 1, 10)])
def test_frames_a_second(source: int, wanted: float, count: int) -> None:
    choice = Choice(fps=wanted)
    chosen = [index for index in range(10 * source) if choice.wants(index, round(index / source, 3))]
    assert abs(len(chosen) - count) <= 1


def test_after_a_pause_the_missed_frames_are_not_caught_up() -> None:
    choice = Choice(fps=5)
    assert choice.wants(0, 0.0)
    assert choice.wants(1, 60.0)
    assert sum(choice.wants(index, 60.0 + index / 25) for index in range(1, 26)) <= 6


@pytest.mark.parametrize("options", [{"every": 0}, {"fps": 0}, {"fps": -1}, {"fps": float("nan")}])
def test_impossible_choices_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Choice(**options)  # type: ignore[arg-type]
