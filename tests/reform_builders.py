"""A zone on both sides of the reform, for tests of charts and comparisons."""

import datetime as dt

from orgchart.models import BureauVersion, Tier
from tests import orgchart_builders as build
from zones.models import UnitVersion

OLD = dt.date(2018, 1, 1)
THEN = build.DateRange(OLD, build.REFORM)
SIX = (
    ("leader", "管委会主任"),
    ("leader", "分管副主任"),
    ("head", "职能机构负责人"),
    ("head", "分管负责人"),
    ("head", "二级内设机构负责人"),
    ("staff", "工作人员"),
)


def before_and_after():
    """The zone since the reform, and what it and its park were before: each its own head, six hands, second level."""
    at = build.full_zone()
    build.staff(at)
    for unit in (at.zone, at.park):
        now = unit.versions.get()
        UnitVersion.objects.create(
            unit=unit, name=now.name, short_name=now.short_name, parent=at.city, period=THEN, is_example=True
        )
        lenient = {("ORG-05", "max_levels"): "6", ("ORG-05", "sublevel_allowed"): "1", ("ORG-06", "min_ratio"): None}
        build.limits(at, unit, lenient, name="改革前的规定", period=THEN)
        for number, (kind, name) in enumerate(SIX, start=1):
            Tier.objects.create(zone=unit, number=number, kind=kind, name=name, period=THEN)
    UnitVersion.objects.create(unit=at.city, name="YZ市", short_name="YZ市", period=THEN)
    at.old = build.bureau(at, at.zone, "OLD", "social", name="农业农村局", period=THEN, holds="farms")
    at.section = build.bureau(at, at.zone, "OLD-S", "social", name="农业科", period=THEN, holds="farms", parent=at.old)
    at.park_old = build.bureau(at, at.park, "P-OLD", "social", name="信访办", period=THEN, holds="petitions")
    build.bureau(at, at.park, "P-OLD-S", "social", name="信访科", period=THEN, holds="petitions", parent=at.park_old)
    BureauVersion.objects.create(
        bureau=at.bureaus[0],
        unit=at.zone,
        name="招商处",
        nature="core",
        period=THEN,
        instrument=at.instrument,
    )
    at.users = {role: build.user(role, role, at.zone) for role in ("hr", "finance")}
    at.users["evaluator"] = build.user("evaluator", "evaluator", at.city)
    return at
