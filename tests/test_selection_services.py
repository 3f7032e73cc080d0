"""The verbs of a selection round: what they do, what they refuse, and in whose words."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import override

from common.models import AuditEntry
from common.periods import period
from common.workdays import UnknownYear, add_workdays, known_years
from staffing import services
from staffing.appointing.seats import said
from staffing.models import (
    Appointment,
    Candidate,
    Inquiry,
    Outcome,
    Person,
    RetirementAge,
    Sanction,
    Score,
    Selection,
)
from staffing.personnel.identity import check_digit
from staffing.selection import announcing, assessing, candidacy, eligibility, rounds
from staffing.selection.reading import sentence
from tests import selection_builders as build
from tests import staffing_builders as staff
from tests.selection_builders import ONE, today

pytestmark = pytest.mark.django_db


def told(error) -> str:
    return " ".join(error.value.messages)


@pytest.fixture
def at():
    return build.small_round()


def national_id(number: int) -> str:
    first = f"99000219900101{number:03d}"
    return first + check_digit(first)


# --- the plan ----------------------------------------------------------------------------------


def test_weights_sum_to_a_hundred(at):
    with pytest.raises(ValidationError, match="合计须为 100"):
        rounds.revise_selection(selection=at.row, by=at.hr, written=Decimal(50))


@pytest.mark.parametrize("seats", [0, 3, -1])
def test_no_more_seats_are_offered_than_the_post_has(at, seats):
    with pytest.raises(ValidationError, match="共 2 席"):
        rounds.offer_post(selection=at.row, post=at.zone.clerk, seats=seats, by=at.hr)


def test_a_post_of_another_unit_is_not_offered(at):
    other = staff.small_zone("XZ")
    with pytest.raises(ValidationError, match="不属于本单位"):
        rounds.offer_post(selection=at.row, post=other.clerk, seats=1, by=at.hr)


def test_offering_a_post_again_changes_its_seats_and_keeps_its_place(at):
    again = rounds.offer_post(selection=at.row, post=at.zone.clerk, seats=2, by=at.hr)
    assert (again.pk, again.order, again.seats) == (at.posts[0].pk, 1, 2)


def test_a_published_plan_only_gains_time(at):
    build.published(at)
    with pytest.raises(ValidationError, match="只能延长"):
        rounds.revise_selection(selection=at.row, by=at.hr, title="另一个")
    with pytest.raises(ValidationError, match="不能缩短"):
        rounds.revise_selection(selection=at.row, by=at.hr, apply_until=today() + ONE)
    later = rounds.revise_selection(selection=at.row, by=at.hr, apply_until=today() + 20 * ONE)
    assert later.apply_until == today() + 20 * ONE


def test_each_step_is_logged_and_asking_twice_changes_nothing(at):
    build.published(at)
    rounds.advance(selection=at.row, to="published", by=at.hr)
    assert list(at.row.log.values_list("stage", flat=True)) == ["draft", "published"]
    assert AuditEntry.objects.filter(verb="enter_step").count() == 1


def test_a_step_out_of_turn_is_refused_with_the_rule(at):
    with pytest.raises(ValidationError) as error:
        rounds.advance(selection=at.row, to="assessment", by=at.hr)
    assert error.value.code == "APT-02"
    assert "现在是「方案」" in told(error)


def test_a_round_is_ended_with_a_reason(at):
    build.published(at)
    with pytest.raises(ValidationError, match="写明原因"):
        rounds.cancel(selection=at.row, reason=" ", by=at.hr)
    ended = rounds.cancel(selection=at.row, reason="方案调整", by=at.hr)
    assert (ended.stage, ended.log.last().note) == ("cancelled", "方案调整")
    with pytest.raises(ValidationError, match="已结束"):
        rounds.cancel(selection=at.row, reason="再来", by=at.hr)


# --- nominations -------------------------------------------------------------------------------


def wish(at, who, by=None, **more):
    return candidacy.nominate(selection=at.row, person=who, first=at.posts[0], by=by or at.hr, **more)


def test_who_nominates_himself_and_who_is_nominated(at):
    build.published(at)
    me = staff.clerk("sel-me")
    at.people[0].user = me.user
    at.people[0].save()
    assert wish(at, at.people[0], me).nominated == "self"
    assert wish(at, at.people[1]).nominated == "organisation"
    assert list(at.row.candidates.values_list("number", flat=True)) == [1, 2]


def test_a_nomination_is_changed_until_the_deadline_and_not_over_a_newer_one(at):
    build.published(at)
    first = wish(at, at.people[0])
    changed = wish(at, at.people[0], second=at.posts[1], accepts_another=True, version=first.version)
    assert (changed.pk, changed.second_id, changed.version) == (first.pk, at.posts[1].pk, 2)
    with pytest.raises(ValidationError) as error:
        wish(at, at.people[0], version=1)
    assert error.value.code == "stale"


def test_who_withdrew_may_come_back_while_nominations_are_open(at):
    build.published(at)
    row = wish(at, at.people[0])
    assert candidacy.withdraw(candidate=row, by=at.hr).withdrawn
    assert not wish(at, at.people[0]).withdrawn


def test_nominations_keep_to_their_days(at):
    build.published(at)
    Selection.objects.filter(pk=at.row.pk).update(apply_until=today())
    wish(at, at.people[0])  # on the last day itself
    with build.backdated("staffing_selection", "staffing_selection_moves"):
        Selection.objects.filter(pk=at.row.pk).update(apply_from=today() + ONE, apply_until=today() + ONE)
    with pytest.raises(ValidationError, match="开始"):
        wish(at, at.people[1])
    with build.backdated("staffing_selection", "staffing_selection_moves"):
        Selection.objects.filter(pk=at.row.pk).update(apply_from=today() - ONE, apply_until=today() - ONE)
    with pytest.raises(ValidationError, match="截止"):
        wish(at, at.people[1])


def test_nobody_from_another_zone_and_no_outsider_in_a_competition_among_staff(at):
    build.published(at)
    other = staff.small_zone("XZ")
    with pytest.raises(ValidationError, match="不属于本开发区"):
        wish(at, staff.person(other, "外人"))
    outsider = candidacy.add_applicant(unit=at.zone.unit, name="周外", national_id=national_id(11), by=at.hr)
    with pytest.raises(ValidationError, match="只接受在册人员"):
        candidacy.nominate(selection=at.row, applicant=outsider, first=at.posts[0], by=at.hr)


def test_two_different_choices_of_this_round(at):
    build.published(at)
    with pytest.raises(ValidationError, match="同一岗位"):
        wish(at, at.people[0], second=at.posts[0])
    other = build.small_round(staff.small_zone("XZ"))
    with pytest.raises(ValidationError, match="本次竞聘的岗位"):
        wish(at, at.people[0], second=other.posts[0])


def test_an_applicant_is_encrypted_masked_in_the_trail_and_entered_once(at):
    one = candidacy.add_applicant(unit=at.zone.unit, name="周外", national_id=national_id(11), by=at.hr)
    assert candidacy.add_applicant(unit=at.zone.unit, name="周外", national_id=national_id(11), by=at.hr) == one
    with connection.cursor() as cursor:
        cursor.execute("select national_id from staffing_applicant where id = %s", [one.pk])
        assert national_id(11) not in cursor.fetchone()[0]
    entry = AuditEntry.objects.get(verb="add_applicant")
    assert national_id(11) not in str(entry.after)
    assert "1990" not in str(entry.after)
    with pytest.raises(ValidationError, match="校验位"):
        candidacy.add_applicant(unit=at.zone.unit, name="周外", national_id=wrong(national_id(11)), by=at.hr)
    with pytest.raises(ValidationError, match="不能以"):
        candidacy.add_applicant(unit=at.zone.unit, name="=cmd|x", national_id=national_id(13), by=at.hr)


def wrong(number: str) -> str:
    return number[:17] + ("1" if number[17] != "1" else "2")


# --- eligibility -------------------------------------------------------------------------------


def test_the_facts_on_file_are_proposed_for_all_in_constant_queries(at, django_assert_num_queries):
    staff.seat(at.people[0], at.zone.clerk, probation_ends=today() + ONE, term_ends=None)
    build.reviewing(at)
    rows = list(at.row.candidates.select_related("person", "applicant", "first", "selection"))
    with django_assert_num_queries(4):
        found = eligibility.findings(rows, today())
    assert [each.code for each in found[at.candidates[0].pk]] == ["probation", "own_post"]
    assert "试用期未满" in found[at.candidates[0].pk][0].text
    assert at.candidates[1].pk not in found


def test_sanctions_and_open_cases_are_noticed(at):
    build.reviewing(at)
    Sanction.objects.create(
        person=at.people[0], kind="warning", period=period(today() - ONE, today() + 30 * ONE), document_number="1号"
    )
    Inquiry.objects.create(person=at.people[1], period=period(today() - ONE))
    found = eligibility.findings(at.row.candidates.select_related("person", "applicant", "first", "selection"), today())
    assert [[each.code for each in found[each_.pk]] for each_ in at.candidates[:2]] == [["sanction"], ["case"]]
    assert "处分影响期未满" in found[at.candidates[0].pk][0].text


def test_an_applicant_who_is_on_the_staff_already_is_noticed():
    at = build.published(build.small_round(kind="open"))
    who = at.people[0]
    staff.seat(who, at.zone.clerk)
    applicant = candidacy.add_applicant(unit=at.zone.unit, name=who.name, national_id=who.national_id, by=at.hr)
    row = candidacy.nominate(selection=at.row, applicant=applicant, first=at.posts[0], by=at.hr)
    assert [each.code for each in eligibility.findings([row], today())[row.pk]] == ["on_staff"]


def test_a_refusal_and_a_pass_against_the_facts_need_their_reason(at):
    build.reviewing(at)
    one = at.candidates[0]
    with pytest.raises(ValidationError, match="写明原因"):
        candidacy.check(candidate=one, eligible=False, by=at.hr)
    with pytest.raises(ValidationError, match="写明原因"):
        candidacy.check(candidate=one, eligible=True, findings=1, by=at.hr)
    done = candidacy.check(candidate=one, eligible=False, note="学历不符", barred=[at.posts[0]], by=at.hr)
    assert (done.eligible, done.checked_by, list(done.barred.all())) == (False, at.hr.user, [at.posts[0]])


def test_nobody_checks_scores_or_decides_himself(at):
    build.reviewing(at)
    own = at.candidates[0]
    own.person.user = at.hr.user
    own.person.save()
    with pytest.raises(ValidationError) as error:
        candidacy.check(candidate=own, eligible=True, by=at.hr)
    assert error.value.code == "own_case"
    for each in at.candidates:
        candidacy.check(candidate=each, eligible=True, by=at.leader)
    rounds.advance(selection=at.row, to="assessment", by=at.hr)
    with pytest.raises(ValidationError, match="本人"):
        assessing.enter_points(candidate=own, part="written", text="100", version=0, by=at.hr)
    for each in at.candidates:
        for part in at.row.weights:
            assessing.enter_points(candidate=each, part=part, text="80", version=0, by=at.leader)
    assessing.propose(selection=at.row, by=at.hr)
    with pytest.raises(ValidationError, match="本人"):
        assessing.decide(candidate=own, post=at.posts[0], by=at.hr)
    assert assessing.decide_as_proposed(selection=at.row, by=at.hr) == 3
    assert Outcome.objects.get(candidate=own).decided_at is None


# --- scores and the proposal -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"), [("很多", "不是数字"), ("101", "0 与 100"), ("-1", "0 与 100"), ("80.123", "最多 2 位"),
                        ("NaN", "不是数字"), ("9" * 30, "不是数字"), ("1e1", "")]
)  # fmt: skip
def test_bad_points_are_named(at, text, words):
    build.checked(at)
    if not words:
        entered = assessing.enter_points(candidate=at.candidates[0], part="written", text=text, version=0, by=at.hr)
        assert entered.score.points == 10
        return
    with pytest.raises(ValidationError, match=words):
        assessing.enter_points(candidate=at.candidates[0], part="written", text=text, version=0, by=at.hr)


def test_scores_are_weighted_versioned_and_cleared(at):
    build.checked(at)
    one = at.candidates[0]
    marks = {"written": "８０", "interview": "90", "peer": "70.5"}
    for part, text in marks.items():
        entered = assessing.enter_points(candidate=one, part=part, text=text, version=0, by=at.hr)
    assert entered.total == Decimal("82.1")
    with pytest.raises(assessing.StaleScore) as stale:
        assessing.enter_points(candidate=one, part="peer", text="60", version=0, by=at.leader)
    assert stale.value.score.points == Decimal("70.5")
    same = assessing.enter_points(candidate=one, part="peer", text="70.5", version=0, by=at.leader)
    assert same.score.version == 1, "a lost answer may be retried"
    cleared = assessing.enter_points(candidate=one, part="peer", text="", version=1, by=at.hr)
    assert (cleared.score.points, cleared.score.version, cleared.total) == (None, 2, None)


def test_the_proposal_and_its_reasons(at):
    build.scored(at)
    assert assessing.propose(selection=at.row, by=at.hr) == 3
    found = {row.candidate.name: (row.proposed, row.reason) for row in Outcome.objects.all()}
    assert found == {
        "赵一": (at.posts[0], "first_choice"),
        "钱二": (at.posts[1], "second_choice"),
        "孙三": (at.posts[1], "adjusted"),
        "李四": (None, "outranked"),
    }
    left = Outcome.objects.get(reason="outranked")
    names = {at.posts[0].pk: "招商专员"}
    assert sentence(left, names) == "名列第 4；志愿岗位已由总分更高者录满（招商专员最低 90.00 分）"
    with override("en"):
        assert "90.00" in sentence(left, {at.posts[0].pk: "Clerk"})


def test_a_pass_mark_keeps_people_out():
    at = build.scored(build.small_round(pass_mark=Decimal(80)))
    assessing.propose(selection=at.row, by=at.hr)
    assert Outcome.objects.get(candidate__person__name="孙三").proposed is not None, "the mark itself passes"
    assert Outcome.objects.get(candidate__person__name="李四").reason == "below_mark"


def test_missing_scores_are_named_and_a_changed_score_drops_the_proposal(at):
    build.scored(at)
    assessing.propose(selection=at.row, by=at.hr)
    assessing.enter_points(candidate=at.candidates[3], part="peer", text="", version=1, by=at.hr)
    assert not Outcome.objects.exists()
    with pytest.raises(ValidationError, match="序号 4"):
        assessing.propose(selection=at.row, by=at.hr)


def test_who_entered_scores_does_not_decide(at):
    build.scored(at)
    assessing.propose(selection=at.row, by=at.hr)
    with pytest.raises(ValidationError, match="须由他人"):
        assessing.decide_as_proposed(selection=at.row, by=at.hr)


def test_a_decision_that_differs_says_why_and_a_full_post_names_its_people(at):
    build.decided(at)
    last = at.candidates[3]
    with pytest.raises(ValidationError, match="写明原因"):
        assessing.decide(candidate=last, post=at.posts[1], by=at.leader)
    with pytest.raises(ValidationError, match="已定：赵一"):
        assessing.decide(candidate=last, post=at.posts[0], by=at.leader, deviation="工作需要")
    with pytest.raises(ValidationError) as error:
        assessing.decide(candidate=at.candidates[2], post=None, by=at.leader, deviation="本人放弃", seen="")
    assert error.value.code == "stale"
    seen = str(at.posts[1].pk)
    assessing.decide(candidate=at.candidates[2], post=None, by=at.leader, deviation="本人放弃", seen=seen)
    moved = assessing.decide(candidate=last, post=at.posts[1], by=at.leader, deviation="工作需要")
    assert (moved.decided, moved.deviation) == (at.posts[1], "工作需要")


def test_no_reason_overrides_a_posts_conditions_nor_the_published_mark():
    at = build.small_round(pass_mark=Decimal(80))
    build.marked(build.checked(at, barred={1: at.posts[1:]}))
    assessing.propose(selection=at.row, by=at.hr)
    assessing.decide_as_proposed(selection=at.row, by=at.leader)
    with pytest.raises(ValidationError, match="不符合该岗位的条件"):
        assessing.decide(candidate=at.candidates[1], post=at.posts[1], by=at.leader, deviation="工作需要")
    with pytest.raises(ValidationError, match=r"总分 75\.00 低于合格线 80\.00"):
        assessing.decide(candidate=at.candidates[3], post=at.posts[1], by=at.leader, deviation="工作需要")


def test_who_withdraws_after_the_proposal_is_left_out_of_what_is_confirmed(at):
    build.scored(at)
    assessing.propose(selection=at.row, by=at.hr)
    candidacy.withdraw(candidate=at.candidates[0], reason="另有安排", by=at.hr)
    assert assessing.decide_as_proposed(selection=at.row, by=at.leader) == 3
    assert Outcome.objects.get(candidate=at.candidates[0]).decided_at is None


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
