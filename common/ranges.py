"""Pictures of spread: a bar from the least to the most, with the median across; one a row. Pure.

As in ``common/charts.py`` the axis starts at zero and every mark bears its numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from common.drawing import (
    FOOT,
    HEAD,
    MARGIN,
    WIDTHS,
    Bar,
    Caption,
    Chart,
    Label,
    Number,
    Rule,
    Scale,
    Sheet,
    breadth,
    wrapped,
)
from common.drawing import amount as exactly
from common.numerals import grouped

Show = Callable[[Number], str]


@dataclass(frozen=True)
class Range:
    """A row: from ``least`` to ``most``, with ``middle`` in between."""

    label: str
    least: Number
    middle: Number
    most: Number
    note: str = ""
    ink: str = "core"


def ranges(rows: Sequence[Range], caption: Caption, *, show: Show = grouped, middle_word: str = "") -> Chart:
    """The rows one under the other on one scale from zero."""
    width = WIDTHS[0]
    tail = max((breadth(show(row.most)) for row in rows), default=0) + 12
    names = min(max((breadth(row.label) for row in rows), default=0) + 12, 240)
    scale = Scale.over([exactly(row.most) for row in rows], MARGIN + names, width - MARGIN - tail)
    top, pitch, tall = HEAD + 12.0, 46, 16
    zero = MARGIN + names
    sheet = Sheet()
    for at, row in enumerate(rows):
        y = top + pitch * at + 14
        low, middle, high = (scale.at(exactly(value)) for value in (row.least, row.middle, row.most))
        text = f"{show(row.least)}–{show(row.most)}"
        words = f"{middle_word} {show(row.middle)}".strip()
        title = " ".join(part for part in (row.label, text, words, row.note) if part)
        sheet.bars.append(Bar(low, y, round(max(high - low, 2.0), 1), tall, row.ink, title))
        sheet.rules.append(Rule(middle, y - 3, middle, y + tall + 3, "text", title=words))
        sheet.labels.append(Label(MARGIN + names - 12, y + tall / 2 + 4.5, _cut(row.label, names), anchor="end"))
        sheet.labels.append(Label(middle, y - 6, show(row.middle), "muted"))
        sheet.labels.append(Label(high + 6, y + tall / 2 + 4.5, show(row.most), anchor="start", strong=True))
        if low - zero > breadth(show(row.least)) + 10:
            sheet.labels.append(Label(low - 6, y + tall / 2 + 4.5, show(row.least), "muted", anchor="end"))
        sheet.rows.append((row.label, f"{text}（{words}）" if words else text, row.note))
    sheet.rules.append(Rule(zero, top, zero, top + pitch * len(rows)))
    return sheet.chart(caption, width, top + pitch * len(rows) + FOOT + 4)


def _cut(text: str, room: float) -> str:
    return wrapped(text, room - 12, most=1)[0]
