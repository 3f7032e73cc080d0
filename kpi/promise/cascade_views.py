"""The page of the cascade: from the unit's lines down to people's, and up again from any line."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kpi.models import Line, Scorecard
from kpi.promise import cascade, reading
from kpi.promise.forms import CascadeFilters
from zones.models import Unit

#: So many cards with idle lines are listed; the rest are counted.
LISTED = 60


@require_GET
def cascade_page(request):
    """Which line serves which in a unit's year, walked both ways on one page."""
    if not any(request.access.can("view", noun) for noun in Scorecard.nouns):
        raise PermissionDenied
    visible, years = reading.promised_years(request.access, request.on)
    focus = _focus(request, visible)
    asked = str(focus.scorecard.cycle.year) if focus else request.GET.get("year", "")
    year = reading.year_of(years, asked, request.on)
    of_year = visible.filter(cycle__year=year).exclude(kind="unit")
    units = list(Unit.objects.filter(pk__in=of_year.order_by().values("unit")).named_on(request.on))
    unit = next((each for each in units if each.pk == focus.scorecard.unit_id), None) if focus else None
    unit = unit or next((each for each in units if each.code == request.GET.get("unit")), units[0] if units else None)
    found = cascade.read(request.access, unit.pk, year, request.on, focus=focus.pk if focus else None) if unit else None
    named = [(each.code, each.short_name) for each in units]
    chosen = {"year": year, "unit": unit.code if unit else ""}
    context = {
        "crumbs": [
            (_("指标支撑"), reverse("cascade") if focus else None),
            *([(str(focus.indicator), None)] if focus else []),
        ],
        "title": _("指标支撑关系"),
        "lede": _("个人支撑部门、部门支撑单位，自上而下、自下而上都可查"),
        "form": CascadeFilters(chosen, years=years, units=named),
        "unit": unit,
        "year": year,
        "focus": focus,
        "found": found,
        "idle": found.idle[:LISTED] if found else [],
        "idle_left": max(len(found.idle) - LISTED, 0) if found else 0,
    }
    return render(request, "kpi/promise/cascade.html", context)


def _focus(request, visible) -> Line | None:
    """The line that the address asks for; Http404 for one on a card that the visitor may not see."""
    asked = request.GET.get("line", "")
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) < 18):
        raise Http404
    line = Line.objects.select_related("indicator", "scorecard__cycle").filter(pk=asked, scorecard__in=visible).first()
    if line is None:
        raise Http404
    return line
