"""A picture of how values spread in groups that are compared: a strip a group, a mark a value, a line at the mean.

Pure: imports nothing of Django, as ``common/charts.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from common.drawing import (
    FOOT,
    HEAD,
    LINE,
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
    amount,
    breadth,
    wrapped,
)
from common.numerals import plain

Show = Callable[[Number], str]
PITCH = 30


@dataclass(frozen=True)
class Strip:
    """A group's values; ``note`` is said beside its mean."""

    label: str
    values: Sequence[Number]
    note: str = ""
    href: str = ""

    @property
    def mean(self) -> Fraction:
        return sum((amount(value) for value in self.values), Fraction(0)) / len(self.values)

    @property
    def spread(self) -> Fraction:
        """Between the highest and the lowest."""
        numbers = [amount(value) for value in self.values]
        return max(numbers) - min(numbers)


def strips(groups: Sequence[Strip], caption: Caption, *, show: Show = plain) -> Chart:
    """All groups on one scale from the lowest value to the highest, so that the strict and the mild stand out."""
    groups = [group for group in groups if group.values]
    width, sheet = WIDTHS[0], Sheet()
    if not groups:
        return sheet.chart(caption, width, HEAD + FOOT)
    numbers = [amount(value) for group in groups for value in group.values]
    low, high = min(numbers), max(numbers)
    names = min(max(breadth(group.label) for group in groups) + 14, 230)
    tails = [f"{show(round(group.mean, 2))}{group.note and ' · '}{group.note}" for group in groups]
    tail = max(breadth(text) for text in tails) + 12
    scale = Scale(low, high if high > low else low + 1, MARGIN + names, width - MARGIN - tail)
    top = HEAD + 8.0
    bottom = top + PITCH * len(groups)
    for edge, anchor in ((scale.low, "start"), (scale.high, "end")):
        x = scale.at(edge)
        sheet.rules.append(Rule(x, top - 2, x, bottom, "grid", dashed=True))
        sheet.labels.append(Label(x, bottom + LINE, show(edge), "muted", anchor))
    for i, (group, text) in enumerate(zip(groups, tails, strict=True)):
        _draw(sheet, group, text, scale, (top + PITCH * i + 6, MARGIN + names - 10, width - MARGIN - tail + 10), show)
    return sheet.chart(caption, width, bottom + LINE + FOOT + 4)


def _draw(sheet: Sheet, group: Strip, text: str, scale: Scale, at: tuple[float, float, float], show: Show) -> None:
    y, left, right = at
    mean = scale.at(group.mean)
    for value in sorted(group.values):
        title = f"{group.label} {show(value)}"
        sheet.bars.append(Bar(round(scale.at(amount(value)) - 2, 1), y + 4, 4, 10, "core", title, group.href))
    sheet.rules.append(Rule(mean, y, mean, y + 18, "text", title=f"{group.label} {show(round(group.mean, 2))}"))
    sheet.labels.append(Label(left, y + 14, wrapped(group.label, left - MARGIN, most=1)[0], anchor="end"))
    sheet.labels.append(Label(right, y + 14, text, anchor="start", strong=True))
    sheet.rows.append((group.label, show(round(group.mean, 2)), group.note))
