from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from services import Client, picture, serving, settings
from stand_ins import use_stand_ins, write_models

from platelight.register import RegisterError, build
from platelight.serve.app import create_app

ROWS = """N_REG_NEW;D_REG;BRAND;MODEL;MAKE_YEAR;COLOR
AB12CDE;05.02.2021;BMW;X5;2015;ЧОРНИЙ
AB12CDE;05.02.2018;FORD;FOCUS;2010;БІЛИЙ
"""


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("register")
    (folder / "rows.csv").write_text(ROWS, encoding="utf-8")
    build([folder / "rows.csv"], folder / "cars.register")
    return folder / "cars.register"


@pytest.fixture(scope="module")
def informed(tmp_path_factory: pytest.TempPathFactory, register: Path) -> Iterator[Client]:
    with pytest.MonkeyPatch.context() as patch:
        use_stand_ins(patch, write_models(tmp_path_factory.mktemp("models")))
        with serving(settings(register=register)) as started:
            yield started


def test_lookup(informed: Client) -> None:
    answer = informed.post("/v1/register/lookup", json={"plate": "ав 12-cde"})
    assert answer.status_code == 200
    assert answer.json()["plate"] == "AB12CDE"
    assert [(item["make"], item["year"], item["date"]) for item in answer.json()["registrations"]] == [
        ("BMW", 2015, "2021-02-05"),
        ("FORD", 2010, "2018-02-05"),
    ]
    assert informed.post("/v1/register/lookup", json={"plate": "ZZ99ZZZ"}).json() == {"plate": "ZZ99ZZZ", "registrations": []}


def test_compare(informed: Client) -> None:
    fits = informed.post("/v1/register/compare", json={"plate": "AB12CDE", "make": "BMW", "year": 2015}).json()
    assert fits["verdict"] == "match"
    assert {item["field"]: item["verdict"] for item in fits["fields"]} == {"make": "match", "model": "unknown", "year": "match", "color": "unknown"}
    differs = informed.post("/v1/register/compare", json={"plate": "AB12CDE", "make": "Toyota"}).json()
    assert (differs["verdict"], differs["registration"]["make"]) == ("mismatch", "BMW")
    nobody = informed.post("/v1/register/compare", json={"plate": "ZZ99ZZZ", "make": "BMW"}).json()
    assert nobody == {"plate": "ZZ99ZZZ", "verdict": "unknown", "fields": [], "registration": None}


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({}, "bad_plate"),
        ({"plate": "?"}, "bad_plate"),
        ({"plate": {"a": 1}, "make": "BMW"}, "bad_plate"),
        ({"plate": "AB12CDE"}, "no_claim"),
        ({"plate": "AB12CDE", "year": "soon"}, "bad_option"),
        ({"plate": "AB12CDE", "year": 99999}, "bad_option"),
    ],
)
def test_what_cannot_be_compared(informed: Client, sent: dict[str, object], code: str) -> None:
    answer = informed.post("/v1/register/compare", json=sent)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_reading_with_the_register(informed: Client) -> None:
    sent = {"register": "true", "make": "Ford", "model": "Focus"}
    [plate] = informed.post("/v1/read", files={"files": picture()}, data=sent).json()["photos"][0]["plates"]
    joint = plate["register"]
    assert (joint["text"], joint["known"], joint["registrations"], joint["registration"]["make"]) == ("AB12CDE", True, 2, "BMW")
    assert (joint["decided_by"], joint["reading"]["text"]) == ("reading", "AB12CDE")
    assert plate["comparison"]["verdict"] == "unknown"  # the older registration fits
    assert "an older registration of 2018-02-05" in plate["comparison"]["fields"][0]["reason"]
    [plain] = informed.post("/v1/read", files={"files": picture()}).json()["photos"][0]["plates"]
    assert not {"register", "comparison"} & set(plain)
    [unclaimed] = informed.post("/v1/read?register=1", files={"files": picture()}, data={"register": "yes"}).json()["photos"][0]["plates"]
    assert "comparison" not in unclaimed


def test_without_a_register(client: Client) -> None:
    for answer in (
        client.post("/v1/register/lookup", json={"plate": "AB12CDE"}),
        client.post("/v1/read?x", files={"files": picture()}, data={"register": "1"}),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_register")


@pytest.mark.usefixtures("stand_in")
def test_a_file_that_is_no_register(tmp_path: Path, make_client: Callable[..., Client]) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(RegisterError, match=r"notes\.txt: not a register"):
        create_app(settings(register=tmp_path / "notes.txt"))
