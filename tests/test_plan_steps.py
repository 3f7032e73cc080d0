"""How far a plan comes: the order of its steps, whose they are, what a check is worth, what stays on record."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from common.audit import facts
from common.models import AuditEntry
from orgchart import plans, services
from orgchart.models import Bureau, BureauVersion, Plan, PlanStep, Quota, Stage, StructureRevision
from staffing.models import Appointment, PostVersion
from staffing.plans.reorganising import site_of
from staffing.plans.trials import try_out
from tests import orgchart_builders as build
from tests import plan_builders as plan
from zones.models import Instrument

pytestmark = pytest.mark.django_db
RENAME = ("rename", {"bureau": "YZ-B1", "name": "招商局"})
MORE = ("rename", {"bureau": "YZ-B2", "name": "企业服务局"})


@pytest.fixture
def at():
    return plan.zone(room=1)


def refusal(call, *args, **more) -> ValidationError:
    with pytest.raises(ValidationError) as error:
        call(*args, **more)
    return error.value


def code_of(error: ValidationError) -> str:
    leaves = [leaf for each in error.error_dict.values() for leaf in each] if hasattr(error, "error_dict") else []
    return (leaves or error.error_list)[0].code or ""


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"])
def test_a_day_that_is_a_slip_of_the_keyboard_is_refused(at, client, day):
    far = dt.date.fromisoformat(day)
    draft = plan.draft(at)
    given = {"title": draft.title, "reason": draft.reason, "effective_on": far, "by": at.drafter}
    for error in (
        refusal(plans.draft_plan, zone=at.zone, **given),
        refusal(plans.edit_plan, plan=draft, version=draft.version, **given),
        refusal(plans.copy_plan, plan=draft, effective_on=far, by=at.drafter),
    ):
        assert error.message_dict == {"effective_on": ["日期须在 1900 年至 2200 年之间"]}
    client.force_login(at.drafter.user)
    assert client.post(f"/plans/{draft.code}/copy/", {"effective_on": day}).status_code == 302
    assert Plan.objects.count() == 1


def test_a_draft_without_changes_can_be_withdrawn_on_its_page(at, client):
    draft = plan.draft(at)
    client.force_login(at.drafter.user)
    page = client.get(f"/plans/{draft.code}/").content.decode()
    assert f"/plans/{draft.code}/step/withdrawn/" in page
    assert f"/plans/{draft.code}/check/" not in page


# --- the way through --------------------------------------------------------------------------


def test_a_plan_goes_all_the_way_and_is_in_force_on_its_day(at):
    done = plan.approved(at, RENAME)
    assert [step.stage for step in done.steps.all()] == ["draft", "reviewed", "decided", "approved"]
    assert [step.by for step in done.steps.all()] == [
        at.drafter.user,
        at.drafter.user,
        at.decider.user,
        at.approver.user,
    ]
    assert (done.instrument.number, done.instrument.issued_on) == ("仪编〔2020〕9号", plan.TODAY)
    eve = plan.STARTS - dt.timedelta(days=1)
    assert [done.state(day) for day in (eve, plan.STARTS)] == ["approved", "in_force"]
    assert {"draft_plan", "plan_reviewed", "plan_decided", "plan_approved", "rename_bureau"} <= set(
        AuditEntry.objects.values_list("verb", flat=True)
    )


@pytest.mark.parametrize("stage", [Stage.DECIDED, Stage.APPROVED, Stage.REFUSED, Stage.DRAFT])
def test_no_step_is_skipped(at, stage):
    draft = plan.draft(at, RENAME)
    plan.check(at, draft)
    if stage == Stage.APPROVED:
        error = refusal(plan.approve, at, draft)
    elif stage == Stage.DRAFT:
        assert plan.step(draft, stage, at.drafter) == draft  # it was moved already
        return
    else:
        error = refusal(plan.step, draft, stage, at.decider)
    assert code_of(error) == "ORG-13"


def test_the_same_step_again_by_the_same_hand_changes_nothing(at):
    decided = plan.decided(at, RENAME)
    again = plan.step(decided, Stage.DECIDED, at.decider, opinion="再次提交")
    assert (again.stage, again.steps.count()) == ("decided", 3)
    approved = plan.approve(at, again)
    versions = BureauVersion.objects.count()
    assert plan.approve(at, approved, version=1).steps.count() == 4
    assert BureauVersion.objects.count() == versions


def test_the_same_step_by_another_names_who_was_first(at):
    approved = plan.approved(at, RENAME)
    error = refusal(plan.approve, at, approved, by=plan.actor("second", "establishment", at))
    assert code_of(error) == "taken"
    assert error.messages[0].startswith("approver已于")
    assert "办理「批复」" in error.messages[0]


def test_nobody_decides_or_approves_his_own(at):
    draft = plan.draft(at, RENAME)
    plan.check(at, draft)
    reviewed = plan.step(draft, Stage.REVIEWED, at.drafter)
    assert code_of(refusal(plan.step, reviewed, Stage.DECIDED, at.drafter)) == "PLAN-OWN"
    assert code_of(refusal(plan.step, reviewed, Stage.REFUSED, at.drafter)) == "PLAN-OWN"
    decided = plan.step(reviewed, Stage.DECIDED, at.decider)
    assert code_of(refusal(plan.approve, at, decided, by=at.drafter)) == "PLAN-OWN"
    assert code_of(refusal(plan.approve, at, decided, by=at.decider)) == "PLAN-OWN"


def test_dates_are_in_order_and_of_no_day_to_come(at):
    draft = plan.draft(at, RENAME)
    plan.check(at, draft)
    for day in (plan.TODAY - dt.timedelta(days=1), plan.TODAY + dt.timedelta(days=1)):
        assert code_of(refusal(plan.step, draft, Stage.REVIEWED, at.drafter, decided_on=day)) == "ORG-13"
    assert draft.steps.count() == 1


def test_an_instrument_of_a_later_day_than_the_plans(at):
    draft = plan.draft(at, RENAME, effective_on=plan.TODAY - dt.timedelta(days=1))
    plan.check(at, draft)
    decided = plan.step(plan.step(draft, Stage.REVIEWED, at.drafter), Stage.DECIDED, at.decider)
    assert "issued_on" in refusal(plan.approve, at, decided).message_dict


def test_an_instrument_number_that_is_anothers(at):
    Instrument.objects.create(
        code="old", number="仪编〔2020〕9号", title="旧文", issuer="省委编办", issued_on=build.REFORM
    )
    assert "number" in refusal(plan.approve, at, plan.decided(at, RENAME)).message_dict


# --- what a check is worth --------------------------------------------------------------------


def test_unchecked_it_goes_nowhere(at):
    assert code_of(refusal(plan.step, plan.draft(at, RENAME), Stage.REVIEWED, at.drafter)) == "PLAN-CHECK"


def test_what_breaks_a_rule_is_checked_and_found_wanting(at):
    draft = plan.draft(at, ("set_quota", {"unit": "YZ", "quota": "bureaus", "limit": 4}))
    trial = plan.check(at, draft)
    assert (trial.ok, draft.checked_ok, draft.findings[0]["rule"]) == (False, False, "ORG-05")
    assert code_of(refusal(plan.step, draft, Stage.REVIEWED, at.drafter)) == "PLAN-CHECK"


def test_an_edit_makes_the_check_void(at):
    draft = plan.draft(at, RENAME)
    plan.check(at, draft)
    plan.add(draft, *MORE, by=at.drafter)
    assert code_of(refusal(plan.step, draft, Stage.REVIEWED, at.drafter)) == "PLAN-CHECK"
    plan.check(at, draft)
    assert plan.step(draft, Stage.REVIEWED, at.drafter).stage == "reviewed"


@pytest.mark.parametrize("stage", [Stage.REVIEWED, Stage.DECIDED, Stage.APPROVED])
def test_when_the_structure_has_changed_it_must_be_checked_again(at, stage):
    steps = {Stage.REVIEWED: at.drafter, Stage.DECIDED: at.decider}
    row = plan.draft(at, RENAME)
    plan.check(at, row)
    for each, by in steps.items():
        if each == stage:
            break
        row = plan.step(row, each, by)
    before = count_after_commit(at)
    build.bureau(at, at.zone, "YZ-B6")
    assert StructureRevision.of(at.zone.pk) > before
    go = (lambda: plan.approve(at, row)) if stage == Stage.APPROVED else (lambda: plan.step(row, stage, steps[stage]))
    assert code_of(refusal(go)) == "PLAN-CHECK"
    plan.check(at, row)
    assert go().stage == stage


def count_after_commit(at) -> int:
    """The revision once all that waits for COMMIT is done; the next change counts anew."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")
    return StructureRevision.of(at.zone.pk)


