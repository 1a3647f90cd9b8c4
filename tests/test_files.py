from __future__ import annotations

import os
from pathlib import Path

import pytest

from platelight.files import HeldError, held, write_whole


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old and long")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def half(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_held_by_one_until_it_lets_go(tmp_path: Path) -> None:
    first = held(tmp_path / "lock")
    with pytest.raises(HeldError, match="another process holds it"):
        held(tmp_path / "lock")
    os.close(first)
    os.close(held(tmp_path / "lock"))
    with pytest.raises(OSError, match="No such file"):
        held(tmp_path / "nowhere" / "lock")
