"""Builds a register from published files: one pass over the rows, in memory that does not grow with their number."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

from platelight.register.coding import Coder, Tables
from platelight.register.errors import RegisterError
from platelight.register.profiles import UA_MVS, Profile
from platelight.register.sources import Source, find_sources
from platelight.register.store import is_register
from platelight.register.table import open_table
from platelight.register.writing import Writing, writing

BATCH = 10_000
"""Rows between two calls of `progress`."""

_NO_PLATE, _NOT_CLOSED, _WRONG_WIDTH = "no plate", "a quote is opened and not closed", "wrong number of fields"

Phase = Literal["reading", "sorting"]


@dataclass(frozen=True, slots=True)
class Options:
    """How the files are written; None: found by looking at each file.

    `month_first`: dates such as 3/31/2019. `vin`: keep the column of vehicle identification numbers too.
    """

    profile: Profile = UA_MVS
    encoding: str | None = None
    delimiter: str | None = None
    month_first: bool = False
    vin: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a build has come. Bytes are those of the files as they lie on disk, of a ZIP archive unpacked."""

    phase: Phase
    source: str
    rows: int
    rejected: int
    done_bytes: int
    total_bytes: int


@dataclass(slots=True)
class FileReport:
    """What one file gave: rows used, rows rejected by reason, values by field that are there but make no sense, and characters
    that were wrong in the encoding."""

    name: str
    encoding: str
    rows: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    not_understood: Counter[str] = field(default_factory=Counter)
    undecodable: int = 0

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name, "encoding": self.encoding, "rows": self.rows, "rejected": dict(self.rejected),
            "not_understood": dict(self.not_understood), "undecodable": self.undecodable,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build made. `rows` are held in the register; `repeated` more were the same word for word and are held once."""

    path: Path
    files: tuple[FileReport, ...]
    rows: int
    repeated: int
    plates: int
    size_bytes: int
    seconds: float
    rejects: Path

    @property
    def rejected(self) -> int:
        return sum(file.rejected.total() for file in self.files)


def build(
    files: Sequence[Path], out: Path, options: Options | None = None, rejects: Path | None = None, progress: Callable[[Progress], None] | None = None
) -> BuildReport:
    """Build the register `out` from all `files` together; an older register of that name is replaced once the new one is whole.

    Rows that cannot be used are listed in `rejects` (beside `out` with `.rejects.csv` unless given): file, line, reason. Memory does
    not grow with the number of rows; SQLite's folder for temporary files needs room for about three times the register.
    Raises RegisterError for files that no register can be made of, OSError for what the system refuses.
    """
    began = time.perf_counter()
    options = options or Options()
    if out.is_dir():
        raise RegisterError(f"{out}: a folder; name a file in it")
    if out.exists() and out.stat().st_size and not is_register(out):
        raise RegisterError(f"{out}: exists and is not a register: not replaced")
    sources = [source for path in files for source in find_sources(path)]
    for source in sources:  # a wrong file among many is found now and not after an hour
        with open_table(source, options.profile, options.encoding, options.delimiter):
            pass
    rejects = rejects or out.with_name(f"{out.name}.rejects.csv")
    if rejects.resolve() in {path.resolve() for path in (out, *files)}:
        raise RegisterError(f"{rejects}: the list of rejected rows would replace it")
    out.parent.mkdir(parents=True, exist_ok=True)
    with writing(out, options.vin) as file, _Rejects(rejects) as listed:
        reading = _Reading(options, file, listed, progress or (lambda _: None), sum(source.size for source in sources))
        for source in sources:
            reading.read(source)
        if not reading.rows:
            raise RegisterError(f"none of the {listed.count:,} rows can be used; see {listed.keep()}" if listed.count else "there are no rows below the header")
        counted = file.finish(reading.tables, _meta(options, reading.reports), reading.beat)
    return BuildReport(
        out, tuple(reading.reports), counted["rows"], reading.rows - counted["rows"], counted["plates"], out.stat().st_size,
        time.perf_counter() - began, listed.path,
    )  # fmt: skip


def _meta(options: Options, reports: Sequence[FileReport]) -> dict[str, Any]:
    from platelight import __version__

    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"), "platelight": __version__, "profile": options.profile.name,
        "files": [report.to_dict() for report in reports],
    }  # fmt: skip


class _Reading:
    """Takes the sources one by one into the register being written."""

    def __init__(self, options: Options, file: Writing, listed: _Rejects, progress: Callable[[Progress], None], total_bytes: int) -> None:
        self.tables = Tables(options.profile.make_repeats_model)
        self.reports: list[FileReport] = []
        self.rows = 0
        self._options, self._file, self._listed, self._progress = options, file, listed, progress
        self._done_bytes, self._total_bytes = 0, total_bytes

    def read(self, source: Source) -> None:
        options = self._options
        with open_table(source, options.profile, options.encoding, options.delimiter) as table:
            coder = Coder(table.header, self.tables, options.month_first, options.vin)
            report = FileReport(source.name, table.text.encoding, not_understood=coder.not_understood)
            self.reports.append(report)
            batch: list[tuple[Any, ...]] = []
            width, code = table.header.width, coder.code
            self._tell("reading", table.text.position())
            for line, fields in table.rows:
                try:
                    if fields is None or len(fields) != width:
                        fields = _mended(fields, width)
                    batch.append(code(fields))
                except ValueError as error:
                    report.rejected[self._listed.add(source.name, line, str(error))] += 1
                if len(batch) == BATCH:
                    self._add(batch, report, table.text.position())
            self._add(batch, report, table.text.position())
            report.undecodable = table.text.undecodable
        self._done_bytes += source.size

    def beat(self) -> None:
        self._tell("sorting", 0)

    def _add(self, batch: list[tuple[Any, ...]], report: FileReport, position: int) -> None:
        self._file.add(batch)
        self.rows += len(batch)
        report.rows += len(batch)
        batch.clear()
        self._tell("reading", position)

    def _tell(self, phase: Phase, position: int) -> None:
        name = self.reports[-1].name
        self._progress(Progress(phase, name, self.rows, self._listed.count, self._done_bytes + position, self._total_bytes))


def _mended(fields: list[str] | None, width: int) -> list[str]:
    """A row of another width than the header's, where only empty fields at its end are too many. Raises ValueError."""
    if fields is None:
        raise ValueError(_NOT_CLOSED)
    if len(fields) > width and not any(fields[width:]):
        return fields[:width]
    raise ValueError(f"{len(fields)} fields under a header of {width}")


class _Rejects:
    """The list of rows that cannot be used, as CSV. Of a row it holds nothing but a plate that is none."""

    def __init__(self, path: Path) -> None:
        self.path, self.count = path, 0
        self._part = path.with_name(f"{path.name}.part")
        self._kept = False

    def __enter__(self) -> Self:
        self._file = self._part.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(["file", "line", "reason"])
        return self

    def add(self, source: str, line: int, reason: str) -> str:
        """Write one row; gives the kind of reason, for counting."""
        with self._named():
            self._writer.writerow([source, line, reason])
        self.count += 1
        return reason if reason in (_NO_PLATE, _NOT_CLOSED) else _WRONG_WIDTH if reason[0].isdigit() else "plate cannot be used"

    def keep(self) -> Path:
        """Keep the list though the build fails."""
        self._kept = True
        return self.path

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            with self._named():
                self._file.close()
                if kind is None or self._kept:
                    self._part.replace(self.path)
        except OSError:
            if kind is None:  # else what went wrong first is what counts
                raise
        finally:
            self._part.unlink(missing_ok=True)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """A full disk is reported without saying which file."""
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path)) from None
