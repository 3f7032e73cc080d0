"""The page of the rules: the catalogue, and what breaks which rule in a zone on a day."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from common.access import Access
from common.rules import Violation, violations
from orgchart.law import standings
from staffing.models import Person
from staffing.structure.chart_views import address_on
from staffing.structure.reading import nearest
from zones.models import Unit, UnitVersion


def as_seen(found: Iterable[Violation], access: Access) -> list[Violation]:
    """The breaches as this visitor may read them: a unit or a person whom he may not see is not named. Two queries.

    Of what is for others alone he is told that there is something.
    """
    rows = [each if _may_see(each, access) else each.closed(_("一处")) for each in found]
    units = access.units()
    people = {each.code for each in rows if each.kind == "person"}
    known = set(access.scope(Person.objects.filter(staff_no__in=people)).values_list("staff_no", flat=True))
    hidden = people - known
    return [
        (each.unnamed(_("一名工作人员")) if each.kind == "person" and each.code in hidden else each).as_seen(units)
        for each in rows
    ]


def _may_see(found: Violation, access: Access) -> bool:
    return found.seen_by is None or access.can_in(found.unit_id, *found.seen_by)


@require_GET
def rules_index(request):
    """On to the rules of the first zone that the visitor may see; home where there is none."""
    found = UnitVersion.objects.on(request.on).filter(unit__kind=Unit.Kind.ZONE, unit__in=request.access.units())
    first = found.select_related("unit").order_by("unit__sequence", "unit__code").first()
    return redirect(address_on(request)("rules", first.unit.code) if first else "home")


@require_GET
def rules_page(request, code: str):
    """Every rule with what it wants and whence; of the zone, who breaks which, as of the day."""
    heads = Unit.objects.filter(kind__in=[Unit.Kind.ZONE, Unit.Kind.PARK])
    unit = request.access.get(heads, code=code)
    day = request.on
    history = list(unit.versions.select_related("unit", "parent").order_by("period"))
    if not history:
        raise Http404
    version = nearest(history, day)
    if version.head_id != unit.pk:
        raise Http404
    charter = unit.charters.on(day).select_related("instrument").prefetch_related("parameters").first()
    rows = standings(unit.pk, day, charter, as_seen(violations(unit.pk, day, beyond=True), request.access))
    rows.sort(key=lambda row: STATES.index(row.state))
    chosen = request.GET.get("state", "")
    counts = {state: sum(row.state == state for row in rows) for state in STATES}
    query = "" if request.on_is_today else f"?{urlencode({'on': request.on.isoformat()})}"
    context = {
        "unit": unit,
        "charter": charter,
        "rows": [row for row in rows if chosen not in STATES or row.state == chosen],
        "chosen": chosen if chosen in STATES else "",
        "states": [(state, label, counts[state]) for state, label in _labels().items() if counts[state]],
        "labels": _labels(),
        "total": len(rows),
        "title": _("%(unit)s规则与执行情况") % {"unit": version.shown_short_name},
        "lede": _("依据%(name)s核查") % {"name": charter.name} if charter else _("这一天没有生效的机构编制规定"),
        "crumbs": [
            (_("组织"), None),
            (version.shown_short_name, reverse("unit", args=[code]) + query),
            (_("规则"), None),
        ],
    }
    return render(request, "orgchart/rules.html", context)


#: How a rule may stand, the gravest first (orgchart.law.Standing).
STATES = ("broken", "tolerated", "warned", "kept", "unjudged", "unadopted")


def _labels() -> dict[str, str]:
    return {
        "broken": _("违反"),
        "tolerated": _("例外"),
        "warned": _("提示"),
        "kept": _("符合"),
        "unjudged": _("随流程核查"),
        "unadopted": _("本区规定未采用"),
    }
