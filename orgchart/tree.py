"""The org chart as a picture: where each unit and bureau stands on the paper. Pure: no Django.

The zone stands on top, its parks side by side below it, the bureaus as cards
inside their unit. Cards in one row are equally high, parks of one row too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from common.drawing import wrapped
from orgchart.boxes import CARD_REST, CARD_TOP, FACT, INSET, NAME_LINE, Card, CardBox, Node, UnitBox, head_height

WIDTH = 1040
MARGIN = 8
#: Title above the picture, source and date below it.
HEAD, FOOT = 62, 34
#: Between units; between cards.
GUTTER, GAP = 14, 10
#: Room for the trunk between the zone and its parks.
TRUNK = 40
PARKS_A_ROW = 4
#: A unit wider than this has its facts at the right.
WIDE = 600
#: Five wide cards in a row read better than six that break their names.
MOST_CARDS_A_ROW = 5
CARD_MIN, CARD_MAX = 144, 300
NAME_SIZE, UNIT_SIZE, SMALL_SIZE = 14, 16, 12.5
#: What the mark of an example takes from a card's first line.
TAG = 40


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


@dataclass
class _Grid:
    """Cards of one unit in rows, each with its height, before it is known where the unit stands."""

    card_width: float
    rows: list[tuple[list[tuple[Card, tuple[str, ...]]], float]] = field(default_factory=list)

    @property
    def height(self) -> float:
        return sum(tall for _cards, tall in self.rows) + GAP * max(len(self.rows) - 1, 0)


def _grid(cards: Sequence[Card], inner: float) -> _Grid:
    """The cards in as few rows as their narrowest width allows, the rows as even as can be."""
    most = min(max(int((inner + GAP) // (CARD_MIN + GAP)), 1), MOST_CARDS_A_ROW)
    rows = ceil(len(cards) / most)
    columns = ceil(len(cards) / rows) if rows else 1
    grid = _Grid(min((inner - GAP * (columns - 1)) / columns, CARD_MAX))
    for n in range(0, len(cards), columns):
        named = [(card, _name_lines(card, grid.card_width)) for card in cards[n : n + columns]]
        most_lines = max(len(lines) for _card, lines in named)
        grid.rows.append((named, CARD_TOP + NAME_LINE * most_lines + CARD_REST))
    return grid


def _name_lines(card: Card, card_width: float) -> tuple[str, ...]:
    """The name in one line or two; the mark of an example stands beside the first."""
    tag = TAG if card.example else 0
    # Bold Latin letters are broader than the rule of thumb.
    size = NAME_SIZE * 1.15 if card.name.isascii() else NAME_SIZE
    lines = wrapped(card.name, card_width - 24 - tag, size, most=2)
    # A second line of one or two characters looks like a slip: such a name is broken in the middle.
    if len(lines) == 2 and len(lines[1]) < 3 and " " not in card.name:
        half = ceil(len(card.name) / 2)
        return card.name[:half], card.name[half:]
    return tuple(lines)


def _place(node: Node, x: float, y: float, w: float, row: int, least: tuple[float, float] = (0, 0)) -> UnitBox:
    """A unit with its cards at a place; head and body at least as high as ``least``."""
    wide = w > WIDE
    room = w - 2 * INSET - 8 - (FACT * len(node.facts) if wide else 0)
    names = tuple(wrapped(node.name, room, UNIT_SIZE, most=2))
    lines = tuple(wrapped(node.line, room, SMALL_SIZE, most=2)) if node.line else ()
    head = max(head_height(len(names), len(lines), len(node.facts), wide), least[0])
    grid = _grid(node.cards, w - 2 * INSET)
    boxes, top = [], y + head
    for number, (cards, tall) in enumerate(grid.rows, start=1):
        for n, (card, words) in enumerate(cards):
            left = round(x + INSET + n * (grid.card_width + GAP), 1)
            centre = round(left + grid.card_width / 2)
            boxes.append(
                CardBox(card, left, round(top, 1), round(grid.card_width, 1), tall, row + number, centre, words)
            )
        top += tall + GAP
    body = max(grid.height + (INSET if grid.rows else 0), least[1])
    middle = round(x + w / 2)
    return UnitBox(node, round(x, 1), y, round(w, 1), head + body, row, middle, head, names, lines, wide, tuple(boxes))


def layout(zone: Node, parks: Sequence[Node]) -> Tree:
    """Place the zone and its parks with their bureaus, and connect them."""
    top = _place(zone, MARGIN, HEAD, WIDTH - 2 * MARGIN, 0)
    units, lines = [top], []
    row, y = _last_row(top) + 1, top.y + top.h
    spine = round(top.x + top.w / 2, 1)
    for first in range(0, len(parks), PARKS_A_ROW):
        placed = _band(parks[first : first + PARKS_A_ROW], y + TRUNK, row)
        lines += _connectors(spine, y, placed)
        units += placed
        row, y = max(_last_row(box) for box in placed) + 1, placed[0].y + placed[0].h
        if first + PARKS_A_ROW < len(parks):
            # The trunk goes on between two parks of this row.
            spine = round(placed[len(placed) // 2].x - GUTTER / 2, 1)
            lines.append(f"M{spine} {placed[0].y - TRUNK / 2:.1f}V{y:.1f}")
    return Tree(round(y + FOOT, 1), tuple(units), tuple(lines))


def _band(parks: Sequence[Node], y: float, row: int) -> list[UnitBox]:
    """Parks side by side, their heads and bodies equally high."""
    w = (WIDTH - 2 * MARGIN - GUTTER * (len(parks) - 1)) / len(parks)
    left = [MARGIN + n * (w + GUTTER) for n in range(len(parks))]
    tried = [_place(park, x, y, w, row) for park, x in zip(parks, left, strict=True)]
    least = max(box.head for box in tried), max(box.h - box.head for box in tried)
    return [_place(park, x, y, w, row, least) for park, x in zip(parks, left, strict=True)]


def _connectors(spine: float, y: float, parks: Sequence[UnitBox]) -> list[str]:
    """A trunk down from the superior, a beam, and a drop to each park."""
    beam = round(y + TRUNK / 2, 1)
    centres = [round(box.x + box.w / 2, 1) for box in parks]
    ends = [spine, *centres]
    beams = [f"M{min(ends)} {beam}H{max(ends)}"] if max(ends) > min(ends) else []
    drops = [f"M{centre} {beam}V{box.y:.1f}" for centre, box in zip(centres, parks, strict=True)]
    return [f"M{spine} {y:.1f}V{beam}", *beams, *drops]


def _last_row(box: UnitBox) -> int:
    return max((card.row for card in box.cards), default=box.row)


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
        levels = range(max(len(heads), len(path)))
        hands += [Hand(heads[min(n, len(heads) - 1)], path[min(n, len(path) - 1)]) for n in levels]
    return (*hands, *(Hand(tier.name, bureau) for tier in tiers if tier.kind == "staff"))
