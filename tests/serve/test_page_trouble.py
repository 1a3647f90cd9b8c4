"""The web page, used in a browser, where something goes wrong: refusals, a busy or lost server, tokens, hostile file names."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from browsing import Visit
from services import TOKEN, Client, picture

from platelight.serve.settings import Tokens


def refused(shown: Visit, status: int, message: str | None, headers: dict[str, str] | None = None, times: int | None = None) -> None:
    body = json.dumps({"error": {"code": "x", "message": message}}) if message else "<h1>proxy</h1>"
    shown.page.route("**/v1/read", lambda route: route.fulfill(status=status, body=body, headers=headers or {}), times=times)


def test_a_failed_hiding_is_explained(visit: Callable[..., Visit]) -> None:
    shown = visit()
    shown.upload(("a.png", picture()))
    shown.expect("#found", "1 plate")
    shown.page.route("**/v1/redact", lambda route: route.fulfill(status=422, json={"error": {"code": "x", "message": "no room for the logo"}}))
    shown.page.click("#hide-now")
    shown.expect("#hide-note", "a.png: no room for the logo")
    assert shown.page.locator("#download").is_hidden()
    shown.complaints.clear()


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (413, "the upload is larger than 32 MB", "a.png (0.0 MB): the upload is larger than 32 MB"),
        (413, None, "a.png (0.0 MB): larger than the server accepts"),
        (500, "internal error", "a.png: internal error"),
        (502, None, "The server answered with an error (502)."),
        (504, "deadline", "The server took too long"),
        (400, "country: no plate types for country 'aq'", "a.png: country: no plate types for country 'aq'"),
    ],
)
def test_refusals_are_shown_plainly(visit: Callable[..., Visit], status: int, message: str | None, expected: str) -> None:
    shown = visit()
    refused(shown, status, message)
    shown.upload(("a.png", picture()))
    shown.expect("#message .notice", expected)
    assert shown.page.locator("#message button").count() == (1 if status >= 500 else 0)
    shown.complaints.clear()


def test_a_busy_server_is_asked_again(visit: Callable[..., Visit]) -> None:
    shown = visit()
    refused(shown, 429, "busy", {"Retry-After": "1"}, times=1)
    shown.upload(("a.png", picture()))
    shown.expect("#busy", "The server is busy. Trying again in 1 s.")
    shown.expect("#found", "1 plate")
    shown.complaints.clear()


def test_a_lost_connection_can_be_tried_again(visit: Callable[..., Visit]) -> None:
    shown = visit()
    shown.page.context.set_offline(True)
    shown.upload(("a.png", picture()))
    shown.expect("#message .notice", "You are offline")
    shown.page.route("**/v1/read", lambda route: route.abort(), times=1)
    shown.page.context.set_offline(False)  # tries again by itself, and fails once more
    shown.expect("#message .notice", "The server cannot be reached")
    shown.page.click("#message button")
    shown.expect("#found", "1 plate")
    shown.complaints.clear()


def test_a_token_is_asked_for_and_kept_for_the_tab_only(visit: Callable[..., Visit], make_client: Callable[..., Client]) -> None:
    shown = visit(make_client(tokens=Tokens((TOKEN,))))
    shown.upload(("a.png", picture()), ("b.png", picture()))
    for token, text in (("a-wrong-token-of-mine", "asks for a token"), (TOKEN, "did not accept this token")):
        shown.expect("#token[open]", text)
        shown.page.fill("#token-value", token)
        shown.page.keyboard.press("Enter")
    shown.expect("#found", "1 plate")
    shown.expect("#thumbs button[aria-label='b.png, 1 plate']")
    kept = shown.page.evaluate("() => [Object.values(sessionStorage), Object.values(localStorage), document.cookie]")
    assert kept == [[TOKEN], [], ""]
    shown.complaints.clear()


def test_without_a_token_the_reason_stays_on_show(visit: Callable[..., Visit], make_client: Callable[..., Client]) -> None:
    shown = visit(make_client(tokens=Tokens((TOKEN,))))
    shown.upload(("a.png", picture()))
    shown.expect("#token[open]")
    shown.page.keyboard.press("Escape")
    shown.expect("#message .notice", "The server asks for an access token.")
    shown.complaints.clear()


@pytest.mark.parametrize("name", ["<img src=x onerror=document.title='owned'>.png", '"><svg onload=document.title=1>.png'])
def test_a_file_name_is_only_ever_text(visit: Callable[..., Visit], name: str) -> None:
    shown = visit()
    shown.upload((name, picture()), (name, b"no picture"))
    shown.expect("#found", "1 plate")
    assert shown.texts("#name") == [name]
    shown.page.click("#thumbs button >> nth=1")
    shown.expect("#message .notice", "not a picture")
    assert shown.page.title() == "platelight"
    assert shown.page.locator("main [onerror], main [onload], main img[src=x]").count() == 0
    shown.complaints.clear()
