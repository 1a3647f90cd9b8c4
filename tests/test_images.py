from __future__ import annotations

import io
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from platelight import images, modes
from platelight.images import ImageError, fit, load, name_of, resize

QUARTERS = np.array([[[250, 0, 0], [0, 250, 0]], [[0, 0, 250], [250, 250, 250]]], np.uint8).repeat(24, axis=0).repeat(32, axis=1)
"""Red, green over blue, white; 64 x 48."""


PILLOW = int(Pillow.__version__.split(".")[0])


def stored(picture: Pillow.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def corners(pixels: np.ndarray) -> list[list[int]]:
    """The colours near the four corners, rounded to tens."""
    return (pixels[[5, 5, -6, -6], [5, -6, 5, -6]].astype(int) // 50 * 50).tolist()


def near(pixels: np.ndarray, expected: np.ndarray, tolerance: int = 12) -> bool:
    away_from_edges = np.s_[3:20, 3:28]
    return pixels.shape == expected.shape and int(np.abs(pixels[away_from_edges].astype(int) - expected[away_from_edges]).max()) <= tolerance


@pytest.mark.parametrize(("kind", "options"), [
    ("JPEG", {"quality": 95}), ("JPEG", {"quality": 95, "progressive": True}), ("PNG", {}), ("WEBP", {"quality": 95}), ("WEBP", {"lossless": True}),
    ("BMP", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}), ("GIF", {}), ("PPM", {}),
])  # fmt: skip
def test_file_formats(kind: str, options: dict[str, Any]) -> None:
    pixels = load(stored(Pillow.fromarray(QUARTERS), kind, **options))
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    assert pixels.flags.writeable
    assert corners(pixels) == corners(QUARTERS)


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P", "RGBA", "LA", "CMYK", "YCbCr", "HSV", "I;16", "I", "F"])
def test_pil_modes(mode: str) -> None:
    grey = np.full((40, 60), 200, np.uint8)
    if mode in ("I;16", "I"):
        picture = Pillow.fromarray((grey.astype(np.uint16) << 8) if mode == "I;16" else grey.astype(np.int32) << 8)
    elif mode == "F":
        picture = Pillow.fromarray(grey.astype(np.float32) / 255)
    else:
        picture = Pillow.fromarray(np.full((40, 60), 255, np.uint8) if mode == "1" else grey).convert("RGB").convert(mode, palette=Pillow.Palette.ADAPTIVE)
    pixels = load(picture)
    assert pixels.shape == (40, 60, 3)
    assert np.abs(pixels.astype(int) - (255 if mode == "1" else 200)).max() <= 3


@pytest.mark.parametrize(("largest", "expected"), [(255, 255), (1023, 255), (4095, 255), (65535, 255), (2048, 128), (200, 200)])
def test_sixteen_bits_hold_eight_to_sixteen(largest: int, expected: int) -> None:
    deep = np.zeros((20, 20), np.uint16)
    deep[5:] = largest
    assert load(stored(Pillow.fromarray(deep), "PNG"))[10, 10].tolist() == pytest.approx([expected] * 3, abs=1)


def test_float_tiff_with_holes() -> None:
    values = np.full((20, 20), 0.5, np.float32)
    values[0, 0], values[0, 1] = np.nan, np.inf
    pixels = load(stored(Pillow.fromarray(values), "TIFF"))
    assert pixels[10, 10].tolist() == [128] * 3
    assert pixels[0, 0].tolist() == [0] * 3


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_shines_through_is_white(kind: str) -> None:
    layer = np.dstack([QUARTERS, np.zeros((48, 64), np.uint8)])
    layer[:24, :, 3] = 255
    pixels = load(stored(Pillow.fromarray(layer), kind, lossless=True))
    assert corners(pixels) == [*corners(QUARTERS)[:2], [250] * 3, [250] * 3]


def test_transparent_palette(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modes, "STRIP_PIXELS", 64 * 7)
    palette = Pillow.fromarray(QUARTERS).convert("P", palette=Pillow.Palette.ADAPTIVE)
    red = palette.getpixel((2, 2))
    pixels = load(stored(palette, "PNG", transparency=red))
    assert corners(pixels) == [[250] * 3, *corners(QUARTERS)[1:]]


def test_strips_join_without_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (53, 31, 3), dtype=np.uint8)
    monkeypatch.setattr(modes, "STRIP_PIXELS", 31 * 5)
    assert np.array_equal(load(Pillow.fromarray(noise)), noise)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF", pytest.param("MPO", marks=pytest.mark.skipif(PILLOW < 12, reason="writes broken MPO"))])
