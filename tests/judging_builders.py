"""A year to be judged: everybody scored, and enough staff for a quota of 优秀."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from types import SimpleNamespace
from unittest import mock

from django.db import connection, transaction
from django.utils import timezone

from common.actors import Actor
from kpi.judging import years
from kpi.models import Cycle, Result, Scorecard
from tests import kpi_builders as build
from tests import staffing_builders as staff

SYSTEM = Actor.command("test")


def scored(at: SimpleNamespace) -> SimpleNamespace:
    """Every card of the year has a score, the one like the other."""
    for number, card in enumerate(Scorecard.objects.filter(cycle=at.cycle).order_by("pk")):
        Result.objects.update_or_create(scorecard=card, defaults={"score": Decimal(80) + number % 20})
    return at


def many(staff_count: int = 11, number: int = 2026) -> SimpleNamespace:
    """The small year, with so many staff in the investment bureau that a quota is something to speak of."""
    at = build.small_year(number)
    post = staff.post(at.zone, "YZ-INV-M", "招商岗", bureau=at.zone.invest, headcount=max(staff_count, 1))
    at.many = []
    for seat in range(1, staff_count + 1):
        person = staff.person(at.zone, f"员工{seat}")
        staff.seat(person, post, seat, term_ends=dt.date(2028, 10, 31))
        at.many.append(build.card(at.cycle, "person", at.zone.unit, at.zone.invest, person))
    another_leader(at)
    return scored(at)


def another_leader(at: SimpleNamespace) -> None:
    """A deputy, so that one leader may decide what the other did."""
    deputy = staff.post(at.zone, "YZ-L2", "副主任", grade="L1", tier="leader", headcount=1)
    person = staff.person(at.zone, "陈副主任")
    staff.seat(person, deputy, term_ends=dt.date(2028, 10, 31))
    at.users["leader2"] = staff.user("YZ-leader2", linked=person)


def grade_all(at: SimpleNamespace, **named: str) -> None:
    """Everybody is graded 合格, or as ``named`` says; the cards of units and bureaus in the second class."""
    with transaction.atomic():
        for card in Scorecard.objects.filter(cycle=at.cycle).select_related("result"):
            key = next((name for name, each in at.cards.items() if each.pk == card.pk), "")
            card.result.rating = named.get(key, "competent" if card.kind == "person" else "second")
            card.result.save()


def published(at: SimpleNamespace, on: dt.date, state: str = "published") -> SimpleNamespace:
    grade_all(at)
    Cycle.objects.filter(pk=at.cycle.pk).update(state=state, published_on=on)
    at.cycle.refresh_from_db()
    return at


@contextmanager
def days_later(days: int) -> Iterator[None]:
    """For the end of a year it is so many days later than it is, in PostgreSQL as well."""
    later = timezone.localdate() + dt.timedelta(days=days)
    with mock.patch.object(years, "timezone", SimpleNamespace(localdate=lambda: later)):
        _database_day(days)
        yield
        _database_day(0)


def _database_day(later: int) -> None:
    sql = "(now() at time zone 'Asia/Shanghai')::date"
    body = f"select {sql} + {later}" if later else f"\n    select {sql}\n"
    with connection.cursor() as cursor:
        cursor.execute(f"create or replace function common_today() returns date language sql stable as $${body}$$")
