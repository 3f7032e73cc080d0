"""Verbs of payouts: what an approved run pays now, what the term's result releases, what had waited (F05, PAY-07).

Drafted by one, released by another. Of whoever has an open case, or no account
when the payout is released, the amount waits in its line; it is paid later by a
payout of what was held. Whose case is settled without a change need not wait for a
correction (``waiting.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from pay.life.waiting import held_people
from pay.models import Allocation, BankAccount, Payout, PayoutLine, Run, TermResult
from pay.parts import current_parts, deferred_parts, released_parts
from zones.models import Instrument, Unit

Amounts = dict[int, Decimal]
Part, State, Why = Payout.Part, Payout.State, PayoutLine.Why


def entitled(run: Run, part: str, term: Decimal | None = None) -> Amounts:
    """What a run by itself gives to each person in that part, in yuan, in roster order."""
    rows = Allocation.objects.filter(run=run).order_by("share__sequence", "sequence")
    people, amounts = [], []
    for person, amount in rows.values_list("person", "amount"):
        people.append(person)
        amounts.append(amount)
    ratio = run.scheme.current_ratio  # type: ignore[union-attr]  # what was computed has a scheme
    if part == Part.CURRENT:
        parts = current_parts(amounts, ratio)
    else:
        parts = released_parts(deferred_parts(amounts, ratio), term if term is not None else Decimal(1))
    found: Amounts = {}
    for person, amount in zip(people, parts, strict=True):
        found[person] = found.get(person, Decimal(0)) + amount
    return found


def owed(run: Run, part: str, term: Decimal | None = None) -> Amounts:
    """What a payout of that part pays: of a correction the difference with what it corrects; nobody with nothing."""
    now = entitled(run, part, term)
    before = entitled(run.corrects, part, term) if run.corrects else {}
    amounts = {person: now.get(person, Decimal(0)) - before.get(person, Decimal(0)) for person in now | before}
    return {person: amount for person, amount in amounts.items() if amount}


@transaction.atomic
def draft_payout(*, run: Run, part: str, by: Actor) -> Payout:
    """Draw up a payout of an approved run's current or deferred part; asked for twice, it is drawn up once.

    Raises ValidationError where the run is not approved, what it corrects was not
    paid yet, the term's result is not known, or it releases more than it may (PAY-08).
    """
    row = _locked_run(run)
    if there := Payout.objects.filter(run=row, part=part).first():
        return there
    term = _term_of(row) if part == Part.DEFERRED else None
    if row.corrects_id and not Payout.objects.filter(run=row.corrects_id, part=part, state=State.RELEASED).exists():
        raise ValidationError(_("被更正的核算 %(run)s 的这一部分尚未发放，请先发放") % {"run": row.corrects_id})
    amounts = owed(row, part, term.ratio if term else None)
    waiting = held_people(row)
    accounts = accounts_of(amounts)
    payout = Payout(run=row, part=part, term_result=term, drafted_by=by.user)
    payout.total = sum(amounts.values(), Decimal(0))
    lines = [
        PayoutLine(
            payout=payout,
            person_id=person,
            sequence=sequence,
            amount=amount,
            held=person in waiting,
            why=Why.CASE if person in waiting else "",
            account=accounts.get(person),
        )
        for sequence, (person, amount) in enumerate(amounts.items(), start=1)
    ]
    return _stored(payout, lines, by)


@transaction.atomic
def draft_held(*, run: Run, by: Actor) -> Payout:
    """Draw up a payout of all that waits in the unit's year and need not wait any longer.

    Whoever has a line without end of case is left out, and whoever has no account
    yet. Raises ValidationError when nothing can be paid.
    """
    row = _locked_run(run)
    if there := Payout.objects.filter(run=row, part=Part.HELD, state=State.DRAFTED).first():
        return there
    lines, accounts = payable(row)
    if not lines:
        raise ValidationError(_("没有可以补发的金额：尚未结案，或仍无银行账户"))
    payout = Payout(run=row, part=Part.HELD, drafted_by=by.user)
    payout.total = sum((line.amount for line in lines), Decimal(0))
    fresh = [
        PayoutLine(
            payout=payout,
            person_id=line.person_id,
            sequence=sequence,
            amount=line.amount,
            settles=line,
            account=accounts.get(line.person_id),
        )
        for sequence, line in enumerate(lines, start=1)
    ]
    return _stored(payout, fresh, by)


@transaction.atomic
def release_payout(*, payout: Payout, by: Actor, leave_out: bool = False) -> Payout:
    """Release a payout (发放). Not by whoever drew it up; its lines never change after that.

    Accounts are looked up once more. Where some are missing it is refused, naming
    who, unless ``leave_out`` says that they shall wait.
    """
    row = _locked(payout)
    user = by.user
    if user is None:
        raise ValidationError(_("须由本人办理"))
    if row.state == State.RELEASED:
        if row.released_by_id == user.pk:
            return row
        raise ValidationError(_("已由 %(who)s 发放") % {"who": row.released_by}, code="stale")
    if row.drafted_by_id == user.pk:
        raise ValidationError(_("制单人不能审核自己的发放批次"), code="own_case")
    lines = list(row.lines.filter(held=False).select_related("person"))
    accounts = accounts_of(line.person_id for line in lines)
    net = net_of(lines)
    without = [line for line in lines if net[line.person_id] > 0 and line.person_id not in accounts]
    if without and (not leave_out or row.part == Part.HELD):
        raise ValidationError(
            _("%(count)s 人没有银行账户：%(who)s。请先登记账户，或确认先发其他人")
            % {"count": len(without), "who": _named(without)},
            code="no_account",
        )
    for line in lines:
        line.account = accounts.get(line.person_id)
    for line in without:
        line.held, line.why = True, Why.ACCOUNT
    PayoutLine.objects.bulk_update(lines, ["account", "held", "why"], batch_size=1000)
    row.state, row.released_by, row.released_at = State.RELEASED, user, timezone.now()
    with hold_rules():
        row.save(update_fields=["state", "released_by", "released_at"])
    after = {"state": "released", "total": row.total, "left_out": [line.person_id for line in without]}
    audit.record("release_payout", row, by=by, before={"state": "drafted"}, after=after)
    return row


@transaction.atomic
def discard_payout(*, payout: Payout, by: Actor, reason: str = "") -> None:
    """Take back a payout that was not released."""
    row = _locked(payout)
    if row.state == State.RELEASED:
        raise ValidationError(_("已发放的批次不能修改或删除"), code="PAY-PAID")
    facts = {"run": row.run_id, "part": row.part, "total": row.total}
    audit.record("discard_payout", row, by=by, before=facts, after={}, reason=reason)
    with hold_rules():
        row.lines.all().delete()
        row.delete()


@transaction.atomic
def record_term(
    *,
    unit: Unit,
    first_year: int,
    last_year: int,
    qualified: bool,
    ratio: Decimal,
    instrument: Instrument,
    by: Actor,
    cap: Decimal | None = None,
) -> TermResult:
    """Put a term's result on file (任期考核): how much of what was deferred it releases.

    ``cap``, where the instrument sets one, is the most that may be released, as a
    ratio of what the term's years gave; else the charter's counts (PAY-08). It is asked
    now, when a run of the term is approved later, and when its deferred part is drawn
    up (``rules_held.sql``). Raises ValidationError.
    """
    if not qualified and ratio:
        raise ValidationError({"ratio": _("不合格的，兑现比例为 0")})
    if last_year > timezone.localdate().year:
        raise ValidationError({"last_year": _("任期尚未结束")})
    result = TermResult(
        unit=unit,
        first_year=first_year,
        last_year=last_year,
        qualified=qualified,
        ratio=ratio,
        cap=cap,
        instrument=instrument,
        decided_by=by.user,
        is_example=instrument.is_example,
    )
    try:
        with hold_rules():
            result.full_clean(validate_unique=False, validate_constraints=False)
            result.save(force_insert=True)
    except ValidationError as error:
        if getattr(error, "code", "") == "PAY-08":
            raise ValidationError({"ratio": error.messages}) from error
        raise
    audit.record("record_term", result, by=by)
    return result


# --- reads ------------------------------------------------------------------------------------------


def accounts_of(people: Iterable[int]) -> dict[int, BankAccount]:
    """The account in force today of each who has one."""
    rows = BankAccount.objects.on(timezone.localdate()).filter(person__in=list(people))
    return {row.person_id: row for row in rows}


def waiting_lines(run: Run):
    """Every line of the unit's year that was held in a released payout and not paid since."""
    year = Q(payout__run__unit=run.unit_id, payout__run__year=run.year, payout__state=State.RELEASED)
    return PayoutLine.objects.filter(year, held=True, settled_by=None).order_by("payout", "sequence")


