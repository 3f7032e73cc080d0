"""Pictures of one thing seen from several sides: radar, clustered bars, and places over the years.

Pure: imports nothing of Django. A value that is not known is None, and is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from common.drawing import (
    FOOT,
    HEAD,
    LINE,
    MARGIN,
    NARROW,
    WIDTHS,
    Bar,
    Caption,
    Chart,
    Label,
    Number,
    Rule,
    Scale,
    Shape,
    Sheet,
    amount,
    breadth,
    wrapped,
)
from common.numerals import NOTHING, plain

Show = Callable[[Number], str]
Values = Sequence[Number | None]

#: How the members of a picture are told apart: by colour, and by the strokes of their line.
LOOKS = (("core", ""), ("social", "7 4"), ("total", "2 3"), ("support", "10 3 2 3"))
FULL = 100


@dataclass(frozen=True)
class Series:
    """One member of a picture: its name, and a value for each of the picture's axes."""

    name: str
    values: Values


def _shown(value: Number | None, show: Show) -> str:
    return NOTHING if value is None else show(value)


# --- radar ------------------------------------------------------------------------------------


def radar(
    axes: Sequence[str],
    members: Sequence[Series],
    caption: Caption,
    *,
    show: Show = plain,
    most: int = FULL,
    narrow: bool = False,
) -> Chart:
    """Up to four members over three or more axes, in percent; 0 is the middle, ``most`` the rim.

    What lies beyond the rim is drawn on it; the table behind has the number. A
    member without a value on an axis is drawn at the middle of it, and said so.
    """
    width, radius = (NARROW, 92.0) if narrow else (WIDTHS[0], 132.0)
    sheet = Sheet(heads=("", *(member.name for member in members)))
    if len(axes) < 3 or not members:
        return sheet.chart(caption, width, HEAD + FOOT)
    legend = LINE * 1.5 * len(members) if len(members) > 1 else 0
    middle = (width / 2, HEAD + radius + 40)
    turns = [2 * math.pi * place / len(axes) - math.pi / 2 for place in range(len(axes))]
    _rings(sheet, middle, radius, turns, most)
    for place, (axis, turn) in enumerate(zip(axes, turns, strict=True)):
        alone = members[0].values[place] if len(members) == 1 else None
        text = f"{axis} {_shown(alone, show)}" if alone is not None else axis
        _axis_label(sheet, text, middle, radius, turn, width)
        sheet.rows.append((axis, *(_shown(member.values[place], show) for member in members)))
    for member, (ink, dash) in zip(members, LOOKS, strict=False):
        places = [_on(middle, radius, turn, value, most) for turn, value in zip(turns, member.values, strict=True)]
        told = " ".join(f"{axis} {_shown(value, show)}" for axis, value in zip(axes, member.values, strict=True))
        points = " ".join(f"{x},{y}" for x, y in places)
        sheet.shapes.append(Shape(points, ink, filled=len(members) == 1, dash=dash, title=f"{member.name} {told}"))
        sheet.bars += [Bar(round(x - 2.5, 1), round(y - 2.5, 1), 5, 5, ink, member.name) for x, y in places]
    top = middle[1] + radius + 44
    if legend:
        _legend(sheet, members, top)
    return sheet.chart(caption, width, top + legend + FOOT)


def _on(
    middle: tuple[float, float], radius: float, turn: float, value: Number | None, most: int
) -> tuple[float, float]:
    part = 0.0 if value is None else min(max(float(amount(value) / most), 0.0), 1.0)
    return round(middle[0] + radius * part * math.cos(turn), 1), round(middle[1] + radius * part * math.sin(turn), 1)


def _rings(sheet: Sheet, middle: tuple[float, float], radius: float, turns: Sequence[float], most: int) -> None:
    for part in (25, 50, 75, 100):
        value = Fraction(most * part, 100)
        points = " ".join("{},{}".format(*_on(middle, radius, turn, value, most)) for turn in turns)
        sheet.shapes.append(Shape(points, "grid"))
    for turn in turns:
        x, y = _on(middle, radius, turn, most, most)
        sheet.rules.append(Rule(middle[0], middle[1], x, y, "grid"))


def _axis_label(sheet: Sheet, text: str, middle: tuple[float, float], radius: float, turn: float, width: float) -> None:
    """Outside the rim, hung so that it neither runs into the picture nor off the paper."""
    x, y = middle[0] + (radius + 10) * math.cos(turn), middle[1] + (radius + 14) * math.sin(turn)
    side = math.cos(turn)
    anchor = "middle" if abs(side) < 0.2 else "start" if side > 0 else "end"
    room = {"start": width - MARGIN / 2 - x, "end": x - MARGIN / 2, "middle": width - 2 * MARGIN}[anchor]
    lines = wrapped(text, max(room, 40))
    lift = LINE * (len(lines) - 1) if math.sin(turn) < -0.5 else LINE * (len(lines) - 1) / 2
    for place, line in enumerate(lines):
        sheet.labels.append(Label(round(x, 1), round(y + 5 - lift + LINE * place, 1), line, "text", anchor))


