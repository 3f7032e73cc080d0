"""A selection round (竞聘): what is on offer, on what terms, and which step it has reached."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.rights import Reach
from staffing.models.posts import Post
from zones.models import Example, Instrument, Unit


def _share(label) -> models.DecimalField:
    bounds = [MinValueValidator(0), MaxValueValidator(100)]
    return models.DecimalField(label, max_digits=5, decimal_places=2, default=0, validators=bounds)


class Selection(Example):
    """A round that puts people into posts: a competition among staff (竞聘上岗) or open recruitment (公开招聘).

    It goes through the steps of its kind (APT-02, APT-01) in their order, one at a
    time and never back; ``stage`` is the step in hand. PostgreSQL holds that, and
    what each step needs (``migrations/sql/selections.sql``).
    """

    noun = "selection"

    class Kind(models.TextChoices):
        INTERNAL = "internal", _("竞聘上岗")
        OPEN = "open", _("公开招聘")

    class Stage(models.TextChoices):
        DRAFT = "draft", _("方案")
        PUBLISHED = "published", _("公布报名")
        REVIEW = "review", _("资格审查")
        ASSESSMENT = "assessment", _("考评")
        MEDICAL = "medical", _("体检")
        NOTICE = "notice", _("公示")
        APPOINTED = "appointed", _("聘任")
        CANCELLED = "cancelled", _("已终止")

    #: The steps of each kind, in the order of the law: APT-02 has six, APT-01 seven.
    STEPS: dict[str, tuple[str, ...]] = {
        Kind.INTERNAL: (
            Stage.DRAFT,
            Stage.PUBLISHED,
            Stage.REVIEW,
            Stage.ASSESSMENT,
            Stage.NOTICE,
            Stage.APPOINTED,
        ),
        Kind.OPEN: (
            Stage.DRAFT,
            Stage.PUBLISHED,
            Stage.REVIEW,
            Stage.ASSESSMENT,
            Stage.MEDICAL,
            Stage.NOTICE,
            Stage.APPOINTED,
        ),
    }

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="selections", verbose_name=_("单位"))
    title = models.CharField(_("名称"), max_length=100)
    kind = models.CharField(_("方式"), max_length=8, choices=Kind.choices, default=Kind.INTERNAL)
    stage = models.CharField(_("步骤"), max_length=10, choices=Stage.choices, default=Stage.DRAFT)
    whole_staff = models.BooleanField(
        _("全员竞聘"), default=False, help_text=_("报名人员原聘任到新聘期开始时一律结束；未聘任的列为待岗")
    )
    written = _share(_("笔试权重（%）"))
    interview = _share(_("面试权重（%）"))
    peer = _share(_("民主测评权重（%）"))
    pass_mark = models.DecimalField(
        _("合格线（分）"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("总分低于此分的不予聘任；不填则不设"),
    )
    apply_from = models.DateField(_("报名开始"))
    apply_until = models.DateField(_("报名截止"), help_text=_("当日仍可报名、修改和撤回"))
    term_months = models.PositiveSmallIntegerField(_("聘期（月）"), validators=[MinValueValidator(1)])
    notice_workdays = models.PositiveSmallIntegerField(_("公示不少于（工作日）"), validators=[MinValueValidator(1)])
    contact = models.CharField(_("联系人"), max_length=60)
    phone = models.CharField(_("监督电话"), max_length=40)
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("依据"), null=True, blank=True)
    document_number = models.CharField(_("方案文号"), max_length=60, blank=True)
    cancel_reason = models.CharField(_("终止原因"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("起草人"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("竞聘")
        verbose_name_plural = _("竞聘")
        ordering = ["-apply_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="staffing_selection_weights",
                condition=Q(written__gte=0, interview__gte=0, peer__gte=0)
                & Q(written=Decimal(100) - F("interview") - F("peer")),
                violation_error_message=_("笔试、面试、民主测评的权重合计须为 100"),
            ),
            models.CheckConstraint(
                name="staffing_selection_calendar",
                condition=Q(apply_until__gte=F("apply_from")),
                violation_error_message=_("报名截止不能早于报名开始"),
            ),
            models.CheckConstraint(
                name="staffing_selection_kind",
                condition=Q(kind__in=["internal", "open"]),
                violation_error_message=_("竞聘方式无效"),
            ),
            models.CheckConstraint(
                name="staffing_selection_whole_staff",
                condition=Q(whole_staff=False) | Q(kind="internal"),
                violation_error_message=_("全员竞聘只适用于竞聘上岗"),
            ),
            # 公务员法 32, 干部任用条例 41: no plan may say less than five working days.
            models.CheckConstraint(
                name="staffing_selection_notice_floor",
                condition=Q(notice_workdays__gte=5),
                violation_error_message=_("公示期不少于五个工作日（APT-09、APT-10）"),
            ),
            models.CheckConstraint(
                name="staffing_selection_cancel_reason",
                condition=~Q(stage="cancelled") | ~Q(cancel_reason=""),
                violation_error_message=_("终止须写明原因"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach is Reach.ZONE:  # the staff: what is not published is not theirs to see yet
            return Q(unit__in=ids) & ~Q(stage="draft")
        return Q(unit__in=ids) if reach is Reach.UNITS else Q(pk__in=[])

    @property
    def steps(self) -> tuple[str, ...]:
        return self.STEPS[self.kind]

    @property
    def next_stage(self) -> str | None:
        """The step after the one in hand; None when the round is over."""
        if self.stage == self.Stage.CANCELLED:
            return None
        place = self.steps.index(self.stage)
        return self.steps[place + 1] if place + 1 < len(self.steps) else None

    def passed(self, stage: str) -> bool:
        """Has the round reached that step, or gone beyond it?"""
        if self.stage == self.Stage.CANCELLED or stage not in self.steps:
            return False
        return self.steps.index(self.stage) >= self.steps.index(stage)

    @property
    def weights(self) -> dict[str, Decimal]:
        """The parts that count, each with its weight in percent."""
        found = {"written": self.written, "interview": self.interview, "peer": self.peer}
        return {part: weight for part, weight in found.items() if weight}


class SelectionPost(models.Model):
    """A post on offer in a round, with the number of seats, in the published order."""

    selection = models.ForeignKey(Selection, models.PROTECT, related_name="posts", verbose_name=_("竞聘"))
    post = models.ForeignKey(Post, models.PROTECT, related_name="selections", verbose_name=_("岗位"))
    seats = models.PositiveSmallIntegerField(_("拟聘人数"), validators=[MinValueValidator(1)])
    order = models.PositiveSmallIntegerField(_("公布次序"))

    class Meta:
        verbose_name = _("竞聘岗位")
        verbose_name_plural = _("竞聘岗位")
        ordering = ["selection", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["selection", "post"],
                name="staffing_selection_post_once",
                violation_error_message=_("该岗位已在本次竞聘中"),
            ),
            models.UniqueConstraint(
                fields=["selection", "order"],
                name="staffing_selection_order_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                name="staffing_selection_seats",
                condition=Q(seats__gte=1),
                violation_error_message=_("拟聘人数至少为 1"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.selection_id} {self.post_id}"


class SelectionStep(models.Model):
    """The log of a round: which step was entered when, by whom."""

    selection = models.ForeignKey(Selection, models.PROTECT, related_name="log", verbose_name=_("竞聘"))
    stage = models.CharField(_("步骤"), max_length=10, choices=Selection.Stage.choices)
    entered_at = models.DateTimeField(_("时间"), auto_now_add=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("办理人"), null=True, blank=True
    )
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("竞聘步骤")
        verbose_name_plural = _("竞聘步骤")
        ordering = ["selection", "pk"]

    def __str__(self) -> str:
        return f"{self.selection_id} {self.stage}"
