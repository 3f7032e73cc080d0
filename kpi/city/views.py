"""Pages of the city's assessment: a year, a sheet of a sort, one unit, units side by side."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kpi.city import lines, pages, pictures, reading
from kpi.city.reading import Entrant, Ranking
from kpi.explain import why_all
from kpi.models import Cycle, GradeRule, Scorecard
from staffing.personnel.people_views import on_day

#: So many units fit on one radar and can still be told apart.
COMPARED = 4


@require_GET
def assessment(request):
    """The latest year that the visitor may look at; every page of it leads to the others."""
    if not any(request.access.can("view", noun) for noun in ("unit_card", "city_cycle")):
        raise PermissionDenied
    cycles = reading.years(request.access, request.on)
    return _year_page(request, cycles[0] if cycles else None, cycles)


@require_GET
def year(request, pk: int):
    """One year: who stands where among his own sort, how far the scores are, and the year before."""
    cycles = reading.years(request.access, request.on)
    return _year_page(request, reading.year(request.access, pk, request.on), cycles)


def _year_page(request, cycle: Cycle | None, cycles: list[Cycle]):
    if cycle is None:
        context = {"title": _("市考核"), "crumbs": [(_("市考核"), None)], "page": None}
        return render(request, "kpi/city/year.html", context)
    found = pages.read_year(request, cycle)
    context = pages.frame(request, cycle) | {
        "lede": _("市对开发区、园区和属地镇的考核：同类比较，得分、名次、等次与上年变化"),
        "page": found,
        "years": cycles,
        "kinds": {each.sort: f"{cycle.pk}-{each.sort}" for each in found.everything},
        "may_download": request.access.can("view", "report"),
        "others_hidden": not reading.sees_all(request.access, cycle),
    }
    return render(request, "kpi/city/year.html", context)


def _sort(request, pk: int, sort: str) -> tuple[Cycle, list[Ranking], Ranking]:
    """A year with its rankings, and that of one sort; Http404 where there is none."""
    cycle = reading.year(request.access, pk, request.on)
    found = reading.rankings(request.access, cycle, request.on)
    ranking = pages.units_of(found, sort)
    if ranking is None:
        raise Http404
    return cycle, found, ranking


@require_GET
def sheet(request, pk: int, sort: str):
    """The units of a sort under their indicators, points in every cell."""
    cycle, found, ranking = _sort(request, pk, sort)
    own = [row for row in ranking.rows if row.own]
    if not own:
        raise Http404
    table = lines.sheet(lines.lines_of(row.card.pk for row in own))
    means = reading.sees_all(request.access, cycle)
    context = pages.frame(request, cycle, _("%(sort)s考核表") % {"sort": ranking.label}) | {
        "lede": _("每格为得分；点单位名称看各项的来由"),
        "ranking": ranking,
        "tabs": [each for each in found if any(row.own for row in each.rows)],
        "table": table,
        "rows": [
            (row, [table.cells.get((row.card.pk, column.indicator.pk)) for column in table.columns]) for row in own
        ],
        "means": [table.mean(column, [row.card.pk for row in own]) for column in table.columns] if means else [],
        "weight": sum(column.weight for column in table.columns),
        "key": f"{cycle.pk}-{sort}",
    }
    return render(request, "kpi/city/sheet.html", context)


@require_GET
def subject(request, pk: int):
    """One unit in its year: every line with its reason, its sides, its way over the years."""
    cards = Scorecard.objects.filter(kind=Scorecard.Kind.UNIT, cycle__year__lte=request.on.year)
    card = request.access.get(cards.select_related("cycle__holder"), noun="unit_card", pk=pk)
    cycle = card.cycle
    ranking = pages.units_of(reading.rankings(request.access, cycle, request.on), card.unit.kind)
    row = next((each for each in ranking.rows if each.card.pk == pk), None) if ranking else None
    if ranking is None or row is None:
        raise Http404
    context = _frame_of(request, cycle, row) | _sides(request, cycle, ranking, row)
    context |= {"lede": _about(row), "row": row, "ranking": ranking, "card": row.card}
    return render(request, "kpi/city/subject.html", context)


def _frame_of(request, cycle: Cycle, row: Entrant) -> dict:
    context = pages.frame(request, cycle, row.name)
    context["title"] = _("%(name)s %(year)s 年考核") % {"name": row.name, "year": cycle.year}
    return context


def _about(row: Entrant) -> str:
    sort = str(GradeRule.Sort(row.sort).label)
    return f"{row.zone_name} · {sort}" if row.zone_name and row.zone_name != row.name else sort


def _sides(request, cycle: Cycle, ranking: Ranking, row: Entrant) -> dict:
    """The lines of a unit by first-level indicator, and its pictures; means only for whoever may know them."""
    shown = [each.card.pk for each in ranking.rows] if reading.sees_all(request.access, cycle) else [row.card.pk]
    by_card = lines.lines_of(shown)
    own = by_card[row.card.pk]
    groups, reasons = lines.groups(own), why_all(own)
    others = len(shown) > 1
    mean = lines.mean_rates(lines.groups(each) for each in by_card.values()) if others else None
    past = reading.course(request.access, row.card, request.on)
    before = _groups_before(request, row)
    day = pages.day_of(cycle, request.on)
    years = (cycle.year, cycle.year - 1)
    named = {"name": row.name, "year": cycle.year}
    return {
        "groups": [
            (group, [(line, reasons[line.pk]) for line in own if lines.group_name(line) == group.name])
            for group in groups
        ]
        if any(line.group for line in own)
        else [(None, [(line, reasons[line.pk]) for line in own])],
        "sides": [(group, _rate(before, group.name), mean.get(group.name) if mean else None) for group in groups],
        "before": before,
        "mean": mean,
        "past": past,
        "radar": pictures.radars(_("%(name)s %(year)s 年各方面得分率") % named, {row.name: groups}, day),
        "bars": pictures.against(_("%(name)s得分率比较") % named, groups, before, mean, years, day),
        "way": pictures.way(_("%(name)s历年名次") % named, past, request.on),
    }


def _rate(groups: list[lines.Group] | None, name: str):
    return next((group.rate for group in groups if group.name == name), None) if groups else None


def _groups_before(request, row: Entrant) -> list[lines.Group] | None:
    """The first-level indicators of the year before; None when the unit was not assessed then."""
    last = Scorecard.objects.filter(
        kind=Scorecard.Kind.UNIT,
        unit=row.card.unit_id,
        cycle__holder=row.card.cycle.holder_id,
        cycle__year=row.card.cycle.year - 1,
    )
    pk = request.access.scope(last, "view", "unit_card").values_list("pk", flat=True).first()
    return lines.groups(lines.lines_of([pk])[pk]) if pk else None


@require_GET
def compare(request, pk: int, sort: str):
    """The ranking of a sort as bars, and up to four of its units on one radar (``?unit=`` for each)."""
    cycle, found, ranking = _sort(request, pk, sort)
    asked = request.GET.getlist("unit")
    open_to = ranking.rows if reading.sees_all(request.access, cycle) else [row for row in ranking.rows if row.own]
    # The radar shows lines, which are for whoever may open the card.
    choices = [row for row in open_to if row.own]
    chosen = [row for row in choices if row.code in asked][:COMPARED] or choices[:2]
    groups = {card: lines.groups(own) for card, own in lines.lines_of(row.card.pk for row in chosen).items()}
    day = pages.day_of(cycle, request.on)
    title = _("%(year)s 年%(sort)s各方面得分率") % {"year": cycle.year, "sort": ranking.label}
    names = list(dict.fromkeys(group.name for row in chosen for group in groups[row.card.pk]))
    context = pages.frame(request, cycle, _("%(sort)s比较") % {"sort": ranking.label}) | {
        "lede": _("得分与名次只在同类单位之间比较"),
        "ranking": ranking,
        "tabs": found,
        "choices": choices,
        "chosen": [row.code for row in chosen],
        "shown": chosen,
        "most": COMPARED,
        "bars": pictures.ranking_bars(ranking, cycle, day),
        "radar": pictures.compared(chosen, groups, title, day) if chosen else None,
        "sides": [(name, [_rate(groups[row.card.pk], name) for row in chosen]) for name in names],
        "back": on_day(request, reverse("city_year", args=[pk])),
    }
    return render(request, "kpi/city/compare.html", context)
