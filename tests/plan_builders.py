"""Plans on the zone of ``orgchart_builders``: who drafts, decides and approves, and a plan up to any stage."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from common.actors import Actor
from common.models import User
from orgchart import plans
from orgchart.models import Plan, PlanChange, Stage
from staffing.plans.reorganising import approve_plan, site_of
from staffing.plans.trials import check_plan
from tests import orgchart_builders as build

TODAY = timezone.localdate()
STARTS = TODAY + dt.timedelta(days=30)


def zone(code: str = "YZ", room: int = 0) -> SimpleNamespace:
    """A full zone with people, and three who handle plans; ``room`` more bureaus fit into each unit."""
    at = build.full_zone(code, room=5 + room)
    build.staff(at)
    at.drafter, at.approver = actor("drafter", "hr", at), actor("approver", "establishment", at)
    at.decider = Actor(user=at.people["leader"].user, door="page")
    return at


def actor(name: str, role: str, at: SimpleNamespace) -> Actor:
    """Somebody with a role in the zone, acting on a page."""
    user = User.objects.filter(username=name).first() or build.user(name, role, at.zone)
    return Actor(user=user, door="page")


def draft(at: SimpleNamespace, *changes: tuple[str, dict[str, Any]], **more: Any) -> Plan:
    """A draft with these changes (kind, payload)."""
    given = {"title": "机构调整", "reason": "聚焦主责主业", "effective_on": STARTS, "by": at.drafter, **more}
    plan = plans.draft_plan(zone=at.zone, **given)
    for kind, payload in changes:
        add(plan, kind, payload, by=given["by"])
    plan.refresh_from_db()
    return plan


def add(plan: Plan, kind: str, payload: dict[str, Any], *, by: Actor) -> PlanChange:
    plan.refresh_from_db()
    change = plans.add_change(plan=plan, version=plan.version, kind=kind, payload=payload, site=site_of(plan), by=by)
    plan.refresh_from_db()
    return change


def check(at: SimpleNamespace, plan: Plan):
    plan.refresh_from_db()
    trial = check_plan(plan=plan, version=plan.version, by=at.drafter)
    plan.refresh_from_db()
    return trial


def step(plan: Plan, stage: str, by: Actor, **more: Any) -> Plan:
    given = {"decided_on": TODAY, "opinion": "同意", "version": plan.version, **more}
    return plans.take_step(plan=plan, stage=stage, by=by, **given)


def approve(at: SimpleNamespace, plan: Plan, **more: Any) -> Plan:
    given = {"number": "仪编〔2020〕9号", "issued_on": TODAY, "issuer": "市委编委", "by": at.approver, **more}
    given.setdefault("version", plan.version)
    return approve_plan(plan=plan, **given)


def decided(at: SimpleNamespace, *changes: tuple[str, dict[str, Any]]) -> Plan:
    """A plan that waits for its approval."""
    plan = draft(at, *changes)
    assert check(at, plan).ok, plan.findings
    for stage, by in ((Stage.REVIEWED, at.drafter), (Stage.DECIDED, at.decider)):
        plan = step(plan, stage, by)
    return plan


def approved(at: SimpleNamespace, *changes: tuple[str, dict[str, Any]]) -> Plan:
    return approve(at, decided(at, *changes))
