"""What stands beside the lines on a card's page: the combined score, adjustments, why there is no grade."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from common.access import Access
from common.numerals import grouped
from kpi.judging.adjust_views import shown, totals
from kpi.judging.mine import combined
from kpi.judging.words import sees_grade, why_none
from kpi.models import Adjustment, Cycle, Result, Scorecard


@dataclass
class Judged:
    arithmetic: str = ""
    rows: list[Adjustment] = field(default_factory=list)
    sums: dict[str, Any] = field(default_factory=dict)
    cap: Decimal | None = None
    adjusts: bool = False
    why: str = ""
    counted: str = ""


def read(access: Access, card: Scorecard, on: dt.date) -> Judged:
    """Of a card that was read with ``named`` and its result."""
    rows = list(card.adjustments.select_related("proposed_by", "decided_by", "instrument"))
    result = getattr(card, "result", None)
    own = card.person_id is not None and card.person_id == access.person_id
    open_ = card.cycle.state == Cycle.State.OPEN
    may = open_ and not own and access.scope(Scorecard.objects.filter(pk=card.pk), "adjust").exists()
    sums = totals(card.adjustments.all()) if rows else {}
    return Judged(
        arithmetic=combined(result, card.cycle),
        rows=shown(access, rows, on) if rows else [],
        sums=sums,
        cap=card.cycle.bonus_cap,
        adjusts=may,
        why=why_none(result, access) if result and sees_grade(access, card) else "",
        counted=_counted(result, sums),
    )


def _counted(result: Result | None, sums: dict[str, Any]) -> str:
    """The card's own score with its adjustments; "" where none has effect."""
    if result is None or not (sums and (sums["bonus"] or sums["deduction"])):
        return ""
    own = result.score if result.own_score is None else result.own_score
    return "" if own is None else grouped(own, 2)
