"""Reads of letters: who has signed, who is waited for, what waits for a visitor; constant in the number of cards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, Value, When

from common.access import Access
from kpi.entry import pages
from kpi.models import Cycle, Line, Scorecard, Signature
from kpi.promise.promising import missing, stamp
from kpi.querysets import ScorecardQuerySet
from kpi.rights import allowed
from zones.models import Unit

Side = Signature.Side
#: A unit's card, its bureaus', its people's.
BY_KIND = Case(When(kind="unit", then=Value(1)), When(kind="bureau", then=Value(2)), default=Value(3))


def promised_years(access: Access, on: dt.date) -> tuple[ScorecardQuerySet, list[int]]:
    """The cards that the visitor may see up to next year's, which is promised before it begins; their years."""
    visible = access.scope(Scorecard.objects.filter(cycle__year__lte=on.year + 1))
    return visible, sorted(visible.order_by().values_list("cycle__year", flat=True).distinct(), reverse=True)


def year_of(years: Sequence[int], asked: str, on: dt.date) -> int:
    """The year asked for if it is there, else the latest that has begun; 0 for none."""
    begun = [each for each in years if each <= on.year] or list(years)
    return next((each for each in years if str(each) == asked), begun[0] if begun else 0)


def signed_by(side: str) -> Exists:
    return Exists(Signature.objects.filter(scorecard=OuterRef("pk"), side=side))


def waiting(access: Access, cards: ScorecardQuerySet, side: str) -> ScorecardQuerySet:
    """The cards of open years that wait for this user's signature on one side."""
    mine = Signature.objects.filter(scorecard=OuterRef("pk"), user=access.user.pk)
    there = Exists(Line.objects.filter(scorecard=OuterRef("pk")))
    open_cards = cards.filter(there, cycle__state=Cycle.State.OPEN, frozen_at=None)
    return allowed(access, open_cards, f"sign_{side}").exclude(signed_by(side)).exclude(Exists(mine))


def waits(access: Access, cards: ScorecardQuerySet) -> Q:
    """The cards that wait for this user's signature, on whichever side."""
    found = Q(pk__in=[])
    for side in Side.values:
        found |= Q(pk__in=waiting(access, cards, side).order_by().values("pk"))
    return found


@dataclass(frozen=True)
class UnitCount:
    """How far a unit's letters are, of one kind: cards, each side's signatures, and those that are frozen."""

    unit: str
    code: str
    kind: str
    kind_label: str
    cards: int
    assessor: int
    assessed: int
    frozen: int
    cycle: int

    @property
    def file_key(self) -> str:
        """What the file of all these letters is called in its address."""
        return f"{self.cycle}-{self.kind}-{self.code}"


def counts(cards: ScorecardQuerySet, on: dt.date) -> list[UnitCount]:
    """By unit and kind, in the order of units."""
    rows = (
        cards.order_by()
        .values("cycle", "unit", "unit__code", "kind")
        .annotate(
            n=Count("pk"),
            assessor=Count("pk", filter=Q(signed_by("assessor"))),
            assessed=Count("pk", filter=Q(signed_by("assessed"))),
            frozen=Count("pk", filter=Q(frozen_at__isnull=False)),
        )
        .order_by("unit__sequence", "unit__code", BY_KIND)
    )
    names = {unit.pk: unit.short_name for unit in Unit.objects.filter(pk__in=cards.values("unit")).named_on(on)}
    kinds = dict(Scorecard.Kind.choices)
    return [
        UnitCount(
            names.get(row["unit"], row["unit__code"]),
            row["unit__code"],
            row["kind"],
            str(kinds[row["kind"]]),
            row["n"],
            row["assessor"],
            row["assessed"],
            row["frozen"],
            row["cycle"],
        )
        for row in rows
    ]


@dataclass(frozen=True)
class LetterRow:
    """A card as the list of letters shows it; ``side`` is the one on which the visitor may sign now, if any."""

    card: Scorecard
    signatures: dict[str, Signature]
    lines: Sequence[Line]
    side: str

    @property
    def subject(self) -> str:
        return pages.subject(self.card)

    @property
    def belongs(self) -> str:
        return pages.belongs(self.card)

    @property
    def assessor(self) -> Signature | None:
        return self.signatures.get(Side.ASSESSOR)

    @property
    def assessed(self) -> Signature | None:
        return self.signatures.get(Side.ASSESSED)

    @property
    def lacks(self) -> int:
        """How many lines still lack what they are scored by."""
        return sum(bool(missing(line)) for line in self.lines)

    @property
    def token(self) -> str:
        """What signing this row posts: which card, and for which promise."""
        return f"{self.card.pk}:{stamp(self.lines)}"


def rows(keys: Sequence[int], access: Access, on: dt.date) -> list[LetterRow]:
    """The letters of one page, in its order."""
    cards = Scorecard.objects.filter(pk__in=keys).named(on).select_related("cycle", "unit", "bureau", "person")
    signatures = _by_card(Signature.objects.filter(scorecard__in=keys).select_related("user"))
    lines = _by_card(
        Line.objects.filter(scorecard__in=keys).select_related("indicator").order_by("scorecard", "sequence", "pk")
    )
    sides = {
        pk: side
        for side in Side.values
        for pk in waiting(access, Scorecard.objects.filter(pk__in=keys), side).values_list("pk", flat=True)
    }
    found = {
        card.pk: LetterRow(
            card,
            {each.side: each for each in signatures.get(card.pk, [])},
            lines.get(card.pk, []),
            sides.get(card.pk, ""),
        )
        for card in cards
    }
    return [found[key] for key in keys]


def _by_card(found: Iterable[Any]) -> dict[int, list[Any]]:
    out: dict[int, list[Any]] = {}
    for each in found:
        out.setdefault(each.scorecard_id, []).append(each)
    return out


def above(card: Scorecard) -> list[Line]:
    """The lines that this card's may serve: the unit's for a bureau, the bureau's and the unit's for a person."""
    if card.kind == Scorecard.Kind.UNIT:
        return []
    superior = Q(scorecard__kind="unit")
    if card.kind == Scorecard.Kind.PERSON and card.bureau_id:
        superior |= Q(scorecard__kind="bureau", scorecard__bureau=card.bureau_id)
    found = Line.objects.filter(superior, scorecard__unit=card.unit_id, scorecard__cycle__year=card.cycle.year)
    return list(found.select_related("indicator", "scorecard").order_by("scorecard__kind", "sequence", "pk"))
