"""录入进度: who has not entered, rated or signed yet in a year, and reminding them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kpi.models import Cycle, Panel, Reminder
from kpi.raters import pages, reminding, turnout
from kpi.raters.panel_views import told_reminders


def _cycles(request) -> list[Cycle]:
    """The years that the visitor runs, the latest first."""
    rows = request.access.scope(Cycle.objects.filter(year__lte=request.on.year), "change").select_related("holder")
    return list(rows.order_by("-year", "holder"))


@require_GET
def progress(request):
    """A year's bureaus and groups of raters with what is left, and a button to remind each."""
    cycles = _cycles(request)
    if not cycles and not any(request.access.can("change", noun) for noun in Cycle.nouns):
        raise PermissionDenied
    wanted = request.GET.get("cycle", "")
    cycle = next((row for row in cycles if str(row.pk) == wanted), cycles[0] if cycles else None)
    today = timezone.localdate()
    context: dict[str, Any] = {
        "crumbs": [(_("录入进度"), None)],
        "title": _("录入进度"),
        "lede": _("谁还没录入、没评分、没签订；测评只统计人数，不显示谁评了什么"),
        "cycles": [(row, f"{pages.holder_name(row)} {row.year}") for row in cycles],
        "cycle": cycle,
    }
    if cycle:
        rows = turnout.places(cycle, request.on)
        panels = list(Panel.objects.filter(cycle=cycle).select_related("cycle"))
        sums = {name: sum(getattr(row, name) for row in rows) for name in ("lines", "entered", "cards", "signed")}
        context |= {
            "rows": rows,
            "sums": sums,
            "groups": turnout.groups(panels, today),
            "open_panels": set(Panel.objects.taking(today).filter(cycle=cycle).values_list("pk", flat=True)),
            "open_year": cycle.state == Cycle.State.OPEN,
            "waits": {
                "entry": sum(row.left for row in rows),
                "signing": sum(row.unsigned for row in rows),
            },
        }
    return render(request, "kpi/raters/progress.html", context)


@require_POST
def progress_remind(request, pk: int):
    """Remind everybody for whom entering or signing waits in the year; then back to where it was asked from."""
    cycle = request.access.get(Cycle.objects.select_related("holder"), "change", pk=pk)
    about = request.POST.get("about", "")
    if about not in (Reminder.About.ENTRY, Reminder.About.SIGNING):
        raise Http404
    try:
        messages.success(request, told_reminders(reminding.remind(cycle=cycle, about=about, by=request.actor)))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    if request.POST.get("from") == "letters":
        return redirect(f"{reverse('letters')}?year={cycle.year}&state=open")
    return redirect(f"{reverse('kpi_progress')}?cycle={cycle.pk}")
