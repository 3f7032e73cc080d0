"""Reading the duty ledger (职责台账): who bears which duty where, on a day, and who did before.

Names are those of the day asked about; they lead somewhere only where the
visitor may go. Every function costs a fixed number of queries.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Protocol

from django.db.models import Q

from common.access import Access
from orgchart.models import BureauVersion, Duty, DutyAssignment, DutyTransfer, TransferLine
from zones.models import Unit, UnitVersion


@dataclass(frozen=True)
class Named:
    """A unit or bureau by its name of the day; ``code`` only where the visitor may open it."""

    name: str
    page: str = ""
    code: str = ""


class HasBearer(Protocol):
    unit_id: int | None
    bureau_id: int | None
    area_id: int


class Names:
    """Names of units and bureaus, on ``day`` or on another, as links where the visitor may follow them. Two queries."""

    def __init__(
        self, units: Iterable[int | None], bureaus: Iterable[int | None], day: dt.date, access: Access
    ) -> None:
        self.day = day
        self.seen = access.units("view", "unit")
        self.versions: dict[tuple[str, int], list] = defaultdict(list)
        unit_ids, bureau_ids = {pk for pk in units if pk}, {pk for pk in bureaus if pk}
        for unit in UnitVersion.objects.filter(unit__in=unit_ids).select_related("unit").order_by("period"):
            self.versions["unit", unit.unit_id].append(unit)
        for bureau in BureauVersion.objects.filter(bureau__in=bureau_ids).select_related("bureau").order_by("period"):
            self.versions["bureau", bureau.bureau_id].append(bureau)

    @classmethod
    def of(cls, rows: Iterable[HasBearer], day: dt.date, access: Access) -> Names:
        """For everything that assignments name."""
        rows = list(rows)
        units = [pk for row in rows for pk in (row.area_id, row.unit_id)]
        return cls(units, [row.bureau_id for row in rows], day, access)

    def unit(self, pk: int, day: dt.date | None = None) -> Named:
        version = self._version("unit", pk, day)
        return Named(version.shown_short_name, "unit", version.unit.code if pk in self.seen else "")

    def bureau(self, pk: int, day: dt.date | None = None) -> Named:
        version = self._version("bureau", pk, day)
        return Named(version.shown_name, "bureau", version.bureau.code if version.unit_id in self.seen else "")

    def holder(self, row: HasBearer, day: dt.date | None = None) -> int:
        """The unit that answers for the duty: the bearer, or the one in which its bureau stands."""
        return self._version("bureau", row.bureau_id, day).unit_id if row.bureau_id else row.unit_id or 0

    def bearer(self, row: HasBearer, day: dt.date | None = None) -> Named:
        return self.bureau(row.bureau_id, day) if row.bureau_id else self.unit(row.unit_id or 0, day)

    def _version(self, kind: str, pk: int, day: dt.date | None):
        """The last version that had begun by the day; else the first there is."""
        versions = self.versions[kind, pk]
        begun = [each for each in versions if each.starts <= (day or self.day)]
        return (begun or versions[:1])[-1]


@dataclass(frozen=True)
class DutyRow:
    """A duty in an area: who bears it, and who bore it before."""

    assignment: DutyAssignment
    area: Named
    bearer: Named
    before: Named | None = None


def duty_rows(where: Q, day: dt.date, access: Access) -> list[DutyRow]:
    """The duties of ``where`` as borne on the day, each with its bearer before, by kind and order. Four queries."""
    now = list(
        DutyAssignment.objects.on(day)
        .filter(where)
        .select_related("duty", "area", "instrument")
        .order_by("duty__sequence", "duty__code", "area__sequence")
    )
    spans = {(row.duty_id, row.area_id): row for row in now}
    ended = DutyAssignment.objects.filter(
        duty__in={row.duty_id for row in now},
        area__in={row.area_id for row in now},
        period__endswith__lte=day,
    )
    before = {
        (row.duty_id, row.area_id): row
        for row in ended
        if (then := spans.get((row.duty_id, row.area_id))) and then.starts == row.period.upper
    }
    names = Names.of([*now, *before.values()], day, access)
    return [
        DutyRow(row, names.unit(row.area_id), names.bearer(row), names.bearer(past) if past else None)
        for row in now
        for past in [before.get((row.duty_id, row.area_id))]
    ]


# --- the ledger as a matrix -------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """A duty in an area on the day.

    Without ``assignment`` it lies with nobody: ``ended`` is the last assignment,
    which a document closed; with neither it was never laid down there.
    """

    duty: Duty
    area: UnitVersion
    assignment: DutyAssignment | None = None
    bearer: Named | None = None
    ended: DutyAssignment | None = None
    transfers: tuple[DutyTransfer, ...] = ()

    @property
    def unsettled(self) -> bool:
        """Laid down for other areas of the zone, and not for this one."""
        return self.assignment is None and self.ended is None

    @property
    def disputed(self) -> list[DutyTransfer]:
        return [transfer for transfer in self.transfers if transfer.disputed]  # type: ignore[attr-defined]

    @property
    def late(self) -> list[DutyTransfer]:
        return [transfer for transfer in self.transfers if transfer.late]  # type: ignore[attr-defined]


@dataclass
class Matrix:
    """Duties by kind against the areas of a zone: the zone itself and its parks."""

    areas: list[UnitVersion]
    groups: list[tuple[str, list[tuple[Duty, list[Cell]]]]] = field(default_factory=list)

    @property
    def cells(self) -> list[Cell]:
        return [cell for _kind, rows in self.groups for _duty, cells in rows for cell in cells]

    @property
    def borne(self) -> int:
        return sum(cell.assignment is not None for cell in self.cells)

    @property
    def unsettled(self) -> int:
        return sum(cell.unsettled for cell in self.cells)

    def per_area(self) -> list[int]:
        """How many duties are borne in each area."""
        return [
            sum(cells[place].assignment is not None for _kind, rows in self.groups for _duty, cells in rows)
            for place in range(len(self.areas))
        ]


def areas_of(zone: Unit, day: dt.date, access: Access) -> list[UnitVersion]:
    """The zone and its parks on the day, as far as the visitor may read their duties."""
    seen = access.units("view", "duty")
    return list(UnitVersion.objects.on(day).of_zone(zone.pk).filter(unit__in=seen).select_related("unit"))


def matrix(zone: Unit, day: dt.date, access: Access) -> Matrix:
    """Who bears what where on the day, with the transfers on file that are disputed or late. Six queries."""
    areas = areas_of(zone, day, access)
    rows = list(
        DutyAssignment.objects.filter(area__in=[area.unit_id for area in areas], period__startswith__lte=day)
        .select_related("duty", "instrument", "closed_by")
        .order_by("duty__sequence", "duty__code", "period")
    )
    latest = {(row.duty_id, row.area_id): row for row in rows}
    names = Names.of([row for row in latest.values() if row.in_force(day)], day, access)
    transfers = transfers_by_cell([area.unit_id for area in areas], day, access)

    def cell(duty: Duty, area: UnitVersion) -> Cell:
        key = (duty.pk, area.unit_id)
        row = latest.get(key)
        about = tuple(transfers.get(key, ()))
        if row is None or not row.in_force(day):
            return Cell(duty, area, ended=row, transfers=about)
        return Cell(duty, area, row, names.bearer(row), transfers=about)

    duties = {row.duty_id: row.duty for row in rows}.values()
    groups = [
        (label, [(duty, [cell(duty, area) for area in areas]) for duty in group]) for label, group in by_kind(duties)
    ]
    return Matrix(areas, groups)


def by_kind(duties: Iterable[Duty]) -> list[tuple[str, list[Duty]]]:
    """Duties in order under the word of their kind, economic first."""
    order = Duty.Kind.values
    ranked = sorted(duties, key=lambda duty: (order.index(duty.kind), duty.sequence, duty.code))
    return [(str(Duty.Kind(kind).label), list(group)) for kind, group in groupby(ranked, key=lambda duty: duty.kind)]


def transfers_by_cell(areas: Iterable[int], day: dt.date, access: Access) -> dict[tuple[int, int], list[DutyTransfer]]:
    """The transfers that the visitor may see, by duty and area. Two queries."""
    lines = list(TransferLine.objects.filter(area__in=list(areas)).values_list("transfer", "duty", "area"))
    seen = access.scope(DutyTransfer.objects.on(day).filter(pk__in={line[0] for line in lines}))
    known = {transfer.pk: transfer for transfer in seen}
    found: dict[tuple[int, int], list[DutyTransfer]] = defaultdict(list)
    for transfer, duty, area in lines:
        if transfer in known:
            found[duty, area].append(known[transfer])
    return found


@dataclass(frozen=True)
class Spell:
    """A time during which somebody bore a duty in an area, named as he was called when it began."""

    assignment: DutyAssignment
    bearer: Named


def history(duty: Duty, area: Unit, day: dt.date, access: Access) -> list[Spell]:
    """Everybody who bore or is to bear a duty in an area, the latest first. Three queries."""
    rows = list(
        DutyAssignment.objects.filter(duty=duty, area=area)
        .select_related("instrument", "closed_by")
        .order_by("-period")
    )
    names = Names.of(rows, day, access)
    return [Spell(row, names.bearer(row, row.starts)) for row in rows]


# --- responsibility lists ---------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """What a unit bears of a duty: by which bureau (None: as a whole), in which area."""

    bureau: Named | None
    area: Named
    own: bool
    assignment: DutyAssignment


@dataclass
class Lists:
    """Responsibility lists side by side: for each duty, what each unit bears of it; ``totals`` count by unit."""

    units: list[UnitVersion]
    groups: list[tuple[str, list[tuple[Duty, list[list[Item]]]]]]
    totals: list[int]
    examples: bool


def responsibility_lists(zone: Unit, day: dt.date, access: Access) -> Lists:
    """What zone, parks and towns answer for in the zone's areas on the day. Six queries."""
    areas = areas_of(zone, day, access)
    rows = list(
        DutyAssignment.objects.on(day)
        .filter(area__in=[area.unit_id for area in areas])
        .select_related("duty")
        .order_by("duty__sequence", "duty__code", "area__sequence", "area__code")
    )
    names = Names.of(rows, day, access)
    holder = {row.pk: names.holder(row) for row in rows}
    bearing = {*holder.values(), *(area.unit_id for area in areas)}
    units = UnitVersion.objects.on(day).filter(unit__in=bearing).select_related("unit")
    columns = list(units.order_by("unit__sequence", "unit__code"))
    items: dict[tuple[int, int], list[Item]] = defaultdict(list)
    for row in rows:
        bureau = names.bureau(row.bureau_id) if row.bureau_id else None
        unit = holder[row.pk]
        items[row.duty_id, unit].append(Item(bureau, names.unit(row.area_id), row.area_id == unit, row))
    groups = [
        (label, [(duty, [items[duty.pk, unit.unit_id] for unit in columns]) for duty in duties])
        for label, duties in by_kind({row.duty_id: row.duty for row in rows}.values())
    ]
    totals = [sum(len(cells[place]) for _l, rows_ in groups for _d, cells in rows_) for place in range(len(columns))]
    return Lists(columns, groups, totals, any(row.is_example for row in rows))


