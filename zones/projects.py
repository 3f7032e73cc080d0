"""What parks are for, as pages read it: projects by stage, and leading industries side by side."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from common import numerals
from common.drawing import FOOT, HEAD, MARGIN, Bar, Caption, Chart, Label, Sheet, breadth
from zones.models import Industry, Positioning, Project, ProjectStage, Unit, UnitVersion

Stage = ProjectStage.Stage


def shown_stages(projects: Iterable[Project]) -> list[Project]:
    """The projects of ``Project.objects.on`` with their stage in a word."""
    rows = list(projects)
    for row in rows:
        row.stage_word = Stage(row.stage_then).label
    return rows


@dataclass
class Heap:
    """The projects at one stage: how many, what they come to (yuan), and how many have no amount published."""

    stage: str
    count: int = 0
    investment: Decimal = Decimal(0)
    unpublished: int = 0

    @property
    def word(self) -> str:
        return str(Stage(self.stage).label)

    @property
    def said(self) -> str:
        """The heap in words, as the picture and its table say it."""
        parts = [_("%(n)s 个") % {"n": self.count}]
        if self.count > self.unpublished:
            parts.append(_("%(yi)s 亿元") % {"yi": numerals.grouped(self.investment, 2, per=numerals.YI)})
        if self.unpublished:
            parts.append(_("%(n)s 个未公布投资额") % {"n": self.unpublished})
        return " · ".join(parts)


def heaps(projects: Iterable[Project]) -> list[Heap]:
    """One heap a stage, in order; a stage that nobody is at is there with nothing."""
    found = {stage: Heap(stage) for stage in Stage.values}
    for row in projects:
        heap = found[row.stage_then]  # type: ignore[attr-defined]
        heap.count += 1
        if row.investment is None:
            heap.unpublished += 1
        else:
            heap.investment += row.investment
    return [heap for heap in found.values() if heap.count or heap.stage != Stage.DROPPED]


def pipeline(rows: list[Heap], caption: Caption) -> Chart:
    """The stages from the first talks down, each as long as it has projects, with count and sum beside it."""
    width, tall, pitch = 720, 26, 40
    names = max(breadth(heap.word) for heap in rows) + 14
    tail = max(breadth(heap.said) for heap in rows) + 12
    room = max(width - 2 * MARGIN - names - tail, 60)
    most = max(heap.count for heap in rows) or 1
    sheet = Sheet()
    for place, heap in enumerate(rows):
        y = HEAD + 6.0 + pitch * place
        long = round(room * heap.count / most, 1)
        ink = "support" if heap.stage == Stage.DROPPED else "core"
        sheet.labels.append(Label(MARGIN, y + tall / 2 + 4.5, heap.word, anchor="start"))
        box = Bar(MARGIN + names, y, max(long, 1.5), tall, ink, f"{heap.word} {heap.said}", f"?stage={heap.stage}")
        sheet.bars.append(box)
        sheet.labels.append(Label(box.x + box.w + 8, y + tall / 2 + 4.5, heap.said, anchor="start", strong=True))
        sheet.rows.append((heap.word, str(heap.count), heap.said))
    return sheet.chart(caption, width, HEAD + 6.0 + pitch * len(rows) + FOOT)


# --- positioning ------------------------------------------------------------------------------


@dataclass
class Fields:
    """Leading industries against parks; an industry of several parks of one city overlaps."""

    parks: list[UnitVersion]
    rows: list[tuple[Industry, list[Positioning | None]]] = field(default_factory=list)

    @property
    def overlaps(self) -> list[tuple[Industry, list[UnitVersion]]]:
        """The industries that more than one park is positioned on, with those parks."""
        return [
            (industry, [park for park, held in zip(self.parks, cells, strict=True) if held])
            for industry, cells in self.rows
            if sum(held is not None for held in cells) > 1
        ]

    @property
    def shared(self) -> set[int]:
        return {industry.pk for industry, _parks in self.overlaps}

    def per_park(self) -> list[int]:
        return [sum(cells[place] is not None for _i, cells in self.rows) for place in range(len(self.parks))]


def fields(zone: Unit, day: dt.date, seen: frozenset[int]) -> Fields:
    """The parks of the zone's city that the visitor may see, and what each is for on the day. Four queries."""
    city = UnitVersion.objects.on(day).filter(unit=zone).values_list("parent", flat=True).first()
    around = Unit.objects.subtree_ids(city or zone.pk, day=day) & seen
    parks = list(
        UnitVersion.objects.on(day)
        .filter(unit__in=around, unit__kind=Unit.Kind.PARK)
        .select_related("unit")
        .order_by("unit__sequence", "unit__code")
    )
    held: dict[Industry, dict[int, Positioning]] = defaultdict(dict)
    rows = Positioning.objects.on(day).filter(unit__in=[park.unit_id for park in parks]).select_related("industry")
    for row in rows:
        held[row.industry][row.unit_id] = row
    place = {park.unit_id: n for n, park in enumerate(parks)}

    def order(industry: Industry) -> tuple[int, int]:
        return min(place[unit] for unit in held[industry]), industry.pk

    ordered = sorted(held, key=order)
    return Fields(parks, [(each, [held[each].get(park.unit_id) for park in parks]) for each in ordered])
