"""Posts: what work there is, and what it is worth."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.periods import Dated, DatedQuerySet, no_overlap
from common.rights import Reach
from orgchart.models import Bureau, Tier
from staffing.models.people import Person
from staffing.posting import levels
from staffing.querysets import PostQuerySet, PostVersionQuerySet
from zones.models import Bilingual, Example, Instrument, Unit, UnitVersion


def _written(field: str) -> Q:
    """The text has something in it besides blanks."""
    return Q(**{f"{field}__regex": r"\S"})


class PostGrade(Bilingual, Example):
    """A post grade (岗级), e.g. 部门正职; what it is worth is dated (GradeCoefficient)."""

    noun = "grade"

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


def _levels_of_category() -> Q:
    """The grade is one of those that the category has (PST-04)."""
    where = Q(level="")
    for category in levels.COUNTS:
        where |= Q(category=category, level__in=levels.codes(category))
    return where


class PostVersion(Bilingual, Example, Dated):
    """A post during a period: bureau, tier, grade, seats, and the four things the law wants (PST-01).

    ``bureau`` is empty for a unit's leaders. ``is_head`` marks the post whose
    holder heads the bureau, and so enters its scores (design 6). ``level`` is the
    national grade by its code (岗位等级, PST-04, PST-06); ``term_months`` the usual
    term in months; ``rank`` and ``establishment`` are set where the post has them.
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
    level = models.CharField(_("岗位等级"), max_length=4, choices=levels.CHOICES, blank=True, default="", db_default="")
    rank = models.CharField(
        _("岗位规格"), max_length=20, choices=UnitVersion.Rank.choices, blank=True, default="", db_default=""
    )
    establishment = models.CharField(
        _("编制类别"), max_length=20, choices=Person.Category.choices, blank=True, default="", db_default=""
    )
    term_months = models.PositiveSmallIntegerField(
        _("聘期（月）"), validators=[MinValueValidator(1), MaxValueValidator(600)], null=True, blank=True
    )
    is_open = models.BooleanField(_("面向社会公开招聘"), default=False, db_default=False)
    is_special = models.BooleanField(_("特设岗位"), default=False, db_default=False)
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
                condition=_written("name") & _written("duties") & _written("standards") & _written("requirements"),
                violation_error_message=_("岗位须有名称、职责任务、工作标准和任职条件（PST-01）"),
            ),
            models.CheckConstraint(
                name="staffing_post_head_in_bureau",
                condition=Q(is_head=False) | Q(bureau__isnull=False),
                violation_error_message=_("部门正职岗位须属于一个职能机构"),
            ),
            models.CheckConstraint(
                name="staffing_post_pst_06",
                condition=Q(level="") | Q(level__regex=levels.CODE),
                violation_error_message=_("岗位等级代码须为类别加两位数字，如 GL05、ZJ12、GQ03（PST-06）"),
            ),
            models.CheckConstraint(
                name="staffing_post_pst_04",
                condition=~Q(level__regex=levels.CODE) | _levels_of_category(),
                violation_error_message=_(
                    "岗位等级须属于本岗位类别：管理一至十级，专业技术一至十三级，技术工一至五级和普通工（PST-04）"
                ),
            ),
            models.CheckConstraint(
                name="staffing_post_term",
                condition=Q(term_months__isnull=True) | Q(term_months__range=(1, 600)),
                violation_error_message=_("聘期须在 1 至 600 个月之间"),
            ),
        ]

    @property
    def level_name(self) -> str:
        """The national grade in the words of the law, "" where none is set."""
        return levels.NAMES.get(self.level, "")
