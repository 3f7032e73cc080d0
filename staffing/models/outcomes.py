"""What a round comes to: who is proposed and decided for which post, the public notice, and objections to it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.fields import EncryptedTextField
from common.models import PlainJSON
from common.rights import Reach
from staffing.models.appointments import Appointment
from staffing.models.candidates import Candidate
from staffing.models.people import Person
from staffing.models.selections import Selection, SelectionPost


class Outcome(models.Model):
    """What the system proposes for a candidate, with its reason, and what people decided.

    ``facts`` are what the reason's sentence needs. Where the decision differs from
    the proposal, ``deviation`` says why.
    """

    class Reason(models.TextChoices):
        FIRST_CHOICE = "first_choice", _("录入第一志愿")
        SECOND_CHOICE = "second_choice", _("录入第二志愿")
        ADJUSTED = "adjusted", _("服从调剂")
        BELOW_MARK = "below_mark", _("未达合格线")
        OUTRANKED = "outranked", _("志愿岗位已满")
        NONE_LEFT = "none_left", _("无剩余岗位")

    candidate = models.OneToOneField(Candidate, models.PROTECT, related_name="outcome", verbose_name=_("报名"))
    total = models.DecimalField(_("总分"), max_digits=9, decimal_places=6)
    rank = models.PositiveIntegerField(_("名次"))
    proposed = models.ForeignKey(
        SelectionPost, models.PROTECT, related_name="+", verbose_name=_("系统建议"), null=True, blank=True
    )
    reason = models.CharField(_("理由"), max_length=14, choices=Reason.choices)
    facts = models.JSONField(default=dict, encoder=PlainJSON)
    decided = models.ForeignKey(
        SelectionPost, models.PROTECT, related_name="decided", verbose_name=_("决定岗位"), null=True, blank=True
    )
    decided_at = models.DateTimeField(_("决定时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("决定人"), null=True, blank=True
    )
    deviation = models.CharField(_("与建议不一致的原因"), max_length=300, blank=True)
    appointment = models.OneToOneField(
        Appointment, models.PROTECT, related_name="outcome", verbose_name=_("聘任"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("竞聘结果")
        verbose_name_plural = _("竞聘结果")
        ordering = ["rank"]
        constraints = [
            models.CheckConstraint(
                name="staffing_outcome_deviation_said",
                condition=Q(decided_at__isnull=True)
                # Both named: an equation with NULL would let everything through.
                | Q(decided=F("proposed"), decided__isnull=False, proposed__isnull=False)
                | Q(decided__isnull=True, proposed__isnull=True)
                | ~Q(deviation=""),
                violation_error_message=_("决定与系统建议不一致，须写明原因"),
            ),
            models.CheckConstraint(
                name="staffing_outcome_decided_at",
                condition=Q(decided__isnull=True) | Q(decided_at__isnull=False),
                violation_error_message=_("决定须有决定时间"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} → {self.decided_id}"


class Notice(models.Model):
    """The public notice (拟聘公示) of a round: from ``first_day`` to ``last_day``, both included, at ``places``.

    A notice is never changed; a round may be put on notice anew, and then the latest counts.
    """

    noun = "notice"

    selection = models.ForeignKey(Selection, models.PROTECT, related_name="notices", verbose_name=_("竞聘"))
    first_day = models.DateField(_("公示开始"))
    last_day = models.DateField(_("公示截止"))
    places = models.CharField(_("公示地点、网址"), max_length=200)
    contact = models.CharField(_("联系人"), max_length=60)
    phone = models.CharField(_("监督电话"), max_length=40)
    published_on = models.DateField(_("发布日期"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("发布人"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("公示")
        verbose_name_plural = _("公示")
        ordering = ["-last_day", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="staffing_notice_days",
                condition=Q(last_day__gte=F("first_day")) & Q(first_day__gte=F("published_on")),
                violation_error_message=_("公示不能早于发布之日开始，截止不能早于开始"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.selection_id} {self.first_day}"

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(selection__unit__in=ids) if reach in (Reach.UNITS, Reach.ZONE) else Q(pk__in=[])


class Objection(models.Model):
    """What somebody says against a notice. While one is open, nobody of the round is appointed.

    Who raised it and what he says is kept encrypted.
    """

    noun = "objection"

    class State(models.TextChoices):
        OPEN = "open", _("待处理")
        UPHELD = "upheld", _("成立")
        DISMISSED = "dismissed", _("不成立")

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="objections", verbose_name=_("公示"))
    candidate = models.ForeignKey(
        Candidate, models.PROTECT, related_name="objections", verbose_name=_("所涉人员"), null=True, blank=True
    )
    raised_on = models.DateField(_("提出日期"))
    raised_by = models.ForeignKey(
        Person, models.PROTECT, related_name="objections", verbose_name=_("提出人"), null=True, blank=True
    )
    raised_name = EncryptedTextField(_("提出人姓名"), blank=True)
    text = EncryptedTextField(_("内容"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("登记人"), null=True, blank=True
    )
    state = models.CharField(_("处理结果"), max_length=9, choices=State.choices, default=State.OPEN)
    settled_on = models.DateField(_("处理日期"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("处理人"), null=True, blank=True
    )
    finding = models.CharField(_("调查核实情况"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("异议")
        verbose_name_plural = _("异议")
        ordering = ["-raised_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="staffing_objection_settled",
                condition=Q(state="open", settled_on__isnull=True) | (~Q(finding="") & Q(settled_on__isnull=False)),
                violation_error_message=_("处理异议须写明调查核实情况"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.raised_on}"

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach is Reach.SELF:
            return Q(raised_by__in=ids)
        return Q(notice__selection__unit__in=ids) if reach is Reach.UNITS else Q(pk__in=[])
