from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platelight.register.values import MISSING, NO_DAY, clean, date_of, day, number, year_of_make

THIS_YEAR = datetime.date.today().year


@given(st.dates(datetime.date(1950, 1, 1), datetime.date(2050, 12, 31)))
def test_dates_of_every_published_form(date: datetime.date) -> None:
    for form in ("%d.%m.%Y", "%Y-%m-%d", "%Y%m%d", "%d/%m/%Y", "%Y-%m-%d 00:00:00", "%Y-%m-%dT10:00:00Z"):
        days = day(date.strftime(form))
        assert days is not None
        assert date_of(days) == date.isoformat()


@pytest.mark.parametrize(("text", "date"), [("05.03.24", "2024-03-05"), ("5.3.98", "1998-03-05"), ("31.12.00", "2000-12-31")])
def test_dates_with_two_digits_of_the_year(text: str, date: str) -> None:
    days = day(text)
    assert days is not None
    assert date_of(days) == date


def test_month_first() -> None:
    assert day("03/31/2019", True) == day("31.03.2019")
    assert day("03/31/2019") is None


def test_no_date_comes_before_all_dates() -> None:
    assert day("") == day("NULL") == NO_DAY
    assert date_of(NO_DAY) is None
    earliest = day("1920-01-01")
    assert earliest is not None
    assert earliest > NO_DAY


@pytest.mark.parametrize("text", ["31.02.2020", "2020-13-01", "yesterday", "0000-00-00", "12.2020", "1.1.1"])
def test_dates_that_make_no_sense(text: str) -> None:
    assert day(text) is None


@pytest.mark.parametrize(
    ("text", "value"), [("1998", 1998), ("1 998", 1998), ("1998.0", 1998), ("1560,5", 1560), ("0", 0), ("", MISSING), ("NULL", MISSING), ("-", MISSING)]
)
def test_numbers(text: str, value: int) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["-5", "12a", "1e9", "99999999999999999999", "²"])
def test_numbers_that_make_no_sense(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize(
    ("text", "year"), [("2015", 2015), ("01.06.2015", 2015), ("", MISSING), (str(THIS_YEAR + 1), THIS_YEAR + 1), (str(THIS_YEAR + 2), None), ("1066", None)]
)
def test_years(text: str, year: int | None) -> None:
    assert year_of_make(text) == year


def test_texts_are_cleaned_of_spaces_and_of_words_for_nothing() -> None:
    assert clean("  BMW \u00a0 X5\t") == "BMW X5"
    assert clean("NULL") == clean(" - ") == ""
