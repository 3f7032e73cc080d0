"""What was promised and what was delivered: scorecards of units, bureaus and people."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.rights import Reach
from kpi.querysets import ScorecardQuerySet
from orgchart.models import Bureau
from staffing.models import Person
from zones.models import Bilingual, Example, Unit


class Cycle(models.Model):
    """A zone's assessment year; a closed one takes no more scores."""

    class State(models.TextChoices):
        OPEN = "open", _("进行中")
        CLOSED = "closed", _("已关闭")

    zone = models.ForeignKey(Unit, models.PROTECT, related_name="cycles", verbose_name=_("开发区"))
    year = models.PositiveSmallIntegerField(_("年度"))
    state = models.CharField(_("状态"), max_length=6, choices=State.choices, default=State.OPEN)

    class Meta:
        verbose_name = _("考核年度")
        verbose_name_plural = _("考核年度")
        ordering = ["zone", "-year"]
        constraints = [models.UniqueConstraint(fields=["zone", "year"], name="kpi_cycle_once")]

    def __str__(self) -> str:
        return str(self.year)


class Indicator(Bilingual, Example):
    """A key performance indicator of the library: what is measured, and how points follow from it."""

    noun = "indicator"

    class Kind(models.TextChoices):
        QUANTITATIVE = "quantitative", _("定量")
        QUALITATIVE = "qualitative", _("定性")

    class Method(models.TextChoices):
        COMPLETION = "completion", _("完成率法")
        EFFICACY = "efficacy", _("功效系数法")
        RATING = "rating", _("测评")
        DEDUCTION = "deduction", _("扣分")

    code = models.SlugField(_("代码"), unique=True, max_length=40)
    kind = models.CharField(_("指标性质"), max_length=12, choices=Kind.choices)
    method = models.CharField(_("计分方法"), max_length=12, choices=Method.choices)
    measure = models.CharField(_("计量单位"), max_length=20, blank=True)
    data_source = models.CharField(_("数据来源部门"), max_length=60, blank=True)
    parameters = models.JSONField(_("计分参数"), default=dict, blank=True)

    class Meta:
        verbose_name = _("指标")
        verbose_name_plural = _("指标")
        ordering = ["code"]

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(pk__in=[])  # reached as ANY, which needs no narrowing


