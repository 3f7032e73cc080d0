"""Lines that do not apply to a card: said with a reason, their weight to their siblings, and back again."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from common.actors import Actor
from common.audit import facts, record
from common.databases import hold_rules
from kpi.models import Line, TargetChange
from kpi.promise.promising import promised
from kpi.reckoning import Book, refuse_scores
from kpi.rights import may
from zones.models import Instrument


@transaction.atomic
def set_applies(
    *, line: Line, not_applicable: str, version: int, by: Actor, instrument: Instrument | None = None
) -> Line:
    """Say that a line does not apply, and why; with an empty reason it applies again.

    On a signed card that is a change of what was promised, and needs the
    ``instrument`` it rests on. Raises ValidationError: a line with an actual, the
    last that applies, a closed or published year, somebody else's version.
    """
    book = Book.hold([line.scorecard_id])
    held = book.line(line.pk)
    card = book.cards[held.scorecard_id]
    refuse_scores(book.cycle_of(held))
    if not may("retarget", card, by):
        raise ValidationError(_("您没有调整这张评分卡指标的权限"), code="not_yours")
    reason = not_applicable.strip()
    if reason == held.not_applicable:
        return held
    if version != held.version:
        raise ValidationError(_("这一项已被他人改动，请刷新后再试"), code="stale")
    if reason and held.actual is not None:
        raise ValidationError({"not_applicable": ValidationError(_("本项已有完成值，请先由评分人清空"), code="scored")})
    others = [each for each in book.lines[card.pk] if each.pk != held.pk and not each.not_applicable]
    if reason and not others:
        raise ValidationError(
            {"not_applicable": ValidationError(_("至少要有一项适用，权重才有处分摊"), code="none_applies")}
        )
    signed = card.frozen_at or card.signatures.exists()
    if signed and instrument is None:
        raise ValidationError({"instrument": ValidationError(_("责任书已签订，须注明批文"), code="KPI-SIGNED")})
    before = facts(held)
    with hold_rules():
        if signed:
            _write_down(held, reason, instrument, by)
        held.not_applicable = reason
        held.version += 1
        held.save(update_fields=["not_applicable", "version"])
        book.settle()
    record("exempt", held, by=by, before=before, after=facts(held), reason=reason)
    return held


def _write_down(line: Line, reason: str, instrument: Instrument | None, by: Actor) -> None:
    """The change of what was promised, as the database asks for it before it lets the line go."""
    told = promised(line)
    TargetChange.objects.create(
        line=line,
        before=told,
        after=told | {"not_applicable": reason},
        reason=reason or _("恢复适用"),
        instrument=instrument,
        made_by=by.user,
    )
