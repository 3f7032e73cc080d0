"""The plan of a unit's posts (岗位设置方案): how many of each category and grade, who is there, how it was filed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from orgchart.models import Quota, Tier
from staffing.models import PostPlanFiling, PostVersion
from staffing.posting import levels
from zones.models import UnitVersion


@dataclass
class UnitPlan:
    """A unit's posts of a day, as the form of the plan has them; counts are seats."""

    unit_id: int
    code: str
    name: str
    #: Seats by category and grade; the grade is "" where none is set.
    seats: Counter[tuple[str, str]] = field(default_factory=Counter)
    quotas: dict[str, int] = field(default_factory=dict)
    leaders: int = 0
    special: int = 0
    taken: int = 0
    free: int = 0
    filing: PostPlanFiling | None = None
    is_example: bool = False

    @property
    def total(self) -> int:
        return self.seats.total()

    def of(self, category: str) -> int:
        return sum(count for (kind, _level), count in self.seats.items() if kind == category)

    def share(self, category: str) -> Fraction | None:
        return Fraction(self.of(category), self.total) if self.total else None

    def bands(self) -> tuple[int, int, int]:
        """Professional seats of senior, middle and junior grade (PST-03)."""
        found: Counter[str] = Counter()
        for (_category, level), count in self.seats.items():
            if band := levels.band(level):
                found[band] += count
        return found["senior"], found["middle"], found["junior"]


def plans(unit_ids: Iterable[int], day: dt.date) -> list[UnitPlan]:
    """The plans of the units that stand on the day, superiors first; four queries, however many units."""
    named = UnitVersion.objects.on(day).filter(unit__in=list(unit_ids)).select_related("unit")
    made = {
        row.unit_id: UnitPlan(row.unit_id, row.unit.code, row.shown_short_name)
        for row in named.order_by("unit__sequence", "unit__code")
    }
    rows = PostVersion.objects.filter(unit__in=made).on(day).with_taken(day).select_related("tier")
    for row in rows:
        plan = made[row.unit_id]
        plan.seats[row.category, row.level] += row.headcount
        plan.leaders += row.headcount if row.tier.kind == Tier.Kind.LEADER else 0
        plan.special += row.headcount if row.is_special else 0
        plan.taken += row.taken
        plan.free += max(row.headcount - row.taken, 0)
        plan.is_example = plan.is_example or row.is_example
    for quota in Quota.objects.on(day).filter(unit__in=made):
        made[quota.unit_id].quotas[quota.kind] = quota.limit
    for filing in PostPlanFiling.objects.on(day).filter(unit__in=made):
        made[filing.unit_id].filing = filing
    return list(made.values())


def grades_in_use(found: Sequence[UnitPlan]) -> list[tuple[str, str]]:
    """The (category, grade) pairs that occur, in the order of the law; a grade not set comes last of its category."""
    used = {pair for plan in found for pair in plan.seats}
    return [
        (category, level)
        for category in levels.COUNTS
        for level in [*levels.codes(category), ""]
        if (category, level) in used
    ]
