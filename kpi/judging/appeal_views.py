"""Pages of review and appeal: ask, follow, decide."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from common.forms import carry_out
from kpi.judging import appealing
from kpi.judging.adjust_views import form_view
from kpi.judging.forms import AppealForm, DecideAppealForm
from kpi.judging.grading import PERSON_RATINGS
from kpi.judging.words import choices_for, grade_word
from kpi.models import Appeal, Result, Scorecard

PAGE_SIZE = 50


def _rows():
    return Appeal.objects.select_related(
        "result__scorecard__person", "result__scorecard__cycle", "result__scorecard__unit", "decided_by"
    )


def day(value) -> str:
    return date_format(value, "DATE_FORMAT") if value else ""


@require_GET
def appeals(request):
    """Reviews and appeals that the visitor may see, the overdue first."""
    request.access.demand("view", "appeal")
    today = timezone.localdate()
    rows = request.access.scope(_rows())
    sums = rows.order_by().aggregate(
        all=Count("pk"),
        open=Count("pk", filter=Q(outcome="")),
        late=Count("pk", filter=Q(outcome="", due_on__lt=today)),
        changed=Count("pk", filter=Q(outcome="changed")),
    )
    state = request.GET.get("state", "")
    if state == "open":
        rows = rows.filter(outcome="")
    elif state == "late":
        rows = rows.filter(outcome="", due_on__lt=today)
    elif state == "settled":
        rows = rows.exclude(outcome="")
    if unit := request.GET.get("unit", ""):
        rows = rows.filter(result__scorecard__unit__code=unit)
    page = Paginator(rows.order_by("outcome", "due_on", "-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.late = appealing.overdue(row, today)
        row.word = _word(row)
    context = {
        "crumbs": [(_("复核申诉"), None)],
        "title": _("复核申诉"),
        "lede": _("对考核结果的复核和申诉；期间不停止执行"),
        "page": page,
        "sums": sums,
        "state": state,
        "leads": request.access.can("view", "inquiry"),
    }
    return render(request, "kpi/judging/appeals.html", context)


def _word(row: Appeal) -> str:
    person = row.result.scorecard.person
    return grade_word(row.result.rating, person.identity if person else "")


@require_GET
def appeal(request, pk: int):
    """One of them, with its timeline and clocks."""
    row = request.access.get(_rows(), pk=pk)
    card = row.result.scorecard
    today = timezone.localdate()
    line = list(row.result.appeals.select_related("decided_by").order_by("raised_on", "pk"))
    identity = card.person.identity if card.person else ""
    decides = not row.outcome and request.access.scope(Appeal.objects.filter(pk=pk), "decide").exists()
    own = request.access.person_id == card.person_id
    context = {
        "crumbs": [(_("复核申诉"), reverse("appeals")), (card.person.name if card.person else "", None)],
        "title": _("%(name)s 的%(stage)s") % {"name": card.person, "stage": row.get_stage_display()},
        "lede": _("%(year)s 年考核结果") % {"year": card.cycle.year},
        "row": row,
        "card": card,
        "late": appealing.overdue(row, today),
        "timeline": [
            {
                "row": each,
                "late": appealing.overdue(each, today),
                "days": (each.due_on - today).days,
                "new": grade_word(each.new_rating, identity),
            }
            for each in line
        ],
        "word": _word(row),
        "decides": decides and not appealing.may_decide(row, request.access),
        "why_not": appealing.may_decide(row, request.access) if decides else "",
        "own": own,
        "clock": appealing.clock(row.result, today) if own else None,
    }
    return render(request, "kpi/judging/appeal.html", context)


@form_view
def appeal_file(request, pk: int):
    """Ask for a review of one's own result, or appeal against its decision."""
    cards = Scorecard.objects.select_related("cycle", "person", "result")
    card = request.access.get(cards, noun="person_card", pk=pk)
    request.access.demand("add", "appeal")
    if card.person_id != request.access.person_id:
        raise PermissionDenied
    result = Result.objects.select_related("scorecard__cycle", "scorecard__person").filter(scorecard=card).first()
    form = AppealForm(request.POST or None)
    if result is None:
        raise PermissionDenied
    clock = appealing.clock(result, timezone.localdate())

    def act(data: dict[str, Any]) -> str:
        made = appealing.file(result=result, by=request.actor, **data)
        return _("已提出%(stage)s，应于 %(day)s 前作出决定") % {
            "stage": made.get_stage_display(),
            "day": day(made.due_on),
        }

    context = {
        "crumbs": [(_("我的考核"), reverse("my_assessment")), (_("申请复核"), None)],
        "title": _("提出申诉") if clock.stage == Appeal.Stage.APPEAL else _("申请复核"),
        "lede": clock.words,
        "facts": [
            (_("考核年度"), str(card.cycle.year)),
            (_("等次"), grade_word(result.rating, card.person.identity if card.person else "")),
            (_("说明"), _("复核、申诉期间不停止考核结果的执行")),
        ],
        "submit": _("提交"),
        "back": reverse("my_assessment"),
    }
    return carry_out(request, form, act, context)


@form_view
def appeal_decide(request, pk: int):
    """Uphold or change the grade."""
    row = request.access.get(_rows(), "decide", pk=pk)
    card = row.result.scorecard
    form = DecideAppealForm(request.POST or None, ratings=choices_for(card, PERSON_RATINGS[:4]))

    def act(data: dict[str, Any]) -> str:
        appealing.decide(appeal=row, by=request.actor, **data)
        return _("决定已保存")

    context = {
        "crumbs": [(_("复核申诉"), reverse("appeals")), (_("作出决定"), None)],
        "title": _("作出%(stage)s决定") % {"stage": row.get_stage_display()},
        "lede": _("应于 %(day)s 前作出") % {"day": day(row.due_on)},
        "facts": [
            (_("人员"), str(card.person)),
            (_("现等次"), _word(row)),
            (_("提出日期"), day(row.raised_on)),
            (_("理由"), row.text),
        ],
        "submit": _("保存决定"),
        "confirm": _("决定保存后不能修改；变更的等次立即生效。保存？"),
        "back": reverse("appeal", args=[row.pk]),
    }
    return carry_out(request, form, act, context)


@form_view
def appeal_withdraw(request, pk: int):
    """Take back what one asked for oneself."""
    row = request.access.get(_rows(), pk=pk)
    if row.result.scorecard.person_id != request.access.person_id:
        raise PermissionDenied
    form = AppealForm({"text": "-"} if request.method == "POST" else None)
    form.fields.clear()

    def act(data: dict[str, Any]) -> str:
        appealing.withdraw(appeal=row, by=request.actor)
        return _("已撤回")

    context = {
        "crumbs": [(_("我的考核"), reverse("my_assessment")), (_("撤回"), None)],
        "title": _("撤回%(stage)s") % {"stage": row.get_stage_display()},
        "lede": _("撤回后不能再次提出"),
        "facts": [(_("理由"), row.text)],
        "submit": _("撤回"),
        "back": reverse("appeal", args=[row.pk]),
    }
    return carry_out(request, form, act, context)
