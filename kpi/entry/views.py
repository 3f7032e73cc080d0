"""Pages of assessment: what is left to score, and one card with its grid."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kpi.entry import answers, listing, pages, services
from kpi.entry.figures import fillable, news
from kpi.entry.matrix import read as matrix_of
from kpi.judging import on_card
from kpi.judging.forms import RatingForm
from kpi.judging.words import sees_grade
from kpi.models import Cycle, Scorecard
from kpi.querysets import standings
from kpi.rights import allowed, ratable, scorable

PAGE_SIZE = 50


@require_GET
def scorecards(request):
    """What is left to score: the cards of a year with progress, score, place and grade."""
    if not any(request.access.can("view", noun) for noun in Scorecard.nouns):
        raise PermissionDenied
    found = listing.read(request.access, request.GET, request.on)
    page = Paginator(found.keys, PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = listing.rows(request.access, list(page.object_list), found.mine, request.on)
    open_cards = request.access.scope(Scorecard.objects.filter(cycle__year=found.year, cycle__state=Cycle.State.OPEN))
    newer = news(open_cards, request.on) if request.on_is_today else 0
    context = {
        "crumbs": [(_("评分卡"), None)],
        "title": _("%(year)s 年评分卡") % {"year": found.year} if found.year else _("评分卡"),
        "lede": _("谁的指标还没评，各得多少分、第几名"),
        "list": found,
        "page": page,
        "news": newer,
        "scores": any(request.access.can("score", noun) for noun in Scorecard.nouns),
        "fills": newer and fillable(request.access, open_cards).exists(),
    }
    return render(request, "kpi/entry/scorecards.html", context)


def _card(request, pk: int) -> Scorecard:
    cards = Scorecard.objects.named(request.on).select_related("cycle", "unit", "bureau", "person", "result")
    return request.access.get(cards, pk=pk)


@require_GET
def scorecard(request, pk: int):
    """One card: what was promised, what was delivered, and the points with their reasons."""
    card = _card(request, pk)
    lines = list(card.lines.select_related("indicator", "entered_by", "figure", "panel_line__panel"))
    rows = pages.rows_of(lines, request.on)
    own = Scorecard.objects.filter(pk=card.pk)
    bar = pages.why_not_now(card, on_is_today=request.on_is_today, scores=scorable(request.access, own).exists())
    is_open = card.cycle.state == Cycle.State.OPEN and request.on_is_today
    rates = card.cycle.state == Cycle.State.OPEN and ratable(request.access, own).exists()
    name = pages.subject(card)
    context = {
        "crumbs": [(_("评分卡"), f"{reverse('scorecards')}?year={card.cycle.year}"), (name, None)],
        "title": _("%(name)s %(year)s 年评分卡") % {"name": name, "year": card.cycle.year},
        "lede": pages.about(card),
        "card": card,
        "name": name,
        "rows": rows,
        "news": sum(row.has_news for row in rows),
        "fills": any(row.reading for row in rows) and is_open and fillable(request.access, own).exists(),
        "exempts": is_open and allowed(request.access, own, "retarget").exists(),
        "summary": pages.summary(
            card, lines, standings([card.pk]).get(card.pk), graded=sees_grade(request.access, card)
        ),
        "pictures": pages.pictures(card, name, lines),
        "responsible": pages.responsible(request.access, card),
        "bar": bar,
        "next_left": pages.next_left(request.access, card) if bar.editable else None,
        "judged": on_card.read(request.access, card, request.on),
        "rating_form": RatingForm(card=card, initial={"rating": pages.rating_of(card)}) if rates else None,
    }
    return render(request, "kpi/entry/scorecard.html", context)


@require_GET
def matrix(request):
    """The sheet: cards of a kind line by line, their indicators side by side; cells save themselves."""
    if not any(request.access.can("view", noun) for noun in Scorecard.nouns):
        raise PermissionDenied
    query = request.GET.copy()
    if query.get("kind") not in listing.KINDS:
        query["kind"] = listing.usual_kind(request.access)
    found = listing.read(request.access, query, request.on)
    page = Paginator(found.keys, PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = listing.rows(request.access, list(page.object_list), found.mine, request.on)
    context = {
        "crumbs": [(_("评分卡"), reverse("scorecards")), (_("评分表"), None)],
        "title": _("%(year)s 年评分表") % {"year": found.year} if found.year else _("评分表"),
        "lede": _("一行一张评分卡，一列一个指标，填完即保存"),
        "list": found,
        "page": page,
        "sheet": matrix_of(page.object_list, on_is_today=request.on_is_today),
    }
    return render(request, "kpi/entry/matrix.html", context)


@require_POST
def cells(request):
    """Save a block of cells, each for itself; JSON in and out, for static/js/scoregrid.js."""
    if not any(request.access.can("score", noun) for noun in Scorecard.nouns):
        raise PermissionDenied
    try:
        typed = answers.cells_of(request.body)
    except answers.BadRequest:
        return JsonResponse(answers.refused(ValidationError(_("页面已过期，请刷新后再填"))), status=422)
    cards = Scorecard.objects.filter(lines__in=[cell.line for cell in typed])
    seen = set(request.access.scope(cards).order_by().values_list("lines", flat=True))
    if any(cell.line not in seen for cell in typed):
        raise Http404
    return JsonResponse(answers.of_batch(services.enter_scores(cells=typed, by=request.actor, access=request.access)))


@require_POST
def line_score(request, pk: int):
    """Save one cell; answers JSON for static/js/scoregrid.js."""
    card = request.access.get(Scorecard.objects.all(), "score", lines=pk)
    version = request.POST.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        return JsonResponse(answers.refused(ValidationError(_("页面已过期，请刷新后再填"))), status=422)
    try:
        entered = services.enter_score(
            line=get_object_or_404(card.lines, pk=pk),
            text=request.POST.get("value", ""),
            version=int(version),
            by=request.actor,
            access=request.access,
        )
    except services.StaleLine as stale:
        return JsonResponse(answers.stale(stale), status=409)
    except ValidationError as error:
        return JsonResponse(answers.refused(error), status=422)
    return JsonResponse(answers.of_entered(entered))
