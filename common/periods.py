"""Validity in time, stated once for the whole project.

A ``period`` is a ``daterange`` with an inclusive first day and an exclusive end,
as PostgreSQL stores it; people are shown an inclusive last day (``last_day``).
An open end means "until further notice". Every read takes the day it is about.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ONE_DAY = dt.timedelta(days=1)
#: The years that a day of ours may lie in: before and after is a slip of the keyboard.
FIRST_YEAR, LAST_YEAR = 1900, 2200


def in_reach(day: dt.date) -> bool:
    """Whether a day lies in the years that records may be about."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def refuse_far(day: dt.date) -> None:
    """Validator of fields: raises ValidationError for a day that is out of reach."""
    if not in_reach(day):
        years = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise ValidationError(gettext("日期须在 %(first)s 年至 %(last)s 年之间") % years, code="far")


def period(first: dt.date, last: dt.date | None = None) -> DateRange:
    """The period from ``first`` to ``last``, both included; open when ``last`` is None.

    Raises ValueError when ``last`` is before ``first``.
    """
    if last and last < first:
        raise ValueError(_("结束日期不能早于开始日期"))
    return DateRange(first, last + ONE_DAY if last else None)


def calendar_year(year: int) -> DateRange:
    return DateRange(dt.date(year, 1, 1), dt.date(year + 1, 1, 1))


def year_end(year: int) -> dt.date:
    """The day as of which a year's account is named and grouped."""
    return dt.date(year, 12, 31)


def last_day(of: DateRange) -> dt.date | None:
    """The inclusive last day that people see, or None when the end is open."""
    return of.upper - ONE_DAY if of.upper else None


def cut(of: DateRange, end: dt.date) -> DateRange:
    """``of`` ending before ``end``; raises ValueError when nothing would be left, or ``of`` ends sooner."""
    if end <= of.lower:
        raise ValueError(_("结束日期须晚于开始日期"))
    if of.upper and end > of.upper:
        raise ValueError(_("结束日期不能晚于原来的结束日期"))
    return DateRange(of.lower, end)


def no_overlap(
    *fields: str, name: str, message: StrOrPromise, condition: models.Q | None = None
) -> ExclusionConstraint:
    """No two rows alike in ``fields`` may be in force on the same day."""
    return ExclusionConstraint(
        name=name,
        expressions=[
            ("period", RangeOperators.OVERLAPS),
            *((field, RangeOperators.EQUAL) for field in fields),
        ],
        condition=condition,
        violation_error_message=message,
    )


def bounded_period() -> models.CheckConstraint:
    """A period has a first day and at least one day in it."""
    return models.CheckConstraint(
        name="%(app_label)s_%(class)s_period",
        condition=models.Q(period__isempty=False, period__startswith__isnull=False),
        violation_error_message=_("起止日期有误：须有开始日期，且结束日期不早于开始日期"),
    )


class Intersection(models.Func):
    """The days that every given period has in common, in SQL; empty when there are none."""

    template = "(%(expressions)s)"
    arg_joiner = " * "
    output_field = DateRangeField()


class DatedQuerySet(models.QuerySet):
    """Reads as of a day; ``prefix`` reaches a dated row through a relation."""

    def on(self, day: dt.date):
        return self.filter(period__contains=day)

    def during(self, span: DateRange):
        return self.filter(period__overlap=span)


class Dated(models.Model):
    """A row that is in force during ``period``."""

    period = DateRangeField(_("起止日期"))

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [bounded_period()]

    @property
    def starts(self) -> dt.date:
        return self.period.lower

    @property
    def last_day(self) -> dt.date | None:
        return last_day(self.period)

    def in_force(self, day: dt.date) -> bool:
        return self.period.lower <= day and (self.period.upper is None or day < self.period.upper)
