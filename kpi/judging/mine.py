"""My own assessment, year by year: the score as arithmetic, the grade and why, and what I may still ask for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from common.access import Access
from common.numerals import grouped, plain
from kpi.entry import pages
from kpi.judging.appealing import Clock, clock
from kpi.judging.words import grade_word, why_none
from kpi.models import Adjustment, Cycle, Result, Scorecard
from kpi.querysets import standings


@dataclass
class Year:
    """One year of mine. The grade and the place are there once they are published; the score as soon as it is."""

    card: Scorecard
    result: Result | None
    arithmetic: str
    word: str
    why: str
    place: str
    clock: Clock | None
    adjustments: list[Adjustment]

    @property
    def appeals(self) -> list[Any]:
        return list(self.result.appeals.all()) if self.result else []


def combined(result: Result | None, cycle: Cycle) -> str:
    """0.4 × 86.20 + 0.6 × 91.00 = 89.08; "" where the year does not weigh a bureau in."""
    if result is None or result.score is None or cycle.bureau_weight is None:
        return ""
    if result.own_score is None or result.bureau_score is None:
        return ""
    weight = cycle.bureau_weight
    told = {
        "w": plain(weight),
        "bureau": grouped(result.bureau_score, 2),
        "v": plain(Decimal(1) - weight),
        "own": grouped(result.own_score, 2),
        "score": grouped(result.score, 2),
    }
    return "{w} × {bureau} + {v} × {own} = {score}".format(**told)


def read(access: Access, on: dt.date, today: dt.date) -> list[Year]:
    """My years, the latest first. A set number of queries."""
    cards = Scorecard.objects.filter(kind="person", person=access.person_id, cycle__year__lte=on.year)
    cards = cards.named(on).with_progress().select_related("cycle__holder", "person", "unit", "result")
    found = list(cards.prefetch_related("result__appeals__decided_by").order_by("-cycle__year"))
    places = standings([card.pk for card in found])
    adjustments: dict[int, list[Adjustment]] = {card.pk: [] for card in found}
    for row in Adjustment.objects.effective().filter(scorecard__in=adjustments):
        adjustments[row.scorecard_id].append(row)
    return [_year(access, card, places.get(card.pk), adjustments[card.pk], today) for card in found]


def _year(access: Access, card: Scorecard, standing, adjustments: list[Adjustment], today: dt.date) -> Year:
    result = getattr(card, "result", None)
    known = card.cycle.state != Cycle.State.OPEN
    word = why = ""
    if result and known and card.person:
        result.scorecard = card
        word, why = grade_word(result.rating, card.person.identity), why_none(result, access)
    return Year(
        card,
        result,
        combined(result, card.cycle),
        word,
        why,
        pages.place(standing) if known else "",
        _clock(result, today) if result and known else None,
        adjustments,
    )


def _clock(result: Result, today: dt.date) -> Clock:
    try:
        return clock(result, today)
    except ValidationError as error:
        return Clock("", None, None, " ".join(error.messages))
