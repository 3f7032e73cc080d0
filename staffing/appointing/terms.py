"""Counting terms in months: a term of n months ends on the eve of the same day n months later. Pure: no Django."""

from __future__ import annotations

import calendar
import datetime as dt


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day of the month that many months later, or that month's last where it is shorter."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def whole_months(first: dt.date, last: dt.date) -> int:
    """How many whole months a term from ``first`` to ``last``, both included, has."""
    until = last + dt.timedelta(days=1)
    count = (until.year - first.year) * 12 + until.month - first.month
    return count - (months_after(first, count) > until)
