"""The library of indicators, and the templates made of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.rights import Reach
from kpi.models.cycles import held_by, holding
from zones.models import Bilingual, Example, Metric, Unit


class Indicator(Bilingual, Example):
    """A key performance indicator of the library: what is measured, and how points follow from it.

    One bound to a ``metric`` fills itself from the unit's figure of the year:
    its value, or its growth in percent. ``per`` is how many of the metric's
    measure make one of the indicator's (yuan in an 亿元: 100000000).
    """

    noun = "indicator"

    class Kind(models.TextChoices):
        QUANTITATIVE = "quantitative", _("定量")
        QUALITATIVE = "qualitative", _("定性")

    class Method(models.TextChoices):
        COMPLETION = "completion", _("完成率法")
        EFFICACY = "efficacy", _("功效系数法")
        FLAT = "flat", _("持平计分")
        PLUS_MINUS = "plus_minus", _("分段加扣")
        RANKING = "ranking", _("排名赋分法")
        RATING = "rating", _("测评")
        DEDUCTION = "deduction", _("扣分")

    class Direction(models.TextChoices):
        MORE = "more", _("越高越好")
        LESS = "less", _("越低越好")

    class Reading(models.TextChoices):
        VALUE = "value", _("数值")
        GROWTH = "growth", _("同口径增幅（%）")

    code = models.SlugField(_("代码"), unique=True, max_length=40)
    kind = models.CharField(_("指标性质"), max_length=12, choices=Kind.choices)
    method = models.CharField(_("计分方法"), max_length=12, choices=Method.choices)
    direction = models.CharField(_("方向"), max_length=4, choices=Direction.choices, default=Direction.MORE)
    measure = models.CharField(_("计量单位"), max_length=20, blank=True)
    data_source = models.CharField(_("数据来源部门"), max_length=60, blank=True)
    parameters = models.JSONField(_("计分参数"), default=dict, blank=True)
    metric = models.ForeignKey(
        Metric, models.PROTECT, related_name="indicators", verbose_name=_("统计指标"), null=True, blank=True
    )
    reading = models.CharField(_("取数"), max_length=6, choices=Reading.choices, blank=True)
    per = models.DecimalField(_("换算"), max_digits=18, decimal_places=4, default=1)

    class Meta:
        verbose_name = _("指标")
        verbose_name_plural = _("指标")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="kpi_indicator_reading",
                condition=Q(metric__isnull=True, reading="") | Q(metric__isnull=False, reading__in=["value", "growth"]),
                violation_error_message=_("取自统计指标的，须说明取数值还是增幅"),
            ),
            models.CheckConstraint(
                name="kpi_indicator_per", condition=Q(per__gt=0), violation_error_message=_("换算须大于 0")
            ),
        ]

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(pk__in=[])  # reached as ANY, which needs no narrowing


class Template(Bilingual, Example):
    """What cards of a kind are made from: city → park, city → town, unit → bureau, bureau → person.

    ``holder`` is the city or zone that uses it. Its lines' weights sum to 100 at COMMIT.
    """

    nouns = ("city_template", "zone_template")

    class Subject(models.TextChoices):
        ZONE = "zone", _("市对开发区")
        PARK = "park", _("市对园区")
        TOWN = "town", _("市对属地镇")
        BUREAU = "bureau", _("单位对部门")
        PERSON = "person", _("部门对个人")

    code = models.SlugField(_("代码"), max_length=40)
    holder = models.ForeignKey(Unit, models.PROTECT, related_name="templates", verbose_name=_("使用单位"))
    subject = models.CharField(_("对象"), max_length=6, choices=Subject.choices)

    class Meta:
        verbose_name = _("考核模板")
        verbose_name_plural = _("考核模板")
        ordering = ["holder", "subject", "code"]
        constraints = [models.UniqueConstraint(fields=["holder", "code"], name="kpi_template_once")]

    @property
    def noun(self) -> str:
        return f"{holding(self.holder)}_template"

    @staticmethod
    def of_noun(noun: str) -> Q:
        return held_by(noun.removesuffix("_template"))

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(holder__in=ids) if reach in (Reach.UNITS, Reach.ZONE) else Q(pk__in=[])


class TemplateLine(models.Model):
    """An indicator in a template with its weight; ``group`` is the first-level indicator that it stands under."""

    template = models.ForeignKey(Template, models.CASCADE, related_name="lines", verbose_name=_("考核模板"))
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="template_lines", verbose_name=_("指标"))
    group = models.CharField(_("一级指标"), max_length=60, blank=True)
    sequence = models.PositiveSmallIntegerField(_("序号"))
    weight = models.DecimalField(_("权重"), max_digits=6, decimal_places=2)

    class Meta:
        verbose_name = _("模板指标")
        verbose_name_plural = _("模板指标")
        ordering = ["template", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["template", "indicator"], name="kpi_template_line_once"),
            models.CheckConstraint(
                name="kpi_template_line_weight",
                condition=Q(weight__gt=0, weight__lte=100),
                violation_error_message=_("权重须大于 0 且不超过 100"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id}/{self.sequence}"
