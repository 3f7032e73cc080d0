"""Working days by the Chinese calendar, with its public holidays and the days that make up for them.

The calendar of a year is known once the State Council has announced it, which is
late in the year before. A year that is not known is refused: nothing is guessed.
``common_workyear`` in the database holds the same days for its triggers
(``keep_calendar`` writes it after every migration).
"""

from __future__ import annotations

import datetime as dt

import chinese_calendar
from chinese_calendar.constants import holidays, workdays
from django.core.exceptions import ValidationError
from django.db import connections
from django.utils.translation import gettext as _

from common.periods import ONE_DAY


class UnknownYear(ValidationError):
    """The working days of a year are not announced, or not known to this version of the calendar."""

    def __init__(self, year: int) -> None:
        self.year = year
        text = _("%(year)s 年的放假安排尚未收录，无法推算工作日；请更新节假日数据后再办理")
        super().__init__(text % {"year": year}, code="unknown_year")


def known_years() -> range:
    """The years whose working days are known."""
    return range(min(holidays).year, max(holidays).year + 1)


def is_workday(day: dt.date) -> bool:
    """Whether people work on that day; raises UnknownYear."""
    if day.year not in known_years():
        raise UnknownYear(day.year)
    return bool(chinese_calendar.is_workday(day))


def add_workdays(start: dt.date, n: int) -> dt.date:
    """The n-th working day from ``start`` on, ``start`` itself counted when it is one.

    So a notice of five working days is over at the end of ``add_workdays(start, 5)``.
    Raises UnknownYear, and ValueError for n < 1.
    """
    if n < 1:
        raise ValueError("working days are counted from one")
    day = start
    while True:
        n -= is_workday(day)
        if n == 0:
            return day
        day += ONE_DAY


def count_workdays(first: dt.date, last: dt.date) -> int:
    """How many working days lie from ``first`` to ``last``, both included; raises UnknownYear."""
    if last < first:
        return 0
    return sum(is_workday(first + dt.timedelta(days=n)) for n in range((last - first).days + 1))


def keep_calendar(using: str = "default", **_signal: object) -> None:
    """Write the known years into the database, where triggers count the same working days."""
    rows = [
        (
            year,
            sorted(day for day in holidays if day.year == year),
            sorted(day for day in workdays if day.year == year),
        )
        for year in known_years()
    ]
    with connections[using].cursor() as cursor:
        cursor.execute("select to_regclass('common_workyear')")
        if cursor.fetchone()[0] is None:  # migrated back to before there was one
            return
        cursor.executemany(
            "insert into common_workyear (year, holidays, make_up_days) values (%s, %s::date[], %s::date[])"
            " on conflict (year) do update set holidays = excluded.holidays, make_up_days = excluded.make_up_days"
            " where (common_workyear.holidays, common_workyear.make_up_days)"
            " is distinct from (excluded.holidays, excluded.make_up_days)",
            rows,
        )
