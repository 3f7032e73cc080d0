"""What stands on the org chart: units and bureaus as boxes, with the places of all that is in them. Pure: no Django.

``orgchart/tree.py`` says where each box stands; inside a box everything counts
from its upper left corner.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.drawing import INKS, wrapped

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
#: A card that says nothing of who is there is lower; a mark of what changed takes a strip at its foot.
PLAIN_REST, MARK_STRIP = 30, 23
#: A second-level unit stands under its bureau, set in by this much, at most this often.
INDENT, MOST_INDENTS = 14, 3
SUB_GAP, SUB_LINE, SUB_REST = 6, 16, 14
#: The button that folds a unit's bureaus, and what a folded unit keeps of its body.
FOLD_WIDTH, FOLDED_BODY = 60, 30

#: What a mark says without its colour.
MARK_SIGNS = {"added": "＋", "removed": "－", "changed": "≠"}

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
    #: "added", "removed" or "changed", the word for it, and what exactly.
    mark: str = ""
    mark_word: str = ""
    note: str = ""
    #: Without a word on who is there.
    plain: bool = False
    #: Its second-level units.
    children: tuple[Card, ...] = ()

    @property
    def vacant(self) -> int:
        return max(self.seats - self.filled, 0)

    @property
    def mark_sign(self) -> str:
        return MARK_SIGNS.get(self.mark, "")

    @property
    def below(self) -> list[tuple[Card, int]]:
        """Everything under it with its depth, each after its superior."""
        found: list[tuple[Card, int]] = []
        for child in self.children:
            found += [(child, 1), *((each, depth + 1) for each, depth in child.below)]
        return found

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
    mark: str = ""
    mark_word: str = ""
    #: Whether it reports to the unit on top; a park before the reform did not.
    joined: bool = True
    folded: bool = False
    #: Where the button leads that folds or unfolds it; none, no button.
    fold_href: str = ""

    @property
    def mark_sign(self) -> str:
        return MARK_SIGNS.get(self.mark, "")

    @property
    def bureaus(self) -> int:
        """How many bureaus it has, second-level units included."""
        return sum(1 + len(card.below) for card in self.cards)


@dataclass(frozen=True)
class SubBox:
    """A second-level unit's place under its bureau; ``stem`` is the line that hangs it there."""

    card: Card
    x: float
    y: float
    w: float
    h: float
    row: int
    col: int
    lines: tuple[str, ...]
    stem: str

    @property
    def name(self) -> list[Place]:
        return [(SUB_LINE * (n + 1) + 3, line) for n, line in enumerate(self.lines)]

    @property
    def edge(self) -> str:
        return f"M1.5 1V{self.h - 1:.1f}"

    @property
    def words_x(self) -> float:
        return round(self.w - 8, 1)


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
    #: How high the strip for marks is at the foot of its row.
    foot: float = 0
    subs: tuple[SubBox, ...] = ()

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
    def tag_y(self) -> float:
        """The mark of an example: beside the name, or where others say their seats."""
        return self.nature_y - 12.5 if self.card.plain else 11

    @property
    def tag_word_x(self) -> float:
        return round(self.w - 24, 1)

    @property
    def nature_y(self) -> float:
        return self.h - self.foot - (14 if self.card.plain else 52)

    @property
    def head_y(self) -> float:
        return self.h - self.foot - 33

    @property
    def strip(self) -> str:
        """The strip at the foot, its lower corners round as the card's."""
        top, right = self.h - MARK_STRIP, self.w - 0.5
        return f"M5 {top:.1f}H{right:.1f}V{self.h - 7:.1f}A6.5 6.5 0 0 1 {right - 6.5:.1f} {self.h - 0.5:.1f}H5z"

    @property
    def strip_y(self) -> float:
        return self.h - 7.5

    @property
    def strip_words(self) -> str:
        """The mark in words: what exactly changed, else the mark's own word."""
        said = self.card.note or self.card.mark_word
        return f"{self.card.mark_sign} {wrapped(said, self.w - 44, 12, most=1)[0]}"

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
        room, seats, y = self.w - 24, self.card.seats, self.h - self.foot - 22
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
    def fold_room(self) -> float:
        return FOLD_WIDTH if self.node.fold_href else 0

    @property
    def fold_x(self) -> float:
        return round(self.w - FOLD_WIDTH, 1)

    @property
    def fold_word_x(self) -> float:
        return round(self.fold_x + 26, 1)

    @property
    def fold_col(self) -> int:
        """Right of its name, for whoever walks by keys."""
        return round(self.x + self.w - FOLD_WIDTH / 2)

    @property
    def folded_y(self) -> float:
        return self.head + 12

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
        begin = self.w - step * count - self.fold_room if self.wide else INSET
        y = 28 if self.wide else 32 + UNIT_LINE * len(self.names) + SMALL_LINE * len(self.lines)
        return [(round(begin + 6 + step * n, 1), y, *fact) for n, fact in enumerate(self.node.facts)]


def head_height(names: int, lines: int, facts: int, wide: bool) -> float:
    """How high a unit's head must be for its name, its lines and its facts."""
    words = 22 + UNIT_LINE * names + SMALL_LINE * lines
    return max(words, 64) + 6 if wide else words + (52 if facts else 6)