def test_what_counts_as_a_change_of_the_structure(at):
    """Duties and quotas do, a person's appointment does not."""
    counts = [count_after_commit(at)]
    build.seat(at.clerk_post, "新人", 2)
    counts.append(count_after_commit(at))
    services.move_duty(
        duty=at.duty, area=at.park, to_bureau=at.bureaus[4], starts=build.DAY, instrument=at.instrument, by=at.drafter
    )
    counts.append(count_after_commit(at))
    Quota.objects.create(unit=at.park, kind="heads", limit=9, instrument=at.instrument, period=build.SINCE)
    counts.append(count_after_commit(at))
    assert [now - counts[0] for now in counts] == [0, 0, 1, 2]


def test_another_zones_change_does_not_count(at):
    before = StructureRevision.of(at.zone.pk)
    build.full_zone("XZ")
    assert StructureRevision.of(at.zone.pk) == before


# --- a trial leaves nothing behind ------------------------------------------------------------


def everything() -> dict:
    models = (
        Bureau,
        BureauVersion,
        PostVersion,
        Appointment,
        Instrument,
        Quota,
        AuditEntry,
        PlanStep,
        StructureRevision,
    )
    return {model.__name__: [facts(row) for row in model.objects.order_by("pk")] for model in models}


def test_a_trial_leaves_nothing_behind(at):
    draft = plan.draft(
        at,
        ("set_up", {"unit": "YZ", "name": "新局", "functions": ["f-yz-b1"], "nature": "core", "code": "YZ-N"}),
        ("merge", {"sources": ["YZ-B1"], "into": "YZ-B2"}),
        ("rename", {"bureau": "YZ-B3", "name": "创新局"}),
    )
    before = everything()
    trial = try_out(draft, at.drafter)
    assert trial.ok, trial.obstacle
    assert everything() == before
    assert {(each.code, each.after and each.after.words) for each in trial.touched} == {
        ("H1", "YZ经开区 · YZ-B2局"),
        ("C1", "YZ经开区 · YZ-B2局"),
    }
    assert trial.totals == {"posts": 2, "seats": 3, "people": 2}
    assert len(trial.differences) == 4


