"""What a client may not do: too much, too large, too slow, or anything that reaches files and addresses."""

from __future__ import annotations

import io
import socket
import struct
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image as Pillow
from services import TOKEN, Client, picture

from platelight.serve.settings import Limits, Settings, Tokens


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def raw(client: Client, data: bytes, wait_s: float = 5) -> bytes:
    """What the service answers to these bytes and then nothing, until it closes or `wait_s` is over."""
    with socket.create_connection(("127.0.0.1", client.port), timeout=wait_s) as connection:
        connection.sendall(data)
        answer = b""
        try:
            while chunk := connection.recv(65536):
                answer += chunk
        except TimeoutError:
            return answer + b"<still open>"
        except ConnectionResetError:  # closed by the service before it had read all of it
            return answer
    return answer


def test_a_declared_length_beyond_the_limit_is_refused_unread(make_client: Callable[..., Client]) -> None:
    client = make_client({"body_bytes": 50_000})
    answer = raw(client, b"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 99000000\r\n\r\n", wait_s=2)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"the upload is larger than 0.05 MB" in answer


def test_who_sends_somewhat_too_much_is_told(make_client: Callable[..., Client]) -> None:
    client = make_client({"body_bytes": 50_000})
    for _ in range(3):
        assert code_of(client.post("/v1/read", content=b"x" * 5_000_000)) == (413, "too_large")


def test_an_undeclared_length_is_counted_as_it_comes(make_client: Callable[..., Client]) -> None:
    client = make_client({"body_bytes": 50_000})
    answer = client.post("/v1/read", content=iter([b"x" * 10_000] * 9))
    assert code_of(answer) == (413, "too_large")
    form = client.post("/v1/read", files={"files": b"x" * 90_000})
    assert code_of(form) == (413, "too_large")


def test_all_uploads_together_are_bounded(make_client: Callable[..., Client]) -> None:
    client = make_client({"body_bytes": 50_000, "held_bytes": 60_000, "upload_s": 5})
    head = b"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 50000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", client.port), timeout=5) as slow:
        slow.sendall(head + b"x" * 40_000)
        deadline = time.monotonic() + 5
        while client.service.held.bytes < 40_000 and time.monotonic() < deadline:
            time.sleep(0.01)
        answer = client.post("/v1/read", content=b"x" * 30_000)
        assert code_of(answer) == (429, "busy")
        assert int(answer.headers["Retry-After"]) >= 1
    deadline = time.monotonic() + 5
    while client.service.held.bytes and time.monotonic() < deadline:
        time.sleep(0.01)
    assert client.service.held.bytes == 0
    assert code_of(client.post("/v1/read", content=b"x" * 30_000)) == (422, "unusable_picture")


def test_files_and_fields_are_counted(make_client: Callable[..., Client]) -> None:
    client = make_client({"files": 2})
    assert code_of(client.post("/v1/read", files=[("files", picture())] * 3)) == (413, "too_large")
    assert code_of(client.post("/v1/read", files={"files": picture()}, data={f"f{n}": "x" for n in range(99)})) == (413, "too_large")


def test_pixels_are_counted_before_they_are_unpacked(make_client: Callable[..., Client]) -> None:
    client = make_client({"pixels": 400_000})
    answer = client.post("/v1/read", content=picture())
    assert answer.json()["error"]["message"] == "too large, 800 x 600 is 0 million pixels and the limit is 0 million"


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that says it is `side` pixels wide and high."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0" * 5_000_000, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks)


def test_a_bomb_is_refused(client: Client) -> None:
    start = time.process_time()
    answer = client.post("/v1/read", content=bomb(60_000))
    assert answer.status_code == 422
    assert "3600 million pixels and the limit is 50 million" in answer.json()["error"]["message"]
    assert time.process_time() - start < 5


def test_the_type_is_that_of_the_content(client: Client) -> None:
    lies = {"files": ("harmless.jpg", b"%PDF-1.7 " + b"x" * 100, "image/jpeg")}
    assert code_of(client.post("/v1/read", files=lies)) == (422, "unusable_picture")
    truth = {"files": ("report.pdf", picture(), "application/pdf")}
    assert client.post("/v1/read", files=truth).json()["photos"][0]["plates"][0]["text"] == "AB12CDE"


