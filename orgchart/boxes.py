"""What stands on the org chart: units and bureaus as boxes, with the places of all that is in them. Pure: no Django.

``orgchart/tree.py`` says where each box stands; inside a box everything counts
from its upper left corner.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.drawing import INKS

#: A sign beside each colour, the same as on the pages' badges.
SIGNS = {"core": "●", "support": "○", "social": "◆"}
INSET = 10
NAME_LINE, UNIT_LINE, SMALL_LINE = 18, 21, 17
#: A card's height is its name and these.
CARD_TOP, CARD_REST = 12, 68
SEAT = 9
#: More seats than this are a plain bar.
MOST_PIPS = 24
#: How wide one fact of a wide unit is.
FACT = 118

Place = tuple[float, str]


@dataclass(frozen=True)
class Card:
    """A bureau: what its card says. ``head`` is whatever may be said of who heads it."""

    code: str
    name: str
    nature: str
    nature_name: str = ""
    head: str = ""
    head_vacant: bool = False
    seats: int = 0
    filled: int = 0
    example: bool = False
    href: str = ""

    @property
    def vacant(self) -> int:
        return max(self.seats - self.filled, 0)

    @property
    def sign(self) -> str:
        return SIGNS.get(self.nature, SIGNS["support"])

    @property
    def ink(self) -> str:
        return INKS.get(self.nature, INKS["support"])


@dataclass(frozen=True)
class Node:
    """A unit: its name, a line on what it is, ``facts`` as label and value, and its bureaus in their order."""

    code: str
    name: str
    line: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    cards: tuple[Card, ...] = ()
    example: bool = False
    href: str = ""


@dataclass(frozen=True)
class CardBox:
    """A card's place; ``row`` and ``col`` are for whoever walks the picture by keys."""

    card: Card
    x: float
    y: float
    w: float
    h: float
    row: int
    col: int
    lines: tuple[str, ...]

    @property
    def name(self) -> list[Place]:
        return [(CARD_TOP + 12 + NAME_LINE * n, line) for n, line in enumerate(self.lines)]

    @property
    def edge(self) -> str:
        """The coloured edge at the left, rounded as the card is."""
        return f"M5 0.5V{self.h - 0.5:.1f}A7 7 0 0 1 0 {self.h - 7:.1f}V7A7 7 0 0 1 5 0.5z"

    @property
    def tag_x(self) -> float:
        return round(self.w - 40, 1)

    @property
    def tag_word_x(self) -> float:
        return round(self.w - 24, 1)

    @property
    def nature_y(self) -> float:
        return self.h - 52

    @property
    def head_y(self) -> float:
        return self.h - 33

    @property
    def words_x(self) -> float:
        return round(self.w - 10, 1)

    @property
    def filled_path(self) -> str:
        return self._pips(0, min(self.card.filled, self.card.seats))

    @property
    def vacant_path(self) -> str:
        return self._pips(min(self.card.filled, self.card.seats), self.card.seats)

    def _pips(self, first: int, last: int) -> str:
        """The seats from ``first`` to before ``last``, one little square each; one bar when they are many."""
        if last <= first:
            return ""
        room, seats, y = self.w - 24, self.card.seats, self.h - 22
        pitch = min(SEAT + 2, room / seats)
        if seats > MOST_PIPS or pitch < 4:
            begin, long = room * first / seats, room * (last - first) / seats
            return f"M{14 + begin:.1f} {y:.1f}h{long:.1f}v{SEAT}h-{long:.1f}z"
        wide = round(pitch - 2, 1)
        return "".join(f"M{14 + pitch * n:.1f} {y:.1f}h{wide}v{SEAT}h-{wide}z" for n in range(first, last))


@dataclass(frozen=True)
class UnitBox:
    """A unit's place, with its cards; ``head`` is how high the part above the cards is."""

    node: Node
    x: float
    y: float
    w: float
    h: float
    row: int
    col: int
    head: float
    names: tuple[str, ...]
    lines: tuple[str, ...]
    wide: bool
    cards: tuple[CardBox, ...] = ()

    @property
    def cap(self) -> float:
        """How high the coloured head is, a little less than the room it has."""
        return self.head - INSET

    @property
    def name(self) -> list[Place]:
        return [(28 + UNIT_LINE * n, line) for n, line in enumerate(self.names)]

    @property
    def said(self) -> list[Place]:
        begin = 26 + UNIT_LINE * len(self.names)
        return [(begin + SMALL_LINE * n, line) for n, line in enumerate(self.lines)]

    @property
    def facts(self) -> list[tuple[float, float, str, str]]:
        """Left edge, height, label and value: at the right of a wide unit, below the lines of others."""
        count = len(self.node.facts)
        step = FACT if self.wide else (self.w - INSET) / max(count, 1)
        begin = self.w - step * count if self.wide else INSET
        y = 28 if self.wide else 32 + UNIT_LINE * len(self.names) + SMALL_LINE * len(self.lines)
        return [(round(begin + 6 + step * n, 1), y, *fact) for n, fact in enumerate(self.node.facts)]


def head_height(names: int, lines: int, facts: int, wide: bool) -> float:
    """How high a unit's head must be for its name, its lines and its facts."""
    words = 22 + UNIT_LINE * names + SMALL_LINE * lines
    return max(words, 64) + 6 if wide else words + (52 if facts else 6)
