"""The report in a headless Chromium, opened as a file: what shows, what a click and a key do, what it asks of the network."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from made import BMW, Records, advert, drawn, find
from PIL import Image as Pillow

from platelight.audit import evidence, report
from platelight.audit.judge import Judge
from platelight.audit.records import Seen
from platelight.register.records import Claim

pytestmark = pytest.mark.slow
FACTS = report.Facts("adverts.csv", "cars.sqlite", datetime(2026, 1, 2, tzinfo=UTC), "", "0.1.0")
CLAIMS = (Claim("Audi", "A6", 2015, "black"), Claim("BMW", "X5", 2009, "black"), Claim("BMW", "X5", 2015, "white"), Claim("BMW", "X5", 2015, "black"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on an advert with the wrong make, one with the wrong year, one with the wrong color, and an honest one."""
    folder = tmp_path_factory.mktemp("report")
    plate = find("AA1234BB")
    Pillow.fromarray(drawn([plate])).save(folder / "car.png")
    judge = Judge(Records({BMW.plate: (BMW,)}))
    entries = []
    for number, claim in enumerate(CLAIMS):
        finding = judge(advert(claim, id=f"ad-{number}", line=number + 2, title=f"Title {number}"), [Seen(str(folder / "car.png"), (plate,))])
        assert finding.shown is not None
        entries.append((replace(finding, confidence=0.99 - number / 100), evidence.write(folder, finding.shown)))
    report.write(folder, entries, FACTS)
    return folder


@pytest.fixture
def page(browser: Any, folder: Path) -> Iterator[Any]:
    """The page of contradicted adverts; nothing may go wrong in it and nothing may be fetched but the report's files."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    shown, said, asked = context.new_page(), [], []
    shown.on("console", lambda message: said.append(message.text))
    shown.on("pageerror", lambda error: said.append(str(error)))
    shown.on("request", lambda request: asked.append(request.url))
    shown.goto((folder / "report/contradicted-1.html").as_uri())
    yield shown
    context.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def cards(page: Any) -> list[str]:
    return [card.get_attribute("data-id") for card in page.locator("article").all() if card.is_visible()]


def test_plates_show_only_when_asked_for(page: Any) -> None:
    assert "1234" not in page.inner_text("body")
    assert not page.locator("svg image.secret").first.is_visible()
    page.locator("article .reveal").first.click()
    assert page.locator("article").first.locator(".plate .secret").inner_text() == "AA1234BB"
    assert page.locator("article").first.locator("svg image.secret").is_visible()
    assert page.locator("article").first.locator("img.crop").evaluate("image => image.naturalWidth") == 320
    assert "1234" not in page.locator("article").nth(1).inner_text()
    page.click("#plates")
    assert all("AA1234BB" in card.inner_text() for card in page.locator("article").all())
    page.click("#plates")
    assert "1234" not in page.inner_text("body")


def test_filters(page: Any) -> None:
    assert cards(page) == ["ad-0", "ad-1", "ad-2"]
    page.select_option("#differs", "year")
    assert cards(page) == ["ad-1"]
    assert page.inner_text("#count") == "1 of 3 on this page"
    page.select_option("#differs", "")
    page.fill("#search", "audi title")
    assert cards(page) == ["ad-0"]
    page.fill("#search", "nothing like it")
    assert cards(page) == []
    assert page.locator("#none").is_visible()


def test_keys_move_show_and_decide(page: Any, tmp_path: Path) -> None:
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.dataset.id") == "ad-1"
    page.keyboard.press("p")
    assert "AA1234BB" in page.locator("article").nth(1).inner_text()
    page.keyboard.press("a")
    page.keyboard.press("k")
    page.keyboard.press("d")
    assert page.locator("article [aria-pressed=true][data-decide]").all_inner_texts() == ["Disagree", "Agree"]
    page.select_option("#state", "open")
    assert cards(page) == ["ad-2"]
    page.keyboard.press("/")
    page.keyboard.type("ad-9")
    assert page.input_value("#search") == "/ad-9"[1:]
    with page.expect_download() as waited:
        page.click("#save")
    waited.value.save_as(tmp_path / "decisions.csv")
    rows = list(csv.DictReader((tmp_path / "decisions.csv").read_text().splitlines()))
    assert [(row["id"], row["verdict"], row["decision"]) for row in rows] == [("ad-1", "contradicted", "agree"), ("ad-0", "contradicted", "disagree")]


def test_the_overview_lists_every_advert_and_leads_to_it(page: Any) -> None:
    page.click("text=overview")
    assert page.locator("#rows tr").count() == 4
    page.select_option("#verdict", "confirmed")
    assert page.locator("#rows tr").all_inner_texts()[0].split("\t")[:2] == ["ad-3", "confirmed"]
    page.select_option("#verdict", "")
    page.fill("#find", "white")
    page.click("#rows a")
    assert page.url.endswith("contradicted-1.html#advert-4")


@pytest.mark.parametrize("name", ["index.html", "contradicted-1.html"])
def test_a_phone_needs_no_sideways_scrolling(page: Any, folder: Path, name: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto((folder / "report" / name).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_picture_of_the_evidence_opens(page: Any) -> None:
    page.locator("article .reveal").first.click()
    page.locator("article").first.locator("text=whole picture").click()
    assert page.locator("img").evaluate("image => image.naturalWidth") == 1000
