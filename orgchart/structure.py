"""The structure of a zone on a day, read once for chart, table and comparison; who sits where is told by the caller."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from django.db import connection
from django.db.models import Q

from common.rules import Verdict, Violation, structural_rules, violations
from orgchart.models import BureauVersion, Charter, DutyAssignment, Nature, Quota, Tier
from zones.models import Unit, UnitVersion


@dataclass(frozen=True)
class Manned:
    """How a bureau or unit is staffed: seats set up and filled, and what may be said of its head."""

    seats: int = 0
    filled: int = 0
    head: str = ""
    head_vacant: bool = False

    @property
    def vacant(self) -> int:
        return self.seats - self.filled


NOBODY = Manned()


@dataclass
class UnitRow:
    """A unit with its bureaus, its quotas by kind, and the law of its head."""

    version: UnitVersion
    bureaus: list[BureauVersion] = field(default_factory=list)
    quotas: dict[str, Quota] = field(default_factory=dict)
    charter: Charter | None = None
    tiers: list[Tier] = field(default_factory=list)
    manned: Manned = NOBODY

    @property
    def limit(self) -> int | None:
        """Its quota of bureaus, None where no charter says one."""
        quota = self.quotas.get(Quota.Kind.BUREAUS)
        return quota.limit if quota else None

    @property
    def core(self) -> int:
        return sum(bureau.nature == Nature.CORE and bureau.parent_id is None for bureau in self.bureaus)

    @property
    def count(self) -> int:
        """Second-level units do not count twice, as in the rules."""
        return sum(bureau.parent_id is None for bureau in self.bureaus)

    @property
    def second(self) -> int:
        """How many second-level units it has."""
        return sum(bureau.parent_id is not None for bureau in self.bureaus)

    @property
    def core_share(self) -> Fraction | None:
        return Fraction(self.core, self.count) if self.count else None

    @property
    def ranked(self) -> bool:
        """Whether any bureau's own rank is on record."""
        return any(bureau.rank for bureau in self.bureaus)


@dataclass
class Structure:
    """A zone and its parks on a day, the charter they are held to, and what breaks it.

    ``zone`` is whatever stands on top: a zone, or a park that is looked at alone.
    ``names`` has the units that are spoken of without being part of it.
    """

    zone: Unit
    day: dt.date
    rows: list[UnitRow]
    charter: Charter | None
    tiers: list[Tier]
    verdict: Verdict
    duties: list[DutyAssignment] = field(default_factory=list)
    names: dict[int, UnitVersion] = field(default_factory=dict)

    @cached_property
    def by_unit(self) -> dict[int, UnitRow]:
        return {row.version.unit_id: row for row in self.rows}

    @cached_property
    def by_bureau(self) -> dict[int, tuple[UnitRow, BureauVersion]]:
        """Every bureau by its identity's key, with the unit where it stands."""
        return {bureau.bureau_id: (row, bureau) for row in self.rows for bureau in row.bureaus}

    def joined(self, row: UnitRow) -> bool:
        """Whether the unit is the one on top or reports to it; a park before the reform did neither."""
        return self.zone.pk in (row.version.unit_id, row.version.parent_id)

    @property
    def total(self) -> dict:
        """What the rows come to; ``limit`` only where every unit has one."""
        limits = [row.limit for row in self.rows if row.limit is not None]
        count, core = sum(row.count for row in self.rows), sum(row.core for row in self.rows)
        return {
            "count": count,
            "limit": sum(limits) if len(limits) == len(self.rows) else None,
            "core": core,
            "second": sum(row.second for row in self.rows),
            "social": sum(bureau.nature == Nature.SOCIAL for row in self.rows for bureau in row.bureaus),
            "core_share": Fraction(core, count) if count else None,
            "seats": sum(row.manned.seats for row in self.rows),
            "filled": sum(row.manned.filled for row in self.rows),
            "vacant": sum(row.manned.vacant for row in self.rows),
        }

    @property
    def rule_count(self) -> int:
        return structural_rules()


