"""Cities, zones, parks and towns, and whom each reports to over time."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from common.periods import Dated, no_overlap
from common.rights import Reach
from zones.models.shared import Bilingual, Example, Instrument
from zones.querysets import UnitQuerySet, UnitVersionQuerySet


class Unit(models.Model):
    """A city, a zone, a park or a town; what it is called and whom it reports to is dated (UnitVersion)."""

    class Kind(models.TextChoices):
        CITY = "city", _("市")
        ZONE = "zone", _("开发区")
        PARK = "park", _("功能园区")
        TOWN = "town", _("属地镇")

    noun = "unit"

    code = models.SlugField(_("代码"), unique=True, max_length=20)
    kind = models.CharField(_("类别"), max_length=4, choices=Kind.choices)
    sequence = models.PositiveSmallIntegerField(_("序号"), default=0)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("单位")
        verbose_name_plural = _("单位")
        ordering = ["sequence", "code"]

    def __str__(self) -> str:
        return self.code

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(pk__in=ids) if reach in (Reach.UNITS, Reach.ZONE) else Q(pk__in=[])


class UnitVersion(Bilingual, Example, Dated):
    """A unit as it stands during a period: its name, rank, superior and dispatching body (ORG-08)."""

    class Rank(models.TextChoices):
        FULL_DEPARTMENT = "full_department", _("正厅级")
        DEPUTY_DEPARTMENT = "deputy_department", _("副厅级")
        FULL_DIVISION = "full_division", _("正处级")
        DEPUTY_DIVISION = "deputy_division", _("副处级")
        FULL_SECTION = "full_section", _("正科级")
        UNPUBLISHED = "", _("未公布")

    class Organ(models.TextChoices):
        """What establishment a unit may use (ORG-03)."""

        ADMINISTRATIVE = "administrative", _("行政机构")
        INSTITUTION = "institution", _("事业单位")
        UNPUBLISHED = "", _("未公布")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="versions", verbose_name=_("单位"))
    short_name = models.CharField(_("简称"), max_length=40)
    short_name_en = models.CharField(_("英文简称"), max_length=80, blank=True)
    parent = models.ForeignKey(
        Unit, models.PROTECT, related_name="child_versions", verbose_name=_("上级单位"), null=True, blank=True
    )
    rank = models.CharField(_("机构规格"), max_length=20, choices=Rank.choices, blank=True)
    dispatched_by = models.CharField(_("派出机关"), max_length=100, blank=True)
    organ = models.CharField(_("单位性质"), max_length=20, choices=Organ.choices, blank=True, db_default="")
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("批文"), null=True, blank=True)
    note = models.TextField(_("说明"), blank=True)

    objects = UnitVersionQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("单位沿革")
        verbose_name_plural = _("单位沿革")
        ordering = ["unit", "period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("unit", name="zones_unit_one_version", message=_("该单位在此期间已有生效的记录")),
            models.CheckConstraint(
                name="zones_unit_not_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("unit")),
                violation_error_message=_("单位不能以自己为上级"),
            ),
            models.CheckConstraint(
                name="zones_unit_organ",
                condition=Q(organ__in=["", "administrative", "institution"]),
                violation_error_message=_("单位性质无效"),
            ),
        ]

    @property
    def head_id(self) -> int | None:
        """The unit whose charter and tiers hold it: its zone, or itself as a zone or as a park of a city's own."""
        if self.unit.kind == Unit.Kind.ZONE:
            return self.unit_id
        if self.unit.kind != Unit.Kind.PARK or self.parent is None:
            return None
        return self.parent_id if self.parent.kind == Unit.Kind.ZONE else self.unit_id

    @property
    def shown_short_name(self) -> str:
        english = (get_language() or "").startswith("en")
        return self.short_name_en if self.short_name_en and english else self.short_name
