"""Frames into files that other programs can play."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from films import number_of, numbered

from platelight.video import Video, VideoError, write_video

av = pytest.importorskip("av", reason="needs the extra `video`")


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    write_video(tmp_path / "film.mp4", numbered(30), 12.5)
    with av.open(str(tmp_path / "film.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt, float(stream.average_rate)) == ("h264", "yuv420p", 12.5)
    with Video(tmp_path / "film.mp4") as video:
        frames = list(video)
    assert [number_of(frame.pixels) for frame in frames] == list(range(30))
    assert frames[-1].time_s == pytest.approx(29 / 12.5)
    written = next(numbered(1, first=29))
    assert np.abs(frames[-1].pixels.astype(int) - written).mean() < 3


def test_the_index_comes_first(tmp_path: Path) -> None:
    write_video(tmp_path / "film.mp4", numbered(5), 25)
    data = (tmp_path / "film.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_odd_sizes_repeat_the_last_row_and_column(tmp_path: Path) -> None:
    gradient = np.broadcast_to(np.linspace(0, 250, 33).astype(np.uint8)[None, :, None], (31, 33, 3))
    write_video(tmp_path / "odd.mp4", [gradient] * 2, 25)
    with Video(tmp_path / "odd.mp4") as video:
        read = next(video).pixels.astype(int)
    assert read.shape == (32, 34, 3)
    assert np.abs(read[31] - read[30]).mean() < 4
    assert np.abs(read[:31, :33] - gradient).mean() < 4


@pytest.mark.parametrize("rate", [29.97, 30000 / 1001, 7, 0.5])
def test_rates(tmp_path: Path, rate: float) -> None:
    write_video(tmp_path / "film.mp4", numbered(8), rate)
    with Video(tmp_path / "film.mp4") as video:
        assert [frame.time_s for frame in video] == pytest.approx([index / rate for index in range(8)], rel=0.002)


def test_frames_can_come_from_a_generator_and_are_not_all_kept(tmp_path: Path) -> None:
    alive: list[int] = []

    def frames() -> object:
        for pixels in numbered(120, 320, 180):
            alive.append(id(pixels))
            yield pixels

    write_video(tmp_path / "film.mp4", frames(), 25)  # type: ignore[arg-type]
    assert len(set(alive)) < 90  # places in memory are used again


def test_refusals_leave_no_file(tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    with pytest.raises(VideoError, match="no frames to write"):
        write_video(target, [], 25)
    with pytest.raises(VideoError, match="must have one size"):
        write_video(target, [np.zeros((32, 32, 3), np.uint8), np.zeros((32, 64, 3), np.uint8)], 25)
    with pytest.raises(VideoError, match="no encoder for 'nonsense'"):
        write_video(target, numbered(1), 25, codec="nonsense")
    with pytest.raises(ValueError, match="fps must be more than 0"):
        write_video(target, numbered(1), 0)
    with pytest.raises(VideoError, match=r"cannot be written \(no such folder"):
        write_video(tmp_path / "nowhere" / "film.mp4", numbered(1), 25)
    with pytest.raises(VideoError, match="no kind of video file ends in '.nonsense'"):
        write_video(tmp_path / "film.nonsense", numbered(1), 25)

    def broken() -> object:
        yield from numbered(3)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_video(target, broken(), 25)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
