"""A unit's figures as a table: metric by metric, year by year, with growth like for like."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import numerals
from common.charts import sparkline
from common.drawing import Chart, Number, amount
from zones.growth import Growth, growth
from zones.models import Figure, Metric

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


@dataclass(frozen=True)
class YearRow:
    """One year of a metric in one scope: the vintage that holds, and those that it replaced."""

    figure: Figure
    growth: Growth
    replaced: tuple[Figure, ...] = ()

    @property
    def value(self) -> tuple[str, str]:
        return shown_value(self.figure.value, self.figure.metric.measure)

    @property
    def replaced_values(self) -> list[tuple[str, str, dt.date]]:
        measure = self.figure.metric.measure
        return [(*shown_value(old.value, measure), old.vintage) for old in self.replaced]


@dataclass(frozen=True)
class MetricBlock:
    """A metric in one scope, its years from the latest back."""

    metric: Metric
    scope: str
    years: tuple[YearRow, ...]

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

    Growth compares the same metric and scope a year apart, each in the vintage
    that holds; figures of other scopes never meet.
    """
    vintages: dict[tuple[Metric, str], dict[int, list[Figure]]] = {}
    for figure in sorted(figures, key=lambda f: (f.metric.sequence, f.metric.code, f.scope, f.vintage, f.pk)):
        years = vintages.setdefault((figure.metric, figure.scope), {})
        years.setdefault(figure.year, []).insert(0, figure)
    found = []
    for (metric, scope), years in vintages.items():
        in_percent = metric.measure == Metric.Measure.PERCENT
        rows = []
        for each in sorted(years, reverse=True):
            latest, *older = years[each]
            before = years[each - 1][0].value if each - 1 in years else None
            grown = growth(latest.value, before, in_percent=in_percent)
            rows.append(YearRow(latest, grown, tuple(older)))
        kept = tuple(row for row in rows if year in (None, row.figure.year))
        if kept:
            found.append(MetricBlock(metric, scope, kept))
    return found
