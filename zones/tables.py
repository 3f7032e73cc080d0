"""A unit's figures as a table: metric by metric, year by year, with growth like for like."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import numerals
from common.charts import sparkline
from common.drawing import Chart, Number, amount
from zones.growth import Growth, Reason, like_for_like
from zones.models import Figure, Metric
from zones.querysets import WHOLE_YEAR

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: From how many yuan on an amount is written in 亿元, in 万元.
STEPS = ((numerals.YI, gettext_lazy("亿元")), (numerals.WAN, gettext_lazy("万元")))


def shown_value(value: Number, measure: str) -> tuple[str, str]:
    """A figure as people read it, and its unit: (``8.19``, 亿元), (``81.3``, %)."""
    if measure == Metric.Measure.PERCENT:
        return numerals.plain(value), "%"
    if measure == Metric.Measure.COUNT:
        return numerals.plain(value), _("个")
    for step, name in STEPS:
        if abs(amount(value)) >= step:
            return numerals.grouped(value, 2, per=step), str(name)
    return numerals.grouped(value, 2), _("元")


#: Why there is no growth, in a word.
REASONS: dict[Reason, StrOrPromise] = {
    "no_base": gettext_lazy("无上年同期数据"),
    "base_not_positive": gettext_lazy("基数非正，不计算"),
    "unlike_scope": gettext_lazy("口径不同，不计算"),
    "unlike_period": gettext_lazy("期间不同，不计算"),
}


def shown_period(year: int, through: int) -> str:
    """What a figure counts, as people say it: 2020 年, 2020 年 1–6 月."""
    if through == WHOLE_YEAR:
        return _("%(year)s 年") % {"year": year}
    if through == 1:
        return _("%(year)s 年 1 月") % {"year": year}
    return _("%(year)s 年 1–%(month)s 月") % {"year": year, "month": through}


@dataclass(frozen=True)
class YearRow:
    """One year of a metric in one scope: the vintage that holds, and those that it replaced."""

    figure: Figure
    growth: Growth
    replaced: tuple[Figure, ...] = ()

    @property
    def period(self) -> str:
        return shown_period(self.figure.year, self.figure.through)

    @property
    def why_none(self) -> StrOrPromise:
        """Why there is no growth; empty where there is."""
        return REASONS[self.growth.reason] if self.growth.reason else ""

    @property
    def value(self) -> tuple[str, str]:
        return shown_value(self.figure.value, self.figure.metric.measure)

    @property
    def replaced_values(self) -> list[tuple[str, str, dt.date]]:
        measure = self.figure.metric.measure
        return [(*shown_value(old.value, measure), old.vintage) for old in self.replaced]


@dataclass(frozen=True)
class MetricBlock:
    """A metric in one scope and the same months (``through``), its years from the latest back."""

    metric: Metric
    scope: str
    years: tuple[YearRow, ...]
    through: int = WHOLE_YEAR

    @property
    def months(self) -> str:
        """The months counted, where it is not the whole year."""
        if self.through == WHOLE_YEAR:
            return ""
        return _("1 月") if self.through == 1 else _("1–%(month)s 月累计") % {"month": self.through}

    @property
    def latest(self) -> YearRow:
        return self.years[0]

    @property
    def line(self) -> Chart | None:
        """The years as a line a word high; None while there are fewer than three."""
        if len(self.years) < 3:
            return None
        points = [(str(row.figure.year), row.figure.value) for row in reversed(self.years)]
        measure = self.metric.measure
        return sparkline(points, title=self.metric.shown_name, show=lambda v: "".join(shown_value(v, measure)))


def blocks(figures: Iterable[Figure], *, year: int | None = None) -> list[MetricBlock]:
    """The figures of one unit, known by some day, as blocks in the metrics' order; ``year`` keeps only that one.

    Growth compares the same metric, scope and months a year apart, each in the
    vintage that holds. A year that has the figure only in another scope says so:
    it is no base.
    """
    rows = sorted(figures, key=lambda f: (f.metric.sequence, f.metric.code, -f.through, f.scope, f.vintage, f.pk))
    vintages: dict[tuple[Metric, int, str], dict[int, list[Figure]]] = {}
    others: dict[tuple[Metric, int, int], Figure] = {}
    for figure in rows:
        vintages.setdefault((figure.metric, figure.through, figure.scope), {}).setdefault(figure.year, []).insert(
            0, figure
        )
        others[figure.metric, figure.through, figure.year] = figure
    found = []
    for (metric, through, scope), years in vintages.items():
        in_percent = metric.measure == Metric.Measure.PERCENT
        block = []
        for each in sorted(years, reverse=True):
            latest, *older = years[each]
            before = years[each - 1][0] if each - 1 in years else others.get((metric, through, each - 1))
            base = (before.value, before.span) if before else None
            grown = like_for_like((latest.value, latest.span), base, in_percent=in_percent)
            block.append(YearRow(latest, grown, tuple(older)))
        kept = tuple(row for row in block if year in (None, row.figure.year))
        if kept:
            found.append(MetricBlock(metric, scope, kept, through))
    return found
