"""Raw SQL is bound like the pages: it skips no step of a plan and changes nothing that was decided."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from common.databases import broken_rule
from common.rules import Rule
from orgchart.models import Plan, PlanChange, PlanStep
from tests import plan_builders as plan

pytestmark = pytest.mark.django_db
RENAME = ("rename", {"bureau": "YZ-B1", "name": "招商局"})


@pytest.fixture
def at():
    return plan.zone(room=1)


# --- raw SQL ----------------------------------------------------------------------------------


STEP = """
    insert into orgchart_planstep (plan_id, stage, by_id, at, decided_on, opinion, document, version, instrument_id)
    select id, %s, %s, clock_timestamp(), (now() at time zone 'Asia/Shanghai')::date, '', '', version, %s
    from orgchart_plan where id = %s"""


def sql_refusal(*statements) -> str:
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)
        cursor.execute("set constraints all immediate")
    return broken_rule(error.value).rule


def test_raw_sql_skips_no_step(at):
    row = plan.draft(at, RENAME)
    plan.check(at, row)
    for stage in ("decided", "approved", "refused", "draft"):
        assert sql_refusal((STEP, [stage, at.approver.user.pk, None, row.pk])) in ("ORG-13", "orgchart_step_once")


def test_raw_sql_writes_no_stage_of_its_own(at):
    row = plan.decided(at, RENAME)
    stage = "update orgchart_plan set stage = %s, instrument_id = %s where id = %s"
    assert sql_refusal((stage, ["approved", at.instrument.pk, row.pk])) == "ORG-13"
    assert sql_refusal((stage, ["draft", None, row.pk])) == "ORG-13"


def test_raw_sql_approves_no_plan_of_its_own_without_instrument_or_on_an_old_check(at):
    row = plan.decided(at, RENAME)
    approver, drafter, decider = (each.user.pk for each in (at.approver, at.drafter, at.decider))
    assert sql_refusal((STEP, ["approved", drafter, at.instrument.pk, row.pk])) == "PLAN-OWN"
    assert sql_refusal((STEP, ["approved", decider, at.instrument.pk, row.pk])) == "PLAN-OWN"
    assert sql_refusal((STEP, ["approved", approver, None, row.pk])) == "ORG-02"
    bump = ("update orgchart_quota set period = daterange(lower(period), '2045-01-01')", [])
    assert sql_refusal(bump, (STEP, ["approved", approver, at.instrument.pk, row.pk])) == "PLAN-CHECK"


@pytest.mark.parametrize(
    ("rule", "sql"),
    [
        ("PLAN-KEPT", "delete from orgchart_plan where id = %s"),
        ("PLAN-KEPT", "delete from orgchart_planstep where plan_id = %s"),
        ("PLAN-KEPT", "update orgchart_planstep set opinion = '' where plan_id = %s"),
        ("PLAN-KEPT", "update orgchart_plan set drafted_by_id = drafted_by_id + 1 where id = %s"),
        ("PLAN-KEPT", "update orgchart_plan set version = version + 5 where id = %s"),
        ("PLAN-FROZEN", "update orgchart_plan set title = '另一份' where id = %s"),
        ("PLAN-FROZEN", "delete from orgchart_planchange where plan_id = %s"),
        ("PLAN-FROZEN", "update orgchart_planchange set payload = '{}' where plan_id = %s"),
        (
            "PLAN-FROZEN",
            "insert into orgchart_planchange (plan_id, \"order\", kind, payload) values (%s, 9, 'rename', '{}')",
        ),
    ],
)
def test_raw_sql_changes_nothing_that_was_decided(at, rule, sql):
    assert sql_refusal((sql, [plan.decided(at, RENAME).pk])) == rule


def test_raw_sql_leaves_an_approved_plan_as_it_is(at):
    row = plan.approved(at, RENAME)
    assert sql_refusal(("update orgchart_plan set checked_ok = false where id = %s", [row.pk])) == "PLAN-KEPT"


def test_a_plan_that_nobody_moved(at):
    given = {"zone": at.zone, "title": "无动议", "reason": "无", "effective_on": plan.STARTS}
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        Plan.objects.create(code="X", drafted_by=at.drafter.user, **given)
        connection.cursor().execute("set constraints all immediate")
    assert broken_rule(error.value).rule == "ORG-13"


def test_ORG_13_finds_an_approved_plan_that_did_not_go_the_whole_way(at):
    """With the triggers off, as a restored dump might have it: the page of rules reports it."""
    row = plan.approved(at, RENAME)
    rule = Rule.registry["ORG-13"]
    assert rule.violations(at.zone.pk, plan.STARTS) == []
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table orgchart_planstep disable trigger orgchart_keep_step")
        PlanStep.objects.filter(plan=row, stage="decided").delete()
        cursor.execute("alter table orgchart_planstep enable trigger orgchart_keep_step")
    (found,) = rule.violations(at.zone.pk, plan.STARTS)
    assert (found.ref, found.detail) == (f"plan:{row.code}", "已批复，但只办理了 3 个环节，应办 4 个")
    assert rule.violations(at.zone.pk, plan.STARTS - dt.timedelta(days=1)) == []
    assert PlanChange.objects.filter(plan=row).exists()
