"""The plan of a unit's posts as filed with the personnel department (岗位设置方案备案, PST-02)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.periods import Dated, DatedQuerySet, no_overlap
from common.rights import Reach
from zones.models import Example, Unit


class PostPlanFiling(Dated, Example):
    """The filing under which a unit's posts stand during a period: its number and date come before its use.

    ``main_category`` says what the unit mainly is: the ratios of professional
    posts are asked only of one that mainly is professional (PST-05).
    """

    noun = "post"

    class MainCategory(models.TextChoices):
        MANAGEMENT = "GL", _("以管理岗位为主体")
        PROFESSIONAL = "ZJ", _("以专业技术岗位为主体")
        WORKER = "GQ", _("以工勤技能岗位为主体")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="post_plan_filings", verbose_name=_("单位"))
    number = models.CharField(_("备案号"), max_length=60)
    filed_on = models.DateField(_("备案日期"))
    main_category = models.CharField(_("岗位主体"), max_length=2, choices=MainCategory.choices)
    department_opinion = models.CharField(_("主管部门意见"), max_length=300, blank=True)
    approval_opinion = models.CharField(_("人社部门核准意见"), max_length=300, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("岗位设置方案备案")
        verbose_name_plural = _("岗位设置方案备案")
        ordering = ["unit", "period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("unit", name="staffing_filing_one", message=_("该单位在此期间已有备案的岗位设置方案")),
            models.CheckConstraint(
                name="staffing_filing_pst_02",
                condition=Q(number__regex=r"\S") & Q(filed_on__lte=F("period__startswith")),
                violation_error_message=_("岗位设置方案须先备案再使用：须有备案号，备案日期不晚于启用日期（PST-02）"),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(unit__in=ids) if reach in (Reach.UNITS, Reach.ZONE) else Q(pk__in=[])
