"""The handover of duties from one bearer to another: the protocol that goes with a change of bearer."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.rights import Reach
from orgchart.models.duties import Duty
from orgchart.models.structure import Bureau
from orgchart.querysets import DutyTransferQuerySet
from zones.models import Example, Instrument, Project, Unit


class Side(models.TextChoices):
    """Who hands over and who takes over."""

    GIVER = "giver", _("移交方")
    TAKER = "taker", _("接收方")


class DutyTransfer(Example):
    """Duties handed over with their people, money, projects and archives, up to ``deadline`` inclusive.

    The change of bearer itself is a row of DutyAssignment that begins on
    ``effective_on``. Amounts are yuan; what was not agreed stays empty. A
    transfer's state follows from its days and signatures alone (``State``), so
    that it can be told of any day; once one side has signed, what it says is frozen.
    """

    noun = "transfer"

    class State(models.TextChoices):
        DRAFTED = "drafted", _("拟订")
        HANDING = "handing", _("移交中")
        SIGNED = "both_signed", _("双方已签")
        DONE = "handed_over", _("移交完成")
        WITHDRAWN = "withdrawn", _("已撤回")

    code = models.SlugField(_("编号"), unique=True, max_length=60)
    from_unit = models.ForeignKey(Unit, models.PROTECT, related_name="transfers_out", verbose_name=_("移交单位"))
    from_bureau = models.ForeignKey(
        Bureau, models.PROTECT, related_name="transfers_out", verbose_name=_("移交机构"), null=True, blank=True
    )
    to_unit = models.ForeignKey(Unit, models.PROTECT, related_name="transfers_in", verbose_name=_("接收单位"))
    to_bureau = models.ForeignKey(
        Bureau, models.PROTECT, related_name="transfers_in", verbose_name=_("接收机构"), null=True, blank=True
    )
    instrument = models.ForeignKey(Instrument, models.PROTECT, verbose_name=_("依据"))
    effective_on = models.DateField(_("职责调整日期"))
    deadline = models.DateField(_("移交期限"))
    staff_count = models.PositiveIntegerField(_("移交人员（人）"), null=True, blank=True)
    staff_note = models.CharField(_("人员说明"), max_length=300, blank=True)
    funds = models.DecimalField(_("移交经费（元）"), max_digits=18, decimal_places=2, null=True, blank=True)
    funds_note = models.CharField(_("经费说明"), max_length=300, blank=True)
    archive_volumes = models.PositiveIntegerField(_("移交档案（卷）"), null=True, blank=True)
    archive_note = models.CharField(_("档案说明"), max_length=300, blank=True)
    projects = models.ManyToManyField(Project, related_name="transfers", verbose_name=_("移交项目"), blank=True)
    note = models.TextField(_("说明"), blank=True)
    drafted_on = models.DateField(_("拟订日期"))
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("拟订人"), null=True
    )
    started_on = models.DateField(_("启动移交日期"), null=True, blank=True)
    done_on = models.DateField(_("移交完成日期"), null=True, blank=True)
    withdrawn_on = models.DateField(_("撤回日期"), null=True, blank=True)
    withdrawn_why = models.CharField(_("撤回理由"), max_length=300, blank=True)
    version = models.PositiveIntegerField(_("版本"), default=1)

    objects = DutyTransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("职责移交")
        verbose_name_plural = _("职责移交")
        ordering = ["effective_on", "code"]
        constraints = [
            models.CheckConstraint(
                name="orgchart_transfer_two_sides",
                condition=~Q(from_unit=F("to_unit"))
                | Q(from_bureau__isnull=False, to_bureau__isnull=True)
                | Q(from_bureau__isnull=True, to_bureau__isnull=False)
                | ~Q(from_bureau=F("to_bureau")),
                violation_error_message=_("移交方与接收方不能相同"),
            ),
            models.CheckConstraint(
                name="orgchart_transfer_deadline",
                condition=Q(deadline__gte=F("effective_on")),
                violation_error_message=_("移交期限不能早于职责调整日期"),
            ),
            models.CheckConstraint(
                name="orgchart_transfer_funds",
                condition=Q(funds__isnull=True) | Q(funds__gte=0),
                violation_error_message=_("移交经费不能为负数"),
            ),
            models.CheckConstraint(
                name="orgchart_transfer_days",
                condition=(Q(started_on__isnull=True) | Q(started_on__gte=F("drafted_on")))
                & (Q(done_on__isnull=True) | Q(started_on__isnull=False, done_on__gte=F("started_on")))
                & (Q(withdrawn_on__isnull=True) | Q(done_on__isnull=True, withdrawn_on__gte=F("drafted_on"))),
                violation_error_message=_("移交各环节的日期须依次不早于前一环节"),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @staticmethod
    def within(reach: Reach, ids, day) -> Q:
        if reach not in (Reach.UNITS, Reach.ZONE):
            return Q(pk__in=[])
        return Q(from_unit__in=ids) | Q(to_unit__in=ids)

    @property
    def giver(self) -> tuple[int | None, int | None]:
        """Who hands over, as a duty's ``bearer``."""
        return (self.from_bureau_id, None) if self.from_bureau_id else (None, self.from_unit_id)

    @property
    def taker(self) -> tuple[int | None, int | None]:
        """Who takes over, as a duty's ``bearer``."""
        return (self.to_bureau_id, None) if self.to_bureau_id else (None, self.to_unit_id)

    def unit_of(self, side: str) -> Unit:
        """The unit that answers for a side, and signs for it."""
        return self.from_unit if side == Side.GIVER else self.to_unit


