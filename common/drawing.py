"""What a picture is made of: marks with coordinates, scales, and text that fits.

Pure: imports nothing of Django. Values stay exact until they become a place on
the paper; only coordinates are floats. An ``ink`` is a CSS class on a page and,
through ``INKS``, a colour where there is no stylesheet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from common.numerals import exact

Number = Decimal | Fraction | int

#: Colours of the marks on white paper; at most six carry meaning, and a word stands beside each.
INKS = {
    "total": "#1d3f72",
    "core": "#2b6cb0",
    "gain": "#2b6cb0",
    "support": "#718096",
    "adjust": "#718096",
    "social": "#b7791f",
    "loss": "#b7791f",
    "breach": "#b3261e",
    "track": "#e6ebf2",
    "grid": "#d9dfe8",
    "axis": "#8a94a3",
    "text": "#1c2430",
    "muted": "#56606e",
}

#: Widths a picture may have; the stylesheet knows the narrowest on which each is still readable.
WIDTHS = (720, 900, 1080, 1260, 1560, 1920)
NARROW = 360
MARGIN = 20
HEAD = 58
FOOT = 34
LETTER = 13
LINE = 17


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    w: float
    h: float
    ink: str
    title: str = ""
    href: str = ""

    @property
    def fill(self) -> str:
        return INKS[self.ink]


@dataclass(frozen=True)
class Rule:
    x1: float
    y1: float
    x2: float
    y2: float
    ink: str = "axis"
    dashed: bool = False
    title: str = ""

    @property
    def stroke(self) -> str:
        return INKS[self.ink]


@dataclass(frozen=True)
class Label:
    x: float
    y: float
    text: str
    ink: str = "text"
    anchor: str = "middle"
    strong: bool = False

    @property
    def fill(self) -> str:
        return INKS[self.ink]


@dataclass(frozen=True)
class Shape:
    """A closed line through ``points`` ("x,y x,y"), filled faintly where ``filled``; ``dash`` tells two apart."""

    points: str
    ink: str
    filled: bool = False
    dash: str = ""
    title: str = ""

    @property
    def stroke(self) -> str:
        return INKS[self.ink]


@dataclass(frozen=True)
class Caption:
    """The words of a picture: title, unit of measure, source and the day it is about, ready to print."""

    title: str
    unit: str = ""
    source: str = ""
    as_of: str = ""


@dataclass(frozen=True)
class Chart:
    """A picture: its caption, its marks, and the same numbers as table rows."""

    title: str
    width: int
    height: float
    unit: str = ""
    source: str = ""
    as_of: str = ""
    bars: tuple[Bar, ...] = ()
    rules: tuple[Rule, ...] = ()
    labels: tuple[Label, ...] = ()
    path: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    shapes: tuple[Shape, ...] = ()
    #: The headings of ``rows`` where there are more than two columns.
    heads: tuple[str, ...] = ()

    @property
    def linked(self) -> bool:
        """With links in it a picture is a group to a screen reader: an image would hide them."""
        return any(bar.href for bar in self.bars)

    @property
    def foot(self) -> float:
        """Where the line with source and date stands."""
        return round(self.height - 12, 1)

    @property
    def desc(self) -> str:
        """What the picture shows, for somebody who hears it."""
        return "; ".join(" ".join(cell for cell in row if cell) for row in self.rows)


@dataclass
class Sheet:
    """Marks as they are collected."""

    bars: list[Bar] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    rows: list[tuple[str, ...]] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    heads: tuple[str, ...] = ()

    def chart(self, caption: Caption, width: int, height: float) -> Chart:
        return Chart(
            caption.title,
            width,
            round(height, 1),
            caption.unit,
            caption.source,
            caption.as_of,
            tuple(self.bars),
            tuple(self.rules),
            tuple(self.labels),
            rows=tuple(self.rows),
            shapes=tuple(self.shapes),
            heads=self.heads,
        )


@dataclass(frozen=True)
class Scale:
    """Where on the paper a value lies; ``start`` is the place of ``low``, ``end`` that of ``high``."""

    low: Fraction
    high: Fraction
    start: float
    end: float

    @classmethod
    def over(cls, values: Sequence[Fraction], start: float, end: float) -> Scale:
        """A scale that holds the values and zero."""
        low, high = min([Fraction(0), *values]), max([Fraction(0), *values])
        return cls(low, high if high > low else low + 1, start, end)

    def at(self, value: Fraction) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + float(share) * (self.end - self.start), 1)


def amount(number: Number | None) -> Fraction:
    found = exact(number)
    if found is None:
        raise ValueError(f"not a number: {number!r}")
    return found


def breadth(text: str, size: float = LETTER) -> float:
    """How wide a text is, roughly: a Chinese character is one em, others a little over half."""
    return sum(1.0 if ord(letter) > 0x2E7F else 0.56 for letter in text) * size


def wrapped(text: str, room: float, size: float = LETTER, most: int = 3) -> list[str]:
    """The text in lines that fit into ``room``; what does not fit into ``most`` lines ends in an ellipsis."""
    words = text.split(" ") if " " in text else list(text)
    glue = " " if " " in text else ""
    lines = [""]
    for word in words:
        longer = f"{lines[-1]}{glue}{word}" if lines[-1] else word
        if lines[-1] and breadth(longer, size) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1].rstrip() + "…"]
    return lines


def width_for(wanted: float) -> int:
    return next((width for width in WIDTHS if width >= wanted), math.ceil(wanted))
