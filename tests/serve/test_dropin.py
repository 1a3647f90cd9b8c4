"""Contracts: what programs written for Plate Recognizer and CodeProject.AI send, and the fields and types they rely on."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from contracts import ALPR, SNAPSHOT, differences
from services import TOKEN, Client, picture

from platelight.serve.settings import Tokens


def test_plate_recognizer(client: Client) -> None:
    sent = {"regions": ["gb", "it", "us-ca", "nowhere"], "camera_id": "gate-1", "timestamp": "2026-11-21T08:00:00", "mmc": "True", "config": "{}"}
    answer = client.post("/v1/plate-reader/", data=sent, files={"upload": picture()}, headers={"Authorization": "Token whatever"})
    assert answer.status_code == 201
    body = answer.json()
    with_mmc = {**SNAPSHOT, "results": [{**SNAPSHOT["results"][0], "model_make": list, "color": list, "orientation": list}]}  # type: ignore[index, dict-item]
    assert differences(body, with_mmc) == []
    [result] = body["results"]
    assert (result["plate"], result["region"]["code"], result["vehicle"]["type"]) == ("ab12cde", "gb", "Unknown")
    assert result["region"]["score"] > 0.9
    assert (result["box"]["xmin"], result["box"]["ymax"]) == (pytest.approx(300, abs=3), pytest.approx(280, abs=3))
    assert (body["camera_id"], body["timestamp"]) == ("gate-1", "2026-11-21T08:00:00")


@pytest.mark.parametrize("address", ["/v1/plate-reader/", "/v1/plate-reader"])
def test_plate_recognizer_without_options(client: Client, address: str) -> None:
    body = client.post(address, files={"upload": ("car.png", picture())}).json()
    assert differences(body, SNAPSHOT) == []
    assert (body["camera_id"], body["filename"]) == (None, "car.png")
    assert datetime.fromisoformat(body["timestamp"]).tzinfo is not None


def test_plate_recognizer_takes_base64(client: Client) -> None:
    coded = base64.b64encode(picture()).decode()
    for sent in (
        {"data": {"upload": coded}},
        {"json": {"upload": coded, "regions": ["gb"]}},
        {"json": {"upload": f"data:image/png;base64,{coded}", "regions": "gb"}},
        {"data": {"upload": coded}, "files": {"other": b""}},
    ):
        sent.pop("files", None)
        body = client.post("/v1/plate-reader/", **sent).json()  # type: ignore[arg-type]
        assert body["results"][0]["plate"] == "ab12cde"


def test_plate_recognizer_gives_back_whatever_it_is_told(client: Client) -> None:
    body = b'{"upload": "%s", "camera_id": "\\ud800 \\u65e5", "timestamp": 17, "regions": [1, null, {}]}' % base64.b64encode(picture())
    answer = client.post("/v1/plate-reader/", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["camera_id"], answer.json()["timestamp"]) == (201, "? 日", "17")


def test_plate_recognizer_follows_its_thresholds(client: Client) -> None:
    for config, count in (({"threshold_d": 0.99}, 0), ({"threshold_o": 1}, 0), ({"threshold_d": 0.2, "threshold_o": 0.2, "mode": "fast"}, 1)):
        body = client.post("/v1/plate-reader/", data={"config": json.dumps(config)}, files={"upload": picture()}).json()
        assert len(body["results"]) == count


@pytest.mark.parametrize(
    ("sent", "detail"),
    [
        ({"json": {"upload_url": "http://127.0.0.1/a.jpg"}}, "upload_url is not enabled on this service: send the picture itself in the field upload"),
        ({"json": {"upload": "§§§"}}, "upload: neither a file nor a base64 text"),
        ({"json": {"upload": "/etc/passwd"}}, "upload: neither a file nor a base64 text"),
        ({"json": {"upload": "/etc/hosts12"}}, "not a picture"),
        ({"json": []}, "the body must be a JSON object"),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, "the body is not JSON"),
        ({"data": {"camera_id": "1"}}, "the request holds no picture: send it in the field upload"),
        ({"data": {"config": "[]"}, "files": {"upload": b"x"}}, "config must be a JSON object"),
        ({"data": {"config": '{"threshold_d": "high"}'}, "files": {"upload": b"x"}}, "config.threshold_d must be a number from 0 to 1, got 'high'"),
        ({"data": {"config": '{"threshold_o": 1%s}' % ("0" * 400)}, "files": {"upload": b"x"}}, "config.threshold_o must be a number from 0 to 1"),
        ({"files": {"upload": b"x" * 100}}, "not a picture"),
    ],
)
def test_plate_recognizer_says_what_is_wrong(client: Client, sent: dict[str, Any], detail: str) -> None:
    answer = client.post("/v1/plate-reader/", **sent)
    assert answer.status_code == 400
    assert set(answer.json()) == {"detail", "status_code"}
    assert answer.json()["detail"].startswith(detail)


def test_plate_recognizers_token(make_client: Callable[..., Client]) -> None:
    client = make_client(tokens=Tokens((TOKEN,)))
    refused = client.post("/v1/plate-reader/", files={"upload": picture()}, headers={"Authorization": "Token wrong-token-here"})
    assert (refused.status_code, set(refused.json())) == (401, {"detail", "status_code"})
    assert client.post("/v1/plate-reader/", files={"upload": picture()}, headers={"Authorization": f"Token {TOKEN}"}).status_code == 201


@pytest.mark.parametrize("address", ["/v1/vision/alpr", "/v1/image/alpr"])
@pytest.mark.parametrize("field", ["upload", "image"])
def test_codeproject(client: Client, address: str, field: str) -> None:
    answer = client.post(address, files={field: ("snap.jpg", picture(kind="JPEG"))}, data={"min_confidence": "0.1"})
    assert answer.status_code == 200
    assert differences(answer.json(), ALPR) == []
    [found] = answer.json()["predictions"]
    assert (found["label"], found["plate"]) == ("Plate: AB12CDE", "AB12CDE")
    assert found["x_min"] < found["x_max"]


def test_codeproject_leaves_out_what_is_not_sure_enough(client: Client) -> None:
    body = client.post("/v1/vision/alpr", files={"upload": picture()}, data={"min_confidence": "1"}).json()
    assert (body["success"], body["predictions"], body["count"], body["message"]) == (True, [], 0, "No plates found")


def test_codeproject_says_what_is_wrong(client: Client) -> None:
    unusable = client.post("/v1/vision/alpr", files={"upload": b"hello"})
    assert (unusable.status_code, unusable.json()["success"], unusable.json()["error"]) == (200, False, "not a picture, it looks like a text file")
    missing = client.post("/v1/vision/alpr", data={"min_confidence": "0.4"}, files={"x": b""})
    assert missing.json()["success"] is False
    wrong = client.post("/v1/vision/alpr", files={"upload": picture()}, data={"min_confidence": "nan"})
    assert wrong.status_code == 400
    assert wrong.json() == {"success": False, "error": "min_confidence must be a number from 0 to 1, got 'nan'", "code": 400}


def test_codeprojects_ping(client: Client) -> None:
    assert client.get("/v1/status/ping").json() == {"success": True}
