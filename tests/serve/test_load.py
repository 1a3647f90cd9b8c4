"""Many good and bad requests at once: every good one is answered as it is alone, and memory does not grow."""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from services import Client, picture

from platelight.serve.settings import Limits

REQUESTS, AT_ONCE = 200, 16
GROWTH_MB = 12


def requests() -> list[tuple[str, dict[str, Any]]]:
    """Eight kinds of request in turn; the good ones differ from each other by where the plate is."""
    made: list[tuple[str, dict[str, Any]]] = []
    for number in range(REQUESTS):
        good = picture(dx=number % 50 * 4, dy=number % 7 * 20, kind=("PNG", "JPEG")[number % 2], plates=1 + number % 2)
        kinds: list[tuple[str, dict[str, Any]]] = [
            ("/v1/read", {"files": {"files": good}}),
            ("/v1/read", {"content": good}),
            ("/v1/read", {"files": [("files", good), ("files", b"junk")], "data": {"country": "gb"}}),
            ("/v1/plate-reader/", {"files": {"upload": good}}),
            ("/v1/read", {"content": good[: len(good) // 2]}),
            ("/v1/read", {"content": b"x" * 10_000}),
            ("/v1/read?effort=none", {"content": good}),
            ("/v1/vision/alpr", {"files": {"upload": good}, "data": {"min_confidence": "2"}}),
        ]
        made.append(kinds[number % len(kinds)])
    return made


def essence(answer: Any) -> tuple[int, Any]:
    """The answer without times."""
    body = answer.json()
    for photo in body.get("photos", []):
        photo.pop("time_ms")
    for name in ("processing_time", "timestamp", "inferenceMs", "processMs", "analysisRoundTripMs", "timestampUTC"):
        body.pop(name, None)
    return answer.status_code, body


def resident_mb() -> float:
    gc.collect()
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


@pytest.mark.slow
def test_many_at_once(make_client: Callable[..., Client]) -> None:
    client = make_client({"queue": 4 * AT_ONCE})

    def send(request: tuple[str, dict[str, Any]]) -> tuple[int, Any]:
        address, content = request
        return essence(client.post(address, **content))

    asked = requests()
    alone = list(map(send, asked))
    assert {status for status, _ in alone} == {200, 201, 400, 422}
    used = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in range(2):
            assert list(pool.map(send, asked)) == alone
            used.append(resident_mb())
    assert used[-1] - used[0] < GROWTH_MB, used
    assert client.service.held.bytes == 0
    assert client.service.waiting == 0
    text = client.get("/metrics").text
    batches = float(next(line for line in text.splitlines() if line.startswith("platelight_batch_pictures_count")).split()[1])
    pictures = float(next(line for line in text.splitlines() if line.startswith("platelight_batch_pictures_sum")).split()[1])
    assert pictures / batches > 1.1, "nothing was read together"


def test_more_than_it_can_take_is_refused_and_the_rest_is_answered(make_client: Callable[..., Client]) -> None:
    client = make_client({"queue": 3, "batch": 1})
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda number: client.post("/v1/read", content=picture(dx=number)), range(48)))
    statuses = {answer.status_code for answer in answers}
    assert statuses == {200, 429}
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in answers if answer.status_code == 429)
    assert client.post("/v1/read", content=picture()).status_code == 200
    assert Limits().queue > 3
