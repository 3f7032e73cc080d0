"""Loading posts and people: ``grades.yaml``, ``posts.csv``, ``people.csv`` and ``appointments.csv``."""

from __future__ import annotations

from collections.abc import Hashable

from django.core.exceptions import ValidationError

from common.fields import digest
from common.files import Folder, Row
from common.loading import Index, Tally, add_missing, add_missing_dated, span
from orgchart.models import Bureau, Tier
from staffing.models import (
    Appointment,
    GradeCoefficient,
    Person,
    Post,
    PostGrade,
    PostPlanFiling,
    PostVersion,
    RetirementAge,
)
from staffing.personnel.identity import read_national_id
from zones.models import Instrument, Unit, UnitVersion

GRADES = "grades.yaml"
#: Columns of a person that are plain words.
WORDS = (
    "ethnic_group",
    "native_place",
    "politics",
    "education",
    "full_time_education",
    "full_time_school",
    "in_service_education",
    "in_service_school",
    "professional_title",
)


def load(folder: Folder, tally: Tally) -> None:
    folder.sections(GRADES, "grades", "filings", "retirement")
    _grades(folder, tally)
    _retirement(folder, tally)
    _posts(folder, tally)
    _filings(folder, tally)
    _people(folder, tally)
    _appointments(folder, tally)


def _grades(folder: Folder, tally: Tally) -> None:
    rows = folder.section(GRADES, "grades", "code name starts coefficient", "name_en ends instrument example")
    first = {row.text("code"): (place, row) for place, row in reversed(list(enumerate(rows, 1)))}
    named = [
        (
            row,
            code,
            PostGrade(
                code=code,
                name=row.text("name"),
                name_en=row.text("name_en"),
                sequence=place,
                is_example=row.flag("example"),
            ),
        )
        for code, (place, row) in reversed(first.items())
    ]
    add_missing(PostGrade, named, Index(PostGrade), tally)
    grades, instruments = Index(PostGrade), Index(Instrument)
    worth = [
        (
            row,
            GradeCoefficient(
                grade_id=grades.find(row, "code"),
                period=span(row),
                value=row.number("coefficient"),
                instrument_id=instruments.maybe(row, "instrument"),
                is_example=row.flag("example"),
            ),
        )
        for row in rows
    ]
    add_missing_dated(GradeCoefficient, worth, lambda one: [one.grade_id], tally)


def _retirement(folder: Folder, tally: Tally) -> None:
    """When people retire: national law, the same for every zone that is loaded."""
    needed, optional = "group starts base_months source basis", "ends step_months cap_months example"
    wanted = [
        (
            row,
            RetirementAge(
                group=row.text("group"),
                period=span(row),
                base_months=row.whole("base_months"),
                step_months=row.whole("step_months"),
                cap_months=row.whole("cap_months"),
                source=row.text("source"),
                basis=row.text("basis"),
                is_example=row.flag("example"),
            ),
        )
        for row in folder.section(GRADES, "retirement", needed, optional)
    ]
    add_missing_dated(RetirementAge, wanted, lambda law: [law.group], tally)


def _posts(folder: Folder, tally: Tally) -> None:
    needed = "code unit tier grade category headcount starts name duties standards requirements"
    optional = "ends bureau is_head name_en instrument example level rank establishment term_months is_open is_special"
    rows = list(folder.csv("posts.csv", needed, optional))
    first = {row.text("code"): row for row in reversed(rows)}
    identities = [(row, code, Post(code=code)) for code, row in reversed(first.items())]
    add_missing(Post, identities, Index(Post), tally)
    posts, units, bureaus = Index(Post), Index(Unit), Index(Bureau)
    grades, instruments, tiers = Index(PostGrade), Index(Instrument), _Tiers()
    wanted = [
        (
            row,
            PostVersion(
                post_id=posts.find(row, "code"),
                unit_id=units.find(row, "unit"),
                bureau_id=bureaus.maybe(row, "bureau"),
                tier_id=tiers.find(row, units.find(row, "unit")),
                grade_id=grades.find(row, "grade"),
                period=span(row),
                name=row.text("name"),
                name_en=row.text("name_en"),
                category=row.text("category"),
                level=row.text("level"),
                rank=row.text("rank"),
                establishment=row.text("establishment"),
                term_months=row.whole("term_months", 0) or None,
                is_open=row.flag("is_open"),
                is_special=row.flag("is_special"),
                is_head=row.flag("is_head"),
                headcount=row.whole("headcount"),
                duties=row.text("duties"),
                standards=row.text("standards"),
                requirements=row.text("requirements"),
                sequence=place,
                instrument_id=instruments.maybe(row, "instrument"),
                is_example=row.flag("example"),
            ),
        )
        for place, row in enumerate(rows, 1)
    ]
    add_missing_dated(PostVersion, wanted, lambda version: [version.post_id], tally)


