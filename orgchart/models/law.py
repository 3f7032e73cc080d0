"""The law of a zone as data: charter, quotas, management tiers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.periods import Dated, DatedQuerySet, no_overlap
from common.rights import Reach
from zones.models import Bilingual, Example, Instrument, Unit


class Charter(Dated, Example):
    """A zone's structural limits during a period, with the instrument that set them (design 3).

    ``min_core_ratio`` is a ratio (0.6 = 60 %). There is no default: a zone with
    bureaus and no charter in force breaks the rule CHARTER.
    """

    noun = "charter"

    zone = models.ForeignKey(Unit, models.PROTECT, related_name="charters", verbose_name=_("开发区"))
    name = models.CharField(_("名称"), max_length=100)
    max_tiers = models.PositiveSmallIntegerField(_("管理层级上限"))
    second_level_allowed = models.BooleanField(_("可设二级内设机构"))
    min_core_ratio = models.DecimalField(_("主责主业机构比例下限"), max_digits=5, decimal_places=4)
    duplicates_allowed = models.BooleanField(_("园区可重复设置"))
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("批文"))

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("机构编制规定")
        verbose_name_plural = _("机构编制规定")
        ordering = ["zone", "period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("zone", name="orgchart_charter_one", message=_("此期间已有生效的机构编制规定")),
            models.CheckConstraint(
                name="orgchart_charter_ratio",
                condition=Q(min_core_ratio__range=(0, 1)),
                violation_error_message=_("比例须在 0 与 1 之间"),
            ),
            models.CheckConstraint(
                name="orgchart_charter_tiers",
                condition=Q(max_tiers__range=(1, 9)),
                violation_error_message=_("管理层级须在 1 与 9 之间"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        # A park's people live under their zone's charter.
        if reach not in (Reach.UNITS, Reach.ZONE):
            return Q(pk__in=[])
        return Q(zone__in=ids) | Q(zone__child_versions__unit__in=ids)


class Quota(Dated, Example):
    """How many of a kind a unit may have during a period (机构限额、职数、编制)."""

    class Kind(models.TextChoices):
        BUREAUS = "bureaus", _("职能机构数")
        LEADERS = "leaders", _("领导职数")
        HEADS = "heads", _("部门负责人职数")
        STAFF = "staff", _("人员控制数")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="quotas", verbose_name=_("单位"))
    kind = models.CharField(_("限额种类"), max_length=10, choices=Kind.choices)
    limit = models.PositiveIntegerField(_("限额"))
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("批文"))

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("限额")
        verbose_name_plural = _("限额")
        ordering = ["unit", "kind", "period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("unit", "kind", name="orgchart_quota_one", message=_("此期间该限额已有规定")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ≤ {self.limit}"


class Tier(Bilingual, Dated, Example):
    """A management level of a zone: leaders, bureau heads, staff (园区领导、部门负责人、工作人员)."""

    class Kind(models.TextChoices):
        LEADER = "leader", _("领导")
        HEAD = "head", _("负责人")
        STAFF = "staff", _("工作人员")

    zone = models.ForeignKey(Unit, models.PROTECT, related_name="tiers", verbose_name=_("开发区"))
    number = models.PositiveSmallIntegerField(_("层级"))
    kind = models.CharField(_("性质"), max_length=6, choices=Kind.choices)

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("管理层级")
        verbose_name_plural = _("管理层级")
        ordering = ["zone", "number"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("zone", "number", name="orgchart_tier_one", message=_("此期间该层级已设置")),
        ]
