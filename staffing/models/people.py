"""Members of staff, and what identifies them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.fields import EncryptedTextField, digest
from common.rights import Reach
from staffing.querysets import PersonQuerySet
from zones.models import Example, Unit


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

    class Politics(models.TextChoices):
        UNKNOWN = "", _("未登记")
        MEMBER = "member", _("中共党员")
        PROBATIONARY = "probationary", _("中共预备党员")
        LEAGUE = "league", _("共青团员")
        DEMOCRATIC = "democratic", _("民主党派")
        MASSES = "masses", _("群众")

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
    ethnic_group = models.CharField(_("民族"), max_length=20, blank=True)
    native_place = models.CharField(_("籍贯"), max_length=60, blank=True)
    politics = models.CharField(_("政治面貌"), max_length=12, choices=Politics.choices, blank=True)
    joined_party_on = models.DateField(_("入党时间"), null=True, blank=True)
    education = models.CharField(_("学历"), max_length=30, blank=True)
    full_time_education = models.CharField(_("全日制学历学位"), max_length=60, blank=True)
    full_time_school = models.CharField(_("全日制毕业院校及专业"), max_length=100, blank=True)
    in_service_education = models.CharField(_("在职学历学位"), max_length=60, blank=True)
    in_service_school = models.CharField(_("在职毕业院校及专业"), max_length=100, blank=True)
    professional_title = models.CharField(_("专业技术职务"), max_length=60, blank=True)
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
            models.CheckConstraint(
                name="staffing_person_party",
                condition=Q(joined_party_on__isnull=True) | Q(politics__in=["member", "probationary"]),
                violation_error_message=_("入党时间只适用于中共党员和预备党员"),
            ),
            models.CheckConstraint(
                name="staffing_person_category",
                condition=Q(category__in=["administrative", "institution", "quota", "contract"]),
                violation_error_message=_("编制类别无效，不得自行设定（ORG-03）"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs):
        self.national_id_digest = digest(self.national_id)
        super().save(*args, **kwargs)

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Person.lies_within(reach, ids, day)

    @staticmethod
    def lies_within(reach: Reach, ids, day, prefix: str = "") -> Q:
        """The condition on rows that lead to a person by ``prefix``."""
        if reach is Reach.SELF:
            return Q(**{f"{prefix}pk__in": ids})
        if reach is Reach.BUREAU:
            held = f"{prefix}appointments__"
            return Q(
                **{
                    f"{held}period__contains": day,
                    f"{held}post__versions__period__contains": day,
                    f"{held}post__versions__bureau__in": ids,
                }
            )
        return Q(**{f"{prefix}home_unit__in": ids}) if reach is Reach.UNITS else Q(pk__in=[])
