"""The home page (what is due for each role) and the search."""

from __future__ import annotations

from fractions import Fraction

from django.db.models import Q
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

import kpi.due
import kpi.raters.due
import orgchart.due
import pay.due
import staffing.due
import staffing.selection.due
from common.rules import structural_rules, verdict
from orgchart.models import Bureau, BureauVersion
from orgchart.querysets import BureauVersionQuerySet
from staffing.models import Person, PostVersion
from zones.models import Unit, UnitVersion

#: Rooms that know of things to do, in the order in which the page shows them.
ROOMS = (kpi.due, kpi.raters.due, staffing.due, staffing.selection.due, orgchart.due, pay.due)
HITS = 20


@require_GET
def home(request):
    """What waits for this visitor, then his zones at a glance."""
    due = [item for room in ROOMS for item in room.due(request.access, request.on)]
    zones = Unit.objects.filter(pk__in=request.access.units(), kind=Unit.Kind.ZONE)
    context = {
        "title": _("工作台"),
        "lede": _("您好，%(name)s") % {"name": request.user},
        "due": due,
        "zones": [_glance(zone, request) for zone in zones[:6]],
        "rule_count": structural_rules(),
    }
    return render(request, "home.html", context)


def _glance(zone: Unit, request) -> dict:
    day = request.on
    bureaus: BureauVersionQuerySet = BureauVersion.objects.of_zone(zone.pk, day)
    natures = list(bureaus.filter(parent__isnull=True).values_list("nature", flat=True))
    version = UnitVersion.objects.on(day).filter(unit=zone).first()
    units = [row.unit_id for row in UnitVersion.objects.on(day).of_zone(zone.pk)]
    posts = PostVersion.objects.on(day).filter(unit__in=units).with_taken(day)
    seats = [(row.headcount, row.taken) for row in posts]
    return {
        "example": any(row.is_example for row in posts),
        "unit": zone,
        "version": version,
        "parks": max(len(units) - 1, 0),
        "bureaus": len(natures),
        "core": natures.count("core"),
        "core_share": Fraction(natures.count("core"), len(natures)) if natures else None,
        "seats": sum(headcount for headcount, _taken in seats),
        "taken": sum(taken for _headcount, taken in seats),
        "seats_note": _("共 %(seats)s 席，空缺 %(vacant)s 席")
        % {"seats": sum(row[0] for row in seats), "vacant": sum(row[0] - row[1] for row in seats)},
        "verdict": verdict(zone.pk, day, roster=False),
    }


@require_GET
def search(request):
    """Units, bureaus, posts and people whose name or code has the text, as far as the visitor may see them."""
    text = request.GET.get("q", "").strip()[:60]
    groups = _groups(request, text) if text else []
    context = {
        "title": _("搜索「%(text)s」") % {"text": text} if text else _("搜索"),
        "crumbs": [(_("搜索"), None)],
        "text": text,
        "by_number": request.access.can("export", "identity"),
        "groups": [group for group in groups if group["rows"]],
    }
    return render(request, "search.html", context)


def _groups(request, text: str) -> list[dict]:
    access, day = request.access, request.on
    named = Q(name__icontains=text) | Q(name_en__icontains=text)
    units = UnitVersion.objects.on(day).filter(unit__in=access.scope(Unit.objects.all()))
    bureaus = BureauVersion.objects.on(day).filter(bureau__in=access.scope(Bureau.objects.all()))
    people = access.scope(Person.objects.filter(Q(name__icontains=text) | Q(staff_no__iexact=text)))
    units = units.filter(named | Q(unit__code__iexact=text)).select_related("unit")[:HITS]
    bureaus = bureaus.filter(named | Q(bureau__code__iexact=text)).select_related("bureau")[:HITS]
    return [
        {
            "title": _("单位"),
            "rows": [(row.shown_name, row.unit.code, reverse("unit", args=[row.unit.code])) for row in units],
        },
        {
            "title": _("职能机构"),
            "rows": [(row.shown_name, row.bureau.code, reverse("bureau", args=[row.bureau.code])) for row in bureaus],
        },
        {
            "title": _("人员"),
            "rows": [(row.name, row.staff_no, reverse("person", args=[row.staff_no])) for row in people[:HITS]],
        },
    ]
