"""`platelight batch`: very many photos, resumable, Parquet out."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from platelight.cli.options import Crops, Effort, EffortName, Models, country_codes
from platelight.cli.read import RuntimeName

if TYPE_CHECKING:
    from platelight.batch import Listing, Progress, RunInfo

SHOWN_ERRORS = 20
"""Messages printed about single photos in one start; all of them are in the results."""

LINE_S, WINDOW_S = 60.0, 30.0
"""Where nobody watches, seconds between two lines of progress; and over how long the speed is taken."""


def batch(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A folder, a glob pattern, a .csv or .parquet list, or - for a list on stdin.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results; a run that was stopped goes on there.", show_default=False)],
    column: Annotated[str | None, typer.Option(metavar="NAME", help="Column of the list that holds the paths; a usual name is found.")] = None,
    root: Annotated[
        str | None, typer.Option(metavar="DIR", help="Where a list's relative paths start: a folder or s3://...; else the list's own folder.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes, one CPU thread each; by default one for each CPU.", show_default=False)] = None,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds without a sign of life after which a worker counts as hung.")] = 120.0,
    ray: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Read on a Ray cluster: its address, auto, or local for one on this machine.")] = None,
    country: Annotated[str | None, typer.Option(metavar="CODES", help="The plates are from these countries, for example ua,pl.")] = None,
    top: Annotated[int, typer.Option(min=1, help="Candidate texts a plate.")] = 5,
    crops: Crops = False,
    effort: Effort = EffortName.normal,
    runtime: Annotated[RuntimeName, typer.Option(help="What runs the networks.")] = RuntimeName.onnxruntime,
    models: Models = None,
) -> None:
    """Read very many photos into Parquet files, one row a photo.

    Stopped at any moment, it goes on where it was when the same command is given again. A list's other columns are carried
    through to the results. A photo that crashes or hangs its worker is tried again on its own, then gets an error.

    Progress goes to stderr, one line with the result to stdout. The exit status is 0, or 1 if a photo could not be read, or 2
    for wrong usage.
    """
    from platelight.batch import BatchError, Settings, run
    from platelight.formats import one_line

    codes = country_codes(country)
    settings = Settings(effort.value, None if codes is None else tuple(codes), top, crops, runtime.value, None if models is None else str(models))
    display = _Display()
    try:
        listing = _listing(source, out, column, root, display)
        done = run(listing, out, settings, workers, timeout, display.show, ray)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    except BatchError as error:
        display.end()
        print(f"platelight: {one_line(str(error))}", file=sys.stderr)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        display.end()
        print(f"platelight: stopped; {display.kept()}", file=sys.stderr)
        raise typer.Exit(130) from None
    except OSError:
        display.end()
        raise
    display.end()
    print(_result(done))
    if done.errors or display.failed:
        raise typer.Exit(1)


def _listing(source: str, out: Path, column: str | None, root: str | None, display: _Display) -> Listing:
    from platelight.batch import list_file, list_paths
    from platelight.batch.listing import LISTS
    from platelight.cli.search import Search

    if Path(source).suffix.lower() in LISTS and not Path(source).is_dir():
        return list_file(source, column, root)
    if column is not None or root is not None:
        raise typer.BadParameter(f"is for lists in a .csv or .parquet file; {source} is none", param_hint="--column" if column is not None else "--root")

    def paths() -> Iterator[str]:
        return Search(display.fail, skip=out).sources([source])

    return list_paths(paths, source)


def _result(done: RunInfo) -> str:
    return f"{done.folder}: {done.photos:,} photos, {done.plates:,} plates, {done.errors:,} photos that could not be read"


class _Display:
    """Progress on stderr: one line kept up to date on a terminal, a line a minute elsewhere; and what went wrong."""

    def __init__(self) -> None:
        self.failed = self.messages = 0
        self.last: Progress | None = None
        self.live = sys.stderr.isatty()
        self._printed_s = -LINE_S
        self._recent: deque[tuple[float, int]] = deque()

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        first, self.last = self.last is None, progress
        self._recent.append((now, progress.done))
        while len(self._recent) > 2 and now - self._recent[0][0] > WINDOW_S:
            self._recent.popleft()
        for message in progress.messages:
            self._message(message)
        if first and progress.done:
            self._print(f"{progress.done:,} of {progress.total:,} photos were done before")
        if now - self._printed_s >= (0.2 if self.live else LINE_S) or progress.done == progress.total:
            self._printed_s = now
            if not first:
                self._line(progress)

    def fail(self, message: str) -> None:
        """Something that the search for photos met."""
        self.failed += 1
        self._print(f"platelight: {message}")

    def end(self) -> None:
        if self.live and self.last is not None:
            print(file=sys.stderr, flush=True)
        self.live = False

    def kept(self) -> str:
        if self.last is None:
            return "nothing was begun"
        return f"{self.last.done:,} of {self.last.total:,} photos are done, and the same command goes on from there"

    def _message(self, message: str) -> None:
        self.messages += 1
        if self.messages <= SHOWN_ERRORS:
            self._print(f"platelight: {message}")
        elif self.messages == SHOWN_ERRORS + 1:
            self._print("platelight: further photos that cannot be read are only counted; the results name them all")

    def _line(self, progress: Progress) -> None:
        (then, before), (now, done) = self._recent[0], self._recent[-1]
        speed = (done - before) / (now - then) if now > then else 0.0
        left = f"{_duration((progress.total - done) / speed)} left" if speed else "..."
        text = f"{done:,} of {progress.total:,} photos, {speed:.1f} a second, {left}, {progress.plates:,} plates, {progress.errors:,} errors"
        if self.live:
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
        else:
            print(text, file=sys.stderr, flush=True)

    def _print(self, text: str) -> None:
        from platelight.formats import one_line

        print(("\r\033[K" if self.live else "") + one_line(text), file=sys.stderr, flush=True)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
