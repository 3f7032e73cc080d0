"""Runs, and what they gave to bureaus and people. All amounts in yuan, to the fen."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.models import PlainJSON
from common.rights import Reach
from orgchart.models import Bureau
from pay import tracing
from pay.models.fields import money
from pay.models.schemes import Scheme
from pay.querysets import RunQuerySet, ShareQuerySet
from staffing.models import Person
from zones.models import Instrument, Unit


class Run(models.Model):
    """One computation of a unit's pool for a year: what it used, how it went, and how far it was signed.

    Drafted by one person (``requested_by``), checked by a second, approved by a
    third with the instrument that closes it (PAY-04); from then on immutable. A
    later change makes a correction: a run that ``corrects`` the one that stands,
    with the whole new pool and the ``difference`` to what was shared before.

    Unique by (unit, year, scheme, input hash), so that computing again with
    nothing changed changes nothing. ``inputs`` is the snapshot of scheme,
    figures and scores (those of people lie in their allocations), ``trace`` the
    named steps of the pool. Of ``pool``, ``reserve`` is held back for open
    appeals and ``returned`` could be shared to nobody; the rest is shared out.
    ``lapsed`` is what a limit cut off. A ``provisional`` run counts a missing
    score as the mean, and cannot be approved. ``remarks`` say what a checker
    must see. ``confirmed_at`` is when computing again last gave the same.
    """

    noun = "run"
    #: Told by ``request_runs``: it was at work when it was asked for once more.
    asked_before = False

    class State(models.TextChoices):
        QUEUED = "queued", _("排队中")
        RUNNING = "running", _("计算中")
        COMPUTED = "computed", _("已核算")
        CHECKED = "checked", _("已复核")
        APPROVED = "approved", _("已审批")
        FAILED = "failed", _("未完成")
        SUPERSEDED = "superseded", _("已被新核算取代")
        CANCELLED = "cancelled", _("已取消")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="runs", verbose_name=_("单位"))
    year = models.PositiveSmallIntegerField(_("年度"))
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="runs", verbose_name=_("绩效方案"), null=True)
    corrects = models.ForeignKey(
        "self", models.PROTECT, related_name="corrections", verbose_name=_("更正"), null=True, blank=True
    )
    input_hash = models.CharField(_("输入指纹"), max_length=64, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.QUEUED)
    error = models.TextField(_("未完成原因"), blank=True)
    error_details = models.JSONField(_("未完成原因明细"), default=list, blank=True)
    pool = money(_("绩效总额"), null=True)
    uncapped = money(_("封顶前总额"), null=True)
    lapsed = money(_("封顶核减"), null=True)
    reserve = money(_("申诉预留"), db_default=0)
    returned = money(_("无人可分"), db_default=0)
    difference = money(_("与原批复的差额"), null=True)
    provisional = models.BooleanField(_("暂算"), db_default=False)
    remarks = models.JSONField(_("提示"), db_default=[], blank=True)
    inputs = models.JSONField(_("输入快照"), default=dict, encoder=PlainJSON)
    trace = models.JSONField(_("核算过程"), default=dict, encoder=PlainJSON)
    batch = models.UUIDField(_("批次"), default=uuid.uuid4, db_index=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("发起人"), null=True, blank=True
    )
    requested_at = models.DateTimeField(_("发起时间"), auto_now_add=True)
    started_at = models.DateTimeField(_("开始时间"), null=True, blank=True)
    finished_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("最近复核时间"), null=True, blank=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("复核人"), null=True, blank=True
    )
    checked_at = models.DateTimeField(_("复核时间"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("审批人"), null=True, blank=True
    )
    approved_at = models.DateTimeField(_("审批时间"), null=True, blank=True)
    instrument = models.ForeignKey(
        Instrument, models.PROTECT, related_name="runs", verbose_name=_("批复文号"), null=True, blank=True
    )

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("绩效核算")
        verbose_name_plural = _("绩效核算")
        ordering = ["-year", "unit", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "year", "scheme", "input_hash", "corrects"],
                condition=Q(state__in=["computed", "checked", "approved", "superseded"]),
                nulls_distinct=False,
                name="pay_run_once_for_its_inputs",
            ),
            models.UniqueConstraint(
                fields=["unit", "year"], condition=Q(state__in=["computed", "checked"]), name="pay_one_draft"
            ),
            models.UniqueConstraint(
                fields=["unit", "year"], condition=Q(state="approved", corrects__isnull=True), name="pay_one_approved"
            ),
            models.UniqueConstraint(fields=["corrects"], condition=Q(state="approved"), name="pay_one_correction"),
            models.UniqueConstraint(
                fields=["unit", "year"], condition=Q(state__in=["queued", "running"]), name="pay_one_run_at_work"
            ),
            models.CheckConstraint(
                name="pay_run_pool_not_negative",
                condition=Q(pool__isnull=True) | Q(pool__gte=0),
                violation_error_message=_("绩效总额不能为负"),
            ),
            models.CheckConstraint(
                name="pay_run_computed_has_pool",
                condition=~Q(state__in=["computed", "checked", "approved", "superseded"])
                | Q(pool__isnull=False, scheme__isnull=False),
            ),
            models.CheckConstraint(
                name="pay_run_parts",
                condition=Q(pool__isnull=True)
                | Q(reserve__gte=0, returned__gte=0, pool__gte=F("reserve") + F("returned")),
                violation_error_message=_("预留与退回之和不能超过绩效总额"),
            ),
            models.CheckConstraint(
                name="pay_run_checked",
                condition=~Q(state__in=["checked", "approved"]) | Q(checked_by__isnull=False, checked_at__isnull=False),
                violation_error_message=_("复核须有复核人和时间"),
            ),
            models.CheckConstraint(
                name="pay_run_approved",
                condition=~Q(state="approved")
                | Q(approved_by__isnull=False, approved_at__isnull=False, instrument__isnull=False, provisional=False),
                violation_error_message=_("审批须有审批人、时间和批复文号，暂算的不能审批"),
            ),
            models.CheckConstraint(
                name="pay_run_three_people",
                condition=(Q(checked_by__isnull=True) | ~Q(checked_by=F("requested_by")))
                & (Q(approved_by__isnull=True) | ~Q(approved_by=F("requested_by")) & ~Q(approved_by=F("checked_by"))),
                violation_error_message=_("发起、复核、审批须是三个不同的人"),
            ),
            models.CheckConstraint(
                name="pay_run_difference",
                condition=Q(corrects__isnull=True, difference__isnull=True)
                | Q(corrects__isnull=False) & (Q(pool__isnull=True) | Q(difference__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.year}"

    @property
    def is_correction(self) -> bool:
        return self.corrects_id is not None

    @property
    def shared(self):
        """What people get together, in yuan."""
        return None if self.pool is None else self.pool - self.reserve - self.returned

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(unit__in=ids) if reach in (Reach.UNITS, Reach.ZONE) else Q(pk__in=[])


class BureauShare(models.Model):
    """A bureau's share of a run's pool (部门额度); ``weight`` is Σ post coefficient × months ÷ 12 (F14).

    ``people_points`` is what its people share it by: Σ of their ``points`` × grade factor.
    ``terms`` are the other terms of F14, numbers as text, that its trace is drawn from.
    """

    noun = "share"

    run = models.ForeignKey(Run, models.CASCADE, related_name="shares", verbose_name=_("绩效核算"))
    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="shares", verbose_name=_("部门"))
    sequence = models.PositiveSmallIntegerField(_("序号"))
    score = models.DecimalField(_("部门得分"), max_digits=7, decimal_places=2)
    coefficient = models.DecimalField(_("部门系数"), max_digits=12, decimal_places=10)
    weight = models.DecimalField(_("部门权重"), max_digits=18, decimal_places=10)
    people_points = models.DecimalField(_("个人权数合计"), max_digits=24, decimal_places=10)
    amount = money(_("部门额度"))
    difference = money(_("与原批复的差额"), null=True)
    terms = models.JSONField(_("计算各项"), default=dict, encoder=PlainJSON)

    objects = ShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("部门额度")
        verbose_name_plural = _("部门额度")
        ordering = ["run", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["run", "bureau"], name="pay_share_once"),
            models.CheckConstraint(name="pay_share_not_negative", condition=Q(amount__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.bureau_id}: {self.amount}"

    @property
    def trace(self) -> dict:
        """The named steps of F14 as JSON, drawn from what is stored (``pay/tracing.py``)."""
        return tracing.share_json(self)

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach is Reach.BUREAU:
            return Q(bureau__in=ids)
        return Q(run__unit__in=ids) if reach is Reach.UNITS else Q(pk__in=[])


class Allocation(models.Model):
    """What one person gets from one bureau's share (应发), with every term of F15 that it came from.

    ``posts`` are those held in this bureau: code, name, coefficient, months, why
    it is not the post's own coefficient. ``months`` are their sum, ``months_cut``
    those that leave or a sanction took; ``points`` = Σ coefficient × months, and
    what he shares by is ``points`` × ``grade_factor``. ``reason`` says where the
    factor comes from, ``result`` which kpi result it was read from. A ``held``
    amount waits for a case to close. ``difference`` is a correction's, in yuan.
    The trace is drawn from these columns, so it costs no room.
    """

    noun = "allocation"

    class Reason(models.TextChoices):
        GRADE = "grade", _("按考核等次")
        PROBATION = "probation", _("试用期，按方案规定")
        LONG_LEAVE = "long_leave", _("病、事假累计超过半年")
        SANCTION = "sanction", _("受处分")
        OPEN_CASE = "open_case", _("立案未结，暂缓发放")
        SECONDED = "seconded", _("由其他单位考核")
        LEAVER = "leaver", _("年内离岗，不需等次")
        UNDETERMINED = "undetermined", _("不定等次，按方案规定")
        PROVISIONAL = "provisional", _("暂缺等次，按平均数暂算")
        GONE = "gone", _("更正后不再参加分配")

    # A batch writes hundreds of thousands: the keys are held a statement at a time (statements.sql).
    run = models.ForeignKey(
        Run, models.CASCADE, related_name="allocations", verbose_name=_("绩效核算"), db_constraint=False
    )
    share = models.ForeignKey(
        BureauShare,
        models.CASCADE,
        related_name="allocations",
        verbose_name=_("部门额度"),
        db_constraint=False,
        db_index=False,  # pay_allocation_once begins with it
    )
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="allocations", verbose_name=_("人员"), db_constraint=False
    )
    sequence = models.PositiveIntegerField(_("序号"))
    post_name = models.CharField(_("岗位"), max_length=200)
    post_coefficient = models.DecimalField(_("岗位系数"), max_digits=12, decimal_places=10)
    posts = models.JSONField(_("任职明细"), db_default=[], encoder=PlainJSON)
    points = models.DecimalField(_("岗位系数 × 月数合计"), max_digits=18, decimal_places=6)
    rating = models.CharField(_("考核等次"), max_length=12, blank=True)
    reason = models.CharField(_("系数依据"), max_length=12, choices=Reason.choices, db_default=Reason.GRADE)
    grade_factor = models.DecimalField(_("等次系数"), max_digits=6, decimal_places=4)
    result = models.BigIntegerField(_("考核结果编号"), null=True, blank=True)
    is_example = models.BooleanField(_("示例"), db_default=False)
    months = models.PositiveSmallIntegerField(_("在岗月数"))
    months_cut = models.PositiveSmallIntegerField(_("扣减月数"), db_default=0)
    amount = money(_("应发"))
    held = models.BooleanField(_("暂缓发放"), db_default=False)
    difference = money(_("与原批复的差额"), null=True)

    class Meta:
        verbose_name = _("绩效分配")
        verbose_name_plural = _("绩效分配")
        ordering = ["run", "share__sequence", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["share", "person"], name="pay_allocation_once"),
            models.CheckConstraint(name="pay_allocation_not_negative", condition=Q(amount__gte=0)),
            models.CheckConstraint(name="pay_allocation_months", condition=Q(months__range=(0, 12))),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.amount}"

    @property
    def trace(self) -> dict:
        """The named steps of F15 as JSON, drawn from what is stored (``pay/tracing.py``)."""
        return tracing.person_trace(self, self.share).as_json()

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach is Reach.SELF:
            return Q(person__in=ids)
        if reach is Reach.BUREAU:
            return Q(share__bureau__in=ids)
        return Q(run__unit__in=ids) if reach is Reach.UNITS else Q(pk__in=[])