def test_a_slow_upload_is_given_up(make_client: Callable[..., Client]) -> None:
    client = make_client({"upload_s": 0.3})
    answer = raw(client, b"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: 5000\r\n\r\nabc")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"the upload was not complete within 0.3 s" in answer


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\n"])
def test_a_slow_head_is_given_up(make_client: Callable[..., Client], sent: bytes) -> None:
    client = make_client({"header_s": 0.3})
    start = time.monotonic()
    answer = raw(client, sent)
    assert not answer.endswith(b"<still open>")
    assert time.monotonic() - start < 4


def test_an_endless_head_is_refused(client: Client) -> None:
    answer = raw(client, b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 200_000)
    assert b"HTTP/1.1 200" not in answer
    assert not answer.endswith(b"<still open>")


def test_a_slow_head_within_the_time_is_fine(client: Client) -> None:
    with socket.create_connection(("127.0.0.1", client.port), timeout=5) as connection:
        for part in (b"GET /healthz HT", b"TP/1.1\r\nHost: x\r\n", b"\r\n"):
            connection.sendall(part)
            time.sleep(0.05)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_the_queue_is_bounded(make_client: Callable[..., Client]) -> None:
    client = make_client({"queue": 2})
    answer = client.post("/v1/read", files=[("files", picture())] * 3)
    assert code_of(answer) == (429, "busy")
    assert int(answer.headers["Retry-After"]) >= 1


