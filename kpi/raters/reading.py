"""What somebody is asked to rate: his panels, and in each the subjects with his own ratings. Nobody else's are read."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from common.access import Access
from common.rights import Role
from kpi.models import Panel, PanelLine, PanelRating, Scorecard
from kpi.querysets import ScorecardQuerySet
from kpi.raters.querysets import own_cases, turnout_of


@dataclass(frozen=True)
class Asked:
    """A panel that asks the user: how many lines are his to rate, and how many he has rated."""

    panel: Panel
    expected: int
    given: int

    @property
    def left(self) -> int:
        return max(self.expected - self.given, 0)


@dataclass(frozen=True)
class Ask:
    """One thing to rate, with the user's own rating of it (``version`` 0 while there is none)."""

    line: PanelLine
    points: Decimal | None = None
    version: int = 0

    @property
    def text(self) -> str:
        return "" if self.points is None else f"{self.points.normalize():f}"


def panels_of(user_id: int) -> QuerySet[Panel]:
    """The panels in which the user rates."""
    return Panel.objects.filter(groups__raters__user=user_id).select_related("cycle__holder").distinct()


def asked(user_id: int, today: dt.date) -> list[Asked]:
    """The user's panels that take ratings on the day, those that end first at the top."""
    panels = Panel.objects.taking(today).filter(pk__in=panels_of(user_id).order_by().values("pk"))
    rows = list(panels.order_by("closes_on", "pk"))
    counts = turnout_of(user_id, [panel.pk for panel in rows], today) if rows else {}
    return [Asked(panel, *counts.get(panel.pk, (0, 0))) for panel in rows]


def asks(panel: Panel, user_id: int, today: dt.date) -> list[Ask]:
    """The panel's lines that are the user's to rate, card by card."""
    lines = panel.lines.exclude(pk__in=own_cases(user_id, today)).select_related(
        "line__indicator", "line__scorecard__unit", "line__scorecard__person"
    )
    rows = list(lines.order_by("line__scorecard", "line__sequence", "pk"))
    own = PanelRating.objects.filter(line__in=rows, rater__user=user_id)
    given = {row.line_id: row for row in own}
    return [Ask(row, given[row.pk].points, given[row.pk].version) if row.pk in given else Ask(row) for row in rows]


def with_subjects(asked_for: list[Ask], on: dt.date) -> list[tuple[Scorecard, list[Ask]]]:
    """The lines by the card that they are on, each card with its names (``ScorecardQuerySet.named``)."""
    cards = Scorecard.objects.filter(pk__in={ask.line.line.scorecard_id for ask in asked_for})
    found: dict[int, list[Ask]] = defaultdict(list)
    for ask in asked_for:
        found[ask.line.line.scorecard_id].append(ask)
    return [(card, found[card.pk]) for card in in_order(cards, on)]


def in_order(cards: ScorecardQuerySet, on: dt.date) -> list[Scorecard]:
    """The cards with their names, as the roster has units, bureaus and people."""
    rows = cards.named(on).bureau_ordered(on).select_related("cycle", "unit", "bureau", "person")
    return list(rows.order_by("unit__sequence", "unit__code", "bureau_order", "bureau", "person__staff_no", "pk"))


def to_sign(access: Access, cards: ScorecardQuerySet) -> ScorecardQuerySet:
    """Those of the unsigned cards that still want this user's own signature."""
    person = Q(kind="person", person__user=access.user.pk)
    bureaus = frozenset(hold.bureau for hold in access.holds if hold.role is Role.HEAD)
    return cards.filter(person | Q(kind="bureau", bureau__in=bureaus)).exclude(signatures__user=access.user.pk)
