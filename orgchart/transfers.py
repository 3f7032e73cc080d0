"""The verbs of a handover: draft, revise, start, sign, dispute, settle, complete, withdraw.

What may follow what is held in PostgreSQL (``migrations/sql/transfers.sql``);
here it is said early, in words. Every day is today's: nobody signs backwards.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from orgchart.models import (
    Bureau,
    Duty,
    DutyAssignment,
    DutyTransfer,
    Side,
    TransferDispute,
    TransferLine,
    TransferSignature,
)
from orgchart.services import move_duty
from zones.models import Instrument, Project, Unit


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a transfer says: who hands what to whom, by which document, and until when.

    ``lines`` are duties by area; ``funds`` are yuan; what was not agreed is None.
    """

    from_unit: Unit
    to_unit: Unit
    lines: Sequence[tuple[Duty, Unit]]
    instrument: Instrument
    effective_on: dt.date
    deadline: dt.date
    from_bureau: Bureau | None = None
    to_bureau: Bureau | None = None
    staff_count: int | None = None
    staff_note: str = ""
    funds: Decimal | None = None
    funds_note: str = ""
    archive_volumes: int | None = None
    archive_note: str = ""
    projects: Sequence[Project] = ()
    note: str = ""
    is_example: bool = False

    def write_to(self, row: DutyTransfer) -> None:
        for name in self.__dataclass_fields__:
            if name not in ("lines", "projects"):
                value = getattr(self, name)
                setattr(row, name, value.strip() if isinstance(value, str) else value)


@transaction.atomic
def draft_transfer(*, terms: Terms, by: Actor, move: bool = False, reason: str = "") -> DutyTransfer:
    """Draft the handover that goes with a change of bearer.

    The ledger must say that the giver bore each duty up to ``effective_on`` and
    that the taker bears it from then on; with ``move`` what it does not say yet
    is entered with it, by the same instrument. Raises ValidationError keyed by field.
    """
    if move:
        _move(terms, by, reason)
    row = DutyTransfer(drafted_on=timezone.localdate(), drafted_by=by.user, code=_next_code(terms))
    _save(row, terms, fresh=True)
    audit.record("draft_transfer", row, by=by, after=_facts(row), reason=reason)
    return row