def test_a_trial_that_fails_half_way_leaves_nothing_behind_either(at):
    draft = plan.draft(at, MORE, ("abolish", {"bureau": "YZ-B1"}))
    before = everything()
    assert try_out(draft, at.drafter).obstacle.order == 2
    assert everything() == before


def test_the_day_on_which_a_rule_would_be_broken_is_named(at):
    """Today there is room; from a day to come the quota is smaller."""
    later = plan.STARTS + dt.timedelta(days=60)
    quota = Quota.objects.get(unit=at.zone, kind="bureaus")
    Quota.objects.filter(pk=quota.pk).update(period=build.DateRange(build.REFORM, later))
    Quota.objects.create(
        unit=at.zone, kind="bureaus", limit=5, instrument=at.instrument, period=build.DateRange(later, None)
    )
    new = {"unit": "YZ", "name": "新局", "functions": ["science"], "nature": "core", "code": "YZ-N"}
    build.function("science")
    trial = try_out(plan.draft(at, ("set_up", new)), at.drafter)
    assert [(each.day, each.violation.rule.id) for each in trial.blocking] == [(later, "ORG-05")]


def test_an_empty_plan_is_no_plan(at):
    assert plan.check(at, plan.draft(at)).obstacle.rule == "PLAN-EMPTY"


