from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from services import TOKEN, Client, picture

from platelight.serve.settings import Tokens
from platelight.serve.shield import where

LOGGER = "platelight.serve.access"


def lines(caplog: pytest.LogCaptureFixture, count: int) -> list[dict[str, Any]]:
    """The lines of the access log once there are `count` of them; a line is written after the answer has gone out."""
    deadline = time.monotonic() + 20
    while len(found := [record for record in caplog.records if record.name == LOGGER]) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    return [json.loads(record.getMessage()) for record in found]


def test_a_line_a_request_without_plates_names_or_queries(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger=LOGGER):
        client.post("/v1/read?make=AB12CDE", files={"files": ("AB12CDE.png", picture(plates=2))})
        client.get("/AB12CDE")
        client.request("AB12CDE", "/healthz")
        read, nothing, odd = lines(caplog, 3)
    assert (read["method"], read["route"], read["status"], read["pictures"], read["found"]) == ("POST", "/v1/read", 200, 1, 2)
    assert read["ms"] > 0
    assert (nothing["route"], nothing["status"], odd["status"]) == ("none", 404, 405)
    assert "AB12CDE" not in str(lines(caplog, 3))


def test_plates_where_they_are_asked_for(make_client: Callable[..., Client], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger=LOGGER):
        make_client(log_plates=True).post("/v1/read", content=picture())
        [line] = lines(caplog, 1)
    assert line["plates"] == ["AB12CDE"]


def test_tokens_are_never_written(make_client: Callable[..., Client], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        client = make_client(tokens=Tokens((TOKEN,)))
        for token in (TOKEN, "wrong-token-entirely"):
            client.post("/v1/read", content=picture(), headers={"Authorization": f"Bearer {token}"})
    service_lines = [record.getMessage() for record in caplog.records if not record.name.startswith("http")]
    assert service_lines
    assert not any(TOKEN in line or "wrong-token-entirely" in line for line in service_lines)
    assert TOKEN not in repr(Tokens((TOKEN,))) + str(vars(Tokens((TOKEN,))))


def test_where_names_places_and_no_message() -> None:
    with pytest.raises(ValueError) as raised:
        int("secret")
    assert where(raised.value).startswith("ValueError < test_log.py:")
    assert "secret" not in where(raised.value)


def test_metrics(make_client: Callable[..., Client]) -> None:
    client = make_client()
    client.post("/v1/read", files=[("files", picture(plates=2)), ("files", b"hello")])
    deadline = time.monotonic() + 20
    while 'platelight_requests_total{route="/v1/read"' not in (text := client.get("/metrics").text) and time.monotonic() < deadline:
        time.sleep(0.01)  # a request is counted after its answer has gone out
    for line in (
        'platelight_requests_total{route="/v1/read",status="200"} 1.0', 'platelight_pictures_total{outcome="read"} 1.0',
        'platelight_pictures_total{outcome="error"} 1.0', "platelight_plates_total 2.0", "platelight_batch_pictures_sum 2.0", "platelight_waiting_pictures 0.0",
    ):  # fmt: skip
        assert line in text


def test_readiness(make_client: Callable[..., Client]) -> None:
    client = make_client()
    assert (client.get("/readyz").status_code, client.get("/readyz").json()["status"]) == (200, "ok")
    batcher, client.service.batcher = client.service.batcher, None
    assert (client.get("/readyz").status_code, client.get("/readyz").json()["status"]) == (503, "starting")
    assert client.post("/v1/read", content=picture()).json()["error"]["code"] == "starting"
    assert client.get("/healthz").status_code == 200
    client.service.batcher = batcher
