"""Pages of schemes: a zone's versions, one in words, and a new one with what it would do to last year's pools."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from common.periods import year_end
from kpi.models import Rating
from pay import words
from pay.life.forms import papers
from pay.models import Run, Scheme
from pay.schemes import services, timeline
from pay.schemes.forms import SchemeForm
from pay.schemes.saying import no_limit_said, without_limit
from pay.schemes.sentences import metric_names, of_rule
from pay.schemes.services import Effect, Terms
from pay.settings import EXAMPLE, Settings
from zones.models import Unit, UnitVersion

#: What a zone's first version begins with: customary values, to be confirmed.
FIRST: dict[str, Any] = {
    "rules": [
        {
            "role": "term",
            "method": "F13",
            "parameters": {
                "alpha": "0.8",
                "weight_tax": "0.5",
                "weight_budget": "0.3",
                "weight_gdp": "0.2",
                "floor": "0.85",
                "cap": "1.25",
            },
        },
        {"role": "limit", "method": "F02", "parameters": {"reference_multiple": "2"}},
    ],
    "rating_factors": {"first": "1.1", "second": "1", "third": "0.9"},
    "grade_factors": {"excellent": "1.2", "competent": "1", "basic": "0.8", "incompetent": "0", "undetermined": "0"},
    "settings": EXAMPLE,
    "bureau_floor": Decimal("0.8"),
    "bureau_cap": Decimal("1.2"),
    "cutoff_day": 15,
    "current_ratio": Decimal("0.6"),
}


def _names(ids, day) -> dict[int, str]:
    versions = UnitVersion.objects.on(day).filter(unit__in=ids)
    return {version.unit_id: version.shown_name for version in versions}


@require_GET
def schemes(request):
    """The versions of every zone that the visitor may see, the newest first, each with how often it was used."""
    request.access.demand("view", "scheme")
    used = Count("runs", filter=Q(runs__state__in=["computed", "checked", "approved", "superseded"]))
    rows = request.access.scope(Scheme.objects.all()).select_related("zone", "instrument").annotate(used=used)
    rows = list(rows.prefetch_related("rules"))
    named = {row.zone_id for row in rows} | {rule.unit_id for row in rows for rule in row.rules.all() if rule.unit_id}
    names, metrics = _names(named, request.on), metric_names()
    zones: dict[int, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (row.zone.sequence, row.zone.code, -row.period.lower.toordinal())):
        zone = zones.setdefault(
            row.zone_id, {"unit": row.zone, "name": names.get(row.zone_id, row.zone.code), "rows": []}
        )
        zone["rows"].append({"scheme": row, "in_force": row.in_force(request.on)})
    for zone in zones.values():
        versions = [row["scheme"] for row in zone["rows"]]
        zone["picture"] = timeline.picture(versions, request.on, zone["name"])
        zone["turns"] = timeline.turns(versions, names, metrics)
    addable = set(request.access.units("add", "scheme"))
    bare = Unit.objects.filter(pk__in=addable - zones.keys(), kind=Unit.Kind.ZONE)
    bare_names = _names([unit.pk for unit in bare], request.on)
    context = {
        "title": _("绩效方案"),
        "lede": _("总额怎样核定、怎样分到部门和个人，各版本自生效之日起执行"),
        "crumbs": [(_("绩效方案"), None)],
        "zones": [zone | {"can_add": zone["unit"].pk in addable} for zone in zones.values()],
        "bare": [{"unit": unit, "name": bare_names.get(unit.pk, unit.code)} for unit in bare],
    }
    return render(request, "pay/schemes/list.html", context)


@require_GET
def scheme(request, pk: int):
    """One version: its formulas as sentences, its factors, and how it decides each case at the edge."""
    rows = Scheme.objects.select_related("zone", "instrument").prefetch_related("rules__unit")
    found = request.access.get(rows, pk=pk)
    rules = list(found.rules.all())
    names = _names({found.zone_id, *(rule.unit_id for rule in rules if rule.unit_id)}, request.on)
    metrics = metric_names()
    units: dict[int | None, list[dict[str, Any]]] = {}
    for rule in sorted(rules, key=lambda rule: (rule.unit_id or 0, rule.role != "term", rule.sequence)):
        units.setdefault(rule.unit_id, []).append({"rule": rule, "said": of_rule(rule.as_json(), metrics)})
    zone, unlimited = names.get(found.zone_id, found.zone.code), without_limit(rules)
    context = {
        "title": found.shown_name,
        "lede": _("%(zone)s，第 %(version)s 版") % {"zone": zone, "version": found.version},
        "crumbs": [(_("绩效方案"), reverse("schemes")), (found.shown_name, None)],
        "scheme": found,
        "in_force": found.in_force(request.on),
        "units": [
            {
                "name": names.get(unit, "") if unit else _("各单位"),
                "rows": own,
                "note": no_limit_said() if unit in unlimited else "",
            }
            for unit, own in units.items()
        ],
        "ratings": [(Rating(each).label, found.rating_factors.get(each, "")) for each in services.UNIT_GRADES],
        "grades": [(Rating(each).label, found.grade_factors.get(each, "")) for each in services.PERSON_GRADES],
        "decided": words.decided(Settings.read(found.settings)),
        "runs": found.runs.exclude(state__in=["queued", "running", "failed", "cancelled"]).count(),
        "can_add": request.access.can_in(found.zone_id, "add", "scheme"),
    }
    return render(request, "pay/schemes/scheme.html", context)


@require_http_methods(["GET", "POST"])
def scheme_new(request, code: str):
    """A new version, begun as a copy of the last; tried on last year's pools before it is put in force."""
    zone = request.access.get(Unit.objects.filter(kind=Unit.Kind.ZONE), "add", "scheme", code=code)
    last = Scheme.objects.filter(zone=zone).order_by("-period").prefetch_related("rules").first()
    name = _names([zone.pk], request.on).get(zone.pk, zone.code)
    initial = {"starts": request.on, "name": last.name if last else "", "name_en": last.name_en if last else ""}
    effects: list[Effect] | None = None
    year = _last_year(zone)
    parks = _parks(request, zone)
    form = SchemeForm(
        request.POST or None,
        terms=Terms.of(last) if last else FIRST,
        units=parks,
        documents=papers([zone.pk, *(park.pk for park, _name in parks)]),
        initial=initial,
    )
    if request.method == "POST" and form.is_valid():
        try:
            # A new document goes on file with the version, or not at all.
            with transaction.atomic():
                version = {key: form.cleaned_data[key] for key in ("starts", "name", "name_en")}
                version |= {"zone": zone, "terms": form.terms(), "by": request.actor}
                version["instrument"] = form.paper(request.actor)
                if "preview" in request.POST:
                    effects = services.effects(year=year or request.on.year - 1, **version)
                    transaction.set_rollback(True)
                else:
                    made = services.new_version(**version)
            if effects is None:
                messages.success(request, _("第 %(version)s 版已登记") % {"version": made.version})
                return redirect("scheme", pk=made.pk)
        except ValidationError as error:
            form.take(error)
    context = {
        "title": _("%(zone)s：绩效方案新版本") % {"zone": name},
        "lede": _("从现行方案复制，改动之处先试算再登记"),
        "crumbs": [(_("绩效方案"), reverse("schemes")), (name, None), (_("新版本"), None)],
        "form": form,
        "own_rules": len(form.own_rules),
        "effects": _totalled(effects, year) if effects is not None else None,
        "year": year,
        "back": reverse("schemes"),
    }
    return render(request, "pay/schemes/form.html", context)


