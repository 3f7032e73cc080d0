"""The org chart page: a zone, its parks and their bureaus on a day, with who is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from django.http import QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from common.periods import ONE_DAY
from orgchart import chart, differences, turns
from orgchart.models import Charter
from orgchart.structure import lawgiver
from staffing.models import Person
from staffing.structure.chart import heads_of, manned, staffing_of
from staffing.structure.reading import nearest
from zones.models import Unit, UnitVersion

#: More folded units than this are no address of ours.
MOST_FOLDS = 50


def address_on(request, day: dt.date | None = None) -> Callable[[str, str], str]:
    """Addresses of pages on the day of this one (or another), for links that are not written by a template."""
    plain = request.on_is_today if day is None else day == timezone.localdate()
    query = "" if plain else f"?{urlencode({'on': (day or request.on).isoformat()})}"
    return lambda page, code: reverse(page, args=[code]) + query


def charted(request, code: str) -> Unit:
    """The zone or park that a chart is about; 404 for whoever may not see it."""
    return request.access.get(Unit.objects.filter(kind__in=[Unit.Kind.ZONE, Unit.Kind.PARK]), code=code)


@require_GET
def chart_page(request, code: str):
    """The picture, the same as a list on a telephone, the timeline, the rules, and the totals behind a fold."""
    zone = charted(request, code)
    day = request.on
    version = nearest(list(zone.versions.select_related("unit", "parent", "instrument").order_by("period")), day)
    structure = chart.read(zone, day)
    days = chart.turning_days(zone.pk)
    context = {
        "zone": zone,
        "version": version,
        "structure": structure,
        "turns": _turns(days, day),
        "timeline": _timeline(request, version, days) if days else None,
        "title": _("%(zone)s机构图") % {"zone": version.shown_short_name},
        "crumbs": [
            (_("组织"), None),
            (version.shown_short_name, address_on(request)("unit", code)),
            (_("机构图"), None),
        ],
        **_turned(zone, structure, days),
        **_within(request, version),
    }
    if not structure.total["count"]:
        context["first_day"] = chart.first_day(zone.pk)
        return render(request, "orgchart/chart.html", context)
    return render(request, "orgchart/chart.html", context | _picture(request, structure, version))


def _picture(request, structure: chart.Structure, version: UnitVersion) -> dict:
    """The structure drawn, with who is there as far as the visitor may know."""
    found = staffing_of(structure.by_unit, request.on)
    for row in structure.rows:
        tally = found.units[row.version.unit_id]
        row.manned = chart.Manned(tally.seats, tally.filled)
    people = request.access.scope(Person.objects.all())
    heads, leaders = heads_of(structure.by_unit, request.on, people)
    folds = _folds(request, structure)
    total = structure.total
    staffed = bool(total["seats"])
    lede = {"parks": len(structure.rows) - 1, "bureaus": total["count"]}
    return {
        "total": total,
        "tree": chart.draw(
            structure, manned(found, heads) if staffed else None, leaders, address_on(request), folds=folds
        ),
        "staffed": staffed,
        "folds": folds,
        "all_folded": _fold_address(request, [row.version.unit.code for row in structure.rows]),
        "none_folded": _fold_address(request, []),
        "summary": chart.summary(structure, staffed=staffed),
        "source": source_of(structure, version),
        "people_are_examples": found.example,
        "lede": _("一个开发区、%(parks)s 个功能园区、%(bureaus)s 个职能机构") % lede
        if lede["parks"]
        else _("%(bureaus)s 个职能机构") % lede,
    }


# --- folds ------------------------------------------------------------------------------------


def _folds(request, structure: chart.Structure) -> chart.Folds:
    """Which units the address folds (``fold=YZ,YZ-CHEM``), and the addresses that fold one more or one less."""
    codes = [row.version.unit.code for row in structure.rows]
    asked = request.GET.get("fold", "").split(",")[:MOST_FOLDS]
    folded = [code for code in codes if code in asked]

    def address(code: str) -> str:
        wanted = [each for each in codes if (each in folded) != (each == code)]
        return f"{_fold_address(request, wanted)}#fold-{code}"

    return chart.Folds(frozenset(folded), address)


def _fold_address(request, codes: Sequence[str]) -> str:
    return _changed(request.GET, fold=",".join(codes))


def _changed(given: QueryDict, **changes: str) -> str:
    """This page's query with changes; an empty value leaves the key out."""
    params = given.copy()
    for key, value in changes.items():
        params.pop(key, None)
        if value:
            params[key] = value
    return f"?{params.urlencode()}"


# --- time -------------------------------------------------------------------------------------


def source_of(structure: chart.Structure, version: UnitVersion, *, short: bool = False) -> str:
    """The document that the structure rests on, with its issuer unless it is to be ``short``."""
    instrument = structure.charter.instrument if structure.charter else version.instrument
    if instrument is None:
        return ""
    return instrument.title if short else " ".join(part for part in (instrument.issuer, instrument.title) if part)


def _turns(days: Sequence[dt.date], day: dt.date) -> dict[str, dt.date | None]:
    """The nearest days before and after on which the structure changed."""
    now = max((each for each in days if each <= day), default=None)
    return {
        "since": now,
        "before": max((each for each in days if now and each < now), default=None),
        "after": min((each for each in days if each > day), default=None),
    }


def _timeline(request, version: UnitVersion, days: Sequence[dt.date]) -> turns.Timeline:
    """Every turning day as a link that moves ``on=``, under the charters of the unit's head."""
    charters = Charter.objects.filter(zone__in={version.unit_id, lawgiver(version)}).order_by("period")
    spans = [turns.Span(charter.name, charter.starts, charter.period.upper) for charter in charters]
    today = timezone.localdate()

    def address(day: dt.date) -> str:
        return _changed(request.GET, on="" if day == today else day.isoformat())

    return turns.lay_out(days, spans, request.on, today, address)


def _turned(zone: Unit, structure: chart.Structure, days: Sequence[dt.date]) -> dict:
    """What the last turning day changed, in words; on the first one records begin."""
    since = _turns(days, structure.day)["since"]
    if since is None or since == days[0]:
        return {"turned": [], "records_begin": since}
    before = chart.read(zone, since - ONE_DAY, also=structure.by_unit, judged=False)
    left = before.by_unit.keys() - structure.by_unit.keys()
    now = chart.read(zone, since, also=left, judged=False) if left else structure
    found = differences.differences(before, now)
    return {"turned": found, "counted": differences.counted(found), "eve": since - ONE_DAY}


def _within(request, version: UnitVersion) -> dict:
    """The chart of the zone that a park belongs to on the day, where the visitor may see it."""
    superior = version.parent
    inside = superior and superior.kind == Unit.Kind.ZONE and superior.pk in request.access.units()
    return {"zone_chart": address_on(request)("chart", superior.code) if superior and inside else ""}
