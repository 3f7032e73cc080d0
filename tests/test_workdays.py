"""Working days over the holidays of real years, in Python and in PostgreSQL alike."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from common.workdays import UnknownYear, add_workdays, count_workdays, is_workday, keep_calendar, known_years

DAY = dt.date


def in_database(first: dt.date, last: dt.date) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select common_count_workdays(%s, %s)", [first, last])
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("first", "n", "last"),
    [
        (DAY(2020, 9, 28), 5, DAY(2020, 10, 10)),  # V13: National Day; Saturday 10 October is worked
        (DAY(2020, 10, 1), 1, DAY(2020, 10, 9)),  # begins on a holiday
        (DAY(2020, 1, 22), 5, DAY(2020, 2, 5)),  # Spring Festival of 2020, prolonged to 2 February
        (DAY(2021, 2, 8), 5, DAY(2021, 2, 19)),  # Spring Festival: 11 to 17 February off
        (DAY(2021, 2, 18), 3, DAY(2021, 2, 20)),  # Saturday 20 February makes up
        (DAY(2019, 12, 31), 2, DAY(2020, 1, 2)),  # over New Year
        (DAY(2020, 6, 1), 5, DAY(2020, 6, 5)),  # an ordinary week
        (DAY(2020, 6, 6), 5, DAY(2020, 6, 12)),  # from a Saturday
    ],
)
def test_the_last_working_day(first, n, last):
    assert add_workdays(first, n) == last
    assert count_workdays(first, last) == n


def test_make_up_days_are_worked_and_holidays_are_not():
    assert is_workday(DAY(2020, 10, 10))
    assert not is_workday(DAY(2020, 10, 8))


def test_a_span_that_ends_before_it_begins_has_none():
    assert count_workdays(DAY(2020, 10, 10), DAY(2020, 10, 9)) == 0


@pytest.mark.parametrize("n", [0, -1])
def test_days_are_counted_from_one(n):
    with pytest.raises(ValueError, match="from one"):
        add_workdays(DAY(2020, 6, 1), n)


def test_an_unknown_year_says_so():
    last = max(known_years())
    with pytest.raises(UnknownYear) as error:
        add_workdays(DAY(last, 12, 28), 30)
    assert isinstance(error.value, ValidationError), "a form shows it"
    assert f"{last + 1} 年的放假安排尚未收录" in error.value.messages[0]
    with pytest.raises(UnknownYear):
        is_workday(DAY(min(known_years()) - 1, 6, 1))


@pytest.mark.django_db
def test_the_database_counts_the_same_on_every_day_of_every_known_year():
    for year in known_years():
        for month in range(1, 13):
            first = DAY(year, month, 1)
            last = DAY(year, month, 28)
            assert in_database(first, last) == count_workdays(first, last), (year, month)


@pytest.mark.django_db
def test_the_database_refuses_an_unknown_year():
    later = max(known_years()) + 1
    with pytest.raises(IntegrityError, match=f"{later} 年的放假安排尚未收录"), transaction.atomic():
        in_database(DAY(later - 1, 12, 30), DAY(later, 1, 5))


@pytest.mark.django_db
def test_the_kept_calendar_is_corrected_when_the_announced_one_changes():
    with connection.cursor() as cursor:
        cursor.execute("update common_workyear set holidays = '{}' where year = 2020")
        assert in_database(DAY(2020, 10, 1), DAY(2020, 10, 8)) != 0
        keep_calendar()
    assert in_database(DAY(2020, 10, 1), DAY(2020, 10, 8)) == 0
