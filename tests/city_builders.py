"""A city with two zones, their parks and two towns in an assessment year, and whoever looks at it."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

from common.access import Access
from common.actors import Actor
from kpi.models import Cycle, GradeRule, Line, Scorecard
from kpi.reckoning import set_actual
from tests import kpi_builders as kpi
from tests import staffing_builders as staff

#: Indicator, method, weight and first-level indicator. Ratings of 90 and no event come to 91 points.
LINES = (
    ("growth", "rating", "50", "经济发展"),
    ("projects", "rating", "30", "项目建设"),
    ("city-safety", "deduction", "10", "安全环保"),
    ("city-party", "rating", "10", "党建"),
)
UNITS = (
    ("A", "zone", "甲开发区", None),
    ("A-1", "park", "甲一园", "A"),
    ("A-2", "park", "甲二园", "A"),
    ("B", "zone", "乙开发区", None),
    ("B-1", "park", "乙一园", "B"),
    ("T-1", "town", "东镇", None),
    ("T-2", "town", "西镇", None),
)


def card(cycle: Cycle, unit, **more) -> Scorecard:
    row = Scorecard.objects.create(cycle=cycle, kind="unit", unit=unit, **more)
    Line.objects.bulk_create(
        Line(
            scorecard=row,
            indicator=kpi.indicator(code, method),
            group=group,
            sequence=place,
            weight=Decimal(weight),
        )
        for place, (code, method, weight, group) in enumerate(LINES, start=1)
    )
    return row


def city(code: str = "C", number: int = 2026) -> SimpleNamespace:
    """A city; its zones' codes begin with its own, so that there may be two of them."""
    at = SimpleNamespace(city=staff.unit(code, "city", f"{code}市"), units={}, users={}, cards={})
    for place, (name, kind, label, parent) in enumerate(UNITS, start=1):
        above = at.units[parent] if parent else at.city
        at.units[name] = staff.unit(f"{code}{name}", kind, f"{code}{label}", above, place)
    at.cycle = year(at, number)
    for name in ("one", "two"):
        at.users[name] = staff.user(f"{code}-{name}", role="evaluator", on=at.city)
    at.users["hr"] = staff.user(f"{code}-hr", role="hr", on=at.units["A"])
    at.users["finance"] = staff.user(f"{code}-finance", role="finance", on=at.units["A"])
    return at


def year(at: SimpleNamespace, number: int, only: tuple[str, ...] = ()) -> Cycle:
    """A year with a card for each unit, kept in ``at.cards`` by year and unit."""
    cycle = Cycle.objects.create(holder=at.city, year=number)
    at.cards[number] = {name: card(cycle, unit) for name, unit in at.units.items() if not only or name in only}
    return cycle


def score(of: Scorecard, rating: str, *, events: str = "0", by=None) -> None:
    """Every line of a card: the rating for what is rated, and so many events of safety."""
    for line in of.lines.select_related("indicator"):
        value = events if line.indicator.method == "deduction" else rating
        set_actual(line=line, value=Decimal(value), by=Actor(by, "page"))


def rule(cycle: Cycle, sort: str, rating: str, share: str = "", least: str = "", join: str = "any") -> GradeRule:
    return GradeRule.objects.create(
        cycle=cycle,
        sort=sort,
        rating=rating,
        top_share=Decimal(share) if share else None,
        least_score=Decimal(least) if least else None,
        join=join,
    )


def access(user) -> Access:
    return Access(user)
