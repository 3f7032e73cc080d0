"""What the pages of a unit and of a bureau read: quotas against what is there, duties, posts with their holders."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.db.models import QuerySet

from common.access import Access
from common.periods import Dated
from orgchart.models import Quota
from staffing.models import Appointment, Person, PostVersion
from staffing.structure.chart import Staffing
from zones.models import Unit

Version = TypeVar("Version", bound=Dated)


def nearest(versions: Sequence[Version], day: dt.date) -> Version:
    """Of versions in order, the one in force on the day; else the last before it, else the first after it."""
    then = [version for version in versions if version.in_force(day)]
    before = [version for version in versions if version.starts <= day]
    return (then or before[-1:] or versions)[0]


# --- quotas -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class QuotaRow:
    """A quota, what is set up under it (None where nothing is set up but bureaus), and what there is."""

    quota: Quota
    actual: int
    set_up: int | None = None

    @property
    def left(self) -> int:
        return self.quota.limit - max(self.actual, self.set_up or 0)

    @property
    def over(self) -> int:
        return max(-self.left, 0)


def quota_rows(unit: Unit, day: dt.date, bureaus: int, found: Staffing) -> list[QuotaRow]:
    """The unit's quotas of the day against bureaus, leaders, heads and the whole staff."""
    tallies = {
        Quota.Kind.LEADERS: found.tiers[unit.pk, "leader"],
        Quota.Kind.HEADS: found.tiers[unit.pk, "head"],
        Quota.Kind.STAFF: found.units[unit.pk],
    }
    order = {kind: n for n, kind in enumerate(Quota.Kind.values)}
    rows = []
    for quota in Quota.objects.on(day).filter(unit=unit).select_related("instrument"):
        tally = tallies.get(quota.kind)
        rows.append(QuotaRow(quota, tally.filled, tally.seats) if tally else QuotaRow(quota, bureaus))
    return sorted(rows, key=lambda row: order[row.quota.kind])


# --- posts ------------------------------------------------------------------------------------


@dataclass
class PostRow:
    """A post of the day with those of its holders whom the visitor may know."""

    post: PostVersion
    holders: list[Appointment] = field(default_factory=list)

    @property
    def vacant(self) -> int:
        return max(self.post.headcount - self.post.taken, 0)

    @property
    def unnamed(self) -> int:
        """How many sit there whom the visitor may not know by name."""
        return self.post.taken - len(self.holders)


def post_rows(posts: QuerySet[PostVersion], day: dt.date, access: Access) -> list[PostRow]:
    """The posts in roster order with seats, coefficient and holders. Two queries."""
    rows = [PostRow(post) for post in posts.placed(day)]
    known = Appointment.objects.on(day).filter(
        post__in=[row.post.post_id for row in rows], person__in=access.scope(Person.objects.all())
    )
    holders: dict[int, list[Appointment]] = defaultdict(list)
    for held in known.select_related("person").order_by("seat"):
        holders[held.post_id].append(held)
    for row in rows:
        row.holders = holders[row.post.post_id]
    return rows


def post_totals(rows: Iterable[PostRow]) -> dict[str, int]:
    rows = list(rows)
    return {
        "seats": sum(row.post.headcount for row in rows),
        "filled": sum(row.post.taken for row in rows),
        "vacant": sum(row.vacant for row in rows),
    }
