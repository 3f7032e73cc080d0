"""A small zone with two bureaus and five people, everything a run needs, in plain rows."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from types import SimpleNamespace

from django.db import transaction

from common.actors import Actor
from common.models import User
from common.periods import calendar_year, period
from common.trace import Input
from kpi.models import Cycle, Result, Scorecard
from orgchart.models import Bureau, BureauFunction, BureauVersion, Function, Tier
from pay import services
from pay.life import services as life
from pay.models import BureauShare, PoolRule, Run, Scheme
from pay.settings import EXAMPLE
from staffing.models import Appointment, GradeCoefficient, Person, Post, PostGrade, PostVersion
from tests.orgchart_builders import limits
from zones.models import Figure, Grant, Instrument, Metric, Unit, UnitVersion

SINCE = period(dt.date(2019, 10, 1))
ON = dt.date(2019, 10, 1)


def instrument() -> Instrument:
    found, _ = Instrument.objects.get_or_create(
        code="test", defaults={"title": "测试批文", "issuer": "测试机关", "issued_on": ON}
    )
    return found


def unit(code: str, kind: str, parent: Unit | None = None, **extra) -> Unit:
    made = Unit.objects.create(code=code, kind=kind)
    UnitVersion.objects.create(unit=made, parent=parent, name=f"{code}名称", short_name=code, period=SINCE, **extra)
    return made


def zone(code: str = "TZ") -> Unit:
    city, created = Unit.objects.get_or_create(code="TCITY", defaults={"kind": "city"})
    if created:
        UnitVersion.objects.create(unit=city, name="测试市", short_name="测试市", period=SINCE)
    made = unit(code, "zone", city)
    limits(SimpleNamespace(instrument=instrument()), made, name="测试规定")
    for number, (kind, name) in enumerate(
        (("leader", "园区领导"), ("head", "部门负责人"), ("staff", "工作人员")), start=1
    ):
        Tier.objects.create(zone=made, number=number, kind=kind, name=name, period=SINCE)
    return made


def bureau(code: str, of: Unit, sequence: int = 1, nature: str = "core") -> Bureau:
    made = Bureau.objects.create(code=code)
    function, _ = Function.objects.get_or_create(code=f"f-{code}", defaults={"name": code, "nature": nature})
    version = BureauVersion.objects.create(
        bureau=made,
        unit=of,
        name=f"{code}局",
        nature=nature,
        sequence=sequence,
        instrument=instrument(),
        period=SINCE,
    )
    BureauFunction.objects.create(version=version, function=function)
    return made


def grade(code: str, coefficient: str) -> PostGrade:
    made, created = PostGrade.objects.get_or_create(code=code.replace(".", "-"), defaults={"name": code})
    if created:
        GradeCoefficient.objects.create(grade=made, value=Decimal(coefficient), period=SINCE)
    return made


def post(code: str, of: Unit, in_bureau: Bureau | None, coefficient: str = "1.0", **extra) -> Post:
    made = Post.objects.create(code=code)
    kind = extra.pop("tier", "staff")
    PostVersion.objects.create(
        post=made,
        unit=of,
        bureau=in_bureau,
        name=f"{code}岗",
        tier=Tier.objects.get(zone__in=[of, *[v.parent for v in of.versions.all()]], kind=kind),
        grade=grade(f"G{coefficient}", coefficient),
        category="GL",
        headcount=extra.pop("headcount", 9),
        duties="职责",
        standards="标准",
        requirements="条件",
        period=SINCE,
        **extra,
    )
    return made


def person(staff_no: str, home: Unit, user: User | None = None) -> Person:
    return Person.objects.create(
        staff_no=staff_no,
        name=f"甲{staff_no}",
        gender="M",
        birth_date=dt.date(1985, 5, 5),
        category="institution",
        identity="institution",
        home_unit=home,
        user=user,
    )


def appoint(who: Person, to: Post, first: dt.date = ON, last: dt.date | None = None, **extra) -> Appointment:
    seat = Appointment.objects.filter(post=to).count() + 1
    return Appointment.objects.create(
        person=who, post=to, seat=seat, period=period(first, last), decided_on=first, **extra
    )


def figure(of: Unit, metric: str, year: int, value: str, **extra) -> Figure:
    made, _ = Metric.objects.get_or_create(code=metric, defaults={"name": metric, "measure": "yuan"})
    facts = {"source": "测试", "vintage": dt.date(2021, 1, 15)} | extra
    return Figure.objects.create(unit=of, metric=made, year=year, value=Decimal(value), **facts)


def figures(of: Unit, year: int = 2020, scopes=("全口径", "全口径"), **changes: str | None) -> None:
    values = {
        "pool_base": "1000000",
        "reference_income": "900000",
        "tax": "1100",
        "tax_before": "1000",
        "budget_revenue": "525",
        "budget_revenue_before": "500",
        "gdp": "2060",
        "gdp_before": "2000",
    } | changes
    for name, value in values.items():
        if value is not None:
            before = name.endswith("_before")
            figure(of, name.removesuffix("_before"), year - before, value, scope=scopes[before])


COMPOSITE = {
    "alpha": "0.8",
    "weight_tax": "0.5",
    "weight_budget": "0.3",
    "weight_gdp": "0.2",
    "floor": "0.85",
    "cap": "1.25",
}


def rule(of: Scheme, method: str, role: str = "term", unit: Unit | None = None, **parameters: str) -> PoolRule:
    return PoolRule.objects.create(scheme=of, unit=unit, method=method, role=role, parameters=parameters)


@transaction.atomic
def scheme(of: Unit, *, rules=None, **changes) -> Scheme:
    """F13 under twice the reference income, unless ``rules`` (method, role, parameters) says otherwise."""
    settings = EXAMPLE | {key: changes.pop(key) for key in list(changes) if key in EXAMPLE}
    composite = COMPOSITE | {key: changes.pop(key) for key in list(changes) if key in COMPOSITE}
    cap = {"reference_multiple": changes.pop("reference_multiple", "2")}
    factors = changes.pop("grade_factors", {})
    made = Scheme.objects.create(
        zone=of,
        name="测试方案",
        instrument=instrument(),
        rating_factors={"first": "1.1", "second": "1.0", "third": "0.9"},
        grade_factors={"excellent": "1.2", "competent": "1.0", "basic": "0.8", "incompetent": "0", "undetermined": "0"}
        | factors,
        settings=settings,
        cutoff_day=15,
        period=calendar_year(2020),
        **{
            key: Decimal(value)
            for key, value in ({"bureau_floor": "0.8", "bureau_cap": "1.2", "current_ratio": "0.6"} | changes).items()
        },
    )
    for method, role, parameters in rules or (("F13", "term", composite), ("F02", "limit", cap)):
        rule(made, method, role, **parameters)
    return made


def result(cycle: Cycle, of: Unit, *, score: str | None = None, rating: str = "", bureau=None, person=None) -> Result:
    kind = "person" if person else "bureau" if bureau else "unit"
    card = Scorecard.objects.create(cycle=cycle, kind=kind, unit=of, bureau=bureau, person=person)
    return Result.objects.create(scorecard=card, score=score and Decimal(score), rating=rating)


def small_zone(code: str = "TZ", terms: dict | None = None, **figure_changes: str | None) -> dict:
    """A zone ready to compute: bureaus A (score 90) and B (score 80); p3 moved from A to B in July 2020."""
    tz = zone(code)
    a, b = bureau(f"{code}-A", tz, 1), bureau(f"{code}-B", tz, 2)
    posts = {
        "lead": post(f"{code}-L", tz, None, "2.0", tier="leader"),
        "a_head": post(f"{code}-A1", tz, a, "1.6", tier="head", is_head=True, headcount=1),
        "a": post(f"{code}-A2", tz, a, "1.0"),
        "b_head": post(f"{code}-B1", tz, b, "1.6", tier="head", is_head=True, headcount=1),
        "b": post(f"{code}-B2", tz, b, "1.0"),
    }
    people = {key: person(f"{code}-{key}", tz) for key in ("p0", "p1", "p2", "p3", "p4", "p5")}
    appoint(people["p0"], posts["lead"])
    appoint(people["p1"], posts["a_head"])
    appoint(people["p2"], posts["a"])
    appoint(people["p3"], posts["a"], last=dt.date(2020, 6, 30))
    appoint(people["p3"], posts["b"], dt.date(2020, 7, 1))
    appoint(people["p4"], posts["b_head"])
    appoint(people["p5"], posts["b"], dt.date(2020, 4, 10))
    figures(tz, **figure_changes)
    scheme(tz, **(terms or {}))
    cycle = Cycle.objects.create(holder=tz, year=2020)
    result(cycle, tz, rating="second")
    result(cycle, tz, score="90", bureau=a)
    result(cycle, tz, score="80", bureau=b)
    for key, rating in (
        ("p1", "excellent"),
        ("p2", "competent"),
        ("p3", "competent"),
        ("p4", "competent"),
        ("p5", "basic"),
    ):
        result(cycle, tz, rating=rating, person=people[key])
    return {"zone": tz, "a": a, "b": b, "posts": posts, "people": people, "cycle": cycle}


def granted(username: str, role: str, on: Unit) -> User:
    user = User.objects.create_user(username, password="correct horse battery")
    Grant.objects.create(user=user, role=role, unit=on, period=SINCE)
    return user


def signer(name: str) -> User:
    """Somebody who signs; what he may do is asked elsewhere."""
    return User.objects.get_or_create(username=name)[0]


def acting(name: str) -> Actor:
    return Actor(signer(name), "page")


def computed(of: Unit, year: int = 2020, by: str = "drafter") -> Run:
    """A draft, asked for by ``by``."""
    (run,) = services.request_runs(units=[of], year=year, by=acting(by))
    return Run.objects.get(pk=services.compute(run.pk, by=acting(by)).pk)


def approved(run: Run, checker: str = "checker", approver: str = "approver") -> Run:
    """The draft, checked and approved by two others."""
    run = life.check_run(run=run, seen=life.stamp(run), by=acting(checker))
    run = life.approve_run(run=run, instrument=instrument(), seen=life.stamp(run), by=acting(approver))
    return Run.objects.get(pk=run.pk)


def correction(of: Run, amounts: dict[int, Decimal], *, held: tuple[int, ...] = (), **facts) -> Run:
    """A draft that corrects ``of``: allocations by their key get other amounts, the rest keep theirs."""
    run = Run.objects.get(pk=of.pk)
    run.pk, run.corrects, run.state, run.input_hash = None, of, Run.State.RUNNING, uuid.uuid4().hex
    run.requested_by, run.checked_by, run.checked_at = signer("drafter"), None, None
    run.approved_by = run.approved_at = run.instrument = None
    run.difference = Decimal(0)
    run.save()
    whole = Decimal(0)
    for share in of.shares.prefetch_related("allocations"):
        rows = list(share.allocations.all())
        before, fresh = share.amount, [amounts.get(row.pk, row.amount) for row in rows]
        share.pk, share.run, share.amount = None, run, sum(fresh, Decimal(0))
        share.difference = share.amount - before
        share.save()
        whole += share.amount
        for row, amount in zip(rows, fresh, strict=True):
            row.pk, row.run, row.share, row.difference, row.amount = None, run, share, amount - row.amount, amount
            row.held = row.person_id in held
            row.save()
    run.pool = whole + run.reserve + run.returned
    run.difference = whole - of.shared
    run.state = Run.State.COMPUTED
    for name, value in facts.items():
        setattr(run, name, value)
    run.save()
    return Run.objects.get(pk=run.pk)


def regrade(person: Person, rating: str) -> None:
    """The person's result of the year with another grade."""
    Result.objects.filter(scorecard__person=person).update(rating=rating)


def rescore(bureau: Bureau, score: str) -> None:
    Result.objects.filter(scorecard__bureau=bureau, scorecard__kind="bureau").update(score=Decimal(score))


def unsaved_share() -> BureauShare:
    """A share that stands in no run: what a person's input is read beside."""
    return BureauShare(bureau_id=1, people_points=Decimal(36), amount=Decimal("1000.01"))


def score_input(points: str) -> Input:
    return Input("score", Decimal(points), unit="points")
