"""What is drawn on photos: outlines, and labels that can be read."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from platelight.draw import READ, UNREAD, annotate, with_room, write
from platelight.geometry import Box
from platelight.records import Candidate, Decoding, Detection, Image, Plate, Reading

GREY = 90


def plate(text: str | None, box: Box) -> Plate:
    reading = Reading(np.zeros((0, 40), np.float32), (), "A", np.zeros(1, np.float32), ("de",), 1, 1.0)
    best = Candidate(text, "de", None, 0.0) if text else None
    return Plate(Detection(box.quad(), 0.8), reading, Decoding(best, (best,) if best else (), "AS_READ", 0.9))


def photo(width: int = 800, height: int = 600) -> Image:
    return np.full((height, width, 3), GREY, np.uint8)


def ground(picture: Image, colour: tuple[int, int, int]) -> np.ndarray:
    """Where that colour lies: bool (H, W)."""
    return (picture == colour).all(axis=2)


def written(text: str) -> np.ndarray:
    """The ink of a text: bool (60, 200)."""
    canvas = Pillow.new("L", (200, 60), 0)
    write(ImageDraw.Draw(canvas), (10, 10), text, 255, 40)  # type: ignore[arg-type]
    return np.asarray(canvas) > 127


def test_the_photo_given_is_left_as_it_is_and_a_copy_of_its_size_comes_back() -> None:
    given = photo()
    drawn = annotate(given, [plate("AB12", Box(300, 300, 420, 330))])
    assert (given == GREY).all()
    assert drawn.shape == given.shape
    assert ground(drawn, READ).any()


def test_a_photo_without_plates_stays_the_same() -> None:
    assert (annotate(photo(), []) == GREY).all()


def test_unread_plates_have_another_colour() -> None:
    drawn = annotate(photo(), [plate(None, Box(300, 300, 420, 330))])
    assert ground(drawn, UNREAD).any()
    assert not ground(drawn, READ).any()


@pytest.mark.parametrize("box", [Box(300, 0, 420, 30), Box(700, 570, 800, 600), Box(0, 300, 60, 340), Box(780, 0, 800, 10)])
def test_labels_leave_the_plate_visible_at_every_edge(box: Box) -> None:
    drawn = annotate(photo(), [plate("AB12CDE", box)])
    inner = drawn[int(box.y0) + 4 : int(box.y1) - 4, int(box.x0) + 4 : int(box.x1) - 4]
    assert (inner == GREY).all()
    assert ground(drawn, READ).sum() > 1500


def test_labels_cover_neither_each_other_nor_neighbouring_plates() -> None:
    boxes = [Box(400, 300, 450, 350), Box(455, 310, 520, 350), Box(430, 365, 520, 385)]
    together = annotate(photo(), [plate("AB12CDE", box) for box in boxes])
    apart = [ground(annotate(photo(), [plate("AB12CDE", box)]), READ).sum() for box in boxes]
    assert ground(together, READ).sum() == pytest.approx(sum(apart), rel=0.02)
    for box in boxes:
        assert (together[int(box.y0) + 4 : int(box.y1) - 4, int(box.x0) + 4 : int(box.x1) - 4] == GREY).all()


def test_a_plate_as_large_as_the_photo_still_gets_its_label() -> None:
    drawn = annotate(photo(160, 40), [plate("AB12CDE", Box(0, 0, 160, 40))])
    assert ground(drawn, READ).sum() > 500


@pytest.mark.parametrize(("width", "height"), [(160, 40), (60, 20), (90, 120), (520, 110), (2000, 400)])
def test_the_label_of_a_picture_that_is_a_plate_lies_whole_below_it(width: int, height: int) -> None:
    roomy = with_room(photo(width, height))
    drawn = annotate(roomy, [plate("AB12CDE", Box(0, 0, width, height))])
    edge = max(round(min(roomy.shape[:2]) / 400 * 1.5), 1) * 2 + 2
    assert (drawn[edge : height - edge, edge : width - edge] == GREY).all()
    label = ground(drawn, READ)[height + edge :]
    assert label.sum() > 500
    assert not label[-1].any()
    assert not label[:, -1].any()


@pytest.mark.parametrize(("umlaut", "base"), ["ÄA", "ÖO", "ÜU"])
def test_an_umlaut_is_its_letter_with_two_dots_above(umlaut: str, base: str) -> None:
    with_dots, without = written(f"X{umlaut}1"), written(f"X{base}1")
    assert (with_dots & without == without).all()
    dots = with_dots & ~without
    top = int(np.flatnonzero(without.any(axis=1))[0])
    assert dots.any()
    assert not dots[top:].any()
    columns = np.flatnonzero(np.diff(dots.any(axis=0).astype(int)) == 1)
    assert len(columns) == 2
