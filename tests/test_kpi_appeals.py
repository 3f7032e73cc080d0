"""Publishing, review and appeal with their clocks (ASM-12), closing: by service, and by what PostgreSQL refuses."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from common.databases import broken_rule
from common.models import AuditEntry
from kpi.judging import appealing, grading, years
from kpi.models import Appeal, Cycle, Delivery, Result, Webhook
from tests import judging_builders as judge
from tests import kpi_builders as build

pytestmark = pytest.mark.django_db


def today():
    return timezone.localdate()


def ago(days):
    return today() - dt.timedelta(days=days)


def result(at, card="staff"):
    return Result.objects.select_related("scorecard__cycle", "scorecard__person").get(scorecard=at.cards[card])


def file(at, card="staff", role=None, text="成绩有误"):
    return appealing.file(result=result(at, card), text=text, by=build.actor(at.users[role or card]))


def decide(at, row, role="leader2", outcome="upheld", new_rating=""):
    return appealing.decide(
        appeal=row, outcome=outcome, decision="核实", new_rating=new_rating, by=build.actor(at.users[role])
    )


@pytest.fixture
def at():
    return judge.many(2)


@pytest.fixture
def out(at):
    return judge.published(at, today())


# --- publishing ---------------------------------------------------------------------------------------


def test_a_year_is_published_once_everything_is_there(at):
    by = build.actor(at.users["leader"])
    with pytest.raises(ValidationError, match="未评定等次 7"):
        years.publish(cycle=at.cycle, by=by)
    judge.grade_all(at)
    done = years.publish(cycle=at.cycle, by=by, notice=" 公布如下 ")
    assert (done.state, done.published_on, done.notice) == ("published", today(), "公布如下")
    assert years.publish(cycle=at.cycle, by=by, notice="又").notice == "公布如下"
    assert AuditEntry.objects.filter(verb="publish").count() == 1


def test_whoever_asked_to_be_told_is_told_once(at):
    Webhook.objects.create(holder=at.zone.unit, url="https://hooks.example.org/in", secret="of-a-test")
    judge.grade_all(at)
    for _again in range(2):
        years.publish(cycle=at.cycle, by=build.actor(at.users["leader"]))
    assert Delivery.objects.get().payload["year"] == 2026


def test_no_grade_without_a_reason_keeps_a_year_from_being_published(at):
    judge.grade_all(at, staff="undetermined")
    with pytest.raises(ValidationError, match="不定等次没有原因 1"):
        years.publish(cycle=at.cycle, by=build.actor(at.users["leader"]))


def test_asm_15_holds_where_the_charter_states_it(monkeypatch):
    monkeypatch.setattr(build.law, "__defaults__", ({**build.LAW, ("ASM-15", "min_ratio"): "0.05"},))
    at = judge.many(2)
    judge.grade_all(at)
    with pytest.raises(ValidationError, match="末位人员少于规定比例"):
        years.publish(cycle=at.cycle, by=build.actor(at.users["leader"]))
    judge.grade_all(at, staff="basic")
    assert years.publish(cycle=at.cycle, by=build.actor(at.users["leader"])).state == "published"


@pytest.mark.parametrize(
    "change",
    [
        {"rating": "basic"},
        {"score": 1},
        {"comment": "改"},
        {"undetermined": "new", "rating": "undetermined"},
    ],
)
def test_a_published_result_is_not_rewritten(out, change):
    with pytest.raises(IntegrityError) as raw, transaction.atomic():
        Result.objects.filter(scorecard=out.cards["staff"]).update(**change)
    assert raw.value.__cause__.diag.constraint_name == "KPI-PUBLISHED"
    with pytest.raises(ValidationError, match="已公布"):
        grading.set_rating(scorecard=out.cards["staff"], rating="basic", by=build.actor(out.users["hr"]))


@pytest.mark.parametrize("change", [{"bureau_weight": "0.9"}, {"published_on": dt.date(2020, 1, 1)}, {"notice": "x"}])
def test_the_rules_of_a_published_year_stay(out, change):
    with pytest.raises(IntegrityError, match="不能再改"), transaction.atomic():
        Cycle.objects.filter(pk=out.cycle.pk).update(**change)


# --- clocks -------------------------------------------------------------------------------------------


def test_asm_12_before_publishing_nobody_appeals(at):
    with pytest.raises(ValidationError, match="公布后才能申请"):
        file(at)


@pytest.mark.parametrize(("days", "late"), [(0, False), (30, False), (31, True)])
def test_asm_12_a_review_is_asked_for_within_thirty_days(at, days, late):
    judge.published(at, ago(days))
    if late:
        with pytest.raises(ValidationError, match="30 天，已于") as told:
            file(at)
        assert told.value.code == "ASM-12"
        with pytest.raises(IntegrityError, match="提出期限"), transaction.atomic():
            Appeal.objects.create(result=result(at), stage="review", text="x", raised_on=today(), due_on=today())
    else:
        assert file(at).due_on == today() + dt.timedelta(days=30)


@pytest.mark.parametrize(("days", "late"), [(15, False), (16, True)])
def test_asm_12_an_appeal_follows_within_fifteen_days_of_the_review(at, days, late):
    judge.published(at, ago(days))
    row = Appeal.objects.create(result=result(at), stage="review", text="x", raised_on=ago(days), due_on=today())
    Appeal.objects.filter(pk=row.pk).update(outcome="upheld", decided_on=ago(days), decision="维持")
    if late:
        with pytest.raises(ValidationError, match="15 天，已于"):
            file(at)
    else:
        made = file(at)
        assert (made.stage, made.due_on) == ("appeal", today() + dt.timedelta(days=60))


def test_asm_12_no_appeal_without_a_decided_review(out):
    file(out)
    with pytest.raises(ValidationError, match="复核正在办理"):
        file(out)
    with pytest.raises(IntegrityError, match="不服"), transaction.atomic():
        Appeal.objects.create(result=result(out), stage="appeal", text="x", raised_on=today(), due_on=today())


def test_what_is_not_decided_in_time_is_overdue(out):
    row = file(out)
    assert not appealing.overdue(row, row.due_on)
    assert appealing.overdue(row, row.due_on + dt.timedelta(days=1))
    assert decide(out, row).outcome == "upheld"  # late decisions are taken all the same


# --- who ----------------------------------------------------------------------------------------------


def test_only_whoever_was_graded_appeals(out):
    for role in ("colleague", "head", "hr"):
        with pytest.raises(ValidationError, match="由本人提出"):
            file(out, "staff", role)


def test_nobody_decides_his_own_case_or_what_he_graded_or_scored(at):
    hr, leader = build.actor(at.users["hr"]), build.actor(at.users["leader"])
    judge.grade_all(at)
    grading.set_rating(scorecard=at.cards["colleague"], rating="basic", by=leader)
    at.cards["head"].lines.update(entered_by=at.users["leader"])
    years.publish(cycle=at.cycle, by=leader)
    for card, says in (("colleague", "评定等次的人"), ("head", "评分的人"), ("leader", "本人")):
        row = file(at, card)
        with pytest.raises(ValidationError, match=says):
            decide(at, row, "leader")
    with pytest.raises(ValidationError, match="没有处理"):
        appealing.decide(appeal=row, outcome="upheld", decision="x", by=hr)
    with pytest.raises(IntegrityError, match="本人和评分的人"), transaction.atomic():
        Appeal.objects.filter(result__scorecard=at.cards["head"]).update(
            outcome="upheld", decided_on=today(), decided_by=at.users["leader"]
        )
    review = Appeal.objects.get(result__scorecard=at.cards["colleague"])
    decide(at, review)
    second = file(at, "colleague")
    with pytest.raises(ValidationError, match="作出复核决定的人"):
        decide(at, second)


# --- outcomes -----------------------------------------------------------------------------------------


def test_a_changed_grade_is_set_at_once_and_only_so(out):
    row = file(out)
    with pytest.raises(ValidationError, match="与原等次不同"):
        decide(out, row, outcome="changed", new_rating="competent")
    decide(out, row, outcome="changed", new_rating="excellent")
    assert result(out).rating == "excellent"
    with pytest.raises(ValidationError, match="已处理：变更"):
        decide(out, row)
    with pytest.raises(IntegrityError, match="不能改写"), transaction.atomic():
        Appeal.objects.filter(pk=row.pk).update(new_rating="basic")
    with pytest.raises(IntegrityError, match="已公布"), transaction.atomic():
        Result.objects.filter(scorecard=out.cards["staff"]).update(rating="basic")


def test_asm_03_an_appeal_does_not_pass_the_quota(out):
    for card in ("staff", "colleague"):
        row = file(out, card)
        if card == "staff":
            decide(out, row, outcome="changed", new_rating="excellent")
    with pytest.raises(ValidationError) as told:
        decide(out, row, outcome="changed", new_rating="excellent")
    assert told.value.code == "ASM-03"
    assert Appeal.objects.get(pk=row.pk).outcome == ""


def test_what_was_withdrawn_is_not_asked_again(out):
    row = file(out)
    with pytest.raises(ValidationError, match="由本人撤回"):
        appealing.withdraw(appeal=row, by=build.actor(out.users["hr"]))
    appealing.withdraw(appeal=row, by=build.actor(out.users["staff"]))
    with pytest.raises(ValidationError, match="已撤回"):
        file(out)


def test_an_appeal_is_never_rewritten_or_deleted(out):
    row = file(out)
    for change in ("update kpi_appeal set text = 'y' where id = %s", "delete from kpi_appeal where id = %s"):
        with pytest.raises(IntegrityError, match="不能改写或删除"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change, [row.pk])


# --- closing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "left"), [(30, 7), (31, 0)])
def test_asm_12_a_year_is_not_closed_while_a_review_may_be_asked_for(at, days, left):
    judge.published(at, ago(days))
    assert clocks(at) == left


@pytest.mark.parametrize(("days", "left"), [(15, 1), (16, 0)])
def test_asm_12_nor_while_somebody_may_appeal_against_its_review(at, days, left):
    judge.published(at, ago(30))
    decide(at, file(at))
    with judge.days_later(days):
        assert clocks(at) == left


@pytest.mark.parametrize("end", ["withdrawn", "appealed"])
def test_asm_12_nor_longer_than_that(at, end):
    judge.published(at, ago(30))
    row = file(at)
    if end == "withdrawn":
        appealing.withdraw(appeal=row, by=build.actor(at.users["staff"]))
    else:
        decide(at, row)
        file(at)
    with judge.days_later(1):
        assert clocks(at) == 0


@pytest.mark.parametrize(
    ("published", "reviewed", "later", "until"),
    [
        (30, False, 0, 0),
        (31, False, 0, None),
        (30, True, 15, 15),
        (30, True, 16, None),
    ],
)
def test_asm_12_nor_by_raw_sql(at, published, reviewed, later, until):
    judge.published(at, ago(published))
    if reviewed:
        decide(at, file(at))
    with judge.days_later(later):
        if until is None:
            close_by_sql(at)
        else:
            with pytest.raises(IntegrityError, match=f"期限至 {ago(-until)} 届满") as refused:
                close_by_sql(at)
            assert broken_rule(refused.value).rule == "ASM-12"
    at.cycle.refresh_from_db()
    assert at.cycle.state == ("published" if until is not None else "closed")


def test_nor_before_it_is_published_by_raw_sql(at):
    with pytest.raises(IntegrityError, match="尚未公布"):
        close_by_sql(at)


def close_by_sql(at):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update kpi_cycle set state = 'closed' where id = %s", [at.cycle.pk])


def clocks(at):
    at.cycle.refresh_from_db()
    return next(check.count for check in years.before_closing(at.cycle) if check.key == "clocks")


def test_a_year_is_closed_once_every_appeal_is_settled_and_then_takes_nothing(at):
    by = build.actor(at.users["hr"])
    with pytest.raises(ValidationError, match="结果尚未公布"):
        years.close_cycle(cycle=at.cycle, by=by)
    judge.published(at, today())
    row = file(at)
    with pytest.raises(ValidationError, match="未处理的复核申诉 1"):
        years.close_cycle(cycle=at.cycle, by=by)
    with pytest.raises(IntegrityError, match="未处理"), transaction.atomic():
        Cycle.objects.filter(pk=at.cycle.pk).update(state="closed")
    decide(at, row)
    with pytest.raises(ValidationError, match="期限未满（人），"):
        years.close_cycle(cycle=at.cycle, by=by)
    with judge.days_later(31):
        assert years.close_cycle(cycle=at.cycle, by=by).state == "closed"
    with pytest.raises(ValidationError, match="已关闭"):
        file(at)
    with pytest.raises(ValidationError, match="已关闭"):
        grading.set_rating(scorecard=at.cards["staff"], rating="basic", by=by)
    with pytest.raises(ValidationError, match="已关闭"):
        years.close_cycle(cycle=at.cycle, by=by)
    with pytest.raises(IntegrityError, match="已关闭"), transaction.atomic():
        Result.objects.filter(scorecard=at.cards["staff"]).update(rating="basic")
    with pytest.raises(IntegrityError, match="已关闭"), transaction.atomic():
        Appeal.objects.create(result=result(at), stage="appeal", text="x", raised_on=today(), due_on=today())
