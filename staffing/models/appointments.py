"""Who sits on which seat of a post, from when to when."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.periods import Dated, no_overlap
from common.rights import Reach
from staffing.models.people import Person
from staffing.models.posts import Post
from staffing.querysets import AppointmentQuerySet
from zones.models import Example


class Appointment(Dated, Example):
    """A person on a numbered seat of a post, from a day on (聘任); capacity holds by constraint (design 5).

    ``term_ends`` is the contract's last day (聘期止); ``period`` ends when he in
    fact left the post. The term counts from ``decided_on`` (APT-12).
    """

    noun = "appointment"

    class Kind(models.TextChoices):
        PRIMARY = "primary", _("主岗")
        CONCURRENT = "concurrent", _("兼任")
        ACTING = "acting", _("主持工作")
        SECONDED = "seconded", _("借调挂职")

    class End(models.TextChoices):
        OPEN = "", _("在岗")
        TERM = "term", _("聘期届满")
        TRANSFER = "transfer", _("转岗")
        RETIREMENT = "retirement", _("退休")
        RESIGNATION = "resignation", _("辞职")
        DISMISSAL = "dismissal", _("解聘")
        DEATH = "death", _("去世")
        NOT_SELECTED = "not_selected", _("落聘")
        UNFIT = "unfit", _("考核不合格解聘")
        UNEXCUSED = "unexcused", _("旷工解聘")
        TRIAL_FAILED = "trial_failed", _("试用不合格")
        REMOVAL = "removal", _("免职、撤职")
        ABOLISHED = "abolished", _("岗位撤销")
        MOVED_AWAY = "moved_away", _("调出")

    #: Ends by which somebody leaves for good; after any other he waits for a post (待岗).
    LEAVING = (
        End.RETIREMENT,
        End.RESIGNATION,
        End.DISMISSAL,
        End.DEATH,
        End.UNFIT,
        End.UNEXCUSED,
        End.TRIAL_FAILED,
        End.MOVED_AWAY,
    )

    class Hire(models.TextChoices):
        """How he came to the post; what probation the law allows follows from it."""

        OTHER = "", _("其他")
        FIRST_JOB = "first_job", _("初次就业")
        GRADUATE = "graduate", _("应届毕业生")
        GENERAL = "general", _("一般聘用")
        SPECIAL = "special", _("特殊岗位聘用")
        PROMOTION = "promotion", _("提拔任职")

    class Regime(models.TextChoices):
        INTERNAL = "internal", _("岗位聘任")
        STATUTORY = "statutory", _("聘任制公务员")

    person = models.ForeignKey(Person, models.PROTECT, related_name="appointments", verbose_name=_("人员"))
    post = models.ForeignKey(Post, models.PROTECT, related_name="appointments", verbose_name=_("岗位"))
    seat = models.PositiveSmallIntegerField(_("席位"), validators=[MinValueValidator(1)])
    kind = models.CharField(_("任职方式"), max_length=10, choices=Kind.choices, default=Kind.PRIMARY)
    step = models.PositiveSmallIntegerField(_("档级"), default=1)
    document_number = models.CharField(_("聘任文号"), max_length=60, blank=True)
    decided_on = models.DateField(_("决定日期"))
    term_ends = models.DateField(_("聘期止"), null=True, blank=True)
    probation_ends = models.DateField(_("试用期止"), null=True, blank=True)
    end_reason = models.CharField(_("离岗原因"), max_length=12, choices=End.choices, blank=True)
    #: When the written notice of an early end was given (APT-08).
    notified_on = models.DateField(_("书面通知日期"), null=True, blank=True)
    hire = models.CharField(_("进入方式"), max_length=10, choices=Hire.choices, blank=True)
    regime = models.CharField(_("聘任制度"), max_length=10, choices=Regime.choices, default=Regime.INTERNAL)
    #: Of the provincial authority, for a statutory contract (APT-14).
    approval_number = models.CharField(_("省级批准文号"), max_length=60, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("聘任")
        verbose_name_plural = _("聘任")
        ordering = ["person", "period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("post", "seat", name="staffing_seat_once", message=_("该席位在此期间已有人")),
            no_overlap(
                "person",
                name="staffing_one_primary_post",
                message=_("此人在此期间已有主岗"),
                condition=Q(kind="primary"),
            ),
            models.CheckConstraint(
                name="staffing_seat_from_one",
                condition=Q(seat__gte=1),
                violation_error_message=_("席位从 1 起编号"),
            ),
            models.CheckConstraint(
                name="staffing_appointment_kind",
                condition=Q(kind__in=["primary", "concurrent", "acting", "seconded"]),
                violation_error_message=_("任职方式无效"),
            ),
            models.CheckConstraint(
                name="staffing_probation_within_term",
                condition=Q(probation_ends__isnull=True)
                | Q(term_ends__isnull=True)
                | Q(probation_ends__lte=F("term_ends")),
                violation_error_message=_("试用期不能长于聘期"),
            ),
            models.CheckConstraint(
                name="staffing_statutory_approved",
                condition=Q(regime="internal", approval_number="")
                | (Q(regime="statutory", term_ends__isnull=False) & ~Q(approval_number="")),
                violation_error_message=_("聘任制公务员须有省级批准文号和合同期限，岗位聘任则不填批准文号（APT-14）"),
            ),
            models.CheckConstraint(
                name="staffing_appointment_hire",
                condition=Q(hire__in=["", "first_job", "graduate", "general", "special", "promotion"]),
                violation_error_message=_("进入方式无效"),
            ),
        ]
        indexes = [models.Index(fields=["person"])]

    def __str__(self) -> str:
        return f"{self.person_id} → {self.post_id}"

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach is Reach.SELF:
            return Q(person__in=ids)
        if reach is Reach.BUREAU:
            return Q(post__versions__bureau__in=ids)
        return Q(post__versions__unit__in=ids) if reach is Reach.UNITS else Q(pk__in=[])
