"""Runs as they come and go: the list with their states, the bar of what is at work, cancelling, asking again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import OuterRef, Subquery
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from common.job_views import said
from common.periods import year_end
from pay import services
from pay.life.services import cancel_run
from pay.models import Run
from pay.progress import Progress
from pay.years import asked_year
from zones.models import Unit, UnitVersion

PAGE_SIZE = 50


def bar(found: Progress | None) -> dict[str, Any] | None:
    """What ``partials/progress.html`` draws; None when nothing is at work."""
    if found is None:
        return None
    label = _("正在核算：%(running)s 个计算中，%(queued)s 个排队") % {"running": found.running, "queued": found.queued}
    return {"label": label, "done": found.done, "total": found.total, "left": said(found.left), "running": True}


def tell_asked(request, runs: Sequence[Run]) -> None:
    """What came of asking: what was queued now, and what somebody had asked for before and is still at work."""
    waiting = sum(run.asked_before for run in runs)
    if fresh := len(runs) - waiting:
        messages.success(request, _("已提交 %(count)s 个单位的核算，完成后本页自动更新。") % {"count": fresh})
    if waiting:
        told = _("%(count)s 个单位的核算此前已有人提交，正在进行，这次没有重复提交；完成后本页自动更新。")
        messages.info(request, told % {"count": waiting})


@require_GET
def runs(request):
    """Every run of the units that the visitor may see, the newest first, by state, unit and year."""
    request.access.demand("view", "run")
    visible = request.access.scope(Run.objects.all())
    year, state = asked_year(request.GET.get("year", "")), request.GET.get("state", "")
    unit = request.GET.get("unit", "")
    rows = visible.with_people().select_related("unit", "requested_by").defer("inputs", "trace")
    if year:
        rows = rows.filter(year=year)
    if state in Run.State.values:
        rows = rows.filter(state=state)
    if unit:
        rows = rows.filter(unit__code=unit)
    page = Paginator(rows.order_by("-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    _name(page.object_list)
    context = {
        "title": _("核算记录"),
        "lede": _("每次核算的状态、用时和未完成的原因"),
        "crumbs": [(_("绩效总额"), reverse("pools")), (_("核算记录"), None)],
        "page": page,
        "years": sorted(set(visible.values_list("year", flat=True)), reverse=True),
        "units": _units_of(visible),
        "states": Run.State.choices,
        "asked": {"year": year, "state": state, "unit": unit},
        "busy": visible.at_work().exists(),
        "computable": request.access.units("compute", "run"),
    }
    return render(request, "pay/runs.html", context)


def _units_of(visible) -> list[Unit]:
    """The units that have runs, each with the latest name it bore: one may have gone since."""
    latest = UnitVersion.objects.filter(unit=OuterRef("pk")).order_by("-period").values("name")[:1]
    units = Unit.objects.filter(pk__in=visible.values("unit")).annotate(name=Subquery(latest))
    return list(units.order_by("sequence", "code"))


def _name(rows) -> None:
    """Each run's unit by its name at the end of its year (its first, before it was there), and how long it took."""
    versions = UnitVersion.objects.filter(unit__in={run.unit_id for run in rows}).order_by("period")
    names: dict[int, list[UnitVersion]] = {}
    for version in versions:
        names.setdefault(version.unit_id, []).append(version)
    for run in rows:
        all_names = names.get(run.unit_id, [])
        of_then = [one for one in all_names if one.period.lower <= year_end(run.year)] or all_names[:1]
        run.unit_name = of_then[-1].shown_name if of_then else run.unit.code
        took = run.finished_at - run.started_at if run.finished_at and run.started_at else None
        run.took = _("不到 1 秒") if took and took.total_seconds() < 1 else said(took)


@require_POST
def cancel_waiting(request):
    """Take back what of a year still waits; what a worker has begun goes on."""
    request.access.demand("cancel", "run")
    year = asked_year(request.POST.get("year", ""))
    if year is None:
        raise Http404
    queued = Run.objects.filter(unit__in=request.access.units("cancel", "run"), year=year, state=Run.State.QUEUED)
    count = 0
    for run in queued.select_related("unit").order_by("pk"):
        try:
            cancel_run(run=run, by=request.actor)
            count += 1
        except ValidationError:
            continue  # begun in the meantime
    if count:
        messages.success(request, _("已取消 %(count)s 个排队中的核算。") % {"count": count})
    else:
        messages.info(request, _("没有排队中的核算可以取消。"))
    return redirect(f"{reverse('pools')}?year={year}")


@require_POST
def again(request, pk: int):
    """Ask once more for the unit and year of a run that failed or was cancelled."""
    run = request.access.get(Run.objects.select_related("unit"), pk=pk)
    if not request.access.can_in(run.unit_id, "compute", "run"):
        raise PermissionDenied
    tell_asked(request, services.request_runs(units=[run.unit], year=run.year, by=request.actor))
    return redirect(f"{reverse('pools')}?year={run.year}")
