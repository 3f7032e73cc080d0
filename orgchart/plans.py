"""The verbs of a plan (方案): draft, edit, take a step, withdraw, copy.

Carrying one out also moves posts and people, and so stands above
(``staffing/plans/reorganising.py``), as do the check and the approval that do it. The
order of steps, who may take them and what a check is worth is held by
PostgreSQL (``migrations/sql/plans.sql``); its sentences are passed on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from common.models import User
from common.periods import refuse_far
from orgchart.changes import Change, Site, read
from orgchart.models import Plan, PlanChange, PlanStep, Stage
from zones.models import Instrument, Unit

#: No plan needs more; what a trial costs grows with them.
MOST_CHANGES = 60


def acting(by: Actor) -> User:
    """The user who acts; a plan's steps are taken by people. Raises ValidationError without one."""
    if by.user is None:
        raise ValidationError(_("方案须由登录用户办理"), code="nobody")
    return by.user


def locked(plan: Plan) -> Plan:
    """The plan as it is now, locked until the end of the transaction."""
    return Plan.objects.select_for_update(of=("self",), no_key=True).select_related("zone").get(pk=plan.pk)


def refuse_stale(plan: Plan, version: int, yours: Mapping[str, Any] | None = None) -> None:
    """Raise ValidationError, code ``stale``, unless ``version`` is the plan's: what is there now, and what was typed.

    ``yours`` is what the page would have saved, by label; only what differs is said.
    """
    if version == plan.version:
        return
    said = [
        _("方案已有改动：您看到的是第 %(old)s 版，现为第 %(new)s 版") % {"old": version, "new": plan.version},
        _("现为：%(title)s，%(day)s 起生效，调整事项 %(n)s 项")
        % {"title": plan.title, "day": date_format(plan.effective_on), "n": plan.changes.count()},
    ]
    if yours:
        typed = "；".join(f"{label} {date_format(v) if isinstance(v, dt.date) else v}" for label, v in yours.items())
        said.append(_("您填写的是：%(typed)s") % {"typed": typed})
    raise ValidationError("。".join(said), code="stale")


def _refuse_frozen(plan: Plan) -> None:
    if not plan.editable:
        text = _("方案已到「%(stage)s」环节，不能再修改；可另起一份")
        raise ValidationError(text % {"stage": plan.get_stage_display()}, code="PLAN-FROZEN")


def _refuse_far(day: dt.date) -> None:
    try:
        refuse_far(day)
    except ValidationError as error:
        raise ValidationError({"effective_on": error}) from error


def _next_code(zone: Unit, year: int) -> str:
    """The zone's next plan of the year; the zone is locked, so that two are not given the same."""
    Unit.objects.select_for_update(no_key=True).get(pk=zone.pk)
    prefix = f"{zone.code}-{year}-"
    taken = Plan.objects.filter(code__startswith=prefix).values_list("code", flat=True)
    numbers = [int(rest) for code in taken if (rest := code.removeprefix(prefix)).isdigit()]
    return f"{prefix}{max(numbers, default=0) + 1:02d}"


@transaction.atomic
def draft_plan(*, zone: Unit, title: str, reason: str, effective_on: dt.date, by: Actor) -> Plan:
    """Move a plan (动议) for a zone, effective on a day. The same draft twice is one draft.

    Raises ValidationError keyed by field.
    """
    user = acting(by)
    _refuse_far(effective_on)
    code = _next_code(zone, effective_on.year)
    plan = Plan(
        zone=zone, title=title.strip(), reason=reason.strip(), effective_on=effective_on, drafted_by=user, code=code
    )
    same = Plan.objects.filter(
        zone=zone, title=plan.title, reason=plan.reason, effective_on=effective_on, drafted_by=user, version=1
    )
    if twin := same.filter(stage=Stage.DRAFT, changes=None).first():
        return twin
    plan.full_clean(exclude=["zone", "drafted_by", "instrument"])
    with hold_rules():
        plan.save(force_insert=True)
        plan.refresh_from_db()
        _step(plan, Stage.DRAFT, user, timezone.localdate(plan.drafted_at))
    audit.record("draft_plan", plan, by=by, reason=plan.reason)
    return plan