def test_the_deadline(make_client: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    from platelight.serve.reading import Readers

    real = Readers.do
    monkeypatch.setattr(Readers, "do", lambda self, tasks: time.sleep(0.5) or real(self, tasks))
    client = make_client({"deadline_s": 0.2})
    answer = client.post("/v1/read", content=picture())
    assert code_of(answer) == (504, "deadline")
    assert answer.json()["error"]["message"].startswith("not done within 0.2 s")


@pytest.mark.parametrize("address", ["/v1/read", "/v1/redact", "/v1/plate-reader/", "/v1/vision/alpr", "/metrics"])
def test_tokens_are_asked_for(make_client: Callable[..., Client], address: str) -> None:
    client = make_client(tokens=Tokens((TOKEN, "another-token-of-mine")))
    ask: Callable[..., Any] = client.get if address == "/metrics" else client.post
    for header in (None, "", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer", "Bearer \xe4"):
        answer = ask(address, headers={} if header is None else {"Authorization": header.encode("latin-1")})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    for token in (TOKEN, "another-token-of-mine"):
        assert ask(address, headers={"Authorization": f"bearer {token}"}).status_code != 401


def test_health_and_the_page_need_no_token(make_client: Callable[..., Client]) -> None:
    client = make_client(tokens=Tokens((TOKEN,)))
    assert [client.get(address).status_code for address in ("/healthz", "/readyz", "/openapi.json")] == [200, 200, 200]


def test_an_upload_without_a_token_is_not_read(make_client: Callable[..., Client]) -> None:
    client = make_client(tokens=Tokens((TOKEN,)))
    answer = raw(client, b"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n", wait_s=2)
    assert answer.startswith(b"HTTP/1.1 401 ")


def test_other_origins_get_nothing_unless_named(make_client: Callable[..., Client]) -> None:
    ask = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    closed = make_client()
    assert closed.options("/v1/read", headers=ask).status_code == 405
    assert "access-control-allow-origin" not in closed.get("/healthz", headers=ask).headers
    opened = make_client(origins=("https://example.org",))
    assert opened.options("/v1/read", headers=ask).headers["access-control-allow-origin"] == "https://example.org"
    assert "access-control-allow-origin" not in opened.get("/healthz", headers={"Origin": "https://example.com"}).headers


@pytest.mark.parametrize(
    ("method", "address", "status"), [("GET", "/healthz", 200), ("GET", "/nothing", 404), ("GET", "/v1/read", 405), ("POST", "/v1/read", 422)]
)
def test_every_answer_has_the_headers(client: Client, method: str, address: str, status: int) -> None:
    answer = client.request(method, address, content=b"x" if method == "POST" else None)
    assert answer.status_code == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    "address", ["/../../etc/passwd", "/static/../app.py", "/%2e%2e/app.py", "/app.py", "/index.html/..", "//etc/passwd", "/v1/read/..%2f..%2fetc"]
)
def test_no_address_becomes_a_path(client: Client, address: str) -> None:
    answer = raw(client, f"GET {address} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"root:" not in answer


def test_an_unforeseen_error_shows_nothing_of_itself(make_client: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    from platelight.serve.reading import Readers

    def fail(self: Readers, tasks: Any) -> None:
        raise RuntimeError("AB12CDE secret")

    monkeypatch.setattr(Readers, "do", fail)
    with caplog.at_level("INFO", logger="platelight.serve.access"):
        answer = make_client().post("/v1/read", content=picture())
        deadline = time.monotonic() + 20
        while not caplog.text and time.monotonic() < deadline:
            time.sleep(0.01)  # the line is written after the answer has gone out
    assert code_of(answer) == (500, "internal")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "RuntimeError < test_limits.py:" in caplog.text
    assert "AB12CDE" not in caplog.text


def test_one_picture_that_breaks_the_reader_does_not_break_the_others(make_client: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    from platelight.serve.reading import Readers

    real = Readers.do

    def fail_for_some(self: Readers, tasks: Any) -> Any:
        time.sleep(0.2)  # the others gather meanwhile
        if any(b"bad" in task.data for task in tasks):
            raise RuntimeError
        return real(self, tasks)

    monkeypatch.setattr(Readers, "do", fail_for_some)
    client = make_client()
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda data: client.post("/v1/read", content=data).status_code, [picture(), picture(), b"bad", picture(), b"bad", picture()]))
    assert answers == [200, 200, 500, 200, 500, 200]


@pytest.mark.parametrize("field", Limits.__slots__)
def test_limits_must_be_sensible(field: str) -> None:
    with pytest.raises(ValueError, match=f"{field} must be above 0, got 0"):
        Limits(**{field: 0})


def test_settings_must_be_sensible() -> None:
    with pytest.raises(ValueError, match="held_bytes must be at least body_bytes"):
        Limits(held_bytes=10)
    with pytest.raises(ValueError, match="workers must be 1 or more, got 0"):
        Settings(workers=0)


def test_pictures_stay_in_memory(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_file(*_arguments: Any, **_options: Any) -> None:
        raise AssertionError("a temporary file was made")

    monkeypatch.setattr("tempfile.TemporaryFile", no_file)
    monkeypatch.setattr("tempfile.mkstemp", no_file)
    noise = io.BytesIO()
    Pillow.effect_noise((1700, 1500), 90).point(lambda value: value // 2).save(noise, "PNG")  # too dark for the stand-in to find plates
    assert len(noise.getvalue()) > 1_500_000
    assert client.post("/v1/read", files={"files": noise.getvalue()}).status_code == 200


def test_nothing_is_read_for_who_went_away(make_client: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    from platelight.serve.reading import Readers

    real, seen = Readers.do, []
    monkeypatch.setattr(Readers, "do", lambda self, tasks: seen.extend(tasks) or time.sleep(0.5) or real(self, tasks))
    client = make_client({"batch": 1})
    data = picture()
    head = f"POST /v1/read HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nContent-Length: {len(data)}\r\n\r\n".encode()
    connections = [socket.create_connection(("127.0.0.1", client.port)) for _ in range(4)]
    for connection in connections:
        connection.sendall(head + data)
    deadline = time.monotonic() + 5
    while client.service.waiting < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    for connection in connections:
        connection.close()
    assert client.post("/v1/read", content=data).status_code == 200
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("application/x-www-form-urlencoded", b"upload=" + b"%41" * 1_000_001, "the form has too many escapes"),
        ("application/x-www-form-urlencoded", b"&".join(b"a=%d" % n for n in range(100)), "the form cannot be taken apart"),
        ("application/x-www-form-urlencoded", "upload=\u00e4".encode(), "the form cannot be taken apart"),
        ("application/json", b'{"a": [' + b"1," * 3_000_000 + b"1]}", "the body holds too many values"),
        ("application/json", b"[" * 900_000, "the body is not JSON"),
        ("multipart/form-data", b"x", "Missing boundary"),
        ("multipart/form-data; boundary=x", b"--y\r\n\r\n--x", ""),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--', ""),
        ("multipart/form-data; boundary=x; charset=no-such", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--', ""),
    ],
)  # fmt: skip
def test_bodies_made_to_cost_much(client: Client, kind: str, body: bytes, message: str) -> None:
    answer = client.post("/v1/plate-reader/", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(message)
