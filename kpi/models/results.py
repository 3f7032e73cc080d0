"""What a card came to, and how it was judged."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from common.models import PlainJSON
from common.rights import Reach
from kpi.models.cards import Scorecard
from zones.models import Example, Instrument


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


class Undetermined(models.TextChoices):
    """Why somebody has no grade (不定等次), by the rule that says so."""

    PROBATION = "ASM-05", _("试用期内")
    SECONDED = "ASM-06", _("由其他单位考核")
    LONG_LEAVE = "ASM-07", _("病、事假累计超过半年")
    OPEN_CASE = "ASM-08", _("立案审查调查未结案")
    SANCTION = "ASM-09", _("受处分")
    NEWCOMER = "new", _("到岗时间不足，不参加考核")
    LEFT = "left", _("已离岗")


class Result(Example):
    """What a card came to.

    ``score`` is in points of 100, present once every line is scored;
    adjustments are in it. A person's is weighed from ``own_score`` and
    ``bureau_score`` where the year's rules say so. ``rating`` is the grade, and
    ``undetermined`` why there is none, with the ``facts`` that say so. ``decision``
    is what a panel recorded where the published order left people equal.
    """

    #: What a page showed of a grade: a change that bears an older one is refused (common/stamps.py).
    SEEN = ("score", "rating", "undetermined")

    scorecard = models.OneToOneField(Scorecard, models.CASCADE, related_name="result", verbose_name=_("评分卡"))
    score = models.DecimalField(_("得分"), max_digits=7, decimal_places=2, null=True, blank=True)
    own_score = models.DecimalField(_("本人得分"), max_digits=7, decimal_places=2, null=True, blank=True)
    bureau_score = models.DecimalField(_("部门得分"), max_digits=7, decimal_places=2, null=True, blank=True)
    rating = models.CharField(_("等次"), max_length=12, choices=Rating.choices, blank=True)
    undetermined = models.CharField(_("不定等次的原因"), max_length=8, choices=Undetermined.choices, blank=True)
    facts = models.JSONField(_("不定等次的事实"), encoder=PlainJSON, default=dict, blank=True)
    decision = models.CharField(_("集体研究意见"), max_length=300, blank=True)
    comment = models.CharField(_("评语"), max_length=500, blank=True)
    decided_at = models.DateTimeField(_("评定时间"), auto_now=True)

    class Meta:
        verbose_name = _("考核结果")
        verbose_name_plural = _("考核结果")
        constraints = [
            models.CheckConstraint(
                name="kpi_result_undetermined",
                condition=Q(undetermined="") | Q(rating__in=["", "undetermined"]),
                violation_error_message=_("不定等次的，不能另有等次"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score} {self.get_rating_display()}"


class AdjustmentQuerySet(models.QuerySet):
    def effective(self):
        """Those that count: approved, no revocation themselves, and not revoked by an approved one."""
        revoked = self.model._base_manager.filter(revokes=OuterRef("pk"), state="approved")
        return self.filter(~Exists(revoked), state="approved", revokes__isnull=True)


class Adjustment(models.Model):
    """Points added to or taken from a card outside its lines (加减分), or a veto; two people's work.

    A veto (一票否决) caps a person's grade at 合格, and takes the first class from a unit
    or a bureau; it changes no points. What was approved is never edited: a second
    one, of the same kind and points, ``revokes`` it.
    """

    class Kind(models.TextChoices):
        BONUS = "bonus", _("加分")
        DEDUCTION = "deduction", _("扣分")
        VETO = "veto", _("一票否决")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待审")
        APPROVED = "approved", _("已通过")
        REFUSED = "refused", _("未通过")

    scorecard = models.ForeignKey(Scorecard, models.PROTECT, related_name="adjustments", verbose_name=_("评分卡"))
    kind = models.CharField(_("类别"), max_length=9, choices=Kind.choices)
    points = models.DecimalField(_("分值"), max_digits=6, decimal_places=2, default=0)
    reason = models.CharField(_("理由"), max_length=300)
    happened_on = models.DateField(_("事项日期"), null=True, blank=True)
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("依据"), null=True, blank=True)
    evidence = models.CharField(_("佐证"), max_length=200, blank=True)
    revokes = models.OneToOneField(
        "self", models.PROTECT, related_name="revoked_by", verbose_name=_("撤销的事项"), null=True, blank=True
    )
    opinion = models.CharField(_("审定意见"), max_length=300, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("提出人"), null=True
    )
    proposed_at = models.DateTimeField(_("提出时间"), auto_now_add=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("审定人"), null=True, blank=True
    )
    decided_at = models.DateTimeField(_("审定时间"), null=True, blank=True)

    objects = AdjustmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("加减分事项")
        verbose_name_plural = _("加减分事项")
        ordering = ["scorecard", "pk"]
        constraints = [
            models.CheckConstraint(
                name="kpi_adjustment_points",
                condition=Q(kind="veto", points=0) | Q(kind__in=["bonus", "deduction"], points__gt=0),
                violation_error_message=_("加分、扣分的分值须大于 0，一票否决没有分值"),
            ),
            models.CheckConstraint(
                name="kpi_adjustment_two_people",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                violation_error_message=_("提出人不能审定自己提出的事项"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scorecard_id} {self.kind} {self.points}"

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach is Reach.SELF:
            return Q(scorecard__person__in=ids)
        return Q(scorecard__bureau__in=ids) if reach is Reach.BUREAU else Q(scorecard__unit__in=ids)


class Appeal(models.Model):
    """Somebody's challenge of his grade, with the statutory clocks (ASM-12).

    复核 within 30 days of being told, decided within 30; 申诉 within 15 days of
    that decision. Execution is not suspended meanwhile.
    """

    noun = "appeal"

    class Stage(models.TextChoices):
        REVIEW = "review", _("复核")
        APPEAL = "appeal", _("申诉")

    class Outcome(models.TextChoices):
        OPEN = "", _("待处理")
        UPHELD = "upheld", _("维持")
        CHANGED = "changed", _("变更")
        WITHDRAWN = "withdrawn", _("撤回")

    result = models.ForeignKey(Result, models.PROTECT, related_name="appeals", verbose_name=_("考核结果"))
    stage = models.CharField(_("程序"), max_length=6, choices=Stage.choices)
    text = models.TextField(_("理由"))
    raised_on = models.DateField(_("提出日期"))
    due_on = models.DateField(_("应作出决定的日期"))
    outcome = models.CharField(_("处理结果"), max_length=9, choices=Outcome.choices, blank=True)
    decision = models.TextField(_("决定"), blank=True)
    new_rating = models.CharField(_("变更后的等次"), max_length=12, choices=Rating.choices, blank=True)
    decided_on = models.DateField(_("决定日期"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("决定人"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("复核申诉")
        verbose_name_plural = _("复核申诉")
        ordering = ["-raised_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["result", "stage"], name="kpi_appeal_once"),
            models.CheckConstraint(
                name="kpi_appeal_decided",
                condition=Q(outcome="", decided_on__isnull=True) | ~Q(outcome="") & Q(decided_on__isnull=False),
                violation_error_message=_("处理结果与决定日期须同时存在"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.result_id} {self.get_stage_display()}"

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach is Reach.SELF:
            return Q(result__scorecard__person__in=ids)
        if reach is Reach.BUREAU:
            return Q(result__scorecard__bureau__in=ids)
        return Q(result__scorecard__unit__in=ids) if reach is Reach.UNITS else Q(pk__in=[])