def _step(plan: Plan, stage: str, user: User, decided_on: dt.date, **more: Any) -> PlanStep:
    step = PlanStep(plan=plan, stage=stage, by=user, decided_on=decided_on, version=plan.version, **more)
    step.full_clean(exclude=["plan", "by", "instrument"], validate_constraints=False)
    step.save(force_insert=True)
    plan.refresh_from_db()
    return step


@transaction.atomic
def edit_plan(*, plan: Plan, version: int, title: str, reason: str, effective_on: dt.date, by: Actor) -> Plan:
    """Change a plan's name, reason or day; ``version`` is the one that was looked at.

    Raises ValidationError: ``stale``, PLAN-FROZEN, by field.
    """
    row = locked(plan)
    wanted = {"title": title.strip(), "reason": reason.strip(), "effective_on": effective_on}
    if all(getattr(row, name) == value for name, value in wanted.items()):
        return row
    _refuse_frozen(row)
    _refuse_far(effective_on)
    labels = {str(Plan._meta.get_field(name).verbose_name): value for name, value in wanted.items()}
    refuse_stale(row, version, {label: value for label, value in labels.items() if label != _("调整理由")})
    before = audit.facts(row)
    for name, value in wanted.items():
        setattr(row, name, value)
    row.full_clean(exclude=["zone", "drafted_by", "instrument", "code"])
    with hold_rules():
        row.save(update_fields=list(wanted))
    row.refresh_from_db()
    audit.record("edit_plan", row, by=by, before=before, after=audit.facts(row))
    return row


# --- what it changes --------------------------------------------------------------------------


@transaction.atomic
def add_change(*, plan: Plan, version: int, kind: str, payload: Mapping[str, Any], site: Site, by: Actor) -> PlanChange:
    """Add a change at the end. ``site`` knows what the codes stand for (``staffing.plans.reorganising.site_of``).

    Sent twice it is added once. Raises ValidationError keyed by the change's
    fields, ``stale`` or PLAN-FROZEN.
    """
    row = locked(plan)
    _refuse_frozen(row)
    change = read(kind, payload)
    last = row.changes.order_by("-order").first()
    if last and row.version == version + 1 and (last.kind, last.payload) == (kind, change.dump()):
        return last
    refuse_stale(row, version, {str(change.label): change.words(site)})
    change.check(site.with_new(planned(row)))
    if row.changes.count() >= MOST_CHANGES:
        raise ValidationError(_("一个方案最多 %(n)s 项调整，请分成几个方案") % {"n": MOST_CHANGES})
    saved = PlanChange(plan=row, order=(last.order if last else 0) + 1, kind=kind, payload=change.dump())
    with hold_rules():
        saved.save(force_insert=True)
    audit.record("add_plan_change", saved, by=by)
    return saved


@transaction.atomic
def edit_change(*, change: PlanChange, version: int, payload: Mapping[str, Any], site: Site, by: Actor) -> PlanChange:
    """Change what a change says. Raises ValidationError as ``add_change`` does."""
    row = locked(change.plan)
    _refuse_frozen(row)
    saved = row.changes.filter(pk=change.pk).first()
    if saved is None:
        raise ValidationError(_("这项调整已被删除"), code="stale")
    wanted = read(saved.kind, payload)
    if saved.payload == wanted.dump():
        return saved
    refuse_stale(row, version, {str(wanted.label): wanted.words(site)})
    wanted.check(site.with_new(planned(row, without=saved.pk)))
    before = audit.facts(saved)
    saved.payload = wanted.dump()
    with hold_rules():
        saved.save(update_fields=["payload"])
    audit.record("edit_plan_change", saved, by=by, before=before, after=audit.facts(saved))
    return saved


@transaction.atomic
def remove_change(*, change: PlanChange, version: int, by: Actor) -> Plan:
    """Take a change off the plan; one that is off already stays off."""
    row = locked(change.plan)
    saved = row.changes.filter(pk=change.pk).first()
    if saved is None:
        return row
    _refuse_frozen(row)
    refuse_stale(row, version)
    audit.record("remove_plan_change", saved, by=by, before=audit.facts(saved), after={})
    with hold_rules():
        saved.delete()
    row.refresh_from_db()
    return row