def first_day(zone: Unit) -> dt.date | None:
    """The day with which the ledger of the zone begins."""
    periods = DutyAssignment.objects.filter(Q(area=zone) | Q(area__versions__parent=zone)).order_by("period")
    first = periods.values_list("period", flat=True).first()
    return first.lower if first else None


# --- changes of bearer that still need a handover -----------------------------------------------


@dataclass
class Change:
    """Duties that went from one bearer to another on a day, and of which no handover is on file."""

    starts: dt.date
    giver: tuple[int | None, int | None]
    taker: tuple[int | None, int | None]
    from_unit: int
    to_unit: int
    from_name: Named
    to_name: Named
    lines: list[tuple[DutyAssignment, Named]] = field(default_factory=list)

    @property
    def key(self) -> str:
        ids = (f"b{bureau}" if bureau else f"u{unit}" for bureau, unit in (self.giver, self.taker))
        return "~".join([self.starts.isoformat(), *ids])


def changes(access: Access, *, besides: DutyTransfer | None = None) -> list[Change]:
    """The changes of bearer for which the visitor may draft a handover, the latest first.

    Duties that a transfer is about already are left out, unless it was withdrawn
    or is ``besides``. Five queries.
    """
    units = access.units("add", "transfer")
    rows = list(
        DutyAssignment.objects.filter(area__in=access.units("view", "duty"))
        .select_related("duty", "area", "instrument")
        .order_by("duty__sequence", "area__sequence", "period")
    )
    ended = {(row.duty_id, row.area_id, row.period.upper): row for row in rows if row.period.upper}
    taken = TransferLine.objects.filter(transfer__withdrawn_on__isnull=True)
    if besides is not None:
        taken = taken.exclude(transfer=besides)
    about = set(taken.values_list("duty", "area", "transfer__effective_on"))
    names = Names.of(rows, dt.date.max, access)
    towns = set(Unit.objects.filter(kind=Unit.Kind.TOWN).values_list("pk", flat=True))
    found: dict[tuple, Change] = {}
    for row in rows:
        before = ended.get((row.duty_id, row.area_id, row.starts))
        if before is None or before.bearer == row.bearer or (row.duty_id, row.area_id, row.starts) in about:
            continue
        if row.bureau_id is None and row.unit_id not in towns:
            continue
        from_unit, to_unit = (names.holder(each, row.starts) for each in (before, row))
        if not units & {from_unit, to_unit}:
            continue
        key = (row.starts, before.bearer, row.bearer)
        if key not in found:
            from_name, to_name = names.bearer(before, before.starts), names.bearer(row, row.starts)
            found[key] = Change(
                row.starts, before.bearer, row.bearer, from_unit, to_unit, from_name=from_name, to_name=to_name
            )
        found[key].lines.append((row, names.unit(row.area_id, row.starts)))
    return sorted(found.values(), key=lambda change: (change.starts, change.key), reverse=True)