def _parks(request, zone: Unit) -> list[tuple[Unit, str]]:
    """The zone's parks of the day that the visitor may write schemes for, with their names."""
    allowed = request.access.units("add", "scheme")
    versions = UnitVersion.objects.on(request.on).of_zone(zone.pk).select_related("unit")
    return [
        (version.unit, version.shown_name)
        for version in versions
        if version.unit.kind == Unit.Kind.PARK and version.unit_id in allowed
    ]


def _last_year(zone: Unit) -> int | None:
    """The last year of which the zone's units have pools."""
    standing = Run.objects.standing().filter(scheme__zone=zone)
    return standing.order_by("-year").values_list("year", flat=True).first()


def _totalled(effects: list[Effect], year: int | None) -> dict[str, Any]:
    names = _names([effect.unit.pk for effect in effects], year_end(year)) if year else {}
    known = [effect for effect in effects if effect.difference is not None]
    return {
        "rows": [{"effect": effect, "name": names.get(effect.unit.pk, effect.unit.code)} for effect in effects],
        "before": sum((effect.before or Decimal(0) for effect in known), Decimal(0)),
        "after": sum((effect.after or Decimal(0) for effect in known), Decimal(0)),
        "difference": sum((effect.difference or Decimal(0) for effect in known), Decimal(0)),
        "complete": len(known) == len(effects),
    }
