"""Pages of assessment: what is left to score, and one card with its grid."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kpi.entry import listing, pages, services
from kpi.explain import why, why_all
from kpi.judging.forms import RatingForm
from kpi.models import Line, Scorecard
from kpi.querysets import standings
from kpi.rights import ratable, scorable

PAGE_SIZE = 50


@require_GET
def scorecards(request):
    """What is left to score: the cards of a year with progress, score, place and grade."""
    if not any(request.access.can("view", noun) for noun in Scorecard.nouns):
        raise PermissionDenied
    found = listing.read(request.access, request.GET, request.on)
    page = Paginator(found.keys, PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = listing.rows(list(page.object_list), found.mine, request.on)
    context = {
        "crumbs": [(_("评分卡"), None)],
        "title": _("%(year)s 年评分卡") % {"year": found.year} if found.year else _("评分卡"),
        "lede": _("谁的指标还没评，各得多少分、第几名"),
        "list": found,
        "page": page,
    }
    return render(request, "kpi/entry/scorecards.html", context)


def _card(request, pk: int) -> Scorecard:
    cards = Scorecard.objects.named(request.on).select_related("cycle", "unit", "bureau", "person", "result")
    return request.access.get(cards, pk=pk)


@require_GET
def scorecard(request, pk: int):
    """One card: what was promised, what was delivered, and the points with their reasons."""
    card = _card(request, pk)
    lines = list(card.lines.select_related("indicator", "entered_by"))
    reasons = why_all(lines)
    own = Scorecard.objects.filter(pk=card.pk)
    bar = pages.why_not_now(card, on_is_today=request.on_is_today, scores=scorable(request.access, own).exists())
    rates = not bar.closed and ratable(request.access, own).exists()
    name = pages.subject(card)
    context = {
        "crumbs": [(_("评分卡"), f"{reverse('scorecards')}?year={card.cycle.year}"), (name, None)],
        "title": _("%(name)s %(year)s 年评分卡") % {"name": name, "year": card.cycle.year},
        "lede": pages.about(card),
        "card": card,
        "name": name,
        "rows": [pages.Row(line, reasons[line.pk]) for line in lines],
        "summary": pages.summary(card, lines, standings([card.pk]).get(card.pk)),
        "pictures": pages.pictures(card, name, lines),
        "responsible": pages.responsible(request.access, card),
        "bar": bar,
        "next_left": pages.next_left(request.access, card) if bar.editable else None,
        "rating_form": RatingForm(card=card, initial={"rating": pages.rating_of(card)}) if rates else None,
    }
    return render(request, "kpi/entry/scorecard.html", context)


@require_POST
def line_score(request, pk: int):
    """Save one cell; answers JSON for static/js/scoregrid.js."""
    card = request.access.get(Scorecard.objects.all(), "score", lines=pk)
    version = request.POST.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        return _refused(_("页面已过期，请刷新后再填"))
    try:
        entered = services.enter_score(
            line=get_object_or_404(card.lines, pk=pk),
            text=request.POST.get("value", ""),
            version=int(version),
            by=request.actor,
        )
    except services.StaleLine as stale:
        theirs = "" if stale.theirs is None else f"{stale.theirs.normalize():f}"
        answer = {"ok": False, "theirs": theirs, "version": stale.version, "who": stale.who}
        return JsonResponse(answer | {"error": _("已被他人改动")}, status=409)
    except ValidationError as error:
        return _refused(" ".join(error.messages))
    return JsonResponse(_saved(entered))


def _refused(words: str) -> JsonResponse:
    return JsonResponse({"ok": False, "error": words}, status=422)


def _saved(entered: services.Entered) -> dict:
    line = entered.line
    return {
        "ok": True,
        "value": "" if line.actual is None else f"{line.actual.normalize():f}",
        "score": None if line.points is None else pages.two(line.points),
        "total": None if entered.total is None else pages.two(entered.total),
        "rank": pages.place(entered.standing) or None,
        "version": line.version,
    }


@require_GET
def line_why(request, pk: int):
    """Why a line has its points, as it stands now: fetched when the fold is opened."""
    request.access.get(Scorecard.objects.all(), lines=pk)
    line = Line.objects.select_related("indicator", "entered_by").get(pk=pk)
    return render(request, "kpi/entry/_why.html", {"row": pages.Row(line, why(line))})
