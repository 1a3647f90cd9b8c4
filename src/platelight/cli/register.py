"""`platelight register`: build a vehicle register from published files, look plates up in it."""

from __future__ import annotations

import codecs
import json
import sys
import time
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from platelight.cli.options import TableOrJson

if TYPE_CHECKING:
    from platelight.register import BuildReport, Progress, Registration

_SECONDS_BETWEEN = 0.2

register = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Build a vehicle register, and look plates up in it.",
)  # fmt: skip


class LookupFormat(StrEnum):
    table = "table"
    json = "json"
    jsonl = "jsonl"


class DateOrder(StrEnum):
    """How a date with the year last is read."""

    dmy = "dmy"
    mdy = "mdy"


RegisterFile = Annotated[Path, typer.Option("--register", metavar="FILE", envvar="PLATELIGHT_REGISTER", help="The register's file.")]


@register.command()
def build(
    files: Annotated[list[Path], typer.Argument(metavar="FILES", help="Published files, all of one register: CSV, plain or in ZIP or gzip.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The register to write; an older one is replaced once the new one is whole.")],
    profile: Annotated[str, typer.Option(metavar="NAME", help="Whose columns these are: ua-mvs, the open register of Ukraine.")] = "ua-mvs",
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN,...", help="Columns of any other CSV, for example plate=Number,make=Brand,year=Built; may be repeated."),
    ] = None,
    vin: Annotated[bool, typer.Option("--vin", help="Keep the vehicle identification numbers too.")] = False,
    encoding: Annotated[str | None, typer.Option(metavar="NAME", help="The files' encoding, where it is not found rightly by looking.")] = None,
    delimiter: Annotated[str | None, typer.Option(metavar="CHARACTER", help="What divides the columns, where it is not found rightly by looking.")] = None,
    dates: Annotated[DateOrder, typer.Option(help="Whether the day or the month stands first in dates such as 03.04.2019.")] = DateOrder.dmy,
    rejects: Annotated[Path | None, typer.Option(metavar="CSV", help="Where to list the rows that cannot be used; beside the register unless given.")] = None,
    form: Annotated[TableOrJson, typer.Option("--format", help="How to print what was built.")] = TableOrJson.table,
) -> None:
    """Build a register from published files.

    Fields for --map: plate, date, make, model, year, color, kind, body, fuel, purpose, operation, capacity_cm3, own_mass_kg,
    total_mass_kg, vin. Columns that are not named are not stored, and of the Ukrainian register never the owner's kind and
    address. Plates are normalized: Cyrillic letters become the Latin ones they look like, separators are dropped.

    Rows that cannot be used are counted and listed with line and reason; they do not change the exit status, which is 0, or 1
    if no register could be built, or 2 for wrong usage.
    """
    from platelight.register import PROFILES, Options, parse_mapping
    from platelight.register import build as build_register

    if profile not in PROFILES:
        raise typer.BadParameter(f"{profile!r} is not known; known are {', '.join(PROFILES)}, and --map for any other file", param_hint="--profile")
    try:
        columns = parse_mapping(mapping) if mapping else PROFILES[profile]
        options = Options(columns, _encoding(encoding), _character(delimiter), dates is DateOrder.mdy, vin)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    bar = _Bar()
    try:
        report = build_register(files, out, options, rejects, bar.show)
    finally:
        bar.end()
    if form is TableOrJson.json:
        print(json.dumps(_report_dict(report), ensure_ascii=False, indent=1))
    else:
        print(_report_text(report))
    for warning in _warnings(report):
        print(f"platelight: {warning}", file=sys.stderr)


@register.command()
def lookup(
    plates: Annotated[list[str], typer.Argument(metavar="PLATE", help="Plates in any spelling, or - for a list on stdin, one a line.")],
    file: RegisterFile,
    form: Annotated[LookupFormat, typer.Option("--format", help="How to print what is registered; jsonl is one object a plate.")] = LookupFormat.table,
) -> None:
    """Look plates up in a register.

    Each plate's registrations are printed newest first. The exit status is 0 if every plate was found, 1 if one was not (or
    if the register cannot be read), 2 for wrong usage.
    """
    from platelight.register import Register

    missing = False
    with Register(file) as cars:
        answers = ((plate, cars.lookup(plate)) for plate in _plates(plates))
        shape = {LookupFormat.table: _as_table, LookupFormat.json: _as_json, LookupFormat.jsonl: _as_lines}[form]
        for text, found in shape(answers):
            missing |= not found
            sys.stdout.write(text)
    if missing:
        raise typer.Exit(1)


@register.command()
def info(
    file: RegisterFile,
    form: Annotated[TableOrJson, typer.Option("--format", help="How to print it.")] = TableOrJson.table,
) -> None:
    """Say what a register holds: rows, plates, dates, and from which files it was built."""
    from platelight.register import Register

    with Register(file) as cars:
        held = cars.info()
    facts = {
        "path": str(held.path), "size_bytes": held.size_bytes, "format": held.version, "rows": held.rows, "plates": held.plates,
        "first_date": held.first_date, "last_date": held.last_date, "vin": held.vin, "profile": held.profile, "created": held.created,
        "platelight": held.platelight, "rejected": held.rejected,
    }  # fmt: skip
    if form is TableOrJson.json:
        print(json.dumps({**facts, "files": held.files}, ensure_ascii=False, indent=1))
        return
    for name, value in facts.items():
        print(f"{name:<12}{f'{value:,}' if isinstance(value, int) and not isinstance(value, bool) else '' if value is None else value}")
    print()
    print(_files_text(held.files))


