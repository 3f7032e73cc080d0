"""The rater's pages: what is left to rate, made for a telephone; each rating saves itself."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kpi.entry import pages as cards
from kpi.models import PanelLine
from kpi.raters import pages, rating, reading


@require_GET
def ratings(request):
    """The panels that ask the visitor, those that still take ratings first."""
    today = timezone.localdate()
    open_now = reading.asked(request.user.pk, today)
    there = {each.panel.pk for each in open_now}
    over = reading.panels_of(request.user.pk).exclude(pk__in=there).order_by("-cycle__year", "-pk")
    context = {
        "crumbs": [(_("我的测评"), None)],
        "title": _("我的测评"),
        "lede": _("请您评分的测评；您的评分只有您自己看得到"),
        "open_now": open_now,
        "over": [(panel, pages.about(panel)) for panel in over[:20]],
        "today": today,
    }
    return render(request, "kpi/raters/ratings.html", context)


@require_GET
def panel_ratings(request, pk: int):
    """One panel: a subject after the other, with big inputs and the words to pick."""
    panel = get_object_or_404(reading.panels_of(request.user.pk), pk=pk)
    today = timezone.localdate()
    asks = reading.asks(panel, request.user.pk, today)
    given = sum(ask.points is not None for ask in asks)
    code, word = pages.state(panel, today)
    context = {
        "crumbs": [(_("我的测评"), reverse("ratings")), (panel.name, None)],
        "title": panel.name,
        "lede": pages.about(panel),
        "panel": panel,
        "state": (code, word),
        "editable": code == "open" and panel.cycle.state == "open",
        "subjects": [
            (cards.subject(card), cards.belongs(card), rows) for card, rows in reading.with_subjects(asks, request.on)
        ],
        "given": given,
        "expected": len(asks),
        "left": len(asks) - given,
    }
    return render(request, "kpi/raters/rating.html", context)


@require_POST
def rating_save(request, pk: int) -> HttpResponse:
    """Save one rating; answers JSON for static/js/scoregrid.js. Who is not asked finds nothing here."""
    asked = PanelLine.objects.filter(panel__groups__raters__user=request.user)
    line = get_object_or_404(asked.select_related("panel"), pk=pk)
    version = request.POST.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        return _refused(_("页面已过期，请刷新后再填"))
    try:
        rated = rating.rate(line=line, text=request.POST.get("value", ""), version=int(version), by=request.actor)
    except rating.StaleRating as stale:
        answer = {"ok": False, "theirs": as_typed(stale.points), "version": stale.version}
        return JsonResponse(answer | {"error": _("您已在另一处改过这一项")}, status=409)
    except ValidationError as error:
        return _refused(" ".join(error.messages))
    answer = {"ok": True, "value": as_typed(rated.points), "total": str(rated.done), "version": rated.version}
    return JsonResponse(answer)


def as_typed(points) -> str:
    return "" if points is None else f"{points.normalize():f}"


def _refused(words: str) -> JsonResponse:
    return JsonResponse({"ok": False, "error": words}, status=422)
