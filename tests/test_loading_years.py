"""The example years: one published with reviews under way, lines that figures fill, and a year before each."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from common.access import Access
from common.actors import Actor
from common.models import User
from kpi.basis import weights
from kpi.city.reading import rankings
from kpi.judging.appealing import clock, overdue
from kpi.judging.years import close_cycle
from kpi.models import Appeal, Cycle, Line, Result
from zones.models import Figure
from zones.models.figures import WHOLE_YEAR

TODAY = dt.date(2026, 11, 24)
UNITS = ["YZ", "YZ-CHEM", "YZ-AUTO", "YZ-DATA"]
pytestmark = [pytest.mark.usefixtures("yizheng"), pytest.mark.django_db]


def test_2025_is_published_and_every_clock_has_an_example() -> None:
    cycle = Cycle.objects.get(year=2025, holder__code="YZ")
    assert (cycle.state, cycle.scorecards.filter(result__score=None).count()) == ("published", 0)
    appeals, today = list(Appeal.objects.all()), timezone.localdate()
    assert {row.outcome for row in appeals} == {"", "upheld", "changed", "withdrawn"}
    assert {(row.stage, overdue(row, today)) for row in appeals if not row.outcome} == {
        *(("review", True), ("review", False), ("appeal", False)),
    }
    changed = next(row for row in appeals if row.new_rating)
    assert changed.result.rating == changed.new_rating
    own = Result.objects.select_related("scorecard__cycle").get(
        scorecard__cycle=cycle, scorecard__person__user__username="staff"
    )
    assert clock(own, today).stage == "appeal"
    with pytest.raises(ValidationError, match="未处理的复核申诉 3；复核、申诉期限未满（人）"):
        close_cycle(cycle=cycle, by=Actor.command("test"))


def test_a_weight_that_does_not_apply_is_spread_over_its_siblings() -> None:
    for line in Line.objects.exclude(not_applicable="").select_related("scorecard__result"):
        lines = list(line.scorecard.lines.all())
        counted = weights(lines)
        siblings = [each for each in lines if each.group == line.group and each != line]
        assert counted[line.pk] == 0
        assert sum(counted[each.pk] for each in siblings) == sum(each.weight for each in [line, *siblings])
        assert line.scorecard.result.score > 80


def test_bound_lines_say_what_the_figures_say_and_a_year_stands_beside_the_one_before() -> None:
    bound = Line.objects.filter(indicator__code="u-tax", scorecard__cycle__year=2025).select_related("figure")
    assert {line.scorecard.unit.code for line in bound} == set(UNITS)
    for line in bound:
        before = Figure.objects.get(
            unit=line.scorecard.unit_id, metric=line.indicator.metric_id, year=2024, through=WHOLE_YEAR
        )
        assert (line.actual, line.previous) == (line.figure.value / 10**8, before.value / 10**8)
    access = Access(User.objects.get(username="evaluator"))
    city = Cycle.objects.get(year=2025, holder__code="YIZHENG")
    rows = [row for ranking in rankings(access, city, TODAY) for row in ranking.rows]
    assert len(rows) == 6
    assert all(row.score_change is not None and row.rank_change is not None for row in rows)


@pytest.mark.parametrize("year", [2020, 2025, 2026])
def test_lines_of_a_settled_year_serve_those_above_as_an_open_years_do(year: int) -> None:
    lines = Line.objects.filter(scorecard__cycle__year=year, serves__isnull=False)
    assert {*lines.values_list("scorecard__kind", "serves__scorecard__kind")} == {
        *(("bureau", "unit"), ("person", "bureau")),
    }
    assert not lines.exclude(serves__scorecard__cycle__year=year).exists()
