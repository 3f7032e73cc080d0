"""Posts: what work there is, and what it is worth."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.periods import Dated, DatedQuerySet, no_overlap
from common.rights import Reach
from orgchart.models import Bureau, Tier
from staffing.querysets import PostQuerySet, PostVersionQuerySet
from zones.models import Bilingual, Example, Instrument, Unit


class PostGrade(Bilingual, Example):
    """A post grade (岗级), e.g. 部门正职; what it is worth is dated (GradeCoefficient)."""

    code = models.SlugField(_("代码"), unique=True, max_length=20)
    sequence = models.PositiveSmallIntegerField(_("序号"), default=0)

    class Meta:
        verbose_name = _("岗级")
        verbose_name_plural = _("岗级")
        ordering = ["sequence", "code"]


class GradeCoefficient(Dated, Example):
    """The post coefficient (岗位系数) of a grade during a period; a ratio, 1 = an ordinary post."""

    grade = models.ForeignKey(PostGrade, models.PROTECT, related_name="coefficients", verbose_name=_("岗级"))
    value = models.DecimalField(_("岗位系数"), max_digits=6, decimal_places=3, validators=[MinValueValidator(0)])
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("依据"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("岗位系数")
        verbose_name_plural = _("岗位系数")
        ordering = ["grade", "period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("grade", name="staffing_coefficient_one", message=_("此期间该岗级已有岗位系数")),
            models.CheckConstraint(
                name="staffing_coefficient_positive",
                condition=Q(value__gt=0),
                violation_error_message=_("岗位系数须大于 0"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value:f}"


class Post(models.Model):
    """A post (岗位); where it stands and what it asks is dated (PostVersion)."""

    noun = "post"

    code = models.SlugField(_("岗位编号"), unique=True, max_length=40)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("岗位")
        verbose_name_plural = _("岗位")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach is Reach.BUREAU:
            return Q(versions__bureau__in=ids)
        return Q(versions__unit__in=ids) if reach in (Reach.UNITS, Reach.ZONE) else Q(pk__in=[])


class PostVersion(Bilingual, Example, Dated):
    """A post during a period: bureau, tier, grade, seats, and the four things the law wants (PST-01).

    ``bureau`` is empty for a unit's leaders. ``is_head`` marks the post whose
    holder heads the bureau, and so enters its scores (design 6).
    """

    class Category(models.TextChoices):
        MANAGEMENT = "GL", _("管理岗位")
        PROFESSIONAL = "ZJ", _("专业技术岗位")
        WORKER = "GQ", _("工勤技能岗位")

    post = models.ForeignKey(Post, models.PROTECT, related_name="versions", verbose_name=_("岗位"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="post_versions", verbose_name=_("单位"))
    bureau = models.ForeignKey(
        Bureau, models.PROTECT, related_name="post_versions", verbose_name=_("职能机构"), null=True, blank=True
    )
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="post_versions", verbose_name=_("管理层级"))
    grade = models.ForeignKey(PostGrade, models.PROTECT, related_name="post_versions", verbose_name=_("岗级"))
    category = models.CharField(_("岗位类别"), max_length=2, choices=Category.choices)
    is_head = models.BooleanField(_("部门正职"), default=False)
    headcount = models.PositiveSmallIntegerField(_("岗位数"), validators=[MinValueValidator(1)])
    duties = models.TextField(_("职责任务"))
    standards = models.TextField(_("工作标准"))
    requirements = models.TextField(_("任职条件"))
    sequence = models.PositiveSmallIntegerField(_("序号"), default=0)
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("依据"), null=True, blank=True)

    objects = PostVersionQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("岗位沿革")
        verbose_name_plural = _("岗位沿革")
        ordering = ["unit", "bureau", "sequence", "pk"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("post", name="staffing_post_one_version", message=_("该岗位在此期间已有生效的记录")),
            models.CheckConstraint(
                name="staffing_post_headcount",
                condition=Q(headcount__gte=1),
                violation_error_message=_("岗位数至少为 1"),
            ),
            models.CheckConstraint(
                name="staffing_post_pst_01",
                condition=~Q(name="") & ~Q(duties="") & ~Q(standards="") & ~Q(requirements=""),
                violation_error_message=_("岗位须有名称、职责任务、工作标准和任职条件（PST-01）"),
            ),
            models.CheckConstraint(
                name="staffing_post_head_in_bureau",
                condition=Q(is_head=False) | Q(bureau__isnull=False),
                violation_error_message=_("部门正职岗位须属于一个职能机构"),
            ),
        ]