def payable(run: Run) -> tuple[list[PayoutLine], dict[int, BankAccount]]:
    """Of what waits, the lines that need not wait any longer, with the accounts they go to.

    A person's lines go together: what a correction took back must not outlive what it took it from.
    """
    lines = list(waiting_lines(run).select_related("person"))
    waiting = held_people(run)
    accounts = accounts_of(line.person_id for line in lines)
    owed_now: Amounts = {}
    for line in lines:
        owed_now[line.person_id] = owed_now.get(line.person_id, Decimal(0)) + line.amount
    ready = {
        person for person, amount in owed_now.items() if person not in waiting and (person in accounts or amount <= 0)
    }
    return [line for line in lines if line.person_id in ready], accounts


def net_of(lines: Iterable[PayoutLine]) -> Amounts:
    """What the lines come to for each person, in yuan, in their order."""
    net: Amounts = {}
    for line in lines:
        net[line.person_id] = net.get(line.person_id, Decimal(0)) + line.amount
    return net


def _term_of(run: Run) -> TermResult:
    term = TermResult.objects.filter(unit=run.unit_id, first_year__lte=run.year, last_year__gte=run.year).first()
    if term is None:
        raise ValidationError(_("递延部分凭任期考核结果兑现；%(year)s 年所在任期的结果尚未登记") % {"year": run.year})
    return term


def _named(lines: Sequence[PayoutLine]) -> str:
    return "、".join(line.person.name for line in lines[:10]) + ("…" if len(lines) > 10 else "")


def _locked_run(run: Run) -> Run:
    rows = Run.objects.select_for_update(of=("self",)).defer("inputs", "trace")
    row = rows.select_related("unit", "scheme", "corrects__scheme").get(pk=run.pk)
    if row.state != Run.State.APPROVED:
        raise ValidationError(_("只有已审批的核算才能发放"), code="PAY-PAYOUT")
    return row


def _locked(payout: Payout) -> Payout:
    rows = Payout.objects.select_for_update(of=("self",)).select_related("released_by")
    row = rows.filter(pk=payout.pk).first()
    if row is None:
        raise ValidationError(_("该批次已撤销"), code="stale")
    return row


def _stored(payout: Payout, lines: list[PayoutLine], by: Actor) -> Payout:
    with hold_rules():
        payout.save(force_insert=True)
        PayoutLine.objects.bulk_create(lines, batch_size=1000)
    told: dict[str, Any] = {"run": payout.run_id, "part": payout.part, "total": payout.total, "lines": len(lines)}
    audit.record("draft_payout", payout, by=by, after=told)
    return payout
