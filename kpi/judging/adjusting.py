"""Points beside the lines, and the veto: proposed by one, decided by another, revoked only by a second one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.access import Access
from common.actors import Actor
from common.audit import facts, record
from common.databases import hold_rules
from kpi.models import Adjustment, Cycle, Rating, Result, Scorecard
from kpi.reckoning import reckon
from zones.models import Instrument

State = Adjustment.State
MOST = Decimal(100)


def _held(pk: int) -> Scorecard:
    cards = Scorecard.objects.select_for_update(of=("self",), no_key=True).select_related("cycle", "person")
    return cards.get(pk=pk)


def _refuse(card: Scorecard, by: Actor, action: str) -> None:
    """Only in a year that is open, by whom the table gives it, and never in one's own case."""
    if card.cycle.state != Cycle.State.OPEN:
        text = _("%(year)s 考核年度%(state)s，不能再加减分")
        told = {"year": card.cycle.year, "state": card.cycle.get_state_display()}
        raise ValidationError(text % told, code="KPI-CLOSED")
    if by.user is None:
        return
    if card.person and card.person.user_id == by.user.pk:
        raise ValidationError(_("不能办理本人的加减分事项"), code="KPI-OWN-CASE")
    if not Access(by.user).scope(Scorecard.objects.filter(pk=card.pk), action).exists():
        raise ValidationError(_("您没有办理这张评分卡加减分事项的权限"), code="forbidden")


@transaction.atomic
def propose(
    *,
    card: Scorecard,
    kind: str,
    points: Decimal,
    reason: str,
    by: Actor,
    happened_on: dt.date | None = None,
    instrument: Instrument | None = None,
    evidence: str = "",
) -> Adjustment:
    """Propose points to add or take, or a veto; nothing counts before somebody else approves it.

    Raises ValidationError by field: a reason and an instrument or evidence are asked for, points above 0
    (none for a veto); the same proposal twice is told apart by nobody and refused.
    """
    held = _held(card.pk)
    _refuse(held, by, "adjust")
    made = Adjustment(
        scorecard=held,
        kind=kind,
        points=Decimal(0) if kind == Adjustment.Kind.VETO else points,
        reason=reason.strip(),
        happened_on=happened_on,
        instrument=instrument,
        evidence=evidence.strip(),
        proposed_by=by.user,
    )
    _check(made)
    same = {name: getattr(made, name) for name in ("kind", "points", "reason", "happened_on")}
    if held.adjustments.filter(state=State.PROPOSED, revokes=None, **same).exists():
        raise ValidationError(_("相同的事项已提出，正在等待审定"), code="twice")
    with hold_rules():
        made.save(force_insert=True)
    record("propose_adjustment", made, by=by, reason=made.reason)
    return made


def _check(made: Adjustment) -> None:
    wrong = {}
    if not made.reason:
        wrong["reason"] = _("请写明理由")
    if made.instrument_id is None and not made.evidence:
        wrong["evidence"] = _("请填写佐证或选择批文")
    if made.kind != Adjustment.Kind.VETO and not Decimal(0) < made.points <= MOST:
        wrong["points"] = _("分值须大于 0，不超过 100")
    if made.happened_on and made.happened_on > timezone.localdate():
        wrong["happened_on"] = _("事项日期不能晚于今天")
    if wrong:
        raise ValidationError(wrong)  # type: ignore[arg-type]
    made.clean_fields(exclude=["scorecard", "instrument", "proposed_by"])


@transaction.atomic
def propose_revocation(*, adjustment: Adjustment, reason: str, evidence: str, by: Actor) -> Adjustment:
    """Propose to take back what was approved; the first one stays on file as it was decided."""
    held = _held(adjustment.scorecard_id)
    _refuse(held, by, "adjust")
    row = Adjustment.objects.select_for_update(of=("self",), no_key=True).get(pk=adjustment.pk)
    if row.state != State.APPROVED or row.revokes_id:
        raise ValidationError(_("只能撤销已通过的事项"), code="KPI-ADJUSTED")
    before = Adjustment.objects.filter(revokes=row).first()
    if before:
        raise ValidationError(_("撤销已提出：%(state)s") % {"state": before.get_state_display()}, code="twice")
    made = Adjustment(
        scorecard=held,
        kind=row.kind,
        points=row.points,
        reason=reason.strip(),
        evidence=evidence.strip(),
        instrument=row.instrument if not evidence.strip() else None,
        revokes=row,
        proposed_by=by.user,
    )
    _check(made)
    with hold_rules():
        made.save(force_insert=True)
    record("propose_adjustment", made, by=by, reason=made.reason)
    return made


@transaction.atomic
def decide(*, adjustment: Adjustment, approve: bool, by: Actor, opinion: str = "") -> Adjustment:
    """Approve or refuse what another proposed; the card is reckoned anew at once.

    A veto takes back a grade that is too high: it has to be decided again. Decided
    the same way twice, it says what was decided; otherwise ValidationError "stale".
    """
    held = _held(adjustment.scorecard_id)
    row = Adjustment.objects.select_for_update(of=("self",), no_key=True).get(pk=adjustment.pk)
    wanted = State.APPROVED if approve else State.REFUSED
    if row.state != State.PROPOSED:
        if row.state == wanted and by.user and row.decided_by_id == by.user.pk:
            return row
        raise ValidationError(_("该事项%(state)s") % {"state": row.get_state_display()}, code="stale")
    _refuse(held, by, "approve_adjustment")
    if by.user and row.proposed_by_id == by.user.pk:
        raise ValidationError(_("提出人不能审定自己提出的事项"), code="own_case")
    if not approve and not opinion.strip():
        raise ValidationError({"opinion": _("请写明不通过的理由")})
    before = facts(row)
    row.state, row.opinion = wanted, opinion.strip()[:300]
    row.decided_by, row.decided_at = by.user, timezone.now()
    with hold_rules():
        if approve and row.kind == Adjustment.Kind.VETO and row.revokes_id is None:
            _take_back_grade(held, by)
        row.save()
        reckon(held)
    record("decide_adjustment", row, by=by, before=before, after=facts(row), reason=row.opinion)
    return row


def _take_back_grade(card: Scorecard, by: Actor) -> None:
    result = Result.objects.filter(scorecard=card, rating__in=(Rating.EXCELLENT, Rating.FIRST)).first()
    if result is None:
        return
    before = facts(result)
    result.rating = ""
    result.save()
    record("rate", result, by=by, before=before, after=facts(result), reason=_("一票否决，等次重新评定"))


def vetoed(card: Scorecard) -> bool:
    return card.adjustments.effective().filter(kind=Adjustment.Kind.VETO).exists()
