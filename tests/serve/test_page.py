"""The web page, used in a browser: photos in, plates out, hiding."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from browsing import Visit
from PIL import Image as Pillow
from services import picture
from stand_ins import PLATE

CORNERS = [[100.0, 100.0], [300.0, 110.0], [295.0, 210.0], [98.0, 200.0]]
TWO_LINES = {
    "text": "BCIT7306", "text_lines": ["BCIT", "7306"], "raw_text": "8CIT7306", "confidence": 0.42, "country": "ua", "template": "ua-2004-two-line",
    "region": None, "lines": 2, "reason": "CORRECTED", "flags": ["too_small", "tilted"], "corners": CORNERS, "box": [98.0, 100.0, 202.0, 110.0],
    "score": 0.9, "char_confidences": [0.5, 0.99, 0.7, 0.99, 0.99, 0.95, 0.9, 0.2], "image": None,
    "candidates": [
        {"text": "BCIT7306", "confidence": 0.42, "country": "ua", "template": "ua-2004-two-line"},
        {"text": "BCIT7308", "confidence": 0.31, "country": "pl", "template": None},
    ],
}  # fmt: skip
UNREADABLE = TWO_LINES | {
    "text": None, "text_lines": [], "confidence": 0.0, "country": None, "template": None, "flags": ["unreadable"], "char_confidences": [], "candidates": [],
}  # fmt: skip


def answered(shown: Visit, *plates: dict[str, Any], **photo: Any) -> None:
    """Let the service's next answers be these plates."""
    body = {"photos": [{"source": "a.png", "width": 800, "height": 600, "error": None, "time_ms": 12.0, "plates": list(plates)} | photo]}
    shown.page.route("**/v1/read", lambda route: route.fulfill(json=body))


def test_a_photo_is_read_and_its_plate_outlined_where_it_is(visit: Callable[..., Visit]) -> None:
    shown = visit()
    shown.upload(("yard.png", picture()))
    shown.expect("#found", "1 plate")
    assert "".join(shown.texts(".plate .glyph")) == "AB12CDE"
    assert shown.texts(".plate .country")[0].split() == ["GB", "United", "Kingdom"]
    assert "sure that the whole text is right" in shown.texts(".sureness")[0]
    assert "800 × 600 · read in" in shown.texts("#facts")[0]
    frame, outline = shown.page.locator("#frame").bounding_box(), shown.page.locator("#outlines .line").bounding_box()
    scale = frame["width"] / 800
    (left, top), (right, bottom) = np.min(PLATE, axis=0), np.max(PLATE, axis=0)
    assert outline["x"] - frame["x"] == pytest.approx(left * scale, abs=4)
    assert outline["y"] - frame["y"] == pytest.approx(top * scale, abs=4)
    assert outline["width"] == pytest.approx((right - left) * scale, abs=5)
    assert outline["height"] == pytest.approx((bottom - top) * scale, abs=5)
    assert shown.page.locator(".plate .crop").evaluate("image => image.naturalWidth / image.naturalHeight") > 2
    assert shown.texts("#status")[0].startswith("yard.png: 1 plate. Plate 1: AB12CDE, United Kingdom")


def test_doubts_show_without_color_too(visit: Callable[..., Visit]) -> None:
    shown = visit()
    answered(shown, TWO_LINES, UNREADABLE)
    shown.upload(("a.png", picture()))
    shown.expect("#found", "2 plates")
    rows = shown.page.locator(".plate >> nth=0 >> .row")
    assert ["".join(rows.nth(index).locator(".glyph").all_inner_texts()) for index in range(rows.count())] == ["BCIT", "7306"]
    looks = shown.page.locator(".plate .char").evaluate_all(
        """chars => chars.map(char => [char.dataset.level, getComputedStyle(char.querySelector(".glyph")).borderTopStyle,
             getComputedStyle(char.querySelector(".glyph"), "::after").content, char.querySelector(".fill").style.width])"""
    )
    assert looks[:3] == [["unsure", "solid", '"?"', "50%"], ["sure", "solid", "none", "99%"], ["likely", "dashed", "none", "70%"]]
    assert "Doubtful: B 50" in shown.page.locator(".characters").first.get_attribute("aria-label")
    assert shown.texts(".flags strong") == ["Very small", "Tilted", "Unreadable"]
    assert shown.texts(".unread") == ["No text could be read"]
    first = shown.page.locator(".plate").first
    first.get_by_text("Other readings (1)").click()
    assert first.locator("td").all_inner_texts() == ["BCIT7308", "Poland", "", "31\u00a0%"]
    assert first.locator("mark").all_inner_texts() == ["8"]
    first.get_by_text("Details").click()
    assert "8CIT7306" in first.locator("dl").inner_text()
    assert "corrected to fit the plate type" in first.locator("dl").inner_text()


