"""Pages of the territory: the figures of a unit, and entering one."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zones import services
from zones.forms import FigureForm
from zones.models import Figure, Unit
from zones.tables import blocks, shown_period, shown_value


@require_http_methods(["GET", "POST"])
def figures(request):
    """The figures of one unit as known on the day; finance enters new ones below."""
    access = request.access
    access.demand("view", "figure")
    writable = Unit.objects.filter(pk__in=access.units("add", "figure")).named_on(request.on)
    form = None
    if request.method == "POST":
        if not writable:
            raise PermissionDenied
        form = FigureForm(request.POST, units=writable)
        if form.is_valid() and (saved := _recorded(request, form)):
            return redirect(_address(saved, request))
    units = list(Unit.objects.filter(pk__in=access.units("view", "figure")).named_on(request.on))
    unit = _chosen(request, units)
    context = {"units": units, "unit": unit, **(_figures_of(unit, request) if unit else {})}
    if form is None and unit and access.can_in(unit.pk, "add", "figure"):
        scope = context["blocks"][0].scope if context["blocks"] else None
        form = FigureForm(units=writable, initial={"unit": unit.code} | ({"scope": scope} if scope else {}))
    name = unit.short_name if unit else ""
    context |= {
        "title": _("基础数据"),
        "lede": _("%(unit)s 各年度数据；更正的数据另存一版，原数据保留") % {"unit": name} if unit else "",
        "crumbs": [(_("绩效"), None), (_("基础数据"), None)],
        "form": form,
    }
    return render(request, "zones/figures.html", context)


def _recorded(request, form: FigureForm) -> Figure | None:
    """The figure saved by the service; None when it refuses, which the form then says at its fields."""
    given = {name: value for name, value in form.cleaned_data.items() if name != "scale"}
    try:
        saved = services.record_figure(by=request.actor, **given)
    except ValidationError as error:
        form.add_error(None, error)
        return None
    value, unit = shown_value(saved.value, saved.metric.measure)
    told = {
        "period": shown_period(saved.year, saved.through),
        "metric": saved.metric.shown_name,
        "value": f"{value} {unit}",
    }
    messages.success(request, _("已录入 %(period)s%(metric)s %(value)s") % told)
    return saved


def _address(saved: Figure, request) -> str:
    query = {"unit": saved.unit.code}
    if not request.on_is_today:
        query["on"] = request.on.isoformat()
    return f"{reverse('figures')}?{urlencode(query)}"


def _chosen(request, units: list[Unit]) -> Unit | None:
    """The unit asked for by ``?unit=``, else the first zone, else the first unit at all."""
    code = request.POST.get("unit") or request.GET.get("unit")
    asked = next((unit for unit in units if unit.code == code), None)
    zone = next((unit for unit in units if unit.kind == Unit.Kind.ZONE), None)
    return asked or zone or next(iter(units), None)


def _figures_of(unit: Unit, request) -> dict:
    known = list(Figure.objects.filter(unit=unit, vintage__lte=request.on).select_related("metric"))
    years = sorted({figure.year for figure in known}, reverse=True)
    text = request.GET.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and int(text) in years else None
    found = blocks(known, year=year)
    return {
        "blocks": found,
        "years": years,
        "year": year,
        "count": sum(len(block.years) for block in found),
        "examples": sum(row.figure.is_example for block in found for row in block.years),
    }
