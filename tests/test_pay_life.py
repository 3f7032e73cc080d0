"""A run's life: three people, in order, once; then nothing changes any more, whoever asks."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, connections, transaction

from common.actors import Actor
from common.models import AuditEntry
from pay import services
from pay.life import services as life
from pay.life import standing
from pay.models import Run
from tests import pay_builders as build
from tests.common_builders import ALL_APPS

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return build.computed(build.small_zone()["zone"])


def check(run: Run, who: str = "checker", seen: str = "") -> Run:
    return life.check_run(run=run, seen=seen or life.stamp(run), by=build.acting(who))


def approve(run: Run, who: str = "approver", seen: str = "") -> Run:
    by, paper = build.acting(who), build.instrument()
    return life.approve_run(run=run, instrument=paper, seen=seen or life.stamp(run), by=by)


def refused(word: str, act, *args, **kwargs) -> ValidationError:
    with pytest.raises(ValidationError) as error:
        act(*args, **kwargs)
    assert word in "".join(error.value.messages)
    return error.value


def test_drafted_checked_approved_by_three(run):
    done = approve(check(run))
    assert (done.state, done.instrument) == ("approved", build.instrument())
    verbs = AuditEntry.objects.filter(noun="pay.run", key=str(run.pk)).order_by("pk")
    assert list(verbs.values_list("verb", "user__username"))[-2:] == [
        ("check_run", "checker"),
        ("approve_run", "approver"),
    ]


def test_nobody_signs_twice(run):
    refused("发起人不能复核", check, run, "drafter")
    checked = check(run)
    refused("三个不同的人", approve, checked, "drafter")
    refused("三个不同的人", approve, checked, "checker")


@pytest.mark.parametrize(
    "statement",
    [
        "update pay_run set state = 'checked', checked_by_id = requested_by_id, checked_at = now()",
        "update pay_run set state = 'approved', checked_at = now(), approved_at = now()",
        "update pay_run set state = 'approved'",
    ],
)
def test_the_database_wants_three_people_too(run, statement):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_system_signs_nothing(run):
    with pytest.raises(ValidationError, match="须由本人办理"):
        life.check_run(run=run, seen=life.stamp(run), by=Actor.command("test"))


def test_a_draft_is_not_approved_unchecked(run):
    refused("须先复核", approve, run)


def test_a_stale_page_signs_nothing(run):
    seen = life.stamp(run)
    checked = check(run)
    assert refused("刚被他人修改", check, checked, "another", seen).code == "stale"
    life.send_back(run=checked, reason="数据有误", seen=life.stamp(checked), by=build.acting("approver"))
    refused("刚被他人修改", approve, checked, "approver", life.stamp(checked))


def test_a_double_post_is_one_deed(run):
    seen = life.stamp(run)
    check(run, seen=seen)
    again = check(run, seen=seen)
    seen = life.stamp(again)
    approve(again, seen=seen)
    approve(again, seen=seen)
    counts = AuditEntry.objects.filter(noun="pay.run", key=str(run.pk), verb__in=["check_run", "approve_run"])
    assert counts.count() == 2


def test_sent_back_with_a_reason_it_is_checked_anew(run):
    checked = check(run)
    refused("须写明退回的理由", life.send_back, run=checked, reason=" ", seen=life.stamp(checked), by=build.acting("x"))
    back = life.send_back(run=checked, reason="人数不符", seen=life.stamp(checked), by=build.acting("approver"))
    assert (back.state, back.checked_by, back.checked_at) == ("computed", None, None)
    assert AuditEntry.objects.get(verb="send_back_run").reason == "人数不符"
    assert approve(check(Run.objects.get(pk=run.pk), "another")).state == "approved"


def test_a_provisional_run_is_not_approved():
    run = build.computed(build.small_zone()["zone"])
    checked = check(build.correction(build.approved(run), {}, provisional=True))
    refused("暂算", approve, checked)


def test_what_waits_is_cancelled_and_what_is_done_is_not():
    zone = build.small_zone()["zone"]
    (queued,) = services.request_runs(units=[zone], year=2020, by=build.acting("drafter"))
    assert life.cancel_run(run=queued, by=build.acting("drafter")).state == "cancelled"
    assert life.cancel_run(run=queued, by=build.acting("drafter")).state == "cancelled"
    assert services.compute(queued.pk, by=Actor.command("test")).state == "cancelled"
    done = build.computed(zone)
    refused("只能取消排队中", life.cancel_run, run=done, by=build.acting("drafter"))


class TestApprovedIsForGood:
    @pytest.mark.parametrize(
        "statement",
        [
            "update pay_run set pool = pool + 1",
            "update pay_run set state = 'superseded'",
            "update pay_run set state = 'computed'",
            "update pay_run set checked_by_id = null",
            "update pay_run set instrument_id = null",
            "update pay_run set trace = '{}'",
            "update pay_run set remarks = '[1]'",
            "delete from pay_allocation",
            "update pay_allocation set amount = amount",
            "update pay_bureaushare set score = 1",
            "create temp table twin as select * from pay_bureaushare limit 1; update twin set id = 0, bureau_id = 0;"
            " insert into pay_bureaushare select * from twin",
        ],
    )
    def test_raw_sql_changes_nothing(self, run, statement):
        build.approved(run)
        with pytest.raises(IntegrityError, match="不能修改或删除"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            cursor.execute("set constraints all immediate")


class TestCorrections:
    def test_approved_it_stands_in_the_place_of_what_it_corrects(self, run):
        first = build.approved(run)
        row = first.allocations.first()
        second = build.correction(first, {row.pk: row.amount + 100})
        assert Run.objects.standing().get(unit=run.unit).pk == first.pk
        build.approved(second)
        assert Run.objects.standing().get(unit=run.unit).pk == second.pk
        assert second.difference == Decimal(100)

    def test_a_correction_of_a_correction_corrects_the_latest(self, run):
        first = build.approved(run)
        row = first.allocations.first()
        second = build.approved(build.correction(first, {row.pk: row.amount + 100}))
        row = second.allocations.get(person=row.person, share__bureau=row.share.bureau)
        third = build.approved(build.correction(second, {row.pk: row.amount - 40}))
        assert life.latest_of_chain(first).pk == third.pk
        refused(f"已被核算 {third.pk} 更正", life.request_correction, run=first, by=build.acting("drafter"))

    def test_two_corrections_of_one_run_do_not_both_stand(self, run):
        first = build.approved(run)
        row = first.allocations.first()
        one = build.correction(first, {row.pk: row.amount + 100})
        Run.objects.filter(pk=one.pk).update(state="superseded")
        other = check(build.correction(first, {row.pk: row.amount + 200}))
        Run.objects.filter(pk=other.pk).update(state="superseded", checked_by=None, checked_at=None)
        Run.objects.filter(pk=one.pk).update(state="computed")
        build.approved(Run.objects.get(pk=one.pk))
        late = build.correction(first, {row.pk: row.amount + 300})
        error = refused("请重新核算，更正最新一次", approve, check(late))
        assert error.code == "PAY-CORRECTS"

    def test_a_difference_that_is_wrong_is_refused_in_the_database(self, run):
        first = build.approved(run)
        row = first.allocations.first()
        with pytest.raises(IntegrityError, match="差额合计"), transaction.atomic():
            build.correction(first, {row.pk: row.amount + 100}, difference=Decimal(99))
            with connection.cursor() as cursor:
                cursor.execute("set constraints all immediate")

    def test_only_what_is_approved_is_corrected(self, run):
        refused("只更正已审批", life.request_correction, run=run, by=build.acting("drafter"))


@pytest.mark.django_db(transaction=True, available_apps=ALL_APPS)
def test_two_people_racing_to_approve_get_one_approval():
    run = check(build.computed(build.small_zone()["zone"]))
    seen, paper, barrier = life.stamp(run), build.instrument(), threading.Barrier(2)
    told: dict[str, str] = {}

    def race(who: str) -> None:
        by = build.acting(who)
        barrier.wait(10)
        try:
            life.approve_run(run=run, instrument=paper, seen=seen, by=by)
            told[who] = "done"
        except ValidationError as error:
            told[who] = error.code or ""
        finally:
            connections.close_all()

    threads = [threading.Thread(target=race, args=[who]) for who in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(told.values()) == ["done", "stale"]
    winner = next(who for who, what in told.items() if what == "done")
    assert Run.objects.get().approved_by.username == winner
    assert AuditEntry.objects.filter(verb="approve_run").count() == 1


def test_a_pool_that_is_less_than_a_fen_for_each_says_so():
    own = build.small_zone("SM", pool_base="0.02")
    run = build.computed(own["zone"])
    left = run.allocations.filter(amount=0, grade_factor__gt=0).values("person").distinct().count()
    assert run.pool == Decimal("0.02")
    assert left >= 3
    assert f"可分的总额过小：{left} 人应发不足 1 分，计为 0 元。" in standing.warnings(run, None)
