"""How a zone's bureaus are staffed on a day: seats set up and filled, and who heads each, for chart and unit page."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orgchart.chart import Manned
from staffing.models import Appointment, Person, PostVersion
from staffing.querysets import shown
from zones.models import UnitVersion


@dataclass
class Tally:
    """Seats and holders as they are counted."""

    seats: int = 0
    filled: int = 0

    def take(self, seats: int, filled: int) -> None:
        self.seats += seats
        self.filled += filled


@dataclass
class Staffing:
    """Of some units on a day: by bureau, by unit with its leaders, and by unit and kind of tier."""

    bureaus: dict[int, Tally] = field(default_factory=lambda: defaultdict(Tally))
    units: dict[int, Tally] = field(default_factory=lambda: defaultdict(Tally))
    tiers: dict[tuple[int, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    heads: dict[int, Tally] = field(default_factory=lambda: defaultdict(Tally))
    example: bool = False


def staffing_of(unit_ids: Iterable[int], day: dt.date) -> Staffing:
    """Count the seats of the posts that stand in the units on the day. One query."""
    found = Staffing()
    posts = PostVersion.objects.on(day).filter(unit__in=unit_ids).with_taken(day)
    columns = ("unit", "bureau", "tier__kind", "is_head", "headcount", "taken", "is_example")
    for unit, bureau, tier, is_head, seats, taken, example in posts.values_list(*columns):
        found.units[unit].take(seats, taken)
        found.tiers[unit, tier].take(seats, taken)
        if bureau:
            found.bureaus[bureau].take(seats, taken)
        if is_head:
            found.heads[bureau].take(seats, taken)
        found.example = found.example or example
    return found


def seats_by_bureau(zone_id: int, day: dt.date) -> dict[int, Manned]:
    """Bureau → seats set up and filled, over the zone and its parks on the day."""
    units = UnitVersion.objects.on(day).of_zone(zone_id).values_list("unit", flat=True)
    return manned(staffing_of(units, day), {})


def manned(found: Staffing, heads: dict[int, str]) -> dict[int, Manned]:
    """What the chart says of each bureau; ``heads`` are the names that the visitor may know.

    Whoever may not know the name still sees that somebody is there.
    """
    somebody = {bureau: bool(tally.filled) for bureau, tally in found.heads.items()}
    return {
        bureau: Manned(
            tally.seats,
            tally.filled,
            heads.get(bureau) or (_("在岗") if somebody.get(bureau) else ""),
            head_vacant=somebody.get(bureau) is False,
        )
        for bureau, tally in found.bureaus.items()
    }


def heads_of(unit_ids: Iterable[int], day: dt.date, people: QuerySet[Person]) -> tuple[dict[int, str], dict[int, str]]:
    """Bureau → its head's name, and unit → its first leader with his post, as far as ``people`` may be known.

    One query. Whoever holds the head's post heads the bureau; an acting head is marked so.
    """
    held = {
        "post__versions__period__contains": day,
        "post__versions__unit__in": unit_ids,
        "person__in": people,
    }
    rows = Appointment.objects.on(day).filter(**held).exclude(post__versions__tier__kind="staff")
    columns = (
        "post__versions__unit",
        "post__versions__bureau",
        "post__versions__is_head",
        "post__versions__tier__kind",
        shown("post__versions__name"),
        "person__name",
        "kind",
    )
    heads: dict[int, str] = {}
    leaders: dict[int, str] = {}
    for unit, bureau, is_head, tier, post, name, kind in rows.order_by(
        "post__versions__sequence", "post__code", "seat"
    ).values_list(*columns):
        said = _("%(name)s（主持）") % {"name": name} if kind == Appointment.Kind.ACTING else name
        if is_head:
            heads.setdefault(bureau, said)
        elif tier == "leader":
            leaders.setdefault(unit, f"{post} {said}")
    return heads, leaders
