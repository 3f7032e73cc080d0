"""A reorganisation as an object (方案): what it would change, from which day, and how far it has come."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.rights import Reach
from zones.models import Instrument, Unit


class Stage(models.TextChoices):
    """How far a plan has come (ORG-13); that an approved one is in force is a fact of the calendar."""

    DRAFT = "draft", _("动议")
    REVIEWED = "reviewed", _("论证")
    DECIDED = "decided", _("审议决定")
    APPROVED = "approved", _("批复")
    WITHDRAWN = "withdrawn", _("撤回")
    REFUSED = "refused", _("不予批准")


#: The way to approval, in order.
PATH = (Stage.DRAFT, Stage.REVIEWED, Stage.DECIDED, Stage.APPROVED)
#: While a plan is here, its changes may be edited; a decided plan is what was decided.
EDITABLE = (Stage.DRAFT, Stage.REVIEWED)
#: Here it stays for ever.
FINAL = (Stage.APPROVED, Stage.WITHDRAWN, Stage.REFUSED)


class StructureRevision(models.Model):
    """How often a zone's structure has been changed: counted in PostgreSQL, whatever path a change takes."""

    zone = models.OneToOneField(Unit, models.CASCADE, primary_key=True, db_constraint=False, related_name="revision")
    number = models.BigIntegerField(_("修订号"), default=0)

    class Meta:
        verbose_name = _("机构设置修订")
        verbose_name_plural = _("机构设置修订")

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def of(cls, zone_id: int) -> int:
        """The zone's revision now; 0 before anything was set up."""
        return cls.objects.filter(zone=zone_id).values_list("number", flat=True).first() or 0


class PlanQuerySet(models.QuerySet):
    def listed(self):
        """With what a list shows, the youngest first, and ``change_count``."""
        return (
            self.select_related("zone", "drafted_by", "instrument")
            .annotate(change_count=models.Count("changes"))
            .order_by("-drafted_at", "-pk")
        )

    def open(self):
        return self.exclude(stage__in=FINAL)


class Plan(models.Model):
    """A plan for a zone, effective on a day.

    ``stage`` is that of its last step, and ``version`` counts the edits: the
    database keeps both, nothing else writes them. A check holds for the version
    and for the revision of the structure that it looked at.
    """

    noun = "plan"
    content = ("title", "reason", "effective_on")

    zone = models.ForeignKey(Unit, models.PROTECT, related_name="plans", verbose_name=_("开发区"))
    code = models.SlugField(_("方案编号"), unique=True, max_length=40)
    title = models.CharField(_("方案名称"), max_length=100)
    reason = models.TextField(_("调整理由"), max_length=2000)
    effective_on = models.DateField(_("生效日期"))
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="drafted_plans", verbose_name=_("起草人")
    )
    drafted_at = models.DateTimeField(_("起草时间"), db_default=Now(), editable=False)
    stage = models.CharField(_("环节"), max_length=10, choices=Stage.choices, default=Stage.DRAFT, editable=False)
    version = models.PositiveIntegerField(_("版次"), default=1, editable=False)
    instrument = models.ForeignKey(
        Instrument, models.PROTECT, related_name="plans", verbose_name=_("批文"), null=True, blank=True, editable=False
    )
    checked_version = models.PositiveIntegerField(_("校核版次"), null=True, editable=False)
    checked_revision = models.BigIntegerField(_("校核时的修订号"), null=True, editable=False)
    checked_ok = models.BooleanField(_("校核通过"), default=False, editable=False)
    checked_at = models.DateTimeField(_("校核时间"), null=True, editable=False)
    findings = models.JSONField(_("校核结果"), default=list, encoder=DjangoJSONEncoder, editable=False)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("方案")
        verbose_name_plural = _("方案")
        ordering = ["-drafted_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="orgchart_plan_stage",
                condition=Q(stage__in=Stage.values),
                violation_error_message=_("方案环节无效"),
            ),
            models.CheckConstraint(
                name="orgchart_plan_instrument",
                condition=Q(stage="approved", instrument__isnull=False) | (~Q(stage="approved") & Q(instrument=None)),
                violation_error_message=_("批复须有批文，未批复的方案没有批文"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(zone__in=ids) if reach in (Reach.UNITS, Reach.ZONE) else Q(pk__in=[])

    @property
    def editable(self) -> bool:
        return self.stage in EDITABLE

    @property
    def final(self) -> bool:
        return self.stage in FINAL

    def in_force(self, day: dt.date) -> bool:
        """Whether it is approved and its day has come."""
        return self.stage == Stage.APPROVED and self.effective_on <= day

    def state(self, day: dt.date) -> str:
        """The stage as people ask for it on a day: an approved plan is ``in_force`` once its day has come."""
        return "in_force" if self.in_force(day) else self.stage

    def state_words(self, day: dt.date) -> str:
        return str(_("已生效") if self.in_force(day) else Stage(self.stage).label)

    def checked_as_it_stands(self, revision: int) -> bool:
        """Whether the last check was of this version, on the structure of that revision."""
        return self.checked_version == self.version and self.checked_revision == revision


class PlanChange(models.Model):
    """One change of a plan: its kind, and what it needs to be carried out, as codes (see ``orgchart.changes``)."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="changes", verbose_name=_("方案"))
    order = models.PositiveSmallIntegerField(_("次序"))
    kind = models.CharField(_("调整事项"), max_length=12)
    payload = models.JSONField(_("内容"), default=dict)

    class Meta:
        verbose_name = _("调整事项")
        verbose_name_plural = _("调整事项")
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "order"], name="orgchart_change_order", deferrable=models.Deferrable.DEFERRED
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.kind}"


class PlanStep(models.Model):
    """A step that a plan took: which, who took it, when, on what date it was decided, with what opinion and paper.

    ``decided_on`` is the day of the meeting or document; ``at`` the moment of
    the record, set by the database. A step is never changed or removed.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="steps", verbose_name=_("方案"))
    stage = models.CharField(_("环节"), max_length=10, choices=Stage.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="plan_steps", verbose_name=_("经办人")
    )
    at = models.DateTimeField(_("办理时间"), db_default=Now(), editable=False)
    decided_on = models.DateField(_("决定日期"))
    opinion = models.TextField(_("意见"), max_length=1000, blank=True)
    document = models.CharField(_("文号或会议纪要"), max_length=100, blank=True)
    instrument = models.ForeignKey(
        Instrument, models.PROTECT, related_name="plan_steps", verbose_name=_("批文"), null=True, blank=True
    )
    version = models.PositiveIntegerField(_("版次"))

    class Meta:
        verbose_name = _("办理环节")
        verbose_name_plural = _("办理环节")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "stage"], name="orgchart_step_once", violation_error_message=_("该环节已办理")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.stage}"
