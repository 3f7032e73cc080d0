"""Who bears which duty in which area."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.periods import Dated, DatedQuerySet, no_overlap
from common.rights import Reach
from orgchart.models.structure import Bureau
from zones.models import Bilingual, Example, Instrument, Unit


class Duty(Bilingual, Example):
    """Something that has to be borne by somebody in each area, e.g. 农业农村 in the auto park's area."""

    noun = "duty"

    class Kind(models.TextChoices):
        ECONOMIC = "economic", _("经济发展")
        SERVICE = "service", _("企业服务")
        SUPERVISION = "supervision", _("安全环保")
        SOCIAL = "social", _("社会事务")

    code = models.SlugField(_("代码"), unique=True, max_length=40)
    kind = models.CharField(_("类别"), max_length=12, choices=Kind.choices)
    sequence = models.PositiveSmallIntegerField(_("序号"), default=0)

    class Meta:
        verbose_name = _("职责")
        verbose_name_plural = _("职责")
        ordering = ["sequence", "code"]

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(assignments__area__in=ids) if reach in (Reach.UNITS, Reach.ZONE) else Q(pk__in=[])


class DutyAssignment(Dated, Example):
    """Who bears a duty in an area during a period: one bureau, or a unit as a whole (a town).

    What was once borne goes on being borne (DUTY-01): an assignment that ends is followed
    by the next on the very next day, unless ``closed_by`` names the document that ended the duty there.
    """

    duty = models.ForeignKey(Duty, models.PROTECT, related_name="assignments", verbose_name=_("职责"))
    area = models.ForeignKey(Unit, models.PROTECT, related_name="area_duties", verbose_name=_("区域"))
    bureau = models.ForeignKey(
        Bureau, models.PROTECT, related_name="duties", verbose_name=_("承担机构"), null=True, blank=True
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="duties", verbose_name=_("承担单位"), null=True, blank=True
    )
    note = models.CharField(_("说明"), max_length=200, blank=True)
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("依据"))
    closed_by = models.ForeignKey(
        Instrument, models.PROTECT, related_name="closed_duties", verbose_name=_("终止依据"), null=True, blank=True
    )

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("职责分工")
        verbose_name_plural = _("职责分工")
        ordering = ["duty", "area", "period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("duty", "area", name="orgchart_duty_one_bearer", message=_("该区域此项职责已有承担者")),
            models.CheckConstraint(
                name="orgchart_duty_bureau_or_unit",
                condition=Q(bureau__isnull=True) ^ Q(unit__isnull=True),
                violation_error_message=_("职责须且只能由一个机构或一个单位承担"),
            ),
            models.CheckConstraint(
                name="orgchart_duty_closed_has_end",
                condition=Q(closed_by__isnull=True) | Q(period__endswith__isnull=False),
                violation_error_message=_("有终止依据的职责分工须有结束日期"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty_id} @ {self.area_id}"

    @property
    def bearer(self) -> tuple[int | None, int | None]:
        """Who bears it, to compare: the bureau's id or the unit's."""
        return (self.bureau_id, self.unit_id)
