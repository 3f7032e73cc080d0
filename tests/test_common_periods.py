"""Validity in time, and text that is encrypted at rest: what Python says and what PostgreSQL says is one."""

from __future__ import annotations

import datetime as dt

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.actors import Actor
from common.fields import cipher, digest
from common.middleware import BadDay, parse_day
from common.models import User
from common.periods import ONE_DAY, Intersection, calendar_year, cut, last_day, period
from staffing.models import Person
from staffing.services import end_appointment
from tests import pay_builders
from zones.models import Grant, Unit, UnitVersion

days = st.dates(dt.date(1950, 1, 1), dt.date(2150, 12, 31))
near = st.dates(dt.date(2020, 1, 1), dt.date(2020, 2, 15))


@st.composite
def periods(draw, of=near) -> DateRange:
    first = draw(of)
    last = draw(st.none() | of.filter(lambda day: day >= first))
    return period(first, last)


def days_of(span: DateRange) -> set[dt.date]:
    """The days of a period between 2019 and 2021, counted one by one."""
    every = (dt.date(2019, 1, 1) + ONE_DAY * n for n in range(3 * 365))
    return {day for day in every if span.lower <= day and (span.upper is None or day < span.upper)}


def sql(text: str, *params):
    with connection.cursor() as cursor:
        cursor.execute(f"select {text}", params)
        return cursor.fetchone()[0]


on_database = pytest.mark.django_db
no_clock = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


# --- in Python ---------------------------------------------------------------------------------


@given(days, st.none() | st.integers(0, 40000))
def test_a_period_ends_with_the_last_day_that_people_named(first, length):
    last = None if length is None else first + dt.timedelta(days=length)
    made = period(first, last)
    assert (made.lower, last_day(made)) == (first, last)
    assert first in made
    assert last is None or (last in made and last + ONE_DAY not in made)


@given(days, st.integers(1, 1000))
def test_a_period_that_ends_before_it_begins_is_refused(first, length):
    with pytest.raises(ValueError, match="早于"):
        period(first, first - dt.timedelta(days=length))


@given(st.integers(1900, 2200))
def test_a_year_has_all_its_days_and_no_other(year):
    made = calendar_year(year)
    assert made.upper - made.lower == dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)
    assert (made.lower.year, last_day(made)) == (year, dt.date(year, 12, 31))


@given(periods(), near)
def test_a_cut_takes_days_away_and_adds_none(span, end):
    try:
        left = cut(span, end)
    except ValueError:
        assert end <= span.lower or (span.upper and end > span.upper)
    else:
        assert left.lower == span.lower
        assert last_day(left) == end - ONE_DAY
        assert days_of(left) <= days_of(span)
        assert days_of(left)


@given(periods(), near)
def test_in_force_is_the_days_of_the_period(span, day):
    assert Grant(period=span).in_force(day) == (day in days_of(span))
    assert (Grant(period=span).starts, Grant(period=span).last_day) == (span.lower, last_day(span))


# --- the database agrees -----------------------------------------------------------------------


@on_database
@no_clock
@given(periods(), near)
def test_in_force_is_the_same_in_the_database(span, day):
    assert sql("%s::daterange @> %s::date", span, day) == Grant(period=span).in_force(day)


@on_database
@no_clock
@given(periods(), periods())
def test_overlap_is_a_day_in_common(one, other):
    assert sql("%s::daterange && %s::daterange", one, other) == bool(days_of(one) & days_of(other))


@pytest.fixture
def unit(db) -> Unit:
    return Unit.objects.create(code="U", kind="city")


def stands(unit: Unit, span: DateRange) -> UnitVersion:
    return UnitVersion.objects.create(unit=unit, name="镇", short_name="镇", period=span)


@no_clock
@given(periods(), periods())
def test_two_rows_are_refused_exactly_when_they_share_a_day(unit, one, other):
    with transaction.atomic():
        stands(unit, one)
        try:
            with transaction.atomic():
                stands(unit, other)
            refused = False
        except IntegrityError as error:
            assert "zones_unit_one_version" in str(error)  # noqa: PT017 - Hypothesis decides which way
            refused = True
        transaction.set_rollback(True)
    assert refused == bool(days_of(one) & days_of(other))


@no_clock
@given(periods(), near, near)
def test_reads_on_a_day_and_during_a_span(unit, span, day, other):
    with transaction.atomic():
        stands(unit, span)
        wanted = period(min(day, other), max(day, other))
        assert unit.versions.on(day).exists() == (day in days_of(span))
        assert unit.versions.during(wanted).exists() == bool(days_of(wanted) & days_of(span))
        transaction.set_rollback(True)