def test_of_several_pictures_the_first_is_taken(kind: str) -> None:
    frames = [Pillow.new("RGB", (32, 16), colour) for colour in ("red", "lime", "blue")]
    pixels = load(stored(frames[0], kind, save_all=True, append_images=frames[1:]))
    assert pixels.shape == (16, 32, 3)
    assert pixels[10, 10].tolist() == pytest.approx([255, 0, 0], abs=3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_undone_as_pillow_does(kind: str, orientation: int) -> None:
    from PIL import ImageOps

    exif = Pillow.Exif()
    exif[0x0112] = orientation
    data = stored(Pillow.fromarray(QUARTERS), kind, exif=exif, **({"quality": 95} if kind == "JPEG" else {}))
    expected = np.array(ImageOps.exif_transpose(Pillow.open(io.BytesIO(data))).convert("RGB"))
    pixels = load(data)
    assert pixels.shape == expected.shape
    assert corners(pixels) == corners(expected)
    assert pixels.flags.c_contiguous


def test_a_nonsense_orientation_changes_nothing() -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 77
    assert corners(load(stored(Pillow.fromarray(QUARTERS), "JPEG", exif=exif))) == corners(QUARTERS)


def test_every_way_to_give_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "bild ä.png"
    Pillow.fromarray(QUARTERS).save(path)
    data = path.read_bytes()
    with Pillow.open(path) as opened:
        for source in (path, str(path), data, bytearray(data), memoryview(data), opened, QUARTERS):
            assert np.array_equal(load(source), QUARTERS), type(source)
        assert name_of(opened) == str(path)
    assert np.array_equal(load(QUARTERS[:, :, ::-1], order="BGR"), QUARTERS)
    assert np.array_equal(load(path, order="BGR"), QUARTERS), "the order of a file is its own"
    assert np.array_equal(load(QUARTERS[:, :, 0]), QUARTERS[:, :, :1].repeat(3, axis=2))
    assert [name_of(path), name_of(data), name_of(QUARTERS), name_of(Pillow.new("L", (1, 1)))] == [str(path), "bytes", "array", "PIL image"]


def test_a_wrong_order_is_refused() -> None:
    with pytest.raises(ValueError, match="order must be 'RGB' or 'BGR', got 'GBR'"):
        load(QUARTERS, order="GBR")  # type: ignore[arg-type]


@pytest.mark.parametrize(("array", "message"), [
    (np.full((4, 4, 3), np.nan), "not float64, and it holds NaN"),
    (np.full((4, 4, 3), 0.5, np.float32), "not float32; for values from 0 to 1 use (array * 255).round().astype(numpy.uint8)"),
    (np.full((4, 4, 3), 99.0), "not float64; use array.round().astype(numpy.uint8)"),
    (np.zeros((4, 4, 3), np.int64), "must be uint8 from 0 to 255, not int64"),
    (np.zeros((4, 4, 3), bool), "not bool"),
    (np.array("x"), "not <U1"),
    (np.zeros((3, 40, 50), np.uint8), "not 3x40x50; channels come last here: use array.transpose(1, 2, 0)"),
    (np.zeros((40, 50, 4), np.uint8), "not 40x50x4; drop the fourth channel"),
    (np.zeros((2, 40, 50, 3), np.uint8), "is a batch; give a list of arrays"),
    (np.zeros(7, np.uint8), "must be (H, W, 3), not 7"),
    (np.zeros((0, 5, 3), np.uint8), "holds no pixels (5 x 0)"),
])  # fmt: skip
def test_arrays_that_are_no_pictures(array: np.ndarray, message: str) -> None:
    with pytest.raises(ImageError) as caught:
        load(array)
    assert message in str(caught.value)
    assert str(caught.value).startswith("array: ")


@pytest.mark.parametrize("source", [None, 7, [1, 2], {"a": 1}])
def test_other_things_are_refused(source: Any) -> None:
    with pytest.raises(ImageError, match="give a path, bytes, a PIL image or an RGB uint8 array, not"):
        load(source)


@pytest.mark.parametrize(("size", "long_side", "expected"), [
    ((1280, 960), 640, (480, 640)), ((4000, 3000), 640, (480, 640)), ((801, 599), 640, (480, 640)), ((100, 60), 640, (128, 224)),
    ((3000, 1), 640, (32, 640)), ((1, 1), 640, (32, 32)), ((640, 641), 640, (640, 640)),
])  # fmt: skip
def test_fit_sizes(size: tuple[int, int], long_side: int, expected: tuple[int, int]) -> None:
    assert fit(np.zeros((size[1], size[0], 3), np.uint8), long_side).pixels.shape == (*expected, 3)


def test_fit_pads_right_and_bottom() -> None:
    fitted = fit(np.full((100, 200, 3), 9, np.uint8), 200, multiple=64)
    assert fitted.pixels.shape == (128, 256, 3)
    assert (fitted.pixels[:100, :200] == 9).all()
    assert (fitted.pixels[100:] == images.PADDING).all()
    assert (fitted.pixels[:, 200:] == images.PADDING).all()


@given(st.integers(30, 3000), st.integers(30, 3000), st.integers(100, 700))
@settings(max_examples=150, deadline=None)
def test_the_scales_say_where_a_spot_went(width: int, height: int, long_side: int) -> None:
    assume(min(width, height) * long_side >= 16 * max(width, height))  # thinner strips are blurred into one value
    picture = np.zeros((height, width, 3), np.uint8)
    x, y = width // 3, height // 3
    picture[: max(y, 1), : max(x, 1)] = 255
    fitted = fit(picture, long_side)
    white = fitted.pixels[0, 0, 0]
    edge_x = fitted.pixels[0, : round(width * fitted.x_scale), 0].sum() / white
    edge_y = fitted.pixels[: round(height * fitted.y_scale), 0, 0].sum() / white
    assert edge_x == pytest.approx(max(x, 1) * fitted.x_scale, abs=0.6)
    assert edge_y == pytest.approx(max(y, 1) * fitted.y_scale, abs=0.6)


def test_shrinking_does_not_alias() -> None:
    stripes = np.zeros((2000, 3000, 3), np.uint8)
    stripes[:, ::2] = 255
    assert np.abs(resize(stripes, 300, 200).pixels.astype(int) - 127).max() <= 2


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_an_older_opencv_decodes_to_the_same_pixels(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = stored(Pillow.fromarray(QUARTERS), kind)
    pixels = load(data)
    monkeypatch.setattr(images, "_TO_RGB", None)
    assert np.array_equal(load(data), pixels)


FAULTS = """
import resource, sys
import numpy as np
from platelight import images
if sys.argv[1] == "keep":
    images.keep_memory()
picture = np.zeros((3000, 4000, 3), np.uint8)
for _ in range(2):
    images.upright(picture, 3)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(3):
    images.upright(picture, 3)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_memory_is_kept_for_the_next_photo_where_the_c_library_is_glibc() -> None:
    if platform.libc_ver()[0] != "glibc":
        pytest.skip("not glibc")
    lost, kept = (int(subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True).stdout) for how in ("lose", "keep"))
    assert kept < 10 < lost


def test_without_glibc_memory_is_left_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for library in (object(), None):
        monkeypatch.setattr("platelight.images.ctypes.CDLL", lambda _, library=library: library)
        images.keep_memory()
