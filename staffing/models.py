"""Posts and people: what work there is, who was put to it, from when to when."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.access import Reach
from common.fields import EncryptedTextField, digest
from common.periods import Dated, DatedQuerySet, no_overlap
from orgchart.models import Bureau, Tier
from staffing.querysets import AppointmentQuerySet, PersonQuerySet, PostQuerySet, PostVersionQuerySet
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


class Person(Example):
    """A member of staff, with his original status kept on file (身份封存).

    What identifies him is encrypted; ``national_id_digest`` finds it by exact match.
    """

    noun = "person"
    #: Kept out of the audit trail, as the encrypted fields are (common/audit.py).
    identifying = ("birth_date",)

    class Gender(models.TextChoices):
        MALE = "M", _("男")
        FEMALE = "F", _("女")

    class Category(models.TextChoices):
        ADMINISTRATIVE = "administrative", _("行政编制")
        INSTITUTION = "institution", _("事业编制")
        QUOTA = "quota", _("员额")
        CONTRACT = "contract", _("编外")

    class Identity(models.TextChoices):
        CIVIL_SERVANT = "civil_servant", _("公务员")
        MANAGED = "managed", _("参公人员")
        INSTITUTION = "institution", _("事业人员")
        ENTERPRISE = "enterprise", _("企业人员")
        CONTRACT = "contract", _("编外人员")

    staff_no = models.CharField(_("工号"), unique=True, max_length=20)
    name = models.CharField(_("姓名"), max_length=60)
    gender = models.CharField(_("性别"), max_length=1, choices=Gender.choices)
    birth_date = models.DateField(_("出生日期"))
    national_id = EncryptedTextField(_("身份证号"), blank=True)
    national_id_digest = models.CharField(max_length=64, blank=True, editable=False)
    phone = EncryptedTextField(_("联系电话"), blank=True)
    category = models.CharField(_("编制类别"), max_length=20, choices=Category.choices)
    identity = models.CharField(_("原身份"), max_length=20, choices=Identity.choices)
    original_rank = models.CharField(_("原职级/岗位等级"), max_length=60, blank=True)
    education = models.CharField(_("学历"), max_length=30, blank=True)
    entered_on = models.DateField(_("参加工作时间"), null=True, blank=True)
    home_unit = models.ForeignKey(Unit, models.PROTECT, related_name="people", verbose_name=_("人事关系所在单位"))
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="person",
        verbose_name=_("用户"),
        null=True,
        blank=True,
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("人员")
        verbose_name_plural = _("人员")
        ordering = ["staff_no"]
        constraints = [
            models.UniqueConstraint(
                fields=["national_id_digest"],
                condition=~Q(national_id_digest=""),
                name="staffing_person_national_id",
                violation_error_message=_("该身份证号已登记在另一人名下"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs):
        self.national_id_digest = digest(self.national_id)
        super().save(*args, **kwargs)

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach is Reach.SELF:
            return Q(pk__in=ids)
        if reach is Reach.BUREAU:
            return Q(
                appointments__period__contains=day,
                appointments__post__versions__period__contains=day,
                appointments__post__versions__bureau__in=ids,
            )
        return Q(home_unit__in=ids) if reach is Reach.UNITS else Q(pk__in=[])


class Appointment(Dated, Example):
    """A person on a numbered seat of a post, from a day on (聘任); capacity holds by constraint (design 5).

    ``term_ends`` is the contract's last day (聘期止); ``period`` ends when he in
    fact left the post. The term counts from ``decided_on`` (APT-12).
    """

    noun = "appointment"

    class Kind(models.TextChoices):
        PRIMARY = "primary", _("主岗")
        CONCURRENT = "concurrent", _("兼任")
        ACTING = "acting", _("主持工作")
        SECONDED = "seconded", _("借调挂职")

    class End(models.TextChoices):
        OPEN = "", _("在岗")
        TERM = "term", _("聘期届满")
        TRANSFER = "transfer", _("转岗")
        RETIREMENT = "retirement", _("退休")
        RESIGNATION = "resignation", _("辞职")
        DISMISSAL = "dismissal", _("解聘")

    person = models.ForeignKey(Person, models.PROTECT, related_name="appointments", verbose_name=_("人员"))
    post = models.ForeignKey(Post, models.PROTECT, related_name="appointments", verbose_name=_("岗位"))
    seat = models.PositiveSmallIntegerField(_("席位"), validators=[MinValueValidator(1)])
    kind = models.CharField(_("任职方式"), max_length=10, choices=Kind.choices, default=Kind.PRIMARY)
    step = models.PositiveSmallIntegerField(_("档级"), default=1)
    document_number = models.CharField(_("聘任文号"), max_length=60, blank=True)
    decided_on = models.DateField(_("决定日期"))
    term_ends = models.DateField(_("聘期止"), null=True, blank=True)
    probation_ends = models.DateField(_("试用期止"), null=True, blank=True)
    end_reason = models.CharField(_("离岗原因"), max_length=12, choices=End.choices, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("聘任")
        verbose_name_plural = _("聘任")
        ordering = ["person", "period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("post", "seat", name="staffing_seat_once", message=_("该席位在此期间已有人")),
            no_overlap(
                "person",
                name="staffing_one_primary_post",
                message=_("此人在此期间已有主岗"),
                condition=Q(kind="primary"),
            ),
            models.CheckConstraint(
                name="staffing_seat_from_one",
                condition=Q(seat__gte=1),
                violation_error_message=_("席位从 1 起编号"),
            ),
            models.CheckConstraint(
                name="staffing_appointment_kind",
                condition=Q(kind__in=["primary", "concurrent", "acting", "seconded"]),
                violation_error_message=_("任职方式无效"),
            ),
            models.CheckConstraint(
                name="staffing_probation_within_term",
                condition=Q(probation_ends__isnull=True)
                | Q(term_ends__isnull=True)
                | Q(probation_ends__lte=F("term_ends")),
                violation_error_message=_("试用期不能长于聘期"),
            ),
        ]
        indexes = [models.Index(fields=["person"])]

    def __str__(self) -> str:
        return f"{self.person_id} → {self.post_id}"

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach is Reach.SELF:
            return Q(person__in=ids)
        if reach is Reach.BUREAU:
            return Q(post__versions__bureau__in=ids)
        return Q(post__versions__unit__in=ids) if reach is Reach.UNITS else Q(pk__in=[])
