"""Fixtures for all tests. Modules beside this one (`stand_ins`) can be imported by any test."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

from stand_ins import use_stand_ins, write_models

settings.register_profile("platelight", deadline=None)  # a loaded machine is no fault of the code
settings.load_profile("platelight")

BROWSER_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--use-fake-device-for-media-stream")


@pytest.fixture
def make_models(tmp_path: Path) -> Callable[..., Path]:
    """Writes a folder of model folders whose "networks" a `StandIn` understands."""

    def make(text: str = "AB12CDE", **changed: Any) -> Path:
        return write_models(tmp_path / "models", text, **changed)

    return make


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, make_models: Callable[..., Path]) -> Path:
    """Makes every `Platelight` in this process use stand-ins, and the plate types of three countries only; gives the models' folder."""
    folder = make_models()
    use_stand_ins(monkeypatch, folder)
    return folder


@dataclass(frozen=True)
class Ran:
    """How a run of the program ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def platelight(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the command `platelight` with the given arguments in this process."""
    from platelight.cli.app import main

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["platelight", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    return run


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium without a window; tests that need it are skipped where it or playwright is missing.

    For one file at a time: while it lives, its thread has a running event loop, in which other tests could start none.
    """
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no chromium on this machine (Debian: apt install chromium)")
    with api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=BROWSER_FLAGS)
        yield launched
        launched.close()
