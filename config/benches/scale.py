"""Making a zone larger for a measurement: more people of the same kind, inside a transaction that is rolled back."""

from __future__ import annotations

import datetime as dt
from itertools import cycle as forever
from unittest import mock

from django.db import connection

from common.actors import Actor
from common.periods import calendar_year, period
from kpi.models import Cycle, Rating, Result, Scorecard
from orgchart.lawgiving import set_limits
from orgchart.models import BureauVersion, Quota, Tier
from pay import services
from staffing.models import Appointment, Person, Post, PostGrade, PostVersion
from zones.models import Unit

SINCE = dt.date(2020, 1, 1)


def enlarge(zone: Unit, people: int, year: int = 2020) -> None:
    """Add people to the zone and its parks until about ``people`` hold posts, grade them, and compute anew.

    They sit in one large post a bureau. Everything is ordinary rows, so what a
    page reads of them is what it would read of real ones.
    """
    missing = (
        people - Person.objects.filter(home_unit__in=[unit.pk for unit in services.units_of_zone(zone, year)]).count()
    )
    versions = list(
        BureauVersion.objects.during(calendar_year(year)).filter(unit__in=services.units_of_zone(zone, year))
    )
    if missing <= 0 or not versions:
        return
    grade = PostGrade.objects.order_by("-sequence")[0]
    tier = Tier.objects.filter(zone=zone, kind="staff")[0]
    _widen(zone, missing, year)
    added = [_post(version, tier, grade, missing) for version in versions]
    rows = _people(added, missing)
    _appoint(rows)
    _grade(zone, rows, year)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    with mock.patch.object(services, "_send"):
        runs = services.request_runs(units=services.units_of_zone(zone, year), year=year, by=Actor.command("bench"))
    for run in runs:
        services.compute(run.pk, by=Actor.command("bench"))


def _widen(zone: Unit, more: int, year: int) -> None:
    """Room for so many more in every unit: a headcount ceiling is held to (ORG-01)."""
    units = services.units_of_zone(zone, year)
    quotas = list(Quota.objects.on(SINCE).filter(unit__in=units, kind=Quota.Kind.STAFF).select_related("unit"))
    if quotas:
        limits = {(quota.unit, quota.kind): quota.limit + more for quota in quotas}
        terms = {"zone": zone, "instrument": quotas[0].instrument, "starts": SINCE}
        set_limits(limits=limits, by=Actor.command("bench"), **terms)


def _post(version: BureauVersion, tier: Tier, grade: PostGrade, headcount: int) -> PostVersion:
    post = Post.objects.create(code=f"bench-{version.bureau.code}")
    return PostVersion.objects.create(
        post=post,
        unit_id=version.unit_id,
        bureau_id=version.bureau_id,
        tier=tier,
        grade=grade,
        name="量测岗",
        category=PostVersion.Category.MANAGEMENT,
        level="GL08",
        headcount=headcount,
        duties="量测",
        standards="量测",
        requirements="量测",
        sequence=999,
        period=period(SINCE),
    )


def _people(posts: list[PostVersion], count: int) -> list[tuple[Person, PostVersion]]:
    chosen = [post for _number, post in zip(range(count), forever(posts), strict=False)]
    people = Person.objects.bulk_create(
        Person(
            staff_no=f"B{number:06d}",
            name=f"量测{number}",
            gender="F",
            birth_date=dt.date(1990, 1, 1),
            category=Person.Category.INSTITUTION,
            identity=Person.Identity.INSTITUTION,
            home_unit_id=post.unit_id,
            is_example=True,
        )
        for number, post in enumerate(chosen)
    )
    return list(zip(people, chosen, strict=True))


def _appoint(rows: list[tuple[Person, PostVersion]]) -> None:
    seats: dict[int, int] = {}
    made = []
    for person, post in rows:
        seats[post.post_id] = seat = seats.get(post.post_id, 0) + 1
        made.append(Appointment(person=person, post_id=post.post_id, seat=seat, period=period(SINCE), decided_on=SINCE))
    Appointment.objects.bulk_create(made, batch_size=2000)


def _grade(zone: Unit, rows: list[tuple[Person, PostVersion]], year: int) -> None:
    cycle = Cycle.objects.get(holder=zone, year=year)
    # Open for the added people only, although a year never goes back; the whole of it is rolled back.
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate; alter table kpi_cycle disable trigger kpi_cycle_forward")
        cursor.execute("set constraints all deferred")
    Cycle.objects.filter(pk=cycle.pk).update(state=Cycle.State.OPEN)
    cards = Scorecard.objects.bulk_create(
        [
            Scorecard(cycle=cycle, kind="person", unit_id=post.unit_id, bureau_id=post.bureau_id, person=person)
            for person, post in rows
        ],
        batch_size=2000,
    )
    Result.objects.bulk_create([Result(scorecard=card, rating=Rating.COMPETENT) for card in cards], batch_size=2000)
