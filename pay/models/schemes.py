"""Pay schemes: by which formulas a zone's pools are made and shared out, dated and versioned."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.periods import Dated, DatedQuerySet, no_overlap
from common.rights import Reach
from zones.models import Bilingual, Example, Instrument, Unit


class Scheme(Dated, Bilingual, Example):
    """A zone's pay scheme during a period: how pools are made (``rules``) and shared to bureaus (F14) and people (F15).

    ``rating_factors`` is Q by the city's grade of a unit, ``grade_factors`` by
    the grade of a person; all of it ratios. ``cutoff_day`` is the day of the month on which being in post
    counts the month (F12); ``current_ratio`` is the part paid now, the rest is
    deferred to the term's result (F05, PAY-07). ``settings`` decide the edge
    cases (``pay/settings.py``): named, all given, shown on the scheme's page.
    """

    noun = "scheme"

    zone = models.ForeignKey(Unit, models.PROTECT, related_name="schemes", verbose_name=_("开发区"))
    version = models.PositiveSmallIntegerField(_("版本"), default=1)
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("批文"))
    rating_factors = models.JSONField(_("考核等次系数"))
    bureau_floor = models.DecimalField(_("部门系数下限"), max_digits=6, decimal_places=4)
    bureau_cap = models.DecimalField(_("部门系数上限"), max_digits=6, decimal_places=4)
    grade_factors = models.JSONField(_("考核系数"))
    settings = models.JSONField(_("特殊情形的处理"), default=dict, blank=True)
    cutoff_day = models.PositiveSmallIntegerField(_("在岗月认定日"), default=15)
    current_ratio = models.DecimalField(_("当期发放比例"), max_digits=5, decimal_places=4)

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("绩效方案")
        verbose_name_plural = _("绩效方案")
        ordering = ["zone", "period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("zone", name="pay_scheme_one", message=_("此期间已有生效的绩效方案")),
            models.UniqueConstraint(fields=["zone", "version"], name="pay_scheme_version"),
            models.CheckConstraint(
                name="pay_scheme_bureau_bounds",
                condition=Q(bureau_floor__gte=0, bureau_floor__lte=F("bureau_cap"), bureau_cap__gt=0),
                violation_error_message=_("部门系数下限不能小于 0，也不能高于上限"),
            ),
            models.CheckConstraint(
                name="pay_scheme_current",
                condition=Q(current_ratio__range=(0, 1)),
                violation_error_message=_("当期发放比例须在 0 与 1 之间"),
            ),
            models.CheckConstraint(
                name="pay_scheme_cutoff",
                condition=Q(cutoff_day__range=(1, 28)),
                violation_error_message=_("在岗月认定日须在 1 日至 28 日之间"),
            ),
            models.CheckConstraint(
                name="pay_scheme_paid_leave",
                condition=~Q(settings__cutting_leave__contains=["annual"])
                & ~Q(settings__cutting_leave__contains=["maternity"])
                & ~Q(settings__cutting_leave__contains=["injury"]),
                violation_error_message=_("年休假、产假、工伤假不得扣减月数（PAY-10）"),
            ),
        ]

    def rules_of(self, unit_id: int) -> list[PoolRule]:
        """The formulas of a unit's pool, in order: its own ones where it has any."""
        rows = sorted(self.rules.all(), key=lambda row: (row.role != "term", row.sequence, row.pk))
        own = [row for row in rows if row.unit_id == unit_id]
        return own or [row for row in rows if row.unit_id is None]

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach not in (Reach.UNITS, Reach.ZONE):
            return Q(pk__in=[])
        return Q(zone__in=ids) | Q(zone__child_versions__unit__in=ids)


class PoolRule(models.Model):
    """One formula of a scheme: a term that adds to a unit's pool, or a limit that holds it down.

    A unit's pool is Σ terms, then the least of that and every limit. ``unit``
    None is for every unit that has no rules of its own in the scheme.
    ``parameters`` are those of the method (``pay/formulas``), numbers kept as text.
    """

    class Role(models.TextChoices):
        TERM = "term", _("构成项")
        LIMIT = "limit", _("上限")

    class Method(models.TextChoices):
        REFERENCE = "F01", _("参照收入倍数核定")
        REFERENCE_CAP = "F02", _("参照收入倍数封顶")
        LINKED = "F03", _("增幅联动")
        INCREMENT = "F06", _("增量提成")
        COMPOSITE = "F13", _("复合增长联动")

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="rules", verbose_name=_("绩效方案"))
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="pool_rules", verbose_name=_("单位"), null=True, blank=True
    )
    role = models.CharField(_("作用"), max_length=5, choices=Role.choices)
    method = models.CharField(_("公式"), max_length=3, choices=Method.choices)
    sequence = models.PositiveSmallIntegerField(_("序号"), default=1)
    parameters = models.JSONField(_("参数"), default=dict, blank=True)

    class Meta:
        verbose_name = _("总额公式")
        verbose_name_plural = _("总额公式")
        ordering = ["scheme", "unit", "role", "sequence", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "unit", "role", "method"], nulls_distinct=False, name="pay_rule_once"
            ),
            models.CheckConstraint(
                name="pay_rule_role",
                condition=Q(role="term", method__in=["F01", "F03", "F06", "F13"])
                | Q(role="limit", method__in=["F02", "F03"]),
                violation_error_message=_("该公式不能这样使用"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.method}"

    def as_json(self) -> dict[str, Any]:
        """As a snapshot keeps it, and ``pay.formulas.Rule`` reads it."""
        return {"role": self.role, "method": self.method, "parameters": self.parameters}
