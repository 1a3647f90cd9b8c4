"""Real files and a real RTSP server, made models: what cannot be opened is said, what comes back is watched again, nothing hangs."""

from __future__ import annotations

import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scenes import Said, drive, models, wait_for
from servers import RtspServer, free_port, missing_for_rtsp, silent_server

from platelight.video import write_video
from platelight.watch import Camera, Settings, Watcher

pytest.importorskip("av", reason="needs the extra `video`")

UA = ("ua",)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pass between the first and the third second, then an empty road."""
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    write_video(path, [frame.pixels for frame in drive(30)], 10, keyframe_every=10)
    return path


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Callable[..., tuple[Watcher, Said]]]:
    """Starts to watch a source; whatever happens, it ends."""
    started: list[Watcher] = []

    def start(source: object, **keys: object) -> tuple[Watcher, Said]:
        said = Said()
        watcher = Watcher(Settings((Camera("gate", str(source), countries=UA, **keys),), queue=tmp_path / "queue"), models(), said)  # type: ignore[arg-type]
        watcher.start()
        started.append(watcher)
        return watcher, said

    yield start
    for watcher in started:
        watcher.close()


def test_a_real_file_has_real_times(watching: Callable[..., tuple[Watcher, Said]], film: Path) -> None:
    watcher, said = watching(film, start=1_700_000_000.0)
    event = watcher.next(20)
    assert event is not None
    assert event.fields["text"] == "AA1234BB"
    assert event.fields["first"]["time"].startswith("2023-11-14T22:13:21")
    wait_for(lambda: watcher.done, 20)
    assert said.lines == []
    assert watcher.stats()[0].frames == 300
    assert watcher.stats()[0].length_s == pytest.approx(30, abs=0.2)
    assert "0:29 of 0:30 (100%)" in watcher.stats()[0].line()


@pytest.mark.parametrize("keys", [{"fps": 5.0}, {"every": 2}])
def test_fewer_frames_of_a_file(watching: Callable[..., tuple[Watcher, Said]], film: Path, keys: dict[str, float]) -> None:
    watcher, _ = watching(film, **keys)
    wait_for(lambda: watcher.done or watcher.next(0.01) is not None, 20)
    wait_for(lambda: watcher.done, 20)
    assert watcher.stats()[0].frames == 150


def test_files_that_are_no_video(watching: Callable[..., tuple[Watcher, Said]], film: Path, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("hello " * 100)
    (tmp_path / "empty.mp4").touch()
    with wave.open(str(tmp_path / "sound.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"\0\0" * 8000)
    (tmp_path / "half.mp4").write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    for name, cause in (("text.mp4", "text"), ("empty.mp4", "empty"), ("sound.wav", "video"), ("half.mp4", ""), ("none.mp4", "no such file"), ("", "folder")):
        watcher, said = watching(tmp_path / name)
        wait_for(lambda watcher=watcher: watcher.next(0.01) is None and watcher.done, 20)
        (line,) = said.lines
        assert line.startswith(f"gate: {tmp_path / name}: ")
        assert cause in line
        assert len(watcher.failed) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_who_is_not_there_is_tried_again_and_can_be_stopped(watching: Callable[..., tuple[Watcher, Said]], host: str) -> None:
    watcher, said = watching(f"rtsp://viewer:s3cret@{host}:{free_port()}/film", open_timeout_s=2.0)
    wait_for(lambda: said.lines, 20)
    began = time.monotonic()
    watcher.stop()
    wait_for(lambda: watcher.done, 10)
    assert time.monotonic() - began < 6
    assert not any("s3cret" in line for line in said.lines)
    assert watcher.failed == []


def test_who_is_silent_does_not_hang(watching: Callable[..., tuple[Watcher, Said]]) -> None:
    with silent_server() as port:
        watcher, said = watching(f"rtsp://127.0.0.1:{port}/film", open_timeout_s=1.0, read_timeout_s=1.0)
        wait_for(lambda: said.lines, 20)
        watcher.stop()
        wait_for(lambda: watcher.done, 5)


def test_a_stream_that_is_cut_comes_back(watching: Callable[..., tuple[Watcher, Said]], film: Path) -> None:
    problem = missing_for_rtsp()
    if problem:
        pytest.skip(f"no RTSP server on this machine ({problem}; Debian: apt install gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good)")
    with RtspServer(film, "viewer", "s3cret") as server:
        watcher, said = watching(server.address("viewer:s3cret@"), read_timeout_s=3.0)
        event = watcher.next(30)
        assert event is not None
        assert event.fields["text"] == "AA1234BB"
        server.kill()
        wait_for(lambda: watcher.stats()[0].state != "connected", 20)
        server.start()
        returned = time.monotonic()
        before = watcher.stats()[0].frames
        wait_for(lambda: watcher.stats()[0].frames > before, 20)
        assert time.monotonic() - returned < 10
        assert watcher.stats()[0].reconnects == 1
        assert not any("s3cret" in line for line in said.lines)
        assert any(": lost (" in line for line in said.lines)
