"""Reading the tables into the plain values of ``pay/people.py``, the slow and obvious way, for comparing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from common.periods import calendar_year, year_end
from kpi.models import Result
from orgchart.models import BureauVersion, Quota
from pay.models import Scheme
from pay.people import Absence, Person, Piece, Present, Row, Terms, beyond_establishment, people_of
from pay.settings import Settings
from staffing import facts
from staffing.models import Absence as AbsenceRow
from staffing.models import Appointment, Inquiry, Secondment
from staffing.models import Person as PersonRow
from zones.models import Unit

#: The kinds of quota that limit people by their establishment (ORG-01).
ESTABLISHMENT = ("staff", "administrative", "institution", "quota", "contract")


def terms_of(scheme: Scheme, year: int) -> Terms:
    from decimal import Decimal

    factors = {grade: Decimal(factor) for grade, factor in scheme.grade_factors.items()}
    return Terms(year, scheme.cutoff_day, Settings.read(scheme.settings), factors)


def pieces(person: PersonRow, year: int) -> list[Piece]:
    span = calendar_year(year)
    found = []
    for row in Appointment.objects.paying().cut_by_worth(span).filter(person=person):
        if (row.cut.upper and row.cut.upper <= span.lower) or row.cut.lower >= span.upper:
            continue
        version = row.post.versions.get(period__contains=row.cut.lower)
        found.append(
            Piece(
                appointment=row.pk,
                kind=row.kind,
                unit=version.unit_id,
                bureau=row.cut_bureau,
                post=row.post.code,
                name=version.name,
                sequence=version.sequence,
                seat=row.seat,
                headcount=version.headcount,
                coefficient=row.cut_worth,
                start=row.cut.lower,
                end=row.cut.upper,
                decided_on=row.decided_on,
                ends_by=row.end_reason if row.cut.upper == row.period.upper else "",
            )
        )
    return found


def beyond_in(unit: Unit, year: int, cutoff: int) -> dict[int, set[int]]:
    """Who is beyond the unit's establishment in which months, looked at day by day."""
    everybody = Appointment.objects.filter(post__versions__unit=unit, kind__in=["primary", "acting"])
    spells = [
        (row.person, row.period, version.period)
        for row in everybody.distinct().select_related("person")
        for version in row.post.versions.filter(unit=unit, period__overlap=row.period)
    ]
    since: dict[int, dt.date] = {}
    for who, held, stood in spells:
        came = max(held.lower, stood.lower)
        since[who.pk] = min(came, since.get(who.pk, came))
    found: dict[int, set[int]] = {}
    for month in range(1, 13):
        on = dt.date(year, month, cutoff)
        limits = {row.kind: row.limit for row in Quota.objects.on(on).filter(unit=unit, kind__in=ESTABLISHMENT)}
        present = {who.pk: who for who, held, stood in spells if on in held and on in stood}
        counted = [Present(who.pk, who.staff_no, who.category, since[who.pk]) for who in present.values()]
        for person in beyond_establishment(counted, limits):
            found.setdefault(person, set()).add(month)
    return found


def person_of(row: PersonRow, zone: Unit, year: int, beyond: Collection[int] = ()) -> Person:
    span, last = calendar_year(year), year_end(year)
    result = Result.objects.filter(
        scorecard__cycle__holder=zone, scorecard__cycle__year=year, scorecard__kind="person", scorecard__person=row
    ).first()
    away = Secondment.objects.standing().during(span).filter(person=row)
    leave = AbsenceRow.objects.standing().during(span).filter(person=row)
    return Person(
        key=row.pk,
        staff_no=row.staff_no,
        pieces=pieces(row, year),
        rating=result.rating if result else "",
        undetermined=result.undetermined if result else "",
        result=result.pk if result else None,
        is_example=bool(result and result.is_example),
        absences=[Absence(one.kind, one.period.lower, one.period.upper) for one in leave],
        secondments=[(one.period.lower, one.period.upper) for one in away],
        sanctioned=any(one.kind != "warning" for one in facts.sanctions_during([row.pk], span)),
        open_case=Inquiry.objects.standing().filter(person=row, outcome="", period__startswith__lte=last).exists(),
        on_probation=facts.is_on_probation(row, last),
        beyond=beyond,
    )


def reference(unit: Unit, zone: Unit, year: int, scheme: Scheme) -> list[Row]:
    """The rows that ``pay/sql/people.sql`` must yield for the unit."""
    bureaus = BureauVersion.objects.during(calendar_year(year)).filter(unit=unit).values_list("bureau", flat=True)
    members = PersonRow.objects.filter(appointments__post__versions__unit=unit).distinct()
    beyond = beyond_in(unit, year, scheme.cutoff_day)
    everybody = [person_of(row, zone, year, beyond.get(row.pk, ())) for row in members]
    return people_of(everybody, unit.pk, bureaus, terms_of(scheme, year))


def day(number: int) -> dt.date:
    """The n-th day from 2019-10-01 on, so that a year and its edges are all within 800 days."""
    return dt.date(2019, 10, 1) + dt.timedelta(days=number)
