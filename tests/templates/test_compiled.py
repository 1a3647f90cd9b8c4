from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from platelight.templates import Template, compiled, load, load_file, loader

FILES = sorted(compiled.FILE.parent.glob("*.toml"))


@pytest.fixture
def fresh() -> Iterator[None]:
    """Loads anew within the test, and again after it."""
    load.cache_clear()
    yield
    load.cache_clear()


def test_the_compiled_file_is_in_step() -> None:
    lines = {country: entry["sha256"] for country, entry in compiled.read().items()}
    assert lines == {path.stem: compiled.fingerprint(path.read_bytes()) for path in FILES}, "run: make templates"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_compiled_templates_are_those_of_the_file_to_the_last_field(path: Path) -> None:
    built, parsed = compiled.build(compiled.read()[path.stem]), load_file(path)
    assert built == parsed
    assert repr(built) == repr(parsed)  # equal values of another kind, such as 1 and 1.0, would look different here


def test_a_line_is_what_writing_it_again_gives() -> None:
    path = FILES[0]
    line = compiled.dump(load_file(path), compiled.fingerprint(path.read_bytes()))
    assert line == compiled.FILE.read_text(encoding="utf-8").splitlines()[0]
    assert compiled.build(json.loads(line)) == load_file(path)


@pytest.mark.usefixtures("fresh")
def test_a_changed_file_is_read_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = compiled.read()
    entries["ua"] |= {"sha256": "0" * 64, "types": []}
    del entries["gb"]
    parsed: list[str] = []

    def parse(path: Path) -> tuple[Template, ...]:
        parsed.append(path.stem)
        return load_file(path)

    monkeypatch.setattr(compiled, "read", lambda: entries)
    monkeypatch.setattr(loader, "load_file", parse)
    assert {"ua", "gb"} <= {template.country for template in load()}
    assert parsed == ["gb", "ua"]


@pytest.mark.usefixtures("fresh")
def test_nothing_is_parsed_while_no_file_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> Any:
        raise AssertionError(path)

    monkeypatch.setattr(loader, "load_file", refuse)
    assert load()


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"{}\n", b'{"country": "ua"', b"[1]\n"])
def test_a_missing_or_damaged_compiled_file_holds_nothing(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "compiled.jsonl"
    if content is not None:
        path.write_bytes(content)
    assert compiled.read(path) == {}


def test_line_ends_change_no_fingerprint() -> None:
    data = FILES[0].read_bytes()
    assert compiled.fingerprint(data.replace(b"\n", b"\r\n")) == compiled.fingerprint(data)
    assert compiled.fingerprint(data + b" ") != compiled.fingerprint(data)
