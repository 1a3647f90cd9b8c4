from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from platelight.serve.settings import TOKENS_VARIABLE, Settings, Tokens


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Settings, str, int]]:
    """Collects what the command would serve, instead of serving it."""
    seen: list[tuple[Settings, str, int]] = []
    monkeypatch.setattr("platelight.serve.server.run", lambda *arguments: seen.append(arguments))
    monkeypatch.delenv(TOKENS_VARIABLE, raising=False)
    return seen


def test_options_reach_the_service(asked: list[Any], platelight: Callable[..., Any], tmp_path: Path) -> None:
    ran = platelight(
        "serve", "--port", 9999, "--workers", 2, "--max-megabytes", 2, "--max-megapixels", 3, "--queue", 9, "--deadline", 4, "--cors", "https://a.example",
        "--upload-host", "camera.local", "--log-plates", "--effort", "fast",
    )  # fmt: skip
    assert ran.status == 0, ran.err
    [(settings, host, port)] = asked
    assert (host, port, settings.workers, settings.effort, settings.log_plates) == ("127.0.0.1", 9999, 2, "fast", True)
    assert (settings.limits.body_bytes, settings.limits.pixels, settings.limits.queue, settings.limits.deadline_s) == (2_000_000, 3_000_000, 9, 4.0)
    assert (settings.origins, settings.upload_hosts) == (("https://a.example",), ("camera.local",))
    assert "http://127.0.0.1:9999/" in ran.err
    assert "without tokens" not in ran.err


def test_an_open_door_is_mentioned(asked: list[Any], platelight: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "listening on 0.0.0.0 without tokens" in platelight("serve", "--host", "0.0.0.0").err
    monkeypatch.setenv(TOKENS_VARIABLE, "a-token-from-the-environment")
    assert "without tokens" not in platelight("serve", "--host", "0.0.0.0").err
    assert asked[1][0].tokens.opens("Bearer a-token-from-the-environment")
    assert not asked[1][0].tokens.opens("Bearer anything-else-at-all")


@pytest.mark.parametrize(
    ("content", "message"),
    [("# only a comment\n", "holds no token"), ("short\n", "a token needs 16 printable ASCII characters or more"), (None, "tokens: No such file")],
)
def test_tokens_that_cannot_be_used(asked: list[Any], platelight: Callable[..., Any], tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "tokens").write_text(content)
    ran = platelight("serve", "--token-file", tmp_path / "tokens")
    assert ran.status != 0
    assert message in ran.err.replace("\n", " ").replace("│", "").replace("  ", " ")
    assert asked == []


def test_there_is_no_option_for_a_token(platelight: Callable[..., Any]) -> None:
    assert platelight("serve", "--token", "x").status == 2


@pytest.mark.usefixtures("stand_in")
def test_a_port_in_use(platelight: Callable[..., Any]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = platelight("serve", "--port", taken.getsockname()[1])
    assert ran.status == 1
    assert "in use" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("option", ["--models", "--register"])
def test_files_that_are_not_there(platelight: Callable[..., Any], tmp_path: Path, option: str) -> None:
    ran = platelight("serve", "--port", 1, option, tmp_path / "nothing")
    assert ran.status == 1
    assert "nothing" in ran.err
    assert "Traceback" not in ran.err


def test_tokens_from_a_file_and_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text("# a comment\n\nfirst-token-of-mine\n  second-token-of-mine  \n")
    tokens = Tokens.of(tmp_path / "tokens", {TOKENS_VARIABLE: "third-token-of-mine, fourth-token-of-mine"})
    assert all(tokens.opens(f"Bearer {name}-token-of-mine") for name in ("first", "second", "third", "fourth"))
    assert not tokens.opens("Bearer # a comment")
    assert not Tokens.of(None, {})
    assert Tokens.of(None, {}).opens(None)
