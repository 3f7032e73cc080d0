"""What is paid out of an approved run: the current part now, the deferred part by the term's result (F05, PAY-07)."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from common.fields import EncryptedTextField
from common.periods import Dated, DatedQuerySet, no_overlap
from common.rights import Reach
from pay.models.fields import money
from pay.models.runs import Run
from staffing.models import Person
from zones.models import Example, Instrument, Unit


class BankAccount(Dated, Example):
    """Where a person's pay goes during a period; the number is encrypted, ``last4`` is what others may see.

    ``holder`` is the name that the bank has, where it is not the person's own.
    """

    noun = "bank_account"

    person = models.ForeignKey(Person, models.PROTECT, related_name="bank_accounts", verbose_name=_("人员"))
    bank = models.CharField(_("开户行"), max_length=100)
    number = EncryptedTextField(_("账号"))
    last4 = models.CharField(_("账号后四位"), max_length=4)
    holder = models.CharField(_("户名"), max_length=100, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        verbose_name = _("银行账户")
        verbose_name_plural = _("银行账户")
        ordering = ["person", "period"]
        constraints = [
            *Dated.Meta.constraints,
            no_overlap("person", name="pay_account_one", message=_("此期间已有银行账户")),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} …{self.last4}"

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach is Reach.SELF:
            return Q(person__in=ids)
        return Q(person__home_unit__in=ids) if reach is Reach.UNITS else Q(pk__in=[])


class TermResult(Example):
    """What a unit's term of office came to (任期考核): the ratio of the deferred part that it releases.

    合格 releases all (1), 不合格 nothing (0) unless the instrument says otherwise (F05).
    ``cap``, where the instrument sets one, is the most of what the term's years gave
    that may be released, as a ratio; None: what the charter states (PAY-08).
    """

    noun = "term_result"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="term_results", verbose_name=_("单位"))
    first_year = models.PositiveSmallIntegerField(_("任期首年"))
    last_year = models.PositiveSmallIntegerField(_("任期末年"))
    qualified = models.BooleanField(_("合格"))
    ratio = models.DecimalField(_("递延兑现比例"), max_digits=5, decimal_places=4)
    cap = models.DecimalField(_("任期激励上限"), max_digits=5, decimal_places=4, null=True, blank=True)
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("批文"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("经办人"), null=True, blank=True
    )
    decided_at = models.DateTimeField(_("登记时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("任期考核结果")
        verbose_name_plural = _("任期考核结果")
        ordering = ["unit", "first_year"]
        constraints = [
            ExclusionConstraint(
                name="pay_term_once",
                expressions=[
                    (Func(F("first_year"), F("last_year"), Value("[]"), function="int4range"), "&&"),
                    ("unit", "="),
                ],
                violation_error_message=_("该单位的任期与已登记的任期重叠"),
            ),
            models.CheckConstraint(
                name="pay_term_years",
                condition=Q(last_year__gte=F("first_year")),
                violation_error_message=_("任期末年不能早于首年"),
            ),
            models.CheckConstraint(
                name="pay_term_ratio",
                condition=Q(ratio__range=(0, 1)) & (Q(qualified=True) | Q(ratio=0)),
                violation_error_message=_("兑现比例须在 0 与 1 之间，不合格的为 0"),
            ),
            models.CheckConstraint(
                name="pay_term_cap",
                condition=Q(cap__isnull=True) | Q(cap__range=(0, 1)),
                violation_error_message=_("任期激励上限须在 0 与 1 之间"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.first_year}–{self.last_year}"

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(unit__in=ids) if reach is Reach.UNITS else Q(pk__in=[])


class Payout(models.Model):
    """One payment of an approved run: its current part, its deferred part by the term's result, or what had waited.

    Drafted by one, released by another; then its lines never change. ``total``
    is the sum of all its lines, those that wait among them. A correction's
    payout holds the differences, which may be below zero. What waited in other
    payouts of the unit's year is paid in a ``held`` one of the run that stands.
    """

    noun = "payout"

    class Part(models.TextChoices):
        CURRENT = "current", _("当期发放")
        DEFERRED = "deferred", _("递延兑现")
        HELD = "held", _("暂缓补发")

    class State(models.TextChoices):
        DRAFTED = "drafted", _("待发放")
        RELEASED = "released", _("已发放")

    run = models.ForeignKey(Run, models.PROTECT, related_name="payouts", verbose_name=_("绩效核算"))
    part = models.CharField(_("发放部分"), max_length=8, choices=Part.choices)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.DRAFTED)
    term_result = models.ForeignKey(
        TermResult, models.PROTECT, related_name="payouts", verbose_name=_("任期考核结果"), null=True, blank=True
    )
    total = money(_("合计"))
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("制单人"), null=True, blank=True
    )
    drafted_at = models.DateTimeField(_("制单时间"), auto_now_add=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("审核人"), null=True, blank=True
    )
    released_at = models.DateTimeField(_("发放时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("发放批次")
        verbose_name_plural = _("发放批次")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "part"],
                condition=~Q(part="held"),
                name="pay_payout_once",
                violation_error_message=_("该部分已有发放批次"),
            ),
            models.UniqueConstraint(
                fields=["run"],
                condition=Q(part="held", state="drafted"),
                name="pay_payout_one_draft_of_held",
                violation_error_message=_("已有一个待发放的补发批次"),
            ),
            models.CheckConstraint(
                name="pay_payout_term",
                condition=Q(part__in=["current", "held"], term_result__isnull=True)
                | Q(part="deferred", term_result__isnull=False),
                violation_error_message=_("递延部分凭任期考核结果兑现"),
            ),
            models.CheckConstraint(
                name="pay_payout_released",
                condition=Q(state="drafted", released_at__isnull=True)
                | Q(state="released", released_at__isnull=False, released_by__isnull=False),
            ),
            models.CheckConstraint(
                name="pay_payout_two_people",
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("drafted_by")),
                violation_error_message=_("制单人不能审核自己的发放批次"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.part}"

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        return Q(run__unit__in=ids) if reach is Reach.UNITS else Q(pk__in=[])


class PayoutLine(models.Model):
    """What one person is paid in a payout, in yuan; a ``held`` one waits for what ``why`` says, not paid yet.

    In a payout of what was held, ``settles`` is the line that waited: each is paid once.
    """

    class Why(models.TextChoices):
        CASE = "case", _("立案未结")
        ACCOUNT = "account", _("没有银行账户")

    payout = models.ForeignKey(Payout, models.CASCADE, related_name="lines", verbose_name=_("发放批次"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="payout_lines", verbose_name=_("人员"))
    sequence = models.PositiveIntegerField(_("序号"))
    amount = money(_("金额"))
    held = models.BooleanField(_("暂缓发放"), default=False)
    why = models.CharField(_("暂缓原因"), max_length=7, choices=Why.choices, blank=True)
    settles = models.OneToOneField(
        "self", models.PROTECT, related_name="settled_by", verbose_name=_("补发"), null=True, blank=True
    )
    account = models.ForeignKey(
        BankAccount, models.PROTECT, related_name="lines", verbose_name=_("银行账户"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("发放明细")
        verbose_name_plural = _("发放明细")
        ordering = ["payout", "sequence"]
        constraints = [
            models.UniqueConstraint(
                fields=["payout", "person", "settles"], nulls_distinct=False, name="pay_payout_line_once"
            ),
            models.CheckConstraint(name="pay_payout_line_amount", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="pay_payout_line_held",
                condition=Q(held=False, why="") | Q(held=True) & ~Q(why=""),
                violation_error_message=_("暂缓发放须有原因"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.amount}"
