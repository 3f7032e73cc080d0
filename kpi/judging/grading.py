"""Grades: which a card may get, who sets them, and the end of a year."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from common.actors import Actor
from common.audit import facts, record
from common.databases import hold_rules
from kpi.models import Cycle, Rating, Result, Scorecard
from kpi.reckoning import refuse_closed
from kpi.rights import may_rate

UNIT_RATINGS = (Rating.FIRST, Rating.SECOND, Rating.THIRD)
PERSON_RATINGS = (
    Rating.EXCELLENT,
    Rating.COMPETENT,
    Rating.BASIC,
    Rating.INCOMPETENT,
    Rating.UNDETERMINED,
)


def ratings_for(kind: str) -> tuple[Rating, ...]:
    """The grades that a kind of card may get: units and bureaus in three classes, people by ASM-01/02."""
    return PERSON_RATINGS if kind == Scorecard.Kind.PERSON else UNIT_RATINGS


@transaction.atomic
def set_rating(*, scorecard: Scorecard, rating: str, by: Actor) -> Result:
    """Set or (with an empty rating) take back a card's grade; never one's own, never on scores one entered.

    A person may be left 不定等次 without a score; every other grade needs one.
    """
    cards = Scorecard.objects.select_for_update(of=("self",), no_key=True).select_related("cycle")
    card = cards.get(pk=scorecard.pk)
    refuse_closed(card.cycle)
    if not may_rate(card, by):
        raise ValidationError(_("不能评定自己的等次，也不能评定自己录入分数的评分卡"), code="own_case")
    if rating and rating not in ratings_for(card.kind):
        raise ValidationError({"rating": _("请从列出的等次中选择")}, code="unknown")
    result = Result.objects.filter(scorecard=card).first() or Result(scorecard=card, is_example=card.is_example)
    if result.score is None and rating not in ("", Rating.UNDETERMINED):
        raise ValidationError({"rating": _("各项指标评完后才能评定等次")}, code="no_score")
    before = facts(result) if result.pk else None
    result.rating = rating
    with hold_rules():
        result.save()
    record("rate", result, by=by, before=before, after=facts(result))
    return result


@transaction.atomic
def close_cycle(*, cycle: Cycle, by: Actor) -> Cycle:
    """Close a year: from then on the database refuses every score, grade and card of it.

    Refused while a card has no score, unless its person was left 不定等次.
    """
    cycle = Cycle.objects.select_for_update(no_key=True).get(pk=cycle.pk)
    refuse_closed(cycle)
    unscored = Q(result__isnull=True) | Q(result__score__isnull=True) & ~Q(result__rating=Rating.UNDETERMINED)
    if left := cycle.scorecards.filter(unscored).count():
        message = _("还有 %(count)s 张评分卡没有评完，不能关闭 %(year)s 年度")
        raise ValidationError(message % {"count": left, "year": cycle.year}, code="unfinished")
    before = facts(cycle)
    cycle.state = Cycle.State.CLOSED
    cycle.save(update_fields=["state"])
    record("close", cycle, by=by, before=before, after=facts(cycle))
    return cycle
