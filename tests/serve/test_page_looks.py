"""The web page's promises about itself: keyboard, contrast, small screens, calm, and nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browsing import Visit
from services import picture
from test_page import TWO_LINES, UNREADABLE, answered
from test_page_trouble import refused

from platelight.serve.page import STATIC

CONTRASTS = """() => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (text) => {
    pen.clearRect(0, 0, 1, 1); pen.fillStyle = text; pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
    }
    return rgba(getComputedStyle(document.body).backgroundColor);
  };
  const rows = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.checkVisibility() || element.closest("svg, .unseen, :disabled, noscript")) continue;
    const style = getComputedStyle(element);
    rows.push([walker.currentNode.textContent.trim().slice(0, 30), ratio(rgba(style.color), ground(element)), parseFloat(style.fontSize)]);
  }
  return rows;
}"""

COLORS = """(pairs) => {
  const style = getComputedStyle(document.documentElement);
  return pairs.map(pair => pair.map(name => style.getPropertyValue(name).trim()));
}"""

EDGES = [  # what must be told apart without being text: 3 to 1
    ("--control-edge", "--surface"), ("--control-edge", "--ground"), ("--focus", "--surface"), ("--focus", "--ground"), ("--focus", "--sunken"),
    ("--sure", "--surface"), ("--likely", "--surface"), ("--unsure", "--surface"), ("--button", "--surface"), ("--bad", "--surface"),
]  # fmt: skip


def luminance(color: str) -> float:
    values = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]
    return sum(share * value for share, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first: str, second: str) -> float:
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_rightly() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.fixture
def states(visit: Callable[..., Visit]) -> Iterator[list[Visit]]:
    """The page empty with open options, with doubtful results and everything open, with an error, and with a dialog."""
    empty, results, failed, dialog = (visit() for _ in range(4))
    empty.page.click("#options summary")
    answered(results, TWO_LINES, UNREADABLE)
    results.upload(("a photo with quite a long name that somebody gave it.png", picture()), ("b.png", picture()))
    results.expect("#found", "2 plates")
    for summary in results.page.locator("summary").all():
        summary.click()
    results.page.click("#hide-now")
    results.expect("#download")
    refused(failed, 500, "internal error")
    failed.upload(("a.png", picture()))
    failed.expect("#message .notice")
    dialog.page.click("#camera-open")
    dialog.expect("#camera-note")
    yield [empty, results, failed, dialog]
    failed.complaints.clear()


def test_contrast_is_enough_in_light_and_dark(states: list[Visit]) -> None:
    for scheme in ("light", "dark"):
        texts = []
        for state in states:
            state.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # or colors would be caught halfway
            texts += state.page.evaluate(CONTRASTS)
        assert len(texts) > 100
        assert [row for row in texts if row[1] < 4.5] == []
        for (first, second), (one, other) in zip(EDGES, states[0].page.evaluate(COLORS, EDGES), strict=True):
            assert contrast(one, other) >= 3, f"{first} {one} on {second} {other}"


def test_a_small_phone_is_wide_enough(states: list[Visit]) -> None:
    for state in states:
        state.page.set_viewport_size({"width": 360, "height": 740})
        assert state.page.evaluate("() => document.documentElement.scrollWidth") == 360
        small = state.page.locator("button:visible, a.button:visible, input[type=text]:visible").evaluate_all(
            "all => all.map(one => [one.textContent, one.getBoundingClientRect().height]).filter(([, height]) => height < 32)"
        )
        assert small == []


def test_who_wants_less_motion_gets_none(visit: Callable[..., Visit]) -> None:
    for preference, moving in (("reduce", False), ("no-preference", True)):
        shown = visit(reduced_motion=preference)
        durations = shown.page.locator("*").evaluate_all("all => all.map(one => getComputedStyle(one).transitionDuration)")
        assert any(duration != "0s" for duration in durations) is moving


def test_nothing_comes_from_elsewhere(visit: Callable[..., Visit]) -> None:
    """Neither now nor by an address that is written down; the policy of the server would refuse it, and `visit` would report that."""
    shown = visit()
    shown.upload(("a.png", picture()))
    shown.expect("#found", "1 plate")
    base = str(shown.client.base_url).rstrip("/") + "/"
    assert {address.split(":")[0] if address.startswith(("blob:", "data:")) else base for address in shown.addresses} <= {base, "blob", "data"}
    assert [address for address in shown.addresses if not address.startswith((base, "blob:", "data:"))] == []
    for path in STATIC.rglob("*.[hcjs]*"):
        text = path.read_text(encoding="utf-8") if path.suffix in (".html", ".css", ".js", ".svg") else ""
        assert "//" not in text.replace("http://www.w3.org/2000/svg", "").replace(" // ", ""), path.name


def test_a_violation_of_the_policy_would_be_noticed(visit: Callable[..., Visit]) -> None:
    shown = visit()
    shown.page.evaluate("() => { const image = new Image(); image.src = 'https://elsewhere.example/a.png'; document.body.append(image); }")
    shown.page.wait_for_timeout(200)
    assert any("Content Security Policy" in complaint for complaint in shown.complaints)
    shown.complaints.clear()


def focused(shown: Visit) -> dict[str, Any]:
    return dict(
        shown.page.evaluate(
            """() => { const one = document.activeElement, style = getComputedStyle(one.matches(".segments input") ? one.nextElementSibling : one);
            return { id: one.id, name: one.textContent.trim(), seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 }; }"""
        )
    )


def tab(shown: Visit, until: str, most: int = 25) -> None:
    """Press Tab until the element of that id or text has the focus; everything passed must show it."""
    passed = []
    for _ in range(most):
        shown.page.keyboard.press("Tab")
        now = focused(shown)
        assert now["seen"], f"no visible focus on {now}"
        passed.append(now["id"] or now["name"])
        if until in (now["id"], now["name"]):
            return
    raise AssertionError(f"Tab never reached {until}: {passed}")


def test_everything_works_by_keyboard_alone(visit: Callable[..., Visit]) -> None:
    shown = visit(permissions=["clipboard-read", "clipboard-write"])
    keys = shown.page.keyboard
    file = {"name": "a.png", "mimeType": "image/png", "buffer": picture(plates=2)}
    shown.page.on("filechooser", lambda chooser: chooser.set_files([file]))  # from now on, so that no real dialog opens
    tab(shown, "choose")
    keys.press("Enter")
    shown.expect("#found", "2 plates")
    assert focused(shown)["id"] == "found"
    tab(shown, "copy-text")
    keys.press("Enter")
    shown.expect("#copy-text", "Copied")
    assert shown.page.evaluate("() => navigator.clipboard.readText()") == "AB12CDE\nAB12CDE"
    tab(shown, "Details")
    keys.press("Enter")
    shown.expect("dl", "Position")
    shown.page.locator("#remove").focus()
    shown.page.keyboard.press("Tab")
    keys.press("ArrowRight")
    assert shown.page.locator("input[name=method]:checked").get_attribute("value") == "pixelate"
    tab(shown, "hide-now")
    keys.press("Enter")
    shown.expect("#download")
    tab(shown, "download")
    with shown.page.expect_download():
        keys.press("Enter")


def test_pointing_at_a_result_marks_its_plate(visit: Callable[..., Visit]) -> None:
    shown = visit()
    shown.upload(("a.png", picture(plates=2)))
    shown.expect("#found", "2 plates")
    shown.page.locator(".plate").nth(1).hover()
    assert shown.page.locator("#outlines .marked").get_attribute("data-index") == "1"
    shown.page.locator("#outlines .outline").nth(0).click()
    assert focused(shown)["id"] == "plate-0"
    assert shown.page.locator("#outlines .marked").get_attribute("data-index") == "0"


def test_labels_do_not_cover_plates_or_each_other(visit: Callable[..., Visit]) -> None:
    """Two rows of plates so close together that not every text has room; those show their number alone."""
    corners = [[[x, y], [x + 70, y], [x + 70, y + 16], [x, y + 16]] for y in (200.0, 240.0) for x in (100.0, 185.0, 270.0, 600.0)]
    shown = visit()
    answered(shown, *(TWO_LINES | {"corners": quad} for quad in corners))
    shown.upload(("a.png", picture()))
    shown.expect("#found", "8 plates")
    boxes = shown.page.locator("#outlines rect, #outlines .line").evaluate_all(
        "all => all.map(one => one.getBBox()).map(({ x, y, width, height }) => [x, y, x + width, y + height])"
    )
    cover = [(a, b) for n, a in enumerate(boxes) for b in boxes[:n] if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]]
    assert cover == []
    texts = shown.page.locator("#outlines text").all_text_contents()
    assert "4  BCIT7306" in texts
    assert {"1", "2"} & set(texts)


def test_an_enlarged_photo_follows_the_results(visit: Callable[..., Visit]) -> None:
    shown = visit()
    answered(shown, TWO_LINES | {"corners": [[3600, 2800], [3900, 2800], [3900, 2900], [3600, 2900]]}, TWO_LINES, width=4000, height=3000)
    shown.upload(("a.png", picture()))
    shown.expect("#found", "2 plates")
    shown.page.click("#enlarge")
    assert shown.page.locator("#frame").bounding_box()["width"] == 4000
    for index in (0, 1):
        shown.page.locator(".plate").nth(index).hover()
        mat, plate = shown.page.locator("#mat").bounding_box(), shown.page.locator("#outlines .line").nth(index).bounding_box()
        assert mat["x"] <= plate["x"]
        assert plate["x"] + plate["width"] <= mat["x"] + mat["width"]
        assert mat["y"] <= plate["y"]
        assert plate["y"] + plate["height"] <= mat["y"] + mat["height"]
    shown.page.click("#enlarge")
    assert shown.page.locator("#frame").bounding_box()["width"] < 800


def test_the_files_stay_small() -> None:
    assert sum(path.stat().st_size for path in STATIC.rglob("*") if path.is_file()) < 200_000
