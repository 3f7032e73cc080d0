"""Who has no grade, and why: proposed from what is on file, then kept with the facts behind it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from common.actors import Actor
from common.audit import entry, facts, record, record_many
from common.databases import hold_rules
from kpi.judging.grading import PERSON_RATINGS
from kpi.models import Cycle, Rating, Result, Scorecard, Undetermined
from kpi.rights import may_rate
from kpi.rules.grades import BARRING


@dataclass(frozen=True)
class Bar:
    """A fact that keeps a card from a grade (``bar`` none), or from 优秀 (excellent); ``left`` only proposes."""

    card: int
    rule: str
    bar: str
    facts: dict[str, Any]

    @property
    def sentence(self) -> str:
        rule = BARRING.get(self.rule)
        return rule.sentence(self.facts) if rule else str(Undetermined(self.rule).label)


def bars(cards: list[int]) -> dict[int, list[Bar]]:
    """What on file stands against a grade, by card: the same function that PostgreSQL refuses by."""
    with connection.cursor() as cursor:
        cursor.execute("select scorecard_id, rule, bar, facts from kpi_bars(%s) order by 1, 2", [cards])
        rows = cursor.fetchall()
    found: dict[int, list[Bar]] = {}
    for card, rule, bar, said in rows:
        found.setdefault(card, []).append(Bar(card, rule, bar, json.loads(said) if isinstance(said, str) else said))
    return found


@dataclass(frozen=True)
class Proposal:
    """What ``determine`` would do to a card: leave it without a grade for ``bar``, or open it again (``bar`` None)."""

    card: Scorecard
    bar: Bar | None
    also: list[Bar] = field(default_factory=list)

    @property
    def loses(self) -> str:
        """The grade that it has and may not keep."""
        result = getattr(self.card, "result", None)
        return result.rating if result and result.rating not in ("", Rating.UNDETERMINED) else ""


def preview(cycle: Cycle) -> list[Proposal]:
    """Every card whose state differs from what is on file; nothing is written."""
    asked = Scorecard.objects.filter(cycle=cycle, kind="person").select_related("person", "bureau", "unit", "result")
    cards = list(asked.order_by("unit__sequence", "bureau", "person__staff_no"))
    against = bars([card.pk for card in cards])
    found = []
    for card in cards:
        result = getattr(card, "result", None)
        mine = [bar for bar in against.get(card.pk, []) if bar.bar != "excellent"]
        now = result.undetermined if result else ""
        first = mine[0] if mine else None
        if first and now not in {bar.rule for bar in mine}:
            found.append(Proposal(card, first, mine[1:]))
        elif not mine and now in BARRING:
            found.append(Proposal(card, None))
    return found


@transaction.atomic
def determine(*, cycle: Cycle, by: Actor) -> list[Proposal]:
    """Set 不定等次 with rule and facts where something on file says so; open again what nothing keeps any more.

    What somebody decided by hand (newcomer, left) stays. Done twice, it changes nothing.
    In a published year whoever a case kept open is graded one by one (``settle``).
    """
    held = Cycle.objects.select_for_update(no_key=True).get(pk=cycle.pk)
    if held.state == Cycle.State.CLOSED:
        raise ValidationError(_("%(year)s 考核年度已关闭，不能再修改") % {"year": held.year}, code="KPI-CLOSED")
    if held.state == Cycle.State.PUBLISHED:
        raise ValidationError(_("考核结果已公布；立案结案后逐人补定"), code="KPI-PUBLISHED")
    proposals = preview(held)
    entries = []
    with hold_rules():
        for each in proposals:
            result = getattr(each.card, "result", None) or Result(scorecard=each.card, is_example=each.card.is_example)
            before = facts(result) if result.pk else None
            result.undetermined = each.bar.rule if each.bar else ""
            result.rating = Rating.UNDETERMINED if each.bar else ""
            result.facts = each.bar.facts if each.bar else {}
            result.save()
            entries.append(entry("determine", result, by=by, before=before, after=facts(result)))
        record_many(entries)
    return proposals


@transaction.atomic
def settle(*, card: Scorecard, rating: str, by: Actor, reason: str = "") -> Result:
    """Set the grade that a case kept open, once it is closed (补定, ASM-08), in a year that is published.

    Raises ValidationError while the case is open, and for a grade that was not waiting.
    """
    held = Scorecard.objects.select_for_update(of=("self",), no_key=True).select_related("cycle").get(pk=card.pk)
    result = Result.objects.filter(scorecard=held).first()
    waits = result is not None and result.undetermined == Undetermined.OPEN_CASE
    if result is None or not waits or held.cycle.state != Cycle.State.PUBLISHED:
        raise ValidationError(_("该等次不在补定之列"), code="KPI-PUBLISHED")
    if not may_rate(held, by):
        raise ValidationError(_("不能评定自己的等次，也不能评定自己录入分数的评分卡"), code="own_case")
    if rating not in PERSON_RATINGS[:4]:
        raise ValidationError({"rating": _("请从列出的等次中选择")}, code="unknown")
    before = facts(result)
    result.rating, result.undetermined, result.facts = rating, "", {}
    with hold_rules():
        result.save()
    record("settle_grade", result, by=by, before=before, after=facts(result), reason=reason)
    return result
