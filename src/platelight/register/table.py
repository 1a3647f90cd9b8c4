"""A published file opened as a table: its header understood, its rows ready to be read."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from platelight.register.errors import RegisterError
from platelight.register.profiles import Header, Profile, find_columns
from platelight.register.rows import Rows, lines
from platelight.register.sources import Source, Text, detect_delimiter, open_text

_EXCEL_HINT = "sep="


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` gives (line number, fields) below the header, as `Rows` does."""

    header: Header
    rows: Iterator[tuple[int, list[str] | None]]
    text: Text


@contextmanager
def open_table(source: Source, profile: Profile, encoding: str | None = None, delimiter: str | None = None) -> Iterator[Table]:
    """The source's header and rows; encoding and delimiter are found by looking unless given. Raises OSError, RegisterError."""
    with open_text(source, encoding) as text:
        try:
            all_lines = lines(text.blocks)
            above = []
            for line in all_lines:
                above.append(line)
                if line.lower().startswith(_EXCEL_HINT) and len(line) == len(_EXCEL_HINT) + 1:  # a line that Excel writes and reads
                    delimiter, above[-1] = delimiter or line[-1], ""
                elif line.strip():
                    break
            else:
                raise RegisterError("holds no table, only empty lines")
            rows = iter(Rows(itertools.chain(above, all_lines), delimiter or detect_delimiter(above[-1])))
            _, header = next(rows)
            yield Table(find_columns(header or [], profile), rows, text)
        except RegisterError as error:
            raise error if source.name in str(error) else RegisterError(f"{source.name}: {error}") from None
