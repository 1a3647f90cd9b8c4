from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stand_ins import PLATE, street

from platelight.geometry import Quad
from platelight.records import Image, Plate
from platelight.redact import Fill, Logo, Method, hide, method_of, redact
from platelight.redact.patch import averages, full_cover, spread

Make = Callable[..., Plate]
TURNED = Quad(((200.0, 260.0), (352.0, 210.0), (364.0, 246.0), (212.0, 296.0)))
ALL = ["blur", "pixelate", "fill", "logo", "swap"]


def method(name: str) -> Method:
    return Logo(disc()) if name == "logo" else method_of(name)


def disc() -> Image:
    art = np.zeros((100, 300, 4), np.uint8)
    cv2.circle(art, (50, 50), 48, (220, 0, 0, 255), -1)
    return art


def with_content(quad: Quad, seed: int) -> Image:
    """A street with strong random bars on the plate, bright as a plate is."""
    picture = np.random.default_rng(5).integers(60, 90, (480, 640, 3), dtype=np.uint8)
    bars = np.random.default_rng(seed).choice(np.array([15, 240], np.uint8), (6, 40, 1)).repeat(3, axis=2)
    seen = cv2.warpPerspective(bars, warp(bars, quad), (640, 480), flags=cv2.INTER_NEAREST)
    inside = cv2.warpPerspective(np.full_like(bars, 255), warp(bars, quad), (640, 480), flags=cv2.INTER_NEAREST)
    return np.where(inside > 0, seen, picture)


def warp(art: Image, quad: Quad) -> np.ndarray:
    height, width = art.shape[:2]
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    return cv2.getPerspectiveTransform(source, quad.array().astype(np.float32) - np.float32(0.5))


def inside(quad: Quad, shape: tuple[int, ...]) -> np.ndarray:
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.rint((quad.array() - 0.5) * 16).astype(np.int32), 1, cv2.LINE_8, 4)
    return mask > 0


@pytest.mark.parametrize("quad", [Quad(PLATE), TURNED], ids=["level", "turned"])
@pytest.mark.parametrize("name", ["fill", "logo"])
def test_what_was_on_the_plate_leaves_no_trace_at_all(plate: Make, name: str, quad: Quad) -> None:
    results = [redact(with_content(quad, seed), [plate(quad=quad)], method(name)) for seed in (1, 2)]
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("quad", [Quad(PLATE), TURNED], ids=["level", "turned"])
@pytest.mark.parametrize("name", ["blur", "pixelate"])
def test_of_the_plate_nothing_but_a_few_mean_colours_enters(plate: Make, name: str, quad: Quad) -> None:
    """Two plates whose characters differ, brought to the same few means, look the same afterwards."""
    pictures = [with_content(quad, seed) for seed in (1, 2)]
    means = [averages(picture, quad, 1, 4) for picture in pictures]
    results = [redact(picture, [plate(quad=quad)], name, seed=3).astype(float) for picture in pictures]
    covered = inside(spread(quad, 0.1), pictures[0].shape)
    assert np.abs(pictures[0].astype(float) - pictures[1])[inside(quad, pictures[0].shape)].mean() > 80
    assert np.abs(results[0] - results[1])[covered].mean() <= np.abs(means[0] - means[1]).max() + 1


@pytest.mark.parametrize("name", ALL)
def test_everything_in_the_margin_is_covered_and_nothing_else_is_touched(plate: Make, name: str) -> None:
    """A picture of one colour that no method draws: none of it is left inside, all of it outside."""
    picture = np.full((480, 640, 3), (255, 0, 255), np.uint8)
    cv2.fillConvexPoly(picture, TURNED.grown(-0.05).array().astype(np.int32), (90, 120, 130))
    done = hide(picture, [plate(quad=TURNED)], method(name), margin=0.2, seed=1)
    assert (done.mask[inside(done.places[0], picture.shape)] == 255).all()
    np.testing.assert_array_equal(done.picture[done.mask == 0], picture[done.mask == 0])
    room = spread(TURNED, 0.2).grown(0.25)
    assert not done.mask[~inside(room, picture.shape)].any()


@pytest.mark.parametrize("name", ALL)
def test_the_picture_given_stays_as_it_is(plate: Make, name: str) -> None:
    picture = with_content(TURNED, 1)
    before = picture.copy()
    assert (redact(picture, [plate(quad=TURNED)], method(name)) != before).any()
    np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize("name", ["blur", "pixelate", "swap"])
def test_chance_is_new_every_time_unless_a_seed_is_given(plate: Make, name: str) -> None:
    picture = with_content(TURNED, 1)
    free = [redact(picture, [plate(quad=TURNED)], name) for _ in range(2)]
    fixed = [redact(picture, [plate(quad=TURNED)], name, seed=8) for _ in range(2)]
    assert (free[0] != free[1]).any()
    np.testing.assert_array_equal(*fixed)