# --- pages that are stale, posts that come twice ---------------------------------------------


def test_a_stale_edit_says_both_versions(at):
    draft = plan.draft(at)
    seen = draft.version
    plans.edit_plan(plan=draft, version=seen, title="甲", reason="理由", effective_on=plan.STARTS, by=at.drafter)
    error = refusal(
        plans.edit_plan, plan=draft, version=seen, title="乙", reason="理由", effective_on=plan.STARTS, by=at.drafter
    )
    assert code_of(error) == "stale"
    assert "您看到的是第 1 版，现为第 2 版" in error.messages[0]
    assert "现为：甲" in error.messages[0]
    assert "方案名称 乙" in error.messages[0]
    draft.refresh_from_db()
    assert draft.title == "甲"


def test_a_step_on_a_version_that_is_not_the_last(at):
    draft = plan.draft(at, RENAME)
    plan.check(at, draft)
    assert code_of(refusal(plan.step, draft, Stage.REVIEWED, at.drafter, version=draft.version - 1)) == "stale"


def test_sent_twice_is_done_once(at):
    one, two = (plan.draft(at) for _ in range(2))
    assert one == two
    kind, payload = RENAME
    given = {
        "plan": one,
        "version": one.version,
        "kind": kind,
        "payload": payload,
        "site": site_of(one),
        "by": at.drafter,
    }
    assert plans.add_change(**given) == plans.add_change(**given)
    assert one.changes.count() == 1
    change = one.changes.get()
    one.refresh_from_db()
    plans.remove_change(change=change, version=one.version, by=at.drafter)
    plans.remove_change(change=change, version=1, by=at.drafter)
    assert one.changes.count() == 0


def test_changes_are_reordered_and_edited(at):
    draft = plan.draft(at, RENAME, MORE)
    first, second = draft.changes.all()
    plans.move_change(change=second, version=draft.version, up=True, by=at.drafter)
    assert list(draft.changes.values_list("pk", flat=True)) == [second.pk, first.pk]
    draft.refresh_from_db()
    payload = {"bureau": "YZ-B1", "name": "投资促进局"}
    plans.edit_change(change=first, version=draft.version, payload=payload, site=site_of(draft), by=at.drafter)
    first.refresh_from_db()
    assert first.payload["name"] == "投资促进局"


# --- what stays on record ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "by"), [(Stage.WITHDRAWN, "drafter"), (Stage.REFUSED, "decider"), (Stage.REFUSED, "approver")]
)
def test_withdrawn_and_refused_stay_with_their_reasons(at, stage, by):
    row = plan.decided(at, RENAME)
    who = getattr(at, by)
    assert "opinion" in refusal(plan.step, row, stage, who, opinion=" ").message_dict
    ended = plan.step(row, stage, who, opinion="条件尚不成熟")
    assert (ended.stage, ended.steps.last().opinion) == (stage, "条件尚不成熟")
    assert code_of(refusal(plan.approve, at, ended)) == "taken"
    assert BureauVersion.objects.get(bureau__code="YZ-B1").name == "YZ-B1局"


def test_a_decided_plan_is_edited_no_more_but_copied(at):
    row = plan.decided(at, RENAME)
    assert code_of(refusal(plan.add, row, *MORE, by=at.drafter)) == "PLAN-FROZEN"
    copy = plans.copy_plan(plan=row, effective_on=plan.STARTS, by=at.drafter)
    assert [each.payload for each in copy.changes.all()] == [RENAME[1]]
    assert (copy.stage, copy.code != row.code) == ("draft", True)
    assert plans.copy_plan(plan=row, effective_on=plan.STARTS, by=at.drafter) == copy
