"""The verbs of a selection round: what they do, what they refuse, and in whose words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import override

from common.models import AuditEntry
from common.periods import period
from staffing.models import (
    Inquiry,
    Outcome,
    Sanction,
    Selection,
)
from staffing.selection import assessing, candidacy, eligibility, rounds
from staffing.selection.reading import sentence
from tests import selection_builders as build
from tests import staffing_builders as staff
from tests.selection_builders import ONE, today
from tests.selection_people import national_id, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    return build.small_round()


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