@on_database
@pytest.mark.parametrize("text", ["empty", "(,2020-01-01)", "(,)"])
def test_a_period_without_a_first_day_or_any_day_is_refused(unit, text):
    version = stands(unit, period(dt.date(2020, 1, 1)))
    with pytest.raises(IntegrityError, match="period"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update zones_unitversion set period = %s::daterange where id = %s", [text, version.pk])


@no_clock
@given(periods(), periods())
def test_the_days_in_common(unit, one, other):
    with transaction.atomic():
        user = User.objects.create(username="u")
        stands(unit, one)
        Grant.objects.create(user=user, unit=unit, role="hr", period=other)
        common = unit.versions.annotate(both=Intersection(F("period"), F("unit__grants__period"))).get().both
        transaction.set_rollback(True)
    shared = days_of(one) & days_of(other)
    assert (set() if common.isempty else days_of(common)) == shared


@on_database
def test_ending_what_is_over_already_does_not_lengthen_it():
    """As when history was loaded with its last day, and without the reason."""
    zone = pay_builders.zone()
    who, where = pay_builders.person("T1", zone), pay_builders.post("P1", zone, None)
    row = pay_builders.appoint(who, where, last=dt.date(2020, 6, 30))
    with pytest.raises(ValidationError):
        end_appointment(appointment=row, on=dt.date(2021, 6, 30), reason="transfer", by=Actor.command("test"))
    row.refresh_from_db()
    assert row.last_day == dt.date(2020, 6, 30)


# --- encrypted text ----------------------------------------------------------------------------

SECRET = "990000198505051019"


@pytest.fixture
def person(db) -> Person:
    return pay_builders.person("T1", pay_builders.zone())


@no_clock
@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=200))
def test_what_is_written_is_read_again(person, text):
    Person.objects.filter(pk=person.pk).update(phone=text)
    assert Person.objects.get(pk=person.pk).phone == text


def test_the_database_holds_only_ciphertext(person):
    person.national_id = SECRET
    person.save()
    row = sql("p::text from staffing_person p where id = %s", person.pk)
    assert SECRET not in row
    stored = sql("national_id from staffing_person where id = %s", person.pk)
    assert cipher().decrypt(stored.encode()).decode() == SECRET


def test_the_same_text_is_never_the_same_ciphertext(person):
    field = Person._meta.get_field("national_id")
    assert field.get_prep_value(SECRET) != field.get_prep_value(SECRET)
    assert field.get_prep_value("") == ""


def test_a_digest_finds_what_the_text_cannot(person):
    person.national_id = "99000019850505101x"
    person.save()
    assert Person.objects.get(national_id_digest=digest(" 99000019850505101X ")) == person
    assert digest("") == ""
    assert digest(SECRET) != digest(SECRET[:-1])


@pytest.mark.parametrize("lookup", ["exact", "iexact", "contains", "startswith", "in", "regex", "gt", "icontains"])
def test_a_search_in_ciphertext_is_refused_and_not_answered_with_nothing(person, lookup):
    with pytest.raises(TypeError, match="digest"):
        Person.objects.filter(**{f"national_id__{lookup}": [SECRET] if lookup == "in" else SECRET}).exists()


def test_what_is_empty_can_be_asked_for(person):
    assert Person.objects.filter(phone="").get() == person
    assert not Person.objects.exclude(phone="").exists()


def test_keys_can_be_changed_without_losing_what_is_there(person, settings):
    person.national_id = SECRET
    person.save()
    found = digest(SECRET)
    settings.FIELD_KEYS = [Fernet.generate_key().decode(), *settings.FIELD_KEYS]
    assert Person.objects.get(national_id_digest=found).national_id == SECRET
    assert digest(SECRET) == found
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS"):
        Person.objects.get(pk=person.pk)


# --- a day in an address -----------------------------------------------------------------------


@given(days)
def test_a_day_is_read_as_it_is_written(day):
    assert parse_day(day.isoformat()) == parse_day(f" {day} ") == day


HOSTILE = [
    "",
    "2020-13-01",
    "2020-02-30",
    "2019-02-29",
    "2020-1-1",
    "20200101",
    "2020-W01-1",
    "2020-001",
    "2020-01-01T00:00:00",
    "２０２０-０１-０１",
    "٢٠٢٠-٠١-٠١",
    "2020—01—01",
    "2020-01-01\x00",
    "2020-01-01\n; drop table zones_unit",
    "'; drop table zones_unit; --",
    "0000-00-00",
    "1899-12-31",
    "2201-01-01",
    "9999-12-31",
    "-2020-01-01",
    "today",
    "{{ 7*7 }}",
    "2" * 1_000_000,
    " " * 1_000_000 + "2020-01-01",
]


@pytest.mark.parametrize("text", HOSTILE, ids=[repr(text)[:24] for text in HOSTILE])
def test_nothing_else_is_a_day(text):
    with pytest.raises(BadDay) as said:
        parse_day(text)
    assert len(str(said.value)) < 200


@given(st.text(max_size=40))
def test_any_text_is_a_day_or_refused(text):
    try:
        day = parse_day(text)
    except BadDay:
        return
    assert text.strip() == day.isoformat()
