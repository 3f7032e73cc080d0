"""Pages of adjustments: what is proposed beside the lines, and what came of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from common.access import Access
from common.forms import carry_out
from kpi.entry import pages
from kpi.judging import adjusting
from kpi.judging.forms import AdjustmentFilters, AdjustmentForm, DecideAdjustmentForm, RevokeForm
from kpi.models import Adjustment, Cycle, Scorecard

PAGE_SIZE = 50
form_view = require_http_methods(["GET", "POST"])


@require_GET
def adjustments(request):
    """Adjustments of the cards that a visitor may see, with filters and totals."""
    if not any(request.access.can("view", noun) for noun in Scorecard.nouns):
        raise PermissionDenied
    visible = request.access.scope(Scorecard.objects.filter(cycle__year__lte=request.on.year)).order_by().values("pk")
    rows = Adjustment.objects.filter(scorecard__in=visible)
    years = sorted(set(rows.order_by().values_list("scorecard__cycle__year", flat=True)), reverse=True)
    form = AdjustmentFilters(request.GET.dict(), years=years)
    chosen = form.chosen()
    names = {"year": "scorecard__cycle__year", "kind": "kind", "state": "state"}
    rows = rows.filter(**{names[name]: value for name, value in chosen.items()})
    if unit := request.GET.get("unit", ""):
        rows = rows.filter(scorecard__unit__code=unit)
    found = rows.select_related("proposed_by", "decided_by", "instrument").order_by("-proposed_at", "-pk")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = shown(request.access, list(page.object_list), request.on)
    context = {
        "crumbs": [(_("评分卡"), reverse("scorecards")), (_("加减分"), None)],
        "title": _("加减分"),
        "lede": _("指标之外的加分、扣分和一票否决"),
        "form": form,
        "filtered": bool(chosen or unit),
        "page": page,
        "sums": totals(rows),
    }
    return render(request, "kpi/judging/adjustments.html", context)


def totals(rows) -> dict[str, Any]:
    """How many there are and what counts of them; a revoked one counts no more."""
    said = rows.order_by().aggregate(
        count=Count("pk"), waiting=Count("pk", filter=Q(state="proposed")), vetoes=Count("pk", filter=Q(kind="veto"))
    )
    counting = rows.effective().order_by().values_list("kind").annotate(sum=Sum("points"))
    sums = dict(counting)
    return said | {"bonus": sums.get("bonus", Decimal(0)), "deduction": sums.get("deduction", Decimal(0))}


def shown(access: Access, rows: list[Adjustment], on) -> list[Adjustment]:
    """With ``card``, ``subject``, ``revoked`` and what the visitor may do. A set number of queries."""
    keys = {row.scorecard_id for row in rows}
    cards = Scorecard.objects.filter(pk__in=keys).named(on).select_related("cycle", "unit", "bureau", "person")
    by_key = {card.pk: card for card in cards}
    asked = Scorecard.objects.filter(pk__in=keys, cycle__state=Cycle.State.OPEN).exclude(person__user=access.user.pk)
    decides, adjusts = (
        set(access.scope(asked, action).values_list("pk", flat=True)) for action in ("approve_adjustment", "adjust")
    )
    again = {row.revokes_id: row.state for row in Adjustment.objects.filter(revokes__in=[row.pk for row in rows])}
    for row in rows:
        row.card = by_key[row.scorecard_id]
        row.subject = pages.subject(row.card)
        row.revoked = again.get(row.pk, "")
        row.may_decide = (
            row.state == "proposed" and row.scorecard_id in decides and row.proposed_by_id != access.user.pk
        )
        row.may_revoke = (
            row.state == "approved" and not row.revokes_id and not row.revoked and row.scorecard_id in adjusts
        )
    return rows


def _card(request, action: str, **lookup) -> Scorecard:
    cards = Scorecard.objects.named(request.on).select_related("cycle", "unit", "bureau", "person")
    return request.access.get(cards, action, **lookup)


def _about(card: Scorecard) -> list[tuple[str, str]]:
    return [
        (_("对象"), " · ".join(part for part in (pages.belongs(card), pages.subject(card)) if part)),
        (_("考核年度"), str(card.cycle.year)),
    ]


def _crumbs(card: Scorecard, last: str) -> list[tuple[str, str | None]]:
    return [
        (_("评分卡"), f"{reverse('scorecards')}?year={card.cycle.year}"),
        (pages.subject(card), reverse("scorecard", args=[card.pk])),
        (last, None),
    ]


@form_view
def adjustment_add(request, pk: int):
    """Propose points or a veto for a card."""
    card = _card(request, "adjust", pk=pk)
    form = AdjustmentForm(request.POST or None)

    def act(data: dict[str, Any]) -> str:
        adjusting.propose(card=card, by=request.actor, **data | {"points": data["points"] or Decimal(0)})
        return _("已提出，等待审定")

    cap = card.cycle.bonus_cap
    facts = [*_about(card), *([(_("全年加分上限（分）"), f"{cap:f}")] if cap is not None else [])]
    context = {
        "crumbs": _crumbs(card, _("提出加减分")),
        "title": _("提出加减分"),
        "lede": _("提出后由他人审定，审定前不计分"),
        "facts": facts,
        "submit": _("提出"),
        "back": reverse("scorecard", args=[card.pk]),
    }
    return carry_out(request, form, act, context)


def _row(request, pk: int, action: str) -> tuple[Adjustment, Scorecard]:
    row = get_object_or_404(Adjustment.objects.select_related("proposed_by", "instrument", "revokes"), pk=pk)
    return row, _card(request, action, pk=row.scorecard_id)


@form_view
def adjustment_decide(request, pk: int):
    """Approve or refuse what another proposed."""
    row, card = _row(request, pk, "approve_adjustment")
    form = DecideAdjustmentForm(request.POST or None)

    def act(data: dict[str, Any]) -> str:
        approve = data["verdict"] == "approve"
        adjusting.decide(adjustment=row, approve=approve, opinion=data["opinion"], by=request.actor)
        return _("已通过，得分已重新计算") if approve else _("已记录不通过")

    kind = row.get_kind_display()
    if row.revokes_id:
        kind = _("撤销%(kind)s") % {"kind": kind}
    context = {
        "crumbs": _crumbs(card, _("审定加减分")),
        "title": _("审定加减分"),
        "lede": _("通过后立即计入得分，之后只能另提一项撤销"),
        "facts": [
            *_about(card),
            (_("类别"), kind),
            (_("分值（分）"), f"{row.points:f}" if row.points else ""),
            (_("理由"), row.reason),
            (_("依据批文"), str(row.instrument or "")),
            (_("佐证"), row.evidence),
            (_("提出人"), str(row.proposed_by or _("系统"))),
        ],
        "submit": _("保存审定结果"),
        "back": reverse("adjustments"),
    }
    return carry_out(request, form, act, context)


@form_view
def adjustment_revoke(request, pk: int):
    """Propose to take back what was approved."""
    row, card = _row(request, pk, "adjust")
    form = RevokeForm(request.POST or None)

    def act(data: dict[str, Any]) -> str:
        adjusting.propose_revocation(adjustment=row, by=request.actor, **data)
        return _("撤销已提出，等待审定")

    context = {
        "crumbs": _crumbs(card, _("撤销加减分")),
        "title": _("撤销加减分"),
        "lede": _("原事项保留在案，撤销经他人审定后生效"),
        "facts": [*_about(card), (_("类别"), row.get_kind_display()), (_("理由"), row.reason)],
        "submit": _("提出撤销"),
        "back": reverse("adjustments"),
    }
    return carry_out(request, form, act, context)
