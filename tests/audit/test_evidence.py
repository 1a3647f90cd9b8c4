from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from made import drawn, find
from PIL import Image as Pillow

from platelight import ImageError
from platelight.audit.evidence import Evidence, covered, sweep, thumb, write
from platelight.audit.records import Find, Shown

MAIN, OTHER = find("AA1234BB"), find("KA7777HX", x=0.85, y=0.2, wide=0.1)


@pytest.fixture
def shown(tmp_path: Path) -> Shown:
    Pillow.fromarray(drawn([MAIN, OTHER])).save(tmp_path / "a.png")
    return Shown(str(tmp_path / "a.png"), MAIN.quad, (OTHER.quad,))


def pixels(data: bytes) -> np.ndarray:
    return np.array(Pillow.open(io.BytesIO(data)))


def contrast(picture: np.ndarray, item: Find, scale: float) -> float:
    """How much the pixels in the middle of the plate, free of its outline, differ from each other."""
    box = item.quad.grown(-0.2).scaled(scale).box
    return float(picture[round(box.y0) : round(box.y1), round(box.x0) : round(box.x1)].std(axis=(0, 1)).max())


def test_evidence_shows_the_plate_outlined_and_by_itself(tmp_path: Path, shown: Shown) -> None:
    found = write(tmp_path / "out", shown)
    assert found.crop is not None
    whole, crop = pixels((tmp_path / "out" / found.picture).read_bytes()), pixels((tmp_path / "out" / found.crop).read_bytes())
    assert whole.shape == (750, 1000, 3)
    green = (whole[..., 1].astype(int) - whole[..., 0] > 60) & (whole[..., 1] > 120)
    rows, columns = np.nonzero(green)
    box = MAIN.quad.box
    assert abs(columns.min() - box.x0) < 12
    assert abs(rows.max() - box.y1) < 8
    assert contrast(whole, MAIN, 1.0) > 60
    assert crop.shape[1] == 320
    assert crop.std() > 60


def test_large_photos_become_smaller_and_the_quads_with_them(tmp_path: Path) -> None:
    big = find("AA1234BB", width=4000, height=3000)
    Pillow.fromarray(drawn([big], 4000, 3000)).save(tmp_path / "big.jpg")
    found = write(tmp_path, Shown(str(tmp_path / "big.jpg"), big.quad))
    assert (found.width, found.height) == (1280, 960)
    assert found.quad is not None
    assert found.quad.box.x0 == pytest.approx(big.quad.box.x0 * 0.32)


def test_every_plate_is_covered_until_it_is_shown(tmp_path: Path, shown: Shown) -> None:
    small = thumb(tmp_path, write(tmp_path, shown))
    hidden = pixels(small.hidden)
    assert hidden.shape == (300, 400, 3)
    for item in (MAIN, OTHER):
        assert contrast(hidden, item, 0.4) < 16
    x, y, width, height = small.place
    hidden[y : y + height, x : x + width] = pixels(small.patch)
    assert contrast(hidden, MAIN, 0.4) > 50
    assert contrast(hidden, OTHER, 0.4) < 16


def test_what_is_covered_leaves_no_trace() -> None:
    picture, blank = drawn([MAIN]), drawn([])
    result = covered(picture, [MAIN.quad])
    assert np.abs(result.astype(int) - blank).max() < 12


def test_a_redacted_thumb_has_no_patch(tmp_path: Path, shown: Shown) -> None:
    assert thumb(tmp_path, write(tmp_path, shown), redacted=True).patch == b""


def test_a_photo_without_a_plate(tmp_path: Path, shown: Shown) -> None:
    found = write(tmp_path, Shown(shown.source, None, shown.others))
    assert (found.crop, found.quad) == (None, None)
    assert contrast(pixels(thumb(tmp_path, found).hidden), OTHER, 0.4) < 16


def test_a_plate_that_hangs_over_the_edge(tmp_path: Path) -> None:
    edge = find("AA1234BB", x=0.99, y=0.995)
    Pillow.fromarray(drawn([edge])).save(tmp_path / "edge.png")
    small = thumb(tmp_path, write(tmp_path, Shown(str(tmp_path / "edge.png"), edge.quad)))
    x, y, width, height = small.place
    assert x + width <= small.width
    assert y + height <= small.height


def test_writing_again_keeps_the_files_and_sweeping_removes_what_is_left_over(tmp_path: Path, shown: Shown) -> None:
    first = write(tmp_path, shown)
    before = (tmp_path / first.picture).stat().st_mtime_ns
    again = write(tmp_path, shown)
    assert again == first
    assert (tmp_path / first.picture).stat().st_mtime_ns == before
    other = write(tmp_path, Shown(shown.source, OTHER.quad))
    assert other.crop is not None
    mine = tmp_path / "evidence" / "notes.txt"
    mine.write_text("not ours")
    sweep(tmp_path, {other.picture, other.crop})
    assert not (tmp_path / first.picture).exists()
    assert (tmp_path / other.picture).exists()
    assert mine.exists()


def test_a_photo_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no such file"):
        write(tmp_path, Shown(str(tmp_path / "gone.jpg"), MAIN.quad))
    with pytest.raises(ImageError, match="no such file"):
        thumb(tmp_path, Evidence("evidence/aa/gone.jpg", None, 10, 10, None))
