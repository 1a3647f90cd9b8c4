from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platelight.register import RegisterError
from platelight.register.rows import LONGEST_LINE, Rows, lines


def rows(text: str, delimiter: str = ";") -> list[tuple[int, list[str] | None]]:
    return list(Rows(lines(iter([text])), delimiter))


def test_plain_quoted_and_mixed_rows() -> None:
    assert rows('a;b;c\n"a";"b;b";"c"\na;"b ""x""";c\n') == [(1, ["a", "b", "c"]), (2, ["a", "b;b", "c"]), (3, ["a", 'b "x"', "c"])]


def test_a_quote_within_a_field_is_a_quote() -> None:
    assert rows('a;5" disk;c\nd;e;f') == [(1, ["a", '5" disk', "c"]), (2, ["d", "e", "f"])]


def test_a_field_may_hold_line_breaks_and_rows_keep_their_line_numbers() -> None:
    assert rows('a;"b1\nb2\r\nb3";c\r\n\r\nd;e;f\n') == [(1, ["a", "b1\nb2\nb3", "c"]), (5, ["d", "e", "f"])]


def test_a_quote_that_is_never_closed_costs_one_row() -> None:
    text = 'a;b\nc;"d\n' + "".join(f"{number};x\n" for number in range(200)) + 'y;"z"\n'
    found = rows(text)
    assert found[1] == (2, None)
    assert [fields for _, fields in found] == [["a", "b"], None, *[[str(number), "x"] for number in range(200)], ["y", "z"]]
    assert [line for line, _ in found] == list(range(1, 204))


def test_two_open_quotes_do_not_swallow_the_rows_between_them() -> None:
    found = rows('a;b;c\nd;"x;e\n1;2;3\n4;5;6\nf;"y;g\n7;8;9\n"h\nh";i;j\n')
    assert found == [(1, ["a", "b", "c"]), (2, None), (3, ["1", "2", "3"]), (4, ["4", "5", "6"]), (5, None), (6, ["7", "8", "9"]), (7, ["h\nh", "i", "j"])]


def test_an_open_quote_at_the_end_of_the_file() -> None:
    assert rows('a;b\nc;"d\ne;f') == [(1, ["a", "b"]), (2, None), (3, ["e", "f"])]


def test_a_field_far_too_long_costs_one_row() -> None:
    assert rows(f'"{"x" * 200_000}"";b\nc;d\n') == [(1, None), (2, ["c", "d"])]


def test_a_line_without_end_is_no_table() -> None:
    blocks = iter(["x" * 1000] * (LONGEST_LINE // 1000 + 2))
    with pytest.raises(RegisterError, match="no table"):
        list(lines(blocks))


FIELDS = st.lists(st.one_of(st.text(alphabet='ab"\n1 Ж', max_size=6), st.text(alphabet='ab";1 Ж', max_size=6)), min_size=2, max_size=4)


@given(st.lists(FIELDS, max_size=8), st.integers(1, 7), st.sampled_from(["\r\n", "\n"]), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_whatever_the_csv_module_writes_is_read_back_from_blocks_of_any_size(table: list[list[str]], size: int, end: str, quoting: int) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", lineterminator=end, quoting=quoting).writerows(table)  # type: ignore[arg-type]
    text = out.getvalue()
    blocks = (text[start : start + size] for start in range(0, len(text), size))
    assert [fields for _, fields in Rows(lines(blocks), ";")] == table


@given(st.text(alphabet="ab;\r\n", max_size=30), st.integers(1, 5))
def test_lines_do_not_depend_on_where_blocks_end(text: str, size: int) -> None:
    blocks = (text[start : start + size] for start in range(0, len(text), size))
    assert [line for line in lines(blocks) if line] == [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line]
