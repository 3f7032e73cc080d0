"""Pages about single lines and what fills them: why, whether they apply, newer data."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.forms import carry_out
from kpi.entry import applying, figures, pages
from kpi.entry.evidence_views import seen_card
from kpi.entry.forms import AppliesForm
from kpi.explain import why
from kpi.models import Cycle, Line, Scorecard
from kpi.rights import allowed


@require_GET
def line_why(request, pk: int):
    """Why a line has its points, as it stands now: fetched when the fold is opened."""
    request.access.get(Scorecard.objects.all(), lines=pk)
    line = Line.objects.select_related("indicator", "entered_by", "figure").get(pk=pk)
    return render(request, "kpi/entry/_why.html", {"row": pages.Row(line, why(line))})


@require_http_methods(["GET", "POST"])
def line_applies(request, pk: int):
    """Say that a line does not apply, with the reason, or that it applies again."""
    card = seen_card(request, lines=pk)
    if not allowed(request.access, Scorecard.objects.filter(pk=card.pk), "retarget").exists():
        raise PermissionDenied
    line = Line.objects.select_related("indicator").get(pk=pk)
    initial = {"not_applicable": line.not_applicable, "version": line.version}
    form = AppliesForm(request.POST or None, initial=initial, signed=bool(card.frozen_at or card.signatures.exists()))

    def act(data) -> str:
        applying.set_applies(line=line, by=request.actor, **data)
        return _("已设为不适用，权重已分摊") if data["not_applicable"] else _("已恢复适用")

    name, back = pages.subject(card), reverse("scorecard", args=[card.pk])
    context = {
        "crumbs": [(_("评分卡"), reverse("scorecards")), (name, back), (_("是否适用"), None)],
        "title": _("是否适用 · %(name)s") % {"name": line.indicator.shown_name},
        "lede": _("%(name)s %(year)s 年评分卡") % {"name": name, "year": card.cycle.year},
        "submit": _("保存"),
        "back": back,
    }
    return carry_out(request, form, act, context)


FILLS = ("score", "retarget")


@require_POST
def scorecard_refill(request, pk: int):
    """Fill a card's bound lines from the latest figures."""
    card = request.access.get(Scorecard.objects.all(), pk=pk)
    _refill(request, Scorecard.objects.filter(pk=card.pk))
    return redirect("scorecard", pk=pk)


@require_POST
def scorecards_refill(request):
    """Fill the bound lines of all cards of a year that the visitor scores or keeps."""
    year = request.POST.get("year", "")
    may = any(request.access.can(action, noun) for action in FILLS for noun in Scorecard.nouns)
    if not may or not (year.isascii() and year.isdigit() and len(year) == 4):
        raise PermissionDenied
    _refill(request, Scorecard.objects.filter(cycle__year=int(year), cycle__state=Cycle.State.OPEN))
    return redirect(f"{reverse('scorecards')}?year={year}")


def _refill(request, cards) -> None:
    """Of these cards those that he may fill: nobody's own, and a person's only by whoever scores him."""
    mine = list(figures.fillable(request.access, cards))
    if not mine:
        messages.error(request, _("您没有更新这些评分卡的权限"))
        return
    try:
        done = figures.refill(cards=mine, by=request.actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return
    told = _("更新了 %(changed)s 项，%(unchanged)s 项已是最新，%(missing)s 项还没有数据")
    messages.success(request, told % vars(done))