class TransferLine(models.Model):
    """One duty of a transfer, in one area."""

    transfer = models.ForeignKey(DutyTransfer, models.CASCADE, related_name="lines", verbose_name=_("职责移交"))
    duty = models.ForeignKey(Duty, models.PROTECT, related_name="transfer_lines", verbose_name=_("职责"))
    area = models.ForeignKey(Unit, models.PROTECT, related_name="transfer_lines", verbose_name=_("区域"))

    class Meta:
        verbose_name = _("移交的职责")
        verbose_name_plural = _("移交的职责")
        ordering = ["transfer", "duty__sequence", "area__sequence"]
        constraints = [
            models.UniqueConstraint(
                fields=["transfer", "duty", "area"],
                name="orgchart_transfer_line_once",
                violation_error_message=_("同一区域的同一职责只能列一次"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.duty_id} @ {self.area_id}"


class TransferSignature(models.Model):
    """A side's signature: who signed, in what capacity, on which day. Never changed; one each, by two people."""

    transfer = models.ForeignKey(DutyTransfer, models.PROTECT, related_name="signatures", verbose_name=_("职责移交"))
    side = models.CharField(_("签字方"), max_length=5, choices=Side.choices)
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("签字人"), null=True
    )
    signer_name = models.CharField(_("签字人姓名"), max_length=150)
    capacity = models.CharField(_("签字身份"), max_length=100)
    signed_on = models.DateField(_("签字日期"))

    class Meta:
        verbose_name = _("移交签字")
        verbose_name_plural = _("移交签字")
        ordering = ["transfer", "side"]
        constraints = [
            models.UniqueConstraint(
                fields=["transfer", "side"],
                name="orgchart_signature_one_a_side",
                violation_error_message=_("这一方已经签字"),
            ),
            models.UniqueConstraint(
                fields=["transfer", "signer"],
                name="orgchart_signature_two_people",
                violation_error_message=_("同一人不能代表双方签字"),
            ),
            models.UniqueConstraint(
                fields=["transfer", "signer_name"],
                condition=Q(signer__isnull=True),
                name="orgchart_signature_two_names",
                violation_error_message=_("同一人不能代表双方签字"),
            ),
            models.CheckConstraint(
                name="orgchart_signature_side",
                condition=Q(side__in=Side.values),
                violation_error_message=_("签字方只能是移交方或接收方"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transfer_id} {self.side}"


class TransferDispute(Example):
    """What a side objects to about a transfer, and how it was settled, by somebody else."""

    transfer = models.ForeignKey(DutyTransfer, models.PROTECT, related_name="disputes", verbose_name=_("职责移交"))
    side = models.CharField(_("提出方"), max_length=5, choices=Side.choices)
    text = models.TextField(_("争议事项"))
    raised_on = models.DateField(_("提出日期"))
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("提出人"), null=True
    )
    settlement = models.TextField(_("处理结果"), blank=True)
    settled_on = models.DateField(_("处理日期"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("处理人"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("移交争议")
        verbose_name_plural = _("移交争议")
        ordering = ["transfer", "raised_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="orgchart_dispute_settled",
                condition=Q(settled_on__isnull=True, settlement="", settled_by__isnull=True)
                | (Q(settled_on__gte=F("raised_on")) & ~Q(settlement="")),
                violation_error_message=_("争议的处理须有结果和日期，且不早于提出日期"),
            ),
            models.CheckConstraint(
                name="orgchart_dispute_other_person",
                condition=Q(settled_by__isnull=True) | Q(raised_by__isnull=True) | ~Q(settled_by=F("raised_by")),
                violation_error_message=_("提出争议的人不能处理该争议"),
            ),
            models.CheckConstraint(
                name="orgchart_dispute_side",
                condition=Q(side__in=Side.values),
                violation_error_message=_("提出方只能是移交方或接收方"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transfer_id} {self.raised_on}"

    def is_open(self, day: dt.date) -> bool:
        return self.raised_on <= day and (self.settled_on is None or self.settled_on > day)
