"""What PostgreSQL refuses of posts and people, whatever path the row comes by: here, raw SQL."""

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from common.databases import broken_rule
from tests import staffing_builders as build

pytestmark = pytest.mark.django_db

APPOINT = """
insert into staffing_appointment (period, is_example, person_id, post_id, seat, kind, step, document_number,
                                  decided_on, term_ends, probation_ends, end_reason, hire, regime, approval_number)
values (%(period)s, false, %(person)s, %(post)s, %(seat)s, %(kind)s, 1, '', '2019-11-01', %(term)s, %(probation)s, '',
        '', 'internal', '')
"""


@pytest.fixture
def zone():
    return build.small_zone()


def _run(sql: str, values) -> None:
    """The statement and every deferred check, as at COMMIT."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.execute("set constraints all immediate")


def refused(sql: str, values=()) -> tuple[str, str]:
    """What PostgreSQL says to the statement: the constraint's name and its sentence."""
    with pytest.raises(IntegrityError) as error:
        _run(sql, values)
    broken = broken_rule(error.value)
    return broken.rule, broken.message


def row(zone, **more):
    return {
        "period": "[2019-11-01,)", "post": zone.clerk.pk, "seat": 1, "kind": "primary", "term": None,
        "probation": None, "person": build.person(zone, "李四").pk, **more,
    }  # fmt: skip


def test_a_right_row_is_taken(zone):
    with connection.cursor() as cursor:
        cursor.execute(APPOINT, row(zone))
        cursor.execute("set constraints all immediate")


def test_a_seat_taken_twice(zone):
    build.seat(build.person(zone, "张三"), zone.clerk, 1)
    assert refused(APPOINT, row(zone)) == ("staffing_seat_once", "该席位在此期间已有人")


def test_one_person_in_two_primary_posts(zone):
    who = build.person(zone, "张三")
    build.seat(who, zone.clerk, 1)
    told = refused(APPOINT, row(zone, person=who.pk, post=zone.eco_clerk.pk))
    assert told == ("staffing_one_primary_post", "此人在此期间已有主岗")


def test_a_seat_beyond_the_headcount(zone):
    rule, sentence = refused(APPOINT, row(zone, seat=3))
    assert rule == "APT-13"
    assert "空缺席位" in sentence
    assert refused(APPOINT, row(zone, seat=0))[0] == "staffing_seat_from_one"


def test_seats_that_are_taken_away_under_somebody(zone):
    build.seat(build.person(zone, "张三"), zone.clerk, 2)
    sql = "update staffing_postversion set headcount = 1 where post_id = %s"
    assert refused(sql, [zone.clerk.pk])[0] == "APT-13"
    assert refused("update staffing_postversion set headcount = 0 where post_id = %s", [zone.head.pk])[0] == (
        "staffing_post_headcount"
    )


def test_an_appointment_outside_the_posts_period(zone):
    assert refused(APPOINT, row(zone, period="[2019-09-01,)"))[0] == "APPOINTMENT-IN-POST"


def test_a_post_closed_or_removed_under_somebody(zone):
    build.seat(build.person(zone, "张三"), zone.clerk)
    sql = "update staffing_postversion set period = '[2019-10-01,2020-01-01)' where post_id = %s"
    assert refused(sql, [zone.clerk.pk])[0] == "APPOINTMENT-IN-POST"
    assert refused("delete from staffing_postversion where post_id = %s", [zone.clerk.pk])[0] == "APPOINTMENT-IN-POST"


@pytest.mark.parametrize("field", ["name", "duties", "standards", "requirements"])
def test_PST_01_a_post_lacking_one_of_the_four_things(zone, field):
    # The column's name is one of the four above, never a visitor's text.
    sql = f"update staffing_postversion set {field} = '' where post_id = %s"
    rule, sentence = refused(sql, [zone.clerk.pk])
    assert rule == "staffing_post_pst_01"
    assert "PST-01" in sentence


def test_two_versions_of_a_post_on_one_day(zone):
    sql = """insert into staffing_postversion (post_id, period, name, name_en, is_example, unit_id, bureau_id, tier_id,
             grade_id, category, is_head, headcount, duties, standards, requirements, sequence)
             select post_id, '[2020-01-01,)', name, '', false, unit_id, bureau_id, tier_id, grade_id, category, is_head,
             headcount, duties, standards, requirements, 0 from staffing_postversion where post_id = %s"""
    assert refused(sql, [zone.clerk.pk])[0] == "staffing_post_one_version"


def test_a_post_in_another_unit_than_its_bureau_or_after_it(zone):
    sql = "update staffing_postversion set unit_id = %s where post_id = %s"
    assert refused(sql, [zone.park.pk, zone.clerk.pk])[0] == "POST-IN-UNIT"
    sql = "update staffing_postversion set period = '[2019-01-01,)' where post_id = %s"
    assert refused(sql, [zone.clerk.pk])[0].startswith("POST-IN-")


def test_a_post_in_a_tier_of_another_zone(zone):
    other = build.small_zone("XX", parent=zone.city)
    sql = "update staffing_postversion set tier_id = %s where post_id = %s"
    assert refused(sql, [other.tiers["staff"].pk, zone.clerk.pk])[0] == "POST-IN-TIER"


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"kind": "honorary"}, "staffing_appointment_kind"),
        ({"period": "empty"}, "staffing_appointment_period"),
        ({"period": "(,2020-01-01)"}, "staffing_appointment_period"),
        ({"term": "2020-01-01", "probation": "2020-02-01"}, "staffing_probation_within_term"),
    ],
)
def test_appointments_that_make_no_sense(zone, more, rule):
    assert refused(APPOINT, row(zone, **more))[0] == rule


def test_one_national_id_for_two_people(zone):
    first, second = build.person(zone, "张三"), build.person(zone, "李四")
    sql = "update staffing_person set national_id_digest = %s where id = %s"
    assert refused(sql, [first.national_id_digest, second.pk]) == (
        "staffing_person_national_id", "该身份证号已登记在另一人名下",
    )  # fmt: skip


@pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)
def test_two_connections_on_one_seat_the_second_fails():
    """Without the services' locks, too: the exclusion constraint waits for the first and refuses the second."""
    zone = build.small_zone()
    first = row(zone)
    second = row(zone)
    other = connection.copy()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(APPOINT, first)
            other.set_autocommit(False)
            with other.cursor() as rival:
                rival.execute("set local lock_timeout = '300ms'")
                with pytest.raises(OperationalError, match="lock timeout"):
                    rival.execute(APPOINT, second)
            other.rollback()
        assert refused(APPOINT, second)[0] == "staffing_seat_once"
    finally:
        other.close()
