"""Who competes in a round: members of staff, and applicants from outside; what he wishes, and what he scored."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.fields import EncryptedTextField, digest
from common.rights import Reach
from staffing.models.people import Person
from staffing.models.selections import Selection, SelectionPost
from zones.models import Example, Unit


class Applicant(Example):
    """Somebody from outside who applies for a post; what identifies him is kept as a Person's is."""

    identifying = ("birth_date",)

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="applicants", verbose_name=_("单位"))
    name = models.CharField(_("姓名"), max_length=60)
    gender = models.CharField(_("性别"), max_length=1, choices=Person.Gender.choices)
    birth_date = models.DateField(_("出生日期"))
    national_id = EncryptedTextField(_("身份证号"))
    national_id_digest = models.CharField(max_length=64, editable=False)
    phone = EncryptedTextField(_("联系电话"), blank=True)
    education = models.CharField(_("学历"), max_length=30, blank=True)
    workplace = models.CharField(_("现单位及职务"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("应聘人员")
        verbose_name_plural = _("应聘人员")
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "national_id_digest"],
                name="staffing_applicant_once",
                violation_error_message=_("该身份证号已登记为应聘人员"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs):
        self.national_id_digest = digest(self.national_id)
        super().save(*args, **kwargs)


class Candidate(Example):
    """Somebody's nomination in a round: two choices at most, and whether he accepts another post (服从调剂).

    ``number`` is his place in the published order, by which equal scores are told
    apart. ``eligible`` is None until his eligibility was checked; ``barred`` are
    posts whose conditions he does not meet.
    """

    noun = "candidate"

    class Nominated(models.TextChoices):
        SELF = "self", _("个人自荐")
        ORGANISATION = "organisation", _("组织推荐")

    class Medical(models.TextChoices):
        OPEN = "", _("未体检")
        PASSED = "passed", _("合格")
        FAILED = "failed", _("不合格")

    selection = models.ForeignKey(Selection, models.PROTECT, related_name="candidates", verbose_name=_("竞聘"))
    number = models.PositiveIntegerField(_("报名序号"))
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="candidacies", verbose_name=_("人员"), null=True, blank=True
    )
    applicant = models.ForeignKey(
        Applicant, models.PROTECT, related_name="candidacies", verbose_name=_("应聘人员"), null=True, blank=True
    )
    first = models.ForeignKey(SelectionPost, models.PROTECT, related_name="+", verbose_name=_("第一志愿"))
    second = models.ForeignKey(
        SelectionPost, models.PROTECT, related_name="+", verbose_name=_("第二志愿"), null=True, blank=True
    )
    accepts_another = models.BooleanField(_("服从调剂"), default=False)
    resume = models.TextField(_("简历"), blank=True, max_length=4000)
    honours = models.TextField(_("奖惩情况"), blank=True, max_length=1000)
    nominated = models.CharField(_("报名方式"), max_length=12, choices=Nominated.choices)
    nominated_at = models.DateTimeField(_("报名时间"), auto_now_add=True)
    withdrawn = models.BooleanField(_("已撤回"), default=False)
    withdrawal_reason = models.CharField(_("撤回原因"), max_length=200, blank=True)
    eligible = models.BooleanField(_("资格审查结论"), null=True, blank=True)
    eligibility_note = models.CharField(_("资格审查意见"), max_length=300, blank=True)
    barred = models.ManyToManyField(SelectionPost, blank=True, related_name="+", verbose_name=_("不符合条件的岗位"))
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("审查人"), null=True, blank=True
    )
    medical = models.CharField(_("体检"), max_length=6, choices=Medical.choices, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("报名")
        verbose_name_plural = _("报名")
        ordering = ["selection", "number"]
        constraints = [
            models.CheckConstraint(
                name="staffing_candidate_one_person",
                condition=Q(person__isnull=False, applicant__isnull=True)
                | Q(person__isnull=True, applicant__isnull=False),
                violation_error_message=_("报名人员须是在册人员或应聘人员之一"),
            ),
            models.UniqueConstraint(
                fields=["selection", "person"],
                name="staffing_candidate_person_once",
                violation_error_message=_("此人已报名"),
            ),
            models.UniqueConstraint(
                fields=["selection", "applicant"],
                name="staffing_candidate_applicant_once",
                violation_error_message=_("此人已报名"),
            ),
            models.UniqueConstraint(fields=["selection", "number"], name="staffing_candidate_number"),
            models.CheckConstraint(
                name="staffing_candidate_two_choices",
                condition=Q(second__isnull=True) | ~Q(second=F("first")),
                violation_error_message=_("两个志愿不能是同一岗位"),
            ),
            models.CheckConstraint(
                name="staffing_candidate_refusal_said",
                condition=Q(eligible__isnull=True) | Q(eligible=True) | ~Q(eligibility_note=""),
                violation_error_message=_("资格审查不通过须写明原因"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def who(self) -> Person | Applicant:
        found = self.person or self.applicant
        if found is None:  # staffing_candidate_one_person
            raise ValueError("a candidate is a person or an applicant")
        return found

    @property
    def name(self) -> str:
        return self.who.name

    @property
    def competes(self) -> bool:
        """Is he, as far as is known, in the running?"""
        return bool(self.eligible) and not self.withdrawn

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach is Reach.SELF:
            return Q(person__in=ids)
        return Q(selection__unit__in=ids) if reach is Reach.UNITS else Q(pk__in=[])


class Score(models.Model):
    """What a candidate scored in one part of the assessment, of a hundred."""

    class Part(models.TextChoices):
        WRITTEN = "written", _("笔试")
        INTERVIEW = "interview", _("面试")
        PEER = "peer", _("民主测评")

    candidate = models.ForeignKey(Candidate, models.PROTECT, related_name="scores", verbose_name=_("报名"))
    part = models.CharField(_("考评内容"), max_length=9, choices=Part.choices)
    points = models.DecimalField(_("得分"), max_digits=5, decimal_places=2, null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("录入人"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("考评得分")
        verbose_name_plural = _("考评得分")
        ordering = ["candidate", "part"]
        constraints = [
            models.UniqueConstraint(fields=["candidate", "part"], name="staffing_score_once"),
            models.CheckConstraint(
                name="staffing_score_range",
                condition=Q(points__isnull=True) | Q(points__gte=0, points__lte=100),
                violation_error_message=_("得分须在 0 与 100 之间"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.part}"
