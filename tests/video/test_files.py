"""Files: every frame with its time, whatever the file is like."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from films import encode, frames_of, number_of, numbered, turned_film
from PIL import Image as Pillow

from platelight.video import Video, write_video

av = pytest.importorskip("av", reason="needs the extra `video`")


def test_every_frame_once_and_in_order(film: Path) -> None:
    with Video(film) as video:
        frames = list(video)
        assert (video.size, video.fps, video.live, video.hardware) == ((192, 96), 25.0, False, None)
        assert (video.stats.frames, video.stats.decoded) == (100, 100)
    assert [number_of(frame.pixels) for frame in frames] == list(range(100))
    assert [frame.index for frame in frames] == list(range(100))
    assert [frame.time_s for frame in frames] == pytest.approx([index / 25 for index in range(100)])
    assert all(frame.pixels.flags.c_contiguous and frame.pixels.dtype == np.uint8 for frame in frames)


def test_colors_are_rgb(tmp_path: Path) -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:] = (200, 30, 60)
    write_video(tmp_path / "red.mp4", [pixels] * 3, 25)
    assert np.abs(frames_of(tmp_path / "red.mp4")[0].pixels.astype(int) - (200, 30, 60)).max() < 6


def test_every_nth_and_frames_a_second(film: Path) -> None:
    nth = frames_of(film, every=7)
    assert [number_of(frame.pixels) for frame in nth] == list(range(0, 100, 7))
    assert [frame.index for frame in nth] == list(range(0, 100, 7))
    slow = frames_of(film, fps=5)
    assert [number_of(frame.pixels) for frame in slow] == pytest.approx(list(range(0, 100, 5)), abs=1)


def test_only_wanted_frames_are_converted(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from platelight.video import pyav

    converted = []
    plain = pyav.from_av
    monkeypatch.setattr(pyav, "from_av", lambda frame, reformatter: converted.append(1) or plain(frame, reformatter))  # type: ignore[func-returns-value]
    frames_of(film, every=10)
    assert len(converted) == 10


def test_of_pictures_one_by_one_only_the_wanted_are_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from platelight.video import pyav

    write_video(tmp_path / "film.avi", numbered(30), 25, codec="mjpeg")
    decoded = []
    plain = pyav.PyAVCapture._decode
    monkeypatch.setattr(pyav.PyAVCapture, "_decode", lambda self, *args: decoded.append(1) or plain(self, *args))  # type: ignore[func-returns-value]
    frames = frames_of(tmp_path / "film.avi", every=10)
    assert [number_of(frame.pixels) for frame in frames] == [0, 10, 20]
    assert len(decoded) == 3


def test_looping_goes_on_in_time(film: Path) -> None:
    with Video(film, loop=True) as video:
        frames = [next(video) for _ in range(250)]
    assert [number_of(frame.pixels) for frame in frames] == [index % 100 for index in range(250)]
    assert np.diff([frame.time_s for frame in frames]) == pytest.approx(0.04)


def test_when_it_was_taken(film: Path, tmp_path: Path) -> None:
    with Video(film) as video:
        assert video.start_epoch_s is None
        assert [next(video).epoch_s for _ in range(2)] == pytest.approx([0.0, 0.04])
    with Video(film, start_epoch_s=1e9) as video:
        assert [next(video).epoch_s for _ in range(2)] == pytest.approx([1e9, 1e9 + 0.04])
    dated = tmp_path / "dated.mp4"
    with av.open(str(film)) as source, av.open(str(dated), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        target.metadata["creation_time"] = "2026-05-04T03:02:01Z"
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    with Video(dated) as video:
        assert video.start_epoch_s == 1777863721.0
        assert next(video).epoch_s == 1777863721.0


def test_odd_sizes(tmp_path: Path) -> None:
    write_video(tmp_path / "odd.mp4", numbered(3, 181, 95), 25)
    frames = frames_of(tmp_path / "odd.mp4")
    assert frames[0].pixels.shape == (96, 182, 3)
    assert [number_of(frame.pixels) for frame in frames] == [0, 1, 2]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_phones_turned_film_is_upright(film: Path, tmp_path: Path, degrees: int) -> None:
    turned = turned_film(film, tmp_path / "turned.mp4", degrees)
    with Video(turned) as video:
        frame = next(video)
        expected = np.rot90(next(Video(film)).pixels, -degrees // 90)
        assert frame.pixels.shape == expected.shape
        assert np.array_equal(frame.pixels, expected)
        assert video.size == expected.shape[1::-1]


def test_size_and_clock_that_change_midway(tmp_path: Path) -> None:
    small, large = encode(tmp_path / "a.ts", numbered(30)), encode(tmp_path / "b.ts", numbered(30, 384, 192, first=30))
    joined = tmp_path / "joined.ts"
    joined.write_bytes(small.read_bytes() + large.read_bytes())
    with Video(joined) as video:
        frames = list(video)
        assert video.stats.jumps >= 1
        assert video.size == (384, 192)
    assert [number_of(frame.pixels) for frame in frames] == list(range(60))
    assert [frames[0].pixels.shape, frames[-1].pixels.shape] == [(96, 192, 3), (192, 384, 3)]
    assert np.diff([frame.time_s for frame in frames]).min() >= 0
    assert frames[-1].time_s == pytest.approx(59 / 25, abs=0.2)


def test_a_clock_that_leaps_ahead(tmp_path: Path) -> None:
    stamps = [index / 25 + (3600 if index >= 20 else 0) for index in range(40)]
    frames = frames_of(encode(tmp_path / "leap.mp4", numbered(40), stamps=stamps))
    assert frames[-1].time_s == pytest.approx(39 / 25, abs=0.1)


def test_uneven_frames_keep_their_times(tmp_path: Path) -> None:
    stamps = [0.0, 0.1, 0.5, 0.52, 2.0, 4.5]
    frames = frames_of(encode(tmp_path / "uneven.mkv", numbered(6), stamps=stamps))
    assert [frame.time_s for frame in frames] == pytest.approx(stamps, abs=0.002)


def test_no_stamps_at_all(film: Path, tmp_path: Path) -> None:
    raw = tmp_path / "film.h264"
    with av.open(str(film)) as source, av.open(str(raw), "w", format="h264") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    frames = frames_of(raw)
    assert [number_of(frame.pixels) for frame in frames] == list(range(100))
    assert np.diff([frame.time_s for frame in frames]) == pytest.approx(0.04, abs=0.001)


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("a.mkv", "ffv1", "gray"),
        ("a.mkv", "ffv1", "yuv444p16le"),
        ("a.mkv", "ffv1", "yuva420p"),
        ("a.mkv", "ffv1", "bgr0"),
        ("a.mkv", "libx264", "yuv444p"),
        ("a.mp4", "libx264", "yuv422p10le"),
        ("a.avi", "mjpeg", "yuvj422p"),
        ("a.avi", "rawvideo", "yuyv422"),
    ],
)
def test_pixel_formats(tmp_path: Path, name: str, codec: str, pix_fmt: str) -> None:
    frames = frames_of(encode(tmp_path / name, numbered(4), codec, pix_fmt))
    assert [number_of(frame.pixels) for frame in frames] == [0, 1, 2, 3]
    assert frames[0].pixels.shape == (96, 192, 3)


def test_interlaced_films_have_no_combs(tmp_path: Path) -> None:
    """A bright bar jumps between the two fields; the static stripes beside it keep their lines."""
    listed = []
    for index in range(6):
        pixels = np.full((96, 192, 3), 40, np.uint8)
        for field in (0, 1):
            left = 20 + 16 * (2 * index + field) % 100
            pixels[field::2, left : left + 16] = 220
        pixels[40:44, 140:180] = 220
        listed.append(pixels)
    path = encode(tmp_path / "fields.mkv", listed, options={"x264-params": "tff=1", "crf": "10"}, flags=1 << 18 | 1 << 22 | 1 << 29)
    with av.open(str(path)) as container:
        raw = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert next(iter(av.open(str(path)).decode(video=0))).interlaced_frame

    def teeth(pixels: Any) -> float:
        lines = pixels[:, 16:136, 0].astype(int)
        return float(np.abs(lines[1:-1:2] - (lines[:-2:2] + lines[2::2]) / 2).mean())

    read = frames_of(path)[3].pixels
    assert teeth(raw[3]) > 20
    assert teeth(read) < 4
    assert np.abs(read[30:60, 145:175].astype(int) - raw[3][30:60, 145:175]).max() < 10


def test_animated_gif(tmp_path: Path) -> None:
    pictures = [Pillow.fromarray(pixels) for pixels in numbered(5)]
    pictures[0].save(tmp_path / "moving.gif", save_all=True, append_images=pictures[1:], duration=200)
    frames = frames_of(tmp_path / "moving.gif")
    assert [number_of(frame.pixels) for frame in frames] == [0, 1, 2, 3, 4]
    assert frames[-1].time_s == pytest.approx(0.8)


def test_closing_from_another_thread_ends_the_iteration(film: Path) -> None:
    video = Video(film, loop=True)
    ended = threading.Event()

    def read() -> None:
        for _ in video:
            pass
        ended.set()

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    time.sleep(0.2)
    video.close()
    video.close()
    assert ended.wait(1.0)
    assert list(video) == []


def test_a_file_played_live_comes_at_its_own_speed(tmp_path: Path) -> None:
    write_video(tmp_path / "short.mp4", numbered(26), 25)
    began = time.monotonic()
    with Video(tmp_path / "short.mp4", live=True) as video:
        frames = list(video)
    assert time.monotonic() - began == pytest.approx(1.0, abs=0.5)
    assert number_of(frames[-1].pixels) == 25
    assert frames[-1].time_s == pytest.approx(1.0, abs=0.1)


def test_memory_stays_flat(film: Path) -> None:
    def resident_kb() -> int:
        return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))

    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc")
    with Video(film, loop=True) as video:
        sizes = []
        for index, _ in enumerate(video):
            if index % 800 == 799:
                sizes.append(resident_kb())
            if len(sizes) == 4:
                break
    assert sizes[-1] - sizes[0] < 6000, sizes


def test_hardware_is_named_only_if_it_runs(film: Path) -> None:
    with Video(film, hardware="nonsense") as video:
        assert video.hardware is None
        assert "nonsense" in str(video.hardware_error)
        assert len(list(video)) == 100
    with Video(film, hardware="auto") as video:
        assert (video.hardware is None) == (video.hardware_error is not None)
        assert [number_of(frame.pixels) for frame in video] == list(range(100))


def test_few_frames_a_second_leave_pictures_undecoded_that_no_other_is_made_from(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    write_video(path, numbered(200), 25, options={"bf": "3", "x264-params": "log-level=none:b-adapt=0:scenecut=0"})
    with Video(path, fps=2) as video:
        frames = list(video)
        assert video.stats.decoded < 150
    assert [number_of(frame.pixels) for frame in frames] == pytest.approx(list(range(0, 200, 13))[: len(frames)], abs=8)
    assert len(frames) in (15, 16, 17)
    assert [frame.time_s for frame in frames] == pytest.approx([number_of(frame.pixels) / 25 for frame in frames], abs=0.001)
