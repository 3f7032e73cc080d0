"""The territory: units and who they report to, what each is for, their figures, and roles given on them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from common.access import Reach, Role
from common.periods import Dated, no_overlap
from zones.querysets import FigureQuerySet, UnitQuerySet, UnitVersionQuerySet


class Example(models.Model):
    """A row that may hold an example value, which every page then marks 示例."""

    is_example = models.BooleanField(_("示例"), default=False)

    class Meta:
        abstract = True


class Bilingual(models.Model):
    """A name in Chinese and, where there is one, in English."""

    name = models.CharField(_("名称"), max_length=100)
    name_en = models.CharField(_("英文名称"), max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        """The name in the reader's language."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class Instrument(Example):
    """A document that sets something in force (批文): who issued it, its number and date."""

    code = models.SlugField(_("编号"), unique=True, max_length=60)
    title = models.CharField(_("标题"), max_length=200)
    number = models.CharField(_("文号"), max_length=100, blank=True)
    issuer = models.CharField(_("发文机关"), max_length=100)
    issued_on = models.DateField(_("发文日期"))
    source = models.CharField(_("出处"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("批文")
        verbose_name_plural = _("批文")
        ordering = ["issued_on", "code"]

    def __str__(self) -> str:
        return self.number or self.title


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

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="versions", verbose_name=_("单位"))
    short_name = models.CharField(_("简称"), max_length=40)
    short_name_en = models.CharField(_("英文简称"), max_length=80, blank=True)
    parent = models.ForeignKey(
        Unit, models.PROTECT, related_name="child_versions", verbose_name=_("上级单位"), null=True, blank=True
    )
    rank = models.CharField(_("机构规格"), max_length=20, choices=Rank.choices, blank=True)
    dispatched_by = models.CharField(_("派出机关"), max_length=100, blank=True)
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
        ]

    @property
    def shown_short_name(self) -> str:
        english = (get_language() or "").startswith("en")
        return self.short_name_en if self.short_name_en and english else self.short_name


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


class Metric(Bilingual):
    """What a figure measures, e.g. tax revenue; ``measure`` is its unit (yuan, percent)."""

    class Measure(models.TextChoices):
        YUAN = "yuan", _("元")
        PERCENT = "percent", _("%")
        COUNT = "count", _("个")

    code = models.SlugField(_("代码"), unique=True, max_length=40)
    measure = models.CharField(_("计量单位"), max_length=10, choices=Measure.choices)
    sequence = models.PositiveSmallIntegerField(_("序号"), default=0)

    class Meta:
        verbose_name = _("统计指标")
        verbose_name_plural = _("统计指标")
        ordering = ["sequence", "code"]


class Figure(Example):
    """A unit's figure for a year: never overwritten; a restated one is a row of a later vintage.

    ``value`` is in the metric's measure; ``scope`` names the perimeter (口径),
    so that growth is only computed like for like; ``vintage`` is the day on
    which it was published or entered.
    """

    noun = "figure"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="figures", verbose_name=_("单位"))
    metric = models.ForeignKey(Metric, models.PROTECT, verbose_name=_("指标"))
    year = models.PositiveSmallIntegerField(_("年度"))
    value = models.DecimalField(_("数值"), max_digits=20, decimal_places=4)
    scope = models.CharField(_("口径"), max_length=60, default="全口径")
    source = models.CharField(_("来源"), max_length=200)
    vintage = models.DateField(_("发布或录入日期"))
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("录入人"), null=True)

    objects = FigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("基础数据")
        verbose_name_plural = _("基础数据")
        ordering = ["unit", "metric", "year", "vintage"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "metric", "year", "scope", "vintage"],
                name="zones_figure_one_a_vintage",
                violation_error_message=_("同一天已录入过该数据；更正请用新的发布日期"),
            ),
            models.CheckConstraint(
                name="zones_figure_year",
                condition=Q(year__range=(1978, 2200)),
                violation_error_message=_("年度须在 1978 年至 2200 年之间"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.metric_id} {self.year}"

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(unit__in=ids) if reach in (Reach.UNITS, Reach.ZONE) else Q(pk__in=[])


class Grant(Dated):
    """A role given to a user on a unit, reaching down its tree, for a period."""

    class GrantedRole(models.TextChoices):
        HR = Role.HR.value, Role.HR.label
        ESTABLISHMENT = Role.ESTABLISHMENT.value, Role.ESTABLISHMENT.label
        FINANCE = Role.FINANCE.value, Role.FINANCE.label
        EVALUATOR = Role.EVALUATOR.value, Role.EVALUATOR.label
        AUDITOR = Role.AUDITOR.value, Role.AUDITOR.label

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="grants", verbose_name=_("用户"))
    role = models.CharField(_("角色"), max_length=20, choices=GrantedRole.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="grants", verbose_name=_("单位"))
    reason = models.CharField(_("依据"), max_length=200, blank=True)

    class Meta(Dated.Meta):
        verbose_name = _("授权")
        verbose_name_plural = _("授权")
        ordering = ["user", "role", "period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("user", "role", "unit", name="zones_grant_once", message=_("该授权在此期间已存在")),
            models.CheckConstraint(
                name="zones_grant_known_role",
                condition=Q(role__in=["hr", "establishment", "finance", "evaluator", "auditor"]),
                violation_error_message=_("该角色由花名册决定，不能授予"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.unit_id}"
