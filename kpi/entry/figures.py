"""Lines bound to a metric: filled from the unit's figure of the year, and from its later vintages."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.access import Access
from common.actors import Actor
from common.audit import entry, facts, record_many
from common.databases import hold_rules
from common.money import exact
from common.numerals import rounded
from common.trace import Number
from kpi.models import Indicator, Line, Scorecard
from kpi.numbers import DECIMAL_PLACES
from kpi.querysets import ScorecardQuerySet
from kpi.reckoning import Book, refuse_scores
from kpi.rights import allowed, scorable
from zones.growth import like_for_like
from zones.models import Figure, Metric

Known = dict[str, Figure]


@dataclass(frozen=True)
class Reading:
    """What a bound line's actual should be, from which figure; else ``why_none`` says why there is no value."""

    figure: Figure | None = None
    value: Decimal | None = None
    why_none: str = ""

    def is_news(self, line: Line) -> bool:
        """Whether the line was filled from another vintage, or not yet."""
        return self.value is not None and (line.actual, line.figure_id) != (self.value, self.figure and self.figure.pk)


@dataclass(frozen=True)
class Refilled:
    """What came of filling: lines that changed, lines that stand, and lines for which there is no value."""

    changed: int
    unchanged: int
    missing: int


def bound(lines):
    """Those of the lines that a metric fills and that apply, ready for ``readings``."""
    rows = lines.filter(indicator__metric__isnull=False, not_applicable="")
    return rows.select_related("indicator__metric", "scorecard__cycle", "scorecard__unit", "figure")


def readings(lines: Iterable[Line], on: dt.date) -> dict[int, Reading]:
    """What each bound line should say by the figures known on the day; one query for all of them."""
    rows = list(lines)
    years = {line.scorecard.cycle.year for line in rows}
    figures = Figure.objects.known_on(on).whole_years()
    figures = figures.filter(
        unit__in={line.scorecard.unit_id for line in rows},
        metric__in={line.indicator.metric_id for line in rows},
        year__in=years | {year - 1 for year in years},
    )
    known: dict[tuple[int, int, int], Known] = defaultdict(dict)
    for figure in figures if rows else ():
        known[figure.unit_id, figure.metric_id, figure.year][figure.scope] = figure
    return {line.pk: _reading(line, known) for line in rows}


def _reading(line: Line, known: dict[tuple[int, int, int], Known]) -> Reading:
    card, indicator = line.scorecard, line.indicator
    year = card.cycle.year
    now = known.get((card.unit_id, indicator.metric_id or 0, year), {})
    if not now:
        return Reading(why_none=_("%(year)s 年全年数据尚未录入") % {"year": year})
    if indicator.reading == Indicator.Reading.VALUE:
        figure = _of_scope(now, line)
        return Reading(figure, _kept(exact(figure.value) / exact(indicator.per)))
    before = known.get((card.unit_id, indicator.metric_id or 0, year - 1), {})
    return _growth(line, now, before)


def _of_scope(known: Known, line: Line) -> Figure:
    """In the scope that the line had, or else the first by name: never one this time and another the next."""
    if line.figure and line.figure.scope in known:
        return known[line.figure.scope]
    return known[min(known)]


def _growth(line: Line, now: Known, before: Known) -> Reading:
    alike = {scope: now[scope] for scope in now.keys() & before.keys()}
    figure = _of_scope(alike or now, line)
    base = before.get(figure.scope) or (before[min(before)] if before else None)
    metric = line.indicator.metric
    in_percent = bool(metric) and metric.measure == Metric.Measure.PERCENT
    earlier = (base.value, base.span) if base else None
    grown = like_for_like((figure.value, figure.span), earlier, in_percent=in_percent)
    if grown.ratio is not None:
        return Reading(figure, _kept(grown.ratio * 100))
    if grown.points is not None:
        return Reading(figure, _kept(grown.points))
    words = {
        "no_base": _("没有上年同口径数据，增幅无法计算"),
        "base_not_positive": _("上年数据为零或负数，增幅无定义"),
        "unlike_scope": _("两年口径不一致，不能计算增幅"),
        "unlike_period": _("两年期间不一致，不能计算增幅"),
    }
    return Reading(figure, why_none=words[grown.reason or "no_base"])


def _kept(value: Number | Fraction) -> Decimal:
    """As an actual is kept: four places, half-up."""
    return Decimal(rounded(exact(value), DECIMAL_PLACES)).scaleb(-DECIMAL_PLACES)


def refuse_bound(line: Line) -> None:
    """A line that a figure fills is not typed; where there is no figure to take, it may be."""
    if line.indicator.metric_id is None:
        return
    (found,) = readings(bound(Line.objects.filter(pk=line.pk)), timezone.localdate()).values()
    if found.value is not None:
        raise ValidationError(
            {"value": ValidationError(_("本项取自统计数据，请用「更新数据」，不能手工填写"), code="bound")}
        )


def fillable(access: Access, cards: ScorecardQuerySet) -> ScorecardQuerySet:
    """The cards that this user may fill from figures: those he scores, and those whose promise he keeps."""
    mine = scorable(access, cards).order_by().values("pk")
    kept = allowed(access, cards, "retarget").order_by().values("pk")
    return cards.filter(pk__in=mine.union(kept))


def news(cards: ScorecardQuerySet, on: dt.date) -> int:
    """How many bound lines of the cards have newer data than what they say."""
    lines = list(bound(Line.objects.filter(scorecard__in=cards.order_by().values("pk"))))
    found = readings(lines, on)
    return sum(found[line.pk].is_news(line) for line in lines)


@transaction.atomic
def refill(*, cards: Iterable[Scorecard], by: Actor) -> Refilled:
    """Fill the bound lines of the cards from the latest vintages known today; twice changes nothing.

    Raises ValidationError where the year is published or closed, and for cards
    that the actor neither scores nor keeps.
    """
    keys = [card.pk for card in cards]
    wanted = Scorecard.objects.filter(pk__in=keys)
    if by.user is not None and fillable(Access(by.user), wanted).count() != len(set(keys)):
        raise ValidationError(_("您没有更新这些评分卡的权限"), code="not_yours")
    book = Book.hold(keys)
    lines = list(bound(Line.objects.filter(scorecard__in=keys)).order_by("scorecard", "sequence"))
    found = readings(lines, timezone.localdate())
    entries = []
    with hold_rules():
        for each in lines:
            line, reading = book.line(each.pk), found[each.pk]
            if not reading.is_news(line):
                continue
            refuse_scores(book.cycle_of(line))
            before = facts(line)
            book.put(line, reading.value, by, source=reading.figure)
            entries.append(entry("score", line, by=by, before=before, after=facts(line), reason=_("统计数据更新")))
        book.settle()
    record_many(entries)
    missing = sum(reading.value is None for reading in found.values())
    return Refilled(len(entries), len(lines) - len(entries) - missing, missing)
