"""Where a run stands: its steps with who and when, what comes next and by whom, and what a checker must see."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from common.access import Access
from common.models import AuditEntry
from common.numerals import grouped, in_percent
from common.rules import Violation
from pay.life import comparing
from pay.life.services import latest_of_chain, stamp
from pay.life.staleness import outdated
from pay.life.waiting import held_people
from pay.models import Payout, Run
from pay.rules.asking import breaches_of

State = Run.State
DRAFTS = (State.COMPUTED, State.CHECKED)


@dataclass(frozen=True)
class Place:
    """One step on the line: done, now, or to come."""

    title: str
    state: str
    who: str = ""
    when: Any = None
    note: str = ""


def places(run: Run) -> list[Place]:
    """Drafted, checked, approved, paid."""
    paid = run.payouts.filter(part=Payout.Part.CURRENT).select_related("released_by").first()
    released = paid is not None and paid.state == Payout.State.RELEASED
    reached = [True, run.checked_at is not None, run.approved_at is not None, released]
    now = reached.index(False) if False in reached else len(reached)
    states = ["done" if at < now else "now" if at == now else "" for at in range(len(reached))]
    paper = str(run.instrument) if run.instrument else ""
    return [
        Place(
            _("更正起草") if run.is_correction else _("起草"),
            states[0],
            _name(run.requested_by) or _("系统"),
            run.finished_at,
        ),
        Place(_("复核"), states[1], _name(run.checked_by), run.checked_at),
        Place(_("审批"), states[2], _name(run.approved_by), run.approved_at, paper),
        Place(_("发放"), states[3], _name(paid.released_by) if paid and released else "", paid and paid.released_at),
    ]


def _name(user: Any) -> str:
    return str(user) if user else ""


def next_words(run: Run, corrected_by: Run | None) -> str:
    """What to do next, and who does it."""
    if run.state == State.COMPUTED:
        return _("待复核：由起草人以外的财政或组织人事人员复核。")
    if run.state == State.CHECKED:
        return _("待审批：由园区领导凭批文审批，起草人、复核人不能审批。")
    if corrected_by is not None:
        return _("已被核算 %(run)s 更正，以更正后的结果为准。") % {"run": corrected_by.pk}
    if run.state == State.APPROVED:
        return _("已审批，内容不能再改。财政制作发放批次，另一人审核后发放；输入有变动的，重新核算即生成更正。")
    return ""


def actions(run: Run, access: Access, user: Any, corrected_by: Run | None) -> set[str]:
    """What this visitor may do now, by the table and as one of three different people."""
    can = lambda action, noun="run": access.can_in(run.unit_id, action, noun)  # noqa: E731
    found = set()
    if run.state == State.COMPUTED and can("check") and user.pk != run.requested_by_id:
        found.add("check")
    if run.state == State.CHECKED:
        if can("approve") and user.pk not in (run.requested_by_id, run.checked_by_id) and not run.provisional:
            found.add("approve")
        if can("approve") or (can("check") and user.pk == run.checked_by_id):
            found.add("send_back")
    if run.state == State.QUEUED and can("cancel"):
        found.add("cancel")
    if run.state == State.APPROVED and corrected_by is None and can("compute"):
        found.add("correct")
    if run.state == State.APPROVED and can("view", "payout"):
        found.add("payouts")
    return found


def warnings(run: Run, earlier: Run | None) -> list[str]:
    """What a checker must see before he signs."""
    told = [str(each.get("message", each)) if isinstance(each, dict) else str(each) for each in run.remarks or []]
    if run.provisional:
        told.append(_("有得分或等次暂按平均数计（暂算），不能审批。"))
    if run.lapsed:
        told.append(_("达到上限，核减 %(sum)s 元。") % {"sum": grouped(run.lapsed)})
    if run.reserve:
        told.append(_("为未决申诉预留 %(sum)s 元。") % {"sum": grouped(run.reserve)})
    if run.returned:
        told.append(_("无人可分的 %(sum)s 元退回。") % {"sum": grouped(run.returned)})
    told += _of_people(run)
    if earlier and earlier.pool:
        change = (Decimal(run.pool or 0) - earlier.pool) / earlier.pool
        words = {"sum": grouped(earlier.pool), "change": in_percent(change, signed=True)}
        told.append(_("上年总额 %(sum)s 元，本年 %(change)s。") % words)
    return told


def _breaches(run: Run, access: Access) -> list[Violation]:
    """What the rules of pay say of it, as far as this reader may see; the grave ones refuse its approval."""
    return [each for each in breaches_of(run) if not each.seen_by or access.can_in(run.unit_id, *each.seen_by)]


def _of_people(run: Run) -> list[str]:
    """Whose amount waits, and who would have one if the pool went as far as a fen for each."""
    people = lambda which: Count("person", distinct=True, filter=which)  # noqa: E731
    nothing = Q(amount=0, points__gt=0, grade_factor__gt=0)
    found = run.allocations.aggregate(held=people(Q(held=True)), nothing=people(nothing))
    waiting = len(held_people(run)) if found["held"] else 0
    told = []
    if waiting:
        told.append(_("%(count)s 人立案未结，金额暂缓发放。") % {"count": waiting})
    if settled := found["held"] - waiting:
        told.append(_("%(count)s 人的案件已结，应发不变，暂缓的金额可以补发。") % {"count": settled})
    if found["nothing"]:
        told.append(_("可分的总额过小：%(count)s 人应发不足 1 分，计为 0 元。") % {"count": found["nothing"]})
    return told


def context(run: Run, access: Access, user: Any) -> dict[str, Any]:
    """For the run's page; empty for a run that came to nothing."""
    latest = latest_of_chain(run) if run.state == State.APPROVED else None
    corrected_by = latest if latest and latest.pk != run.pk else None
    may = actions(run, access, user, corrected_by)
    if run.state not in (*DRAFTS, State.APPROVED):
        return {"may": may, "seen": stamp(run)}
    earlier = comparing.last_year(run)
    sees_people = access.can_in(run.unit_id, "export", "allocation")
    return {
        "may": may,
        "seen": stamp(run),
        "places": places(run),
        "next_words": next_words(run, corrected_by),
        "corrected_by": corrected_by,
        "warnings": warnings(run, earlier),
        "breaches": _breaches(run, access),
        "compare_url": reverse("run_compare", args=[run.pk]) if earlier and sees_people else "",
        "differences_url": reverse("run_differences", args=[run.pk]) if run.is_correction and sees_people else "",
        "draft_correction": Run.objects.drafts().filter(corrects=run).only("pk").first(),
        "sent_back": _sent_back(run),
        "stands": Run.objects.standing().filter(pk=run.pk).exists(),
        "slips": run.state == State.APPROVED and corrected_by is None and sees_people,
        "outdated": outdated([run]).get(run.pk, []),
    }


def _sent_back(run: Run) -> AuditEntry | None:
    """The last time that the check was taken back, while it waits to be checked anew."""
    if run.state != State.COMPUTED:
        return None
    rows = AuditEntry.objects.filter(noun=Run._meta.label_lower, key=str(run.pk), verb="send_back_run")
    return rows.select_related("user").order_by("-pk").first()
