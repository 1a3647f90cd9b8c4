"""Live sources: always the newest frame, and back again after every kind of break. The RTSP server is a real one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import cv2
import pytest
from films import number_of, numbered
from servers import RtspServer, free_port, silent_server, web_server

from platelight.records import Frame
from platelight.video import Video, VideoError

pytest.importorskip("av", reason="needs the extra `video`")

SECRET = "geheim"
Serve = Callable[..., RtspServer]


class Clock:
    """Compares the numbers of frames with the time: how much later than the luckiest one each was given out."""

    def __init__(self) -> None:
        self.offsets: list[float] = []

    def note(self, frame: Frame) -> float:
        self.offsets.append(time.monotonic() - number_of(frame.pixels) / 25)
        return self.offsets[-1] - min(self.offsets)


def refusal(address: str, **options: float) -> str:
    """The message of `VideoError` when this address is opened without trying again."""
    with pytest.raises(VideoError) as raised, Video(address, reconnect=False, **options) as video:  # type: ignore[arg-type]
        next(video)
    message = str(raised.value)
    assert "\n" not in message
    assert SECRET not in message
    return message


def test_a_slow_consumer_gets_the_newest_frame(serve_rtsp: Serve) -> None:
    with Video(serve_rtsp().address()) as video:
        clock = Clock()
        quick = [next(video) for _ in range(15)]
        for frame in quick[-1:]:
            clock.note(frame)
        lags, ages = [], []
        for _ in range(5):
            time.sleep(0.4)
            frame = next(video)
            lags.append(clock.note(frame))
            ages.append(time.time() - frame.epoch_s)
        stats = video.stats
    numbers = [number_of(frame.pixels) - number_of(quick[0].pixels) for frame in quick]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] <= 20  # 14, but for a hiccup of this machine
    assert max(lags) < 0.5
    assert max(ages) < 0.5
    assert stats.worst_lag_s < 0.5
    assert stats.dropped > 25
    assert (stats.frames, stats.connected, stats.last_error) == (20, True, None)
    assert frame.time_s == pytest.approx(14 / 25 + 5 * 0.4, abs=0.6)


def test_a_slow_decoder_leaves_frames_out_and_keeps_up(serve_rtsp: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    from platelight.video import pyav

    plain = pyav.PyAVCapture._decode
    monkeypatch.setattr(pyav.PyAVCapture, "_decode", lambda self, *packet: time.sleep(0.07) or plain(self, *packet))  # type: ignore[func-returns-value]
    with Video(serve_rtsp().address()) as video:
        clock, lags, end = Clock(), [], time.monotonic() + 3.6
        while time.monotonic() < end:
            lags.append(clock.note(next(video)))
    assert max(lags) < 1.1
    assert video.stats.dropped > 10


def test_fewer_frames_a_second(serve_rtsp: Serve) -> None:
    with Video(serve_rtsp().address(), fps=5) as video:
        times = [next(video).time_s for _ in range(6)]
    assert 1 - 0.1 < times[-1] - times[0] < 1 + 0.4


def test_a_killed_server_is_read_again_when_it_is_back(serve_rtsp: Serve) -> None:
    states: list[str] = []
    server = serve_rtsp(user="me", password=SECRET)
    with Video(server.address(f"me:{SECRET}@"), on_state=lambda state, line: states.append(f"{state}: {line}")) as video:
        before = next(video)
        server.kill()
        time.sleep(1.8)
        assert not video.stats.connected
        assert "connection refused" in str(video.stats.last_error) or "ended" in str(video.stats.last_error)
        server.start()
        back = time.monotonic()
        after = [next(video) for _ in range(3)]
        assert time.monotonic() - back < 5
        assert (video.stats.reconnects, video.stats.connected) == (1, True)
        assert after[0].time_s > before.time_s + 1.5
        shown = "\n".join([*states, repr(video), str(video.stats), video.name])
    assert [state.split(":")[0] for state in states[:3]] == ["connecting", "connected", "lost"]
    assert states[-1].startswith("connected")
    assert SECRET not in shown


def test_a_camera_that_freezes_is_noticed(serve_rtsp: Serve) -> None:
    server = serve_rtsp()
    with Video(server.address(), read_timeout_s=0.8) as video:
        next(video)
        server.freeze()
        frozen = time.monotonic()
        while video.stats.connected and time.monotonic() - frozen < 10:
            time.sleep(0.02)
        assert 0.7 < time.monotonic() - frozen < 2.5
        assert "no data for 0.8 s" in str(video.stats.last_error)
        began = time.monotonic()
        threading.Timer(0.3, video.close).start()
        assert len(list(video)) <= 2  # what was on its way
        assert time.monotonic() - began < 1.3


def test_what_an_rtsp_server_refuses(serve_rtsp: Serve) -> None:
    server = serve_rtsp(user="me", password=SECRET)
    assert "not authorized" in refusal(server.address())
    assert "not authorized" in refusal(server.address(f"me:{SECRET}x@"))
    assert "no such path (404)" in refusal(server.address(f"me:{SECRET}@", "/nothing"))
    assert "holds no video stream, only audio" in refusal(server.address(f"me:{SECRET}@", "/sound"))


def test_a_password_with_signs_written_as_percent(serve_rtsp: Serve) -> None:
    with Video(serve_rtsp(user="me", password="p@ss:w/rd").address("me:p%40ss%3Aw%2Frd@"), reconnect=False) as video:
        assert next(video).index == 0
        assert "p%40ss" not in repr(video)


def test_refused_port() -> None:
    port = free_port()
    assert refusal(f"rtsp://me:{SECRET}@127.0.0.1:{port}/x") == f"rtsp://me:***@127.0.0.1:{port}/x: connection refused, nothing listens on that port"


def test_unknown_host() -> None:
    assert "the host 'camera.invalid' is not known" in refusal(f"rtsp://me:{SECRET}@camera.invalid/x")


def test_unknown_kind_of_address() -> None:
    with pytest.raises(VideoError, match="addresses of this kind cannot be opened here"), Video("rstp://127.0.0.1/x") as video:
        next(video)  # no later try could do better


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_a_silent_server_is_given_up(scheme: str) -> None:
    with silent_server() as port:
        began = time.monotonic()
        assert "no answer within 0.6 s" in refusal(f"{scheme}://127.0.0.1:{port}/x?token={SECRET}", open_timeout_s=0.6)
        assert time.monotonic() - began < 1.5


def test_trying_for_ever_can_be_ended_at_any_time() -> None:
    lost = []
    video = Video(f"rtsp://127.0.0.1:{free_port()}/x", on_state=lambda state, _: lost.append(state == "lost"))
    threading.Timer(1.2, video.close).start()
    began = time.monotonic()
    assert list(video) == []
    assert time.monotonic() - began < 2.2
    assert sum(lost) >= 2
    with silent_server() as port:
        video = Video(f"rtsp://127.0.0.1:{port}/x", open_timeout_s=5)
        time.sleep(0.2)
        began = time.monotonic()
        video.close()
        assert list(video) == []
        assert time.monotonic() - began < 1.2


def test_hardware_that_is_not_there_does_not_stop_a_stream(serve_rtsp: Serve) -> None:
    with Video(serve_rtsp().address(), hardware="qsv") as video:
        next(video)
        assert video.hardware is None or video.hardware == "qsv"
        assert (video.hardware is None) == (video.hardware_error is not None)


def test_an_error_in_the_callers_callback_hangs_nobody() -> None:
    def fail(state: str, line: str) -> None:
        raise ZeroDivisionError(state)

    with pytest.raises(VideoError, match="ZeroDivisionError"), Video(f"rtsp://127.0.0.1:{free_port()}/x", on_state=fail) as video:
        next(video)


def motion_jpeg(handler: BaseHTTPRequestHandler, frames: int = 1000, wait_s: float = 0.04) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
    handler.end_headers()
    for pixels in numbered(frames):
        data = cv2.imencode(".jpg", pixels)[1].tobytes()
        handler.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(data) + data + b"\r\n")
        handler.wfile.flush()
        time.sleep(wait_s)


def test_motion_jpeg_over_http() -> None:
    with web_server(lambda handler: motion_jpeg(handler, wait_s=0.1)) as port, Video(f"http://127.0.0.1:{port}/video?token={SECRET}") as video:
        frames = [next(video) for _ in range(8)]
        time.sleep(0.6)
        late = next(video)
        assert video.live
        assert SECRET not in video.name + repr(video)
    numbers = [number_of(frame.pixels) - number_of(frames[0].pixels) for frame in frames]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] <= 10
    assert frames[-1].time_s - frames[0].time_s == pytest.approx(numbers[-1] / 10, abs=0.25)  # by their arrival: such a stream has no clock
    assert number_of(late.pixels) >= number_of(frames[-1].pixels) + 5


def test_a_stream_that_ends_is_opened_again() -> None:
    with web_server(lambda handler: motion_jpeg(handler, frames=12, wait_s=0.03)) as port, Video(f"http://127.0.0.1:{port}/video") as video:
        times = [next(video).time_s for _ in range(25)]
        assert video.stats.reconnects >= 1
    assert times == sorted(times)


@pytest.mark.parametrize(("status", "cause"), [(401, "not authorized"), (403, "access refused"), (404, "no such path (404)"), (503, "the server failed (5xx)")])
def test_what_a_web_server_refuses(status: int, cause: str) -> None:
    with web_server(lambda handler: handler.send_error(status)) as port:
        assert cause in refusal(f"http://me:{SECRET}@127.0.0.1:{port}/video?key={SECRET}")


def test_a_web_page_is_no_video() -> None:
    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        handler.wfile.write(b"<html><body>Log in</body></html>" * 50)

    with web_server(page) as port:
        assert "is no video" in refusal(f"http://127.0.0.1:{port}/video")


def test_a_recording_on_a_web_server_is_read_whole(film: Path) -> None:
    def send(handler: BaseHTTPRequestHandler) -> None:
        data = film.read_bytes()
        handler.send_response(200)
        handler.send_header("Content-Type", "video/mp4")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    with web_server(send) as port, Video(f"http://127.0.0.1:{port}/film.mp4") as video:
        assert not video.live
        assert [number_of(frame.pixels) for frame in video] == list(range(100))


def test_the_thread_of_a_forgotten_video_ends(long_film: Path) -> None:
    def readers() -> int:
        return sum(thread.name.startswith("video ") for thread in threading.enumerate())

    video = Video(long_film, live=True)
    next(video)
    assert readers() >= 1
    before = readers()
    del video
    end = time.monotonic() + 3
    while readers() >= before and time.monotonic() < end:
        time.sleep(0.05)
    assert readers() == before - 1
