"""What the codes of a plan stand for: the zone's units, bureaus, functions and duties around the plan's day.

Read once, in a number of queries that does not grow with the plan; posts are
added by whoever knows them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from common.periods import ONE_DAY
from orgchart.models import BureauVersion, Duty, DutyAssignment, Function, Nature, Plan, Quota
from zones.models import Unit, UnitVersion

if TYPE_CHECKING:
    from orgchart.changes.base import Change

Offers = dict[str, str]


@dataclass
class Site:
    """Codes and the names they go by, each sort in the order in which people look for it.

    ``bureau_unit`` says where a bureau stands, ``held`` which functions it has,
    ``bearers`` who bears a duty in an area (``duty``, ``area`` → name).
    """

    units: Offers
    areas: Offers
    bureaus: Offers
    functions: Offers
    duties: Offers
    bureau_unit: Offers = field(default_factory=dict)
    held: dict[str, tuple[str, ...]] = field(default_factory=dict)
    natures: Offers = field(default_factory=dict)
    ranks: Offers = field(default_factory=dict)
    bearers: dict[tuple[str, str], str] = field(default_factory=dict)
    limits: dict[tuple[str, str], int] = field(default_factory=dict)
    posts: Offers = field(default_factory=dict)
    post_bureau: Offers = field(default_factory=dict)

    def offers(self, sort: str) -> Mapping[str, str]:
        """Code → name of everything that a field of that sort may hold."""
        known: dict[str, Mapping[str, Any]] = {
            "nature": dict(Nature.choices),
            "quota": dict(Quota.Kind.choices),
            "bearer": self.areas,
            "unit": self.units,
            "area": self.areas,
            "bureau": self.bureaus,
            "function": self.functions,
            "duty": self.duties,
            "post": self.posts,
        }
        return known[sort]

    def name(self, sort: str, code: str) -> str:
        """What a code is called; the code itself where it is called nothing."""
        return str(self.offers(sort).get(code, code))

    def names(self, sort: str, codes: Iterable[str], most: int = 8) -> str:
        """The codes by name, in a row; a long row is cut short."""
        called = [self.name(sort, code) for code in codes]
        return "、".join(called[:most]) + ("…" if len(called) > most else "")

    def bureau(self, code: str) -> str:
        """A bureau with its unit before it."""
        unit = self.bureau_unit.get(code)
        return f"{self.units[unit]} {self.name('bureau', code)}" if unit in self.units else self.name("bureau", code)

    def with_new(self, changes: Iterable[Change]) -> Site:
        """With the bureaus that these changes set up."""
        for change in changes:
            for code, name in change.sets_up().items():
                self.bureaus.setdefault(code, name)
        return self


def around(plan: Plan) -> Site:
    """The site of a plan: what stands on the eve of its day or on it. Names are those before it."""
    return of_zone(plan.zone, plan.effective_on)


def of_zone(zone: Unit, day: dt.date) -> Site:
    eve = day - ONE_DAY
    either = Q(period__contains=eve) | Q(period__contains=day)
    superior = UnitVersion.objects.filter(either, unit=zone).values_list("parent", flat=True)
    near = UnitVersion.objects.filter(either).filter(
        Q(unit=zone)
        | Q(parent=zone, unit__kind=Unit.Kind.PARK)
        | Q(parent__in=superior, unit__kind__in=[Unit.Kind.TOWN, Unit.Kind.PARK])
    )
    units: Offers = {}
    areas: Offers = {}
    ids: dict[int, str] = {}
    for version in near.select_related("unit").order_by("unit__sequence", "unit__code", "period"):
        code, name = version.unit.code, version.shown_short_name
        areas.setdefault(code, name)
        if version.unit_id == zone.pk or version.parent_id == zone.pk:
            units.setdefault(code, name)
            ids[version.unit_id] = code
    site = Site(
        units=units,
        areas=areas,
        bureaus={},
        functions={each.code: each.shown_name for each in Function.objects.all()},
        duties={each.code: each.shown_name for each in Duty.objects.all()},
    )
    _read_bureaus(site, ids, either)
    _read_limits(site, ids, eve)
    return site


def _read_bureaus(site: Site, ids: dict[int, str], either: Q) -> None:
    rows = (
        BureauVersion.objects.filter(either, unit__in=ids)
        .select_related("bureau", "unit")
        .prefetch_related("functions")
        .order_by("unit__sequence", "unit__code", "sequence", "period")
    )
    for row in rows:
        code = row.bureau.code
        if code in site.bureaus:
            continue
        site.bureaus[code] = row.shown_name
        site.bureau_unit[code] = ids[row.unit_id]
        site.held[code] = tuple(each.code for each in row.functions.all())
        site.natures[code] = row.nature
        site.ranks[code] = row.rank


def _read_limits(site: Site, ids: dict[int, str], eve: dt.date) -> None:
    for quota in Quota.objects.on(eve).filter(unit__in=ids):
        site.limits[ids[quota.unit_id], quota.kind] = quota.limit
    borne = DutyAssignment.objects.on(eve).filter(area__code__in=site.areas)
    for row in borne.select_related("duty", "area", "bureau", "unit"):
        bearer = site.bureau(row.bureau.code) if row.bureau else site.name("area", row.unit.code)
        site.bearers[row.duty.code, row.area.code] = bearer