def _legend(sheet: Sheet, members: Sequence[Series], top: float) -> None:
    """The members by name under the picture, each beside a piece of its line."""
    for place, (member, (ink, dash)) in enumerate(zip(members, LOOKS, strict=False)):
        y = round(top + LINE * 1.5 * place, 1)
        sheet.shapes.append(Shape(f"{MARGIN},{y} {MARGIN + 36},{y}", ink, dash=dash))
        sheet.labels.append(Label(MARGIN + 46, y + 5, member.name, anchor="start"))


# --- clustered bars ---------------------------------------------------------------------------


def clusters(
    names: Sequence[str],
    members: Sequence[Series],
    caption: Caption,
    *,
    show: Show = plain,
    narrow: bool = False,
) -> Chart:
    """Under each name one lying bar a member, with the member's name and its value beside it."""
    width = NARROW if narrow else WIDTHS[0]
    texts = [[f"{_shown(value, show)} {member.name}" for value in member.values] for member in members]
    tail = max((breadth(text) for row in texts for text in row), default=0) + 12
    aside = 0 if narrow else min(max((breadth(name) for name in names), default=0) + 14, 180)
    values = [amount(value) for member in members for value in member.values if value is not None]
    scale = Scale.over(values, MARGIN + aside, width - MARGIN - tail)
    sheet = Sheet(heads=("", *(member.name for member in members)))
    tall, y = 15, HEAD + 6.0
    for place, name in enumerate(names):
        if narrow:
            sheet.labels.append(Label(MARGIN, y + 13, name, anchor="start", strong=True))
            y += 20
        else:
            middle = y + (tall + 3) * len(members) / 2 + 3
            sheet.labels.append(Label(MARGIN + aside - 12, middle, wrapped(name, aside - 12, most=1)[0], anchor="end"))
        for member, row, (ink, _dash) in zip(members, texts, LOOKS, strict=False):
            value = member.values[place]
            zero = scale.at(Fraction(0))
            end = zero if value is None else scale.at(amount(value))
            if value is not None:
                title = f"{name} {row[place]}"
                sheet.bars.append(Bar(min(zero, end), y, round(max(abs(end - zero), 1.5), 1), tall, ink, title))
            sheet.labels.append(Label(max(zero, end) + 6, y + tall - 3, row[place], "muted", "start"))
            y += tall + 3
        y += 12
        sheet.rows.append((name, *(_shown(member.values[place], show) for member in members)))
    sheet.rules.append(Rule(scale.at(Fraction(0)), HEAD, scale.at(Fraction(0)), y - 8))
    return sheet.chart(caption, width, y + FOOT)


# --- places over the years --------------------------------------------------------------------


@dataclass(frozen=True)
class Stage:
    """A place in one year: ``rank`` of ``of``; None where there was none."""

    year: int
    rank: int | None
    of: int | None = None
    note: str = ""


def course(stages: Sequence[Stage], caption: Caption, *, heads: Sequence[str], narrow: bool = False) -> Chart:
    """Places over the years, the first on top; years that do not follow one another are joined by a dashed line."""
    width = NARROW if narrow else WIDTHS[0]
    sheet = Sheet(heads=tuple(heads))
    ranked = [stage for stage in stages if stage.rank is not None]
    worst = max([stage.of or stage.rank or 1 for stage in ranked], default=1)
    top, bottom = HEAD + 30.0, HEAD + 30.0 + 26.0 * max(min(worst - 1, 8), 2)
    slot = (width - 2 * MARGIN) / max(len(stages), 1)
    at = {
        stage.year: (
            round(MARGIN + slot * (place + 0.5), 1),
            round(top + (bottom - top) * (stage.rank - 1) / max(worst - 1, 1), 1),
        )
        for place, stage in enumerate(stages)
        if stage.rank is not None
    }
    for one, two in pairwise(ranked):
        (x1, y1), (x2, y2) = at[one.year], at[two.year]
        sheet.rules.append(Rule(x1, y1, x2, y2, "core", dashed=two.year != one.year + 1))
    for place, stage in enumerate(stages):
        text = NOTHING if stage.rank is None else f"{stage.rank} / {stage.of}" if stage.of else str(stage.rank)
        middle = round(MARGIN + slot * (place + 0.5), 1)
        sheet.labels.append(Label(middle, bottom + LINE + 12, str(stage.year), "muted"))
        sheet.rows.append((str(stage.year), text, stage.note))
        if stage.rank is not None:
            x, y = at[stage.year]
            title = " ".join(part for part in (str(stage.year), text, stage.note) if part)
            sheet.bars.append(Bar(x - 5, y - 5, 10, 10, "core", title))
            sheet.labels.append(Label(x, y - 12, text, strong=True))
    return sheet.chart(caption, width, bottom + LINE * 2 + FOOT + 4)
