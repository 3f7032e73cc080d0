"""The list of cards: which of those that a visitor may see, in which order, and what they add up to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Count, F, OrderBy, QuerySet, Value, When
from django.http import QueryDict
from django.utils.translation import gettext as _

from common.access import Access
from common.numerals import grouped
from kpi.entry import pages
from kpi.entry.forms import CardFilters
from kpi.judging.words import sees_grade, word_of
from kpi.models import Cycle, Scorecard
from kpi.querysets import ScorecardQuerySet, standings
from kpi.rights import scorable
from zones.models import Unit

KINDS = [kind.value for kind in Scorecard.Kind]


@dataclass(frozen=True)
class CardRow:
    """A card as the list shows it; ``yours`` when the visitor may score it."""

    card: Scorecard
    place: str
    yours: bool
    sees_grade: bool

    @property
    def subject(self) -> str:
        return pages.subject(self.card)

    @property
    def belongs(self) -> str:
        return pages.belongs(self.card)

    @property
    def score(self) -> Decimal | None:
        result = pages.result_of(self.card)
        return result.score if result else None

    @property
    def rating(self) -> str:
        return word_of(self.card) if self.sees_grade else ""

    @property
    def waits(self) -> bool:
        return self.yours and self.card.scored_count < self.card.line_count


@dataclass(frozen=True)
class Tab:
    """One kind of card (or all of them) with how far it is."""

    kind: str
    label: str
    cards: int
    done: int
    current: bool


@dataclass(frozen=True)
class Sums:
    """What a set of cards adds up to; ``mean`` over those that have a score."""

    cards: int = 0
    done: int = 0
    lines: int = 0
    scored: int = 0
    mean: Decimal | None = None

    @classmethod
    def of(cls, kinds: list[dict]) -> Sums:
        def total(name: str) -> int:
            return sum(row[name] for row in kinds)

        points = sum((row["mean"] * row["done"] for row in kinds if row["done"]), Decimal(0))
        done = total("done")
        return cls(total("cards"), done, total("all_lines"), total("scored"), points / done if done else None)


@dataclass(frozen=True)
class Listing:
    """What the list page shows.

    ``year`` is 0 when there is none, ``keys`` are those of its cards in order,
    ``mine`` the cards that the visitor may score.
    """

    year: int
    form: CardFilters
    tabs: list[Tab]
    sums: Sums
    keys: QuerySet
    mine: ScorecardQuerySet
    left: bool
    filtered: bool

    @property
    def left_lines(self) -> int:
        return self.sums.lines - self.sums.scored

    @property
    def progress(self) -> str:
        return f"{self.sums.scored}/{self.sums.lines}"

    @property
    def finished(self) -> str:
        return f"{self.sums.done}/{self.sums.cards}"

    @property
    def mean(self) -> str:
        return grouped(self.sums.mean, 2)


def read(access: Access, query: QueryDict, on: dt.date) -> Listing:
    """The cards to list, by the choices in the address; by default those of the year of the day."""
    visible = access.scope(Scorecard.objects.filter(cycle__year__lte=on.year))
    years = sorted(visible.order_by().values_list("cycle__year", flat=True).distinct(), reverse=True)
    chosen_year = query.get("year", "")
    year = next((each for each in years if str(each) == chosen_year), years[0] if years else 0)
    of_year = visible.filter(cycle__year=year)
    form = CardFilters({**query.dict(), "year": year}, years=years, units=_units(of_year, year, on))
    chosen = form.chosen()
    cards = of_year.filter(unit__code=chosen["unit"]) if "unit" in chosen else of_year
    by_kind = cards.by_kind()
    kind, left = chosen.get("kind", ""), chosen.get("left", False)
    if kind:
        cards = cards.filter(kind=kind)
    mine = scorable(access, Scorecard.objects.filter(cycle__year=year, cycle__state=Cycle.State.OPEN))
    if left:
        cards = cards.left(mine if any(access.can("score", noun) for noun in Scorecard.nouns) else None)
    return Listing(
        year=year,
        form=form,
        tabs=_tabs(by_kind, kind),
        sums=Sums.of(list(cards.by_kind().values())),
        keys=_ordered(cards, mine, query.get("sort", ""), on),
        mine=mine,
        left=left,
        filtered=bool(kind or left or "unit" in chosen),
    )


def usual_kind(access: Access) -> str:
    """The kind of cards that the visitor scores most of this year; else the first that he may see."""
    open_cards = Scorecard.objects.filter(cycle__state=Cycle.State.OPEN)
    for cards in (scorable(access, open_cards), access.scope(open_cards), access.scope(Scorecard.objects.all())):
        counts = cards.order_by().values_list("kind").annotate(n=Count("pk")).order_by("-n", "kind")
        if found := counts.first():
            return found[0]
    return Scorecard.Kind.BUREAU


def rows(access: Access, keys: list[int], mine: ScorecardQuerySet, on: dt.date) -> list[CardRow]:
    """The cards of one page, in its order."""
    places = standings(keys)
    due = set(mine.filter(pk__in=keys).values_list("pk", flat=True))
    cards = Scorecard.objects.filter(pk__in=keys).named(on).with_progress()
    cards = cards.select_related("cycle", "unit", "bureau", "person", "result")
    found = {
        card.pk: CardRow(card, pages.place(places.get(card.pk)), card.pk in due, sees_grade(access, card))
        for card in cards
    }
    return [found[key] for key in keys]


def _units(cards: ScorecardQuerySet, year: int, on: dt.date) -> list[tuple[str, str]]:
    if not year:
        return []
    day = min(on, dt.date(year, 12, 31))
    units = Unit.objects.filter(pk__in=cards.order_by().values("unit")).named_on(day)
    return [(unit.code, unit.short_name) for unit in units]


def _tabs(by_kind: dict[str, dict], current: str) -> list[Tab]:
    tabs = [
        Tab(kind.value, str(kind.label), row["cards"], row["done"], current == kind.value)
        for kind in Scorecard.Kind
        if (row := by_kind.get(kind.value))
    ]
    if len(tabs) < 2:
        return []
    everything = Tab("", _("全部"), sum(tab.cards for tab in tabs), sum(tab.done for tab in tabs), not current)
    return [everything, *tabs]


def _ordered(cards: ScorecardQuerySet, mine: ScorecardQuerySet, sort: str, on: dt.date) -> QuerySet:
    """Their keys: those that wait for the visitor first, then units, bureaus and people as the roster has them.

    Names and progress come with the page (``rows``), so that a long list costs what a page does.
    """
    cards = cards.bureau_ordered(on).annotate(
        not_mine=Case(When(pk__in=mine.order_by().values("pk"), then=Value(0)), default=Value(1)),
        kind_order=Case(*(When(kind=kind, then=Value(n)) for n, kind in enumerate(KINDS))),
    )
    order: list[str | OrderBy] = [
        "kind_order",
        "unit__sequence",
        "unit__code",
        "bureau_order",
        "bureau",
        "person__staff_no",
        "pk",
    ]
    if sort == "score":
        order.insert(0, F("result__score").asc(nulls_last=True))
    elif sort == "-score":
        order.insert(0, F("result__score").desc(nulls_last=True))
    else:
        order.insert(0, "not_mine")
    return cards.order_by(*order).values_list("pk", flat=True)
