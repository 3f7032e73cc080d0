"""What was measured: metrics and figures by vintage."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.rights import Reach
from zones.growth import Span
from zones.models.shared import Bilingual, Example
from zones.models.units import Unit
from zones.querysets import WHOLE_YEAR, FigureQuerySet


class Metric(Bilingual):
    """What a figure measures, e.g. tax revenue; ``measure`` is its unit (yuan, percent)."""

    class Measure(models.TextChoices):
        YUAN = "yuan", _("元")
        PERCENT = "percent", _("%")
        COUNT = "count", _("个")

    code = models.SlugField(_("代码"), unique=True, max_length=40)
    measure = models.CharField(_("计量单位"), max_length=10, choices=Measure.choices)
    sequence = models.PositiveSmallIntegerField(_("序号"), default=0)

    class Meta:
        verbose_name = _("统计指标")
        verbose_name_plural = _("统计指标")
        ordering = ["sequence", "code"]


class Figure(Example):
    """A unit's figure for a year, or its first months; never overwritten: a restated one is a row of a later vintage.

    Chinese statistics are cumulative within a year: ``through`` is the last
    month counted, 12 for the whole year. ``value`` is in the metric's measure; ``scope`` names the perimeter (口径),
    so that growth is only computed like for like; ``vintage`` is the day on
    which it was published or entered.
    """

    noun = "figure"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="figures", verbose_name=_("单位"))
    metric = models.ForeignKey(Metric, models.PROTECT, verbose_name=_("指标"))
    year = models.PositiveSmallIntegerField(_("年度"))
    through = models.PositiveSmallIntegerField(_("累计至（月）"), default=WHOLE_YEAR)
    value = models.DecimalField(_("数值"), max_digits=20, decimal_places=4)
    scope = models.CharField(_("口径"), max_length=60, default="全口径")
    source = models.CharField(_("来源"), max_length=200)
    vintage = models.DateField(_("发布或录入日期"))
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("录入人"), null=True)

    objects = FigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("基础数据")
        verbose_name_plural = _("基础数据")
        ordering = ["unit", "metric", "year", "through", "vintage"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "metric", "year", "through", "scope", "vintage"],
                name="zones_figure_one_a_vintage",
                violation_error_message=_("同一天已录入过该数据；更正请用新的发布日期"),
            ),
            models.CheckConstraint(
                name="zones_figure_year",
                condition=Q(year__range=(1978, 2200)),
                violation_error_message=_("年度须在 1978 年至 2200 年之间"),
            ),
            models.CheckConstraint(
                name="zones_figure_through",
                condition=Q(through__range=(1, WHOLE_YEAR)),
                violation_error_message=_("累计月份须在 1 至 12 之间"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.metric_id} {self.year}"

    @property
    def span(self) -> Span:
        """What it counts, for growth: which months of which year, in which scope."""
        return Span(self.year, self.through, self.scope)

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(unit__in=ids) if reach in (Reach.UNITS, Reach.ZONE) else Q(pk__in=[])