def test_without_plates_nothing_changes() -> None:
    picture = street(200, 100)
    done = hide(picture, [])
    np.testing.assert_array_equal(done.picture, picture)
    assert (done.places, done.methods, int(done.mask.max())) == ((), (), 0)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("shift", [(-330, 0), (340, 0), (0, -255), (-400, -300), (5000, 5000)], ids=str)
def test_plates_at_and_beyond_the_edge(plate: Make, name: str, shift: tuple[float, float]) -> None:
    quad = Quad(PLATE).moved(*shift)
    picture = street(640, 480)
    done = hide(picture, [plate(quad=quad)], method(name), seed=1)
    assert done.picture.shape == picture.shape
    assert (done.mask[inside(done.places[0], picture.shape)] == 255).all()


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("size", [(3.0, 1.0), (1.0, 4.0), (9.0, 0.2), (600.0, 3.0), (20.0, 300.0)], ids=str)
def test_plates_of_odd_sizes(plate: Make, name: str, size: tuple[float, float]) -> None:
    quad = Quad(((20.0, 30.0), (20.0 + size[0], 30.0), (20.0 + size[0], 30.0 + size[1]), (20.0, 30.0 + size[1])))
    done = hide(street(640, 480), [plate(quad=quad)], method(name), seed=1)
    assert (done.mask[inside(quad, (480, 640))] == 255).all()


def test_the_margin_is_as_wide_on_every_side() -> None:
    wide = spread(Quad(PLATE), 0.25)
    assert wide.box.xywh == pytest.approx((290, 230, 180, 60))


@given(st.floats(0, 1), st.integers(0, 359), st.floats(2, 200), st.floats(2, 60))
@settings(max_examples=60, deadline=None)
def test_a_spread_plate_holds_the_plate(margin: float, turn: int, width: float, height: float) -> None:
    angle = np.radians(turn)
    corners = np.array([[-width, -height], [width, -height], [width, height], [-width, height]])
    quad = Quad.from_array(corners @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) + 300)
    outline = spread(quad, margin).array().astype(np.float32)
    assert all(cv2.pointPolygonTest(outline, corner, True) >= 1.9 for corner in quad.corners)


def test_cover_is_whole_inside_and_ends_outside() -> None:
    cover = full_cover(TURNED, 480, 640, 3.0)
    assert (cover[inside(TURNED, (480, 640))] == 1).all()
    assert (cover[~inside(TURNED.grown(0.4), (480, 640))] == 0).all()


def test_the_surest_plate_lies_on_top(plate: Make) -> None:
    weak, sure = plate(quad=Quad(PLATE).moved(40, 0), score=0.2), plate(quad=Quad(PLATE), score=0.9, text=None)
    painted = hide(street(640, 480, PLATE), [sure, weak], "fill")
    assert painted.methods == ("fill", "fill")

    class Marked:
        """Fill with a colour that tells the plates apart."""

        name = "marked"

        def __call__(self, picture, plate, place, rng):  # type: ignore[no-untyped-def]
            return Fill((200, 0, 0) if plate is sure else (0, 0, 200))(picture, plate, place, rng)

    assert redact(street(640, 480, PLATE), [sure, weak], Marked())[260, 440].tolist() == [200, 0, 0]


def test_a_logo_keeps_its_proportions_and_follows_the_plate(plate: Make) -> None:
    picture = street(640, 480)
    level = redact(picture, [plate(quad=Quad(PLATE))], Logo(disc(), ground=(255, 255, 0)))
    red = (level[..., 0] > 150) & (level[..., 1] < 100)
    rows, columns = np.nonzero(red)
    assert np.ptp(rows) + 1 == pytest.approx(np.ptp(columns) + 1, abs=2)
    assert np.ptp(rows) > 25
    assert level[237, 462].tolist() == pytest.approx([255, 255, 0], abs=3)
    tilted = redact(picture, [plate(quad=TURNED)], Logo(disc()))
    y, x = (np.mean(places) for places in np.nonzero((tilted[..., 0] > 150) & (tilted[..., 1] < 100)))
    assert (x, y) == pytest.approx((241, 266), abs=6)  # near the plate's own left end, a third along


@pytest.mark.parametrize(("wrong", "message"), [("hide", "method must be one of"), ("logo", "needs its picture")])
def test_wrong_methods(wrong: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        redact(street(64, 48), [], wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("margin", [-0.1, 2.5, float("nan")])
def test_wrong_margins(margin: float) -> None:
    with pytest.raises(ValueError, match="margin"):
        redact(street(64, 48), [], "blur", margin)


def test_a_logo_without_transparency_channel_is_refused() -> None:
    with pytest.raises(ValueError, match="RGBA"):
        Logo(np.zeros((10, 10, 3), np.uint8))
