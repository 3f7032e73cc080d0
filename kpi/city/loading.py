"""Loading the rules of grades: the section ``grade_rules`` of ``cycles.yaml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from common.files import Row
from common.loading import Index, Tally, add_missing, checked
from kpi.models import Cycle, GradeRule
from zones.models import Unit

#: What a row of the section must have, and what it may have.
RULE_FIELDS = ("holder year sort rating", "top_share least_score join example")


def load_grade_rules(rows: Iterable[Row], cycles: Mapping[tuple[int, int], Cycle], tally: Tally) -> None:
    """Add the rules that are not on file; those of a year that is settled stay as they are."""
    units = Index(Unit)
    known = set(GradeRule.objects.values_list("cycle", "sort", "rating"))
    wanted = []
    for row in rows:
        cycle = cycles.get((units.find(row, "holder"), row.whole("year")))
        if cycle is None:
            raise row.error("there is no such year", "year")
        rule = GradeRule(
            cycle=cycle,
            sort=row.text("sort"),
            rating=row.text("rating"),
            top_share=row.maybe_number("top_share"),
            least_score=row.maybe_number("least_score"),
            join=row.text("join", GradeRule.Join.ANY),
            is_example=row.flag("example"),
        )
        key = (cycle.pk, rule.sort, rule.rating)
        if key in known or cycle.state == Cycle.State.OPEN:
            wanted.append((row, key, checked(row, rule)))
    add_missing(GradeRule, wanted, known, tally)
