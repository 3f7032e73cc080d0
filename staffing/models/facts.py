"""Dated facts about people that other rooms ask: absences, secondments, sanctions, open cases, kinship.

A fact that was entered by mistake is annulled (作废), never deleted; the
questions of ``staffing/facts.py`` count those that stand.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.fields import EncryptedTextField
from common.periods import Dated, DatedQuerySet, no_overlap
from common.rights import Reach
from staffing.models.appointments import Appointment
from staffing.models.people import Person
from zones.models import Example, Unit


class FactQuerySet(DatedQuerySet):
    def standing(self):
        """Those that were not annulled."""
        return self.filter(annulled=False)


class Fact(Dated, Example):
    """Something that is so of a person during ``period``, on the strength of a document."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="%(class)s_rows", verbose_name=_("人员"))
    document_number = models.CharField(_("依据文号"), max_length=60, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    annulled = models.BooleanField(_("已作废"), default=False)

    objects = FactQuerySet.as_manager()

    class Meta(Dated.Meta):
        abstract = True
        ordering = ["person", "-period", "pk"]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.person_id} {self.period.lower}"

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Person.lies_within(reach, ids, day, "person__")


class Absence(Fact):
    """Days on which somebody was not at work, and why; both ends are whole days.

    Annual, maternity and work-injury leave never cut the months in post (PAY-10); sick and
    personal leave of more than half a year leave the grade unset (ASM-07): those are counted
    in calendar days. Absence without leave is counted in working days (APT-08).
    """

    noun = "absence"

    class Kind(models.TextChoices):
        ANNUAL = "annual", _("年休假")
        SICK = "sick", _("病假")
        PERSONAL = "personal", _("事假")
        MATERNITY = "maternity", _("产假")
        INJURY = "injury", _("工伤假")
        UNEXCUSED = "unexcused", _("旷工")

    kind = models.CharField(_("类别"), max_length=10, choices=Kind.choices)

    class Meta(Fact.Meta):
        verbose_name = _("请假缺勤")
        verbose_name_plural = _("请假缺勤")
        constraints = [
            *Fact.Meta.constraints,
            no_overlap(
                "person",
                name="staffing_absence_once",
                message=_("此人在此期间已有请假或缺勤记录"),
                condition=Q(annulled=False),
            ),
            models.CheckConstraint(
                name="staffing_absence_kind",
                condition=Q(kind__in=["annual", "sick", "personal", "maternity", "injury", "unexcused"]),
                violation_error_message=_("缺勤类别无效"),
            ),
        ]


class Secondment(Fact):
    """Work for another unit while the personnel relation stays where it was (借调、挂职; APT-16).

    ``home_unit`` is that of the day on which it began. The host is one of our
    units, or is named in ``host_name`` where it is none.
    """

    noun = "secondment"

    class Kind(models.TextChoices):
        LOAN = "loan", _("借调")
        EXPERIENCE = "experience", _("挂职")

    kind = models.CharField(_("方式"), max_length=10, choices=Kind.choices)
    home_unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="seconded_away", verbose_name=_("人事关系所在单位")
    )
    host_unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="seconded_here", verbose_name=_("接收单位"), null=True, blank=True
    )
    host_name = models.CharField(_("区外接收单位"), max_length=100, blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("借调挂职")
        verbose_name_plural = _("借调挂职")
        constraints = [
            *Fact.Meta.constraints,
            no_overlap(
                "person",
                name="staffing_secondment_once",
                message=_("此人在此期间已有借调或挂职"),
                condition=Q(annulled=False),
            ),
            models.CheckConstraint(
                name="staffing_secondment_host",
                condition=Q(host_unit__isnull=False, host_name="") | (Q(host_unit__isnull=True) & ~Q(host_name="")),
                violation_error_message=_("接收单位须从区内单位中选择，或填写区外单位名称，二者取一"),
            ),
            models.CheckConstraint(
                name="staffing_secondment_away",
                condition=Q(host_unit__isnull=True) | ~Q(host_unit=F("home_unit")),
                violation_error_message=_("接收单位不能是人事关系所在单位"),
            ),
            models.CheckConstraint(
                name="staffing_secondment_kind",
                condition=Q(kind__in=["loan", "experience"]),
                violation_error_message=_("借调挂职方式无效"),
            ),
        ]


class Sanction(Fact):
    """A disciplinary sanction during its effect (处分期); its length follows from kind and status (ASM-13, ASM-14)."""

    noun = "sanction"

    class Kind(models.TextChoices):
        WARNING = "warning", _("警告")
        DEMERIT = "demerit", _("记过")
        SERIOUS_DEMERIT = "serious_demerit", _("记大过")
        DEMOTION = "demotion", _("降级")
        LOWER_POST = "lower_post", _("降低岗位等级")
        REMOVAL = "removal", _("撤职")

    kind = models.CharField(_("处分种类"), max_length=20, choices=Kind.choices)

    class Meta(Fact.Meta):
        verbose_name = _("处分")
        verbose_name_plural = _("处分")
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(
                name="staffing_sanction_bounded",
                condition=Q(period__endswith__isnull=False),
                violation_error_message=_("处分须有期限"),
            ),
            models.CheckConstraint(
                name="staffing_sanction_document",
                condition=Q(annulled=True) | ~Q(document_number=""),
                violation_error_message=_("处分须有处分决定文号"),
            ),
            models.CheckConstraint(
                name="staffing_sanction_kind",
                condition=Q(kind__in=["warning", "demerit", "serious_demerit", "demotion", "lower_post", "removal"]),
                violation_error_message=_("处分种类无效"),
            ),
        ]


