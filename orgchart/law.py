"""The law of a zone as people read it: what a charter states rule by rule, quotas by unit, and how the rules stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from common.rules import Parameter, Rule, Violation, violations
from orgchart.models import Charter, Quota, QuotaKind
from zones.models import UnitVersion


@dataclass(frozen=True)
class Stated:
    """A parameter that a rule asks for, and what the charter says; ``before`` is what the one before it said."""

    rule: type[Rule]
    name: str
    parameter: Parameter
    value: Decimal | None
    before: Decimal | None = None

    @property
    def shown(self) -> str:
        return "" if self.value is None else self.parameter.shown(self.value)

    @property
    def shown_before(self) -> str:
        return "" if self.before is None else self.parameter.shown(self.before)

    @property
    def changed(self) -> bool:
        return self.value != self.before


def stated(charter: Charter | None, before: Charter | None = None) -> list[Stated]:
    """Every parameter of the catalogue, in the order of the rules."""
    now, then = (each.stated if each else {} for each in (charter, before))
    return [
        Stated(rule, name, parameter, now.get((rule.id, name)), then.get((rule.id, name)))
        for _id, rule in sorted(Rule.registry.items())
        for name, parameter in rule.parameters.items()
    ]


@dataclass
class QuotaTable:
    """Quotas as a table: a row a unit, a column a kind that any of them has, totals below."""

    kinds: list[QuotaKind]
    rows: list[tuple[UnitVersion, list[Quota | None]]]

    @property
    def totals(self) -> list[int]:
        return [
            sum(quotas[place].limit for _version, quotas in self.rows if quotas[place])
            for place in range(len(self.kinds))
        ]

    @property
    def examples(self) -> bool:
        return any(quota and quota.is_example for _version, quotas in self.rows for quota in quotas)


def quota_table(versions: Collection[UnitVersion], day: dt.date) -> QuotaTable:
    """The quotas in force on the day. One query."""
    found = (
        Quota.objects.on(day).filter(unit__in=[version.unit_id for version in versions]).select_related("instrument")
    )
    by_place = {(quota.unit_id, quota.kind): quota for quota in found}
    kinds = [kind for kind in QuotaKind if any(kind == held for _unit, held in by_place)]
    rows = [(version, [by_place.get((version.unit_id, kind)) for kind in kinds]) for version in versions]
    return QuotaTable(kinds, rows)


@dataclass
class Standing:
    """How a rule stands in a zone on a day."""

    rule: type[Rule]
    adopted: bool
    stated: list[Stated] = field(default_factory=list)
    broken: list[Violation] = field(default_factory=list)
    tolerated: list[Violation] = field(default_factory=list)
    warned: list[Violation] = field(default_factory=list)

    @property
    def state(self) -> str:
        """``unadopted``, ``unjudged`` (no finder yet), ``broken``, ``tolerated``, ``warned`` or ``kept``."""
        if not self.adopted:
            return "unadopted"
        if not self.rule.finders:
            return "unjudged"
        return next((name for name in ("broken", "tolerated", "warned") if getattr(self, name)), "kept")

    @property
    def offenders(self) -> Iterator[Violation]:
        yield from (*self.broken, *self.tolerated, *self.warned)


def standings(
    zone_id: int, day: dt.date, charter: Charter | None, found: Iterable[Violation] | None = None
) -> list[Standing]:
    """Every rule of the catalogue; ``found`` are the zone's breaches where the caller has them already."""
    rows = {}
    for each in stated(charter):
        rows.setdefault(each.rule.id, []).append(each)
    out = []
    for rule_id, rule in sorted(Rule.registry.items()):
        asked = rows.get(rule_id, [])
        adopted = not asked or any(each.value is not None for each in asked)
        out.append(Standing(rule, adopted, asked))
    by_id = {standing.rule.id: standing for standing in out}
    for breach in violations(zone_id, day, beyond=True) if found is None else found:
        standing = by_id[breach.rule.id]
        hard = breach.severity == "hard"
        kept = standing.tolerated if breach.exempt else standing.broken if hard else standing.warned
        kept.append(breach)
    return out
