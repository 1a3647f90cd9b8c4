"""Services with stand-in networks. Modules beside this one (`services`) can be imported by the tests here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from browsing import visit  # noqa: F401 - a fixture
from services import Client, serving, settings
from stand_ins import use_stand_ins, write_models


@pytest.fixture
def make_client(stand_in: Path) -> Iterator[Callable[..., Client]]:
    """Starts services; limits are given as for `Limits`, the rest as for `Settings`."""
    with ExitStack() as stack:
        yield lambda limits=None, **others: stack.enter_context(serving(settings(limits, **others)))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A service with the usual settings, shared by the tests of a module."""
    with pytest.MonkeyPatch.context() as patch:
        use_stand_ins(patch, write_models(tmp_path_factory.mktemp("models")))
        with serving(settings()) as started:
            yield started
