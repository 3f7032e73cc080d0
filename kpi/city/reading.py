"""Reads of a city's assessment year: who stands where among his own sort, now and the year before.

Whoever may see a unit's card sees the year that it belongs to; of the other
units he learns names, scores, places and grades once the year is published.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from django.db.models import Q
from django.http import Http404

from common.access import Access
from common.periods import year_end
from kpi.models import Cycle, GradeRule, Rating, Result, Scorecard
from kpi.querysets import Standing, standings
from zones.models import Unit, UnitVersion

SORTS = [sort.value for sort in GradeRule.Sort]


def result_of(card: Scorecard) -> Result | None:
    return getattr(card, "result", None)


@dataclass(frozen=True)
class Past:
    """What a unit came to in another year."""

    year: int
    score: Decimal | None
    standing: Standing | None
    rating: str

    @property
    def rating_label(self) -> str:
        return str(Rating(self.rating).label) if self.rating else ""


@dataclass(frozen=True)
class Entrant:
    """A unit in its year: its card, its place among its own sort, and the year before (None: not assessed).

    ``own`` when the visitor may open its card; ``zone`` is the unit it reports to, where that is a zone.
    """

    card: Scorecard
    standing: Standing | None
    past: Past | None
    zone_code: str
    zone_name: str
    own: bool

    @property
    def code(self) -> str:
        return self.card.unit.code

    @property
    def sort(self) -> str:
        return self.card.unit.kind

    @property
    def name(self) -> str:
        return self.card.unit_name

    @property
    def score(self) -> Decimal | None:
        """The final score; None while a line is open."""
        result = result_of(self.card)
        return result.score if result else None

    @property
    def rating(self) -> str:
        result = result_of(self.card)
        return result.rating if result else ""

    @property
    def rating_label(self) -> str:
        return str(Rating(self.rating).label) if self.rating else ""

    @property
    def score_change(self) -> Decimal | None:
        """In points against the year before; None unless both are final."""
        before = self.past.score if self.past else None
        return None if self.score is None or before is None else self.score - before

    @property
    def rank_change(self) -> int | None:
        """Places won (above zero) or lost against the year before."""
        before = self.past.standing if self.past else None
        return None if before is None or self.standing is None else before.rank - self.standing.rank


@dataclass(frozen=True)
class Ranking:
    """The units of one sort in a year, the best first; ``missing_year`` is the year before, where it is not on file."""

    sort: str
    rows: list[Entrant] = field(default_factory=list)

    @property
    def label(self) -> str:
        return str(GradeRule.Sort(self.sort).label)

    @property
    def final(self) -> list[Entrant]:
        return [row for row in self.rows if row.score is not None]

    @cached_property
    def mean(self) -> Decimal | None:
        scores = [row.score for row in self.rows if row.score is not None]
        return sum(scores, Decimal(0)) / len(scores) if scores else None

    @property
    def scored(self) -> int:
        return sum(row.card.scored_count for row in self.rows)

    @property
    def lines(self) -> int:
        return sum(row.card.line_count for row in self.rows)

    @property
    def complete(self) -> bool:
        return bool(self.rows) and len(self.final) == len(self.rows)


def years(access: Access, on: dt.date) -> list[Cycle]:
    """The cities' years that the visitor may look at, up to the day's, the latest first.

    They are the city's own for whoever works for it, and those in which a unit
    of his is assessed for everybody else.
    """
    own = access.scope(Scorecard.objects.filter(kind=Scorecard.Kind.UNIT), "view", "unit_card")
    held = access.scope(Cycle.objects.all(), "view", "city_cycle")
    seen = Q(pk__in=held.order_by().values("pk")) | Q(pk__in=own.order_by().values("cycle"))
    cities = Cycle.objects.filter(seen, holder__kind=Unit.Kind.CITY, year__lte=on.year)
    return list(cities.select_related("holder").order_by("-year", "holder__sequence", "holder__code"))


def year(access: Access, pk: int, on: dt.date) -> Cycle:
    """One of ``years``; Http404 for any other."""
    found = next((cycle for cycle in years(access, on) if cycle.pk == pk), None)
    if found is None:
        raise Http404
    return found


def is_public(cycle: Cycle) -> bool:
    """Whether everybody who is assessed may know how the others did."""
    return cycle.state != Cycle.State.OPEN


def visible_cards(access: Access, cycle: Cycle, on: dt.date):
    """The units' cards of a year that a visitor may know of."""
    cards = Scorecard.objects.filter(cycle=cycle, kind=Scorecard.Kind.UNIT)
    if not is_public(cycle):
        cards = access.scope(cards, "view", "unit_card")
    return cards.named(on).with_progress().select_related("unit", "cycle", "result").order_by("unit__sequence")


