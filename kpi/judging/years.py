"""The end of a year: what is still open, publishing, closing."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.actors import Actor
from common.audit import facts, record
from common.databases import hold_rules
from kpi.hooks.services import announce
from kpi.judging.determining import preview
from kpi.judging.quotas import stated
from kpi.models import Adjustment, Appeal, Cycle, Rating, Scorecard, Undetermined
from kpi.reckoning import refuse_closed


@dataclass(frozen=True)
class Check:
    """One point of a checklist: how many are open, whether that keeps the year from going on, and where to mend it."""

    key: str
    title: str
    count: int
    url: str = ""
    blocking: bool = True

    @property
    def tone(self) -> str:
        if not self.count:
            return "good"
        return "bad" if self.blocking else "warn"


UNDETERMINED = Q(result__rating=Rating.UNDETERMINED)
UNSCORED = Q(result__isnull=True) | Q(result__score__isnull=True) & ~UNDETERMINED
UNGRADED = Q(result__isnull=True) | Q(result__rating="")


def _cards_url(cycle: Cycle, query: str = "") -> str:
    return f"{reverse('scorecards')}?year={cycle.year}{query}"


def before_publishing(cycle: Cycle) -> list[Check]:
    """What a year lacks before its grades may be published."""
    cards = cycle.scorecards.order_by()
    waiting = Adjustment.objects.filter(scorecard__cycle=cycle, state=Adjustment.State.PROPOSED).count()
    board, none = reverse("assessment_grades", args=[cycle.pk]), reverse("undetermined", args=[cycle.pk])
    graded = cards if _of_city(cycle) else cards.filter(kind=Scorecard.Kind.PERSON)
    checks = [
        Check("unscored", _("未评完的评分卡"), cards.filter(UNSCORED).count(), _cards_url(cycle, "&left=1")),
        Check("ungraded", _("未评定等次"), graded.filter(UNGRADED).count(), board),
        Check("waiting", _("待审定的加减分事项"), waiting, f"{reverse('adjustments')}?state=proposed"),
    ]
    if not _of_city(cycle):
        checks += [
            _without_reason(cycle, none),
            Check("facts", _("等次与登记的事实不一致"), len(preview(cycle)), none),
            *_bottom(cycle, board),
        ]
    return [*checks, _unsigned(cycle)]


def _of_city(cycle: Cycle) -> bool:
    return cycle.noun == "city_cycle"


def _without_reason(cycle: Cycle, url: str) -> Check:
    found = cycle.scorecards.filter(UNDETERMINED, result__undetermined="").count()
    return Check("reason", _("不定等次没有原因"), found, url)


def _unsigned(cycle: Cycle) -> Check:
    left = cycle.scorecards.filter(frozen_at__isnull=True).count()
    return Check("unsigned", _("未签订的责任书"), left, _cards_url(cycle), blocking=False)


def _bottom(cycle: Cycle, url: str) -> list[Check]:
    """ASM-15, where the charter adopted it: how many are missing at the end."""
    least = stated(cycle, "ASM-15", "min_ratio")
    if least is None:
        return []
    people = cycle.scorecards.filter(kind="person").exclude(UNDETERMINED)
    low = people.filter(result__rating__in=(Rating.BASIC, Rating.INCOMPETENT)).count()
    wanted = math.ceil(people.count() * least)
    return [Check("ASM-15", _("末位人员少于规定比例（人）"), max(wanted - low, 0), url)]


@transaction.atomic
def publish(*, cycle: Cycle, by: Actor, notice: str = "", on: dt.date | None = None) -> Cycle:
    """Publish a year's grades: from then on they change only by appeal, or when a case is closed.

    The clocks of review begin on that day (ASM-12). Asked again, it says what stands.
    Raises ValidationError "unfinished" with all that is open.
    """
    held = Cycle.objects.select_for_update(no_key=True).select_related("holder").get(pk=cycle.pk)
    refuse_closed(held)
    if held.state == Cycle.State.PUBLISHED:
        return held
    _refuse_open(before_publishing(held), _("还不能公布"))
    before = facts(held)
    held.state, held.notice = Cycle.State.PUBLISHED, notice.strip()
    held.published_on = on or timezone.localdate()
    if held.published_on > timezone.localdate():
        raise ValidationError({"on": _("公布日期不能晚于今天")})
    with hold_rules():
        held.save(update_fields=["state", "notice", "published_on"])
    record("publish", held, by=by, before=before, after=facts(held))
    announce(cycle=held, by=by)
    return held


def _refuse_open(checks: list[Check], words: str) -> None:
    still = [f"{check.title} {check.count}" for check in checks if check.blocking and check.count]
    if still:
        raise ValidationError(f"{words}：{'；'.join(still)}", code="unfinished")


def before_closing(cycle: Cycle) -> list[Check]:
    """What keeps a year from being closed; what can no longer be mended is only said."""
    appeals = Appeal.objects.filter(result__scorecard__cycle=cycle, outcome="").count()
    cases = cycle.scorecards.filter(result__undetermined=Undetermined.OPEN_CASE).count()
    unpublished = int(cycle.state == Cycle.State.OPEN)
    checks = [
        Check("unpublished", _("结果尚未公布"), unpublished, reverse("year_publish", args=[cycle.pk])),
        Check("unscored", _("未评完的评分卡"), cycle.scorecards.filter(UNSCORED).count(), _cards_url(cycle, "&left=1")),
    ]
    if not _of_city(cycle):
        none = reverse("undetermined", args=[cycle.pk])
        checks += [
            _without_reason(cycle, none),
            Check("cases", _("立案未结，等次待补定"), cases, none),
            Check("appeals", _("未处理的复核申诉"), appeals, f"{reverse('appeals')}?state=open"),
            _clocks(cycle),
        ]
    return [*checks, _unsigned(cycle)]


def _clocks(cycle: Cycle) -> Check:
    """ASM-12: who may still ask for a review or appeal; closing the year would take that from him."""
    waiting, until, today, title = 0, dt.date.min, timezone.localdate(), _("复核、申诉期限未满（人）")
    if cycle.state != Cycle.State.PUBLISHED or cycle.published_on is None:
        return Check("clocks", title, 0)
    review, appeal = (stated(cycle, "ASM-12", name) for name in ("review_apply", "appeal"))
    appeals = Appeal.objects.filter(result__scorecard__cycle=cycle)
    reviews = appeals.filter(stage=Appeal.Stage.REVIEW)
    if review is not None and today <= (end := cycle.published_on + dt.timedelta(days=int(review))):
        graded = cycle.scorecards.filter(kind=Scorecard.Kind.PERSON, result__isnull=False)
        waiting, until = graded.exclude(result__in=reviews.values("result")).count(), end
    if appeal is not None:
        days = dt.timedelta(days=int(appeal))
        went_on = appeals.filter(stage=Appeal.Stage.APPEAL).values("result")
        decided = reviews.filter(decided_on__gte=today - days).exclude(outcome=Appeal.Outcome.WITHDRAWN)
        ends = [day + days for day in decided.exclude(result__in=went_on).values_list("decided_on", flat=True) if day]
        waiting, until = waiting + len(ends), max([until, *ends])
    if waiting:
        title = _("复核、申诉期限未满（人），%(day)s届满") % {"day": date_format(until, "DATE_FORMAT")}
    return Check("clocks", title, waiting)


@transaction.atomic
def close_cycle(*, cycle: Cycle, by: Actor) -> Cycle:
    """Close a year: from then on the database refuses every score, grade, appeal and card of it.

    Refused while anything of ``before_closing`` is open.
    """
    held = Cycle.objects.select_for_update(no_key=True).select_related("holder").get(pk=cycle.pk)
    refuse_closed(held)
    _refuse_open(before_closing(held), _("还不能关闭 %(year)s 年度") % {"year": held.year})
    before = facts(held)
    held.state = Cycle.State.CLOSED
    with hold_rules():
        held.save(update_fields=["state"])
    record("close", held, by=by, before=before, after=facts(held))
    return held
