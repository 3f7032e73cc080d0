"""What follows from the grades of a year (ASM-10, ASM-11): a list for the office that carries it out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kpi.judging.words import SERVANTS, grade_word
from kpi.models import Cycle, Rating, Result, Scorecard

#: Years whose grades count: they are published.
KNOWN = (Cycle.State.PUBLISHED, Cycle.State.CLOSED)


@dataclass(frozen=True)
class Consequence:
    """A person, his grade, and what the rule says follows from it."""

    card: Scorecard
    word: str
    rule: str
    what: str


def consequences(cycle: Cycle) -> list[Consequence]:
    """Of everybody whose grade has any, the grades of two years before with it."""
    wanted = (Rating.EXCELLENT, Rating.BASIC, Rating.INCOMPETENT)
    cards = Scorecard.objects.filter(cycle=cycle, kind="person", result__rating__in=wanted)
    cards = cards.select_related("person", "unit", "bureau", "result", "cycle")
    rows = list(cards.order_by("unit__sequence", "bureau", "person__staff_no"))
    before = _before(cycle, [card.person_id for card in rows if card.person_id])
    found = []
    for card in rows:
        if card.person is None:
            continue
        rule, what = _follows(card, before[card.person.pk])
        word = grade_word(card.result.rating, card.person.identity)
        found.append(Consequence(card, word, rule, what))
    return found


def _before(cycle: Cycle, people: list[int]) -> dict[int, dict[int, str]]:
    rows = Result.objects.filter(
        scorecard__person__in=people,
        scorecard__cycle__year__range=(cycle.year - 2, cycle.year - 1),
        scorecard__cycle__state__in=KNOWN,
    )
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for person, year, rating in rows.values_list("scorecard__person", "scorecard__cycle__year", "rating"):
        found[person][year] = rating
    return found


def _follows(card: Scorecard, before: dict[int, str]) -> tuple[str, str]:
    rating, year = card.result.rating, card.cycle.year
    servant = card.person is not None and card.person.identity in SERVANTS
    if rating == Rating.EXCELLENT:
        if all(before.get(year - n) == Rating.EXCELLENT for n in (1, 2)):
            return "ASM-10", _("连续三年优秀：记三等功")
        return "ASM-10", _("当年给予嘉奖")
    if rating == Rating.BASIC:
        return "ASM-10", _("诫勉，限期改进，本年度不计任职年限")
    if before.get(year - 1) == Rating.INCOMPETENT:
        return "ASM-11", _("连续两年不称职：予以辞退") if servant else _("连续两年不合格：可以解除聘用合同")
    return "ASM-11", _("降低一个职务职级层次") if servant else _("调整岗位或降低岗位等级")