class Scorecard(Example):
    """The promised indicators of one unit, bureau or person in a cycle (KPI责任书/考核表).

    ``unit`` is always the unit it belongs to; ``bureau`` is set on a bureau's
    card and on its people's. Its lines' weights sum to 100 at COMMIT.
    """

    nouns = ("unit_card", "bureau_card", "person_card")

    class Kind(models.TextChoices):
        UNIT = "unit", _("单位")
        BUREAU = "bureau", _("部门")
        PERSON = "person", _("个人")

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="scorecards", verbose_name=_("考核年度"))
    kind = models.CharField(_("对象类别"), max_length=6, choices=Kind.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="scorecards", verbose_name=_("单位"))
    bureau = models.ForeignKey(
        Bureau, models.PROTECT, related_name="scorecards", verbose_name=_("部门"), null=True, blank=True
    )
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="scorecards", verbose_name=_("人员"), null=True, blank=True
    )

    objects = ScorecardQuerySet.as_manager()

    # There on a card that was read with ``named``, and ``with_progress``.
    subject_day: dt.date
    unit_name: str
    bureau_name: str | None
    line_count: int
    scored_count: int

    class Meta:
        verbose_name = _("评分卡")
        verbose_name_plural = _("评分卡")
        ordering = ["cycle", "kind", "unit", "bureau", "person"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "unit"], condition=Q(kind="unit"), name="kpi_one_card_a_unit"),
            models.UniqueConstraint(
                fields=["cycle", "bureau"], condition=Q(kind="bureau"), name="kpi_one_card_a_bureau"
            ),
            models.UniqueConstraint(
                fields=["cycle", "person"], condition=Q(kind="person"), name="kpi_one_card_a_person"
            ),
            models.CheckConstraint(
                name="kpi_card_subject",
                condition=Q(kind="unit", bureau__isnull=True, person__isnull=True)
                | Q(kind="bureau", bureau__isnull=False, person__isnull=True)
                | Q(kind="person", person__isnull=False),
                violation_error_message=_("评分卡须且只能有一个对象"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.person_id or self.bureau_id or self.unit_id}"

    @property
    def noun(self) -> str:
        return f"{self.kind}_card"

    @staticmethod
    def of_noun(noun: str) -> Q:
        return Q(kind=noun.removesuffix("_card"))

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach is Reach.SELF:
            return Q(person__in=ids)
        if reach is Reach.BUREAU:
            return Q(bureau__in=ids)
        return Q(unit__in=ids)


class Line(models.Model):
    """One indicator on a card: weight and points out of 100, target and actual in the indicator's measure.

    ``version`` grows with every save, so that a stale page cannot overwrite a newer value.
    """

    scorecard = models.ForeignKey(Scorecard, models.CASCADE, related_name="lines", verbose_name=_("评分卡"))
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="lines", verbose_name=_("指标"))
    sequence = models.PositiveSmallIntegerField(_("序号"))
    weight = models.DecimalField(_("权重"), max_digits=6, decimal_places=2)
    previous = models.DecimalField(_("上年实绩"), max_digits=20, decimal_places=4, null=True, blank=True)
    target = models.DecimalField(_("目标值"), max_digits=20, decimal_places=4, null=True, blank=True)
    challenge = models.DecimalField(_("挑战值"), max_digits=20, decimal_places=4, null=True, blank=True)
    actual = models.DecimalField(_("完成值"), max_digits=20, decimal_places=4, null=True, blank=True)
    points = models.DecimalField(_("得分"), max_digits=8, decimal_places=4, null=True, blank=True)
    version = models.PositiveIntegerField(_("版本"), default=1)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("录入人"), null=True, blank=True
    )
    entered_at = models.DateTimeField(_("录入时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("指标行")
        verbose_name_plural = _("指标行")
        ordering = ["scorecard", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["scorecard", "indicator"], name="kpi_line_once"),
            models.CheckConstraint(
                name="kpi_line_weight",
                condition=Q(weight__gt=0, weight__lte=100),
                violation_error_message=_("权重须大于 0 且不超过 100"),
            ),
            models.CheckConstraint(
                name="kpi_line_actual_with_points",
                condition=Q(actual__isnull=True, points__isnull=True) | Q(actual__isnull=False, points__isnull=False),
                violation_error_message=_("完成值与得分须同时存在"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scorecard_id}/{self.sequence}"


class Rating(models.TextChoices):
    """Grades (等次): of a unit by the city, of a person by the annual assessment (ASM-01, ASM-02)."""

    FIRST = "first", _("第一等次")
    SECOND = "second", _("第二等次")
    THIRD = "third", _("第三等次")
    EXCELLENT = "excellent", _("优秀")
    COMPETENT = "competent", _("称职（合格）")
    BASIC = "basic", _("基本称职（基本合格）")
    INCOMPETENT = "incompetent", _("不称职（不合格）")
    UNDETERMINED = "undetermined", _("不定等次")


class Result(Example):
    """What a card came to: ``score`` in points of 100, present once every line is scored; ``rating`` its grade."""

    scorecard = models.OneToOneField(Scorecard, models.CASCADE, related_name="result", verbose_name=_("评分卡"))
    score = models.DecimalField(_("得分"), max_digits=7, decimal_places=2, null=True, blank=True)
    rating = models.CharField(_("等次"), max_length=12, choices=Rating.choices, blank=True)
    decided_at = models.DateTimeField(_("评定时间"), auto_now=True)

    class Meta:
        verbose_name = _("考核结果")
        verbose_name_plural = _("考核结果")

    def __str__(self) -> str:
        return f"{self.score} {self.get_rating_display()}"
