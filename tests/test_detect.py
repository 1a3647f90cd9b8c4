from __future__ import annotations

import hashlib
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand_ins import PLATE, StandIn, street

from platelight.bundle import ModelSpec
from platelight.detect import TILE_SHARED_PX, Detector, Effort, peaks, tiles_along
from platelight.geometry import Quad, corner_error

SPEC = ModelSpec(
    folder=Path("nowhere"), name="stand-in", role="detector", version=1, file="model.onnx", sha256=hashlib.sha256(b"").hexdigest(),
    input={"long_side": 640, "multiple": 32, "stride": 8}, threshold=0.3,
)  # fmt: skip


def detector(effort: Effort = "normal") -> tuple[Detector, StandIn]:
    session = StandIn("detector")
    return Detector(session, SPEC, effort), session  # type: ignore[arg-type]


class Fixed:
    """A session that always answers with the same few peaks: (row, column, score, half width, half height)."""

    def __init__(self, *answers: tuple[int, int, float, float, float]) -> None:
        self.answers = answers
        self.calls = 0

    def run(self, feeds: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        self.calls += 1
        count, height, width, _ = feeds["images"].shape
        heat = np.zeros((count, 1, height // 8, width // 8), np.float32)
        corners = np.zeros((count, 8, height // 8, width // 8), np.float32)
        for row, column, score, x, y in self.answers:
            heat[:, 0, row, column] = score
            corners[:, :, row, column] = [-x, -y, x, -y, x, y, -x, y]
        return {"heat": heat, "corners": corners}


def found_by(*answers: tuple[int, int, float, float, float]) -> list[tuple[float, tuple[float, ...]]]:
    [detections] = Detector(Fixed(*answers), SPEC, "fast")([np.zeros((640, 640, 3), np.uint8)])  # type: ignore[arg-type]
    return [(round(item.score, 3), item.quad.box.xywh) for item in detections]


@pytest.mark.parametrize("effort", ["fast", "normal", "thorough"])
@pytest.mark.parametrize("scale", [0.5, 1.0, 2.3, 5.0])
def test_corners_come_back_in_the_pixels_of_the_photo(effort: Effort, scale: float) -> None:
    tilted = ((300.0, 240.0), (460.0, 260.0), (455.0, 300.0), (295.0, 280.0))
    corners = tuple((x * scale, y * scale) for x, y in tilted)
    [found] = detector(effort)[0]([street(round(801 * scale), round(599 * scale), corners)])
    assert len(found) == 1
    assert corner_error(found[0].quad, Quad(corners)) < 0.02
    assert found[0].score == pytest.approx(0.9)


def test_all_plates_of_a_batch_of_mixed_sizes() -> None:
    second = ((50.0, 400.0), (210.0, 400.0), (210.0, 440.0), (50.0, 440.0))
    pictures = [street(800, 600, PLATE, second), street(640, 480), street(600, 800, PLATE)]
    assert [len(found) for found in detector()[0](pictures)] == [2, 0, 1]


def test_no_pictures() -> None:
    assert detector()[0]([]) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (33, 31)])
def test_odd_shapes(shape: tuple[int, int]) -> None:
    assert detector("thorough")[0]([np.full((*shape, 3), 80, np.uint8)]) == [[]]


def test_the_threshold_and_the_order() -> None:
    answers = found_by((10, 10, 0.4, 20, 8), (40, 40, 0.8, 20, 8), (60, 60, 0.29, 20, 8))
    assert [score for score, _ in answers] == [0.8, 0.4]
    assert answers[0][1] == pytest.approx((40.5 * 8 - 20, 40.5 * 8 - 8, 40, 16))


def test_neighbouring_cells_and_overlapping_quads_are_one_plate() -> None:
    assert len(found_by((20, 20, 0.9, 60, 20), (20, 22, 0.8, 60, 20))) == 1
    assert len(found_by((20, 20, 0.9, 60, 20), (20, 30, 0.8, 14, 10))) == 2
    assert len(found_by((20, 20, 0.9, 80, 40), (21, 24, 0.8, 20, 8))) == 1, "a small quad inside a large one"


def test_stacked_plates_stay_two() -> None:
    assert len(found_by((20, 20, 0.9, 60, 16), (24, 20, 0.8, 60, 16))) == 2


def test_a_flat_top_is_one_plate() -> None:
    assert len(found_by((20, 20, 0.9, 60, 20), (20, 21, 0.9, 60, 20))) == 1


def test_crossed_corners_become_the_box_and_dots_are_dropped() -> None:
    assert found_by((20, 20, 0.9, -30, 10))[0][1] == pytest.approx((134, 154, 60, 20))
    assert found_by((20, 20, 0.9, 0.1, 0.1)) == []


def test_not_a_number_is_no_plate() -> None:
    assert found_by((20, 20, 0.9, float("nan"), 10)) == []


def test_peaks_are_sorted_by_score() -> None:
    heat = np.zeros((9, 9), np.float32)
    heat[1, 1], heat[5, 5], heat[5, 6], heat[8, 8] = 0.5, 0.7, 0.6, 0.2
    rows, columns = peaks(heat, 0.3)
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [(5, 5), (1, 1)]


def test_a_second_look_only_where_it_pays() -> None:
    fast, sees_fast = detector("fast")
    normal, sees = detector("normal")
    fast([street(1600, 1200)])
    assert [shape[1:3] for shape in sees_fast.shapes] == [(480, 640)]
    normal([street(1600, 1200, tuple((2 * x, 2 * y) for x, y in PLATE))])
    assert [shape[1:3] for shape in sees.shapes] == [(480, 640)], "a large sure plate: nothing to gain"
    normal([street(1600, 1200)])
    assert sees.shapes[1:] == [(1, 480, 640, 3), (1, 960, 1280, 3), (1, 256, 320, 3), (1, 128, 160, 3)], "nothing found: a larger look and smaller ones"
    normal([street(640, 480)])
    assert sees.shapes[5:] == [(1, 480, 640, 3), (1, 256, 320, 3), (1, 128, 160, 3)], "nothing found, but there are no more pixels to see"


def test_a_plate_that_fills_the_picture_is_found_by_the_smaller_look() -> None:
    class NearSighted(StandIn):
        """Sees no plate wider than a third of the network's usual long side."""

        def run(self, feeds: dict[str, Any]) -> dict[str, Any]:
            found = super().run(feeds)
            wide = np.ptp(found["corners"][:, ::2], axis=1) > 640 / 3
            found["heat"][wide[:, None]] = 0
            return found

    filling = ((110.0, 150.0), (530.0, 150.0), (530.0, 290.0), (110.0, 290.0))
    for effort, count in (("fast", 0), ("normal", 1)):
        [found] = Detector(NearSighted("detector"), SPEC, effort)([street(640, 480, filling)])  # type: ignore[arg-type]
        assert len(found) == count


def test_close_ups_are_the_smaller_looks_alone() -> None:
    normal, sees = detector("normal")
    filling = ((110.0, 150.0), (530.0, 150.0), (530.0, 290.0), (110.0, 290.0))
    found = normal.close_ups([street(640, 480, filling), street(640, 480)])
    assert [len(detections) for detections in found] == [1, 0]
    assert corner_error(found[0][0].quad, Quad(filling)) < 0.05
    assert [shape[1:3] for shape in sees.shapes] == [(256, 320), (128, 160)]


def test_thorough_finds_a_plate_too_small_for_the_first_look() -> None:
    tiny = ((2010.0, 1810.0), (2035.0, 1810.0), (2035.0, 1816.0), (2010.0, 1816.0))
    picture = street(4000, 3000, tiny)
    assert detector("fast")[0]([picture]) == [[]]
    [found] = detector("thorough")[0]([picture])
    assert [corner_error(item.quad, Quad(tiny)) < 0.1 for item in found] == [True]


def test_thorough_reports_a_plate_across_tiles_once_and_whole() -> None:
    wide = ((600.0, 900.0), (1400.0, 900.0), (1400.0, 1100.0), (600.0, 1100.0))
    [found] = detector("thorough")[0]([street(3000, 2000, wide)])
    assert len(found) == 1
    assert corner_error(found[0].quad, Quad(wide)) < 0.01


def test_a_wrong_effort_is_refused() -> None:
    with pytest.raises(ValueError, match="effort must be one of fast, normal, thorough, got 'most'"):
        detector("most")  # type: ignore[arg-type]


@given(st.integers(40, 40_000), st.integers(320, 4000))
def test_tiles_cover_a_side_and_share_enough_for_a_small_plate(length: int, longest: int) -> None:
    parts = tiles_along(length, longest, 32)
    assert (parts[0][0], parts[-1][1]) == (0, length)
    assert len({end - start for start, end in parts}) == 1
    assert all(end - start < longest + 32 for start, end in parts)
    shared = [end - start for (_, end), (start, _) in itertools.pairwise(parts)]
    assert all(width >= TILE_SHARED_PX - 1 for width in shared)  # a pixel less where starts are rounded
