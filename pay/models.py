"""Money: schemes, runs, and what they gave to bureaus and people. All amounts in yuan, to the fen."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.models import PlainJSON
from common.periods import Dated, DatedQuerySet, no_overlap
from common.rights import Reach
from orgchart.models import Bureau
from pay.querysets import RunQuerySet, ShareQuerySet
from staffing.models import Person
from zones.models import Bilingual, Example, Instrument, Unit


def money(name, *, null: bool = False) -> models.DecimalField:
    """An amount in yuan, to the fen; fits 9,999,999,999,999.99."""
    return models.DecimalField(name, max_digits=15, decimal_places=2, null=null)


class Scheme(Dated, Bilingual, Example):
    """A zone's pay scheme during a period: the parameters of F13 (pool), F14 (bureaus), F15 (people).

    Weights and growth are ratios; ``floor`` and ``cap`` clamp the growth link;
    ``reference_multiple`` caps the pool at that multiple of reference income
    (PAY-01); ``cutoff_day`` is the day of the month on which being in post
    counts the month (F12); ``current_ratio`` is the part paid now, the rest is
    deferred to the term's result (F05, PAY-07).
    """

    noun = "scheme"

    zone = models.ForeignKey(Unit, models.PROTECT, related_name="schemes", verbose_name=_("开发区"))
    version = models.PositiveSmallIntegerField(_("版本"), default=1)
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("批文"))
    alpha = models.DecimalField(_("联动系数 α"), max_digits=6, decimal_places=4)
    weight_tax = models.DecimalField(_("税收增幅权重"), max_digits=6, decimal_places=4)
    weight_budget = models.DecimalField(_("一般公共预算收入增幅权重"), max_digits=6, decimal_places=4)
    weight_gdp = models.DecimalField(_("GDP增幅权重"), max_digits=6, decimal_places=4)
    floor = models.DecimalField(_("联动下限"), max_digits=6, decimal_places=4)
    cap = models.DecimalField(_("联动上限"), max_digits=6, decimal_places=4)
    reference_multiple = models.DecimalField(_("参照收入倍数上限"), max_digits=6, decimal_places=4)
    rating_factors = models.JSONField(_("考核等次系数"))
    bureau_floor = models.DecimalField(_("部门系数下限"), max_digits=6, decimal_places=4)
    bureau_cap = models.DecimalField(_("部门系数上限"), max_digits=6, decimal_places=4)
    grade_factors = models.JSONField(_("考核系数"))
    cutoff_day = models.PositiveSmallIntegerField(_("在岗月认定日"), default=15)
    current_ratio = models.DecimalField(_("当期发放比例"), max_digits=5, decimal_places=4)

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("绩效方案")
        verbose_name_plural = _("绩效方案")
        ordering = ["zone", "period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("zone", name="pay_scheme_one", message=_("此期间已有生效的绩效方案")),
            models.UniqueConstraint(fields=["zone", "version"], name="pay_scheme_version"),
            models.CheckConstraint(
                name="pay_scheme_weights",
                condition=Q(weight_tax=1 - F("weight_budget") - F("weight_gdp")),
                violation_error_message=_("三项增幅的权重之和须为 1"),
            ),
            models.CheckConstraint(
                name="pay_scheme_floor_cap",
                condition=Q(floor__gte=0, floor__lte=F("cap"))
                & Q(bureau_floor__gte=0, bureau_floor__lte=F("bureau_cap")),
                violation_error_message=_("下限不能小于 0，也不能高于上限"),
            ),
            models.CheckConstraint(
                name="pay_scheme_current",
                condition=Q(current_ratio__range=(0, 1)),
                violation_error_message=_("当期发放比例须在 0 与 1 之间"),
            ),
            models.CheckConstraint(
                name="pay_scheme_cutoff",
                condition=Q(cutoff_day__range=(1, 28)),
                violation_error_message=_("在岗月认定日须在 1 日至 28 日之间"),
            ),
        ]

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach not in (Reach.UNITS, Reach.ZONE):
            return Q(pk__in=[])
        return Q(zone__in=ids) | Q(zone__child_versions__unit__in=ids)


class Run(models.Model):
    """One computation of a unit's pool for a year, with everything it used and how it went.

    Unique by (unit, year, scheme, input hash), so that computing again with
    nothing changed changes nothing. ``inputs`` is the snapshot, ``trace`` the
    named steps of the pool. ``pool`` is what is shared out; ``lapsed`` what the
    cap of PAY-01 cut off; ``confirmed_at`` when computing again last gave the same.
    """

    noun = "run"

    class State(models.TextChoices):
        QUEUED = "queued", _("排队中")
        RUNNING = "running", _("计算中")
        COMPUTED = "computed", _("已核算")
        FAILED = "failed", _("未完成")
        SUPERSEDED = "superseded", _("已被新核算取代")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="runs", verbose_name=_("单位"))
    year = models.PositiveSmallIntegerField(_("年度"))
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="runs", verbose_name=_("绩效方案"), null=True)
    input_hash = models.CharField(_("输入指纹"), max_length=64, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.QUEUED)
    error = models.TextField(_("未完成原因"), blank=True)
    error_details = models.JSONField(_("未完成原因明细"), default=list, blank=True)
    pool = money(_("绩效总额"), null=True)
    uncapped = money(_("封顶前总额"), null=True)
    lapsed = money(_("封顶核减"), null=True)
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

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("绩效核算")
        verbose_name_plural = _("绩效核算")
        ordering = ["-year", "unit", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "year", "scheme", "input_hash"],
                condition=Q(state="computed") | Q(state="superseded"),
                name="pay_run_once_for_its_inputs",
            ),
            models.UniqueConstraint(fields=["unit", "year"], condition=Q(state="computed"), name="pay_one_run_stands"),
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
                condition=~Q(state__in=["computed", "superseded"]) | Q(pool__isnull=False, scheme__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.year}"

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(unit__in=ids) if reach in (Reach.UNITS, Reach.ZONE) else Q(pk__in=[])


class BureauShare(models.Model):
    """A bureau's share of a run's pool (部门额度); ``weight`` is Σ post coefficient × months ÷ 12 (F14)."""

    noun = "share"

    run = models.ForeignKey(Run, models.CASCADE, related_name="shares", verbose_name=_("绩效核算"))
    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="shares", verbose_name=_("部门"))
    sequence = models.PositiveSmallIntegerField(_("序号"))
    score = models.DecimalField(_("部门得分"), max_digits=7, decimal_places=2)
    coefficient = models.DecimalField(_("部门系数"), max_digits=12, decimal_places=10)
    weight = models.DecimalField(_("部门权重"), max_digits=18, decimal_places=10)
    amount = money(_("部门额度"))
    trace = models.JSONField(_("计算过程"), default=dict, encoder=PlainJSON)

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

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach is Reach.BUREAU:
            return Q(bureau__in=ids)
        return Q(run__unit__in=ids) if reach is Reach.UNITS else Q(pk__in=[])


class Allocation(models.Model):
    """What one person gets from one bureau's share (应发), and the factors it came from (F15).

    ``months`` are those in posts of this bureau; ``post_coefficient`` is their
    month-weighted mean; someone who moved has a row in both bureaus.
    """

    noun = "allocation"

    run = models.ForeignKey(Run, models.CASCADE, related_name="allocations", verbose_name=_("绩效核算"))
    share = models.ForeignKey(BureauShare, models.CASCADE, related_name="allocations", verbose_name=_("部门额度"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="allocations", verbose_name=_("人员"))
    sequence = models.PositiveIntegerField(_("序号"))
    post_name = models.CharField(_("岗位"), max_length=200)
    post_coefficient = models.DecimalField(_("岗位系数"), max_digits=12, decimal_places=10)
    rating = models.CharField(_("考核等次"), max_length=12)
    grade_factor = models.DecimalField(_("等次系数"), max_digits=6, decimal_places=4)
    months = models.PositiveSmallIntegerField(_("在岗月数"))
    amount = money(_("应发"))
    trace = models.JSONField(_("计算过程"), default=dict, encoder=PlainJSON)

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

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach is Reach.SELF:
            return Q(person__in=ids)
        if reach is Reach.BUREAU:
            return Q(share__bureau__in=ids)
        return Q(run__unit__in=ids) if reach is Reach.UNITS else Q(pk__in=[])
