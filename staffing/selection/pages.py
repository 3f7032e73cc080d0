"""What the pages of a round share: its frame (steps, what to do next), and its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.charts import Row, distribution, hbars
from common.drawing import Caption, Chart
from staffing.models import Selection
from staffing.personnel.people_views import on_day
from staffing.selection import announcing
from staffing.selection.reading import Offer, Progress, Standing

Stage = Selection.Stage


def labels(selection: Selection) -> list[str]:
    """The steps as the stepper names them; the first of open recruitment are called otherwise."""
    return [str(Stage(step).label) for step in selection.steps]


def place(selection: Selection) -> int:
    """Where in the stepper the round is, from 1; beyond the last when all is done, 0 when it was ended."""
    if selection.stage == Stage.CANCELLED:
        return 0
    return selection.steps.index(selection.stage) + 1 + (selection.stage == Stage.APPOINTED)


def frame(request, selection: Selection, here: str = "") -> dict[str, Any]:
    """Crumbs, title and steps: on every page of a round."""
    crumbs: list[tuple[str, str | None]] = [(_("竞聘"), on_day(request, reverse("selections")))]
    own = on_day(request, reverse("selection", args=[selection.pk]))
    crumbs += [(selection.title, own), (here, None)] if here else [(selection.title, None)]
    may = lambda action: request.access.can_in(selection.unit_id, action, "selection")  # noqa: E731
    return {
        "crumbs": crumbs,
        "title": here or selection.title,
        "selection": selection,
        "steps": labels(selection),
        "now": place(selection),
        "runs": may("change"),
        "oversees": may("oversee"),
        "decides": may("decide"),
        "back": own,
    }


@dataclass(frozen=True)
class Next:
    """What the round waits for: in words, with the page or the step that does it, and what still bars it."""

    words: str
    action: str = ""
    href: str = ""
    step: str = ""
    bar: str = ""
    ask: str = ""


def next_of(selection: Selection, done: Progress, posts: int) -> Next:
    """What to do next, for whoever runs the round."""
    at = lambda name: reverse(name, args=[selection.pk])  # noqa: E731
    today = timezone.localdate()
    match selection.stage:
        case Stage.DRAFT:
            bar = "" if posts else _("先加入竞聘岗位")
            ask = _("公布后，岗位、权重和聘期不能再改。公布「%(title)s」？") % {"title": selection.title}
            return Next(_("核对方案和岗位，然后公布报名"), _("公布报名"), step=Stage.PUBLISHED, bar=bar, ask=ask)
        case Stage.PUBLISHED:
            words = _("已有 %(n)s 人报名，报名至 %(day)s") % {
                "n": done.candidates,
                "day": date_format(selection.apply_until),
            }
            bar = _("截止日次日可进入资格审查") if selection.apply_until >= today else ""
            return Next(words, _("结束报名，进入资格审查"), step=Stage.REVIEW, bar=bar)
        case Stage.REVIEW:
            if done.unchecked:
                words = _("还有 %(n)s 人未作资格审查") % {"n": done.unchecked}
                return Next(words, _("去审查"), at("selection_candidates"))
            words = _("资格审查已完成，%(n)s 人通过") % {"n": done.competing}
            return Next(words, _("进入考评"), step=Stage.ASSESSMENT, bar="" if done.competing else _("无人通过"))
        case Stage.ASSESSMENT:
            return _next_of_assessment(selection, done, at)
        case Stage.MEDICAL:
            words = _("登记拟聘人员的体检结果，全部合格后公示")
            return Next(words, _("登记体检"), at("selection_outcome"))
        case Stage.NOTICE:
            bar = announcing.why_not_yet(selection, today)
            return Next(bar or _("公示期满，没有未处理的异议"), _("办理聘任"), at("selection_appoint"), bar=bar)
        case Stage.APPOINTED:
            return Next(_("竞聘已完成，%(n)s 人聘任") % {"n": done.placed}, _("看结果"), at("selection_outcome"))
    return Next(_("竞聘已终止：%(why)s") % {"why": selection.cancel_reason})


def _next_of_assessment(selection: Selection, done: Progress, at) -> Next:
    if done.scored < done.competing:
        words = _("还有 %(n)s 人的得分未录全") % {"n": done.competing - done.scored}
        return Next(words, _("录入得分"), at("selection_scores"))
    if done.decided < done.competing:
        words = _("得分已录全；%(n)s 人待决定") % {"n": done.competing - done.decided}
        return Next(words, _("看匹配建议与决定"), at("selection_outcome"))
    if selection.kind == Selection.Kind.OPEN:
        return Next(_("%(n)s 人拟聘，进入体检") % {"n": done.placed}, _("进入体检"), step=Stage.MEDICAL)
    return Next(_("%(n)s 人拟聘，可以公示") % {"n": done.placed}, _("发布公示"), at("notice_publish"))


@dataclass(frozen=True)
class Filled:
    """A post on offer with those proposed and decided for it."""

    offer: Offer
    people: list[Standing]

    @property
    def left(self) -> int:
        return max(self.offer.row.seats - len(self.people), 0)


def by_post(offers: Sequence[Offer], rows: Sequence[Standing]) -> list[Filled]:
    """Posts with their people: as decided, and as proposed for whom nothing is decided yet."""
    held: dict[int, list[Standing]] = {}
    for row in rows:
        if row.outcome and not row.candidate.withdrawn:
            pk = row.outcome.decided_id if row.outcome.decided_at else row.outcome.proposed_id
            if pk:
                held.setdefault(pk, []).append(row)
    return [Filled(offer, held.get(offer.pk, [])) for offer in offers]


#: Fewer totals than this have no spread worth a picture.
WORTH_A_PICTURE = 3


def pictures(
    selection: Selection, filled: Sequence[Filled], rows: Sequence[Standing]
) -> dict[str, Chart | None] | None:
    """How scores spread, and how far posts are filled; None before there are totals."""
    totals = [row.total for row in rows if row.total is not None and row.candidate.competes]
    if not totals:
        return None
    day = date_format(timezone.localdate())
    scores = Caption(
        title=_("总分分布（%(n)s 人）") % {"n": len(totals)}, unit=_("人"), source=_("OneZone 竞聘"), as_of=day
    )
    seats = Caption(title=_("各岗位拟聘与计划人数"), unit=_("人"), source=_("OneZone 竞聘"), as_of=day)
    bars = [Row(each.offer.name, len(each.people), each.offer.row.seats) for each in filled]
    mark: dict[str, Any] = (
        {"marker": selection.pass_mark, "marker_label": _("合格线")} if selection.pass_mark is not None else {}
    )
    return {
        "scores": distribution(totals, scores, **mark) if len(totals) >= WORTH_A_PICTURE else None,
        "seats": hbars(bars, seats),
        "seats_narrow": hbars(bars, seats, narrow=True),
    }
