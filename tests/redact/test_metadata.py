from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import ExifTags, TiffImagePlugin
from PIL import Image as Pillow
from stand_ins import PLATE, street

from platelight import Platelight
from platelight.redact import recall_first, redact_bytes

pytestmark = pytest.mark.usefixtures("stand_in")
Base, Ifd = ExifTags.Base, ExifTags.IFD
SECRET = b"NOTES WITH A PREVIEW"


@pytest.fixture
def finder() -> Platelight:
    return recall_first(Platelight())


def exif() -> Pillow.Exif:
    made = Pillow.Exif()
    made[Base.Make], made[Base.Model], made[Base.Copyright] = "Kamera", "K1", "(c) Someone"
    made[Base.Artist], made[Base.ImageDescription] = "A. Person", "my car AB12CDE"
    photo = made.get_ifd(Ifd.Exif)
    photo[Base.DateTimeOriginal], photo[Base.FNumber], photo[Base.ISOSpeedRatings] = "2026:05:01 12:00:00", TiffImagePlugin.IFDRational(28, 10), 200
    photo[Base.BodySerialNumber], photo[Base.MakerNote], photo[Base.CameraOwnerName] = "SN-0815", SECRET * 40, "A. Person"
    photo[Base.ExifImageWidth], photo[Base.ExifImageHeight] = 9999, 9999
    place = made.get_ifd(Ifd.GPSInfo)
    place[1], place[2] = "N", (50.0, 27.0, 0.0)
    return made


def file_of(form: str = "JPEG", **options: Any) -> bytes:
    data = io.BytesIO()
    Pillow.fromarray(street(640, 480, PLATE)).save(data, form, exif=exif().tobytes(), **options)
    return data.getvalue()


def after(data: bytes, finder: Platelight, metadata: Any) -> tuple[bytes, Pillow.Exif]:
    written = redact_bytes(data, finder, metadata=metadata).data
    return written, Pillow.open(io.BytesIO(written)).getexif()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_safe_metadata_stays_and_the_rest_goes(finder: Platelight, form: str) -> None:
    data, found = after(file_of(form), finder, "keep-safe")
    photo = found.get_ifd(Ifd.Exif)
    assert (found[Base.Make], found[Base.Model], found[Base.Copyright]) == ("Kamera", "K1", "(c) Someone")
    assert photo[Base.DateTimeOriginal] == "2026:05:01 12:00:00"
    assert float(photo[Base.FNumber]) == 2.8
    assert not found.get_ifd(Ifd.GPSInfo)
    for secret in (b"A. Person", b"AB12CDE", b"SN-0815", SECRET):
        assert secret not in data
    assert Base.ExifImageWidth not in photo


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_all_keeps_everything_but_what_may_hold_a_picture(finder: Platelight, form: str) -> None:
    data, found = after(file_of(form), finder, "all")
    assert found[Base.Artist] == "A. Person"
    assert found.get_ifd(Ifd.Exif)[Base.BodySerialNumber] == "SN-0815"
    assert found.get_ifd(Ifd.GPSInfo)[1] == "N"
    assert SECRET not in data


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_none_keeps_nothing(finder: Platelight, form: str) -> None:
    data, found = after(file_of(form), finder, "none")
    assert Base.Make not in found
    assert not found.get_ifd(Ifd.Exif)
    for secret in (b"Kamera", b"A. Person", b"2026:05:01", SECRET):
        assert secret not in data


@pytest.mark.parametrize("metadata", ["keep-safe", "all", "none"])
def test_thumbnails_always_go(finder: Platelight, metadata: str) -> None:
    """IFD1 of EXIF, as cameras write it: a small JPEG of the photo as it was taken."""
    small = io.BytesIO()
    Pillow.fromarray(street(160, 120)).save(small, "JPEG", quality=30)
    data = with_thumbnail(file_of(), small.getvalue())
    assert data.count(b"\xff\xd8\xff") == 2
    assert Pillow.open(io.BytesIO(data)).getexif().get_ifd(Ifd.IFD1)
    written, found = after(data, finder, metadata)
    assert written.count(b"\xff\xd8\xff") == 1
    assert not found.get_ifd(Ifd.IFD1)


def with_thumbnail(data: bytes, small: bytes) -> bytes:
    """A JPEG with an EXIF block that holds a camera's make and a thumbnail."""
    entries = b"".join(
        tag.to_bytes(2, "little") + kind.to_bytes(2, "little") + (1).to_bytes(4, "little") + value.to_bytes(4, "little")
        for tag, kind, value in ((0x0103, 3, 6), (0x0201, 4, 8 + 18 + 42), (0x0202, 4, len(small)))
    )  # fmt: skip
    first = b"\x01\x00" + b"\x12\x01\x03\x00\x01\x00\x00\x00\x01\x00\x00\x00" + (8 + 18).to_bytes(4, "little")
    second = b"\x03\x00" + entries + b"\x00\x00\x00\x00"
    block = b"Exif\x00\x00" + b"II*\x00\x08\x00\x00\x00" + first + second + small
    picture = io.BytesIO()
    Pillow.open(io.BytesIO(data)).convert("RGB").save(picture, "JPEG")
    return b"\xff\xd8\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block + picture.getvalue()[2:]


@pytest.mark.parametrize(("xmp", "stays"), [(b"<x:xmpmeta>a title</x:xmpmeta>", True), (b"<x:xmpmeta><xmp:Thumbnails/></x:xmpmeta>", False)])
def test_xmp(finder: Platelight, xmp: bytes, stays: bool) -> None:
    data = file_of(xmp=xmp)
    assert xmp in data
    assert xmp not in after(data, finder, "keep-safe")[0]
    assert (xmp in after(data, finder, "all")[0]) == stays


def test_comments_go_unless_all_is_asked_for(finder: Platelight) -> None:
    data = file_of(comment=b"seen in Kiel")
    assert b"seen in Kiel" not in after(data, finder, "keep-safe")[0]
    assert b"seen in Kiel" in after(data, finder, "all")[0]


def test_a_damaged_exif_block_goes(finder: Platelight) -> None:
    data = io.BytesIO()
    nowhere = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x69\x87\x04\x00\x01\x00\x00\x00\xff\xff\x00\x00\x00\x00\x00\x00"
    Pillow.fromarray(street(640, 480, PLATE)).save(data, "JPEG", exif=nowhere)
    assert nowhere in data.getvalue()
    written, found = after(data.getvalue(), finder, "all")
    assert nowhere not in written
    assert not found.get_ifd(Ifd.Exif)


def test_wrong_choice(finder: Platelight) -> None:
    with pytest.raises(ValueError, match="metadata must be one of"):
        redact_bytes(file_of(), finder, metadata="some")  # type: ignore[arg-type]
