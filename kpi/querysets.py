"""Reads of scorecards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models
from django.db.models import Avg, Case, Count, Exists, F, Func, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Least, NullIf
from django.utils.translation import get_language

from common.periods import DatedQuerySet
from orgchart.models import BureauVersion
from zones.models import UnitVersion


@dataclass(frozen=True)
class Standing:
    """A card's place among its kind: ``rate`` in percent of the points that could be had so far."""

    rate: object
    rank: int
    of: int


def _shown(field: str) -> models.expressions.Combinable:
    """A bilingual column in the reader's language."""
    if (get_language() or "").startswith("en"):
        return Coalesce(NullIf(f"{field}_en", Value("")), field)
    return F(field)


def _card_day(on: dt.date) -> models.expressions.Combinable:
    """The day a card's subject is named as of: the reader's, but not past the card's year."""
    year_end = Func(F("cycle__year"), Value(12), Value(31), function="make_date", output_field=models.DateField())
    return Least(Value(on, output_field=models.DateField()), year_end)


def _latest(versions: DatedQuerySet, key: str, column) -> Subquery:
    """A column of the version in force on a card's ``subject_day``, or of the nearest there is."""
    later = Case(When(period__startswith__lte=OuterRef("subject_day"), then=0), default=1)
    found = versions.filter(**{key: OuterRef(key)}).annotate(later=later).order_by("later", "-period")
    return Subquery(found.values_list(column, flat=True)[:1])


class ScorecardQuerySet(models.QuerySet):
    def with_progress(self):
        """With ``line_count`` (of those that apply), ``scored_count`` and ``points`` so far (out of 100)."""
        return self.annotate(
            line_count=Count("lines", filter=Q(lines__not_applicable="")),
            scored_count=Count("lines", filter=Q(lines__points__isnull=False)),
            points=Sum("lines__points"),
        )

    def named(self, on: dt.date):
        """With ``subject_day``, and ``unit_name`` and ``bureau_name`` in the reader's language.

        As of the day, at most the end of the card's year; what did not stand on
        that day is named as it last was before it, or else after it.
        """
        return self.annotate(subject_day=_card_day(on)).annotate(
            unit_name=_latest(UnitVersion.objects.all(), "unit", _shown("short_name")),
            bureau_name=_latest(BureauVersion.objects.all(), "bureau", _shown("name")),
        )

    def bureau_ordered(self, on: dt.date):
        """With ``bureau_order``: the place of the card's bureau in its unit's roster."""
        order = _latest(BureauVersion.objects.all(), "bureau", F("sequence"))
        return self.annotate(subject_day=_card_day(on)).annotate(bureau_order=order)

    def left(self, mine: ScorecardQuerySet | None = None):
        """Cards with a line that applies and has no points; with ``mine``, only those among them."""
        cards = self if mine is None else self.filter(pk__in=mine.order_by().values("pk"))
        lines = apps.get_model("kpi", "Line").objects.filter(scorecard=OuterRef("pk"))
        return cards.filter(Exists(lines.filter(points=None, not_applicable="")))

    def by_kind(self) -> dict[str, dict]:
        """Per kind: how many cards, how many complete, the mean score, all lines that apply and those scored."""
        totals = (
            self.order_by()
            .values("kind")
            .annotate(cards=Count("pk"), done=Count("result__score"), mean=Avg("result__score"))
        )
        applying = Count("lines", filter=Q(lines__not_applicable=""))
        lines = self.order_by().values("kind").annotate(all_lines=applying, scored=Count("lines__points"))
        found = {row["kind"]: row for row in totals}
        for row in lines:
            found[row["kind"]] |= row
        return found


#: Among cards of the same kind: bureaus and people of one unit, units of one sort (parks among parks).
STANDINGS = """
    with circled as (
        select s.id, s.cycle_id, s.kind, case s.kind when 'unit' then u.kind else s.unit_id::text end as circle
        from kpi_scorecard s join zones_unit u on u.id = s.unit_id
        where s.cycle_id in (select cycle_id from kpi_scorecard where id = any (%(cards)s))
    ), wanted as (
        select distinct cycle_id, kind, circle from circled where id = any (%(cards)s)
    ), weighed as (
        -- What a line counts for within its group once those that do not apply gave it their weight.
        select c.id, c.cycle_id, c.kind, c.circle, l.points,
               case when l.not_applicable = '' then l.weight * sum(l.weight) over (partition by c.id, l."group")
                   / sum(l.weight) filter (where l.not_applicable = '') over (partition by c.id, l."group")
               end as weight
        from circled c join wanted w using (cycle_id, kind, circle)
        join kpi_line l on l.scorecard_id = c.id
    ), rated as (
        select w.id, w.cycle_id, w.kind, w.circle,
               coalesce(min(r.score), round(sum(w.points) * sum(w.weight)
                   / sum(w.weight) filter (where w.points is not null), 2)) as rate
        from weighed w left join kpi_result r on r.scorecard_id = w.id
        group by w.id, w.cycle_id, w.kind, w.circle
        having count(w.points) > 0
    ), ranked as (
        select id, rate, rank() over (partition by cycle_id, kind, circle order by rate desc) as place,
               count(*) over (partition by cycle_id, kind, circle) as of
        from rated
    )
    select id, rate, place, of from ranked where id = any (%(cards)s)
"""


def standings(cards: Iterable[int]) -> dict[int, Standing]:
    """The places of the cards, by points got out of the points scored so far; ties share the better place.

    Of a complete card that is its score, so that half-entered cards compare
    fairly with complete ones. A card without any score has no place.
    """
    with connection.cursor() as cursor:
        cursor.execute(STANDINGS, {"cards": list(cards)})
        return {pk: Standing(*rest) for pk, *rest in cursor.fetchall()}
