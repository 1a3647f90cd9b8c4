"""`platelight read`: photos in, plates out."""

from __future__ import annotations

import glob
import os
import sys
import warnings
from collections.abc import Iterator
from enum import StrEnum
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from platelight.cli.options import Crops, Effort, EffortName, Models, Threads, country_codes

if TYPE_CHECKING:
    from platelight.records import Photo


class FormatName(StrEnum):
    table = "table"
    jsonl = "jsonl"
    csv = "csv"
    openalpr = "openalpr"
    platerecognizer = "platerecognizer"


class RuntimeName(StrEnum):
    onnxruntime = "onnxruntime"
    openvino = "openvino"


def read(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Photos, folders (searched to the bottom), glob patterns, or - for a list on stdin.")],
    form: Annotated[FormatName, typer.Option("--format", help="How to print what was found.")] = FormatName.table,
    country: Annotated[str | None, typer.Option(metavar="CODES", help="The plates are from these countries, for example ua,pl.")] = None,
    top: Annotated[int, typer.Option(min=1, help="Candidate texts a plate.")] = 5,
    draw: Annotated[Path | None, typer.Option(metavar="DIR", help="Also write the photos with outlines and texts into this folder.")] = None,
    crops: Crops = False,
    effort: Effort = EffortName.normal,
    runtime: Annotated[RuntimeName, typer.Option(help="What runs the networks.")] = RuntimeName.onnxruntime,
    threads: Threads = 1,
    models: Models = None,
) -> None:
    """Find and read the number plates of photos.

    In the table, conf. is the chance that the whole text is right, and score how sure the detector is that there is a plate.

    Results go to stdout as they come, one message for each picture that cannot be used to stderr. The exit status is 0, or 1
    if a picture could not be used, or 2 for wrong usage.
    """
    import cv2

    from platelight.formats import writer
    from platelight.pipeline import Platelight
    from platelight.templates import TemplateError

    warnings.filterwarnings("ignore", module=r"PIL\.")  # odd metadata of a photo that can be read all the same
    cv2.setNumThreads(threads)
    try:
        reader = Platelight(effort.value, country_codes(country), top, runtime.value, threads, models)
    except TemplateError:
        raise
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    drawing = None if draw is None else _Drawing(draw, crops)
    shape = writer(form.value)
    progress = _Progress()
    search = _Search(progress)
    _out(shape.start())
    for photo in reader.read_many(search.sources(paths), crops=crops):
        _out(shape.photo(photo))
        progress.count(photo)
        if drawing is not None and photo.error is None:
            drawing.write(photo)
    _out(shape.end())
    progress.finish()
    if progress.failed:
        raise typer.Exit(1)


class _Progress:
    """Counts photos on a terminal's stderr, and prints what went wrong in any case."""

    def __init__(self) -> None:
        self.done = self.plates = self.failed = 0
        self.shown = _on_terminal()

    def count(self, photo: Photo) -> None:
        self.done += 1
        self.plates += len(photo.plates)
        if photo.error is not None:
            self.fail(photo.error)
        if self.shown:
            print(f"\r{self.done} photos, {self.plates} plates, {self.failed} failed", end="", file=sys.stderr, flush=True)

    def fail(self, message: str) -> None:
        self.failed += 1
        print(("\r\033[K" if self.shown else "") + f"platelight: {message}", file=sys.stderr, flush=True)

    def finish(self) -> None:
        if self.shown and self.done:
            print(file=sys.stderr)


class _Search:
    """Turns arguments into picture files, one after the other; says what holds none."""

    def __init__(self, progress: _Progress) -> None:
        self.progress = progress

    def sources(self, paths: list[str]) -> Iterator[str]:
        for path in paths:
            if path == "-":
                for line in sys.stdin:
                    if line.strip():
                        yield from self._one(line.rstrip("\r\n"))
            else:
                yield from self._one(path)

    def _one(self, path: str) -> Iterator[str]:
        if path and Path(path).is_dir():
            yield from self._folder(path)
        elif not Path(path).exists() and glob.has_magic(path):
            matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute patterns
            if not matches:
                self.progress.fail(f"{path}: no file matches")
            for match in matches:
                yield from self._folder(match) if Path(match).is_dir() else [match]
        else:
            yield path

    def _folder(self, folder: str) -> Iterator[str]:
        from platelight.images import EXTENSIONS

        found = False
        for place, folders, names in os.walk(folder, onerror=lambda error: self.progress.fail(f"{error.filename}: cannot be read ({error.strerror})")):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if Path(name).suffix.lower() in EXTENSIONS and not name.startswith("."):
                    found = True
                    yield str(Path(place) / name)
        if not found:
            self.progress.fail(f"{folder}: no pictures in this folder")


def _on_terminal() -> bool:
    """Whether someone watches stderr while the results go elsewhere."""
    return sys.stderr.isatty() and not sys.stdout.isatty()


def _out(text: str) -> None:
    if text:
        sys.stdout.write(text)
        sys.stdout.flush()


class _Drawing:
    """Writes annotated photos into a folder, under names that are not taken in this run and are never the photo's own."""

    def __init__(self, folder: Path, crops: bool) -> None:
        self.folder, self.crops = folder, crops
        self.taken: set[str] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise typer.BadParameter(f"--draw {folder}: cannot make this folder ({error.strerror})") from None

    def write(self, photo: Photo) -> None:
        from PIL import Image

        from platelight import images
        from platelight.draw import annotate, with_room

        stem = f"{Path(photo.source).stem}-plates"
        name = next(name for name in chain([stem], (f"{stem}-{number}" for number in count(2))) if name not in self.taken)
        self.taken.add(name)
        pixels = images.load(photo.source)
        drawn = annotate(with_room(pixels) if self.crops else pixels, photo.plates)
        Image.fromarray(drawn).save(self.folder / f"{name}.jpg", quality=92)