def read(zone: Unit, day: dt.date, *, also: Collection[int] = (), judged: bool = True) -> Structure:
    """The structure of the day, in a number of queries that does not grow with it.

    ``also`` are units to show that did not belong to the zone then. A picture or
    comparison that says nothing of rules need not be ``judged``.
    """
    units = UnitVersion.objects.on(day).of_zone(zone.pk, also=also).select_related("unit", "parent", "instrument")
    # Whatever stands on top comes first, whatever its place in the roster.
    versions = sorted(units, key=lambda version: version.unit_id != zone.pk)
    rows = {version.unit_id: UnitRow(version) for version in versions}
    bureaus = BureauVersion.objects.on(day).of_units(rows).select_related("bureau").prefetch_related("functions")
    for bureau in bureaus:
        rows[bureau.unit_id].bureaus.append(bureau)
    for quota in Quota.objects.on(day).filter(unit__in=rows):
        rows[quota.unit_id].quotas[quota.kind] = quota
    _read_law(rows.values(), day)
    duties = DutyAssignment.objects.on(day).filter(area__in=rows).select_related("duty", "bureau", "instrument")
    top = rows.get(zone.pk)
    structure = Structure(
        zone=zone,
        day=day,
        rows=list(rows.values()),
        charter=top.charter if top else None,
        tiers=top.tiers if top else [],
        verdict=Verdict.of(_breaches(top, rows, day) if judged and top else []),
        duties=list(duties.order_by("duty__sequence", "duty__code", "area__sequence", "area__code")),
    )
    spoken_of = {row.version.parent_id for row in rows.values()} | {duty.unit_id for duty in structure.duties}
    others = UnitVersion.objects.on(day).filter(unit__in=spoken_of - {None})
    structure.names = {version.unit_id: version for version in (*others, *versions)}
    return structure


def lawgiver(version: UnitVersion) -> int:
    """The unit whose charter and tiers bind it: its zone, or itself where it reports to none."""
    return version.head_id or version.unit_id


def _read_law(rows: Iterable[UnitRow], day: dt.date) -> None:
    """Give every unit the charter and the tiers of its head."""
    bound: dict[int, list[UnitRow]] = defaultdict(list)
    for row in rows:
        bound[lawgiver(row.version)].append(row)
    for charter in Charter.objects.on(day).filter(zone__in=bound).select_related("instrument"):
        for row in bound[charter.zone_id]:
            row.charter = charter
    for tier in Tier.objects.on(day).filter(zone__in=bound):
        for row in bound[tier.zone_id]:
            row.tiers.append(tier)


def _breaches(top: UnitRow, rows: Collection[int], day: dt.date) -> list[Violation]:
    """What breaks a rule of structure in the units shown, under the law of whoever stands on top."""
    found = violations(lawgiver(top.version), day, roster=False)
    return [each for each in found if each.unit_id in rows]


def together(zone: Unit, first: dt.date, second: dt.date) -> tuple[Structure, Structure]:
    """The structure on two days, each with every unit that belongs to it on either: for comparison, not judged."""
    either = UnitVersion.objects.filter(Q(period__contains=first) | Q(period__contains=second))
    units = set(either.of_zone(zone.pk).values_list("unit", flat=True))
    before, after = (read(zone, day, also=units, judged=False) for day in (first, second))
    return before, after


def turning_days(zone_id: int) -> list[dt.date]:
    """Every day on which something in the structure, or in who bears its duties, begins or has just ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select d from orgchart_days(%(zone)s) d where d is not null
            union
            select d from orgchart_dutyassignment a, unnest(array[lower(a.period), upper(a.period)]) d
            where d is not null and a.area_id in (
                select %(zone)s union select v.unit_id from zones_unitversion v where v.parent_id = %(zone)s)
            order by 1
            """,
            {"zone": zone_id},
        )
        return [day for (day,) in cursor.fetchall()]


def first_day(zone_id: int) -> dt.date | None:
    """The first day on which the zone or one of its parks has a bureau."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select min(d) from orgchart_days(%s) d where exists (select from orgchart_bureaus_of(%s, d))",
            [zone_id, zone_id],
        )
        return cursor.fetchone()[0]
