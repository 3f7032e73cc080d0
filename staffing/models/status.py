"""What is kept on file of a person's status: corrections of the original one, and by what law he retires."""

from __future__ import annotations

from django.contrib.postgres.functions import TransactionNow
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.periods import Dated, DatedQuerySet, no_overlap
from common.rights import Reach
from staffing.models.people import Person
from zones.models import Example


class StatusCorrection(models.Model):
    """A correction of the original identity or rank (身份封存): its reason and document, in the same transaction.

    PostgreSQL refuses any change of the two columns for which there is no such row.
    """

    noun = "person"

    person = models.ForeignKey(Person, models.PROTECT, related_name="status_corrections", verbose_name=_("人员"))
    identity_before = models.CharField(_("更正前的原身份"), max_length=20, choices=Person.Identity.choices)
    identity = models.CharField(_("更正后的原身份"), max_length=20, choices=Person.Identity.choices)
    rank_before = models.CharField(_("更正前的原职级"), max_length=60, blank=True)
    original_rank = models.CharField(_("更正后的原职级"), max_length=60, blank=True)
    document_number = models.CharField(_("依据文号"), max_length=60)
    reason = models.CharField(_("更正理由"), max_length=200)
    recorded_at = models.DateTimeField(_("录入时间"), db_default=TransactionNow(), editable=False)

    class Meta:
        verbose_name = _("身份更正")
        verbose_name_plural = _("身份更正")
        ordering = ["person", "recorded_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="staffing_status_correction_why",
                condition=~Q(document_number="") & ~Q(reason=""),
                violation_error_message=_("更正原身份须有理由和依据文号"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.recorded_at:%Y-%m-%d}"

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Person.lies_within(reach, ids, day, "person__")


class RetirementAge(Dated, Example):
    """When people retire who reach ``base_months`` of age during ``period``: the law as data.

    From the first day of the period on, the age grows by one month for every
    ``step_months`` of that time that have begun, by ``cap_months`` at most; a step
    of 0 adds nothing. ``basis`` says whether the row was read in a document.
    """

    class Group(models.TextChoices):
        MEN = "men", _("男")
        CADRE_WOMEN = "cadre_women", _("女（管理、专业技术岗位）")
        WORKER_WOMEN = "worker_women", _("女（工勤技能岗位）")

    class Basis(models.TextChoices):
        STORED = "stored", _("有文件")
        MEMORY = "memory", _("待核对原文")

    group = models.CharField(_("适用人员"), max_length=12, choices=Group.choices)
    base_months = models.PositiveSmallIntegerField(_("起算年龄（月）"), validators=[MinValueValidator(480)])
    step_months = models.PositiveSmallIntegerField(_("每几个月延迟一个月"), default=0)
    cap_months = models.PositiveSmallIntegerField(_("最多延迟（月）"), default=0)
    source = models.CharField(_("来源"), max_length=100)
    basis = models.CharField(_("依据程度"), max_length=6, choices=Basis.choices)

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("退休年龄规定")
        verbose_name_plural = _("退休年龄规定")
        ordering = ["group", "period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("group", name="staffing_retirement_one", message=_("此期间该类人员已有退休年龄规定")),
            models.CheckConstraint(
                name="staffing_retirement_age",
                condition=Q(base_months__range=(480, 840), cap_months__lte=120),
                violation_error_message=_("退休年龄不合情理"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_group_display()} {self.base_months // 12}"
