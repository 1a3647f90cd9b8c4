"""Take the picture of the web page for the documents: platelight serve & python docs/page_picture.py. Drawn plates only.

Needs playwright and a chromium; the address of the service may be given.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

TARGET = Path(__file__).parent / "images" / "page.jpg"
GAP = 24


def main(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        desktop = shot(browser, address, 1280, 940, "light", 0)
        phone = shot(browser, address, 390, 940, "dark", 1)
        browser.close()
    sheet = Image.new("RGB", (desktop.width + GAP + phone.width, desktop.height), "white")
    sheet.paste(desktop, (0, 0))
    sheet.paste(phone, (desktop.width + GAP, 0))
    sheet.save(TARGET, quality=82, optimize=True)


def shot(browser: Any, address: str, width: int, height: int, scheme: str, chosen: int) -> Image.Image:
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.goto(address)
    page.click("#example")
    page.wait_for_selector("#thumbs li:nth-child(3) img")
    page.click(f"#thumbs li:nth-child({chosen + 1}) button")
    page.wait_for_selector(".plate")
    for number in range(1, 4):
        page.wait_for_selector(f"#thumbs li:nth-child({number}) [data-state=done]")
    page.mouse.move(0, 0)
    page.evaluate("() => document.activeElement.blur()")
    page.wait_for_timeout(500)
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000/")
