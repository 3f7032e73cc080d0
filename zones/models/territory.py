"""What each park is for: its industries and projects."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.periods import Dated, no_overlap
from zones.models.shared import Bilingual, Example
from zones.models.units import Unit


class Industry(Bilingual):
    """A line of industry that a park may be positioned on."""

    code = models.SlugField(_("代码"), unique=True, max_length=40)

    class Meta:
        verbose_name = _("产业")
        verbose_name_plural = _("产业")
        ordering = ["code"]


class Positioning(Dated, Example):
    """A park's leading industry during a period (产业主攻方向)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="positionings", verbose_name=_("单位"))
    industry = models.ForeignKey(Industry, models.PROTECT, verbose_name=_("产业"))

    class Meta(Dated.Meta):
        verbose_name = _("产业定位")
        verbose_name_plural = _("产业定位")
        ordering = ["unit", "pk"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("unit", "industry", name="zones_positioning_once", message=_("该产业已在定位之列")),
        ]

    def __str__(self) -> str:
        return str(self.industry)


class Project(Bilingual, Example):
    """An investment project in a park; ``investment`` in yuan, empty where it was not published."""

    class Stage(models.TextChoices):
        SIGNED = "signed", _("签约")
        BUILDING = "building", _("在建")
        DONE = "done", _("竣工")

    code = models.SlugField(_("代码"), unique=True, max_length=40)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="projects", verbose_name=_("单位"))
    stage = models.CharField(_("阶段"), max_length=10, choices=Stage.choices)
    as_of = models.DateField(_("截至"))
    investment = models.DecimalField(_("总投资（元）"), max_digits=18, decimal_places=2, null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    source = models.CharField(_("出处"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("项目")
        verbose_name_plural = _("项目")
        ordering = ["unit", "code"]
