"""The fallback: OpenCV reads files and devices, and streams too, where PyAV is not installed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from films import number_of, turned_film
from servers import RtspServer, free_port

from platelight.video import Video, VideoError, write_video
from platelight.video.capture import Capture

SECRET = "geheim"


def test_the_same_frames_as_pyav(film: Path) -> None:
    with Video(film, backend="opencv", every=3) as video, Video(film, backend="pyav", every=3) as other:
        frames, same = list(video), list(other)
        assert (video.size, video.fps) == (other.size, other.fps)
    assert [number_of(frame.pixels) for frame in frames] == list(range(0, 100, 3))
    assert [(frame.index, round(frame.time_s, 3)) for frame in frames] == [(frame.index, round(frame.time_s, 3)) for frame in same]
    assert np.abs(frames[5].pixels.astype(int) - same[5].pixels).mean() < 2


def test_a_turned_film_is_upright(film: Path, tmp_path: Path) -> None:
    with Video(turned_film(film, tmp_path / "turned.mp4", 90), backend="opencv") as video:
        assert next(video).pixels.shape == (192, 96, 3)


@pytest.mark.parametrize(("content", "cause"), [(b"", "the file is empty"), (b"text\n" * 100, "not a video, it looks like a text file")])
def test_bad_files(tmp_path: Path, content: bytes, cause: str) -> None:
    (tmp_path / "bad.mp4").write_bytes(content)
    with pytest.raises(VideoError, match=cause):
        Video(tmp_path / "bad.mp4", backend="opencv")


def test_a_truncated_film(film: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.mp4").write_bytes(film.read_bytes()[: film.stat().st_size * 2 // 3])
    with Video(tmp_path / "cut.mp4", backend="opencv") as video, pytest.raises(VideoError, match="truncated after"):
        list(video)


def test_a_live_stream(serve_rtsp: Callable[..., RtspServer]) -> None:
    with Video(serve_rtsp().address(), backend="opencv") as video:
        first = next(video)
        time.sleep(0.6)
        later = next(video)
    assert number_of(later.pixels) >= number_of(first.pixels) + 8
    assert later.time_s == pytest.approx(first.time_s + 0.6, abs=0.4)


def test_nothing_secret_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    address = f"rtsp://me:{SECRET}@127.0.0.1:{free_port()}/x?token={SECRET}"
    with pytest.raises(VideoError) as raised:
        Video(address, backend="opencv", reconnect=False, open_timeout_s=2)
    assert SECRET not in str(raised.value) + "".join(capfd.readouterr())


def without_pyav(script: str) -> subprocess.CompletedProcess[str]:
    """Runs a script in an interpreter that has no `av`."""
    code = f"import sys; sys.modules['av'] = None\n{script}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60, env=environment)


def test_without_pyav_opencv_reads_and_writing_says_what_to_install(film: Path) -> None:
    script = f"""
from platelight.video import Video, VideoError, write_video
print(sum(1 for _ in Video({str(film)!r})))
for attempt in (lambda: write_video("x.mp4", [], 25), lambda: Video({str(film)!r}, backend="pyav")):
    try:
        attempt()
    except VideoError as error:
        print(error)
"""
    result = without_pyav(script)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "100"
    assert all("pip install 'platelight[video]'" in line for line in lines[1:])
    assert len(lines) == 3


def test_a_camera_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, film: Path) -> None:
    """No camera here: OpenCV is given a film where it asks for one."""
    import cv2

    from platelight.video import opencv, source

    asked: list[object] = []

    class Camera:
        """Knows what a camera is asked for; gives the frames of a film."""

        def __init__(self, number: object, kind: int) -> None:
            asked.append(number)
            self.film = cv2.VideoCapture(str(film), cv2.CAP_FFMPEG)

        def set(self, what: int, value: float) -> bool:
            asked.append((what, value))
            return True

        def __getattr__(self, name: str) -> object:
            return getattr(self.film, name)

    def opened(address: object, settings: object) -> Capture:
        with monkeypatch.context() as patch:
            patch.setattr(opencv.cv2, "VideoCapture", plain_or_camera)
            return opencv.open_capture(address, settings)  # type: ignore[arg-type]

    plain = cv2.VideoCapture

    def plain_or_camera(what: object, kind: int, *options: object) -> object:
        return Camera(what, kind) if isinstance(what, int) else plain(what, kind, *options)  # type: ignore[call-overload]

    monkeypatch.setattr(source, "_opener", lambda backend, address: opened)
    monkeypatch.setattr(source, "check_file", lambda address: None)
    with Video("3") as video:
        assert video.live
        assert next(video).pixels.shape == (96, 192, 3)
    assert asked[0] == 3
    assert (cv2.CAP_PROP_FRAME_WIDTH, 1920) in asked


def test_writing_needs_frames(tmp_path: Path) -> None:
    pytest.importorskip("av")
    with pytest.raises(VideoError, match="no frames"):
        write_video(tmp_path / "x.mp4", iter(()), 25)
