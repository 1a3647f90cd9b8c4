"""Films of numbered frames, and a real RTSP server. Modules beside this one (`films`, `servers`) can be imported by the tests here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from films import numbered
from servers import RtspServer, missing_for_rtsp

from platelight.video import write_video


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100 numbered frames at 25 a second, a key frame every second."""
    pytest.importorskip("av", reason="needs the extra `video`")
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    write_video(path, numbered(100), 25, keyframe_every=25)
    return path


@pytest.fixture(scope="session")
def long_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 s of numbered frames."""
    pytest.importorskip("av", reason="needs the extra `video`")
    path = tmp_path_factory.mktemp("films") / "long.mp4"
    write_video(path, numbered(500), 25, keyframe_every=25)
    return path


@pytest.fixture
def serve_rtsp(long_film: Path) -> Iterator[Callable[..., RtspServer]]:
    """Starts RTSP servers of the long film."""
    problem = missing_for_rtsp()
    if problem:
        pytest.skip(f"no RTSP server on this machine ({problem}; Debian: apt install gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good)")
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(RtspServer(long_film, **options))
