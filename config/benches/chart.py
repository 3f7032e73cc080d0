"""``manage.py bench chart``: the org chart of a zone made up for it, 60 bureaus and 1,000 posts unless told."""

from __future__ import annotations

import datetime as dt
from itertools import cycle
from math import ceil
from statistics import median

from django.core.management.base import OutputWrapper
from django.db import connection, transaction
from django.urls import reverse

from common.models import User
from common.periods import period
from config.benches.tour import Stop, visit
from orgchart.models import Bureau, BureauFunction, BureauVersion, Charter, Function, Nature, Tier
from staffing.models import Appointment, Person, Post, PostGrade, PostVersion
from zones.models import Grant, Instrument, Unit, UnitVersion

ZONE, USER = "BENCH", "bench-hr"
SINCE = dt.date(2020, 1, 1)
PARKS = 3
TIERS = (("leader", "园区领导"), ("head", "部门负责人"), ("staff", "工作人员"))
#: Four seats in five are taken.
FILLED = (True, True, True, True, False)


def run(out: OutputWrapper, *, sizes: list[tuple[int, int]], repeat: int) -> None:
    """Print one row a size: queries, bytes, and the median and 95th percentile of server time in milliseconds."""
    out.write(f"{'bureaus':>8}{'posts':>8}{'status':>8}{'queries':>9}{'kB':>8}{'median ms':>11}{'p95 ms':>9}")
    for bureaus, posts in sizes:
        with transaction.atomic():
            build(bureaus, posts)
            clients: dict = {}
            stop = Stop("chart", reverse("chart", args=[ZONE]), USER)
            visits = [visit(stop, clients) for _ in range(repeat)]
            times = sorted(each.milliseconds for each in visits)
            late = times[ceil(0.95 * len(times)) - 1]
            last = visits[-1]
            out.write(
                f"{bureaus:>8}{posts:>8}{last.status:>8}{last.queries:>9}{last.size / 1000:>8.1f}"
                f"{median(times):>11.1f}{late:>9.1f}"
            )
            transaction.set_rollback(True)


def build(bureaus: int, posts: int) -> Unit:
    """A zone with three parks, ``bureaus`` over them and ``posts`` of one seat each; for a transaction to undo."""
    instrument = Instrument.objects.create(code="bench", title="量测", issuer="量测", issued_on=SINCE)
    units = _units()
    zone = units[0]
    Charter.objects.create(zone=zone, name="量测", instrument=instrument, period=period(SINCE))
    tiers = [
        Tier.objects.create(zone=zone, number=number, kind=kind, name=name, period=period(SINCE))
        for number, (kind, name) in enumerate(TIERS, start=1)
    ]
    versions = _bureaus(units, instrument, bureaus)
    _people(_posts(versions, tiers, posts))
    user = User.objects.create_user(username=USER, password=None)
    Grant.objects.create(user=user, role="hr", unit=zone, period=period(SINCE))
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    return zone


def _units() -> list[Unit]:
    codes = [(ZONE, Unit.Kind.ZONE), *((f"{ZONE}-{n}", Unit.Kind.PARK) for n in range(1, PARKS + 1))]
    city = Unit.objects.create(code=f"{ZONE}-CITY", kind=Unit.Kind.CITY)
    UnitVersion.objects.create(unit=city, name="量测市", short_name="量测市", period=period(SINCE))
    units = [Unit.objects.create(code=code, kind=kind, sequence=n) for n, (code, kind) in enumerate(codes)]
    for unit in units:
        parent = city if unit is units[0] else units[0]
        UnitVersion.objects.create(
            unit=unit, name=f"量测{unit.code}", short_name=unit.code, parent=parent, period=period(SINCE)
        )
    return units


def _bureaus(units: list[Unit], instrument: Instrument, count: int) -> list[BureauVersion]:
    function = Function.objects.create(code="bench", name="量测", nature=Nature.CORE)
    identities = Bureau.objects.bulk_create(Bureau(code=f"{ZONE}-B{n}") for n in range(count))
    versions = BureauVersion.objects.bulk_create(
        BureauVersion(
            bureau=bureau,
            unit=unit,
            name=f"量测第{n}局",
            nature=Nature.CORE,
            sequence=n,
            instrument=instrument,
            period=period(SINCE),
        )
        for n, (bureau, unit) in enumerate(zip(identities, cycle(units), strict=False))
    )
    BureauFunction.objects.bulk_create(BureauFunction(version=version, function=function) for version in versions)
    return versions


def _posts(bureaus: list[BureauVersion], tiers: list[Tier], count: int) -> list[PostVersion]:
    """Posts of one seat; the first of each bureau is its head's."""
    _leader, head, staff = tiers
    grade = PostGrade.objects.order_by("sequence").first() or PostGrade.objects.create(code="bench", name="量测")
    identities = Post.objects.bulk_create(Post(code=f"{ZONE}-P{n}") for n in range(count))
    return PostVersion.objects.bulk_create(
        PostVersion(
            post=post,
            unit_id=bureau.unit_id,
            bureau_id=bureau.bureau_id,
            tier=head if n < len(bureaus) else staff,
            grade=grade,
            name=f"量测岗{n}",
            category=PostVersion.Category.MANAGEMENT,
            is_head=n < len(bureaus),
            headcount=1,
            duties="量测",
            standards="量测",
            requirements="量测",
            sequence=n,
            period=period(SINCE),
        )
        for n, (post, bureau) in enumerate(zip(identities, cycle(bureaus), strict=False))
    )


def _people(posts: list[PostVersion]) -> None:
    taken = [post for post, filled in zip(posts, cycle(FILLED), strict=False) if filled]
    people = Person.objects.bulk_create(
        Person(
            staff_no=f"BC{number:05d}",
            name=f"量测{number}",
            gender="F",
            birth_date=dt.date(1990, 1, 1),
            category=Person.Category.INSTITUTION,
            identity=Person.Identity.INSTITUTION,
            home_unit_id=post.unit_id,
            is_example=True,
        )
        for number, post in enumerate(taken)
    )
    Appointment.objects.bulk_create(
        Appointment(person=person, post_id=post.post_id, seat=1, period=period(SINCE), decided_on=SINCE)
        for person, post in zip(people, taken, strict=True)
    )
