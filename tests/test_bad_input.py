"""Every kind of bad input: a message that names the file and the cause, the others still read, and no more memory than promised."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image as Pillow
from stand_ins import PLATE, street

from platelight import ImageError, Platelight
from platelight.images import MAX_PIXELS, load

PICTURE = Pillow.fromarray(street(800, 600, PLATE))


def stored(kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    PICTURE.save(file, kind, **options)
    return file.getvalue()


def bomb() -> bytes:
    file = io.BytesIO()
    Pillow.new("1", (20_000, 20_000)).save(file, "PNG")
    return file.getvalue()


def endless_scans() -> bytes:
    """A progressive JPEG whose last scan comes again and again: small to store, hours to decode."""
    file = io.BytesIO()
    Pillow.new("L", (2000, 2000), 128).save(file, "JPEG", progressive=True)
    whole = file.getvalue()
    return whole[:-2] + whole[whole.rfind(b"\xff\xda") : -2] * 2000 + whole[-2:]


on_linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")

HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200)
MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + bytes(200)

BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty.jpg": (lambda: b"", "the file is empty"),
    "truncated.jpg": (lambda: stored("JPEG")[:-2000], "truncated"),
    "half.jpg": (lambda: stored("JPEG", progressive=True)[:-1500], "truncated"),
    "header.jpg": (lambda: stored("JPEG")[:200], ""),
    "truncated.png": (lambda: stored("PNG")[:-300], "truncated"),
    "truncated.webp": (lambda: stored("WEBP")[:-400], "broken picture"),
    "truncated.gif": (lambda: stored("GIF")[:-400], "truncated"),
    "truncated.tif": (lambda: stored("TIFF", compression="tiff_lzw")[:-100], ""),
    "huge.png": (bomb, "too large, 20000 x 20000 is 400 million pixels and the limit is 80 million"),
    "text.jpg": (lambda: "Kein Bild, nur Text: äöü\n".encode() * 40, "not a picture, it looks like a text file"),
    "page.jpg": (lambda: b"<!DOCTYPE html><html><body>404", "not a picture, it looks like a web page"),
    "paper.jpg": (lambda: b"%PDF-1.7\n" + bytes(50), "not a picture, it looks like a PDF document"),
    "film.jpg": (lambda: MP4, "not a picture, it looks like an MP4 or QuickTime video"),
    "zeros.jpg": (lambda: bytes(5000), "not a picture, it holds only zero bytes"),
    "noise.jpg": (lambda: np.random.default_rng(3).integers(128, 256, 4000, dtype=np.uint8).tobytes(), "not a picture, its kind is not known"),
    "plot.jpg": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n", "not a picture, it looks like a PostScript document"),
    "scans.jpg": (lambda: endless_scans(), "a JPEG of 2000 x 2000 in "),
    "digits.ppm": (lambda: b"P3\n4000 4000\n255\n" + b"7 " * 100, "too large, 4000 x 4000 is 16 million pixels and the limit is 10 million"),
    "flipped.png": (lambda: stored("PNG")[:40] + bytes(60) + stored("PNG")[100:], ""),
}
"""File name to its bytes and what the message must say after the name."""

GOOD: dict[str, Callable[[], bytes]] = {
    "cmyk.jpg": lambda: _converted("CMYK", "JPEG"),
    "palette.png": lambda: _converted("P", "PNG"),
    "grey.jpg": lambda: _converted("L", "JPEG"),
    "bilevel.png": lambda: _converted("1", "PNG"),
    "alpha.png": lambda: _converted("RGBA", "PNG"),
    "animated.gif": lambda: stored("GIF", save_all=True, append_images=[Pillow.new("RGB", PICTURE.size, "black")] * 2),
    "deep.png": lambda: _deep(),
    "wrong name.txt": lambda: stored("PNG"),
    "trailing.jpg": lambda: stored("JPEG") + b"\x00\x01 something after the end" * 20,
}
"""Odd files that must be read like any other."""


def _converted(mode: str, kind: str) -> bytes:
    file = io.BytesIO()
    PICTURE.convert(mode).save(file, kind)
    return file.getvalue()


def _deep() -> bytes:
    file = io.BytesIO()
    Pillow.fromarray(np.asarray(PICTURE.convert("L")).astype(np.uint16) * 257).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_named_with_their_cause(name: str, tmp_path: Path) -> None:
    make, cause = BAD[name]
    path = tmp_path / name
    path.write_bytes(make())
    with pytest.raises(ImageError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: {cause}")
    assert "\n" not in str(caught.value)
    with pytest.raises(ImageError, match="^bytes: "):
        load(path.read_bytes())


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("name", GOOD)
def test_odd_files_are_read_like_any_other(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(GOOD[name]())
    [plate] = Platelight(effort="fast").read(tmp_path / name).plates
    assert plate.text == "AB12CDE"
    assert np.abs(plate.detection.quad.array() - np.array(PLATE)).max() < 3


def test_heic_is_read_or_says_what_to_install() -> None:
    with pytest.raises(ImageError, match=r"bytes: (a HEIC picture; to read it: pip install 'platelight\[heif\]'|broken picture|not a picture)"):
        load(HEIC)


def test_missing_files_folders_and_addresses(tmp_path: Path) -> None:
    for source, cause in (
        (tmp_path / "none.jpg", "no such file"), (tmp_path, "is a folder, not a picture"), ("https://example.org/a.jpg", "no such file (it is an address"),
        ("a\0b.jpg", "cannot be read"), ("x" * 5000, "cannot be read"), ("", "path is empty"),
    ):  # fmt: skip
        with pytest.raises(ImageError) as caught:
            load(source)
        assert cause in str(caught.value), source


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipes_and_devices_are_refused_unread(tmp_path: Path) -> None:
    """Opening a pipe that nobody writes to would wait for ever, and /dev/zero never ends."""
    os.mkfifo(tmp_path / "pipe.jpg")
    for path, cause in ((tmp_path / "pipe.jpg", "a pipe"), (Path("/dev/zero"), "a device"), (tmp_path, "a folder")):
        with pytest.raises(ImageError) as caught:
            load(path)
        assert str(caught.value) == f"{path}: is {cause}, not a picture"


def test_a_file_too_large_for_memory_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "large.jpg").open("wb") as file:
        file.truncate(3_000_000_000)
    with pytest.raises(ImageError, match=r"large\.jpg: too large, the file has 3000 MB and the limit is 400 MB"):
        load(tmp_path / "large.jpg")


def test_premultiplied_grey_and_paths_of_bytes(tmp_path: Path) -> None:
    assert load(Pillow.new("La", (4, 3))).shape == (3, 4, 3)
    (tmp_path / "a.png").write_bytes(stored("PNG"))

    class BytesPath:
        def __fspath__(self) -> bytes:
            return os.fsencode(tmp_path / "a.png")

    assert load(cast("os.PathLike[str]", BytesPath())).shape == (600, 800, 3)


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize(("option", "message"), [
    ({"top": "5"}, "top must be a whole number from 1, got '5'"), ({"top": 2.5}, "top must be"), ({"countries": 5}, "countries must be a list"),
    ({"countries": [None]}, "countries must be a list"),
])  # fmt: skip
def test_wrong_options_are_named(option: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Platelight(**option)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_files_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret.jpg"
    path.write_bytes(stored("JPEG"))
    path.chmod(0)
    with pytest.raises(ImageError, match=r"secret\.jpg: no permission to read it"):
        load(path)


def test_a_refusal_by_the_system_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "secret.jpg").write_bytes(b"x")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ImageError, match=r"secret\.jpg: no permission to read it"):
        load(tmp_path / "secret.jpg")


@pytest.mark.usefixtures("stand_in")
def test_the_command_reads_what_can_be_read(platelight: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    for name, (make, _) in BAD.items():
        (folder / name).write_bytes(make())
    for name in ("cmyk.jpg", "palette.png", "animated.gif", "deep.png"):
        (folder / name).write_bytes(GOOD[name]())
    ran = platelight("read", folder, folder / "none.jpg", "--effort", "fast")
    assert ran.status == 1
    assert ran.out.count("AB12CDE") == 4
    messages = ran.err.splitlines()
    assert len(messages) == len(BAD) + 1
    for name, (_, cause) in BAD.items():
        assert sum(line.startswith(f"platelight: {folder / name}: {cause}") for line in messages) == 1, name
    assert "Traceback" not in ran.err


def _peak_mb(path: Path) -> tuple[str, float]:
    """What a fresh interpreter says of `load(path)`, and its largest memory in MB."""
    program = (
        "import re, sys; from platelight.images import load\n"
        "try: print(load(sys.argv[1]).shape)\n"
        "except ValueError as error: print(error)\n"
        "print(re.search(r'VmHWM:\\s+(\\d+) kB', open('/proc/self/status').read())[1])"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True, env=environment)
    said, peak = ran.stdout.splitlines()
    return said, int(peak) / 1024


@on_linux
def test_a_bomb_is_refused_from_its_header(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(bomb())
    said, peak = _peak_mb(tmp_path / "bomb.png")
    assert "too large" in said
    assert peak < 200


@on_linux
@pytest.mark.slow
@pytest.mark.parametrize(("mode", "kind", "options"), [
    ("RGB", "JPEG", {"progressive": True, "subsampling": 0}), ("CMYK", "JPEG", {"progressive": True, "subsampling": 0}), ("RGBA", "PNG", {"compress_level": 1}),
    ("RGBA", "WEBP", {"method": 0}), ("F", "TIFF", {}),
])  # fmt: skip
def test_the_largest_pictures_stay_below_one_and_a_half_gigabytes(tmp_path: Path, mode: str, kind: str, options: dict[str, Any]) -> None:
    width = 10_000
    Pillow.new(mode, (width, MAX_PIXELS // width)).save(tmp_path / "large", kind, **options)
    said, peak = _peak_mb(tmp_path / "large")
    assert said == f"({MAX_PIXELS // width}, {width}, 3)"
    assert peak < 1500
