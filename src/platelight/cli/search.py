"""From arguments to picture files: folders, glob patterns and lists on stdin."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path


class Search:
    """Finds the picture files that arguments mean, one after the other; tells `fail` what holds none.

    `skip` is a folder that a search from above does not enter: the one that this run writes to.
    """

    def __init__(self, fail: Callable[[str], None], skip: Path | None = None) -> None:
        self.fail = fail
        self.skip = None if skip is None else os.path.realpath(skip)

    def sources(self, paths: list[str]) -> Iterator[str]:
        for path in paths:
            if path == "-":
                yield from self._listed()
            elif glob.has_magic(path) and not os.path.lexists(path):  # unlike Path.exists, false for a name that is too long
                yield from self._pattern(path)
            else:
                yield from self._one(path)

    def _listed(self) -> Iterator[str]:
        """Lines of stdin, each a file or folder and never a pattern: `a[1].jpg` in a list must not become `a1.jpg`."""
        listed = False
        for line in sys.stdin or ():
            if line.strip():
                listed = True
                yield from self._one(line.rstrip("\r\n"))
        if not listed:
            self.fail("-: the list on stdin names no picture")

    def _one(self, path: str) -> Iterator[str]:
        if not _is_folder(path):
            yield path
            return
        found = False
        for file in self._folder(path):
            found = True
            yield file
        if not found:
            self.fail(f"{path}: no pictures in this folder")

    def _pattern(self, pattern: str) -> Iterator[str]:
        """The files that match, and the pictures in the folders that match, each once."""
        matches = _matches(pattern)
        seen: set[str] = set()
        for match in matches:
            for file in self._folder(match) if _is_folder(match) else [match]:
                if file not in seen:
                    seen.add(file)
                    yield file
        if not seen:
            self.fail(f"{pattern}: no pictures in the folders that match" if matches else f"{pattern}: no file matches")

    def _folder(self, folder: str) -> Iterator[str]:
        from platelight.images import EXTENSIONS

        for place, folders, names in os.walk(folder, onerror=lambda error: self.fail(f"{error.filename}: cannot be read ({error.strerror})")):
            folders[:] = sorted(name for name in folders if not name.startswith(".") and os.path.realpath(Path(place) / name) != self.skip)
            for name in sorted(names):
                if Path(name).suffix.lower() in EXTENSIONS and not name.startswith("."):
                    yield str(Path(place) / name)


def _is_folder(path: str) -> bool:
    try:
        return path != "" and Path(path).is_dir()
    except OSError:  # no permission, or a name that is too long: reading it will say so
        return False


def _matches(pattern: str) -> list[str]:
    """Sorted. A `**` enters no linked folders, because links may lead in circles, and no hidden ones."""
    parts = Path(pattern).parts
    while parts and parts[-1] == "**":
        parts = parts[:-1]  # what lies below a folder is found by searching it
    if "**" not in parts:
        return sorted(glob.glob(str(Path(*parts)))) if parts else ["."]  # noqa: PTH207 - Path.glob takes no absolute patterns
    start = next(place for place, part in enumerate(parts) if glob.has_magic(part))
    root, rest = Path(*parts[:start]), parts[start:]
    found = root.glob(str(Path(*rest)))
    return sorted(str(path) for path in found if not any(part.startswith(".") for part in path.parts[start:]))
