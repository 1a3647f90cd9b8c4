"""`platelight audit`: adverts with photos against the vehicle register."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from platelight.cli.options import Effort, EffortName, Models, country_codes

if TYPE_CHECKING:
    from platelight.audit.records import Advert
    from platelight.audit.report import Style
    from platelight.audit.run import Summary
    from platelight.batch import RunInfo, Settings
    from platelight.register.store import RegisterInfo

SHOWN_NOTES = 20
"""Messages about single rows and photos printed; the tables name them all."""

TOP = 10
"""Candidates of each plate that are weighed by the register."""

MAPPING = "Which column is what: id=NUMBER,photo=FRONT,photo=REAR,make=BRAND; also model, year, color, title, url. Usual names are found."


def audit(
    adverts: Annotated[Path, typer.Argument(metavar="ADVERTS.csv", help="A table with the columns id, photo, make, model, year, color.", show_default=False)],
    register: Annotated[Path, typer.Option(metavar="FILE", help="The register, as platelight register build makes it.", show_default=False)],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results; a run that was stopped goes on there.", show_default=False)],
    mapping: Annotated[str | None, typer.Option("--map", metavar="PAIRS", help=MAPPING)] = None,
    photos: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the paths of photos start; by default the table's folder.")] = None,
    encoding: Annotated[str | None, typer.Option(help="The table's encoding; UTF-8 and Windows-1251 are told apart.", show_default=False)] = None,
    delimiter: Annotated[str | None, typer.Option(help="What separates the table's columns; found by looking.", show_default=False)] = None,
    sure: Annotated[float, typer.Option(min=0.5, max=0.9999, help="Least chance of a right reading from which a plate may speak against an advert.")] = 0.9,
    redacted: Annotated[bool, typer.Option("--redacted", help="Leave plates out of the report's files altogether.")] = False,
    skip_confirmed: Annotated[
        bool, typer.Option("--skip-confirmed", help="No evidence and no report pages for confirmed adverts; they count and stand in the tables.")
    ] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that read photos; by default one for each CPU.", show_default=False)] = None,
    country: Annotated[str | None, typer.Option(metavar="CODES", help="The plates are from these countries, for example ua.")] = None,
    effort: Effort = EffortName.normal,
    models: Models = None,
) -> None:
    """Tell which adverts claim another car than the register knows. of the car on their photos.

    Several photos of an advert stand in one cell separated by semicolons, in several columns, or in several rows with one id. DIR
    gets adverts.parquet and adverts.csv with one row an advert, evidence/ with the photos and the plates outlined, and the report
    for moderators, report/index.html. photos/ keeps what was read, so that a stopped run goes on.

    The exit status is 0 when the audit is complete, whatever it found; 1 if a photo or a row could not be used, or the run failed; 2 for
    wrong usage.
    """
    from platelight.audit.adverts import AdvertsError, load, parse_mapping
    from platelight.audit.report import Style
    from platelight.batch import BatchError, Settings
    from platelight.register.errors import RegisterError

    mark = None if delimiter is None else delimiter.replace("\\t", "\t")
    if mark is not None and len(mark) != 1:
        raise typer.BadParameter(f"must be one character, got {delimiter!r}", param_hint="--delimiter")
    codes = country_codes(country)
    notes = _Notes()
    try:
        columns = parse_mapping(mapping)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--map") from None
    settings = Settings(effort.value, None if codes is None else tuple(codes), TOP, models=None if models is None else str(models))
    try:
        listed = load(adverts, columns, photos, encoding, mark, notes, notes.fail)
        style = Style(redacted, frozenset({"confirmed"} if skip_confirmed else ()))
        summary, read = _run(adverts, listed, register, out, settings, workers, sure, style, notes)
    except (AdvertsError, BatchError, RegisterError) as error:
        notes.fail(str(error))
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        notes.fail("stopped; the same command goes on from here")
        raise typer.Exit(130) from None
    _print(summary)
    if notes.count or summary.failed_photos or (read is not None and read.errors):
        raise typer.Exit(1)


def _run(
    path: Path, adverts: Sequence[Advert], register: Path, out: Path, settings: Settings, workers: int | None, sure: float, style: Style, notes: _Notes
) -> tuple[Summary, RunInfo | None]:
    from dataclasses import replace
    from datetime import UTC, datetime

    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    from platelight import __version__
    from platelight.audit import reading, report
    from platelight.audit.judge import Judge
    from platelight.audit.run import audit as run_audit
    from platelight.register.posterior import Settings as JoinSettings
    from platelight.register.store import Register

    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Register(register) as known, Progress(*columns, console=Console(stderr=True)) as bar:
        out.mkdir(parents=True, exist_ok=True)
        photos = bar.add_task("photos", total=sum(len(advert.photos) for advert in adverts))
        read = reading.read_all(adverts, out / "photos", settings, workers, lambda progress: bar.update(photos, completed=progress.done))
        steps = {"judged": bar.add_task("verdicts", total=len(adverts)), "written": bar.add_task("report", total=len(adverts))}
        info = known.info()
        facts = report.Facts(
            path.name, f"{register.name} ({info.rows:,} registrations to {info.last_date or 'unknown date'})", datetime.now(UTC),
            f"Effort {settings.effort}; a plate may speak against an advert from a chance of {sure:g} that it is read rightly.", __version__,
        )  # fmt: skip
        judge = Judge(known, sure, replace(JoinSettings(), country=_home(settings, info)))
        rows = reading.rows(out / "photos", read)
        summary = run_audit(adverts, rows, judge, out, facts, style, notes, lambda name: bar.advance(steps[name]))
    return summary, read


def _home(settings: Settings, info: RegisterInfo) -> str | None:
    """The country whose cars the register holds, as far as one can tell."""
    if settings.countries is not None and len(settings.countries) == 1:
        return settings.countries[0]
    return "ua" if info.profile == "ua-mvs" else None


def _print(summary: Summary) -> None:
    from platelight.audit.records import MEANINGS

    for verdict, count in summary.counts.items():
        print(f"{verdict.replace('_', ' '):<16}{count:>9,}  {100 * count / max(summary.adverts, 1):5.1f} %  {MEANINGS[verdict]}")
    print(f"{'adverts':<16}{summary.adverts:>9,}  {summary.photos:,} photos, {summary.failed_photos:,} of them could not be read")
    print(f"report: {summary.report}\ntables: {summary.parquet}, {summary.csv}")


class _Notes:
    """Messages about single rows and photos, the first ones printed and all counted."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, message: str) -> None:
        self.count += 1
        if self.count <= SHOWN_NOTES:
            self.fail(message)
        elif self.count == SHOWN_NOTES + 1:
            self.fail("further messages are only counted; the tables name them all")

    @staticmethod
    def fail(message: str) -> None:
        from platelight.formats import one_line

        print(f"platelight: {one_line(message)}", file=sys.stderr)
