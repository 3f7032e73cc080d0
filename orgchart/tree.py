"""The org chart as a picture: where each unit and bureau stands on the paper. Pure: no Django.

The zone stands on top, its parks side by side below it, the bureaus as cards
inside their unit. Cards in one row are equally high, parks of one row too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from common.drawing import wrapped
from orgchart.boxes import (
    CARD_REST,
    CARD_TOP,
    FACT,
    FOLD_WIDTH,
    FOLDED_BODY,
    INDENT,
    INSET,
    MARK_STRIP,
    MOST_INDENTS,
    NAME_LINE,
    PLAIN_REST,
    SUB_GAP,
    SUB_LINE,
    SUB_REST,
    Card,
    CardBox,
    Node,
    SubBox,
    UnitBox,
    head_height,
)

MARGIN = 8
#: Title above the picture, source and date below it.
HEAD, FOOT = 62, 34
#: Between units; between cards.
GUTTER, GAP = 14, 10
#: Room for the trunk between the zone and its parks.
TRUNK = 40
#: A unit wider than this has its facts at the right.
WIDE = 600
CARD_MAX = 300
NAME_SIZE, UNIT_SIZE, SMALL_SIZE = 14, 16, 12.5
#: What the mark of an example takes from a card's first line.
TAG = 40
#: What the mark of what changed takes from a unit's name.
MARK = 54


@dataclass(frozen=True)
class Paper:
    """What the picture is drawn on, in its own units: how wide, and how much stands in a row."""

    width: int = 1040
    parks_a_row: int = 4
    card_min: int = 144
    #: Five wide cards in a row read better than six that break their names.
    cards_a_row: int = 5


PAGE = Paper()
#: One of two pictures side by side.
HALF = Paper(width=560, parks_a_row=2, card_min=114, cards_a_row=4)
WIDTH = PAGE.width


@dataclass(frozen=True)
class Tree:
    """The whole picture; ``lines`` are the connectors, as SVG paths."""

    height: float
    units: tuple[UnitBox, ...]
    lines: tuple[str, ...] = ()
    width: int = WIDTH

    @property
    def foot(self) -> float:
        return round(self.height - 12, 1)


@dataclass(frozen=True)
class _Cell:
    """A card with the lines of its name, and what hangs below it as (card, depth, lines)."""

    card: Card
    lines: tuple[str, ...]
    below: tuple[tuple[Card, int, tuple[str, ...]], ...]

    @property
    def below_height(self) -> float:
        return sum(SUB_GAP + _sub_height(lines) for _card, _depth, lines in self.below)


@dataclass(frozen=True)
class _Row:
    """Cards that stand in one row; ``tall`` is how high each card is, without what hangs below it."""

    cells: tuple[_Cell, ...]
    tall: float
    foot: float

    @property
    def height(self) -> float:
        return self.tall + max(cell.below_height for cell in self.cells)

    @property
    def steps(self) -> int:
        """How many rows whoever walks by keys finds in it."""
        return 1 + max(len(cell.below) for cell in self.cells)


@dataclass
class _Grid:
    """Cards of one unit in rows, each with its height, before it is known where the unit stands."""

    card_width: float
    rows: list[_Row] = field(default_factory=list)

    @property
    def height(self) -> float:
        return sum(row.height for row in self.rows) + GAP * max(len(self.rows) - 1, 0)


def _grid(cards: Sequence[Card], inner: float, paper: Paper) -> _Grid:
    """The cards in as few rows as their narrowest width allows, the rows as even as can be."""
    most = min(max(int((inner + GAP) // (paper.card_min + GAP)), 1), paper.cards_a_row)
    rows = ceil(len(cards) / most)
    columns = ceil(len(cards) / rows) if rows else 1
    grid = _Grid(min((inner - GAP * (columns - 1)) / columns, CARD_MAX))
    for n in range(0, len(cards), columns):
        cells = tuple(_cell(card, grid.card_width) for card in cards[n : n + columns])
        most_lines = max(len(cell.lines) for cell in cells)
        foot = MARK_STRIP if any(cell.card.mark for cell in cells) else 0
        rest = PLAIN_REST if all(cell.card.plain for cell in cells) else CARD_REST
        grid.rows.append(_Row(cells, CARD_TOP + NAME_LINE * most_lines + rest + foot, foot))
    return grid


def _cell(card: Card, card_width: float) -> _Cell:
    below = tuple((each, depth, _sub_lines(each, depth, card_width)) for each, depth in card.below)
    return _Cell(card, _name_lines(card, card_width), below)


def _sub_lines(card: Card, depth: int, card_width: float) -> tuple[str, ...]:
    said = 40 if card.mark or card.example or not card.plain else 0
    return tuple(wrapped(card.name, card_width - _indent(depth) - 20 - said, SMALL_SIZE, most=2))


def _sub_height(lines: tuple[str, ...]) -> float:
    return SUB_REST + SUB_LINE * len(lines)


def _indent(depth: int) -> float:
    return INDENT * min(depth, MOST_INDENTS)


def _name_lines(card: Card, card_width: float) -> tuple[str, ...]:
    """The name in one line or two; the mark of an example stands beside the first."""
    tag = TAG if card.example and not card.plain else 0
    # Bold Latin letters are broader than the rule of thumb.
    size = NAME_SIZE * 1.15 if card.name.isascii() else NAME_SIZE
    lines = wrapped(card.name, card_width - 24 - tag, size, most=2)
    # A second line of one or two characters looks like a slip: such a name is broken in the middle.
    if len(lines) == 2 and len(lines[1]) < 3 and " " not in card.name:
        half = ceil(len(card.name) / 2)
        return card.name[:half], card.name[half:]
    return tuple(lines)


def _place(
    node: Node, x: float, y: float, w: float, row: int, paper: Paper, least: tuple[float, float] = (0, 0)
) -> UnitBox:
    """A unit with its cards at a place; head and body at least as high as ``least``."""
    wide = w > WIDE
    room = w - 2 * INSET - 8 - (FACT * len(node.facts) if wide else 0) - (FOLD_WIDTH if node.fold_href else 0)
    room -= MARK if node.mark else 0
    names = tuple(wrapped(node.name, room, UNIT_SIZE, most=2))
    lines = tuple(wrapped(node.line, room, SMALL_SIZE, most=2)) if node.line else ()
    head = max(head_height(len(names), len(lines), len(node.facts), wide), least[0])
    grid = _grid(() if node.folded else node.cards, w - 2 * INSET, paper)
    boxes, top, step = [], y + head, row + 1
    for line in grid.rows:
        boxes += [
            _card_box(cell, line, x + INSET + n * (grid.card_width + GAP), top, grid.card_width, step)
            for n, cell in enumerate(line.cells)
        ]
        top += line.height + GAP
        step += line.steps
    body = FOLDED_BODY if node.folded else grid.height + (INSET if grid.rows else 0)
    middle = round(x + w / 2)
    height = head + max(body, least[1])
    return UnitBox(node, round(x, 1), y, round(w, 1), height, row, middle, head, names, lines, wide, tuple(boxes))


def _card_box(cell: _Cell, row: _Row, left: float, top: float, width: float, step: int) -> CardBox:
    """A card's place, with the places of what hangs below it."""
    centre, foot = round(left + width / 2), top + row.tall
    subs, y = [], foot
    for n, (card, depth, lines) in enumerate(cell.below, start=1):
        indent, tall = _indent(depth), _sub_height(lines)
        stem = f"M{left + indent - 7:.1f} {foot:.1f}V{y + SUB_GAP + tall / 2:.1f}H{left + indent:.1f}"
        y += SUB_GAP
        place = round(left + indent, 1), round(y, 1), round(width - indent, 1), tall
        subs.append(SubBox(card, *place, step + n, centre, lines, stem))
        y += tall
    place = round(left, 1), round(top, 1), round(width, 1), row.tall
    return CardBox(cell.card, *place, step, centre, cell.lines, row.foot, tuple(subs))


