"""The pictures of a city's year: places as bars, a unit from all sides, its way over the years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.charts import Row, hbars
from common.drawing import Caption, Chart, Number
from common.numerals import grouped
from common.shapes import Series, Stage, clusters, course, radar
from kpi.city.lines import Group
from kpi.city.reading import Entrant, Past, Ranking
from kpi.models import Cycle

#: The rim of a radar: what a completion rate may come to (F17, cap 1.1 in the examples).
RIM = 110
INKS = {"first": "core", "second": "core", "third": "social", "": "support"}
Pair = dict[str, Chart]


def one(value: Number) -> str:
    return grouped(value, 1)


def two(value: Number) -> str:
    return grouped(value, 2)


def caption(title: str, unit: str, day: dt.date, *, provisional: bool = False) -> Caption:
    source = _("OneZone 市考核，尚未评完") if provisional else _("OneZone 市考核")
    return Caption(title, unit, source, date_format(day, "DATE_FORMAT"))


def ranking_bars(ranking: Ranking, cycle: Cycle, day: dt.date, *, links: bool = True) -> Pair:
    """Scores of one sort, the best first, with the mean across; of what is not scored through, the rate so far."""
    rows = [
        Row(
            f"{row.standing.rank}. {row.name}",
            row.score if row.score is not None else row.standing.rate,  # type: ignore[arg-type]
            ink=INKS.get(row.rating, "core"),
            note=row.rating_label if row.score is not None else _("暂按已评指标得分率"),
            href=reverse("city_subject", args=[row.card.pk]) if links and row.own else "",
        )
        for row in ranking.rows
        if row.standing
    ]
    words = _("%(year)s 年%(sort)s考核得分") % {"year": cycle.year, "sort": ranking.label}
    told = caption(words, _("分"), day, provisional=not ranking.complete)
    mean = ranking.mean if len(ranking.final) > 1 else None
    return {
        key: hbars(rows, told, show=two, line=mean, line_label=_("平均"), narrow=key == "narrow")
        for key in ("wide", "narrow")
    }


def radars(title: str, members: Mapping[str, Sequence[Group]], day: dt.date) -> Pair | None:
    """Units from all sides: what each got of the points of every first-level indicator; None for want of three."""
    axes = list(dict.fromkeys(group.name for groups in members.values() for group in groups))
    series = [_rates(name, groups, axes) for name, groups in members.items()]
    if len(axes) < 3 or not any(value is not None for each in series for value in each.values):
        return None
    told = caption(title, _("得分率，%"), day)
    return {key: radar(axes, series, told, show=one, most=RIM, narrow=key == "narrow") for key in ("wide", "narrow")}


def _rates(name: str, groups: Sequence[Group], axes: Sequence[str]) -> Series:
    by_name = {group.name: group.rate for group in groups}
    return Series(name, [by_name.get(axis) for axis in axes])


def against(
    title: str,
    now: Sequence[Group],
    before: Sequence[Group] | None,
    mean: Mapping[str, Fraction] | None,
    years: tuple[int, int],
    day: dt.date,
) -> Pair | None:
    """This year's rates beside last year's and the mean of the sort, as far as they are known."""
    names = [group.name for group in now]
    members = [_rates(_("%(year)s 年") % {"year": years[0]}, now, names)]
    if before:
        members.append(_rates(_("%(year)s 年") % {"year": years[1]}, before, names))
    if mean:
        members.append(Series(_("同类平均"), [mean.get(name) for name in names]))
    if not any(value is not None for value in members[0].values):
        return None
    told = caption(title, _("得分率，%"), day)
    return {key: clusters(names, members, told, show=one, narrow=key == "narrow") for key in ("wide", "narrow")}


def way(title: str, pasts: Sequence[Past], day: dt.date) -> Pair | None:
    """A unit's places over the years; None before there are two of them."""
    stages = [
        Stage(
            past.year,
            past.standing.rank if past.standing else None,
            past.standing.of if past.standing else None,
            " ".join(part for part in (two(past.score) if past.score is not None else "", past.rating_label) if part),
        )
        for past in pasts
    ]
    if sum(stage.rank is not None for stage in stages) < 2:
        return None
    told = caption(title, _("名次"), day)
    heads = (_("年度"), _("名次"), _("得分与等次"))
    return {key: course(stages, told, heads=heads, narrow=key == "narrow") for key in ("wide", "narrow")}


def compared(
    entrants: Sequence[Entrant], groups: Mapping[int, Sequence[Group]], title: str, day: dt.date
) -> Pair | None:
    """Up to four units of one sort on one radar."""
    return radars(title, {row.name: groups[row.card.pk] for row in entrants}, day)
