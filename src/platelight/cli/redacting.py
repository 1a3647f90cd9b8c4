"""What `platelight redact` does with each photo: where it goes, what is told about it."""

from __future__ import annotations

import glob
import json
import os
import sys
from collections.abc import Callable, Iterator
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

from platelight.cli.search import Search

if TYPE_CHECKING:
    from types import TracebackType

    from platelight.pipeline import Platelight
    from platelight.redact import Metadata, Method, Redacted

COLUMNS = ("source", "output", "error", "plates", "scores", "corners", "covered", "methods")


class Targets:
    """Finds photos, and for each the path it is written to: below `out`, or, without `out`, its own.

    A photo that lies in `out` is refused, so that nothing that was given is ever replaced there.
    """

    def __init__(self, out: Path | None, fail: Callable[[str], None]) -> None:
        self.out, self.fail = out, fail
        self.real_out = None if out is None else Path(os.path.realpath(out))
        self.taken: set[Path] = set()
        self.seen: set[str] = set()

    def of(self, paths: list[str]) -> Iterator[tuple[str, Path]]:
        search = Search(self.fail, skip=self.out)
        for path in paths:
            root = _root(path)
            for source in search.sources([path]):
                place = os.path.abspath(source) if self.out else os.path.realpath(source)  # noqa: PTH100 - a link is a photo of its own in --out
                if place in self.seen and source:
                    continue
                self.seen.add(place)
                if self.out is None:
                    yield source, Path(source)
                elif self.real_out and Path(os.path.realpath(source)).is_relative_to(self.real_out):
                    self.fail(f"{source}: lies in --out {self.out}, where the new photos go; use another folder, or --in-place")
                else:
                    yield source, self._free(self.out / _below(source, root))

    def _free(self, path: Path) -> Path:
        """The path, with a number where another photo of this run goes there already."""
        names = chain([path], (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2)))
        free = next(name for name in names if name not in self.taken)
        self.taken.add(free)
        return free


class Run:
    """Hides the plates of one photo after the other; writes a line of CSV for each, to `report` or to stdout."""

    def __init__(
        self, finder: Platelight, method: Method, metadata: Metadata, margin: float, seed: int | None, replace: bool, report: Path | None
    ) -> None:  # fmt: skip
        self.finder, self.method, self.metadata, self.margin, self.seed, self.replace = finder, method, metadata, margin, seed, replace
        self.report = report
        self.done = self.plates = self.failed = 0
        self.shown = sys.stderr.isatty() and (report is not None or not sys.stdout.isatty())
        self.file: TextIO = sys.stdout if report is None else _opened(report)

    def __enter__(self) -> Run:
        self._row(COLUMNS)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.shown and self.done:
            print(file=sys.stderr)
        if self.report is not None:
            self.file.close()

    def redact(self, source: str, target: Path) -> None:
        from platelight.formats.printed import no_formula
        from platelight.images import ImageError
        from platelight.redact import RedactError, redact_file

        self.done += 1
        try:
            found = redact_file(source, target, self.finder, self.method, self.metadata, self.margin, self.seed, self.replace)
        except (ImageError, RedactError) as error:
            message = str(error)
        except OSError as error:
            message = f"{source}: cannot write {target} ({error.strerror or error})"
        else:
            self.plates += len(found.plates)
            self._row((no_formula(source), no_formula(str(found.path)), "", *_covered(found)))
            self._count()
            return
        self._row((no_formula(source), "", no_formula(message), "", "", "", "", ""))
        self.fail(message)

    def fail(self, message: str) -> None:
        from platelight.formats import one_line

        self.failed += 1
        print(("\r\033[K" if self.shown else "") + f"platelight: {one_line(message)}", file=sys.stderr, flush=True)

    def _count(self) -> None:
        if self.shown:
            print(f"\r{self.done} photos, {self.plates} plates covered, {self.failed} failed", end="", file=sys.stderr, flush=True)

    def _row(self, values: tuple[object, ...]) -> None:
        from platelight.formats.printed import csv_row

        try:
            self.file.write(csv_row(values))
            self.file.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.report or "standard output")) from None


def _opened(report: Path) -> TextIO:
    try:
        report.parent.mkdir(parents=True, exist_ok=True)
        return report.open("w", encoding="utf-8", errors="backslashreplace", newline="")
    except OSError as error:
        raise typer.BadParameter(f"--csv {report}: cannot be written ({error.strerror})") from None


def _covered(found: Redacted) -> tuple[object, ...]:
    """Plates, their scores, corners, corners of what was covered, methods. Not their texts: those are what is to be hidden."""
    corners = [[[round(x, 1), round(y, 1)] for x, y in plate.detection.quad.corners] for plate in found.plates]
    covered = [[[round(x, 1), round(y, 1)] for x, y in place.corners] for place in found.places]
    scores = [round(plate.detection.score, 4) for plate in found.plates]
    return len(found.plates), json.dumps(scores), json.dumps(corners), json.dumps(covered), json.dumps(list(found.methods))


def _root(path: str) -> Path | None:
    """The folder from which the photos of an argument keep their place; None where each stands for itself."""
    if path == "-":
        return None
    if os.path.isdir(path):  # noqa: PTH112 - unlike Path.is_dir, false for a name that is too long
        return Path(path)
    if glob.has_magic(path) and not os.path.lexists(path):
        parts = Path(path).parts
        return Path(*parts[: next(place for place, part in enumerate(parts) if glob.has_magic(part))])
    return Path(path).parent


def _below(source: str, root: Path | None) -> Path:
    """Where the photo goes below the folder for the new ones; one from a list keeps the folders it was listed with."""
    path = Path(source)
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root)
    return Path(*(part for part in path.parts if part not in (path.anchor, "..")))