def layout(zone: Node, parks: Sequence[Node], paper: Paper = PAGE) -> Tree:
    """Place the zone and its parks with their bureaus, and connect those that report to it."""
    top = _place(zone, MARGIN, HEAD, paper.width - 2 * MARGIN, 0, paper)
    units, lines = [top], []
    row, y = _last_row(top) + 1, top.y + top.h
    spine = round(top.x + top.w / 2, 1)
    for first in range(0, len(parks), paper.parks_a_row):
        placed = _band(parks[first : first + paper.parks_a_row], y + TRUNK, row, paper)
        lines += _connectors(spine, y, [box for box in placed if box.node.joined])
        units += placed
        row, y = max(_last_row(box) for box in placed) + 1, placed[0].y + placed[0].h
        if any(park.joined for park in parks[first + paper.parks_a_row :]):
            # The trunk goes on between two parks of this row.
            spine = round(placed[len(placed) // 2].x - GUTTER / 2, 1)
            lines.append(f"M{spine} {placed[0].y - TRUNK / 2:.1f}V{y:.1f}")
    return Tree(round(y + FOOT, 1), tuple(units), tuple(lines), paper.width)


def _band(parks: Sequence[Node], y: float, row: int, paper: Paper) -> list[UnitBox]:
    """Parks side by side, their heads and bodies equally high."""
    w = (paper.width - 2 * MARGIN - GUTTER * (len(parks) - 1)) / len(parks)
    left = [MARGIN + n * (w + GUTTER) for n in range(len(parks))]
    tried = [_place(park, x, y, w, row, paper) for park, x in zip(parks, left, strict=True)]
    least = max(box.head for box in tried), max(box.h - box.head for box in tried)
    return [_place(park, x, y, w, row, paper, least) for park, x in zip(parks, left, strict=True)]


def _connectors(spine: float, y: float, parks: Sequence[UnitBox]) -> list[str]:
    """A trunk down from the superior, a beam, and a drop to each park."""
    if not parks:
        return []
    beam = round(y + TRUNK / 2, 1)
    centres = [round(box.x + box.w / 2, 1) for box in parks]
    ends = [spine, *centres]
    beams = [f"M{min(ends)} {beam}H{max(ends)}"] if max(ends) > min(ends) else []
    drops = [f"M{centre} {beam}V{box.y:.1f}" for centre, box in zip(centres, parks, strict=True)]
    return [f"M{spine} {y:.1f}V{beam}", *beams, *drops]


def _last_row(box: UnitBox) -> int:
    rows = [card.row for card in box.cards] + [sub.row for card in box.cards for sub in card.subs]
    return max(rows, default=box.row)


# --- the chain of command ---------------------------------------------------------------------


@dataclass(frozen=True)
class TierOf:
    """A management tier: ``kind`` is leader, head or staff."""

    name: str
    kind: str


@dataclass(frozen=True)
class Hand:
    """One pair of hands that a paper passes through: which tier, and where."""

    tier: str
    place: str


def chain_of_command(
    tiers: Sequence[TierOf], unit: str, bureau: str, above: Mapping[str, str | None]
) -> tuple[Hand, ...]:
    """Whose hands a matter passes from the leaders down to a post of ``bureau``, that post included.

    ``tiers`` from the top; ``above`` leads from a second-level unit to the
    bureau over it. Heads take as many hands as there are tiers of heads or
    levels of bureaus, whichever is more. Raises ValueError when ``above`` makes a circle.
    """
    path = [bureau]
    while over := above.get(path[0]):
        if over in path:
            raise ValueError(f"{over} stands over itself")
        path.insert(0, over)
    hands = [Hand(tier.name, unit) for tier in tiers if tier.kind == "leader"]
    heads = [tier.name for tier in tiers if tier.kind == "head"]
    if heads:
        many = max(len(heads), len(path))
        # Of more heads than levels, the surplus sits in the uppermost bureau: its head, and whoever helps him.
        places = [path[0]] * (many - len(path)) + path
        hands += [Hand(heads[min(n, len(heads) - 1)], place) for n, place in enumerate(places)]
    return (*hands, *(Hand(tier.name, bureau) for tier in tiers if tier.kind == "staff"))
