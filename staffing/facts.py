"""What other rooms ask about people, as of a day or for a year: counted from facts that stand.

Each question takes many people and answers them in a set number of queries; the
singular ones are for a page about one. Facts that reach over a year's end count
to each year the days that lie in it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet

from common.periods import ONE_DAY, calendar_year
from staffing.headcount import PostMonths, Spell, months_in_post
from staffing.models import Absence, Appointment, Inquiry, Person, Sanction, Secondment, Trial
from zones.models import Unit

#: A month counts, whole, to the post held on this day of it, unless a scheme says otherwise (F12; plausible).
CUTOFF_DAY = 15
Kind = Absence.Kind
#: Leave that never cuts months in post (PAY-10 for annual leave; the others by custom).
PROTECTED = frozenset({Kind.ANNUAL, Kind.MATERNITY, Kind.INJURY})
#: Leave that, over half of a year, leaves the grade unset (ASM-07).
UNSETTLING = frozenset({Kind.SICK, Kind.PERSONAL})


@dataclass(frozen=True)
class LeaveDays:
    """Calendar days of a year by kind of absence; both ends of an absence count."""

    year: int
    days: Mapping[str, int]

    def of(self, kinds: Iterable[str]) -> int:
        return sum(self.days.get(kind, 0) for kind in kinds)

    @property
    def unsettling(self) -> int:
        """Sick and personal leave together, in days (ASM-07 compares them with half the year)."""
        return self.of(UNSETTLING)


def _within(span: DateRange, bounds: DateRange) -> tuple[dt.date, dt.date]:
    """First and last day that the two have in common; they overlap."""
    upper = min(span.upper or bounds.upper, bounds.upper)
    return max(span.lower, bounds.lower), upper - ONE_DAY


def leave_of(people: Iterable[int], year: int) -> dict[int, LeaveDays]:
    """Days of absence in the year by person id; everybody asked about is there. An open absence runs to its end."""
    ids, span = list(people), calendar_year(year)
    counted: dict[int, Counter[str]] = {pk: Counter() for pk in ids}
    rows = Absence.objects.standing().during(span).filter(person__in=ids)
    for person, kind, held in rows.values_list("person", "kind", "period"):
        first, last = _within(held, span)
        counted[person][kind] += (last - first).days + 1
    return {pk: LeaveDays(year, dict(days)) for pk, days in counted.items()}


def leave_days(person: Person, year: int) -> LeaveDays:
    return leave_of([person.pk], year)[person.pk]


def months_of(people: Iterable[int], year: int, cutoff_day: int = CUTOFF_DAY) -> dict[int, list[PostMonths]]:
    """The months of the year that each person spent in each post (在岗月数), by person id.

    A month goes to one post, so that nobody is paid twice, and a civil servant for no post outside;
    see ``headcount.months_in_post``.
    """
    ids, span = list(people), calendar_year(year)
    spells = [
        Spell(
            person=row.person_id,
            post=row.post_id,
            bureau=row.cut_bureau,
            coefficient=row.cut_worth,
            start=row.cut.lower,
            end=row.cut.upper,
            kind=row.kind,
        )
        for row in Appointment.objects.paying().cut_by_worth(span).filter(person__in=ids)
    ]
    found = months_in_post(spells, year, cutoff_day)
    return {pk: found.get(pk, []) for pk in ids}


def months_in_post_of(person: Person, year: int, cutoff_day: int = CUTOFF_DAY) -> int:
    """How many months of the year a person was in a post, 0 to 12."""
    return sum(row.months for row in months_of([person.pk], year, cutoff_day)[person.pk])


def sanctions_during(people: Iterable[int], span: DateRange) -> QuerySet[Sanction]:
    """The sanctions whose effect touches the span, of these people, the earliest first."""
    return Sanction.objects.standing().during(span).filter(person__in=people).order_by("person", "period", "pk")


def open_cases_during(people: Iterable[int], span: DateRange) -> QuerySet[Inquiry]:
    """The cases that were open on a day of the span, of these people."""
    return Inquiry.objects.standing().during(span).filter(person__in=people).order_by("person", "period", "pk")


def open_cases_on(people: Iterable[int], day: dt.date) -> set[int]:
    """Who of them has a case open on the day: his grade waits (ASM-08)."""
    rows = Inquiry.objects.standing().on(day).filter(person__in=people)
    return set(rows.values_list("person", flat=True))


def seconded_during(people: Iterable[int], span: DateRange) -> QuerySet[Secondment]:
    """The secondments that touch the span, of these people."""
    rows = Secondment.objects.standing().during(span).filter(person__in=people)
    return rows.select_related("home_unit", "host_unit").order_by("person", "period", "pk")


def on_probation(people: Iterable[int], day: dt.date) -> set[int]:
    """Who of them is on probation on the day (ASM-05): its last day is not past, and it was not passed before."""
    settled = Trial.objects.exclude(outcome=Trial.Outcome.EXTENDED).filter(decided_on__lt=day)
    rows = Appointment.objects.on(day).filter(person__in=people, probation_ends__gte=day)
    return set(rows.exclude(pk__in=settled.values("appointment")).values_list("person", flat=True))


def is_on_probation(person: Person, day: dt.date) -> bool:
    return person.pk in on_probation([person.pk], day)


@dataclass(frozen=True)
class Assessing:
    """Who assesses a person for a year: his own unit, or the host's where he worked half of the year or more."""

    home: Unit
    host: Unit | None
    host_name: str
    months_away: int

    @property
    def away(self) -> bool:
        return self.months_away >= HALF_A_YEAR


#: 当年工作半年以上 (公务员考核规定 26).
HALF_A_YEAR = 6


def assessing_units(people: Iterable[Person], year: int, cutoff_day: int = CUTOFF_DAY) -> dict[int, Assessing]:
    """By person id, who assesses him for the year (ASM-06): the host of the secondment that took most months."""
    found = {one.pk: Assessing(one.home_unit, None, "", 0) for one in people}
    days = [dt.date(year, month, cutoff_day) for month in range(1, 13)]
    away: dict[tuple[int, int | None, str], tuple[Secondment, int]] = {}
    for row in seconded_during(found, calendar_year(year)):
        key = (row.person_id, row.host_unit_id, row.host_name)
        months = away[key][1] if key in away else 0
        away[key] = (row, months + sum(row.in_force(day) for day in days))
    for (person, _unit, _name), (row, months) in away.items():
        if months > found[person].months_away:
            found[person] = Assessing(row.home_unit, row.host_unit, row.host_name, months)
    return found
