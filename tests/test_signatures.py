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
