"""The cascade of a unit's year: which line serves which, down to people and back up, in two queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Exists, OuterRef

from common.access import Access
from kpi.entry import pages
from kpi.models import Line, Scorecard

#: The levels, from the top.
LEVELS = (Scorecard.Kind.UNIT, Scorecard.Kind.BUREAU, Scorecard.Kind.PERSON)


@dataclass
class Node:
    """A line in the tree: whose it is, and the lines that serve it."""

    line: Line
    card: Scorecard
    below: list[Node] = field(default_factory=list)
    above_unseen: bool = False

    @property
    def subject(self) -> str:
        return pages.subject(self.card)

    @property
    def rate(self) -> Decimal | None:
        """Points so far in percent of the weight; None before there are any."""
        return None if self.line.points is None else self.line.points * 100 / self.line.weight

    @property
    def count(self) -> int:
        """How many lines serve it, at whatever remove."""
        return sum(1 + each.count for each in self.below)

    @property
    def unserved(self) -> bool:
        """A unit's line that nobody serves, whether or not the visitor sees who does."""
        return self.card.kind == Scorecard.Kind.UNIT and not getattr(self.line, "is_served", bool(self.below))

    @property
    def serves_unseen(self) -> str:
        """What it serves, where that lies on a card that the visitor does not see."""
        return self.line.serves.indicator.shown_name if self.above_unseen and self.line.serves else ""


@dataclass(frozen=True)
class Idle:
    """A card of which some lines serve nothing: whose, and which lines."""

    card: Scorecard
    lines: tuple[Line, ...]

    @property
    def subject(self) -> str:
        return pages.subject(self.card)

    @property
    def belongs(self) -> str:
        return pages.belongs(self.card)


@dataclass(frozen=True)
class Cascade:
    """What is shown: the trees from the top, the way up from one line, and what has no place in any tree."""

    roots: list[Node]
    up: list[Node]
    idle: list[Idle]
    unserved: list[Node]
    serving: int
    lines: int

    @property
    def idle_lines(self) -> int:
        return sum(len(each.lines) for each in self.idle)


def read(access: Access, unit_id: int, year: int, on: dt.date, *, focus: int | None = None) -> Cascade:
    """The cascade of one unit in one year, as far as the visitor may see its cards.

    With ``focus`` (a line's key) the tree begins at that line, and ``up`` leads
    from the top down to the one above it.
    """
    visible = access.scope(Scorecard.objects.filter(unit=unit_id, cycle__year=year))
    cards = {card.pk: card for card in visible.named(on).select_related("cycle", "unit", "bureau", "person")}
    lines = (
        Line.objects.filter(scorecard__in=cards)
        .select_related("indicator", "serves__indicator")
        .annotate(is_served=Exists(Line.objects.filter(serves=OuterRef("pk"))))
        .order_by("scorecard", "sequence", "pk")
    )
    nodes = {line.pk: Node(line, cards[line.scorecard_id]) for line in lines}
    for node in nodes.values():
        # What it serves may lie on a card that the visitor does not see: then it stands for itself.
        if above := nodes.get(node.line.serves_id or 0):
            above.below.append(node)
        else:
            node.above_unseen = node.line.serves_id is not None
    tops = [node for node in nodes.values() if node.card.kind == Scorecard.Kind.UNIT]
    if not tops:  # whoever sees no unit's card begins with the highest that he sees
        tops = [node for node in nodes.values() if node.above_unseen or (node.line.serves_id is None and node.below)]
    chosen = nodes.get(focus or 0)
    return Cascade(
        roots=[chosen] if chosen else tops,
        up=_up(chosen, nodes) if chosen else [],
        idle=_idle(nodes.values()),
        unserved=[node for node in nodes.values() if node.unserved],
        serving=sum(node.line.serves_id is not None for node in nodes.values()),
        lines=sum(node.card.kind != Scorecard.Kind.UNIT for node in nodes.values()),
    )


def _up(node: Node, nodes: dict[int, Node]) -> list[Node]:
    """From the top down to the line above this one. Lines serve only the level above, so it ends."""
    found: list[Node] = []
    above = nodes.get(node.line.serves_id or 0)
    while above:
        found.insert(0, above)
        above = nodes.get(above.line.serves_id or 0)
    return found


def _idle(nodes: Iterable[Node]) -> list[Idle]:
    """The lines below the unit's that serve nothing, by card."""
    found: dict[int, list[Line]] = defaultdict(list)
    cards: dict[int, Scorecard] = {}
    for node in nodes:
        if node.card.kind != Scorecard.Kind.UNIT and node.line.serves_id is None:
            found[node.card.pk].append(node.line)
            cards[node.card.pk] = node.card
    order = sorted(found, key=lambda pk: (LEVELS.index(Scorecard.Kind(cards[pk].kind)), cards[pk].bureau_id or 0, pk))
    return [Idle(cards[pk], tuple(found[pk])) for pk in order]
