"""Assessment years, from the promise to the published result."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.rights import Reach
from zones.models import Instrument, Unit


def holding(holder: Unit) -> str:
    """How the table of rights calls what this unit holds: a city's or a zone's."""
    return "city" if holder.kind == Unit.Kind.CITY else "zone"


def held_by(kind: str, holder: str = "holder") -> Q:
    """Rows whose ``holder`` is a city, or else a zone."""
    city = Q(**{f"{holder}__kind": Unit.Kind.CITY})
    return city if kind == "city" else ~city


class Cycle(models.Model):
    """An assessment year of a zone (its bureaus and people) or of a city (its zones, parks and towns).

    A published one may be appealed against; a closed one takes no more scores.
    ``bureau_weight`` is the part, as a ratio, that a bureau's score has in its
    people's; ``small_bureau`` the headcount under which bureaus pool their quota
    of 优秀; ``bonus_cap`` the most points that a card may gain by 加分; each
    None until the year's rules say so. ``notice`` is what was published with the grades.
    """

    nouns = ("city_cycle", "zone_cycle")

    class State(models.TextChoices):
        OPEN = "open", _("进行中")
        PUBLISHED = "published", _("已公布")
        CLOSED = "closed", _("已关闭")

    holder = models.ForeignKey(Unit, models.PROTECT, related_name="cycles", verbose_name=_("组织考核的单位"))
    year = models.PositiveSmallIntegerField(_("年度"))
    state = models.CharField(_("状态"), max_length=9, choices=State.choices, default=State.OPEN)
    published_on = models.DateField(_("公布日期"), null=True, blank=True)
    bureau_weight = models.DecimalField(
        _("部门得分在个人得分中的比重"), max_digits=4, decimal_places=3, null=True, blank=True
    )
    bonus_cap = models.DecimalField(_("加分上限（分）"), max_digits=6, decimal_places=2, null=True, blank=True)
    small_bureau = models.PositiveSmallIntegerField(_("合并计算优秀名额的部门人数"), null=True, blank=True)
    notice = models.TextField(_("公布说明"), blank=True)

    class Meta:
        verbose_name = _("考核年度")
        verbose_name_plural = _("考核年度")
        ordering = ["holder", "-year"]
        constraints = [
            models.UniqueConstraint(fields=["holder", "year"], name="kpi_cycle_once"),
            models.CheckConstraint(
                name="kpi_cycle_bureau_weight",
                condition=Q(bureau_weight__isnull=True) | Q(bureau_weight__range=(0, 1)),
                violation_error_message=_("比重须在 0 与 1 之间"),
            ),
            models.CheckConstraint(
                name="kpi_cycle_bonus_cap",
                condition=Q(bonus_cap__isnull=True) | Q(bonus_cap__gte=0),
                violation_error_message=_("加分上限不能为负数"),
            ),
            models.CheckConstraint(
                name="kpi_cycle_published",
                condition=~Q(state="published") | Q(published_on__isnull=False),
                violation_error_message=_("公布须有日期"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.year)

    @property
    def noun(self) -> str:
        return f"{holding(self.holder)}_cycle"

    @staticmethod
    def of_noun(noun: str) -> Q:
        return held_by(noun.removesuffix("_cycle"))

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(holder__in=ids) if reach in (Reach.UNITS, Reach.ZONE) else Q(pk__in=[])


class QuotaRaise(models.Model):
    """A unit's quota of 优秀 for a year raised above the usual ratio, by the instrument that agreed to it (ASM-03)."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="raises", verbose_name=_("考核年度"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="quota_raises", verbose_name=_("单位"))
    ratio = models.DecimalField(_("优秀比例"), max_digits=5, decimal_places=4)
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("批文"))

    class Meta:
        verbose_name = _("优秀比例提高")
        verbose_name_plural = _("优秀比例提高")
        constraints = [
            models.UniqueConstraint(fields=["cycle", "unit"], name="kpi_raise_once"),
            models.CheckConstraint(
                name="kpi_raise_ratio",
                condition=Q(ratio__gt=0, ratio__lte=1),
                violation_error_message=_("比例须大于 0 且不超过 1"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.ratio}"
