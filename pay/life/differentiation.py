"""Same post grade, different results: how far apart is pay, year by year (干多干少一个样 must end)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Min, Sum

from common.periods import year_end
from kpi.models import Rating
from pay.models import Allocation, Run
from pay.spread import Paid, Spread, spread_of
from staffing.models import PostVersion

FULL_YEAR = 12
#: A group of fewer says nothing about a spread.
FEWEST = 3


@dataclass(frozen=True)
class Row:
    """One post grade in one year."""

    year: int
    grade: str
    sequence: tuple
    spread: Spread


@dataclass(frozen=True)
class Differentiation:
    """The spreads of some units; ``left_out`` counts who changed post, was not there all year, or is too few."""

    rows: list[Row]
    left_out: int
    example: bool

    @property
    def years(self) -> list[int]:
        return sorted({row.year for row in self.rows}, reverse=True)


def of_units(unit_ids: Collection[int], today: dt.date) -> Differentiation:
    """What stands for these units, all years: people who held one post from January to December."""
    runs = Run.objects.standing().filter(unit__in=unit_ids)
    people = (
        Allocation.objects.filter(run__in=runs)
        .order_by()
        .values("run__year", "person")
        .annotate(amount=Sum("amount"), months=Sum("months"), first=Min("pk"))
    )
    found = [row for row in people if row["months"] == FULL_YEAR]
    rows = {
        row.pk: row
        for row in Allocation.objects.filter(pk__in=[each["first"] for each in found]).only(
            "pk", "posts", "rating", "months", "is_example"
        )
    }
    grades = _grades({(each["run__year"], _post(rows[each["first"]])) for each in found})
    groups: dict[tuple[int, str, tuple], list[Paid]] = defaultdict(list)
    whole = len(people)
    for each in found:
        row, year = rows[each["first"]], each["run__year"]
        grade = grades.get((year, _post(row)))
        # All twelve months in this one post; who changed his post is not like the others.
        if grade and row.months == FULL_YEAR and len(row.posts) == 1:
            groups[year, *grade].append(Paid(each["amount"], row.rating))
    kept = [
        Row(year, name, sequence, spread_of(paid))
        for (year, name, sequence), paid in groups.items()
        if len(paid) >= FEWEST
    ]
    kept.sort(key=lambda row: (-row.year, row.sequence))
    example = any(row.is_example for row in rows.values())
    return Differentiation(kept, whole - sum(row.spread.count for row in kept), example)


def _post(row: Allocation) -> str:
    return str(row.posts[0].get("post", "")) if row.posts else ""


def _grades(wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], tuple[str, tuple]]:
    """The grade of each post at the end of each year: its name, and where it stands among the others."""
    found: dict[tuple[int, str], tuple[str, tuple]] = {}
    for year in {year for year, _code in wanted}:
        codes = [code for of_year, code in wanted if of_year == year]
        versions = PostVersion.objects.on(year_end(year)).filter(post__code__in=codes).select_related("post", "grade")
        for version in versions:
            grade = version.grade
            found[year, version.post.code] = (grade.shown_name, (grade.sequence, grade.code))
    return found


def rating_word(rating: str) -> str:
    return str(Rating(rating).label) if rating in Rating.values else "—"
