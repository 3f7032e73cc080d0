"""Bureaus and what each is for."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.periods import Dated, no_overlap
from common.rights import Reach
from orgchart.querysets import BureauQuerySet, BureauVersionQuerySet
from zones.models import Bilingual, Example, Instrument, Unit


class Nature(models.TextChoices):
    CORE = "core", _("主责主业")
    SUPPORT = "support", _("综合保障")
    SOCIAL = "social", _("社会管理")


class Function(Bilingual, Example):
    """What a bureau is for; duplicates between zone and parks are judged by this code (ORG-07)."""

    code = models.SlugField(_("职能代码"), unique=True, max_length=40)
    nature = models.CharField(_("性质"), max_length=10, choices=Nature.choices)
    sequence = models.PositiveSmallIntegerField(_("序号"), default=0)

    class Meta:
        verbose_name = _("职能")
        verbose_name_plural = _("职能")
        ordering = ["sequence", "code"]


class Bureau(models.Model):
    """A functional bureau (职能机构); what it is called and does is dated (BureauVersion)."""

    noun = "bureau"

    code = models.SlugField(_("代码"), unique=True, max_length=30)

    objects = BureauQuerySet.as_manager()

    class Meta:
        verbose_name = _("职能机构")
        verbose_name_plural = _("职能机构")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach is Reach.BUREAU:
            return Q(pk__in=ids)
        return Q(versions__unit__in=ids) if reach in (Reach.UNITS, Reach.ZONE) else Q(pk__in=[])


class BureauVersion(Bilingual, Example, Dated):
    """A bureau as it stands during a period: unit, name, nature, rank, and its place in the roster's order.

    ``parent`` makes it a second-level unit (二级内设机构), which the charter may forbid (ORG-05).
    ``closed_by`` is the instrument of its end, where no later version follows (ORG-02).
    """

    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="versions", verbose_name=_("职能机构"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="bureau_versions", verbose_name=_("单位"))
    parent = models.ForeignKey(
        Bureau, models.PROTECT, related_name="child_versions", verbose_name=_("上级机构"), null=True, blank=True
    )
    nature = models.CharField(_("性质"), max_length=10, choices=Nature.choices)
    rank = models.CharField(_("机构规格"), max_length=40, blank=True)
    sequence = models.PositiveSmallIntegerField(_("序号"), default=0)
    functions = models.ManyToManyField(Function, through="BureauFunction", related_name="bureau_versions")
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("批文"))
    closed_by = models.ForeignKey(
        Instrument,
        models.PROTECT,
        related_name="closed_bureaus",
        verbose_name=_("撤销批文"),
        null=True,
        blank=True,
    )

    objects = BureauVersionQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("职能机构沿革")
        verbose_name_plural = _("职能机构沿革")
        ordering = ["unit", "sequence", "pk"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("bureau", name="orgchart_bureau_one_version", message=_("该机构在此期间已有生效的记录")),
            models.CheckConstraint(
                name="orgchart_bureau_not_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("bureau")),
                violation_error_message=_("机构不能以自己为上级"),
            ),
            models.CheckConstraint(
                name="orgchart_bureau_nature",
                condition=Q(nature__in=Nature.values),
                violation_error_message=_("机构性质无效"),
            ),
        ]


class BureauFunction(models.Model):
    """One function that a bureau holds while that version is in force."""

    version = models.ForeignKey(BureauVersion, models.CASCADE, related_name="held", verbose_name=_("职能机构"))
    function = models.ForeignKey(Function, models.PROTECT, related_name="holders", verbose_name=_("职能"))

    class Meta:
        verbose_name = _("机构职能")
        verbose_name_plural = _("机构职能")
        constraints = [models.UniqueConstraint(fields=["version", "function"], name="orgchart_function_once")]

    def __str__(self) -> str:
        return str(self.function_id)
