"""A small zone in its assessment year: two bureaus, a park, heads, a leader, staff, and their cards."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

from django.db import transaction
from django.utils import timezone

from common.access import Access
from common.actors import Actor
from kpi.models import Cycle, Indicator, Line, Panel, PanelGroup, PanelLine, Rater, Scorecard
from kpi.raters import rating
from orgchart.models import Charter, CharterParameter
from tests import staffing_builders as staff

ALL_APPS = staff.ALL_APPS
PARAMETERS = {
    "completion": {"cap": "1.1", "floor": "0.6"},
    "efficacy": {"x_min": "2", "x_sat": "12"},
    "rating": {},
    "ranking": {"top": "1", "bottom": "0.6"},
    "flat": {"flat": "0.8", "step_percent": "5", "step_points": "1", "cap": "0.5"},
    "deduction": {"per_event": "0.5", "veto": True},
}


def indicator(code: str, method: str = "completion", name: str = "", **more) -> Indicator:
    row, _new = Indicator.objects.get_or_create(
        code=code,
        defaults={
            "name": name or f"指标{code}",
            "kind": "qualitative" if method == "rating" else "quantitative",
            "method": method,
            "parameters": PARAMETERS[method],
            "measure": "个",
            "data_source": "经济发展局",
            **more,
        },
    )
    return row


#: What stands on a card: indicator, method, weight, target. A completion of 100 % earns the weight.
LINES = (
    ("new-projects", "completion", "40", "20"),
    ("budget-growth", "efficacy", "30", None),
    ("safety", "deduction", "20", None),
    ("party", "rating", "10", None),
)


def card(cycle: Cycle, kind: str, unit, bureau=None, person=None, lines=LINES, **more) -> Scorecard:
    row = Scorecard.objects.create(cycle=cycle, kind=kind, unit=unit, bureau=bureau, person=person, **more)
    # In one statement: where tests commit, the weights are judged after each.
    Line.objects.bulk_create(
        Line(
            scorecard=row,
            indicator=indicator(code, method),
            sequence=sequence,
            weight=Decimal(weight),
            target=target and Decimal(target),
        )
        for sequence, (code, method, weight, target) in enumerate(lines, start=1)
    )
    return row


#: What a charter states of assessment, as the sources have it.
LAW = {
    ("ASM-03", "base_ratio"): "0.2",
    ("ASM-03", "max_ratio"): "0.25",
    ("ASM-07", "days"): "183",
    ("ASM-12", "review_apply"): "30",
    ("ASM-12", "review_decide"): "30",
    ("ASM-12", "appeal"): "15",
    ("ASM-12", "appeal_decide"): "60",
}


def law(zone: SimpleNamespace, terms: dict[tuple[str, str], str] = LAW) -> None:
    """What the zone's charter states of assessment besides."""
    charter = Charter.objects.get(zone=zone.unit)
    for (rule, name), value in terms.items():
        CharterParameter.objects.create(charter=charter, rule=rule, name=name, value=Decimal(value))


def year(zone: SimpleNamespace, number: int = 2026, **more) -> Cycle:
    return Cycle.objects.create(holder=zone.unit, year=number, **more)


def closed(cycle: Cycle) -> None:
    """Close a year as the database wants it: published first, so long ago that every clock is over (ASM-12)."""
    row = Cycle.objects.filter(pk=cycle.pk)
    row.update(state="published", published_on=dt.date(2020, 1, 1))
    row.update(state="closed")


def ended(cycle: Cycle, state: str) -> None:
    """A year that is published, or closed as well."""
    if state == "closed":
        closed(cycle)
    else:
        Cycle.objects.filter(pk=cycle.pk).update(state=state, published_on=dt.date(2027, 1, 1))


