"""Letters of responsibility (KPI责任书): signed by both sides, frozen, changed in mid-year only by an instrument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from kpi.models import Line, Scorecard, Signature, TargetChange
from kpi.promise.numbers import refuse_unless_hundred
from kpi.promise.promising import WEIGHTS, fault_of, lines_of, lock, missing, promised, stamp
from kpi.reckoning import reckon
from kpi.rights import may
from zones.models import Instrument

Side = Signature.Side


@transaction.atomic
def sign(*, scorecard: Scorecard, side: str, by: Actor, seen: str | None = None) -> Scorecard:
    """Sign a card for one side; with the second side's signature it is frozen.

    Two different people sign, each with the right of his side, and both for the
    same promise: ``seen`` is the ``stamp`` of what was read. Raises
    ValidationError for a promise that is not complete. Who signed already and
    signs again changes nothing.
    """
    card = lock(scorecard)
    there = {row.side: row for row in card.signatures.select_related("user")}
    if by.user is None:
        raise ValidationError(_("须由本人签字"), code="not_yours")
    if side in there and there[side].user_id == by.user.pk:
        return card
    if not may(f"sign_{side}", card, by):
        raise ValidationError(_("您不能在这一方签字"), code="not_yours")
    if side in there:
        raise ValidationError(_("%(who)s已在这一方签字") % {"who": there[side].user}, code="signed")
    if any(row.user_id == by.user.pk for row in there.values()):
        raise ValidationError(_("双方须由不同的人签字，您已代表另一方签字"), code="KPI-SIGNED")
    lines = lines_of(card)
    _refuse_incomplete(lines)
    if seen is not None and seen != stamp(lines):
        raise ValidationError(_("责任书的内容刚有变动，请重新核对后签字"), code="stale")
    with hold_rules():
        signature = Signature.objects.create(scorecard=card, side=side, user=by.user)
        if len(there) == len(Side) - 1:
            card.frozen_at = timezone.now()
            card.save(update_fields=["frozen_at"])
    after = {"side": side, "frozen": card.frozen_at, "promise": stamp(lines)}
    audit.record("sign", signature, by=by, after=audit.facts(signature) | after)
    return card


def _refuse_incomplete(lines: Sequence[Line]) -> None:
    if not lines:
        raise ValidationError(_("责任书还没有指标，不能签字"), code="incomplete")
    refuse_unless_hundred([line.weight for line in lines], WEIGHTS)
    if lacks := [told for told in map(missing, lines) if told]:
        raise ValidationError(_("；").join(lacks) + _("，不能签字"), code="incomplete")


@dataclass
class Signed:
    """What came of signing many at once: the cards signed, and each that was refused with the reason."""

    signed: list[Scorecard] = field(default_factory=list)
    refused: list[tuple[Scorecard, str]] = field(default_factory=list)


def sign_many(*, scorecards: Mapping[Scorecard, str], side: str, by: Actor) -> Signed:
    """Sign many cards, each for the promise that was read (its ``stamp``); one that is refused stops no other.

    Each is a deed of its own, in order of its key.
    """
    out = Signed()
    for card in sorted(scorecards, key=lambda each: each.pk):
        try:
            sign(scorecard=card, side=side, by=by, seen=scorecards[card])
        except ValidationError as error:
            out.refused.append((card, "；".join(error.messages)))
        else:
            out.signed.append(card)
    return out


@dataclass(frozen=True)
class Retarget:
    """A line as it shall be from now on; an empty ``not_applicable`` means that it applies."""

    weight: Decimal
    target: Decimal | None
    challenge: Decimal | None = None
    not_applicable: str = ""


@transaction.atomic
def retarget(
    *,
    scorecard: Scorecard,
    changes: Mapping[int, Retarget],
    reason: str,
    instrument: Instrument,
    by: Actor,
    seen: str | None = None,
) -> list[TargetChange]:
    """Change what a signed card promised, by an instrument; points follow the version in force.

    ``changes`` are by the line's key; what does not change is left out. Raises
    ValidationError for a card nobody signed (edit it instead), a stale page,
    weights that do not sum to 100, and a closed or published year.
    """
    card = lock(scorecard)
    if not may("retarget", card, by):
        raise ValidationError(_("您不能调整这张责任书的目标"), code="not_yours")
    if not card.frozen_at and not card.signatures.exists():
        raise ValidationError(_("责任书还没有签字，请直接修改"), code="not_signed")
    if not reason.strip():
        raise ValidationError({"reason": _("请填写理由")}, code="required")
    lines = lines_of(card)
    if seen is not None and seen != stamp(lines):
        raise ValidationError(_("责任书刚被他人修改，请刷新后核对；您填的内容仍在下面"), code="stale")
    if unknown := changes.keys() - {line.pk for line in lines}:
        raise ValidationError(_("没有第 %(n)s 项") % {"n": min(unknown)}, code="unknown")
    changed = [(line, changes[line.pk]) for line in lines if line.pk in changes and _differs(line, changes[line.pk])]
    if not changed:
        raise ValidationError(_("没有改动任何目标"), code="nothing")
    _judge(lines, changed)
    with hold_rules():
        made = [_change(line, to, reason.strip(), instrument, by) for line, to in changed]
        reckon(card)
    return made


def _differs(line: Line, to: Retarget) -> bool:
    return (line.weight, line.target, line.challenge, line.not_applicable) != (
        to.weight, to.target, to.challenge, to.not_applicable,
    )  # fmt: skip


def _judge(lines: Sequence[Line], changed: Sequence[tuple[Line, Retarget]]) -> None:
    to = {line.pk: each for line, each in changed}
    refuse_unless_hundred([to[line.pk].weight if line.pk in to else line.weight for line in lines], WEIGHTS)
    places = {line.pk: place for place, line in enumerate(lines)}
    faults = []
    for line, each in changed:
        fault = "" if each.not_applicable else fault_of(line.indicator, each.target, line.previous)
        if each.not_applicable and line.actual is not None:
            fault = _("已有完成值，请先清除，再定为不适用")
        elif not each.not_applicable and each.target is None and line.target is not None:
            fault = _("目标值不能清空")
        if fault:
            told = f"{line.indicator.shown_name}：{fault}"
            faults.append(ValidationError(told.replace("%", "%%"), code="undefined", params={"line": places[line.pk]}))
    if all((to[line.pk].not_applicable if line.pk in to else line.not_applicable) for line in lines):
        faults.append(ValidationError(_("至少要有一项指标适用"), code="none_applies"))
    if faults:
        raise ValidationError(faults)


def _change(line: Line, to: Retarget, reason: str, instrument: Instrument, by: Actor) -> TargetChange:
    before = promised(line)
    line.weight, line.target, line.challenge, line.not_applicable = (
        to.weight,
        to.target,
        to.challenge,
        to.not_applicable,
    )
    row = TargetChange.objects.create(
        line=line, before=before, after=promised(line), reason=reason, instrument=instrument, made_by=by.user
    )
    line.version += 1
    line.save(update_fields=["weight", "target", "challenge", "not_applicable", "version"])
    audit.record("retarget", line, by=by, before=before, after=row.after, reason=reason)
    return row


def versions(card: Scorecard) -> list[dict[str, Any]]:
    """Every target change of a card in order: what was, what is since, by which instrument."""
    rows = TargetChange.objects.filter(line__scorecard=card).order_by("pk")
    found = []
    for row in rows.select_related("line__indicator", "instrument", "made_by"):
        told = [(name, row.before.get(name), row.after.get(name)) for name in row.after]
        changes = [(name, was, now) for name, was, now in told if was != now]
        found.append({"row": row, "indicator": row.line.indicator, "changes": changes})
    return found
