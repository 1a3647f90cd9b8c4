from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageCms, JpegImagePlugin, PngImagePlugin, features
from stand_ins import PLATE, street

from platelight import ImageError, Platelight, images
from platelight.geometry import Quad
from platelight.records import Image
from platelight.redact import RedactError, recall_first, redact_bytes, redact_file

pytestmark = pytest.mark.usefixtures("stand_in")
OUTSIDE = np.ones((480, 640), bool)
OUTSIDE[200:320, 260:500] = False


def photo() -> Image:
    """A white plate on noise that any loss would change."""
    picture = np.random.default_rng(2).integers(20, 160, (480, 640, 3), dtype=np.uint8)
    picture[220:300, 280:480] = 70
    picture[240:280, 300:460] = 255
    return picture


def smooth() -> Image:
    """A picture that survives JPEG."""
    picture = street(640, 480, PLATE)
    picture[..., 0] = np.where(picture[..., 0] == 255, 255, np.linspace(40, 120, 640).astype(np.uint8)[None, :])
    return picture


def file_of(picture: Pillow.Image | Image, form: str, **options: Any) -> bytes:
    data = io.BytesIO()
    (picture if isinstance(picture, Pillow.Image) else Pillow.fromarray(picture)).save(data, form, **options)
    return data.getvalue()


@pytest.fixture
def finder() -> Platelight:
    return recall_first(Platelight())


def opened(data: bytes) -> Pillow.Image:
    picture = Pillow.open(io.BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("JPEG", {"quality": 88}), ("PNG", {}), ("WEBP", {"lossless": True}), ("WEBP", {"quality": 80}), ("TIFF", {"compression": "tiff_lzw"}), ("TIFF", {}),
        ("BMP", {}), ("PPM", {}), ("GIF", {}), ("JPEG2000", {}),
        pytest.param("AVIF", {"quality": 80}, marks=pytest.mark.skipif(not features.check("avif"), reason="this Pillow writes no AVIF")),
    ],
    ids=str,
)  # fmt: skip
def test_formats_stay(finder: Platelight, form: str, options: dict[str, Any]) -> None:
    done = redact_bytes(file_of(smooth(), form, **options), finder, "fill")
    assert done.format == form
    assert opened(done.data).format == form
    assert done.media_type == Pillow.MIME[form]
    assert (done.width, done.height, len(done.plates), done.methods) == (640, 480, 1, ("fill",))
    pixels = images.load(done.data)
    assert pixels[245:275, 310:450].max() < 20
    assert np.abs(pixels.astype(float) - smooth())[OUTSIDE].mean() < 3


