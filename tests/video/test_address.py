"""Sources told apart, and nothing secret in what is shown of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platelight.video import VideoError, masked
from platelight.video.address import host_of, parse


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://10.0.0.1/stream1", "rtsp://10.0.0.1/stream1"),
        ("rtsp://admin:geheim@10.0.0.1:554/h264?channel=1&subtype=0", "rtsp://admin:***@10.0.0.1:554/h264?channel=1&subtype=0"),
        ("rtsp://admin:ge%40heim@10.0.0.1/x", "rtsp://admin:***@10.0.0.1/x"),
        ("rtsp://admin:ge@heim@10.0.0.1/x", "rtsp://admin:***@10.0.0.1/x"),
        ("rtsp://admin:ge/heim@10.0.0.1/x", "rtsp://admin:***@10.0.0.1/x"),
        ("rtsp://admin:12/geheim@10.0.0.1/x", "rtsp://admin:***@10.0.0.1/x"),
        ("rtsp://admin:ge?h#eim@10.0.0.1/x", "rtsp://admin:***@10.0.0.1/x"),
        ("http://geheim@10.0.0.1/x", "http://***@10.0.0.1/x"),
        ("http://10.0.0.1/video?token=geheim&fps=5", "http://10.0.0.1/video?token=***&fps=5"),
        ("http://10.0.0.1/video?Password=geheim", "http://10.0.0.1/video?Password=***"),
        ("http://10.0.0.1/video?%70assword=geheim", "http://10.0.0.1/video?%70assword=***"),
        ("http://10.0.0.1/cgi?usr=admin&pwd=geheim&key=geheim", "http://10.0.0.1/cgi?usr=***&pwd=***&key=***"),
        ("rtsp://10.0.0.1:554/user=admin&password=geheim&channel=1&stream=0.sdp", "rtsp://10.0.0.1:554/user=***&password=***&channel=1&stream=0.sdp"),
        ("rtsp://10.0.0.1:554/live@hd", "rtsp://10.0.0.1:554/live@hd"),
        ("udp://@:1234", "udp://@:1234"),
        ("rtsp://u:geheim@[fe80::1]:554/x", "rtsp://u:***@[fe80::1]:554/x"),
        ("films/a@b:c.mp4", "films/a@b:c.mp4"),
        (r"C:\films\a.mp4", r"C:\films\a.mp4"),
    ],
)
def test_masked(address: str, shown: str) -> None:
    assert masked(address) == shown
    assert "geheim" not in repr(parse(address))


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters=["@"], min_codepoint=33, max_codepoint=126), min_size=1))
def test_no_password_is_ever_shown(password: str) -> None:
    hidden = f"QQ{password}ZZ"
    shown = masked(f"rtsp://admin:{hidden}@camera.example:554/live?channel=1")
    assert shown == "rtsp://admin:***@camera.example:554/live?channel=1"


@pytest.mark.parametrize(
    ("source", "kind", "live"),
    [
        ("film.mp4", "file", False),
        ("file:///tmp/film.mp4", "file", False),
        ("0", "device", True),
        ("/dev/video2", "device", True),
        ("rtsp://a/b.mp4", "stream", True),
        ("http://a/video.mjpg", "stream", True),
        ("https://a/b/film.MP4?x=1", "stream", False),
        ("https://a/live.m3u8", "stream", True),
        ("./0", "file", False),
        (r"C:\films\a.mp4", "file", False),
    ],
)
def test_kinds(source: str, kind: str, live: bool) -> None:
    address = parse(source)
    assert (address.kind, address.live) == (kind, live)


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("", "empty"),
        ("rtsp://", "names no host"),
        ("http:///x", "names no host"),
        ("rtsp://u:geheim@10.0.0.1:99999/x", "99999 is no port"),
        ("rtsp://u:geheim@10.0.0.1:abc/x", "'abc' is no port"),
    ],
)
def test_impossible_sources_are_refused_at_once(source: str, cause: str) -> None:
    with pytest.raises(VideoError, match=cause) as raised:
        parse(source)
    assert "geheim" not in str(raised.value)


@pytest.mark.parametrize(
    ("address", "host"),
    [("rtsp://u:p@h.example:554/x", "h.example"), ("rtsp://u:p/q@h.example/x", "h.example"), ("rtsp://[::1]:5/x", "[::1]"), ("a.mp4", "")],
)
def test_host(address: str, host: str) -> None:
    assert host_of(address) == host
