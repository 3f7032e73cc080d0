"""Pages of the duty ledger: the matrix with the history of a cell, the responsibility lists, and moving a duty."""

from __future__ import annotations

from typing import Any

from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from common.forms import carry_out
from orgchart import ledger, services
from orgchart.duty_forms import MoveDutyForm
from zones.models import Unit, UnitVersion


def _zone(request, code: str, action: str = "view") -> Unit:
    """The zone, for somebody who may read (or change) its duties."""
    return request.access.get(Unit.objects.filter(kind=Unit.Kind.ZONE), action, "duty", code=code)


def _on(request, address: str, **params: str) -> str:
    """The address on the day that this page is about."""
    if not request.on_is_today:
        params["on"] = request.on.isoformat()
    return f"{address}?{urlencode(params)}" if params else address


def _about(request, zone: Unit, *last: tuple[str, str | None]) -> dict[str, Any]:
    version = UnitVersion.objects.on(request.on).filter(unit=zone).first() or zone.versions.order_by("period").first()
    name = version.shown_short_name
    ledger_at = _on(request, reverse("duties", args=[zone.code]))
    return {
        "zone": zone,
        "version": version,
        "crumbs": [
            (_("组织"), None),
            (name, _on(request, reverse("unit", args=[zone.code]))),
            (_("职责台账"), ledger_at if last else None),
            *last,
        ],
        "title": _("%(zone)s职责台账") % {"zone": name},
    }


@require_GET
def duties(request, code: str):
    """Duties against areas: who bears each on the day; ``?duty=&area=`` opens the history of a cell."""
    zone = _zone(request, code)
    found = ledger.matrix(zone, request.on, request.access)
    context = {
        "matrix": found,
        "chosen": _chosen(request, found),
        "moves": request.access.can_in(zone.pk, "change", "duty"),
        "exports": request.access.can_in(zone.pk, "export", "duty"),
        "sees_transfers": request.access.can("view", "transfer"),
        "disputed": sum(bool(cell.disputed) for cell in found.cells),
        "late": sum(bool(cell.late) for cell in found.cells),
        "first": ledger.first_day(zone),
        **_about(request, zone),
        "lede": _("每项职责在每个区域由谁承担；点开一格查看历次变动"),
    }
    return render(request, "orgchart/duties.html", context)


def _chosen(request, found: ledger.Matrix) -> dict[str, Any] | None:
    """The cell that the address points at, with everybody who bore the duty there."""
    asked = (request.GET.get("duty"), request.GET.get("area"))
    cell = next((each for each in found.cells if (each.duty.code, each.area.unit.code) == asked), None)
    if cell is None:
        return None
    spells = ledger.history(cell.duty, cell.area.unit, request.on, request.access)
    return {"cell": cell, "spells": spells, "day": request.on}


@require_GET
def duty_lists(request, code: str):
    """The responsibility lists of zone, parks and towns, side by side, ready for A3 or A4 across."""
    zone = _zone(request, code)
    context = {
        "lists": ledger.responsibility_lists(zone, request.on, request.access),
        "exports": request.access.can_in(zone.pk, "export", "duty"),
        "first": ledger.first_day(zone),
        **_about(request, zone, (_("责任清单"), None)),
    }
    context |= {
        "title": _("%(zone)s责任清单") % {"zone": context["version"].shown_short_name},
        "lede": _("开发区、园区、属地镇各自的职责，并列对照"),
    }
    return render(request, "orgchart/duty_lists.html", context)


@require_http_methods(["GET", "POST"])
def duty_move(request, code: str):
    """Give a duty another bearer from a day on, by a document."""
    zone = _zone(request, code, "change")
    initial = {"duty": request.GET.get("duty"), "area": request.GET.get("area"), "starts": request.on}
    form = MoveDutyForm(request.POST or None, zone=zone, day=request.on, access=request.access, initial=initial)

    def act(data: dict[str, Any]) -> str:
        bearer = data.pop("bearer")
        moved = services.move_duty(by=request.actor, **data, **bearer)
        return _("已登记：%(duty)s自 %(day)s 起调整承担者") % {
            "duty": moved.duty.shown_name,
            "day": moved.starts.isoformat(),
        }

    context = _about(request, zone, (_("调整职责"), None)) | {
        "title": _("调整职责"),
        "lede": _("同一区域的同一职责只有一个承担者；移交手续另行办理"),
        "submit": _("登记调整"),
        "back": _on(request, reverse("duties", args=[zone.code])),
    }
    return carry_out(request, form, act, context)
