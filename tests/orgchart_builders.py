"""A zone and a park exactly at their limits, for the tests of territory and structure; and users to look at them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

from django.apps import apps
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from common.actors import Actor
from common.models import User
from orgchart.models import (
    Bureau,
    BureauFunction,
    BureauVersion,
    Charter,
    CharterParameter,
    Duty,
    DutyAssignment,
    Function,
    Quota,
    Tier,
)
from staffing.models import Appointment, GradeCoefficient, Person, Post, PostGrade, PostVersion
from zones.models import Figure, Grant, Instrument, Metric, Unit, UnitVersion

REFORM = dt.date(2019, 10, 1)
BEFORE = dt.date(2019, 6, 30)
DAY = dt.date(2020, 6, 30)
NEXT_YEAR = dt.date(2020, 1, 1)
SINCE = DateRange(REFORM, None)
#: For tests that really commit: everything is emptied afterwards.
ALL_APPS = [config.name for config in apps.get_app_configs()]


def unit(code: str, kind: str, name: str, parent: Unit | None = None, **more) -> Unit:
    row = Unit.objects.create(code=code, kind=kind, sequence=more.pop("sequence", 0))
    version = {"name": name, "short_name": name, "parent": parent, "period": SINCE, **more}
    UnitVersion.objects.create(unit=row, **version)
    return row


def function(code: str, nature: str = "core") -> Function:
    return Function.objects.get_or_create(code=code, defaults={"name": f"职能{code}", "nature": nature})[0]


def bureau(at: SimpleNamespace, where: Unit, code: str, nature: str = "core", **more) -> Bureau:
    """A bureau with a function of its own; ``holds`` names another function instead."""
    holds = more.pop("holds", f"f-{code.lower()}")
    row = Bureau.objects.create(code=code)
    version = {"name": f"{code}局", "period": SINCE, "instrument": at.instrument, "nature": nature, **more}
    saved = BureauVersion.objects.create(bureau=row, unit=where, **version)
    BureauFunction.objects.create(version=saved, function=function(holds, nature))
    return row


#: What the charter of the reform states.
TERMS = {
    ("ORG-05", "max_levels"): "3",
    ("ORG-05", "sublevel_allowed"): "0",
    ("ORG-06", "min_ratio"): "0.6",
    ("ORG-07", "duplicates_allowed"): "0",
}


def limits(
    at: SimpleNamespace, zone: Unit, terms: dict[tuple[str, str], str | None] | None = None, **changes
) -> Charter:
    """A charter that states ``TERMS``, changed by ``terms`` (None: it says nothing of it)."""
    columns = {"name": "体制调整方案", "instrument": at.instrument, "period": SINCE, **changes}
    stated = {key: value for key, value in {**TERMS, **(terms or {})}.items() if value is not None}
    with transaction.atomic():  # its parameters come with it
        charter = Charter.objects.create(zone=zone, **columns)
        for (rule, name), value in stated.items():
            CharterParameter.objects.create(charter=charter, rule=rule, name=name, value=Decimal(value))
    return charter


def state(charter: Charter, rule: str, name: str, value: str) -> None:
    """Another value for what the charter states."""
    CharterParameter.objects.filter(charter=charter, rule=rule, name=name).update(value=Decimal(value))


def requota(at: SimpleNamespace, where: Unit, limit: int, since: dt.date = NEXT_YEAR, kind: str = "bureaus") -> Quota:
    """Another limit from a day on: the law of the days before stays what it was."""
    Quota.objects.filter(unit=where, kind=kind).update(period=DateRange(REFORM, since))
    terms = {"instrument": at.instrument, "period": DateRange(since, None)}
    return Quota.objects.create(unit=where, kind=kind, limit=limit, **terms)


#: Three core of five: exactly 60 %.
NATURES = ("core", "core", "core", "support", "social")
TIERS = (("leader", "园区领导"), ("head", "部门负责人"), ("staff", "工作人员"))


def full_zone(code: str = "YZ", city: Unit | None = None, room: int = 5) -> SimpleNamespace:
    """A zone and a park of five bureaus each: at the quota (unless there is more ``room``), at the core share, at
    three tiers."""
    at = SimpleNamespace(code=code)
    at.city = city or unit(f"{code}-CITY", "city", f"{code}市")
    at.instrument = Instrument.objects.create(
        code=f"i-{code.lower()}", title="体制调整方案", number="仪编〔2019〕1号", issuer="市委编委", issued_on=REFORM
    )
    approved = {"dispatched_by": "扬州市委、市政府", "instrument": at.instrument}
    at.zone = unit(code, "zone", f"{code}经开区", at.city, sequence=1, rank="full_division", **approved)
    at.park = unit(f"{code}-P", "park", f"{code}化工园", at.zone, sequence=2, rank="deputy_division", **approved)
    at.town = unit(f"{code}-TOWN", "town", f"{code}青山镇", at.city, sequence=3)
    at.charter = limits(at, at.zone)
    at.tiers = [
        Tier.objects.create(zone=at.zone, number=number, kind=kind, name=name, period=SINCE)
        for number, (kind, name) in enumerate(TIERS, start=1)
    ]
    for each in (at.zone, at.park):
        Quota.objects.create(unit=each, kind="bureaus", limit=room, instrument=at.instrument, period=SINCE)
    at.bureaus = [bureau(at, at.zone, f"{code}-B{n}", nature, sequence=n) for n, nature in enumerate(NATURES, start=1)]
    at.park_bureaus = [
        bureau(at, at.park, f"{code}-P-B{n}", nature, sequence=n) for n, nature in enumerate(NATURES, start=1)
    ]
    at.duty = Duty.objects.create(code=f"farming-{code.lower()}", name="农业农村", kind="social")
    DutyAssignment.objects.create(duty=at.duty, area=at.park, unit=at.town, period=SINCE, instrument=at.instrument)
    DutyAssignment.objects.create(
        duty=at.duty, area=at.zone, bureau=at.bureaus[4], period=SINCE, instrument=at.instrument
    )
    return at


def metric(code: str = "tax", name: str = "税收收入", measure: str = "yuan") -> Metric:
    return Metric.objects.get_or_create(code=code, defaults={"name": name, "measure": measure})[0]


def figure(where: Unit, year: int, value: str, **more) -> Figure:
    terms = {"metric": more.pop("metric", None) or metric(), "source": "财政决算", **more}
    terms.setdefault("vintage", dt.date(year + 1, 2, 1))
    return Figure.objects.create(unit=where, year=year, value=Decimal(value), **terms)


def user(name: str, role: str = "", on: Unit | None = None) -> User:
    row = User.objects.create_user(username=name, password=None)
    if role:
        Grant.objects.create(user=row, role=role, unit=on, period=SINCE)
    return row


def actor(user: User | None = None) -> Actor:
    return Actor(user=user, door="page")


# --- who is there -----------------------------------------------------------------------------


def post(at: SimpleNamespace, code: str, where: Unit, bureau: Bureau | None, tier: int, seats: int = 1, **more) -> Post:
    """A post in a tier (0 leaders, 1 heads, 2 staff)."""
    grade, new = PostGrade.objects.get_or_create(code=f"G{tier}", defaults={"name": f"{tier} 级岗"})
    if new:
        GradeCoefficient.objects.create(grade=grade, value=Decimal("1.6"), period=SINCE)
    row = Post.objects.create(code=code)
    PostVersion.objects.create(
        post=row,
        unit=where,
        bureau=bureau,
        tier=at.tiers[tier],
        grade=grade,
        category="GL",
        is_head=tier == 1,
        headcount=seats,
        **{"period": SINCE, "name": f"{code}岗", "duties": "职责", "standards": "标准", "requirements": "条件", **more},
    )
    return row


_staff = iter(range(1, 10**6))


def seat(where: Post, name: str, number: int = 1, user: User | None = None, **more) -> Person:
    """A person on a seat of a post, in the post's unit."""
    person = Person.objects.create(
        staff_no=f"O{next(_staff):05d}",
        name=name,
        gender="M",
        birth_date=dt.date(1985, 3, 7),
        category="institution",
        identity="institution",
        home_unit=where.versions.get().unit,
        user=user,
    )
    terms = {"decided_on": REFORM, "period": SINCE, **more}
    Appointment.objects.create(person=person, post=where, seat=number, **terms)
    return person


def staff(at: SimpleNamespace) -> None:
    """A leader of the zone; the first bureau with a head and a clerk of two seats; the second without a head."""
    at.leader_post = post(at, "L", at.zone, None, 0, name="管委会主任")
    at.head_post = post(at, "H1", at.zone, at.bureaus[0], 1, name="局长")
    at.clerk_post = post(at, "C1", at.zone, at.bureaus[0], 2, seats=2, name="专员")
    at.empty_head = post(at, "H2", at.zone, at.bureaus[1], 1, name="局长")
    at.park_head = post(at, "H3", at.park, at.park_bureaus[0], 1, name="部长")
    at.people = {
        "leader": seat(at.leader_post, "李主任", user=user("leader")),
        "head": seat(at.head_post, "王局长", user=user("head")),
        "staff": seat(at.clerk_post, "张专员", user=user("staff")),
        "park_head": seat(at.park_head, "赵部长", user=user("park-head"), kind="acting"),
    }
