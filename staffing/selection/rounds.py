"""The verbs of a round as a whole: draft it, offer posts, move it to its next step, end it.

PostgreSQL holds the order of the steps and what each needs; what is checked here
besides is said sooner and names what is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import audit
from common.actors import Actor
from common.databases import hold_rules
from staffing.appointing.seats import said
from staffing.models import Post, PostVersion, Selection, SelectionPost, SelectionStep
from zones.models import Unit

#: What a plan holds; all of it stands still once the plan is published, but for ``apply_until``.
PLAN = (
    "title", "kind", "whole_staff", "written", "interview", "peer", "pass_mark", "apply_from", "apply_until",
    "term_months", "notice_workdays", "contact", "phone", "instrument", "document_number",
)  # fmt: skip
Stage = Selection.Stage


def locked(selection: Selection, *stages: str) -> Selection:
    """The round's row, locked until the end of the transaction; ValidationError unless it is at one of ``stages``."""
    row = Selection.objects.select_for_update(of=("self",), no_key=True).get(pk=selection.pk)
    if stages and row.stage not in stages:
        wanted = "、".join(str(Stage(stage).label) for stage in stages)
        text = _("竞聘现在是「%(now)s」，此事须在「%(wanted)s」时办理")
        raise ValidationError(text % {"now": row.get_stage_display(), "wanted": wanted}, code="stage")
    return row


def _save(row: Selection) -> None:
    row.full_clean()
    with hold_rules():
        row.save()


@transaction.atomic
def draft_selection(*, unit: Unit, by: Actor, **plan: Any) -> Selection:
    """Begin a plan (方案). Raises ValidationError keyed by field."""
    if unknown := plan.keys() - set(PLAN):
        raise TypeError(f"not of a plan: {sorted(unknown)}")
    row = Selection(unit=unit, created_by=by.user, **plan)
    _save(row)
    SelectionStep.objects.create(selection=row, stage=row.stage, entered_by=by.user)
    audit.record("draft_selection", row, by=by)
    return row


@transaction.atomic
def revise_selection(*, selection: Selection, by: Actor, **plan: Any) -> Selection:
    """Change the plan before it is published; afterwards only ``apply_until``, and that while nominations are open."""
    if unknown := plan.keys() - set(PLAN):
        raise TypeError(f"not of a plan: {sorted(unknown)}")
    row = locked(selection, Stage.DRAFT, Stage.PUBLISHED)
    if row.stage == Stage.PUBLISHED:
        if plan.keys() != {"apply_until"}:
            raise ValidationError(_("方案已公布，只能延长报名时间"), code="stage")
        if plan["apply_until"] < max(row.apply_until, timezone.localdate()):
            raise ValidationError({"apply_until": _("报名时间只能延长，不能缩短")})
    before = audit.facts(row)
    for field, value in plan.items():
        setattr(row, field, value)
    _save(row)
    audit.record("revise_selection", row, by=by, before=before, after=audit.facts(row))
    return row


@transaction.atomic
def offer_post(*, selection: Selection, post: Post, seats: int, by: Actor) -> SelectionPost:
    """Put a post on offer, or say another number of seats; it keeps its place in the published order.

    Raises ValidationError for a post of another unit, one that does not stand, and
    more seats than it has.
    """
    row = locked(selection, Stage.DRAFT)
    version = PostVersion.objects.on(timezone.localdate()).filter(post=post).first()
    units = Unit.objects.subtree_ids(row.unit_id, day=timezone.localdate())
    if version is None or version.unit_id not in units:
        raise ValidationError({"post": _("该岗位今天没有设置，或不属于本单位")})
    if not 1 <= seats <= version.headcount:
        text = _("「%(post)s」共 %(n)s 席，拟聘人数须在 1 与 %(n)s 之间")
        raise ValidationError({"seats": text % {"post": version.shown_name, "n": version.headcount}}, code="APT-13")
    offered = row.posts.filter(post=post).first()
    before = audit.facts(offered) if offered else None
    if offered is None:
        last = row.posts.order_by("-order").values_list("order", flat=True).first() or 0
        offered = SelectionPost(selection=row, post=post, order=last + 1)
    offered.seats = seats
    offered.full_clean()
    with hold_rules():
        offered.save()
    audit.record("offer_post", offered, by=by, before=before, after=audit.facts(offered))
    return offered


@transaction.atomic
def take_off_post(*, offered: SelectionPost, by: Actor) -> None:
    """Take a post off the plan, while it is one."""
    locked(offered.selection, Stage.DRAFT)
    audit.record("take_off_post", offered, by=by, before=audit.facts(offered), after={})
    offered.delete()


def move(row: Selection, to: str, by: Actor, note: str = "", along: Callable[[], object] | None = None) -> None:
    """Enter a step: the row, the log and the audit trail. Call with the round locked, inside the deed.

    ``along`` writes what the step must come with, before its rules are judged.
    """
    before = audit.facts(row)
    row.stage = to
    with hold_rules():
        row.save(update_fields=["stage", "cancel_reason"])
        if along:
            along()
    SelectionStep.objects.create(selection=row, stage=to, entered_by=by.user, note=note)
    audit.record("enter_step", row, by=by, before=before, after=audit.facts(row), reason=note)


@transaction.atomic
def advance(*, selection: Selection, to: str, by: Actor) -> Selection:
    """Enter the next step: 公布报名, 资格审查, 考评, or 体检. Asking for the step that it has reached changes nothing.

    公示 and 聘任 have verbs of their own (``announcing``). Raises ValidationError
    saying what is missing.
    """
    row = locked(selection)
    if row.stage == to:
        return row
    if row.next_stage != to or to in (Stage.NOTICE, Stage.APPOINTED):
        text = _("竞聘须按步骤依次办理：现在是「%(now)s」，不能进入「%(to)s」")
        names = {"now": row.get_stage_display(), "to": dict(Stage.choices).get(to, to)}
        raise ValidationError(text % names, code="APT-01" if row.kind == Selection.Kind.OPEN else "APT-02")
    _refuse_unready(row, to)
    move(row, to, by)
    return row


def _refuse_unready(row: Selection, to: str) -> None:
    """Say what the step still needs, with names where the database would give numbers."""
    today = timezone.localdate()
    if to == Stage.PUBLISHED:
        if not row.posts.exists():
            raise ValidationError(_("还没有竞聘岗位，不能公布"))
        if row.apply_until < today:
            raise ValidationError({"apply_until": _("报名截止日期已过，请先修改方案")})
    if to == Stage.REVIEW and row.apply_until >= today:
        text = _("报名尚未截止：%(day)s 当日仍可报名")
        raise ValidationError(text % {"day": said(row.apply_until)})
    if to == Stage.ASSESSMENT:
        left = row.candidates.filter(withdrawn=False, eligible__isnull=True).count()
        if left:
            raise ValidationError(_("还有 %(n)s 人未作资格审查") % {"n": left})


@transaction.atomic
def cancel(*, selection: Selection, reason: str, by: Actor) -> Selection:
    """End a round without appointments; what was done is kept. Raises ValidationError when it is over already."""
    row = locked(selection)
    if row.stage in (Stage.APPOINTED, Stage.CANCELLED):
        raise ValidationError(_("竞聘已结束，不能终止"))
    row.cancel_reason = reason.strip()
    row.clean_fields()
    if not row.cancel_reason:
        raise ValidationError({"reason": _("终止须写明原因")})
    move(row, Stage.CANCELLED, by, note=row.cancel_reason)
    return row
