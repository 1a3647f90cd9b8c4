"""Frames that carry their number, so that a test can tell which one it was given."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from platelight.records import Frame, Image
from platelight.video import Video

BITS = 12


def numbered(count: int, width: int = 192, height: int = 96, first: int = 0) -> Iterator[Image]:
    """Grey frames with twelve cells in their upper half: the number in binary, white is 1."""
    for number in range(first, first + count):
        pixels = np.full((height, width, 3), 60, np.uint8)
        for bit in range(BITS):
            pixels[: height // 2, bit * width // BITS : (bit + 1) * width // BITS] = 255 * (number >> bit & 1)
        yield pixels


def number_of(pixels: Image) -> int:
    height, width = pixels.shape[:2]
    cells = [pixels[height // 4 - 2 : height // 4 + 2, int((bit + 0.5) * width / BITS)].mean() > 127 for bit in range(BITS)]
    return sum(int(cell) << bit for bit, cell in enumerate(cells))


def encode(path: Path, frames: Iterable[Image], codec: str = "libx264", pix_fmt: str = "yuv420p", stamps: list[float] | None = None, **context: Any) -> Path:
    """Like `write_video`, but with any pixel format and time stamps (s)."""
    import av

    listed = list(frames)
    height, width = listed[0].shape[:2]
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        stream.codec_context.thread_count = 1
        for name, value in context.items():
            setattr(stream.codec_context, name, value)
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for pixels, stamp in zip(listed, stamps or (number / 25 for number in range(len(listed))), strict=True):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24").reformat(format=pix_fmt)
            frame.pts, frame.time_base = round(stamp * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def turned_film(source: Path, path: Path, degrees: int) -> Path:
    """A copy of an MP4 whose header says that it is to be shown turned clockwise, as phones write it."""
    matrices = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}
    a, b, c, d = (value * 0x10000 for value in matrices[degrees])
    data = bytearray(source.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000)
    path.write_bytes(data)
    return path


def frames_of(path: Path, **options: Any) -> list[Frame]:
    """Every frame of a video."""
    with Video(path, **options) as video:
        return list(video)