def small_year(number: int = 2026, code: str = "YZ") -> SimpleNamespace:
    """A zone with people on its posts today, users for every role, and a card for each subject."""
    # A charter's parameters come with it, in one transaction.
    with transaction.atomic():
        at = SimpleNamespace(zone=staff.small_zone(code))
        law(at.zone)
    zone = at.zone
    eco_head = staff.post(zone, f"{code}-ECO-H", "局长", bureau=zone.economy, grade="H1", tier="head", headcount=1)
    at.people = {
        "leader": staff.person(zone, "李主任"),
        "head": staff.person(zone, "王局长"),
        "other_head": staff.person(zone, "赵局长"),
        "staff": staff.person(zone, "张三"),
        "colleague": staff.person(zone, "钱四"),
    }
    posts = {
        "leader": (zone.leader, 1),
        "head": (zone.head, 1),
        "other_head": (eco_head, 1),
        "staff": (zone.clerk, 1),
        "colleague": (zone.clerk, 2),
    }
    for role, (post, number_of_seat) in posts.items():
        staff.seat(at.people[role], post, number_of_seat, term_ends=dt.date(2028, 10, 31))
    at.users = {role: staff.user(f"{code}-{role}", linked=person) for role, person in at.people.items()}
    at.users["hr"] = staff.user(f"{code}-hr", role="hr", on=zone.unit)
    at.users["evaluator"] = staff.user(f"{code}-evaluator", role="evaluator", on=zone.city)
    at.users["finance"] = staff.user(f"{code}-finance", role="finance", on=zone.unit)
    at.cycle = year(zone, number)
    at.cards = {
        "unit": card(at.cycle, "unit", zone.unit),
        "park": card(at.cycle, "unit", zone.park),
        "bureau": card(at.cycle, "bureau", zone.unit, zone.invest),
        "other_bureau": card(at.cycle, "bureau", zone.unit, zone.economy),
        **{
            role: card(at.cycle, "person", zone.unit, None if role == "leader" else bureau, at.people[role])
            for role, bureau in (
                ("leader", None),
                ("head", zone.invest),
                ("staff", zone.invest),
                ("colleague", zone.invest),
                ("other_head", zone.economy),
            )
        },
    }
    return at


def actor(user) -> Actor:
    return Actor(user=user, door="page")


def access(user) -> Access:
    return Access(user)


def line(of: Scorecard, code: str) -> Line:
    return of.lines.get(indicator__code=code)


#: An actual for each line of a card, and the points it earns: 40 + 24 + 20 − 0.5·0 + 9.
FULL = {"new-projects": "20", "budget-growth": "7", "safety": "0", "party": "90"}
FULL_SCORE = Decimal("93.00")


#: A panel's groups: name, weight.
GROUPS = (("领导", "40"), ("部门", "30"), ("服务对象", "30"))


def panel(at: SimpleNamespace, name: str = "作风测评", codes=("bureau", "other_bureau"), **more) -> SimpleNamespace:
    """A panel that rates 「party」 on the bureaus' cards: the leader, both heads, and four who are served."""
    row = Panel.objects.create(cycle=at.cycle, name=name, **more)
    PanelGroup.objects.bulk_create(
        PanelGroup(panel=row, name=group, weight=Decimal(weight), sequence=number)
        for number, (group, weight) in enumerate(GROUPS, start=1)
    )
    groups = {group.name: group for group in row.groups.all()}
    lines = {code: PanelLine.objects.create(panel=row, line=line(at.cards[code], "party")) for code in codes}
    served = {f"served{n}": staff.user(f"{at.zone.unit.code}-{name}-served{n}") for n in range(1, 5)}
    users = {key: at.users[key] for key in ("leader", "head", "other_head")} | served
    where = {"leader": "领导", "head": "部门", "other_head": "部门"} | dict.fromkeys(served, "服务对象")
    raters = {key: Rater.objects.create(group=groups[where[key]], user=user) for key, user in users.items()}
    return SimpleNamespace(panel=row, groups=groups, lines=lines, users=users, raters=raters)


def rate(on: SimpleNamespace, who: str, code: str, points: str, version: int = 0):
    return rating.rate(line=on.lines[code], text=points, version=version, by=actor(on.users[who]))


#: A whole panel's ratings: (rater, card, points). The heads do not rate their own bureaus.
RATINGS = (
    ("leader", "bureau", "90"),
    ("leader", "other_bureau", "81.5"),
    ("head", "other_bureau", "77"),
    ("other_head", "bureau", "68"),
    *((f"served{n}", "bureau", points) for n, points in ((1, "83.25"), (2, "91"), (3, "72"), (4, "88"))),
    *((f"served{n}", "other_bureau", points) for n, points in ((1, "64"), (2, "93"), (3, "79"), (4, "86"))),
)


def rate_all(on: SimpleNamespace) -> None:
    for who, code, points in RATINGS:
        rate(on, who, code, points)


def rate_all_but_first(on: SimpleNamespace) -> None:
    for who, code, points in RATINGS[1:]:
        rate(on, who, code, points)


def over(on: SimpleNamespace) -> None:
    """Let the panel's last day have passed, as time does: no service would set it so."""
    Panel.objects.filter(pk=on.panel.pk).update(closes_on=timezone.localdate() - dt.timedelta(days=1))
    on.panel.refresh_from_db()
