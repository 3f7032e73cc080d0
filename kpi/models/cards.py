"""Scorecards: what each unit, bureau and person promised, line by line."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import PlainJSON
from common.rights import Reach
from kpi.models.cycles import Cycle
from kpi.models.library import Indicator, Template
from kpi.querysets import ScorecardQuerySet
from orgchart.models import Bureau
from staffing.models import Person
from zones.models import Example, Figure, Instrument, Unit


class Scorecard(Example):
    """The promised indicators of one unit, bureau or person in a cycle (KPI责任书/考核表).

    ``unit`` is always the unit it belongs to; ``bureau`` is set on a bureau's
    card and on its people's. Its lines' weights sum to 100 at COMMIT. Once both
    sides have signed (``frozen_at``), what was promised changes only by a
    TargetChange with its instrument.
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

    template = models.ForeignKey(
        Template, models.PROTECT, related_name="scorecards", verbose_name=_("考核模板"), null=True, blank=True
    )
    frozen_at = models.DateTimeField(_("签订时间"), null=True, blank=True, editable=False)

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

    ``serves`` is the line one level up that it works for (a bureau's the unit's,
    a person's the bureau's). A line that does not apply gives its weight to its
    siblings of the same ``group``, and says why. ``figure`` is the one that a
    bound line was last filled from.
    ``version`` grows with every save, so that a stale page cannot overwrite a newer value.
    """

    scorecard = models.ForeignKey(Scorecard, models.CASCADE, related_name="lines", verbose_name=_("评分卡"))
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="lines", verbose_name=_("指标"))
    group = models.CharField(_("一级指标"), max_length=60, blank=True)
    sequence = models.PositiveSmallIntegerField(_("序号"))
    weight = models.DecimalField(_("权重"), max_digits=6, decimal_places=2)
    previous = models.DecimalField(_("上年实绩"), max_digits=20, decimal_places=4, null=True, blank=True)
    target = models.DecimalField(_("目标值"), max_digits=20, decimal_places=4, null=True, blank=True)
    challenge = models.DecimalField(_("挑战值"), max_digits=20, decimal_places=4, null=True, blank=True)
    actual = models.DecimalField(_("完成值"), max_digits=20, decimal_places=4, null=True, blank=True)
    points = models.DecimalField(_("得分"), max_digits=8, decimal_places=4, null=True, blank=True)
    serves = models.ForeignKey(
        "self", models.PROTECT, related_name="served_by", verbose_name=_("支撑指标"), null=True, blank=True
    )
    not_applicable = models.CharField(_("不适用的原因"), max_length=200, blank=True)
    figure = models.ForeignKey(
        Figure, models.PROTECT, related_name="lines", verbose_name=_("取自数据"), null=True, blank=True
    )
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
                name="kpi_line_applies_or_scored",
                condition=Q(not_applicable="") | Q(actual__isnull=True),
                violation_error_message=_("不适用的指标没有完成值"),
            ),
            models.CheckConstraint(
                name="kpi_line_actual_with_points",
                condition=Q(actual__isnull=True, points__isnull=True) | Q(actual__isnull=False, points__isnull=False),
                violation_error_message=_("完成值与得分须同时存在"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scorecard_id}/{self.sequence}"


class Signature(models.Model):
    """One side's signature under a card as a responsibility letter (KPI责任书); never changed."""

    class Side(models.TextChoices):
        ASSESSOR = "assessor", _("考核方")
        ASSESSED = "assessed", _("责任方")

    scorecard = models.ForeignKey(Scorecard, models.PROTECT, related_name="signatures", verbose_name=_("评分卡"))
    side = models.CharField(_("签字方"), max_length=8, choices=Side.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("签字人"))
    signed_at = models.DateTimeField(_("签字时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("签字")
        verbose_name_plural = _("签字")
        constraints = [models.UniqueConstraint(fields=["scorecard", "side"], name="kpi_signature_once")]

    def __str__(self) -> str:
        return f"{self.scorecard_id} {self.side}"


class TargetChange(models.Model):
    """What a line promised, changed in mid-year by an instrument: what it was, and what it is (design 3)."""

    line = models.ForeignKey(Line, models.PROTECT, related_name="target_changes", verbose_name=_("指标行"))
    before = models.JSONField(_("原定"), encoder=PlainJSON)
    after = models.JSONField(_("改为"), encoder=PlainJSON)
    reason = models.CharField(_("理由"), max_length=300)
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("批文"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("经办人"), null=True)
    made_at = models.DateTimeField(_("调整时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("目标调整")
        verbose_name_plural = _("目标调整")
        ordering = ["line", "pk"]

    def __str__(self) -> str:
        return f"{self.line_id} {self.made_at:%Y-%m-%d}"


class Evidence(models.Model):
    """A file that shows what a line's actual rests on (佐证材料); served only to those who may see the card."""

    line = models.ForeignKey(Line, models.PROTECT, related_name="evidence", verbose_name=_("指标行"))
    name = models.CharField(_("文件名"), max_length=120)
    mime = models.CharField(_("类型"), max_length=100)
    size = models.PositiveIntegerField(_("字节数"))
    sha256 = models.CharField(_("校验码"), max_length=64)
    content = models.BinaryField(_("内容"))
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("上传人"), null=True)
    added_at = models.DateTimeField(_("上传时间"), auto_now_add=True)
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("佐证材料")
        verbose_name_plural = _("佐证材料")
        ordering = ["line", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["line", "sha256"], condition=Q(withdrawn_at__isnull=True), name="kpi_evidence_once"
            )
        ]

    def __str__(self) -> str:
        return self.name
