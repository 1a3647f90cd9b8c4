"""RGB frames into a video file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from platelight.records import Image
from platelight.video.errors import VideoError, cause_of

ENCODERS = {"h264": ("libx264", "h264"), "hevc": ("libx265", "hevc"), "mjpeg": ("mjpeg",), "mpeg4": ("mpeg4",)}
"""By codec: the encoders to try, in order."""

_OPTIONS = {"libx264": {"crf": "20", "preset": "veryfast", "x264-params": "log-level=none"}, "libx265": {"crf": "22", "x265-params": "log-level=none"}}


_MUXING = {".mp4": {"movflags": "faststart"}, ".mov": {"movflags": "faststart"}}  # a browser can begin before it has the whole file


def write_video(
    path: str | os.PathLike[str],
    frames: Iterable[Image],
    fps: float,
    *,
    codec: str = "h264",
    keyframe_every: int | None = None,
    options: dict[str, str] | None = None,
    threads: int = 1,
) -> None:
    """Encode RGB `frames` (H, W, 3), all of one size, into `path`; its name's end chooses the container (.mp4, .mkv, .avi, .ts).

    Odd sizes get one more row or column, a copy of the last. `options` go to the encoder. Nothing is left at `path` if it fails.
    Raises `VideoError`: no PyAV, no such codec, no frames, frames of different sizes, a file that cannot be written.
    """
    try:
        import av
    except ImportError:
        raise VideoError(f"{path}: to write videos: pip install 'platelight[video]'") from None
    if not fps > 0:
        raise ValueError(f"fps must be more than 0, got {fps}")
    target = Path(path)
    unfinished = target.with_name(f".{target.stem}.part{target.suffix}")
    iterator = iter(frames)
    first = next(iterator, None)
    if first is None:
        raise VideoError(f"{target}: no frames to write")
    try:
        with _create(unfinished, target) as container:
            stream = container.add_stream(_encoder(codec, target), rate=Fraction(fps).limit_denominator(1001), options=_options(codec, options))
            _set_up(stream, first, codec, keyframe_every, threads)
            for pixels in chain((first,), iterator):
                if pixels.shape != first.shape:
                    raise VideoError(f"{target}: all frames must have one size, got {pixels.shape} after {first.shape}")
                container.mux(stream.encode(av.VideoFrame.from_ndarray(_even(pixels), format="rgb24")))
            container.mux(stream.encode())
        unfinished.replace(target)
    except av.error.FFmpegError as error:
        raise VideoError(f"{target}: cannot be written ({cause_of(error)})") from None
    finally:
        unfinished.unlink(missing_ok=True)


def _create(unfinished: Path, target: Path) -> Any:
    import av

    if not target.parent.is_dir():
        raise VideoError(f"{target}: cannot be written (no such folder)")
    try:
        return av.open(str(unfinished), "w", options=_MUXING.get(target.suffix.lower(), {}))
    except ValueError:
        raise VideoError(f"{target}: cannot be written (no kind of video file ends in {target.suffix!r})") from None


def _set_up(stream: Any, first: Image, codec: str, keyframe_every: int | None, threads: int) -> None:
    height, width = first.shape[:2]
    stream.width, stream.height = width + width % 2, height + height % 2
    stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    stream.codec_context.thread_count = threads
    if keyframe_every:
        stream.codec_context.gop_size = keyframe_every


def _encoder(codec: str, target: Path) -> str:
    import av

    known = [name for name in ENCODERS.get(codec, (codec,)) if name in av.codecs_available]
    for name in known:
        try:
            av.Codec(name, "w")
        except ValueError:
            continue
        return name
    raise VideoError(f"{target}: no encoder for {codec!r} here (known: {', '.join(ENCODERS)})")


def _options(codec: str, options: dict[str, str] | None) -> dict[str, str]:
    return {**_OPTIONS.get(_encoder(codec, Path()), {}), **(options or {})}


def _even(pixels: Image) -> Image:
    height, width = pixels.shape[:2]
    if height % 2 or width % 2:
        pixels = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return np.ascontiguousarray(pixels)
