"""What a card promises, before it is signed: its lines as a sheet, each judged for what it could be scored on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from kpi import explain, points, scoring
from kpi.models import Indicator, Line, Scorecard
from kpi.points import Delivered
from kpi.promise.numbers import refuse_unless_hundred, shown
from kpi.reckoning import reckon, refuse_scores
from kpi.rights import may

WEIGHTS = "KPI-WEIGHTS"
#: What each method cannot be scored without.
NEEDS = {
    Indicator.Method.COMPLETION: "target",
    Indicator.Method.PLUS_MINUS: "target",
    Indicator.Method.FLAT: "previous",
}


@dataclass(frozen=True)
class Wanted:
    """A line as it shall be; ``serves`` is the line above that it works for."""

    indicator: Indicator
    weight: Decimal
    group: str = ""
    previous: Decimal | None = None
    target: Decimal | None = None
    challenge: Decimal | None = None
    serves_id: int | None = None


def promised(line: Line) -> dict[str, Any]:
    """What a line promises, as PostgreSQL's ``kpi_promised`` has it and a target change writes it down."""
    numbers = {name: getattr(line, name) for name in ("weight", "previous", "target", "challenge")}
    told = {name: None if value is None else shown(value) for name, value in numbers.items()}
    return {"indicator": line.indicator_id, **told, "not_applicable": line.not_applicable}


def stamp(lines: Sequence[Line]) -> str:
    """What a page about the promise was made from: whoever signs, signs for exactly this."""
    told = [[line.pk, line.group, line.sequence, line.serves_id, promised(line)] for line in lines]
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def lines_of(card: Scorecard) -> list[Line]:
    return list(card.lines.select_related("indicator").order_by("sequence", "pk"))


def lock(card: Scorecard) -> Scorecard:
    """The card under lock, in a year that still takes promises."""
    row = (
        Scorecard.objects.select_for_update(of=("self",), no_key=True).select_related("cycle", "person").get(pk=card.pk)
    )
    refuse_scores(row.cycle)
    return row


def fault_of(indicator: Indicator, target: Decimal | None, previous: Decimal | None) -> str:
    """Why no points could follow from such a promise, whatever is delivered; "" when they can.

    A target of 0 under a completion rate is told here, when it is promised, and
    not at the end of the year. What is still empty is no fault yet.
    """
    needed = {"target": target, "previous": previous}.get(NEEDS.get(Indicator.Method(indicator.method), ""))
    if needed is None:
        return ""
    try:
        points.score_line(indicator.method, 1, Delivered(1, target, previous, [1]), indicator.parameters)
    except scoring.UndefinedScore as error:
        return explain.undefined(error)
    return ""


def missing(line: Line) -> str:
    """What a line still lacks before it can be signed for; "" when it lacks nothing."""
    needed = NEEDS.get(Indicator.Method(line.indicator.method))
    if line.not_applicable or needed is None or getattr(line, needed) is not None:
        return ""
    return _("「%(name)s」还没有%(what)s") % {
        "name": line.indicator.shown_name,
        "what": _("目标值") if needed == "target" else _("上年实绩"),
    }


@transaction.atomic
def promise(*, scorecard: Scorecard, wanted: Sequence[Wanted], by: Actor, seen: str | None = None) -> Scorecard:
    """Write a card's lines as they shall be, before anybody has signed.

    A line whose indicator stays keeps its row and what was delivered; points
    follow. Raises ValidationError for a card that somebody signed, one that is
    not as ``seen`` any more (a ``stamp``), weights that do not sum to 100, a
    line without which something delivered would be lost, and one that no points
    could follow from. Saying again what stands changes nothing.
    """
    card = lock(scorecard)
    if not may("promise", card, by):
        raise ValidationError(_("您不能编制这张责任书"), code="not_yours")
    if card.frozen_at or card.signatures.exists():
        raise ValidationError(_("责任书已有一方签字，目标只能凭批文调整"), code="KPI-SIGNED")
    there = {line.indicator_id: line for line in lines_of(card)}
    before = [audit.facts(line) for line in there.values()]
    if _as_told(wanted) == [_told(line) for line in there.values()]:
        return card
    if seen is not None and seen != stamp(list(there.values())):
        raise ValidationError(_("责任书刚被他人修改，请刷新后核对；您填的内容仍在下面"), code="stale")
    refuse_unless_hundred([each.weight for each in wanted], WEIGHTS)
    _judge(wanted)
    _refuse_losing(there, wanted)
    with hold_rules():
        _put(card, there, wanted)
        reckon(card)
    after = [audit.facts(line) for line in lines_of(card)]
    audit.record("promise", card, by=by, before={"lines": before}, after={"lines": after})
    return card


def _as_told(wanted: Sequence[Wanted]) -> list[tuple]:
    return [
        (each.indicator.pk, each.weight, each.group, each.previous, each.target, each.challenge, each.serves_id)
        for each in wanted
    ]


def _told(line: Line) -> tuple:
    return (
        line.indicator_id, line.weight, line.group, line.previous, line.target, line.challenge, line.serves_id,
    )  # fmt: skip


def _judge(wanted: Sequence[Wanted]) -> None:
    """Every line by itself; each refusal says which line (``params["line"]``, from 0) it is of."""
    faults = []
    for place, each in enumerate(wanted):
        if fault := fault_of(each.indicator, each.target, each.previous):
            told = f"{each.indicator.shown_name}：{fault}"
            faults.append(ValidationError(told.replace("%", "%%"), code="undefined", params={"line": place}))
    if faults:
        raise ValidationError(faults)


def _refuse_losing(there: dict[int, Line], wanted: Sequence[Wanted]) -> None:
    kept = {each.indicator.pk for each in wanted}
    for line in there.values():
        if line.indicator_id in kept:
            continue
        name = {"name": line.indicator.shown_name}
        if line.actual is not None or line.evidence.exists():
            raise ValidationError(_("「%(name)s」已有完成值或佐证材料，不能去掉") % name, code="delivered")
        if line.served_by.exists():
            raise ValidationError(_("「%(name)s」有下级指标支撑，不能去掉") % name, code="served")


def _put(card: Scorecard, there: dict[int, Line], wanted: Sequence[Wanted]) -> None:
    """The lines become these, in this order; the weights are judged once, at the end."""
    card.lines.exclude(indicator__in=[each.indicator.pk for each in wanted]).delete()
    fresh, kept = [], []
    for sequence, each in enumerate(wanted, start=1):
        line = there.get(each.indicator.pk) or Line(scorecard=card, indicator=each.indicator)
        line.sequence, line.weight, line.group = sequence, each.weight, each.group
        line.previous, line.target, line.challenge = each.previous, each.target, each.challenge
        line.serves_id = each.serves_id
        if line.pk:
            line.version += 1
        (kept if line.pk else fresh).append(line)
    columns = ["sequence", "weight", "group", "previous", "target", "challenge", "serves", "version"]
    Line.objects.bulk_update(kept, columns)
    Line.objects.bulk_create(fresh)