def _character(text: str | None) -> str | None:
    if text in ("tab", "\\t"):
        return "\t"
    if text is not None and (len(text) != 1 or text in '"\r\n'):
        raise ValueError(f"the delimiter is one character (or the word tab), not {text!r}")
    return text


def _encoding(name: str | None) -> str | None:
    try:
        "".encode(name or "utf-8")
        return name and codecs.lookup(name).name
    except LookupError:
        raise ValueError(f"{name!r} is no encoding that is known; try utf-8, cp1251, utf-16") from None


def _on_terminal() -> bool:
    return sys.stderr.isatty()


class _Bar:
    """How far a build has come, on a terminal's stderr."""

    def __init__(self) -> None:
        self._shown = _on_terminal()
        self._began = self._last = time.monotonic()
        self._sorting_since: float | None = None

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if not self._shown or now - self._last < _SECONDS_BETWEEN:
            return
        self._last = now
        if progress.phase == "sorting":
            self._sorting_since = self._sorting_since or now
            text = f"sorting {progress.rows:,} rows, {now - self._sorting_since:.0f} s"
        else:
            share = min(1.0, progress.done_bytes / max(1, progress.total_bytes))
            elapsed = now - self._began
            left = f", {elapsed / share - elapsed:.0f} s left" if share > 0.01 else ""
            text = f"[{'#' * round(30 * share):<30}] {100 * share:3.0f} %  {progress.rows:,} rows, {progress.rows / elapsed:,.0f} rows/s{left}"
            text += f", {progress.rejected:,} rejected" if progress.rejected else ""
        print(f"\r{text}\033[K", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self._shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _report_dict(report: BuildReport) -> dict[str, Any]:
    return {
        "path": str(report.path), "rows": report.rows, "plates": report.plates, "repeated": report.repeated, "rejected": report.rejected,
        "rejects": str(report.rejects), "size_bytes": report.size_bytes, "seconds": round(report.seconds, 3),
        "files": [file.to_dict() for file in report.files],
    }  # fmt: skip


def _report_text(report: BuildReport) -> str:
    files = _files_text([file.to_dict() for file in report.files])
    where = f", see {report.rejects}" if report.rejected else ""
    return (
        f"{files}\n\n{report.path}: {report.rows:,} registrations of {report.plates:,} plates, {report.size_bytes / 1e6:,.1f} MB "
        f"({report.size_bytes / report.rows:.0f} bytes a row), {report.seconds:.1f} s\n"
        f"{report.repeated:,} rows were there twice and are held once; {report.rejected:,} could not be used{where}"
    )


def _files_text(files: Iterable[Any]) -> str:
    lines = [f"{'rows':>12}  {'rejected':>10}  {'encoding':<10}  file"]
    for file in files:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(file["rejected"].items()))
        lines.append(f"{file['rows']:>12,}  {sum(file['rejected'].values()):>10,}  {file['encoding']:<10}  {file['name']}{f' ({reasons})' if reasons else ''}")
    return "\n".join(lines)


def _warnings(report: BuildReport) -> Iterator[str]:
    for file in report.files:
        for field, count in sorted(file.not_understood.items()):
            yield f"{file.name}: {count:,} values of {field} make no sense and are left out"
        if file.undecodable:
            yield f"{file.name}: {file.undecodable:,} characters are wrong in {file.encoding}; --encoding names another"


def _plates(given: list[str]) -> Iterator[str]:
    for text in given:
        if text == "-":
            yield from (line.strip() for line in sys.stdin if line.strip())
        else:
            yield text


Answers = Iterable[tuple[str, "tuple[Registration, ...]"]]


def _object(plate: str, found: tuple[Registration, ...]) -> dict[str, Any]:
    from dataclasses import asdict

    from platelight.register import normalize_plate

    try:
        normalized, problem = normalize_plate(plate), None
    except ValueError as error:
        normalized, problem = None, str(error)
    return {"plate": plate, "normalized": normalized, "problem": problem, "found": bool(found), "registrations": [asdict(item) for item in found]}


def _as_lines(answers: Answers) -> Iterator[tuple[str, bool]]:
    for plate, found in answers:
        yield json.dumps(_object(plate, found), ensure_ascii=False) + "\n", bool(found)


def _as_json(answers: Answers) -> Iterator[tuple[str, bool]]:
    objects = [_object(plate, found) for plate, found in answers]
    yield json.dumps(objects, ensure_ascii=False, indent=1) + "\n", all(item["found"] for item in objects)


COLUMNS = (("plate", 10), ("date", 10), ("make", 16), ("model", 22), ("year", 4), ("color", 12), ("body", 14), ("fuel", 16), ("operation", 0))


def _as_table(answers: Answers) -> Iterator[tuple[str, bool]]:
    from platelight.formats import one_line

    def line(cells: Iterable[object]) -> str:
        shown = ((one_line("" if cell is None else str(cell)), width) for cell, (_, width) in zip(cells, COLUMNS, strict=True))
        return "  ".join(text.ljust(width) if len(text) <= width or not width else text[: width - 1] + "…" for text, width in shown).rstrip() + "\n"

    yield line([name for name, _ in COLUMNS]), True
    for plate, found in answers:
        for item in found:
            yield line([getattr(item, name) for name, _ in COLUMNS]), True
        if not found:
            problem = _object(plate, found)["problem"]
            yield f"{one_line(plate):<10}  {f'not a plate: {problem}' if problem else 'not in the register'}\n", False
