"""What somebody has held, post by post, with the names that went with it then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from orgchart.models import BureauVersion
from staffing.models import Appointment, GradeCoefficient, PostVersion
from zones.models import UnitVersion


@dataclass(frozen=True)
class Spell:
    """An appointment with its post as it stood on ``day``: today's for one in force, else its last day's."""

    appointment: Appointment
    day: dt.date
    current: bool
    place: PostVersion | None
    unit: UnitVersion | None
    bureau: BureauVersion | None
    coefficient: Any = None

    @property
    def post_name(self) -> str:
        return self.place.shown_name if self.place else self.appointment.post.code

    @property
    def where(self) -> str:
        names = [self.unit.shown_short_name if self.unit else "", self.bureau.shown_name if self.bureau else ""]
        return " · ".join(name for name in names if name)

    @property
    def on_probation(self) -> bool:
        ends = self.appointment.probation_ends
        return self.current and ends is not None and ends >= self.day


def career(appointments: Iterable[Appointment], day: dt.date) -> list[Spell]:
    """The appointments as spells, the newest first: five queries, however many there are."""
    rows = sorted(appointments, key=lambda row: (row.starts, row.kind == Appointment.Kind.PRIMARY), reverse=True)
    versions = list(
        PostVersion.objects.filter(post__in={row.post_id for row in rows})
        .select_related("grade", "tier", "unit", "bureau", "post")
        .order_by("period")
    )
    of_units = list(UnitVersion.objects.filter(unit__in={v.unit_id for v in versions}))
    of_bureaus = list(BureauVersion.objects.filter(bureau__in={v.bureau_id for v in versions if v.bureau_id}))
    worth = list(GradeCoefficient.objects.filter(grade__in={v.grade_id for v in versions}))
    return [_spell(row, day, versions, of_units, of_bureaus, worth) for row in rows]


def _spell(
    row: Appointment,
    day: dt.date,
    versions: Sequence[PostVersion],
    of_units: Sequence[UnitVersion],
    of_bureaus: Sequence[BureauVersion],
    worth: Sequence[GradeCoefficient],
) -> Spell:
    current = row.in_force(day)
    then = day if current else (row.starts if row.starts > day else row.last_day or row.starts)
    place = _then(versions, then, post_id=row.post_id)
    if place is None:
        return Spell(row, then, current, None, None, None)
    coefficient = _then(worth, then, grade_id=place.grade_id)
    return Spell(
        row,
        then,
        current,
        place,
        _then(of_units, then, unit_id=place.unit_id),
        _then(of_bureaus, then, bureau_id=place.bureau_id) if place.bureau_id else None,
        coefficient.value if coefficient else None,
    )


def _then(rows: Sequence[Any], day: dt.date, **key: int) -> Any:
    """The row of that key which is in force on the day."""
    (name, value), *_rest = key.items()
    return next((row for row in rows if getattr(row, name) == value and row.in_force(day)), None)


def main_spell(spells: Sequence[Spell]) -> Spell | None:
    """Of the appointments in force, the primary one, or else the first."""
    current = [spell for spell in spells if spell.current]
    primary = [spell for spell in current if spell.appointment.kind == Appointment.Kind.PRIMARY]
    return next(iter(primary or current), None)
