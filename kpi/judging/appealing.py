"""Review and appeal against a published grade, with the clocks of the law (ASM-12). Execution is not suspended."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.access import Access
from common.actors import Actor
from common.audit import facts, record
from common.databases import hold_rules
from common.models import AuditEntry
from kpi.judging.grading import PERSON_RATINGS
from kpi.judging.quotas import stated
from kpi.models import Appeal, Cycle, Rating, Result

Stage, Outcome = Appeal.Stage, Appeal.Outcome
RULE = "ASM-12"


@dataclass(frozen=True)
class Clock:
    """What may be asked for now: ``stage`` is "" when nothing may, and ``words`` say why, with the days."""

    stage: str
    since: dt.date | None
    until: dt.date | None
    words: str

    @property
    def open(self) -> bool:
        return bool(self.stage)


def _days(cycle: Cycle, name: str) -> int:
    found = stated(cycle, RULE, name)
    if found is None:
        raise ValidationError(_("机构编制规定未载明复核、申诉的期限（ASM-12）"), code=RULE)
    return int(found)


def clock(result: Result, today: dt.date) -> Clock:
    """Which step is open to whoever was graded, and until when."""
    cycle = result.scorecard.cycle
    if cycle.state != Cycle.State.PUBLISHED or cycle.published_on is None:
        closed = cycle.state == Cycle.State.CLOSED
        return Clock("", None, None, _("考核年度已关闭") if closed else _("考核结果公布后才能申请复核"))
    appeals = {appeal.stage: appeal for appeal in result.appeals.all()}
    review, appeal = appeals.get(Stage.REVIEW), appeals.get(Stage.APPEAL)
    if review is None:
        return _within(Stage.REVIEW, cycle.published_on, _days(cycle, "review_apply"), today)
    if appeal is not None or review.outcome == Outcome.WITHDRAWN:
        return Clock("", None, None, _("复核、申诉程序已用尽") if appeal else _("复核已撤回"))
    if review.decided_on is None:
        told = {"day": date_format(review.due_on, "DATE_FORMAT")}
        return Clock("", None, None, _("复核正在办理，应于 %(day)s 前作出决定") % told)
    return _within(Stage.APPEAL, review.decided_on, _days(cycle, "appeal"), today)


def _within(stage: str, since: dt.date, days: int, today: dt.date) -> Clock:
    until = since + dt.timedelta(days=days)
    told = {
        "stage": Stage(stage).label,
        "since": date_format(since, "DATE_FORMAT"),
        "until": date_format(until, "DATE_FORMAT"),
        "days": days,
    }
    if today > until:
        return Clock("", since, until, _("%(stage)s期限自 %(since)s起 %(days)s 天，已于 %(until)s届满") % told)
    return Clock(stage, since, until, _("可在 %(until)s前提出%(stage)s") % told)


def _locked(result_id: int) -> Result:
    rows = Result.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("scorecard__cycle", "scorecard__person").get(pk=result_id)


@transaction.atomic
def file(*, result: Result, text: str, by: Actor) -> Appeal:
    """Ask for a review, or appeal against its decision: whoever was graded, himself, in time, with reasons.

    Raises ValidationError with the days when it is late; the same step twice is refused.
    """
    row = _locked(result.pk)
    person = row.scorecard.person
    if by.user is None or person is None or person.user_id != by.user.pk:
        raise ValidationError(_("复核、申诉由本人提出"), code="own_case")
    if not text.strip():
        raise ValidationError({"text": _("请写明理由")})
    today = timezone.localdate()
    now = clock(row, today)
    if not now.open:
        raise ValidationError(now.words, code=RULE)
    name = "review_decide" if now.stage == Stage.REVIEW else "appeal_decide"
    due = today + dt.timedelta(days=_days(row.scorecard.cycle, name))
    made = Appeal(result=row, stage=now.stage, text=text.strip()[:4000], raised_on=today, due_on=due)
    with hold_rules():
        made.save(force_insert=True)
    record("file_appeal", made, by=by, after={"stage": made.stage, "due_on": made.due_on})
    return made


@transaction.atomic
def withdraw(*, appeal: Appeal, by: Actor) -> Appeal:
    """Take back what one asked for oneself; it cannot be asked again."""
    row, result = _open(appeal)
    person = result.scorecard.person
    if by.user is None or person is None or person.user_id != by.user.pk:
        raise ValidationError(_("复核、申诉由本人撤回"), code="own_case")
    return _settle(row, Outcome.WITHDRAWN, _("本人撤回"), "", by, decided_by=None)


def may_decide(appeal: Appeal, access: Access) -> str:
    """ "" when this user may decide it, else why not: never who is concerned, who scored, who graded, or who
    decided the step before."""
    user, card = access.user, appeal.result.scorecard
    if card.person and card.person.user_id == user.pk:
        return _("不能处理本人的复核、申诉")
    if card.lines.filter(entered_by=user.pk).exists():
        return _("评分的人不能处理复核、申诉")
    graded = AuditEntry.objects.filter(
        verb="rate", noun=Result._meta.label_lower, key=str(appeal.result_id), user=user.pk
    )
    if graded.exists():
        return _("评定等次的人不能处理复核、申诉")
    if appeal.result.appeals.exclude(pk=appeal.pk).filter(decided_by=user.pk).exists():
        return _("作出复核决定的人不能处理申诉")
    return ""


@transaction.atomic
def decide(*, appeal: Appeal, outcome: str, decision: str, by: Actor, new_rating: str = "") -> Appeal:
    """Uphold the grade, or change it: the published result follows at once, within the quota and the rules.

    Late decisions are taken all the same: that they are late stays visible.
    """
    row, result = _open(appeal)
    if by.user is not None:
        access = Access(by.user)
        if not access.scope(Appeal.objects.filter(pk=row.pk), "decide").exists():
            raise ValidationError(_("您没有处理这件复核、申诉的权限"), code="forbidden")
        if words := may_decide(row, access):
            raise ValidationError(words, code="KPI-OWN-CASE")
    if outcome not in (Outcome.UPHELD, Outcome.CHANGED):
        raise ValidationError({"outcome": _("请选择维持或变更")}, code="unknown")
    if not decision.strip():
        raise ValidationError({"decision": _("请写明决定和理由")})
    if outcome == Outcome.CHANGED and (new_rating not in PERSON_RATINGS[:4] or new_rating == result.rating):
        raise ValidationError({"new_rating": _("请选择与原等次不同的等次")}, code="unknown")
    return _settle(row, outcome, decision, new_rating, by, decided_by=by.user, result=result)


def _open(appeal: Appeal) -> tuple[Appeal, Result]:
    result = _locked(appeal.result_id)
    row = Appeal.objects.select_for_update(of=("self",), no_key=True).get(pk=appeal.pk)
    row.result = result
    if row.outcome:
        raise ValidationError(_("已处理：%(outcome)s") % {"outcome": row.get_outcome_display()}, code="stale")
    return row, result


def _settle(
    row: Appeal, outcome: str, decision: str, new_rating: str, by: Actor, *, decided_by, result: Result | None = None
) -> Appeal:
    before = facts(row)
    row.outcome, row.decision = outcome, decision.strip()[:4000]
    row.new_rating = new_rating if outcome == Outcome.CHANGED else ""
    row.decided_on, row.decided_by = timezone.localdate(), decided_by
    with hold_rules():
        row.save()
        if result is not None and row.new_rating:
            was = facts(result)
            result.rating, result.undetermined, result.facts = Rating(row.new_rating), "", {}
            result.save()
            record("rate", result, by=by, before=was, after=facts(result), reason=row.decision[:300])
    record("decide_appeal", row, by=by, before=before, after=facts(row))
    return row


def overdue(appeal: Appeal, today: dt.date) -> bool:
    return not appeal.outcome and today > appeal.due_on