def _next_code(terms: Terms) -> str:
    """The giver's unit, the year, and the next number there."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('orgchart_transfer_code'))")
    stem = f"{terms.from_unit.code}-{terms.effective_on.year}-"
    taken = set(DutyTransfer.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return next(code for number in range(1, len(taken) + 2) if (code := f"{stem}{number}") not in taken)


def _move(terms: Terms, by: Actor, reason: str) -> None:
    taker = (terms.to_bureau.pk, None) if terms.to_bureau else (None, terms.to_unit.pk)
    for duty, area in terms.lines:
        now = DutyAssignment.objects.on(terms.effective_on).filter(duty=duty, area=area).first()
        if now is None or now.bearer != taker:
            try:
                move_duty(
                    duty=duty,
                    area=area,
                    to_bureau=terms.to_bureau,
                    to_unit=None if terms.to_bureau else terms.to_unit,
                    starts=terms.effective_on,
                    instrument=terms.instrument,
                    reason=reason,
                    by=by,
                )
            except ValidationError as error:
                said = [f"{duty.shown_name}：{text}" for text in error.messages]
                raise ValidationError({"lines": said}, code=getattr(error, "code", None)) from error


def _save(row: DutyTransfer, terms: Terms, *, fresh: bool) -> None:
    if not terms.lines:
        raise ValidationError({"lines": _("请至少选择一项移交的职责")})
    if terms.deadline < terms.effective_on:
        raise ValidationError({"deadline": _("移交期限不能早于职责调整日期")})
    terms.write_to(row)
    try:
        row.full_clean()
    except ValidationError as error:
        said = error.message_dict
        said.setdefault("to_unit", []).extend(said.pop(NON_FIELD_ERRORS, []))
        raise ValidationError({field: texts for field, texts in said.items() if texts}) from error
    _rest_on_ledger(row, terms.lines)
    with hold_rules():
        row.save(force_insert=fresh)
        row.lines.all().delete()
        TransferLine.objects.bulk_create(
            TransferLine(transfer=row, duty=duty, area=area) for duty, area in dict.fromkeys(terms.lines)
        )
        row.projects.set(terms.projects)


def _rest_on_ledger(row: DutyTransfer, lines: Sequence[tuple[Duty, Unit]]) -> None:
    """Refuse the lines of which the ledger does not say that they changed hands on that day."""
    day = row.effective_on
    known = DutyAssignment.objects.filter(
        duty__in={duty.pk for duty, _area in lines}, area__in={area.pk for _duty, area in lines}
    )
    begun = {(each.duty_id, each.area_id): each.bearer for each in known if each.starts == day}
    ended = {(each.duty_id, each.area_id): each.bearer for each in known if each.period.upper == day}
    names = dict(
        Unit.objects.filter(pk__in={area.pk for _d, area in lines}).named_on(day).values_list("pk", "short_name")
    )
    wrong = []
    for duty, area in lines:
        told = {"duty": duty.shown_name, "area": names.get(area.pk, area.code), "day": day.isoformat()}
        if begun.get((duty.pk, area.pk)) != row.taker:
            wrong.append(_("%(duty)s（%(area)s）：台账没有自 %(day)s 起由接收方承担的记录，请先办理职责调整") % told)
        elif ended.get((duty.pk, area.pk)) != row.giver:
            wrong.append(_("%(duty)s（%(area)s）：台账记载 %(day)s 之前不是由移交方承担") % told)
    if wrong:
        raise ValidationError({"lines": wrong})


def _facts(row: DutyTransfer) -> dict:
    lines = row.lines.values_list("duty__code", "area__code")
    return {
        **audit.facts(row),
        "lines": sorted(f"{duty}@{area}" for duty, area in lines),
        "projects": sorted(row.projects.values_list("code", flat=True)),
    }


def _locked(transfer: DutyTransfer, version: int | None = None) -> DutyTransfer:
    """The row as it is now, held until COMMIT; raises when it is no longer the version that somebody looked at."""
    row = DutyTransfer.objects.select_for_update().get(pk=transfer.pk)
    if version is not None and version != row.version:
        raise ValidationError(_("移交内容已被他人修改，请重新核对"), code="stale")
    return row


@transaction.atomic
def revise_transfer(*, transfer: DutyTransfer, terms: Terms, version: int, by: Actor, reason: str = "") -> DutyTransfer:
    """Change what the transfer says, until somebody signs it; ``version`` is the one that was looked at."""
    row = _locked(transfer, version)
    if row.signatures.exists():
        raise ValidationError(_("已有一方签字，移交内容不能再改"), code="TRANSFER-FROZEN")
    before = _facts(row)
    row.version += 1
    _save(row, terms, fresh=False)
    audit.record("revise_transfer", row, by=by, before=before, after=_facts(row), reason=reason)
    return row


def _step(transfer: DutyTransfer, verb: str, by: Actor, *, reason: str = "", **days) -> DutyTransfer:
    row = _locked(transfer)
    before = audit.facts(row)
    for name, value in days.items():
        setattr(row, name, value)
    row.version += 1
    with hold_rules():
        row.save(update_fields=[*days, "version"])
    audit.record(verb, row, by=by, before=before, after=audit.facts(row), reason=reason)
    return row


@transaction.atomic
def start_transfer(*, transfer: DutyTransfer, by: Actor) -> DutyTransfer:
    """The draft goes out to both sides: the handover begins, and may be signed and disputed."""
    if _locked(transfer).started_on is not None:
        raise ValidationError(_("移交已经启动"), code="TRANSFER-STEPS")
    return _step(transfer, "start_transfer", by, started_on=timezone.localdate())


@transaction.atomic
def withdraw_transfer(*, transfer: DutyTransfer, why: str, by: Actor) -> DutyTransfer:
    """Take a transfer back before both have signed; it stays on record with the reason."""
    if not why.strip():
        raise ValidationError({"why": _("请写明撤回理由")})
    today = timezone.localdate()
    return _step(transfer, "withdraw_transfer", by, reason=why, withdrawn_on=today, withdrawn_why=why.strip())


@transaction.atomic
def complete_transfer(*, transfer: DutyTransfer, by: Actor) -> DutyTransfer:
    """Everything has changed hands: both have signed, and no dispute is open."""
    return _step(transfer, "complete_transfer", by, done_on=timezone.localdate())


@transaction.atomic
def sign_transfer(*, transfer: DutyTransfer, side: str, capacity: str, version: int, by: Actor) -> TransferSignature:
    """Sign for one side, as what one is (``capacity``); the other side needs another person.

    ``version`` is what the signer had before his eyes. Raises ValidationError
    when that has changed, the side has signed, he signed for the other side, or
    a dispute is open.
    """
    if by.user is None:
        raise ValidationError(_("签字须由本人登录办理"), code="own_hand")
    row = _locked(transfer, version)
    signature = TransferSignature(
        transfer=row,
        side=side,
        signer=by.user,
        signer_name=by.user.get_full_name() or by.user.username,
        capacity=capacity.strip(),
        signed_on=timezone.localdate(),
    )
    signature.full_clean(validate_unique=False, validate_constraints=False)
    with hold_rules():
        signature.save(force_insert=True)
    audit.record("sign_transfer", signature, by=by)
    return signature


@transaction.atomic
def raise_dispute(*, transfer: DutyTransfer, side: str, text: str, by: Actor) -> TransferDispute:
    """A side objects; until that is settled nobody signs and nothing is completed."""
    dispute = TransferDispute(
        transfer=_locked(transfer),
        side=side,
        text=text.strip(),
        raised_on=timezone.localdate(),
        raised_by=by.user,
        is_example=transfer.is_example,
    )
    dispute.full_clean(validate_constraints=False)
    with hold_rules():
        dispute.save(force_insert=True)
    audit.record("raise_dispute", dispute, by=by)
    return dispute


@transaction.atomic
def settle_dispute(*, dispute: TransferDispute, settlement: str, by: Actor) -> TransferDispute:
    """How a dispute was settled, by somebody who did not raise it; once, and for good."""
    row = TransferDispute.objects.select_for_update().get(pk=dispute.pk)
    if not settlement.strip():
        raise ValidationError({"settlement": _("请写明处理结果")})
    if row.settled_on is not None:
        raise ValidationError(_("该争议已处理"), code="TRANSFER-FROZEN")
    if by.user is not None and row.raised_by_id == by.user.pk:
        raise ValidationError(_("提出争议的人不能处理该争议"), code="own_case")
    before = audit.facts(row)
    row.settlement, row.settled_on, row.settled_by = settlement.strip(), timezone.localdate(), by.user
    with hold_rules():
        row.save(update_fields=["settlement", "settled_on", "settled_by"])
    audit.record("settle_dispute", row, by=by, before=before, after=audit.facts(row))
    return row


def sides_to_sign(transfer: DutyTransfer, access) -> list[str]:
    """The sides that this visitor may still sign for: in reach, unsigned, and he has not signed the other."""
    signed = {each.side: each.signer_id for each in transfer.signatures.all()}
    if access.user.pk in signed.values():
        return []
    return [
        side
        for side in Side.values
        if side not in signed and access.can_in(transfer.unit_of(side).pk, "sign", "transfer")
    ]
