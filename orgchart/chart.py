"""The structure of a zone on a day, read once for chart and table; who sits where is told by the caller."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from django.db import connection
from django.utils.translation import gettext as _

from common import numerals
from common.rules import Rule, Violation, violations
from orgchart.boxes import Card, Node
from orgchart.models import BureauVersion, Charter, Nature, Quota, Tier
from orgchart.tree import Tree, layout
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
    """A unit with its bureaus; ``limit`` is its quota of bureaus, None where no charter says one."""

    version: UnitVersion
    bureaus: list[BureauVersion] = field(default_factory=list)
    limit: int | None = None
    manned: Manned = NOBODY

    @property
    def core(self) -> int:
        return sum(bureau.nature == Nature.CORE and bureau.parent_id is None for bureau in self.bureaus)

    @property
    def count(self) -> int:
        """Second-level units do not count twice, as in the rules."""
        return sum(bureau.parent_id is None for bureau in self.bureaus)

    @property
    def core_share(self) -> Fraction | None:
        return Fraction(self.core, self.count) if self.count else None

    @property
    def ranked(self) -> bool:
        """Whether any bureau's own rank is on record."""
        return any(bureau.rank for bureau in self.bureaus)


@dataclass
class Structure:
    """A zone and its parks on a day, the charter they are held to, and what breaks it."""

    zone: Unit
    day: dt.date
    rows: list[UnitRow]
    charter: Charter | None
    tiers: list[Tier]
    violations: list[Violation]

    @property
    def total(self) -> dict:
        """What the rows come to; ``limit`` only where every unit has one."""
        limits = [row.limit for row in self.rows if row.limit is not None]
        count, core = sum(row.count for row in self.rows), sum(row.core for row in self.rows)
        return {
            "count": count,
            "limit": sum(limits) if len(limits) == len(self.rows) else None,
            "core": core,
            "core_share": Fraction(core, count) if count else None,
            "seats": sum(row.manned.seats for row in self.rows),
            "filled": sum(row.manned.filled for row in self.rows),
            "vacant": sum(row.manned.vacant for row in self.rows),
        }

    @property
    def broken(self) -> list[tuple[Violation, UnitVersion | None]]:
        """What breaks a rule, each with the unit where it does."""
        versions = {row.version.unit_id: row.version for row in self.rows}
        return [(violation, versions.get(violation.unit_id)) for violation in self.violations]

    @property
    def rule_count(self) -> int:
        return len(Rule.registry)


def read(zone: Unit, day: dt.date) -> Structure:
    """The structure of the day, in a number of queries that does not grow with it."""
    units = UnitVersion.objects.on(day).of_zone(zone.pk).select_related("unit", "instrument")
    rows = {version.unit_id: UnitRow(version) for version in units}
    for bureau in BureauVersion.objects.of_zone(zone.pk, day).select_related("bureau"):
        rows[bureau.unit_id].bureaus.append(bureau)
    for quota in Quota.objects.on(day).filter(unit__in=rows, kind=Quota.Kind.BUREAUS):
        rows[quota.unit_id].limit = quota.limit
    return Structure(
        zone=zone,
        day=day,
        rows=list(rows.values()),
        charter=Charter.objects.on(day).filter(zone=zone).select_related("instrument").first(),
        tiers=list(Tier.objects.on(day).filter(zone=zone)),
        violations=violations(zone.pk, day),
    )


Address = Callable[[str, str], str]


def draw(structure: Structure, by_bureau: Mapping[int, Manned], leaders: Mapping[int, str], address: Address) -> Tree:
    """The picture: ``by_bureau`` says how each bureau is staffed, ``leaders`` who leads each unit.

    ``address(page, code)`` gives the links, on the day of the page.
    """
    nodes = [_node(row, by_bureau, leaders.get(row.version.unit_id, ""), address) for row in structure.rows]
    return layout(nodes[0], nodes[1:])


def _node(row: UnitRow, by_bureau: Mapping[int, Manned], leader: str, address: Address) -> Node:
    version = row.version
    said = [version.get_rank_display() if version.rank else "", _dispatch(version), leader]
    code = version.unit.code
    return Node(
        code=code,
        name=version.shown_name,
        line=" · ".join(part for part in said if part),
        facts=facts(row),
        cards=tuple(_card(bureau, by_bureau.get(bureau.bureau_id, NOBODY), address) for bureau in row.bureaus),
        example=version.is_example,
        href=address("unit", code),
    )


def _dispatch(version: UnitVersion) -> str:
    return _("%(body)s派出机关") % {"body": version.dispatched_by} if version.dispatched_by else ""


def facts(row: UnitRow) -> tuple[tuple[str, str], ...]:
    """What a unit's head says at a glance: bureaus of their quota, core share, seats filled."""
    bureaus = f"{row.count} / {row.limit}" if row.limit is not None else str(row.count)
    share = f"{row.core}/{row.count} · {numerals.in_percent(row.core_share, 0)}" if row.count else numerals.NOTHING
    return (
        (_("职能机构"), bureaus),
        (_("主责主业"), share),
        (_("在岗"), f"{row.manned.filled} / {row.manned.seats}"),
    )


def _card(bureau: BureauVersion, manned: Manned, address: Address) -> Card:
    return Card(
        code=bureau.bureau.code,
        name=bureau.shown_name,
        nature=bureau.nature,
        nature_name=bureau.get_nature_display(),
        head=manned.head,
        head_vacant=manned.head_vacant,
        seats=manned.seats,
        filled=manned.filled,
        example=bureau.is_example,
        href=address("bureau", bureau.bureau.code),
    )


def turning_days(zone_id: int) -> list[dt.date]:
    """Every day on which something in the zone's structure begins or has just ended, in order."""
    with connection.cursor() as cursor:
        cursor.execute("select d from orgchart_days(%s) d where d is not null order by d", [zone_id])
        return [day for (day,) in cursor.fetchall()]


def first_day(zone_id: int) -> dt.date | None:
    """The first day on which the zone or one of its parks has a bureau."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select min(d) from orgchart_days(%s) d where exists (select from orgchart_bureaus_of(%s, d))",
            [zone_id, zone_id],
        )
        return cursor.fetchone()[0]


def summary(structure: Structure) -> str:
    """The picture's second line: what it comes to, and the tiers it is held to."""
    total = structure.total
    said = [
        _("职能机构 %(n)s 个") % {"n": total["count"]},
        _("主责主业 %(share)s") % {"share": numerals.in_percent(total["core_share"])},
        _("在岗 %(filled)s 人 / %(seats)s 席，空缺 %(vacant)s 席")
        % {"filled": total["filled"], "seats": total["seats"], "vacant": total["vacant"]},
    ]
    if structure.tiers:
        names = " → ".join(tier.shown_name for tier in structure.tiers)
        said.append(_("%(n)s 级管理：%(names)s") % {"n": len(structure.tiers), "names": names})
    return " · ".join(said)
