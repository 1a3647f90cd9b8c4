from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from platelight.cli.search import Search


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with pictures on two levels, a text file, a hidden folder and links that lead in circles; and the way there."""
    for name in ("a.jpg", "sub/b.png", "sub/notes.txt", ".hidden/c.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "here").symlink_to(".")
    (tmp_path / "sub" / "up").symlink_to("..")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*paths: str, skip: Path | None = None) -> tuple[list[str], list[str]]:
    """The files, and what was told about those that are none."""
    told: list[str] = []
    return list(Search(told.append, skip).sources(list(paths))), told


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize("pattern", ["**/*.[jp][pn]g", "**", "./**", "{}/**/*.??g"])
def test_double_stars_follow_no_links_and_give_every_file_once(pattern: str, tree: Path) -> None:
    files, told = found(pattern.format(tree))
    assert [Path(file).resolve() for file in files] == [tree / "a.jpg", tree / "sub" / "b.png"]
    assert told == []


@pytest.mark.usefixtures("tree")
def test_what_holds_nothing_is_told() -> None:
    Path("empty").mkdir()
    assert found("empty", "*.gif", "emp*", "**/*.gif") == ([], [
        "empty: no pictures in this folder", "*.gif: no file matches", "emp*: no pictures in the folders that match", "**/*.gif: no file matches",
    ])  # fmt: skip


def test_a_list_is_taken_literally(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "a1.jpg").write_bytes(b"x")
    monkeypatch.setattr(sys, "stdin", io.StringIO("a[1].jpg\r\n\n  \n*.jpg\n sp ace.jpg\nsub\n"))
    assert found("-") == (["a[1].jpg", "*.jpg", " sp ace.jpg", "sub/b.png"], [])


@pytest.mark.parametrize("stdin", [io.StringIO(""), io.StringIO("\n\n"), None])
def test_an_empty_list_is_told(stdin: io.StringIO | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    assert found("-") == ([], ["-: the list on stdin names no picture"])


def test_names_that_no_file_can_have_are_left_to_the_reading() -> None:
    names = ["x" * 5000, "x" * 5000 + "*.jpg", "a\0b", ""]
    assert found(*names) == ([names[0], names[2], ""], [f"{names[1]}: no file matches"])


def test_the_folder_that_is_written_to_is_not_searched(tree: Path) -> None:
    assert found(".", skip=tree / "sub")[0] == ["a.jpg"]
    assert found("sub", skip=tree / "sub")[0] == ["sub/b.png"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every folder")
def test_a_folder_without_permission_is_told(tree: Path) -> None:
    (tree / "sub").chmod(0)
    assert found(".")[1] == ["./sub: cannot be read (Permission denied)"]
