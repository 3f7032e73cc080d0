"""The lines of units' cards, side by side: as a sheet, and summed up by first-level indicator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from kpi.basis import weights
from kpi.models import Indicator, Line

HUNDRED = 100


@dataclass(frozen=True)
class Group:
    """A first-level indicator of one card: its weight and points so far.

    ``rate`` is the points got in percent of those that could be had on its
    scored lines; None while none is scored.
    """

    name: str
    weight: Fraction
    points: Decimal
    scored: int
    lines: int
    rate: Fraction | None


@dataclass(frozen=True)
class SheetColumn:
    """An indicator of a sheet with its weight, under its first-level indicator."""

    indicator: Indicator
    group: str
    weight: Decimal


@dataclass(frozen=True)
class GroupHead:
    """A first-level indicator over so many columns of a sheet."""

    name: str
    span: int


@dataclass(frozen=True)
class Sheet:
    """A matrix of units × indicators: ``cells`` holds, by card and indicator, the line."""

    columns: list[SheetColumn]
    cells: dict[tuple[int, int], Line]

    @property
    def heads(self) -> list[GroupHead]:
        found: list[GroupHead] = []
        for column in self.columns:
            if found and found[-1].name == column.group:
                found[-1] = GroupHead(column.group, found[-1].span + 1)
            else:
                found.append(GroupHead(column.group, 1))
        return found

    def mean(self, column: SheetColumn, cards: Iterable[int]) -> Fraction | None:
        """The mean of the points got on an indicator, over the cards that have any."""
        got = [
            line.points
            for card in cards
            if (line := self.cells.get((card, column.indicator.pk))) and line.points is not None
        ]
        return Fraction(sum(got, Decimal(0))) / len(got) if got else None


def lines_of(cards: Iterable[int]) -> dict[int, list[Line]]:
    """The lines of each card in order, with their indicators, and how many ``files`` show what they rest on."""
    found: dict[int, list[Line]] = {card: [] for card in cards}
    files = Count("evidence", filter=Q(evidence__withdrawn_at__isnull=True))
    lines = Line.objects.filter(scorecard__in=list(found)).annotate(files=files)
    for line in lines.select_related("indicator").order_by("sequence"):
        found[line.scorecard_id].append(line)
    return found


def sheet(lines: dict[int, list[Line]]) -> Sheet:
    """The cards' lines under the indicators that any of them has, in the order of the cards' own."""
    columns: dict[int, SheetColumn] = {}
    cells: dict[tuple[int, int], Line] = {}
    for card, own in lines.items():
        for line in own:
            columns.setdefault(line.indicator_id, SheetColumn(line.indicator, group_name(line), line.weight))
            cells[card, line.indicator_id] = line
    groups = list(dict.fromkeys(column.group for column in columns.values()))
    return Sheet(sorted(columns.values(), key=lambda column: groups.index(column.group)), cells)


def group_name(line: Line) -> str:
    return line.group or _("未分组")


def groups(lines: Sequence[Line]) -> list[Group]:
    """A card's first-level indicators in their order; where none is named, each indicator stands for itself."""
    named = any(line.group for line in lines)
    spread = weights(lines)
    names = [group_name(line) if named else line.indicator.shown_name for line in lines]
    return [
        _group(name, [(line, spread[line.pk]) for line, own in zip(lines, names, strict=True) if own == name])
        for name in dict.fromkeys(names)
    ]


def _group(name: str, lines: Sequence[tuple[Line, Fraction]]) -> Group:
    points = sum((line.points for line, _weight in lines if line.points is not None), Decimal(0))
    open_to = sum((weight for line, weight in lines if line.points is not None), Fraction(0))
    return Group(
        name,
        sum((weight for _line, weight in lines), Fraction(0)),
        points,
        sum(line.points is not None for line, _weight in lines),
        len(lines),
        Fraction(points) / open_to * HUNDRED if open_to else None,
    )


def mean_rates(of: Iterable[Sequence[Group]]) -> dict[str, Fraction]:
    """By first-level indicator, the mean of the cards' rates."""
    rates: dict[str, list[Fraction]] = {}
    for card in of:
        for group in card:
            if group.rate is not None:
                rates.setdefault(group.name, []).append(group.rate)
    return {name: sum(found, Fraction(0)) / len(found) for name, found in rates.items()}
