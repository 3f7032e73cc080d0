"""What each park is for: its industries and projects."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.periods import Dated, no_overlap
from common.rights import Reach
from zones.models.shared import Bilingual, Example
from zones.models.units import Unit
from zones.querysets import ProjectQuerySet


class Industry(Bilingual):
    """A line of industry that a park may be positioned on."""

    code = models.SlugField(_("代码"), unique=True, max_length=40)

    class Meta:
        verbose_name = _("产业")
        verbose_name_plural = _("产业")
        ordering = ["code"]


class Positioning(Dated, Example):
    """A park's leading industry during a period (产业主攻方向)."""

    noun = "positioning"

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

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(unit__in=ids) if reach in (Reach.UNITS, Reach.ZONE) else Q(pk__in=[])


class Project(Bilingual, Example):
    """An investment project in a park; ``investment`` in yuan, empty where it was not published.

    How far it has come is dated (ProjectStage); ``partner`` is who invests, ``town`` on whose land it stands.
    """

    noun = "project"

    code = models.SlugField(_("代码"), unique=True, max_length=40)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="projects", verbose_name=_("所在园区"))
    town = models.ForeignKey(
        Unit, models.PROTECT, related_name="town_projects", verbose_name=_("属地镇"), null=True, blank=True
    )
    partner = models.CharField(_("合作方"), max_length=200, blank=True)
    investment = models.DecimalField(_("总投资（元）"), max_digits=18, decimal_places=2, null=True, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    source = models.CharField(_("出处"), max_length=200, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("项目")
        verbose_name_plural = _("项目")
        ordering = ["unit", "code"]
        constraints = [
            models.CheckConstraint(
                name="zones_project_investment",
                condition=Q(investment__isnull=True) | Q(investment__gt=0),
                violation_error_message=_("总投资须大于零；未公布的留空"),
            ),
        ]

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(unit__in=ids) if reach in (Reach.UNITS, Reach.ZONE) else Q(pk__in=[])


class ProjectStage(Example):
    """A stage that a project is known to have reached by a day (``as_of``): forward only, and kept on record."""

    class Stage(models.TextChoices):
        TALKS = "talks", _("洽谈")
        SIGNED = "signed", _("签约")
        BUILDING = "building", _("在建")
        DONE = "done", _("竣工")
        PRODUCING = "producing", _("达产")
        DROPPED = "dropped", _("终止")

    project = models.ForeignKey(Project, models.PROTECT, related_name="stages", verbose_name=_("项目"))
    stage = models.CharField(_("阶段"), max_length=10, choices=Stage.choices)
    as_of = models.DateField(_("截至"))
    note = models.CharField(_("说明"), max_length=200, blank=True)
    source = models.CharField(_("出处"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("项目阶段")
        verbose_name_plural = _("项目阶段")
        ordering = ["project", "as_of"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "as_of"],
                name="zones_stage_one_a_day",
                violation_error_message=_("这一天已有阶段记录"),
            ),
            models.UniqueConstraint(
                fields=["project", "stage"],
                name="zones_stage_once",
                violation_error_message=_("该阶段已有记录"),
            ),
            models.CheckConstraint(
                name="zones_stage_known",
                condition=Q(stage__in=["talks", "signed", "building", "done", "producing", "dropped"]),
                violation_error_message=_("项目阶段无效"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.stage}"
