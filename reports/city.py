"""What the downloads of a city's assessment share: which year and sort a key means, and for whom a file is issued."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Count
from django.http import Http404
from django.utils.translation import gettext as _

from common.access import Access
from common.periods import year_end
from kpi.city import reading
from kpi.city.reading import Entrant, Ranking
from kpi.models import Cycle, Line, Scorecard
from reports.lists import home_of
from reports.tables import Column
from zones.models import Unit, UnitVersion


@dataclass(frozen=True)
class Asked:
    """A year as a key names it, with its rankings: of one sort, or of all."""

    cycle: Cycle
    rankings: list[Ranking]
    unit: Unit
    name: str
    day: dt.date

    @property
    def label(self) -> str:
        return self.rankings[0].label if len(self.rankings) == 1 else ""

    @property
    def rows(self) -> list[Entrant]:
        return [row for ranking in self.rankings for row in ranking.rows]

    @property
    def example(self) -> bool:
        return any(row.card.is_example for row in self.rows)

    @property
    def basis(self) -> dict[str, object]:
        return {"cycle": self.cycle.pk, "state": self.cycle.state, "cards": [row.card.pk for row in self.rows]}


def asked(access: Access, key: str, on: dt.date) -> Asked:
    """The year of a key like ``12-park`` (one sort) or ``12`` (all of it).

    Raises Http404 for a year or sort that this visitor does not see, and
    PermissionDenied for whoever takes no files away.
    """
    access.demand("view", "report")
    pk, _dash, sort = key.partition("-")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 10):
        raise Http404
    cycle = reading.year(access, int(pk), on)
    rankings = [each for each in reading.rankings(access, cycle, on) if not sort or each.sort == sort]
    if not rankings:
        raise Http404
    day = min(on, year_end(cycle.year))
    unit, name = _home(access, cycle, on)
    return Asked(cycle, rankings, unit, name, day)


def _home(access: Access, cycle: Cycle, on: dt.date) -> tuple[Unit, str]:
    """The unit a file is issued for: the city for whoever works for it, else the highest of the visitor's own."""
    if access.can_in(cycle.holder_id, "view", "city_cycle"):
        version = UnitVersion.objects.on(on).filter(unit=cycle.holder_id).first()
        return cycle.holder, version.shown_name if version else cycle.holder.code
    return home_of(access.units("view", "unit_card"), on)


def own(ranking: Ranking) -> list[Entrant]:
    """The units of a sort whose lines the visitor may see."""
    return [row for row in ranking.rows if row.own]


def weight_of(access: Access, key: str, on: dt.date) -> tuple[int, str]:
    """How many lines the year of a key has, and what tells one state of them from another; cheap, and read first."""
    found = asked(access, key, on)
    cards = [row.card.pk for row in found.rows]
    lines = Line.objects.filter(scorecard__in=cards)
    told = lines.aggregate(n=Count("pk"))["n"]
    state = Scorecard.objects.filter(pk__in=cards).order_by("pk")
    results = state.values_list("pk", "frozen_at", "result__decided_at", "result__score", "result__rating")
    versions = lines.order_by("pk").values_list("pk", "version", "points")
    return told, f"{found.cycle.state} {list(results)} {list(versions)}"


def ranking_columns(ranking: Ranking) -> list[Column]:
    return [
        Column("name", _("单位"), width=18),
        Column("rank", _("名次"), "integer", 7),
        Column("zone", _("开发区"), width=14),
        Column("score", _("得分"), "points", 9),
        Column("before", _("上年得分"), "points", 9),
        Column("change", _("比上年（分）"), "points", 10),
        Column("moved", _("名次变化"), "integer", 9),
        Column("rating", _("等次"), width=10),
        Column("rating_before", _("上年等次"), width=10),
        Column("note", _("备注"), width=18),
    ]


def ranking_row(row: Entrant) -> dict:
    """A unit in the ranking: what is not final says so and bears no score."""
    note = (
        ""
        if row.score is not None
        else _("已评 %(n)s/%(all)s 项")
        % {
            "n": row.card.scored_count,
            "all": row.card.line_count,
        }
    )
    return {
        "name": row.name,
        "rank": row.standing.rank if row.standing else None,
        "zone": row.zone_name,
        "score": row.score,
        "before": row.past.score if row.past else None,
        "change": row.score_change,
        "moved": row.rank_change,
        "rating": row.rating_label,
        "rating_before": row.past.rating_label if row.past else _("上年未考核"),
        "note": note,
    }


def mean_of(values: Sequence[Decimal | Fraction | None]) -> Fraction | None:
    known = [Fraction(value) for value in values if value is not None]
    return sum(known, Fraction(0)) / len(known) if known else None


def said_notes(found: Asked) -> list[str]:
    """What a reader has to know of the numbers."""
    notes = [_("名次只在同类单位之间排，按得分；未评完的暂按已评指标得分率排，同分并列取前。")]
    if reading.previous(found.cycle) is None:
        notes.append(_("%(year)s 年没有考核记录，不列与上年的比较。") % {"year": found.cycle.year - 1})
    if not reading.is_public(found.cycle):
        notes.append(_("考核尚未公布，名次和等次为暂定。"))
    return notes
