from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from made import BMW, OPEL, Records, advert, drawn, find
from PIL import Image as Pillow

from platelight.audit import evidence, report
from platelight.audit.card import is_web, masked, percent, without
from platelight.audit.judge import Judge
from platelight.audit.records import Advert, Find, Seen
from platelight.register.records import Claim

EVIL = """</script><script>alert(1)</script><img src=x onerror="alert(2)">'"><b>"""
FACTS = report.Facts("adverts.csv", "cars.sqlite", datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "effort normal", "0.1.0")
VOID = {"meta", "input", "img", "br", "image", "rect", "link"}


class Page(HTMLParser):
    """Takes a page apart: tags with their attributes, texts, and whether every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def entry(folder: Path, given: Advert, *finds: Find) -> report.Entry:
    source = folder / f"{given.line}.png"
    Pillow.fromarray(drawn(finds)).save(source)
    judge = Judge(Records({BMW.plate: (BMW,), OPEL.plate: (OPEL,)}))
    finding = judge(given, [Seen(str(source), finds)])
    assert finding.shown is not None
    return finding, evidence.write(folder, finding.shown)


@pytest.fixture
def lying(tmp_path: Path) -> report.Entry:
    return entry(tmp_path, advert(Claim("Audi", "A6", 2015, "black"), title="My car AA 1234 BB", url="https://example.com/?a=1&b=2"), find("AA1234BB"))


def pages(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((folder / "report").glob("*.html"))}


def test_an_overview_and_a_page_for_each_verdict(tmp_path: Path, lying: report.Entry) -> None:
    honest = entry(tmp_path, advert(id="a2", line=3), find("AA1234BB"))
    index = report.write(tmp_path, [lying, honest], FACTS)
    assert index == tmp_path / "report/index.html"
    assert list(pages(tmp_path)) == ["confirmed-1.html", "contradicted-1.html", "index.html"]
    for text in pages(tmp_path).values():
        Page(text)
    page = Page(pages(tmp_path)["contradicted-1.html"])
    (card,) = page.all("article")
    assert card["data-id"] == "a1"
    assert card["data-differs"] == "make model"
    assert {"href": "https://example.com/?a=1&b=2", "rel": "noreferrer noopener", "target": "_blank"} in page.all("a")


def test_many_adverts_are_split_and_linked(tmp_path: Path, lying: report.Entry) -> None:
    finding, proof = lying
    entries = [(replace(finding, advert=replace(finding.advert, id=f"a{n}", line=n)), proof) for n in range(2, 9)]
    report.write(tmp_path, entries, FACTS, report.Style(per_page=3))
    assert list(pages(tmp_path)) == ["contradicted-1.html", "contradicted-2.html", "contradicted-3.html", "index.html"]
    hrefs = {attributes.get("href") for attributes in Page(pages(tmp_path)["contradicted-2.html"]).all("a")}
    assert {"contradicted-1.html", "contradicted-3.html", "index.html"} <= hrefs
    report.write(tmp_path, entries[:2], FACTS, report.Style(per_page=3))
    assert list(pages(tmp_path)) == ["contradicted-1.html", "index.html"]


def test_verdicts_that_are_skipped_are_counted_only(tmp_path: Path, lying: report.Entry) -> None:
    honest = entry(tmp_path, advert(id="a2", line=3), find("AA1234BB"))
    report.write(tmp_path, [lying, honest], FACTS, report.Style(skip=frozenset({"confirmed"})))
    assert list(pages(tmp_path)) == ["contradicted-1.html", "index.html"]
    assert "confirmed-1.html" not in pages(tmp_path)["index.html"]
    assert "50.0 %" in pages(tmp_path)["index.html"]


def test_adverts_that_are_surest_come_first(tmp_path: Path, lying: report.Entry) -> None:
    finding, proof = lying
    entries = [
        (replace(finding, advert=replace(finding.advert, id=name, line=n), confidence=chance), proof)
        for n, (name, chance) in enumerate([("low", 0.91), ("high", 0.99)])
    ]
    report.write(tmp_path, entries, FACTS)
    assert [card["data-id"] for card in Page(pages(tmp_path)["contradicted-1.html"]).all("article")] == ["high", "low"]


def test_texts_of_adverts_cannot_become_markup(tmp_path: Path) -> None:
    claim = Claim(EVIL, EVIL, 2015, EVIL)
    given = advert(claim, id=EVIL, title=EVIL, url="javascript:alert(3)", year_text=EVIL, notes=(EVIL,), extra={EVIL: EVIL}, photo_names=(EVIL,))
    finding, proof = entry(tmp_path, given, find("AA1234BB"))
    report.write(tmp_path, [(replace(finding, reason=EVIL, car_reason=EVIL, photo_errors=(EVIL,)), proof)], FACTS)
    for text in pages(tmp_path).values():
        page = Page(text)
        assert [attributes for attributes in page.all("script") if attributes.get("type") != "application/json"] == [{}]
        assert page.all("b") == []
        assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
        assert not any((attributes.get("href") or "").startswith("javascript") for attributes in page.all("a"))
    listed = json.loads(re.search(r'<script type="application/json" id="adverts">(.*?)</script>', pages(tmp_path)["index.html"], re.DOTALL).group(1))  # type: ignore[union-attr]
    assert listed[0]["i"] == EVIL


def test_pages_need_nothing_else_and_allow_only_their_own_script(tmp_path: Path, lying: report.Entry) -> None:
    report.write(tmp_path, [lying], FACTS)
    for text in pages(tmp_path).values():
        page = Page(text)
        for tag, attributes in page.tags:
            for name in ("src", "href"):
                value = attributes.get(name) or ""
                assert tag == "a" or value.startswith("data:image/jpeg;base64,") or not value
        assert not any("style" in attributes for _, attributes in page.tags)
        (policy,) = [str(attributes["content"]) for attributes in page.all("meta") if attributes.get("http-equiv") == "Content-Security-Policy"]
        for tag in ("style", "script"):
            body = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[0]
            assert f"{tag}-src 'sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}'" in policy
        assert "default-src 'none'" in policy


def visible(text: str) -> str:
    """What a reader sees at first: without what is hidden, attributes and data."""
    text = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL)
    text = re.sub(r'<(span|div) class="secret" hidden>.*?</\1>', "", text, flags=re.DOTALL)
    return re.sub(r"<[^>]*>", " ", text)


def test_plates_are_hidden_at_first(tmp_path: Path, lying: report.Entry) -> None:
    report.write(tmp_path, [lying], FACTS)
    text = pages(tmp_path)["contradicted-1.html"]
    assert "1234" not in visible(text)
    assert "AA1234BB" in text
    page = Page(text)
    secrets = [attributes for _, attributes in page.tags if "secret" in (attributes.get("class") or "").split()]
    assert len(secrets) >= 4
    assert all("hidden" in attributes for attributes in secrets)
    assert "1234" not in visible(pages(tmp_path)["index.html"])


def test_a_redacted_report_holds_no_plate_at_all(tmp_path: Path, lying: report.Entry) -> None:
    finding, proof = lying
    told = replace(finding.advert, id="AA1234BB", url="https://example.com/aa-1234-bb", photo_names=("AA1234BB.jpg",), extra={"note": "АА 1234 ВВ"})
    report.write(tmp_path, [(replace(finding, advert=told), proof)], FACTS, report.Style(redacted=True))
    for name, text in pages(tmp_path).items():
        bare = re.sub(r"base64,[A-Za-z0-9+/=]+", "", text)
        assert not re.search(r"1234", bare), name
        assert "../evidence" not in text
        assert 'class="crop"' not in text
    assert len(Page(pages(tmp_path)["contradicted-1.html"]).all("image")) == 1


def test_masking_knows_spaces_and_cyrillic() -> None:
    for text in ("AA1234BB", "aa 1234-bb", "АА 1234 ВВ"):
        assert without(f"car {text}, cheap", {"AA1234BB"}) == "car ••••••, cheap"
    assert masked("<AA1234BB>", {"AA1234BB"}, redacted=False).startswith("&lt;<span")
    assert without("BMW X5", {"X5"}) == "BMW X5"


@pytest.mark.parametrize(
    ("address", "good"), [("https://a.b/c", True), ("http://a.b", True), ("javascript:alert(1)", False), ("https:", False), ("http://[", False)]
)
def test_only_web_addresses_become_links(address: str, good: bool) -> None:
    assert is_web(address) == good


def test_nothing_is_ever_certain() -> None:
    assert percent(0.9999) == "over 99.9 %"
    assert percent(0.93) == "93.0 %"


def test_evidence_that_disappeared_leaves_a_card_without_a_picture(tmp_path: Path, lying: report.Entry) -> None:
    finding, proof = lying
    assert proof is not None
    (tmp_path / proof.picture).unlink()
    report.write(tmp_path, [(finding, proof)], FACTS)
    assert "no picture" in pages(tmp_path)["contradicted-1.html"]
