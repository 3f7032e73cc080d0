"""Grades: which a card may get, and who sets them, one by one or a page at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from common.access import Access
from common.actors import Actor
from common.audit import entry, facts, record_many
from common.databases import hold_rules
from common.stamps import refuse_stale, stamp_of
from kpi.models import Cycle, Rating, Result, Scorecard, Undetermined
from kpi.reckoning import refuse_closed
from kpi.rights import ratable

UNIT_RATINGS = (Rating.FIRST, Rating.SECOND, Rating.THIRD)
PERSON_RATINGS = (
    Rating.EXCELLENT,
    Rating.COMPETENT,
    Rating.BASIC,
    Rating.INCOMPETENT,
    Rating.UNDETERMINED,
)
#: Why somebody is left without a grade by hand; the rest follows from what is on file (determining.py).
BY_HAND = (Undetermined.NEWCOMER, Undetermined.LEFT)


def ratings_for(kind: str) -> tuple[Rating, ...]:
    """The grades that a kind of card may get: units and bureaus in three classes, people by ASM-01/02."""
    return PERSON_RATINGS if kind == Scorecard.Kind.PERSON else UNIT_RATINGS


def stamp(result: Result | None) -> str:
    """What a page showed of a card's result."""
    return stamp_of(result or Result(), Result.SEEN)


@dataclass(frozen=True)
class Grade:
    """What to set on a card: "" takes the grade back; ``reason`` is why there is none, ``seen`` the page's stamp."""

    rating: str
    reason: str = ""
    seen: str | None = None


@transaction.atomic
def set_rating(
    *, scorecard: Scorecard, rating: str, by: Actor, reason: str = "", seen: str | None = None, decision: str = ""
) -> Result:
    """Set or (with an empty rating) take back one card's grade; see ``set_ratings``."""
    wanted = {scorecard.pk: Grade(rating, reason, seen)}
    return set_ratings(cycle=scorecard.cycle, wanted=wanted, by=by, decision=decision)[scorecard.pk]


@transaction.atomic
def set_ratings(*, cycle: Cycle, wanted: Mapping[int, Grade], by: Actor, decision: str = "") -> dict[int, Result]:
    """Set the grades of many cards of a year, all or none; the quota of 优秀 is judged at the end.

    Never one's own, never on scores one entered. A person may be left 不定等次 without
    a score; every other grade needs one. ``decision`` is what a panel recorded where
    the published order left people equal. Raises ValidationError: "stale" when a card
    was graded since the page was opened, else the rule's id.
    """
    held = Cycle.objects.select_for_update(no_key=True).get(pk=cycle.pk)
    refuse_closed(held)
    if held.state == Cycle.State.PUBLISHED:
        text = _("%(year)s 考核结果已公布，等次只能凭复核、申诉决定变更，或在结案后补定")
        raise ValidationError(text % {"year": held.year}, code="KPI-PUBLISHED")
    cards = list(
        Scorecard.objects.select_for_update(of=("self",), no_key=True)
        .select_related("person", "cycle")
        .filter(pk__in=wanted, cycle=held)
        .order_by("pk")
    )
    _refuse_own(cards, by)
    results = {row.scorecard_id: row for row in Result.objects.filter(scorecard__in=cards)}
    entries, found = [], {}
    with hold_rules():
        for card in cards:
            grade = wanted[card.pk]
            result = results.get(card.pk)
            if grade.seen is not None:
                refuse_stale(stamp(result), grade.seen)
            result = result or Result(scorecard=card, is_example=card.is_example)
            found[card.pk] = result
            before = facts(result) if result.pk else None
            if not _put(card, result, grade, decision):
                continue
            entries.append(entry("rate", result, by=by, before=before, after=facts(result), reason=decision))
        record_many(entries)
    return found


def _refuse_own(cards: list[Scorecard], by: Actor) -> None:
    if by.user is None:
        return
    asked = Scorecard.objects.filter(pk__in=[card.pk for card in cards])
    if ratable(Access(by.user), asked).count() < len(cards):
        raise ValidationError(_("不能评定自己的等次，也不能评定自己录入分数的评分卡"), code="own_case")


def _put(card: Scorecard, result: Result, grade: Grade, decision: str) -> bool:
    """Write a grade; False when it stands already."""
    rating, reason = grade.rating, grade.reason
    if rating and rating not in ratings_for(card.kind):
        raise ValidationError({"rating": _("请从列出的等次中选择")}, code="unknown")
    if result.score is None and rating not in ("", Rating.UNDETERMINED):
        raise ValidationError({"rating": _("各项指标评完后才能评定等次")}, code="no_score")
    if rating != Rating.UNDETERMINED:
        reason = ""
    elif reason and reason not in BY_HAND and reason != result.undetermined:
        raise ValidationError({"rating": _("该原因由系统按登记的事实认定")}, code="unknown")
    else:
        reason = reason or result.undetermined
    if result.pk and (result.rating, result.undetermined) == (rating, reason):
        return False
    if result.undetermined != reason:
        result.facts = {}
    result.rating, result.undetermined = rating, reason
    result.decision = decision.strip()[:300]
    result.save()
    return True