def test_several_photos_are_kept_as_thumbnails(visit: Callable[..., Visit]) -> None:
    shown = visit()
    shown.upload(("a.png", picture()), ("b.png", picture(plates=2)), ("c.txt", b"hello"))
    shown.expect("#thumbs button[aria-label='b.png, 2 plates']").click()
    shown.expect("#found", "2 plates")
    shown.expect("#thumbs button[aria-label='c.txt, not read']").click()
    shown.expect("#message .notice", "c.txt: not a picture, it looks like a text file")
    with shown.page.expect_download() as download:
        shown.page.click("#thumbs button >> nth=0")
        shown.page.click("#save-all")
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    assert [(row["source"], row["text"]) for row in rows] == [("a.png", "AB12CDE"), ("b.png", "AB12CDE"), ("b.png", "AB12CDE")]
    for _ in range(3):
        shown.page.click("#remove")
    shown.expect("h1", "Read the number plates")
    shown.complaints.clear()  # the file that is no picture


PASTED = "() => navigator.clipboard.readText()"


def test_copying_text_and_json(visit: Callable[..., Visit]) -> None:
    shown = visit(permissions=["clipboard-read", "clipboard-write"])
    shown.upload(("a.png", picture(plates=2)))
    shown.expect("#found", "2 plates")
    shown.page.click("#copy-text")
    shown.expect("#copy-text", "Copied")
    assert shown.page.evaluate(PASTED) == "AB12CDE\nAB12CDE"
    shown.page.click("#copy-json")
    shown.expect("#copy-json", "Copied")
    photo = json.loads(shown.page.evaluate(PASTED))
    assert (photo["source"], photo["width"], len(photo["plates"])) == ("a.png", 800, 2)
    assert "image" not in photo["plates"][0]
    shown.page.click(".copy >> nth=0")
    shown.expect(".copy", "Copied")
    assert shown.page.evaluate(PASTED) == "AB12CDE"


def test_plates_are_hidden_and_the_picture_is_downloaded(visit: Callable[..., Visit]) -> None:
    shown = visit()
    shown.upload(("my car.png", picture()))
    shown.expect("#found", "1 plate")
    shown.page.check("input[value=fill]", force=True)
    shown.page.click("#hide-now")
    shown.expect("#hide-note", "1 plate hidden")
    assert shown.page.locator("#outlines .line").count() == 0
    with shown.page.expect_download() as download:
        shown.page.click("#download")
    assert download.value.suggested_filename == "my car-hidden.png"
    before, after = (np.asarray(Pillow.open(file).convert("L"), np.int16) for file in (io.BytesIO(picture()), download.value.path()))
    x, y = np.mean(PLATE, axis=0).astype(int)
    assert abs(before - after)[y - 5 : y + 5, x - 5 : x + 5].min() > 20
    assert abs(before - after)[:50].max() < 5
    shown.page.click("#hide-view")
    shown.expect("#hide-view", "Show hidden")
    assert shown.page.locator("#outlines .line").count() == 1


