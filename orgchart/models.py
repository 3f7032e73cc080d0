"""The structure of a zone and the law it is held to, both dated."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.access import Reach
from common.periods import Dated, DatedQuerySet, no_overlap
from orgchart.querysets import BureauQuerySet, BureauVersionQuerySet
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
    """Who bears a duty in an area during a period: one bureau, or a unit as a whole (a town)."""

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
        ]

    def __str__(self) -> str:
        return f"{self.duty_id} @ {self.area_id}"
