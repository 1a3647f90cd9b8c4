"""Files that are no videos, or not whole: one clear line, and the frames that there are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from films import frames_of, number_of, numbered
from PIL import Image as Pillow

from platelight.records import Frame
from platelight.video import Video, VideoError, write_video

av = pytest.importorskip("av", reason="needs the extra `video`")


def sound(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100, layout="mono")
        for index in range(20):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            frame.rate, frame.pts = 44100, index * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def bad_file(kind: str, folder: Path, film: Path) -> Path:
    path = folder / "bad.mp4"
    if kind == "missing":
        return path
    if kind == "folder":
        path.mkdir()
    elif kind == "sound":
        sound(path)
    elif kind == "picture":
        path = folder / "bad.jpg"
        Pillow.new("RGB", (64, 64)).save(path)
    elif kind == "no index":
        write_video(folder / "whole.mkv", numbered(3), 25)
        path.write_bytes((folder / "whole.mkv").read_bytes()[:200])
    else:
        content = {"empty": b"", "text": b"This is no film, but a text.\n" * 99, "zeros": bytes(9999), "web": b"<html><body>404</body></html>"}
        path.write_bytes(content[kind] if kind in content else film.read_bytes()[: film.stat().st_size // 9])
    return path


BAD = {
    "missing": "no such file",
    "folder": "is a folder, not a video",
    "empty": "the file is empty",
    "text": "not a video, it looks like a text file",
    "web": "not a video, it looks like a web page",
    "zeros": "not a video, it holds only zero bytes",
    "sound": "holds no video stream, only audio",
    "picture": "it is a picture",
    "no index": "",
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("live", [False, True])
def test_what_is_no_video_is_refused_in_one_line(tmp_path: Path, film: Path, kind: str, live: bool) -> None:
    path = bad_file(kind, tmp_path, film)
    with pytest.raises(VideoError) as raised, Video(path, live=live) as video:
        list(video)
    assert str(raised.value).startswith(f"{path}: ")
    assert BAD[kind] in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("ending", [".mp4", ".mkv", ".avi"])
def test_a_truncated_file_gives_what_is_there_and_says_where_it_ends(film: Path, tmp_path: Path, ending: str) -> None:
    whole, cut = tmp_path / f"whole{ending}", tmp_path / f"cut{ending}"
    write_video(whole, numbered(200), 25, keyframe_every=25)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    frames: list[Frame] = []
    with Video(cut) as video, pytest.raises(VideoError, match="truncated after|broken after") as raised:
        frames.extend(video)
    assert 50 < len(frames) < 195
    assert str(raised.value).startswith(f"{cut}: ")
    assert [number_of(frame.pixels) for frame in frames[:50]] == list(range(50))


def test_whole_files_are_not_called_truncated(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.mkv", "a.avi", "a.ts", "a.mov", "a.webm"):
        codec = "libvpx" if name.endswith("webm") else "h264"
        write_video(tmp_path / name, numbered(40), 25, codec=codec)
        assert len(frames_of(tmp_path / name)) == 40, name


def test_broken_pictures_in_the_middle_are_left_out(film: Path, tmp_path: Path) -> None:
    data = bytearray(film.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 300] = bytes(300)
    (tmp_path / "hurt.mp4").write_bytes(data)
    assert 90 <= len(frames_of(tmp_path / "hurt.mp4")) <= 100