def _filings(folder: Folder, tally: Tally) -> None:
    """The units' plans of posts as filed (PST-02)."""
    needed = "unit number filed_on starts main_category"
    units = Index(Unit)
    wanted = [
        (
            row,
            PostPlanFiling(
                unit_id=units.find(row, "unit"),
                number=row.text("number"),
                filed_on=row.day("filed_on"),
                main_category=row.text("main_category"),
                period=span(row),
                is_example=row.flag("example"),
            ),
        )
        for row in folder.section(GRADES, "filings", needed, "ends example")
    ]
    add_missing_dated(PostPlanFiling, wanted, lambda one: [one.unit_id], tally)


class _Tiers:
    """The tier of a number that is in force in the zone of a unit when a post begins."""

    def __init__(self) -> None:
        self.tiers = list(Tier.objects.all())
        self.parents = list(UnitVersion.objects.values_list("unit", "parent", "period"))

    def find(self, row: Row, unit: int) -> int:
        day, number = span(row).lower, row.whole("tier")
        above = {parent for own, parent, held in self.parents if own == unit and day in held}
        for tier in self.tiers:
            if tier.number == number and tier.zone_id in above | {unit} and tier.in_force(day):
                return tier.pk
        raise row.error(f"no tier {number} is in force there on {day}", "tier")


def _people(folder: Folder, tally: Tally) -> None:
    needed = "staff_no name gender birth_date category identity home_unit"
    optional = f"national_id phone original_rank entered_on joined_party_on example {' '.join(WORDS)}"
    units = Index(Unit)
    wanted = []
    for row in folder.csv("people.csv", needed, optional):
        person = Person(
            staff_no=row.text("staff_no"),
            name=row.text("name"),
            gender=row.text("gender"),
            birth_date=row.day("birth_date"),
            national_id=row.text("national_id").upper(),
            phone=row.text("phone"),
            category=row.text("category"),
            identity=row.text("identity"),
            original_rank=row.text("original_rank"),
            entered_on=row.maybe_day("entered_on"),
            joined_party_on=row.maybe_day("joined_party_on"),
            **{column: row.text(column) for column in WORDS},
            home_unit_id=units.find(row, "home_unit"),
            is_example=row.flag("example"),
        )
        _check_identity(row, person)
        wanted.append((row, person.staff_no, person))
    add_missing(Person, wanted, Index(Person, "staff_no"), tally)


def _check_identity(row: Row, person: Person) -> None:
    """The number passes its checks and says what the row says; rows made in bulk do not pass ``save``."""
    if person.national_id:
        try:
            told = read_national_id(person.national_id)
        except ValidationError as error:
            raise row.error(error.messages[0], "national_id") from None
        if (told.birth_date, told.gender) != (person.birth_date, person.gender):
            raise row.error("says another birth date or sex than the row", "national_id")
    person.national_id_digest = digest(person.national_id)


def _appointments(folder: Folder, tally: Tally) -> None:
    needed = "staff_no post seat kind starts decided_on"
    optional = "ends end_reason step document_number term_ends probation_ends hire example"
    people, posts = Index(Person, "staff_no"), Index(Post)
    wanted = [
        (
            row,
            Appointment(
                person_id=people.find(row, "staff_no"),
                post_id=posts.find(row, "post"),
                seat=row.whole("seat"),
                kind=row.text("kind"),
                period=span(row),
                step=row.whole("step", 1),
                document_number=row.text("document_number"),
                decided_on=row.day("decided_on"),
                term_ends=row.maybe_day("term_ends"),
                probation_ends=row.maybe_day("probation_ends"),
                end_reason=row.text("end_reason"),
                hire=row.text("hire"),
                is_example=row.flag("example"),
            ),
        )
        for row in folder.csv("appointments.csv", needed, optional)
    ]
    add_missing_dated(Appointment, wanted, _seat_and_person, tally)


def _seat_and_person(appointment: Appointment) -> list[Hashable]:
    """What two appointments of one day may not share: the seat, and the person on a primary post."""
    subjects: list[Hashable] = [("seat", appointment.post_id, appointment.seat)]
    if appointment.kind == Appointment.Kind.PRIMARY:
        subjects.append(("person", appointment.person_id))
    return subjects
