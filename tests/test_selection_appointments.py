"""The end of a round: its notice, objections, and the appointments that take effect."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from common.models import AuditEntry
from common.periods import period
from common.workdays import UnknownYear, add_workdays, known_years
from staffing import services
from staffing.appointing.seats import said
from staffing.models import (
    Appointment,
    Candidate,
    Person,
    RetirementAge,
    Score,
    Selection,
)
from staffing.selection import announcing, assessing, candidacy, rounds
from tests import selection_builders as build
from tests import staffing_builders as staff
from tests.selection_builders import ONE, today
from tests.selection_people import national_id, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return build.small_round()


# --- the notice and objections -----------------------------------------------------------------


def test_a_notice_of_fewer_working_days_is_refused_with_the_first_day_that_does(at):
    build.decided(at)
    with pytest.raises(ValidationError) as error:
        build.notice(at, last_day=today() + ONE)
    assert said(add_workdays(today(), 5)) in told(error)


def test_a_notice_into_an_unknown_year_says_so(at):
    build.decided(at)
    with pytest.raises(UnknownYear, match="放假安排尚未收录"):
        build.notice(at, last_day=dt.date(max(known_years()) + 1, 2, 1))


def test_a_notice_is_not_dated_back(at):
    build.decided(at)
    with pytest.raises(ValidationError, match="不能早于今天"):
        build.notice(at, first_day=today() - ONE, last_day=today() + 20 * ONE)


def test_an_open_objection_stops_the_appointments_until_it_is_settled(at):
    build.announced(at)
    made = announcing.raise_objection(
        notice=at.notice, text="学历不实", candidate=at.candidates[0], raised_name="群众", by=at.hr
    )
    with build.backdated("staffing_notice", "staffing_notice_stands"):
        back = today() - 12 * ONE
        at.row.notices.update(published_on=back, first_day=back, last_day=today() - ONE)
    assert "1 件异议未处理" in announcing.why_not_yet(at.row, today())
    with pytest.raises(ValidationError, match="异议未处理"):
        announcing.appoint_round(selection=at.row, starts=today(), decided_on=today(), by=at.hr)
    announcing.settle_objection(objection=made, upheld=True, finding="学历造假属实", by=at.leader)
    assert announcing.why_not_yet(at.row, today()) == ""
    done = announcing.appoint_round(selection=at.row, starts=today(), decided_on=today(), by=at.hr)
    assert {each.person.name for each in done.appointments} == {"钱二", "孙三"}
    assert "赵一" in {each.name for each in done.waiting}


def test_an_objection_is_kept_encrypted_and_out_of_the_trail(at):
    build.announced(at)
    made = announcing.raise_objection(notice=at.notice, text="学历不实", raised_name="群众甲", by=at.hr)
    with connection.cursor() as cursor:
        cursor.execute("select text, raised_name from staffing_objection where id = %s", [made.pk])
        assert "学历" not in "".join(cursor.fetchone())
    assert "群众甲" not in str(AuditEntry.objects.get(verb="raise_objection").after)


def test_neither_the_subject_nor_the_objector_settles(at):
    build.announced(at)
    subject, objector = staff.clerk("sel-subject"), staff.clerk("sel-objector")
    at.people[0].user, at.people[3].user = subject.user, objector.user
    at.people[0].save()
    at.people[3].save()
    made = announcing.raise_objection(
        notice=at.notice, text="x", candidate=at.candidates[0], raised_by=at.people[3], by=objector
    )
    for who in (subject, objector):
        with pytest.raises(ValidationError, match="本人"):
            announcing.settle_objection(
                objection=type(made).objects.get(pk=made.pk), upheld=False, finding="无", by=who
            )


# --- appointments ------------------------------------------------------------------------------


def take_effect(at, **more):
    return announcing.appoint_round(selection=at.row, starts=today(), decided_on=today(), by=at.hr, **more)


def test_nothing_takes_effect_before_the_notice_is_over(at):
    build.announced(at)
    with pytest.raises(ValidationError, match="公示至"):
        take_effect(at)


def test_people_change_places_in_one_round_and_asking_again_changes_nothing():
    zone = staff.small_zone()
    at = build.small_round(zone, seats=(1, 1))
    at.people = at.people[:2]
    staff.seat(at.people[0], zone.eco_clerk, 1)
    staff.seat(at.people[1], zone.clerk, 1)
    staff.seat(staff.person(zone, "旁人"), zone.clerk, 2)
    staff.seat(staff.person(zone, "路人"), zone.eco_clerk, 2)
    build.published(at)
    at.candidates = [
        candidacy.nominate(selection=at.row, person=at.people[n], first=at.posts[n], by=at.hr) for n in (0, 1)
    ]
    with build.backdated("staffing_selection", "staffing_selection_moves"):
        Selection.objects.filter(pk=at.row.pk).update(apply_from=today() - 2 * ONE, apply_until=today() - ONE)
    rounds.advance(selection=at.row, to="review", by=at.hr)
    for each in at.candidates:
        candidacy.check(candidate=each, eligible=True, by=at.hr)
    rounds.advance(selection=at.row, to="assessment", by=at.hr)
    for each in at.candidates:
        for part in at.row.weights:
            assessing.enter_points(candidate=each, part=part, text="80", version=0, by=at.hr)
    assessing.propose(selection=at.row, by=at.hr)
    assessing.decide_as_proposed(selection=at.row, by=at.leader)
    build.notice(at)
    with build.backdated("staffing_notice", "staffing_notice_stands"):
        back = today() - 12 * ONE
        at.row.notices.update(published_on=back, first_day=back, last_day=today() - ONE)
    done = take_effect(at, document_number="仪开人〔2026〕9号")
    assert [(each.person.name, each.post, each.seat) for each in done.appointments] == [
        ("赵一", zone.clerk, 1),
        ("钱二", zone.eco_clerk, 1),
    ]
    assert done.appointments[0].document_number == "仪开人〔2026〕9号"
    assert at.people[0].appointments.get(post=zone.eco_clerk).end_reason == "transfer"
    before = Appointment.objects.count()
    again = take_effect(at)
    assert [each.pk for each in again.appointments] == [each.pk for each in done.appointments]
    assert Appointment.objects.count() == before
    assert Selection.objects.get(pk=at.row.pk).stage == "appointed"


def test_terms_are_as_long_as_the_plan_says_but_end_with_retirement():
    at = build.notice_over(build.small_round())
    RetirementAge.objects.create(
        group="men", period=period(dt.date(1978, 6, 2)), base_months=720, source="试验", basis="memory"
    )
    soon = today() + 200 * ONE
    Person.objects.filter(pk=at.people[0].pk).update(gender="M", birth_date=soon.replace(year=soon.year - 60))
    done = take_effect(at)
    terms = {each.person.name: each.term_ends for each in done.appointments}
    assert terms.pop("赵一") == soon
    assert set(terms.values()) == {announcing.last_day_of_term(at.row, today())}


def test_in_a_round_of_the_whole_staff_the_left_over_wait_for_a_post():
    zone = staff.small_zone()
    at = build.small_round(zone, whole_staff=True)
    staff.seat(at.people[3], zone.park_clerk, 1)
    build.notice_over(at)
    done = take_effect(at)
    assert [each.name for each in done.waiting] == ["李四"]
    assert list(Person.objects.without_post(today()).filter(pk=at.people[3].pk)) == [at.people[3]]
    assert at.people[3].appointments.get().end_reason == "term"


def test_who_is_left_over_in_another_round_keeps_his_post():
    zone = staff.small_zone()
    at = build.small_round(zone)
    held = staff.seat(at.people[3], zone.park_clerk, 1)
    build.notice_over(at)
    take_effect(at)
    held.refresh_from_db()
    assert held.last_day is None


def test_one_refusal_leaves_the_whole_round_undone(at):
    build.notice_over(at)
    staff.seat(staff.person(at.zone, "先到"), at.zone.clerk, 1)
    staff.seat(staff.person(at.zone, "后到"), at.zone.clerk, 2)
    with pytest.raises(ValidationError, match="先到"):
        take_effect(at)
    assert not Appointment.objects.filter(person__in=at.people).exists()
    assert Selection.objects.get(pk=at.row.pk).stage == "notice"
    assert not AuditEntry.objects.filter(verb="appoint").exists()


def test_nobody_has_his_own_appointment_take_effect(at):
    build.notice_over(at)
    at.people[0].user = at.hr.user
    at.people[0].save()
    with pytest.raises(ValidationError, match="本人"):
        take_effect(at)


def test_an_applicant_becomes_staff_with_his_appointment():
    at = build.published(build.small_round(kind="open"))
    outsider = candidacy.add_applicant(
        unit=at.zone.unit, name="周外", national_id=national_id(21), phone="13900000000", by=at.hr
    )
    at.candidates = [candidacy.nominate(selection=at.row, applicant=outsider, first=at.posts[0], by=at.hr)]
    with build.backdated("staffing_selection", "staffing_selection_moves"):
        Selection.objects.filter(pk=at.row.pk).update(apply_from=today() - 2 * ONE, apply_until=today() - ONE)
    rounds.advance(selection=at.row, to="review", by=at.hr)
    candidacy.check(candidate=at.candidates[0], eligible=True, by=at.hr)
    rounds.advance(selection=at.row, to="assessment", by=at.hr)
    for part in at.row.weights:
        assessing.enter_points(candidate=at.candidates[0], part=part, text="80", version=0, by=at.hr)
    assessing.propose(selection=at.row, by=at.hr)
    assessing.decide_as_proposed(selection=at.row, by=at.leader)
    with pytest.raises(ValidationError, match="先体检"):
        build.notice(at)
    at.row = rounds.advance(selection=at.row, to="medical", by=at.hr)
    with pytest.raises(ValidationError, match="体检未合格"):
        build.notice(at)
    assessing.record_medical(candidate=at.candidates[0], result="passed", by=at.hr)
    build.notice(at)
    with build.backdated("staffing_notice", "staffing_notice_stands"):
        back = today() - 12 * ONE
        at.row.notices.update(published_on=back, first_day=back, last_day=today() - ONE)
    with pytest.raises(ValidationError, match="编制类别"):
        take_effect(at)
    done = take_effect(at, category="institution", identity="institution")
    made = done.appointments[0].person
    assert (made.name, made.national_id, made.home_unit) == ("周外", national_id(21), at.zone.unit)


@pytest.mark.django_db(transaction=True, available_apps=staff.ALL_APPS)
def test_two_clerks_and_the_last_seat_one_wins_and_the_other_is_told_who():
    """The round takes effect while another clerk appoints somebody else to its only seat."""
    at = build.small_round()
    staff.seat(staff.person(at.zone, "在岗"), at.zone.clerk, 2)
    build.notice_over(at)
    rival = staff.person(at.zone, "对手")
    gate, came = threading.Barrier(2), {}

    def work(name, deed):
        gate.wait()
        try:
            came[name] = deed()
        except ValidationError as error:
            came[name] = error
        finally:
            connection.close()

    deeds = {
        "round": lambda: take_effect(at),
        "rival": lambda: services.appoint(
            person=rival, post=at.zone.clerk, starts=today(), decided_on=today(), by=at.leader
        ),
    }
    threads = [threading.Thread(target=work, args=pair) for pair in deeds.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lost = [name for name, result in came.items() if isinstance(result, ValidationError)]
    assert len(lost) == 1, came
    winner = "对手" if lost == ["round"] else "赵一"
    assert winner in " ".join(came[lost[0]].messages)
    assert Appointment.objects.filter(post=at.zone.clerk, seat=1).get().person.name == winner


def test_a_round_of_three_hundred_is_matched_in_constant_queries(django_assert_max_num_queries):
    at = build.published(build.small_round())
    people = [staff.person(at.zone, f"员{n}") for n in range(300)]
    Candidate.objects.bulk_create(
        Candidate(selection=at.row, person=who, number=n, first=at.posts[0], nominated="self")
        for n, who in enumerate(people, start=1)
    )
    with build.backdated("staffing_selection", "staffing_selection_moves"):
        Selection.objects.filter(pk=at.row.pk).update(apply_from=today() - 2 * ONE, apply_until=today() - ONE)
    rounds.advance(selection=at.row, to="review", by=at.hr)
    Candidate.objects.filter(selection=at.row).update(eligible=True)
    rounds.advance(selection=at.row, to="assessment", by=at.hr)
    Score.objects.bulk_create(
        Score(candidate=each, part=part, points=Decimal(60 + each.number % 40), entered_by=at.hr.user)
        for each in at.row.candidates.all()
        for part in at.row.weights
    )
    with django_assert_max_num_queries(25):
        assert assessing.propose(selection=at.row, by=at.hr) == 1
    with django_assert_max_num_queries(25):
        assert assessing.decide_as_proposed(selection=at.row, by=at.leader) == 300