@transaction.atomic
def move_change(*, change: PlanChange, version: int, up: bool, by: Actor) -> Plan:
    """Carry a change out one place earlier or later; at the end of the list it stays."""
    row = locked(change.plan)
    _refuse_frozen(row)
    refuse_stale(row, version)
    rows = list(row.changes.order_by("order"))
    place = next((n for n, each in enumerate(rows) if each.pk == change.pk), None)
    other = None if place is None else place - 1 if up else place + 1
    if place is None or other is None or not 0 <= other < len(rows):
        return row
    one, two = rows[place], rows[other]
    one.order, two.order = two.order, one.order
    with hold_rules():
        one.save(update_fields=["order"])
        two.save(update_fields=["order"])
    audit.record("move_plan_change", one, by=by, before={"order": two.order}, after={"order": one.order})
    row.refresh_from_db()
    return row


def planned(plan: Plan, without: int | None = None) -> list[Change]:
    """The plan's changes in order, those left out that can no longer be read."""
    found = []
    for row in plan.changes.order_by("order"):
        if row.pk == without:
            continue
        try:
            found.append(read(row.kind, row.payload))
        except ValidationError:
            continue
    return found


# --- how far it comes -------------------------------------------------------------------------


@transaction.atomic
def take_step(
    *,
    plan: Plan,
    stage: str,
    version: int,
    decided_on: dt.date,
    by: Actor,
    opinion: str = "",
    document: str = "",
    instrument: Instrument | None = None,
) -> Plan:
    """Record that the plan took a step: 论证, 审议决定, 不予批准, 撤回; 批复 comes through ``approve_plan``.

    ``version`` is the one that was looked at. The same step by the same person
    again changes nothing. Raises ValidationError with the rule's id as its code:
    ORG-13 (order), PLAN-OWN (nobody decides his own plan), PLAN-CHECK, ``taken``
    naming who was first, ``stale``.
    """
    user, row = acting(by), locked(plan)
    if taken(row, stage, user):
        return row
    refuse_stale(row, version)
    if stage in (Stage.REFUSED, Stage.WITHDRAWN) and not opinion.strip():
        raise ValidationError({"opinion": _("请写明理由")})
    before = {"stage": row.stage}
    with hold_rules():
        step = _step(
            row, stage, user, decided_on, opinion=opinion.strip(), document=document.strip(), instrument=instrument
        )
    after = {"stage": row.stage, "decided_on": step.decided_on, "document": step.document}
    audit.record(f"plan_{stage}", row, by=by, before=before, after=after, reason=opinion)
    return row


def taken(plan: Plan, stage: str, user: User) -> bool:
    """Whether this user took the step already; raises ValidationError naming who else did, or ended the plan.

    Call with the plan locked: of two at once the second finds the first's step.
    """
    ends = plan.steps.select_related("by").order_by("pk")
    step = next((each for each in ends if each.stage == stage), None)
    if step and step.by_id == user.pk:
        return True
    last = list(ends)[-1]
    if step or plan.final:
        done = step or last
        text = _("%(who)s已于 %(when)s 办理「%(stage)s」") % {
            "who": done.by,
            "when": date_format(timezone.localtime(done.at), "DATETIME_FORMAT"),
            "stage": done.get_stage_display(),
        }
        raise ValidationError(text, code="taken")
    return False


@transaction.atomic
def copy_plan(*, plan: Plan, effective_on: dt.date, by: Actor) -> Plan:
    """A new draft with the same changes: of one that was refused, withdrawn, or is not to be edited any more."""
    title = (_("%(title)s（另起）") % {"title": plan.title})[:100]
    same = Plan.objects.filter(zone=plan.zone, title=title, effective_on=effective_on, stage=Stage.DRAFT)
    if twin := same.filter(drafted_by=acting(by)).first():
        return twin
    fresh = draft_plan(zone=plan.zone, title=title, reason=plan.reason, effective_on=effective_on, by=by)
    PlanChange.objects.bulk_create(
        PlanChange(plan=fresh, order=row.order, kind=row.kind, payload=row.payload) for row in plan.changes.all()
    )
    fresh.refresh_from_db()
    audit.record("copy_plan", fresh, by=by, before={}, after={"from": plan.code})
    return fresh
