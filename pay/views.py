"""Pages of pay: the pools of a year, one pool and why, one bureau's share, one person's amount."""

from __future__ import annotations

from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from pay import pictures, services
from pay.labels import note
from pay.life import standing
from pay.models import Run
from pay.names import bureau_names, trace_rows, unit_names
from pay.progress import progress
from pay.run_views import bar, tell_asked
from pay.years import asked_year
from zones.models import Unit, UnitVersion

#: A run that ended without a result: it may be asked for once more.
ENDED = (Run.State.FAILED, Run.State.CANCELLED)


def _year(request, runs) -> int:
    """The year asked for, else the latest that was computed."""
    latest = runs.order_by("-year").values_list("year", flat=True)
    return asked_year(request.GET.get("year", "")) or latest.first() or request.on.year - 1


@require_GET
def pools(request):
    """Every unit's pool of a year, with totals, and what is at work or failed."""
    request.access.demand("view", "run")
    visible = request.access.scope(Run.objects.all())
    year = _year(request, visible)
    latest = visible.latest_a_unit(year).values("pk")
    standing = visible.standing().filter(year=year).with_people().select_related("unit", "scheme")
    troubled = visible.filter(pk__in=latest, state=Run.State.FAILED).select_related("unit")
    at_work = list(visible.at_work().filter(year=year).select_related("unit").defer("inputs"))
    if at_work and request.htmx:
        services.resume()  # looked at, what was lost is sent again
    rows = sorted(standing, key=lambda run: (run.unit.sequence, run.unit.code))
    names = unit_names([run.unit_id for run in [*rows, *troubled, *at_work]], year)
    units = _computable(request, year)
    shown = [_row(run, names) for run in rows]
    context = {
        "title": _("%(year)s 年绩效总额") % {"year": year},
        "lede": _("由基数、增幅和考核等次核定，按部门得分分到部门，按岗位、月数和等次分到人"),
        "crumbs": [(_("绩效总额"), None)],
        "year": year,
        "years": sorted({*visible.values_list("year", flat=True), year}, reverse=True),
        "rows": shown,
        "failed": [_row(run, names) for run in troubled],
        "at_work": [_row(run, names) for run in at_work],
        "total": sum((run.pool for run in rows), Decimal(0)),
        "bases": sum((row["base"] for row in shown if row["base"]), Decimal(0)),
        "people": sum(run.people or 0 for run in rows),
        "can_compute": bool(units),
        "progress": bar(progress(visible, year)),
        "can_cancel": request.access.can("cancel", "run") and any(run.state == Run.State.QUEUED for run in at_work),
        "example": any(run.scheme.is_example for run in rows),
    }
    template = "pay/_pools_table.html" if request.htmx else "pay/pools.html"
    return render(request, template, context)


def _row(run: Run, names: dict[int, UnitVersion]) -> dict:
    found = pictures.nodes(run.trace) if run.trace else {}
    return {
        "run": run,
        "name": names[run.unit_id].shown_name if run.unit_id in names else run.unit.code,
        "base": Decimal(found["base"]["value"]) if "base" in found else None,
        "link": Decimal(found["link"]["value"]) if "link" in found else None,
        "note": note(found["link"]) if "link" in found else "",
        "per_head": run.pool / run.people if getattr(run, "people", None) else None,
    }


def _computable(request, year: int) -> list[Unit]:
    """The units whose pools this visitor may have computed."""
    allowed = request.access.units("compute", "run")
    units: list[Unit] = []
    for zone in Unit.objects.filter(pk__in=allowed, kind=Unit.Kind.ZONE):
        units += [unit for unit in services.units_of_zone(zone, year) if unit.pk in allowed]
    return units


@require_POST
def compute(request):
    """Ask for the pools of a year to be computed; clicking twice asks once."""
    request.access.demand("compute", "run")
    year = asked_year(request.POST.get("year", ""))
    if year is None:
        raise Http404
    units = _computable(request, year)
    if not units:
        raise PermissionDenied
    try:
        runs = services.request_runs(units=units, year=year, by=request.actor)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        tell_asked(request, runs)
    return redirect(f"{reverse('pools')}?year={year}")


@require_GET
def run(request, pk: int):
    """One pool: the picture of how it came about, its steps, and the bureaus' shares below."""
    found = request.access.get(Run.objects.with_signers().select_related("unit", "scheme__instrument"), pk=pk)
    names = unit_names([found.unit_id], found.year)
    name = names[found.unit_id].shown_name if found.unit_id in names else found.unit.code
    shares = list(request.access.scope(found.shares.with_people()).order_by("sequence"))
    bureaus = bureau_names([share.bureau_id for share in shares])
    computed = bool(found.trace)
    context = {
        "crumbs": [(_("绩效总额"), f"{reverse('pools')}?year={found.year}"), (name, None)],
        "title": _("%(name)s %(year)s 年绩效总额") % {"name": name, "year": found.year},
        "lede": _("从上年总额到今年总额，每一步都可以打开看"),
        "run": found,
        "name": name,
        "link": Decimal(link["value"]) if (link := pictures.nodes(found.trace).get("link")) else None,
        "link_note": note(link) if link else "",
        "waterfall": pictures.pool_picture(found, name) if computed else None,
        "trace": trace_rows(found.trace),
        "shares": [
            {"share": share, "name": bureaus.get(share.bureau_id, ""), "per_head": share.amount / share.people}
            for share in shares
            if share.people
        ],
        "bars": pictures.share_picture(found, name, shares, bureaus) if len(shares) > 1 else None,
        "shares_total": sum((share.amount for share in shares), Decimal(0)),
        "weights_total": sum((share.weight for share in shares), Decimal(0)),
        "people_total": sum(share.people for share in shares),
        "people": found.allocations.values("person").distinct().count(),
        "sees_all": request.access.can_in(found.unit_id, "view", "share"),
        "can_simulate": computed and request.access.can_in(found.unit_id, "simulate", "run"),
        "can_again": found.state in ENDED and request.access.can_in(found.unit_id, "compute", "run"),
        "can_report": request.access.can_in(found.unit_id, "view", "report"),
        **standing.context(found, request.access, request.user),
    }
    return render(request, "pay/run.html", context)