def test_the_plates_of_all_photos_are_hidden_and_saved(visit: Callable[..., Visit]) -> None:
    shown = visit()
    downloads: list[str] = []
    shown.page.on("download", lambda download: downloads.append(download.suggested_filename))
    shown.upload(("a.png", picture()), ("b.png", picture(plates=2)), ("c.png", picture(40)))
    shown.expect("#hide-all", "Hide in all 3 and save")
    refused_once = {"error": {"code": "x", "message": "too small"}}
    shown.page.route("**/v1/redact", lambda route: route.fulfill(status=422, json=refused_once), times=1)
    shown.page.click("#hide-all")
    shown.expect("#hide-note", "2 pictures saved.")
    assert "a.png: too small" in shown.texts("#hide-note")[0]
    assert downloads == ["b-hidden.png", "c-hidden.png"]
    shown.complaints.clear()


WATCH = """() => {
  const real = window.fetch;
  window.sent = [];
  window.fetch = (address, request) => {
    window.sent.push(Object.fromEntries([...request.body].filter(([, value]) => typeof value === "string")));
    return real(address, request);
  };
}"""


def test_options_go_with_the_request(visit: Callable[..., Visit]) -> None:
    shown = visit()
    shown.page.click("#options summary")
    shown.page.fill("#country", "Ukraine, pl, Atlantis")
    shown.expect("#country-note", "Not a country: atlantis")
    shown.page.fill("#country", "Ukraine, de")
    shown.expect("#country-note", "Only plates of Ukraine (UA), Germany (DE).")
    shown.page.check("input[value=thorough]", force=True)
    shown.page.evaluate(WATCH)
    shown.upload(("a.png", picture()))
    shown.expect("#found", "1 plate")
    assert shown.page.evaluate("() => sent") == [{"images": "true", "country": "ua,de", "effort": "thorough"}]
    shown.page.get_by_text("Details").click()
    shown.expect("dl", "none fits")  # AB12CDE is no plate of these
    shown.page.fill("#country", "")
    shown.page.click("#again")
    shown.page.get_by_text("Details").click()
    shown.expect("dl", "gb-current")


def test_a_photo_without_plates_can_be_searched_more_thoroughly(visit: Callable[..., Visit]) -> None:
    shown = visit()
    shown.upload(("empty.png", picture(plates=0)))
    shown.expect("#found", "No plate found")
    shown.page.evaluate(WATCH)
    shown.page.get_by_role("button", name="Look more thoroughly").click()
    shown.page.get_by_role("button", name="Look more thoroughly").wait_for(state="detached")
    shown.expect("#found", "No plate found")
    assert [sent["effort"] for sent in shown.page.evaluate("() => sent")] == ["thorough"]


HAND_IN = """([name, bytes, kind]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
  const event = kind === "paste" ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true })
    : new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
}"""


def test_photos_are_pasted_and_dropped(visit: Callable[..., Visit]) -> None:
    shown = visit()
    shown.page.evaluate(HAND_IN, ["pasted.png", list(picture()), "paste"])
    shown.expect("#found", "1 plate")
    shown.page.evaluate(HAND_IN, ["dropped.png", list(picture(plates=2)), "dragenter"])
    shown.expect("#dropping", "Drop to read the plates")
    shown.page.evaluate(HAND_IN, ["dropped.png", list(picture(plates=2)), "drop"])
    shown.expect("#found", "2 plates")
    assert shown.page.locator("#dropping").is_hidden()
    assert shown.page.locator("#thumbs button").count() == 2


def test_examples_are_offered(visit: Callable[..., Visit]) -> None:
    shown = visit()
    shown.page.click("#example")
    shown.expect("#thumbs button[aria-label^='rain.webp, ']:not([aria-label$='read'])")
    assert shown.page.locator("#thumbs button").count() == 3


def test_the_camera_takes_a_photo(visit: Callable[..., Visit]) -> None:
    shown = visit(permissions=["camera"])
    shown.page.click("#camera-open")
    shown.expect("#camera-take:enabled").click()
    shown.expect("#name", "camera ")
    shown.expect("#facts", "read in")
    assert shown.page.evaluate("() => document.querySelector('#camera-view').srcObject") is None


def test_a_refused_camera_is_explained(visit: Callable[..., Visit]) -> None:
    shown = visit()
    shown.page.click("#camera-open")
    shown.expect("#camera-note", "does not allow this page to use the camera")
    shown.page.keyboard.press("Escape")
    assert shown.page.locator("#camera").is_hidden()
