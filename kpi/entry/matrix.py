"""The sheet of many cards at once: a row a card, a column an indicator."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kpi import points
from kpi.basis import Basis, circle, in_circles, is_ranked, peers_among, weights
from kpi.entry import pages
from kpi.entry.listing import CardRow
from kpi.explain import points_so_far
from kpi.models import Indicator, Line, Scorecard
from kpi.numbers import typed_form

#: So many indicators stand side by side; of more, the commonest are shown and the rest counted.
COLUMNS = 24


@dataclass(frozen=True)
class Column:
    """An indicator over the sheet: on how many cards it stands, how many of them are scored, their mean points."""

    indicator: Indicator
    lines: int
    scored: int
    mean: str

    @property
    def left(self) -> int:
        return self.lines - self.scored


@dataclass(frozen=True)
class Cell:
    """A line in the sheet, or nothing where a card has not that indicator."""

    line: Line | None
    editable: bool = False

    @property
    def name(self) -> str:
        return self.line.indicator.shown_name if self.line else ""

    @property
    def typed(self) -> str:
        return typed_form(self.line.actual) if self.line else ""

    @property
    def points(self) -> str:
        return pages.two(self.line.points) if self.line and self.line.points is not None else ""


@dataclass(frozen=True)
class SheetRow:
    card: CardRow
    cells: list[Cell]
    total: str


@dataclass(frozen=True)
class Sheet:
    columns: list[Column]
    rows: list[SheetRow]
    hidden: int
    editable: bool

    @property
    def lines(self) -> int:
        return sum(column.lines for column in self.columns)

    @property
    def scored(self) -> int:
        return sum(column.scored for column in self.columns)

    @property
    def mean(self) -> str:
        """The mean score of the cards that have one."""
        scores = [row.card.score for row in self.rows if row.card.score is not None]
        return pages.two(sum(scores, Decimal(0)) / len(scores)) if scores else ""


def read(cards: Sequence[CardRow], *, on_is_today: bool) -> Sheet:
    """The sheet of the cards of one page: one query, and one more where something is ranked."""
    lines: dict[int, dict[int, Line]] = defaultdict(dict)
    found = Line.objects.filter(scorecard__in=[row.card.pk for row in cards])
    for line in found.select_related("indicator", "figure", "panel_line__panel").order_by("scorecard", "sequence"):
        lines[line.scorecard_id][line.indicator_id] = line
    totals = _totals([row.card for row in cards], lines)
    columns = _columns([line for of in lines.values() for line in of.values()])
    shown = columns[:COLUMNS]
    rows = [_row(row, lines[row.card.pk], shown, totals[row.card.pk], row.yours and on_is_today) for row in cards]
    editable = any(cell.editable for row in rows for cell in row.cells)
    return Sheet(shown, rows, len(columns) - len(shown), editable)


def _row(row: CardRow, lines: dict[int, Line], columns: list[Column], total: str, yours: bool) -> SheetRow:
    cells = []
    for column in columns:
        line = lines.get(column.indicator.pk)
        cells.append(Cell(line, line is not None and yours and not line.not_applicable and not pages.by_panel(line)))
    return SheetRow(row, cells, total)


def _columns(lines: list[Line]) -> list[Column]:
    """The commonest first, then as they stand on the cards."""
    count = Counter(line.indicator_id for line in lines)
    place = {line.indicator_id: line.sequence for line in reversed(lines)}
    scored: dict[int, list[Decimal]] = defaultdict(list)
    for line in lines:
        if line.points is not None:
            scored[line.indicator_id].append(line.points)
    indicators = {line.indicator_id: line.indicator for line in lines}
    applying = Counter(line.indicator_id for line in lines if not line.not_applicable)
    order = sorted(indicators, key=lambda pk: (-count[pk], place[pk], indicators[pk].code))
    return [
        Column(
            indicators[pk],
            applying[pk],
            len(scored[pk]),
            pages.two(sum(scored[pk], Decimal(0)) / len(scored[pk])) if scored[pk] else "",
        )
        for pk in order
    ]


def _totals(cards: list[Scorecard], lines: dict[int, dict[int, Line]]) -> dict[int, str]:
    """Each card's points so far, exact and rounded once."""
    ranked = [card for card in cards if any(is_ranked(line) for line in lines[card.pk].values())]
    peers: dict[tuple, tuple[Decimal, ...]] = {}
    if ranked:
        others = Line.objects.filter(
            scorecard__in=Scorecard.objects.filter(in_circles(ranked)).values("pk"),
            indicator__method=Indicator.Method.RANKING,
        ).select_related("indicator", "scorecard__unit")
        peers = dict(peers_among((circle(line.scorecard), line) for line in others))
    found = {}
    for card in cards:
        mine = list(lines[card.pk].values())
        spread = weights(mine)
        around = circle(card) if ranked else ()
        known = {line.pk: Basis(spread[line.pk], peers.get((around, line.indicator_id), ())) for line in mine}
        step = points_so_far(mine, known)
        found[card.pk] = pages.two(points.final_score(step.value)) if step else ""
    return found
