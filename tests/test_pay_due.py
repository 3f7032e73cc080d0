"""What pay puts on each desk: to check, to approve, to pay, to correct; nobody is asked to sign what he may not."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from common.access import Access
from common.models import User
from kpi.models import Appeal
from pay.due import due
from pay.life import payouts
from pay.life import services as life
from pay.life.staleness import outdated
from pay.models import Run
from tests import pay_builders as build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    made = build.small_zone()
    leader = made["people"]["p0"]
    leader.user = User.objects.create_user("leader")
    leader.save()
    for name, role in (("finance", "finance"), ("hr", "hr")):
        build.granted(name, role, made["zone"])
    return made | {"run": build.computed(made["zone"], by="finance")}


def desk(name: str) -> dict[str, int]:
    user = User.objects.get(username=name)
    return {item.title: item.count for item in due(Access(user), timezone.localdate()) if item.urgent}


def test_each_step_is_on_the_desk_of_who_may_take_it(world):
    run = world["run"]
    assert desk("hr") == {"待复核的核算": 1}
    assert desk("finance") == {}  # he drafted it
    assert desk("leader") == {}
    run = life.check_run(run=run, seen=life.stamp(run), by=build.acting("hr"))
    assert (desk("hr"), desk("leader")) == ({}, {"待审批的核算": 1})
    life.approve_run(run=run, instrument=build.instrument(), seen=life.stamp(run), by=build.acting("leader"))
    assert desk("finance") == {"待制发放单的核算": 1}
    payouts.draft_payout(run=Run.objects.get(pk=run.pk), part="current", by=build.acting("finance"))
    assert (desk("finance"), desk("hr")) == ({}, {"待审核发放的批次": 1})


def test_a_restated_figure_waits_to_be_corrected(world):
    run = build.approved(world["run"])
    assert outdated([run]) == {}
    build.figure(world["zone"], "tax", 2020, "1200", vintage=timezone.localdate() + dt.timedelta(days=1))
    assert outdated([run]) == {run.pk: ["有更新的基础数据"]}
    assert desk("finance")["待更正的核算"] == 1


def test_a_figure_restated_on_the_day_of_the_run_waits_too_and_one_that_it_never_read_does_not(world):
    run = build.approved(world["run"])
    build.figure(world["zone"], "industrial_investment", 2020, "7", vintage=timezone.localdate())
    assert outdated([run]) == {}
    build.figure(world["zone"], "tax", 2020, "1200", vintage=timezone.localdate())
    assert outdated([run]) == {run.pk: ["有更新的基础数据"]}


def test_a_grade_settled_anew_waits_to_be_corrected(world):
    run = build.approved(world["run"])
    result = world["cycle"].scorecards.get(person=world["people"]["p2"]).result
    result.rating = "excellent"
    result.save()
    assert outdated([run]) == {run.pk: ["有更新的考核结果"]}


def test_a_settled_appeal_waits_to_be_corrected(world):
    run = build.approved(world["run"])
    result = world["cycle"].scorecards.get(person=world["people"]["p2"]).result
    build.Cycle.objects.filter(pk=world["cycle"].pk).update(state="published", published_on=dt.date(2021, 1, 4))
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    facts = {"stage": "review", "text": "请复核", "raised_on": dt.date(2021, 1, 5), "due_on": dt.date(2021, 2, 5)}
    appeal = Appeal.objects.create(result=result, **facts)
    assert outdated([run]) == {}
    Appeal.objects.filter(pk=appeal.pk).update(outcome="changed", decided_on=tomorrow, new_rating="excellent")
    assert outdated([run]) == {run.pk: ["有申诉已作出变更决定"]}


def test_many_runs_cost_no_more_queries_than_one(world, django_assert_num_queries):
    runs = [world["run"], *(build.computed(build.small_zone(code)["zone"]) for code in ("AZ", "BZ"))]
    with django_assert_num_queries(3):
        outdated(runs[:1])
    with django_assert_num_queries(3):
        outdated(runs)


def test_another_zones_changes_are_its_own(world):
    run = build.approved(world["run"])
    other = build.small_zone("FZ")
    build.figure(other["zone"], "tax", 2020, "1200", vintage=timezone.localdate() + dt.timedelta(days=1))
    assert outdated([run]) == {}
