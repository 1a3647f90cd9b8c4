from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image as Pillow
from services import Client, picture


def one(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    [photo] = answer.json()["photos"]
    return dict(photo)


def test_a_form_with_several_files(client: Client) -> None:
    files = [("files", ("a.png", picture())), ("files", ("b.jpg", picture(40, kind="JPEG"))), ("files", ("c.txt", b"hello"))]
    answer = client.post("/v1/read", files=files)
    assert answer.status_code == 200
    first, second, third = answer.json()["photos"]
    assert [photo["source"] for photo in (first, second, third)] == ["a.png", "b.jpg", "c.txt"]
    assert (first["width"], first["height"], first["error"], first["plates"][0]["text"]) == (800, 600, None, "AB12CDE")
    assert second["plates"][0]["box"][0] - first["plates"][0]["box"][0] == pytest.approx(40, abs=2)
    assert third["plates"] == []
    assert third["error"] == "not a picture, it looks like a text file"
    assert first["time_ms"] > 0


@pytest.mark.parametrize("kind", ["image/jpeg", "application/octet-stream", "application/x-www-form-urlencoded", "text/plain", ""])
def test_the_body_itself_whatever_it_is_called(client: Client, kind: str) -> None:
    photo = one(client.post("/v1/read", content=picture(), headers={"Content-Type": kind}))
    assert photo["source"] == "body"
    assert photo["plates"][0]["text"] == "AB12CDE"


def test_options_in_the_query_and_in_the_form(client: Client) -> None:
    for asked in ({"params": {"country": "UA, de", "top": "1"}}, {"data": {"country": "UA, de", "top": "1"}}):
        [plate] = one(client.post("/v1/read", files={"files": picture()}, **asked))["plates"]
        assert plate["template"] is None  # AB12CDE is no plate of these
        assert len(plate["candidates"]) == 1
    [plate] = one(client.post("/v1/read", files={"files": picture()}))["plates"]
    assert (plate["country"], plate["template"]) == ("gb", "gb-current")


def test_crops_are_read_whole(client: Client) -> None:
    file = io.BytesIO()
    Pillow.new("RGB", (160, 40), "white").save(file, "PNG")
    [plate] = one(client.post("/v1/read?crops=true", content=file.getvalue()))["plates"]
    assert plate["box"] == [0.0, 0.0, 160.0, 40.0]
    assert plate["text"] == "AB12CDE"


def test_images_are_the_straightened_plates(client: Client) -> None:
    photo = one(client.post("/v1/read", files={"files": picture(plates=2)}, data={"images": "true"}))
    assert len(photo["plates"]) == 2
    for plate in photo["plates"]:
        head, _, coded = plate["image"].partition(",")
        assert head == "data:image/png;base64"
        with Pillow.open(io.BytesIO(base64.b64decode(coded))) as cut:
            assert cut.height == 96
            assert cut.width == pytest.approx(4 * 96, abs=24)
            assert cut.convert("L").getpixel((cut.width // 2, 48)) == 255
    assert "image" not in one(client.post("/v1/read", files={"files": picture()}))["plates"][0]


def test_effort_is_followed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    real = client.service.batcher._workers[0]._readers._reader
    monkeypatch.setattr(client.service.batcher._workers[0]._readers, "_reader", lambda *options: seen.append(options) or real(*options))
    for effort in ("fast", "thorough"):
        one(client.post("/v1/read", params={"effort": effort}, content=picture()))
    assert [options[0] for options in seen] == ["fast", "thorough"]
    assert real("fast", None).detector.effort == "fast"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"country": "zz"}, "country: no plate types for country 'zz'; there are de, gb, ua"),
        ({"country": ","}, "country: ',' names no country; there are de, gb, ua"),
        ({"top": "0"}, "top must be a whole number from 1 to 50, got '0'"),
        ({"top": "many"}, "top must be a whole number from 1 to 50, got 'many'"),
        ({"top": "²"}, "top must be a whole number from 1 to 50, got '²'"),
        ({"effort": "some"}, "effort must be fast, normal or thorough, got 'some'"),
        ({"crops": "perhaps"}, "crops must be true or false, got 'perhaps'"),
        ({"format": "xml"}, "format must be platelight, openalpr, platerecognizer or codeproject, got 'xml'"),
    ],
)
def test_wrong_options(client: Client, options: dict[str, str], message: str) -> None:
    answer = client.post("/v1/read", params=options, content=picture())
    assert (answer.status_code, answer.json()) == (400, {"error": {"code": "bad_option", "message": message}})


def test_when_no_picture_can_be_used(client: Client) -> None:
    answer = client.post("/v1/read", content=b"hello")
    assert answer.status_code == 422
    assert answer.json()["error"] == {"code": "unusable_picture", "message": "not a picture, it looks like a text file"}
    assert answer.json()["photos"][0]["error"] == "not a picture, it looks like a text file"
    several = client.post("/v1/read", files=[("files", b"hello"), ("files", picture()[:2000])])
    assert several.json()["error"]["message"].startswith("none of the 2 pictures could be used; ")


@pytest.mark.parametrize("asked", [{"content": b""}, {"data": {"top": "1"}, "files": {}}, {"files": {"files": ("a.png", b"")}}])
def test_when_there_is_no_picture(client: Client, asked: dict[str, Any]) -> None:
    answer = client.post("/v1/read", **asked)
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]["code"] in ("no_picture", "unusable_picture")


def test_other_shapes(client: Client) -> None:
    single = client.post("/v1/read?format=openalpr", content=picture()).json()
    assert (single["data_type"], single["results"][0]["plate"]) == ("alpr_results", "AB12CDE")
    several = client.post("/v1/read?format=codeproject", files=[("files", picture()), ("files", picture(30))]).json()
    assert [answer["predictions"][0]["plate"] for answer in several] == ["AB12CDE", "AB12CDE"]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\photos\\a.png", "a\r\nb.png", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "x" * 999, "", '"']
)
def test_a_clients_file_name_is_only_a_name(client: Client, name: str) -> None:
    photo = one(client.post("/v1/read", files={"files": (name or "a", picture())}))
    assert len(photo["source"]) <= 255
    assert photo["source"].isprintable()
    assert "/" not in photo["source"]
    assert "\\" not in photo["source"]


def test_the_networks_are_loaded_once_for_all_options(make_client: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> None:
    from stand_ins import StandIn

    loads: list[str] = []

    class Counted(StandIn):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            loads.append(self.role)

    monkeypatch.setattr("platelight.pipeline.Session", Counted)
    client = make_client()
    before = list(loads)
    for effort in ("fast", "normal", "thorough"):
        for country in ("ua", "gb", "de,ua"):
            one(client.post("/v1/read", params={"effort": effort, "country": country}, content=picture()))
    assert before
    assert loads == before
