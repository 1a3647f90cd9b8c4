from __future__ import annotations

import io

import pytest
from PIL import Image as Pillow

from platelight.signatures import count_scans, is_heic, looks_like


@pytest.mark.parametrize(("data", "answer"), [
    (b"\x00\x00\x00\x1cftypavif\x00\x00", "AVIF"), (b"\x00\x00\x00\x1cftypisom\x00\x00", "MP4"), (b"II*\x00\x08", "TIFF"), (b"MM\x00*\x00", "TIFF"),
    (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "WebP"), (b"RIFF\x10\x00\x00\x00WAVEfmt ", "AVI or WAV"), (b"GIF89a", "GIF"), (b"%!PS-Adobe", "PostScript"),
    (b"\xff\xd8", "its kind is not known"), ("é".encode() * 400, "text file"), (b"a" + "é".encode() * 400, "text file"),
])  # fmt: skip
def test_says_what_a_file_looks_like(data: bytes, answer: str) -> None:
    assert answer in looks_like(data)


def test_heic_by_its_brand() -> None:
    assert is_heic(b"\x00\x00\x00\x18ftypheic")
    assert not is_heic(b"\x00\x00\x00\x18ftypavif")


@pytest.mark.parametrize(("mode", "options", "scans"), [("L", {}, 1), ("RGB", {}, 1), ("L", {"progressive": True}, 6), ("RGB", {"progressive": True}, 10)])
def test_counts_the_scans_of_a_jpeg(mode: str, options: dict[str, bool], scans: int) -> None:
    file = io.BytesIO()
    Pillow.effect_noise((64, 64), 90).convert(mode).save(file, "JPEG", **options)
    assert count_scans(file.getvalue()) == scans
    assert count_scans(b"\x89PNG" + file.getvalue()) == 1


def jpeg(**options: object) -> bytes:
    file = io.BytesIO()
    Pillow.effect_noise((64, 64), 90).convert("RGB").save(file, "JPEG", **options)
    return file.getvalue()


def test_scans_of_a_preview_or_behind_the_picture_are_not_counted() -> None:
    preview = b"Exif\x00\x00" + jpeg(progressive=True)
    segment = b"\xff\xe1" + (2 + len(preview)).to_bytes(2) + preview
    plain = jpeg()
    assert count_scans(plain[:2] + segment + plain[2:]) == 1
    assert count_scans(plain + jpeg(progressive=True)) == 1


def test_only_a_header_that_allows_no_further_scan_ends_the_counting() -> None:
    plain, progressive = jpeg(), jpeg(progressive=True)
    scan = plain.index(b"\xff\xda")
    one_of_three = plain[:scan] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" * 40 + plain[scan:]
    assert count_scans(one_of_three) == 41
    assert count_scans(progressive[:2] + b"\xff\xe1\x00\x02" + progressive[2:]) == 10
    assert count_scans(progressive.replace(b"\xff\xc2", b"\xff\xc6", 1)) == 10
    for end in range(2, scan + 12):
        assert count_scans(plain[:end]) in (0, 1)
