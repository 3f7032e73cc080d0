"""A small zone for the tests of staffing: two zones apart, one park, bureaus, posts, people, users."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

from django.apps import apps
from django.db.backends.postgresql.psycopg_any import DateRange

from common.actors import Actor
from common.models import User
from common.periods import period
from orgchart.models import Bureau, BureauFunction, BureauVersion, Function, Tier
from staffing.models import Appointment, GradeCoefficient, Person, Post, PostGrade, PostVersion
from staffing.personnel.identity import check_digit
from tests.orgchart_builders import limits
from zones.models import Grant, Instrument, Unit, UnitVersion

REFORM = dt.date(2019, 10, 1)
TERM = dt.date(2019, 11, 1)
TERM_ENDS = dt.date(2022, 10, 31)
DAY = dt.date(2020, 6, 30)
SINCE = DateRange(REFORM, None)
#: For tests that really commit: emptied with what refers to it, as the seals of the audit trail do.
ALL_APPS = [config.name for config in apps.get_app_configs()]


def national_id(number: int, *, born: dt.date = dt.date(1985, 3, 7), gender: str = "M", region: int = 990001) -> str:
    """A number with a right checksum, in a region that does not exist; ``person`` takes its own from another."""
    order = number * 2 + (1 if gender == "M" else 0)
    first17 = f"{region}{born:%Y%m%d}{order % 1000:03d}"
    return first17 + check_digit(first17)


def unit(code: str, kind: str, name: str, parent: Unit | None = None, sequence: int = 0) -> Unit:
    row = Unit.objects.create(code=code, kind=kind, sequence=sequence)
    UnitVersion.objects.create(unit=row, name=name, short_name=name, parent=parent, period=SINCE)
    return row


def bureau(zone: SimpleNamespace, where: Unit, code: str, name: str, sequence: int = 1) -> Bureau:
    row = Bureau.objects.create(code=code)
    version = BureauVersion.objects.create(
        bureau=row,
        unit=where,
        name=name,
        nature="core",
        sequence=sequence,
        period=SINCE,
        instrument=zone.instrument,
    )
    function = Function.objects.create(code=f"f-{code.lower()}", name=name, nature="core")
    BureauFunction.objects.create(version=version, function=function)
    return row


def post(
    zone: SimpleNamespace,
    code: str,
    name: str,
    *,
    where: Unit | None = None,
    bureau: Bureau | None = None,
    grade: str = "S2",
    tier: str = "staff",
    headcount: int = 2,
    starts: dt.date = REFORM,
    ends: dt.date | None = None,
    **more,
) -> Post:
    row = Post.objects.create(code=code)
    PostVersion.objects.create(
        post=row,
        unit=where or zone.unit,
        bureau=bureau,
        tier=zone.tiers[tier],
        grade=zone.grades[grade],
        name=name,
        headcount=headcount,
        duties="承担岗位职责",
        standards="按时完成",
        requirements="大学本科以上",
        period=period(starts, ends),
        is_head=tier == "head",
        **{"category": "GL", **more},
    )
    return row


_people = iter(range(1, 100000))


def person(zone: SimpleNamespace, name: str, staff_no: str = "", **more) -> Person:
    number = next(_people)
    fields = {
        "staff_no": staff_no or f"T{number:05d}",
        "name": name,
        "gender": "M",
        "birth_date": dt.date(1985, 3, 7) + dt.timedelta(days=number // 400),
        "category": "institution",
        "identity": "institution",
        "home_unit": zone.unit,
        **more,
    }
    if "national_id" not in fields:
        known = {"born": fields["birth_date"], "gender": fields["gender"]}
        fields["national_id"] = national_id(number, region=990000, **known)
    return Person.objects.create(**fields)


def seat(who: Person, where: Post, number: int = 1, *, starts: dt.date = TERM, ends=None, **more) -> Appointment:
    fields = {"decided_on": starts, "term_ends": TERM_ENDS, "document_number": "仪开人〔2019〕1号", **more}
    return Appointment.objects.create(person=who, post=where, seat=number, period=period(starts, ends), **fields)


def small_zone(code: str = "YZ", parent: Unit | None = None) -> SimpleNamespace:
    """A zone with a park, two bureaus and a park's bureau, and posts without anybody on them."""
    zone = SimpleNamespace(code=code)
    zone.city = parent or unit(f"{code}-CITY", "city", f"{code}市")
    zone.unit = unit(code, "zone", f"{code}经开区", zone.city, 1)
    zone.park = unit(f"{code}-P", "park", f"{code}化工园", zone.unit, 2)
    zone.instrument = Instrument.objects.create(
        code=f"i-{code.lower()}", title="改革方案", issuer="编委", issued_on=REFORM
    )
    limits(SimpleNamespace(instrument=zone.instrument), zone.unit, name="方案")
    zone.tiers = {
        kind: Tier.objects.create(zone=zone.unit, number=number, kind=kind, name=name, period=SINCE)
        for number, (kind, name) in enumerate(
            [("leader", "园区领导"), ("head", "部门负责人"), ("staff", "工作人员")], start=1
        )
    }
    zone.grades = {}
    for order, (grade, name, worth) in enumerate(
        [("L1", "领导正职", "2.0"), ("H1", "部门正职", "1.6"), ("S1", "主管", "1.2"), ("S2", "专员", "1.0")]
    ):
        row, new = PostGrade.objects.get_or_create(code=grade, defaults={"name": name, "sequence": order})
        if new:
            GradeCoefficient.objects.create(grade=row, value=Decimal(worth), period=SINCE)
        zone.grades[grade] = row
    zone.invest = bureau(zone, zone.unit, f"{code}-INV", "招商局", 1)
    zone.economy = bureau(zone, zone.unit, f"{code}-ECO", "经济发展局", 2)
    zone.park_invest = bureau(zone, zone.park, f"{code}-P-INV", "专业招商部", 1)
    zone.leader = post(zone, f"{code}-L", "主任", grade="L1", tier="leader", headcount=1)
    zone.head = post(
        zone, f"{code}-INV-H", "局长", bureau=zone.invest, grade="H1", tier="head", headcount=1, sequence=1
    )
    zone.clerk = post(zone, f"{code}-INV-C", "招商专员", bureau=zone.invest, sequence=2)
    zone.eco_clerk = post(zone, f"{code}-ECO-C", "经济专员", bureau=zone.economy)
    zone.park_clerk = post(zone, f"{code}-P-INV-C", "招商专员", where=zone.park, bureau=zone.park_invest)
    return zone


def user(name: str, *, role: str = "", on: Unit | None = None, linked: Person | None = None) -> User:
    row = User.objects.create_user(username=name, password=None)
    if role:
        Grant.objects.create(user=row, role=role, unit=on, period=SINCE)
    if linked:
        linked.user = row
        linked.save()
    return row


def clerk(name: str = "hr-clerk", zone: SimpleNamespace | None = None) -> Actor:
    """An acting HR clerk, with a grant when the zone is given."""
    found = User.objects.filter(username=name).first()
    return Actor(user=found or user(name, role="hr" if zone else "", on=zone and zone.unit), door="page")
