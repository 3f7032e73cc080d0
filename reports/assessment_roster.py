"""考核花名册: a unit's people in a year with scores and grades, as it is filed."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.http import Http404
from django.utils.translation import gettext as _

from common.access import Access
from kpi.judging.quotas import quotas
from kpi.judging.words import sees_grade, why_none, word_of
from kpi.models import Cycle, Rating, Scorecard
from reports.tables import Column, Report
from zones.models import Unit

KIND = "assessment-roster"
FORMATS = ("xlsx", "pdf")


def fetch(access: Access, key: str, on: dt.date) -> tuple[Report, Unit]:
    """``key`` is the year's id and the unit's code: 3-YZ. For whoever sees everybody's card there."""
    number, _dash, code = key.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        raise Http404
    cycle = access.get(Cycle.objects.select_related("holder"), noun="zone_cycle", pk=number)
    unit = Unit.objects.filter(code=code).named_on(min(on, dt.date(cycle.year, 12, 31))).first()
    if unit is None or not access.can_in(unit.pk, "view", "person_card"):
        raise Http404
    cards = access.scope(Scorecard.objects.filter(cycle=cycle, unit=unit, kind="person"))
    if not cards.exists():
        raise Http404
    return build(access, cycle, unit, cards, on), unit


def columns() -> list[Column]:
    return [
        Column("number", _("序号"), "integer", 6),
        Column("bureau", _("部门"), width=18),
        Column("staff_no", _("工号"), width=10),
        Column("name", _("姓名"), width=10),
        Column("identity", _("身份"), width=12),
        Column("bureau_score", _("部门得分"), "points", 10),
        Column("own_score", _("本人得分"), "points", 10),
        Column("score", _("综合得分"), "points", 10),
        Column("grade", _("等次"), width=12),
        Column("why", _("说明"), width=36),
    ]


def build(access: Access, cycle: Cycle, unit: Unit, cards, on: dt.date) -> Report:
    """By bureau and number; the quota's arithmetic and the count of each grade stand below."""
    found = cards.named(on).bureau_ordered(on).select_related("cycle", "person", "result")
    rows = list(found.order_by("bureau_order", "bureau", "person__staff_no"))
    report = Report(
        kind=KIND,
        title=_("%(year)s 年度考核花名册") % {"year": cycle.year},
        subject=unit.short_name,
        as_of=min(on, dt.date(cycle.year, 12, 31)),
        columns=columns(),
        basis={"cycle": cycle.pk, "unit": unit.code},
        example=any(card.is_example for card in rows),
    )
    for number, card in enumerate(rows, start=1):
        report.rows.append({"number": number, **_row(access, card)})
    quota = quotas(cycle, [unit.pk])[unit.pk]
    graded = [card for card in rows if sees_grade(access, card)]
    counts = Counter(card.result.rating for card in graded if getattr(card, "result", None) is not None)
    told = "，".join(f"{rating.label} {counts[rating]}" for rating in Rating if counts[rating])
    report.notes = [
        _("优秀名额（不含领导班子）：%(words)s") % {"words": quota.arithmetic},
        _("等次：%(words)s") % {"words": told or _("未评定")},
    ]
    return report


def _row(access: Access, card: Scorecard) -> dict:
    result, person = getattr(card, "result", None), card.person
    seen = result is not None and sees_grade(access, card)
    return {
        "bureau": card.bureau_name or _("领导班子"),
        "staff_no": person.staff_no if person else "",
        "name": person.name if person else "",
        "identity": str(person.get_identity_display()) if person else "",
        "bureau_score": result.bureau_score if result else None,
        "own_score": (result.own_score or result.score) if result else None,
        "score": result.score if result else None,
        "grade": word_of(card) if seen else "",
        "why": why_none(result, access) if seen and result else "",
    }
