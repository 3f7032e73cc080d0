"""One line of the roster (聘任花名册): the same shape for the file we write and the file we read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from staffing.models import Appointment, Person
from staffing.personnel.identity import mask

#: Words of the form itself, which is Chinese in any language.
IN_POST, ON_PROBATION, LEFT = "在岗", "试用期", "离岗"


@dataclass
class RosterRow:
    """What a line says, as values: choices by code, days as dates, ``kind`` by its code.

    ``unit``, ``bureau``, ``post`` and ``grade`` are names as of the day.
    ``coefficient`` and ``state`` follow from the rest and are only compared.
    """

    number: int | None = None
    unit: str = ""
    bureau: str = ""
    name: str = ""
    national_id: str = ""
    category: str = ""
    identity: str = ""
    original_rank: str = ""
    post: str = ""
    grade: str = ""
    step: int = 1
    document_number: str = ""
    starts: dt.date | None = None
    term_ends: dt.date | None = None
    probation_ends: dt.date | None = None
    coefficient: Decimal | None = None
    kind: str = Appointment.Kind.PRIMARY
    state: str = ""
    change: str = ""
    changed_on: dt.date | None = None
    staff_no: str = ""

    def __deepcopy__(self, memo: dict) -> RosterRow:
        return replace(self)  # its values never change in place


def of_person(person: Person) -> RosterRow:
    """A line with the columns of the person, and none of a post yet."""
    return RosterRow(
        name=person.name,
        national_id=person.national_id,
        category=person.category,
        identity=person.identity,
        original_rank=person.original_rank,
        staff_no=person.staff_no,
    )


def of_appointment(row: Appointment) -> RosterRow:
    """A line of an appointment; the names of its place are the caller's to fill in."""
    line = of_person(row.person)
    line.step, line.document_number, line.kind = row.step, row.document_number, row.kind
    line.starts, line.term_ends, line.probation_ends = row.starts, row.term_ends, row.probation_ends
    if row.end_reason:
        line.change, line.changed_on = row.end_reason, row.last_day
    return line


def lines(roster: Iterable[Appointment], day: dt.date, readable: set[int]) -> Iterator[RosterRow]:
    """The lines of ``AppointmentQuerySet.roster(day)``; ``readable`` holds the people whose number is shown."""
    for number, row in enumerate(roster, start=1):
        line = of_appointment(row)
        line.number = number
        line.unit, line.bureau = row.unit_name or "", row.bureau_name or ""
        line.post, line.grade, line.coefficient = row.post_name or "", row.grade_name or "", row.coefficient
        trying = row.probation_ends and row.probation_ends >= day
        line.state = ON_PROBATION if trying else IN_POST
        if row.person_id not in readable:
            line.national_id = mask(line.national_id)
        yield line
