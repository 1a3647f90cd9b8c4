"""The rows of a CSV text, however badly it is written: one bad row costs one row, never the rest of the file."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator

from platelight.register.errors import RegisterError

LONGEST_LINE = 1 << 20
"""Characters; a longer line means that the text is no table."""

_MOST_LINES = 50
_MOST_CHARACTERS = 1 << 16


class _NotClosedError(Exception):
    """A quoted field runs over more lines than a field can have."""


def lines(blocks: Iterator[str]) -> Iterator[str]:
    """The lines of a text without their ends (`\\n`, `\\r\\n`, `\\r`). Raises RegisterError."""
    rest = ""
    for block in blocks:
        text = rest + block
        held = text.endswith("\r")  # its \n may begin the next block
        if "\r" in text:
            text = (text[:-1] if held else text).replace("\r\n", "\n").replace("\r", "\n") + ("\r" if held else "")
        *whole, rest = text.split("\n")
        yield from whole
        if len(rest) > LONGEST_LINE:
            raise RegisterError(f"a line of more than {LONGEST_LINE:,} characters: this is no table")
    if rest.rstrip("\r"):
        yield rest.rstrip("\r")


class Rows:
    """Iterates over (line number, fields); the number, from 1, is that of the row's first line. Empty lines are passed over.

    `fields` is None for a row whose quote is never closed: it ends with its line, and what follows are rows of their own. A quote
    counts as never closed if a line that looks like a row, with as many delimiters as the first line has, would lie within it.
    """

    def __init__(self, text: Iterator[str], delimiter: str) -> None:
        self._text, self._delimiter = text, delimiter
        self._waiting: deque[str] = deque()
        self._row_lines: list[str] = []
        self._number = 0
        self._width = 0

    def __iter__(self) -> Iterator[tuple[int, list[str] | None]]:
        delimiter, between, waiting = self._delimiter, f'"{self._delimiter}"', self._waiting
        reader = csv.reader(self._feed(), delimiter=delimiter)
        while True:
            line = waiting.popleft() if waiting else next(self._text, None)
            if line is None:
                return
            self._number += 1
            self._width = self._width or (line.count(delimiter) + 1 if line else 0)
            if '"' not in line:
                if line:
                    yield self._number, line.split(delimiter)
                continue
            if line[0] == '"' == line[-1]:
                fields = line[1:-1].split(between)
                if line.count('"') == 2 * len(fields):  # every quote opens or closes a field
                    yield self._number, fields
                    continue
            first = self._number
            waiting.appendleft(line)
            self._number -= 1
            self._row_lines.clear()
            try:
                fields = next(reader)
            except (_NotClosedError, csv.Error, StopIteration):
                waiting.extendleft(reversed(self._row_lines[1:]))
                self._number = first
                reader = csv.reader(self._feed(), delimiter=delimiter)
                yield first, None
            else:
                yield first, fields

    def _feed(self) -> Iterator[str]:
        """Lines for the row that the csv module is on: it asks for more than one while a quote is open."""
        size = 0
        while True:
            if not self._row_lines:
                size = 0
            line = self._waiting.popleft() if self._waiting else next(self._text, None)
            if line is None:
                raise _NotClosedError
            self._row_lines.append(line)
            if len(self._row_lines) > 1 and self._is_row(line):
                self._number += 1
                raise _NotClosedError
            self._number += 1
            size += len(line)
            if len(self._row_lines) > _MOST_LINES or size > _MOST_CHARACTERS:
                raise _NotClosedError
            yield line + "\n"

    def _is_row(self, line: str) -> bool:
        """Whether a line within a quoted field looks like a row. One that closes a first field of several lines has its quote first."""
        mark, quote = line.find(self._delimiter), line.find('"')
        return self._width > 2 and line.count(self._delimiter) >= self._width - 1 and (quote < 0 or mark < quote)
