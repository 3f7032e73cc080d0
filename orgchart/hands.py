"""Whose hands a matter passes on its way to a post, under the law of a day and under the law before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from common.periods import ONE_DAY
from orgchart.models import BureauVersion, Charter, Tier
from orgchart.structure import lawgiver
from orgchart.tree import Hand, TierOf, chain_of_command
from zones.models import UnitVersion


@dataclass(frozen=True)
class Chain:
    """The hands from the leaders down to ``end`` on ``day``, and the charter they were set by."""

    hands: tuple[Hand, ...]
    day: dt.date
    charter: Charter | None
    end: str


@dataclass
class _Office:
    """A unit on a day with what a chain of command is made of."""

    unit: UnitVersion
    day: dt.date
    charter: Charter | None
    tiers: list[Tier]
    bureaus: dict[int, BureauVersion]

    @classmethod
    def on(cls, unit: UnitVersion, day: dt.date) -> _Office:
        """Three queries; ``unit`` is its version of the day."""
        head = lawgiver(unit)
        bureaus = BureauVersion.objects.on(day).of_unit(unit.unit_id).select_related("bureau")
        return cls(
            unit=unit,
            day=day,
            charter=Charter.objects.on(day).filter(zone=head).first(),
            tiers=list(Tier.objects.on(day).filter(zone=head)),
            bureaus={bureau.bureau_id: bureau for bureau in bureaus},
        )

    def path(self, bureau_id: int) -> list[int]:
        """A bureau with those over it, from below; ends where one would come twice."""
        found: list[int] = []
        at: int | None = bureau_id
        while at in self.bureaus and at not in found:
            found.append(at)
            at = self.bureaus[at].parent_id
        return found

    def chain(self, bureau_id: int | None, tiers: Sequence[Tier]) -> Chain:
        """The hands down through ``tiers`` to a bureau, or to a post of the unit itself."""
        levels = [TierOf(tier.shown_name, tier.kind) for tier in tiers]
        unit = self.unit.shown_short_name
        if bureau_id is None:
            return Chain(tuple(Hand(level.name, unit) for level in levels), self.day, self.charter, unit)
        # By key: two bureaus of a unit may each have a 综合科.
        above = {str(pk): str(each.parent_id) for pk, each in self.bureaus.items() if each.parent_id in self.bureaus}
        hands = chain_of_command(levels, unit, str(bureau_id), above)
        names = {str(pk): each.shown_name for pk, each in self.bureaus.items()}
        named = tuple(Hand(hand.tier, names.get(hand.place, hand.place)) for hand in hands)
        return Chain(named, self.day, self.charter, names[str(bureau_id)])


def chain_to(unit: UnitVersion, bureau_id: int | None, day: dt.date, *, tier: int | None = None) -> Chain | None:
    """The chain of command on the day to a bureau's staff, or as far as ``tier`` (its number).

    None where the bureau does not stand, or the unit has no tiers.
    """
    office = _Office.on(unit, day)
    if not office.tiers or (bureau_id is not None and bureau_id not in office.bureaus):
        return None
    return office.chain(bureau_id, [each for each in office.tiers if tier is None or each.number <= tier])


def longest_before(
    unit: UnitVersion, day: dt.date, *, kind: str = Tier.Kind.STAFF, near: int | None = None
) -> Chain | None:
    """The chain with most hands to a post of the ``kind`` in the same unit, on the last day of the law before.

    Of equally long ones, one through the bureau ``near``, else the first in the
    roster's order. The unit may have had another head then. None where nothing
    came before, or nothing is on record.
    """
    now = Charter.objects.on(day).filter(zone=lawgiver(unit)).first()
    if now is None:
        return None
    eve = now.starts - ONE_DAY
    then = UnitVersion.objects.on(eve).filter(unit=unit.unit_id).select_related("unit", "parent").first()
    if then is None:
        return None
    office = _Office.on(then, eve)
    tiers = [tier for tier in office.tiers if _ORDER[tier.kind] <= _ORDER[kind]]
    if not tiers:
        return None
    if kind == Tier.Kind.LEADER:
        return office.chain(None, tiers)

    def rank(bureau: int) -> tuple[int, int, bool]:
        path = office.path(bureau)
        return len(office.chain(bureau, tiers).hands), len(path), near in path

    longest = max(office.bureaus, key=rank, default=None)
    return None if longest is None else office.chain(longest, tiers)


_ORDER = {kind: place for place, kind in enumerate(Tier.Kind.values)}