class Inquiry(Fact):
    """A case under investigation (立案审查调查) until it is closed; no grade is set while it is open (ASM-08)."""

    noun = "inquiry"

    class Outcome(models.TextChoices):
        OPEN = "", _("未结案")
        CLEARED = "cleared", _("结案，不予处分")
        SANCTIONED = "sanctioned", _("结案，给予处分")

    outcome = models.CharField(_("结果"), max_length=10, choices=Outcome.choices, blank=True)

    class Meta(Fact.Meta):
        verbose_name = _("立案")
        verbose_name_plural = _("立案")
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(
                name="staffing_inquiry_outcome",
                condition=Q(period__endswith__isnull=True, outcome="")
                | Q(period__endswith__isnull=False, outcome__in=["cleared", "sanctioned"]),
                violation_error_message=_("结案须有日期和结果，未结案则二者皆无"),
            ),
        ]


class Kinship(Dated, Example):
    """Two people of the roster who are kin (公务员法 74); which way is encrypted, that they are is not.

    The pair is kept once, the person of the lower key first.
    """

    noun = "kinship"
    #: Kept out of the audit trail besides: who is whose kin is nobody's business there.
    identifying = ("person", "relative")

    class Relation(models.TextChoices):
        SPOUSE = "spouse", _("夫妻")
        DIRECT = "direct", _("直系血亲")
        COLLATERAL = "collateral", _("三代以内旁系血亲")
        IN_LAW = "in_law", _("近姻亲")

    person = models.ForeignKey(Person, models.PROTECT, related_name="kin_after", verbose_name=_("人员"))
    relative = models.ForeignKey(Person, models.PROTECT, related_name="kin_before", verbose_name=_("亲属"))
    relation = EncryptedTextField(_("亲属关系"))
    annulled = models.BooleanField(_("已作废"), default=False)

    objects = FactQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("亲属关系")
        verbose_name_plural = _("亲属关系")
        ordering = ["person", "relative", "-period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap(
                "person",
                "relative",
                name="staffing_kinship_once",
                message=_("两人的亲属关系在此期间已有登记"),
                condition=Q(annulled=False),
            ),
            models.CheckConstraint(
                name="staffing_kinship_pair",
                condition=Q(person__lt=F("relative")),
                violation_error_message=_("亲属关系须登记在不同的两人之间"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Person.lies_within(reach, ids, day, "person__") | Person.lies_within(reach, ids, day, "relative__")


class Trial(models.Model):
    """What came of a probation (试用期考核): passed, extended to a later day, or failed."""

    noun = "appointment"

    class Outcome(models.TextChoices):
        PASSED = "passed", _("转正")
        EXTENDED = "extended", _("延长试用")
        FAILED = "failed", _("试用不合格")

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="trials", verbose_name=_("聘任"))
    outcome = models.CharField(_("试用结果"), max_length=10, choices=Outcome.choices)
    decided_on = models.DateField(_("决定日期"))
    due_on = models.DateField(_("原试用期止"))
    extended_to = models.DateField(_("延长至"), null=True, blank=True)
    document_number = models.CharField(_("依据文号"), max_length=60, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("试用结果")
        verbose_name_plural = _("试用结果")
        ordering = ["appointment", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment"],
                condition=~Q(outcome="extended"),
                name="staffing_trial_settled_once",
                violation_error_message=_("该试用期已有结论"),
            ),
            models.CheckConstraint(
                name="staffing_trial_extension",
                condition=Q(outcome="extended", extended_to__isnull=False, extended_to__gt=F("due_on"))
                | Q(outcome__in=["passed", "failed"], extended_to__isnull=True),
                violation_error_message=_("延长试用须填写晚于原试用期止的日期，其他结果则不填"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id} {self.outcome}"

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(appointment__in=Appointment.objects.filter(Appointment.within(reach, ids, day)).values("pk"))


class StepChange(models.Model):
    """A change of the pay step (档级) within a term, from a day on."""

    noun = "appointment"

    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="step_changes", verbose_name=_("聘任"))
    starts = models.DateField(_("执行日期"))
    before = models.PositiveSmallIntegerField(_("原档级"))
    step = models.PositiveSmallIntegerField(_("档级"))
    document_number = models.CharField(_("依据文号"), max_length=60, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("档级变动")
        verbose_name_plural = _("档级变动")
        ordering = ["appointment", "starts"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "starts"],
                name="staffing_step_once_a_day",
                violation_error_message=_("该日已有档级变动"),
            ),
            models.CheckConstraint(
                name="staffing_step_changes",
                condition=~Q(step=F("before")) & Q(step__gte=1),
                violation_error_message=_("新档级须不同于原档级，且不小于 1"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.appointment_id} {self.before} → {self.step}"

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Trial.within(reach, ids, day)