@pytest.mark.parametrize(("form", "options"), [("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True}), ("BMP", {})], ids=str)
def test_without_loss_every_other_pixel_stays(finder: Platelight, form: str, options: dict[str, Any]) -> None:
    done = redact_bytes(file_of(photo(), form, **options), finder)
    np.testing.assert_array_equal(images.load(done.data)[OUTSIDE], photo()[OUTSIDE])


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "CMYK", "P", "I;16"])
def test_pictures_of_every_mode(finder: Platelight, mode: str) -> None:
    if mode == "I;16":
        source = Pillow.fromarray((photo()[..., 0].astype(np.uint16) * 257) ^ 0x0013)
    else:
        source = Pillow.fromarray(photo()).convert(mode)
    done = redact_bytes(file_of(source, "TIFF" if mode == "CMYK" else "PNG"), finder, "fill")
    after = opened(done.data)
    assert after.mode == {"P": "RGB"}.get(mode, mode)
    before = source.convert("RGB") if mode == "P" else source
    np.testing.assert_array_equal(np.array(after)[OUTSIDE], np.array(before)[OUTSIDE])
    assert images.load(done.data)[245:275, 310:450].max() <= 2


def test_pictures_of_one_bit(finder: Platelight) -> None:
    before = Pillow.fromarray(street(640, 480, PLATE)[..., 0] > 128)
    after = opened(redact_bytes(file_of(before, "PNG"), finder, "fill").data)
    assert after.mode == "1"
    assert np.array(before).sum() > 4000
    assert not np.array(after).any()


def test_cmyk_jpeg(finder: Platelight) -> None:
    done = redact_bytes(file_of(Pillow.fromarray(smooth()).convert("CMYK"), "JPEG", quality=95), finder, "fill")
    assert opened(done.data).mode == "CMYK"
    assert np.abs(images.load(done.data).astype(float) - smooth())[OUTSIDE].mean() < 4


def test_what_transparency_hides_is_gone(finder: Platelight) -> None:
    """A plate that somebody made transparent is still in the file's pixels."""
    values = np.dstack([photo(), np.full((480, 640), 255, np.uint8)])
    unseen = np.zeros((480, 640), bool)
    unseen[20:60:3, 20:180:3] = True
    values[unseen, 3] = 0
    after = np.array(opened(redact_bytes(file_of(values, "PNG"), finder).data))
    assert not after[unseen].any()
    np.testing.assert_array_equal(after[OUTSIDE & ~unseen], values[OUTSIDE & ~unseen])


def test_jpegs_keep_their_tables_sampling_and_kind(finder: Platelight) -> None:
    for options in ({"quality": 71, "subsampling": 0}, {"quality": 93, "subsampling": 2, "progressive": True}):
        data = file_of(smooth(), "JPEG", **options)
        before, after = opened(data), opened(redact_bytes(data, finder).data)
        assert isinstance(before, JpegImagePlugin.JpegImageFile)
        assert isinstance(after, JpegImagePlugin.JpegImageFile)
        assert after.quantization == before.quantization
        assert JpegImagePlugin.get_sampling(after) == JpegImagePlugin.get_sampling(before)
        assert bool(after.info.get("progressive")) == bool(options.get("progressive"))
        assert np.abs(np.array(after).astype(float) - np.array(before))[OUTSIDE].max() <= 4


def test_colour_profiles_stay(finder: Platelight) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for form in ("JPEG", "PNG", "WEBP", "TIFF"):
        assert opened(redact_bytes(file_of(smooth(), form, icc_profile=profile), finder, metadata="none").data).info["icc_profile"] == profile


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
def test_photos_lying_on_their_side_come_out_upright(finder: Platelight, form: str, orientation: int) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    data = file_of(Pillow.fromarray(smooth()).convert("L" if form == "PNG" else "RGB"), form, exif=exif)
    expected = images.load(data)
    done = redact_bytes(data, finder, "fill")
    after = opened(done.data)
    assert after.getexif().get(0x0112, 1) == 1
    assert after.size == (done.width, done.height) == expected.shape[1::-1]
    pixels = images.load(done.data)
    [place] = done.places
    middle = place.array().mean(axis=0).astype(int)
    assert pixels[middle[1], middle[0]].max() < 30
    changed = np.abs(pixels.astype(float) - expected).max(axis=2) > 40
    ys, xs = np.nonzero(changed)
    box = place.box
    assert box.x0 - 8 <= xs.min() <= xs.max() <= box.x1 + 8
    assert box.y0 - 8 <= ys.min() <= ys.max() <= box.y1 + 8


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "TIFF"])
def test_animations_and_pages_are_refused(finder: Platelight, form: str) -> None:
    frames = [Pillow.fromarray(street(64 + 0, 48)), Pillow.new("RGB", (64, 48), "red")]
    with pytest.raises(RedactError, match="holds 2 pictures"):
        redact_bytes(file_of(frames[0], form, save_all=True, append_images=frames[1:]), finder)


def test_pictures_behind_a_phone_photo_are_left_out(finder: Platelight) -> None:
    second = Pillow.fromarray(smooth()[:, ::-1].copy())
    data = file_of(Pillow.fromarray(smooth()), "MPO", save_all=True, append_images=[second])
    assert opened(data).format == "MPO"
    after = redact_bytes(data, finder).data
    assert opened(after).format == "JPEG"
    assert after.count(b"\xff\xd8\xff") == 1


