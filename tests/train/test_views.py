from __future__ import annotations

import numpy as np
import pytest

from platelight.train.views import STRIDE, Scene, collate, view

pytestmark = pytest.mark.train

SIDE = 160
PLATE = np.array([[60.0, 60.0], [140.0, 64.0], [139.0, 84.0], [59.0, 80.0]])
COLOURS = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]])


def scene(*plates: np.ndarray, exact: bool = True, doubtful: bool = False, side: int = SIDE) -> Scene:
    corners = np.array(plates, dtype=np.float64).reshape(-1, 4, 2)
    return Scene(np.full((side, side, 3), 90, np.uint8), corners, np.full(len(corners), exact), doubtful)


def marked() -> Scene:
    """A picture whose plate has a disc of its own colour at each corner."""
    rows, columns = np.mgrid[:400, :500] + 0.5
    picture = np.full((400, 500, 3), 30, np.uint8)
    corners = np.array([[180.0, 150.0], [300.0, 150.0], [300.0, 200.0], [180.0, 200.0]])
    for (x, y), colour in zip(corners, COLOURS, strict=True):
        picture[(columns - x) ** 2 + (rows - y) ** 2 < 144] = colour
    return Scene(picture, corners[None], np.array([True]), False)


@pytest.mark.parametrize("seed", range(12))
def test_corners_go_where_their_pixels_go(seed: int) -> None:
    """Each corner keeps its colour; in a mirrored view the plate's own top-left corner is what was the top-right one."""
    seen = view(marked(), 320, np.random.default_rng(seed))
    visible = ((seen.corners[0] > 1) & (seen.corners[0] < 319)).all(axis=1)
    columns, rows = np.floor(seen.corners[0][visible]).astype(int).T
    found = seen.picture[rows, columns].astype(int)
    assert any(np.abs(found - COLOURS[order][visible]).max(initial=0) < 120 for order in ([0, 1, 2, 3], [1, 0, 3, 2]))


@pytest.mark.parametrize("seed", range(20))
def test_a_view_is_square_and_its_corners_stay_clockwise(seed: int) -> None:
    seen = view(marked(), SIDE, np.random.default_rng(seed))
    assert seen.picture.shape == (SIDE, SIDE, 3)
    x, y = seen.corners[0].T
    assert np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) > 0


def test_most_views_show_the_plate() -> None:
    rng = np.random.default_rng(1)
    centres = np.array([view(marked(), SIDE, rng).corners[0].mean(axis=0) for _ in range(60)])
    assert ((centres > 0) & (centres < SIDE)).all(axis=1).mean() > 0.8


def test_boxes_are_hardly_turned_and_true_corners_much() -> None:
    def rolls(exact: bool) -> np.ndarray:
        rng = np.random.default_rng(2)
        source = marked()
        seen = [view(Scene(source.picture, source.corners, np.array([exact]), False), SIDE, rng).corners[0] for _ in range(60)]
        return np.array([abs((np.degrees(np.arctan2(*(c[1] - c[0])[::-1])) + 90) % 180 - 90) for c in seen])

    assert rolls(False).max() < 10
    assert np.percentile(rolls(True), 90) > 15


def test_a_scene_without_plates_gives_a_view_without_plates() -> None:
    seen = view(scene(), 96, np.random.default_rng(1))
    assert seen.corners.shape == (0, 4, 2)


def test_the_heat_peaks_in_the_cell_of_the_centre() -> None:
    batch = collate([scene(PLATE)])
    centre = PLATE.mean(axis=0) / STRIDE
    assert batch.heat.shape == (1, SIDE // STRIDE, SIDE // STRIDE)
    assert np.argwhere(batch.heat[0].numpy() == 1.0).tolist() == [[int(centre[1]), int(centre[0])]]
    assert float(batch.heat[0, 0, 0]) < 1e-3


def test_cells_and_offsets_give_the_corners_back() -> None:
    batch = collate([scene(), scene(PLATE), scene(PLATE + 10, exact=False)])
    assert {int(index) for index in batch.cells[:, 0]} == {1, 2}
    for (image, row, column), offsets, exact in zip(batch.cells.tolist(), batch.offsets.numpy(), batch.exact.tolist(), strict=True):
        corners = offsets + (np.array([column, row]) + 0.5) * STRIDE
        assert np.abs(corners - (PLATE if image == 1 else PLATE + 10)).max() < 1e-3
        assert exact == (image == 1)


def test_a_small_plate_has_one_cell_and_a_large_one_its_neighbours() -> None:
    small = np.array([[60.0, 60.0], [80.0, 60.0], [80.0, 68.0], [60.0, 68.0]])
    assert len(collate([scene(small)]).cells) == 1
    assert len(collate([scene(PLATE)]).cells) == 9


@pytest.mark.parametrize("plate", [PLATE - [120, 0], PLATE[0] + (PLATE - PLATE[0]) * 0.08], ids=["its centre is outside", "too small to be seen"])
def test_a_plate_that_cannot_be_taught_is_neither_plate_nor_background(plate: np.ndarray) -> None:
    batch = collate([scene(plate)])
    assert len(batch.cells) == 0
    assert float(batch.heat.max()) == 0.0
    x, y = np.clip(plate.mean(axis=0), plate.min(axis=0), plate.max(axis=0))
    column, row = int(max(x, 0) / STRIDE), int(y / STRIDE)
    assert float(batch.weight[0, row, column]) == 0.0
    assert float(batch.weight.mean()) > 0.8


def test_doubt_is_handed_on() -> None:
    assert collate([scene(PLATE), scene(PLATE, doubtful=True)]).doubtful.tolist() == [False, True]
