"""Every illegal jump between the steps of a round, refused by PostgreSQL itself: here, raw SQL and nothing else."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from common.databases import broken_rule
from staffing.models import Selection
from staffing.selection import announcing, assessing
from tests import selection_builders as build

pytestmark = pytest.mark.django_db

STAGES = [stage for stage in Selection.Stage.values if stage != "cancelled"]
REACHED = {
    "draft": build.small_round,
    "published": lambda **more: build.published(build.small_round(**more)),
    "review": lambda **more: build.reviewing(build.small_round(**more)),
    "assessment": lambda **more: build.decided(build.small_round(**more)),
    "notice": lambda **more: build.announced(build.small_round(**more)),
}


def run(sql: str, values=()) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.execute("set constraints all immediate")


def refused(sql: str, values=()) -> tuple[str, str]:
    with pytest.raises(IntegrityError) as error:
        run(sql, values)
    broken = broken_rule(error.value)
    return broken.rule, broken.message


def step(at, to: str) -> tuple[str, str]:
    return refused("update staffing_selection set stage = %s where id = %s", [to, at.row.pk])


@pytest.mark.parametrize("now", REACHED)
def test_no_step_is_skipped_or_gone_back_to(now):
    at = REACHED[now]()
    steps = Selection.STEPS["internal"]
    for to in STAGES:
        if to == now or to == steps[steps.index(now) + 1]:
            continue
        rule, message = step(at, to)
        assert (rule, "按步骤依次办理" in message) == ("APT-02", True), to


def test_a_round_begins_with_its_plan():
    at = build.small_round()
    copied = (
        "insert into staffing_selection select (jsonb_populate_record(null::staffing_selection,"
        ' to_jsonb(s) || \'{"id": 999999, "stage": "assessment"}\')).* from staffing_selection s where id = %s'
    )
    assert refused(copied, [at.row.pk]) == ("APT-02", "竞聘须从方案开始（APT-02）")


def test_open_recruitment_does_not_skip_the_medical_examination():
    at = build.decided(build.small_round(kind="open"))
    rule, message = step(at, "notice")
    assert rule == "APT-01"
    assert "按步骤" in message


def test_each_step_needs_what_the_one_before_it_gives():
    at = build.small_round()
    run("delete from staffing_selectionpost")
    assert "没有竞聘岗位" in step(at, "published")[1]


def test_nominations_must_be_over():
    at = build.nominated(build.small_round())
    assert step(at, "review") == ("APT-02", "报名尚未截止（APT-02）")


def test_everybody_must_be_checked_before_scoring():
    assert "未作资格审查" in step(build.reviewing(build.small_round()), "assessment")[1]


def test_every_score_and_decision_must_be_there_before_the_notice():
    at = build.checked(build.small_round())
    assert "得分未录入" in step(at, "notice")[1]


def test_scores_without_decisions_are_not_enough():
    assert "未作出决定" in step(build.scored(build.small_round()), "notice")[1]


def test_the_step_notice_needs_a_notice():
    assert "没有公示" in step(build.decided(build.small_round()), "notice")[1]


def test_nobody_is_appointed_before_the_notice_is_over():
    assert "公示尚未期满" in step(build.announced(build.small_round()), "appointed")[1]


def test_nobody_is_appointed_while_an_objection_is_open():
    at = build.announced(build.small_round())
    announcing.raise_objection(notice=at.notice, text="材料不实", candidate=at.candidates[0], by=at.hr)
    with build.backdated("staffing_notice", "staffing_notice_stands"):
        back = build.today() - dt.timedelta(days=12)
        at.row.notices.update(published_on=back, first_day=back, last_day=build.today() - build.ONE)
    assert "异议未处理" in step(at, "appointed")[1]


def test_the_last_step_comes_with_the_appointments():
    assert "未聘任到决定的岗位" in step(build.notice_over(build.small_round()), "appointed")[1]


def test_what_is_over_stays_over():
    at = build.notice_over(build.small_round())
    announcing.appoint_round(selection=at.row, starts=build.today(), decided_on=build.today(), by=at.hr)
    for to in ("draft", "notice", "cancelled"):
        assert "竞聘已结束" in step(at, to)[1]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("update staffing_selection set written = 50, interview = 30 where id = {row}", "方案已公布"),
        ("update staffing_selection set kind = 'open' where id = {row}", "方案已公布"),
        ("delete from staffing_selection where id = {row}", "不能删除"),
        ("update staffing_selectionpost set seats = 9 where selection_id = {row}", "岗位不能再改"),
        ("delete from staffing_selectionpost where selection_id = {row}", "岗位不能再改"),
        ("update staffing_candidate set eligible = true where selection_id = {row}", "资格审查期间作出"),
        ("update staffing_candidate set medical = 'passed' where selection_id = {row}", "体检期间登记"),
        ("update staffing_candidate set number = number + 100 where selection_id = {row}", "不能改"),
        ("delete from staffing_candidate where selection_id = {row}", "只能撤回"),
        (
            "insert into staffing_score (candidate_id, part, points, version) select id, 'written', 100, 1"
            " from staffing_candidate where selection_id = {row}",
            "考评期间",
        ),
        (
            "insert into staffing_outcome (candidate_id, total, rank, reason, facts, deviation)"
            " select id, 1, 1, 'adjusted', '{{}}', '' from staffing_candidate where selection_id = {row}",
            "未通过",
        ),
        (
            "insert into staffing_notice (selection_id, first_day, last_day, places, contact, phone, published_on)"
            " values ({row}, current_date, current_date + 20, '', '', '', common_today())",
            "之后发布",
        ),
    ],
)
def test_what_belongs_to_another_step_is_refused(sql, words):
    at = build.nominated(build.small_round())
    rule, message = refused(sql.format(row=at.row.pk))
    assert rule == "APT-02"
    assert words in message


def test_choices_are_fixed_with_the_deadline():
    at = build.reviewing(build.small_round())
    told = refused("update staffing_candidate set accepts_another = true where id = %s", [at.candidates[0].pk])
    assert "志愿不能再改" in told[1]
    new = "insert into staffing_candidate select (jsonb_populate_record(null::staffing_candidate, to_jsonb(c) ||"
    new += f' \'{{"id": 99999, "number": 99}}\')).* from staffing_candidate c where id = {at.candidates[0].pk}'
    assert "公布报名期间" in refused(new)[1]


def test_scores_stand_once_the_notice_is_up():
    at = build.announced(build.small_round())
    assert "考评期间" in refused("update staffing_score set points = 100")[1]
    assert "公示期间" in refused("update staffing_outcome set total = 100")[1]
    free = at.posts[1].pk
    assert "公示期间" in refused("update staffing_outcome set decided_id = %s, deviation = 'x'", [free])[1]


def test_a_notice_stands_as_it_was_published():
    at = build.announced(build.small_round())
    assert "不能改" in refused("update staffing_notice set last_day = first_day")[1]
    assert "不能改" in refused("delete from staffing_notice where id = %s", [at.notice.pk])[1]


def test_a_notice_is_not_published_back_in_time():
    at = build.announced(build.small_round())
    again = (
        "insert into staffing_notice (selection_id, first_day, last_day, places, contact, phone, published_on)"
        " values (%s, '2020-09-28', '2020-10-10', '', '', '', '2020-09-28')"
    )
    assert "须是当日" in refused(again, [at.row.pk])[1]


@pytest.mark.parametrize(
    ("first", "last", "n"),
    [
        ("2020-09-28", "2020-10-09", 4),  # twelve days on the calendar, over National Day, four of them worked
        ("2021-02-10", "2021-02-19", 3),  # over Spring Festival
    ],
)
def test_a_notice_counts_working_days(first, last, n):
    at = build.announced(build.small_round())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute(
            "create or replace function common_today() returns date language sql as 'select date ''2020-09-28'''"
        )
        short = (
            "insert into staffing_notice (selection_id, first_day, last_day, places, contact, phone, published_on)"
            " values (%s, %s, %s, '', '', '', '2020-09-28')"
        )
        rule, message = refused(short, [at.row.pk, first, last])
        assert (rule, f"现为 {n} 个" in message) == ("APT-10", True)
        run(short, [at.row.pk, first, "2020-10-10" if first.startswith("2020") else "2021-02-22"])
        transaction.set_rollback(True)


def test_the_floor_of_five_working_days_is_no_plans_to_lower():
    at = build.small_round()
    told = refused("update staffing_selection set notice_workdays = 3 where id = %s", [at.row.pk])
    assert told[0] == "staffing_selection_notice_floor"


def test_objections_are_raised_in_time_settled_once_and_kept():
    at = build.announced(build.small_round())
    made = announcing.raise_objection(notice=at.notice, text="材料不实", candidate=at.candidates[0], by=at.hr)
    assert "不能删除" in refused("delete from staffing_objection where id = %s", [made.pk])[1]
    late = (
        "insert into staffing_objection (notice_id, raised_on, raised_name, text, state, finding)"
        " values (%s, %s, '', 'x', 'open', '')"
    )
    assert "公示期内" in refused(late, [at.notice.pk, at.notice.last_day + build.ONE])[1]
    announcing.settle_objection(objection=made, upheld=False, finding="查无实据", by=at.leader)
    assert "已处理" in refused("update staffing_objection set state = 'upheld'")[1]


def test_no_post_is_decided_for_more_people_than_it_has_seats():
    at = build.decided(build.small_round())
    rule, message = refused(
        "update staffing_outcome set decided_id = %s, decided_at = now(), deviation = 'x'", [at.posts[0].pk]
    )
    assert "超过" in message
    assert rule == "APT-02"


def test_a_decision_that_differs_says_why():
    at = build.decided(build.small_round())
    told = refused("update staffing_outcome set decided_id = null where candidate_id = %s", [at.candidates[0].pk])
    assert told[0] == "staffing_outcome_deviation_said"


def test_nobody_is_decided_against_a_posts_conditions_or_below_the_mark():
    at = build.small_round(pass_mark=80)
    build.marked(build.checked(at, barred={0: at.posts[1:]}))
    assessing.propose(selection=at.row, by=at.hr)
    decide = "update staffing_outcome set decided_id = %s, decided_at = now(), deviation = 'x' where candidate_id = %s"
    assert "不符合该岗位条件" in refused(decide, [at.posts[1].pk, at.candidates[0].pk])[1]
    assert "低于合格线" in refused(decide, [at.posts[1].pk, at.candidates[3].pk])[1]
    assert "资格审查期间" in refused("delete from staffing_candidate_barred")[1]