def test_a_film_behind_a_photo_is_left_out(finder: Platelight) -> None:
    assert b"moving picture" not in redact_bytes(file_of(smooth(), "JPEG") + b"moving picture" * 100, finder).data


def test_photos_without_plates_are_written_too(finder: Platelight) -> None:
    done = redact_bytes(file_of(street(640, 480), "PNG"), finder)
    assert done.plates == ()
    np.testing.assert_array_equal(images.load(done.data), street(640, 480))


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"not a picture", file_of(street(64, 48), "PNG")[:90]])
def test_what_is_no_picture_is_refused(finder: Platelight, data: bytes) -> None:
    with pytest.raises(ImageError):
        redact_bytes(data, finder)


def test_files(finder: Platelight, tmp_path: Path) -> None:
    source = tmp_path / "a.png"
    source.write_bytes(file_of(photo(), "PNG"))
    done = redact_file(source, tmp_path / "new" / "deep" / "b.png", finder)
    assert done.path == tmp_path / "new" / "deep" / "b.png"
    assert done.path.read_bytes() == done.data
    assert source.read_bytes() == file_of(photo(), "PNG")
    with pytest.raises(RedactError, match=r"b\.png is there already"):
        redact_file(source, done.path, finder)
    assert len(list(done.path.parent.iterdir())) == 1


def test_a_file_in_its_own_place(finder: Platelight, tmp_path: Path) -> None:
    source, link = tmp_path / "a.png", tmp_path / "link.png"
    source.write_bytes(file_of(photo(), "PNG"))
    source.chmod(0o640)
    link.symlink_to(source)
    done = redact_file(link, link, finder, replace=True)
    assert link.is_symlink()
    assert source.read_bytes() == done.data != file_of(photo(), "PNG")
    assert source.stat().st_mode & 0o777 == 0o640


def test_an_original_is_not_given_up_for_a_file_that_cannot_be_read(finder: Platelight, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "a.png"
    source.write_bytes(file_of(photo(), "PNG"))
    monkeypatch.setattr("platelight.redact.files.encode", lambda *_: b"half a pict")
    with pytest.raises(RedactError, match="not replaced"):
        redact_file(source, source, finder, replace=True)
    assert source.read_bytes() == file_of(photo(), "PNG")


def test_a_full_disk_leaves_the_original_and_no_half_file(finder: Platelight, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "a.png"
    source.write_bytes(file_of(photo(), "PNG"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        redact_file(source, source, finder, replace=True)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.png"]
    assert source.read_bytes() == file_of(photo(), "PNG")


def test_weak_finds_are_kept_and_the_reader_given_stays_as_it_is() -> None:
    usual = Platelight("fast")
    found = recall_first(usual, score=0.07, belief=-50)
    assert found.detector.spec.threshold == 0.07  # type: ignore[attr-defined]
    assert found.detector.effort == "thorough"  # type: ignore[attr-defined]
    assert found.belief == -50
    assert usual.detector.spec.threshold == 0.3  # type: ignore[attr-defined]
    dark = street(800, 600)
    dark[240:280, 300:460] = 205  # the stand-in's detector sees it
    dark[244:276, 304:456] = 60  # its reader does not take it for a plate
    assert [len(reader.read(dark).plates) for reader in (usual, found)] == [0, 1]


def test_the_place_is_that_of_the_plate(finder: Platelight) -> None:
    [place] = redact_bytes(file_of(photo(), "PNG"), finder, margin=0.5).places
    assert np.abs(place.array() - Quad(PLATE).grown(0).array()).max() == pytest.approx(20, abs=4)


def test_texts_of_png_files_go(finder: Platelight) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Description", "the car AB12CDE")
    data = file_of(photo(), "PNG", pnginfo=texts)
    assert b"AB12CDE" not in redact_bytes(data, finder).data
    assert b"AB12CDE" in redact_bytes(data, finder, metadata="all").data
