"""The web page in a headless Chromium. Fixtures for this folder, and pages that remember what went wrong in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from services import Client

PATIENCE_MS = 90_000
"""A machine that is busy with other work answers late; that is no fault of the page."""


@dataclass
class Visit:
    """A page on show, the service behind it, and what a browser's developer tools would have said."""

    page: Any
    client: Client
    complaints: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def upload(self, *files: tuple[str, bytes]) -> None:
        self.page.set_input_files("#files", [{"name": name, "mimeType": "image/png", "buffer": data} for name, data in files])

    def texts(self, selector: str) -> list[str]:
        return [text.strip() for text in self.page.locator(selector).all_inner_texts()]

    def expect(self, selector: str, text: str = "") -> Any:
        """Wait until an element shows that text. (Playwright's wait_for_function would need eval, which the page forbids.)"""
        found = self.page.locator(selector).filter(has_text=text, visible=True).first
        found.wait_for()
        return found


@pytest.fixture
def visit(browser: Any, client: Client) -> Iterator[Callable[..., Visit]]:
    """Opens the page. Afterwards nothing may have gone wrong in it but what the test has cleared from `complaints`."""
    opened: list[tuple[Any, Visit]] = []

    def open_page(service: Client = client, width: int = 1280, height: int = 860, **options: Any) -> Visit:
        context = browser.new_context(base_url=str(service.base_url), viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(PATIENCE_MS)
        shown = Visit(context.new_page(), service)
        opened.append((context, shown))
        shown.page.on("console", lambda message: shown.complaints.append(message.text) if message.type in ("error", "warning") else None)
        shown.page.on("pageerror", lambda error: shown.complaints.append(str(error)))
        shown.page.on("request", lambda request: shown.addresses.append(request.url))
        shown.page.goto("/")
        return shown

    yield open_page
    for context, _ in opened:
        context.close()
    assert [complaint for _, shown in opened for complaint in shown.complaints] == []