def sees_all(access: Access, cycle: Cycle) -> bool:
    """Whether means over a sort tell the visitor nothing that he may not know."""
    return is_public(cycle) or access.scope(Cycle.objects.filter(pk=cycle.pk), "view", "city_cycle").exists()


def rankings(access: Access, cycle: Cycle, on: dt.date) -> list[Ranking]:
    """Every sort of the year with its units, the best first; equal ones in the order of the roster."""
    cards = list(visible_cards(access, cycle, on))
    own = _own(access, cards)
    places = standings([card.pk for card in cards])
    before = _before(access, cycle, on)
    zones = _zones([card.unit_id for card in cards], min(on, year_end(cycle.year)))
    rows = [
        Entrant(
            card,
            places.get(card.pk),
            before.get(card.unit_id),
            *zones.get(card.unit_id, ("", "")),
            own=card.pk in own,
        )
        for card in cards
    ]
    rows.sort(key=lambda row: (row.standing.rank if row.standing else len(rows) + 1, row.card.unit.sequence, row.code))
    by_sort = [Ranking(sort, [row for row in rows if row.sort == sort]) for sort in SORTS]
    return [ranking for ranking in by_sort if ranking.rows]


def previous(cycle: Cycle) -> Cycle | None:
    """The same holder's year before, None when it is not on file."""
    return Cycle.objects.filter(holder=cycle.holder_id, year=cycle.year - 1).first()


def course(access: Access, card: Scorecard, on: dt.date) -> list[Past]:
    """How a unit fared in every year that is on file, the earliest first."""
    cards = Scorecard.objects.filter(
        kind=Scorecard.Kind.UNIT, unit=card.unit_id, cycle__holder=card.cycle.holder_id, cycle__year__lte=on.year
    )
    shown = list(access.scope(cards, "view", "unit_card").select_related("cycle", "result").order_by("cycle__year"))
    places = standings([each.pk for each in shown])
    return [_past(each, places.get(each.pk)) for each in shown]


def _past(card: Scorecard, standing: Standing | None) -> Past:
    result = result_of(card)
    return Past(card.cycle.year, result.score if result else None, standing, result.rating if result else "")


def _own(access: Access, cards: Sequence[Scorecard]) -> set[int]:
    ids = [card.pk for card in cards]
    return set(
        access.scope(Scorecard.objects.filter(pk__in=ids), "view", "unit_card").order_by().values_list("pk", flat=True)
    )


def _before(access: Access, cycle: Cycle, on: dt.date) -> dict[int, Past]:
    """By unit, what it came to in the year before, as far as the visitor may know."""
    last = previous(cycle)
    if last is None:
        return {}
    cards = list(visible_cards(access, last, on))
    places = standings([card.pk for card in cards])
    return {card.unit_id: _past(card, places.get(card.pk)) for card in cards}


def _zones(units: Iterable[int], day: dt.date) -> dict[int, tuple[str, str]]:
    """The zone around each unit on the day: code and name; a zone is its own."""
    standing = {
        version.unit_id: version
        for version in UnitVersion.objects.on(day)
        .filter(Q(unit__in=list(units)) | Q(unit__kind=Unit.Kind.ZONE, unit__child_versions__unit__in=list(units)))
        .select_related("unit")
        .distinct()
    }
    found = {}
    for unit in units:
        version = standing.get(unit)
        if version is None:
            continue
        zone = version if version.unit.kind == Unit.Kind.ZONE else standing.get(version.parent_id or 0)
        if zone is not None and zone.unit.kind == Unit.Kind.ZONE:
            found[unit] = (zone.unit.code, zone.shown_short_name)
    return found
