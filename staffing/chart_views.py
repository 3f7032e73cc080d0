"""The org chart page: a zone, its parks and their bureaus on a day, with who is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from orgchart import chart
from staffing.chart import heads_of, manned, staffing_of
from staffing.models import Person
from staffing.structure import nearest
from zones.models import Unit, UnitVersion


def address_on(request) -> Callable[[str, str], str]:
    """Addresses of pages on the day of this one, for links that are not written by a template."""
    query = "" if request.on_is_today else f"?{urlencode({'on': request.on.isoformat()})}"
    return lambda page, code: reverse(page, args=[code]) + query


@require_GET
def chart_page(request, code: str):
    """The picture, the same as a list on a telephone, the rules, and the totals behind a fold."""
    zone = request.access.get(Unit.objects.filter(kind=Unit.Kind.ZONE), code=code)
    day = request.on
    version = nearest(list(zone.versions.select_related("unit", "instrument").order_by("period")), day)
    structure = chart.read(zone, day)
    total = structure.total
    context = {
        "zone": zone,
        "version": version,
        "structure": structure,
        "turns": _turns(zone, day),
        "title": _("%(zone)s机构图") % {"zone": version.shown_short_name},
        "crumbs": [
            (_("组织"), None),
            (version.shown_short_name, address_on(request)("unit", code)),
            (_("机构图"), None),
        ],
    }
    if not total["count"]:
        context["first_day"] = chart.first_day(zone.pk)
        return render(request, "orgchart/chart.html", context)
    found = staffing_of([row.version.unit_id for row in structure.rows], day)
    for row in structure.rows:
        tally = found.units[row.version.unit_id]
        row.manned = chart.Manned(tally.seats, tally.filled)
    total = structure.total
    people = request.access.scope(Person.objects.all())
    heads, leaders = heads_of([row.version.unit_id for row in structure.rows], day, people)
    tree = chart.draw(structure, manned(found, heads), leaders, address_on(request))
    context |= {
        "total": total,
        "tree": tree,
        "summary": chart.summary(structure),
        "source": _source(structure, version),
        "people_are_examples": found.example,
        "lede": _("一个开发区、%(parks)s 个功能园区、%(bureaus)s 个职能机构")
        % {"parks": len(structure.rows) - 1, "bureaus": total["count"]},
    }
    return render(request, "orgchart/chart.html", context)


def _source(structure: chart.Structure, version: UnitVersion) -> str:
    """The document that the structure rests on."""
    instrument = structure.charter.instrument if structure.charter else version.instrument
    return " ".join(part for part in (instrument.issuer, instrument.title) if part) if instrument else ""


def _turns(zone: Unit, day: dt.date) -> dict[str, dt.date | None]:
    """The nearest days before and after on which the structure changed."""
    days = chart.turning_days(zone.pk)
    now = max((each for each in days if each <= day), default=None)
    return {
        "since": now,
        "before": max((each for each in days if now and each < now), default=None),
        "after": min((each for each in days if each > day), default=None),
    }
