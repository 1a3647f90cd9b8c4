"""`platelight read`: photos in, plates out."""

from __future__ import annotations

import sys
import warnings
from enum import StrEnum
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
    codeproject = "codeproject"


class RuntimeName(StrEnum):
    onnxruntime = "onnxruntime"
    openvino = "openvino"


def read(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Photos, folders (searched to the bottom), glob patterns, or - for a list on stdin.")],
    form: Annotated[FormatName, typer.Option("--format", help="How to print what was found.")] = FormatName.table,
    country: Annotated[str | None, typer.Option(metavar="CODES", help="The plates are from these countries, for example ua,pl.")] = None,
    top: Annotated[int, typer.Option(min=1, help="Candidate texts a plate.")] = 5,
    draw: Annotated[Path | None, typer.Option(metavar="DIR", help="Also write the photos with outlines and texts into this folder.")] = None,
    register: Annotated[Path | None, typer.Option(metavar="FILE", help="Weigh the candidates by this vehicle register too; for jsonl and table.")] = None,
    claim: Annotated[
        str | None, typer.Option(metavar="FIELD=VALUE,...", help="What the car is said to be, with --register: make=BMW,model=X5,year=2012,color=black.")
    ] = None,
    crops: Crops = False,
    effort: Effort = EffortName.normal,
    runtime: Annotated[RuntimeName, typer.Option(help="What runs the networks.")] = RuntimeName.onnxruntime,
    threads: Threads = 1,
    models: Models = None,
) -> None:
    """Find and read the number plates of photos.

    In the table, conf. is the chance that the whole text is right, and score how sure the detector is that there is a plate.

    With --register each plate also says what the register decides: a less likely reading that is registered may win over a
    likelier one that is not. The reading alone is kept beside it.

    Results go to stdout as they come, one message for each picture that cannot be used to stderr. The exit status is 0, or 1
    if a picture could not be used, or 2 for wrong usage.
    """
    from platelight.cli.drawing import Drawing
    from platelight.cli.registered import registered
    from platelight.cli.search import Search
    from platelight.formats import writer
    from platelight.images import keep_memory
    from platelight.pipeline import Platelight
    from platelight.templates import TemplateError

    warnings.filterwarnings("ignore", module=r"PIL\.")  # odd metadata of a photo that can be read all the same
    checked = registered(register, claim, top)
    keep_memory()
    try:
        shape = writer(form.value, checked)
        reader = Platelight(effort.value, country_codes(country), max(top, checked.top) if checked else top, runtime.value, threads, models)
    except TemplateError:
        raise
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    progress = _Progress()
    drawing = None if draw is None else Drawing(draw, crops, progress.fail)
    search = Search(progress.fail, skip=draw)
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
        from platelight.formats import one_line

        self.failed += 1
        print(("\r\033[K" if self.shown else "") + f"platelight: {one_line(message)}", file=sys.stderr, flush=True)

    def finish(self) -> None:
        if self.shown and self.done:
            print(file=sys.stderr)


def _on_terminal() -> bool:
    """Whether someone watches stderr while the results go elsewhere."""
    return sys.stderr.isatty() and not sys.stdout.isatty()


def _out(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, "standard output") from None
