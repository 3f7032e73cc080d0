"""Really committed, really at once: two who approve one plan, and a plan approved while the structure moves."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from orgchart.models import BureauVersion, Plan, Stage
from tests import orgchart_builders as build
from tests import plan_builders as plan

pytestmark = pytest.mark.django_db(transaction=True, available_apps=build.ALL_APPS)
NEW = {"unit": "YZ", "name": "科技创新局", "functions": ["science"], "nature": "core", "code": "YZ-TECH"}


@pytest.fixture
def at():
    with transaction.atomic():
        found = plan.zone(room=1)
        build.function("science")
        found.second = plan.actor("second", "establishment", found)
    return found


def at_once(*works: Callable[[], object]) -> list[object]:
    """Each in a thread and transaction of its own, all begun together: what it returned, or its refusal."""
    gate, outcome = threading.Barrier(len(works), timeout=20), []

    def run(work: Callable[[], object]) -> None:
        gate.wait()
        try:
            outcome.append(work())
        except ValidationError as error:
            outcome.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcome


def test_of_two_approvers_one_wins_and_the_other_is_told_who(at):
    row = plan.decided(at, ("set_up", NEW))
    outcome = at_once(
        lambda: plan.approve(at, Plan.objects.get(pk=row.pk), by=at.approver, number="甲 1 号"),
        lambda: plan.approve(at, Plan.objects.get(pk=row.pk), by=at.second, number="乙 1 号"),
    )
    (won,) = [each for each in outcome if isinstance(each, Plan)]
    (lost,) = [each for each in outcome if isinstance(each, ValidationError)]
    winner = won.steps.get(stage=Stage.APPROVED).by
    assert lost.code == "taken"
    assert lost.messages[0].startswith(f"{winner}已于")
    assert BureauVersion.objects.filter(bureau__code="YZ-TECH").count() == 1
    assert Plan.objects.get(pk=row.pk).instrument.number == ("甲 1 号" if winner == at.approver.user else "乙 1 号")


def test_one_who_clicks_twice_approves_once(at):
    row = plan.decided(at, ("set_up", NEW))
    outcome = at_once(*[lambda: plan.approve(at, Plan.objects.get(pk=row.pk))] * 2)
    assert [each.stage for each in outcome] == ["approved", "approved"]
    assert BureauVersion.objects.filter(bureau__code="YZ-TECH").count() == 1


def test_an_approval_while_somebody_changes_the_structure_is_right_or_refused(at):
    """Whichever comes first: the plan stands on what it was checked on, or must be checked again."""
    row = plan.decided(at, ("set_up", NEW))

    def rival() -> str:
        with transaction.atomic():
            build.bureau(at, at.zone, "YZ-B6")
        return "rival"

    outcome = at_once(lambda: plan.approve(at, Plan.objects.get(pk=row.pk)), lambda: _refused(rival))
    assert len(outcome) == 2
    standing = BureauVersion.objects.on(plan.STARTS).filter(unit=at.zone).count()
    assert standing == 6  # room for one of the two
    stage = Plan.objects.get(pk=row.pk).stage
    assert stage == ("approved" if BureauVersion.objects.filter(bureau__code="YZ-TECH").exists() else "decided")


def _refused(work: Callable[[], object]) -> object:
    try:
        return work()
    except IntegrityError as error:
        return error


def test_two_drafts_at_once_have_two_numbers(at):
    """One page a draft: two people who move a plan at the same moment."""
    other = plan.actor("other-hr", "hr", at)
    outcome = at_once(
        lambda: plan.draft(at, title="甲"),
        lambda: plan.draft(at, title="乙", by=other),
    )
    assert len({each.code for each in outcome}) == 2
