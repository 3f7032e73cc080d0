"""Pages of a zone's year as a whole: at a glance, publishing, closing, what follows from the grades."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kpi.judging import overview as glance
from kpi.judging import years
from kpi.judging.adjust_views import form_view
from kpi.judging.consequences import consequences
from kpi.judging.forms import PublishForm
from kpi.judging.grade_views import crumbs, cycle_of
from kpi.models import Cycle


@require_GET
def assessment(request):
    """The latest zone's year that the visitor oversees (HR, leaders, auditors)."""
    request.access.demand("view", "inquiry")
    units = request.access.units("view", "inquiry")
    cycles = request.access.scope(Cycle.objects.filter(year__lte=request.on.year, holder__in=units), noun="zone_cycle")
    cycle = cycles.order_by("-year", "holder").first()
    if cycle is None:
        return render(request, "kpi/judging/no_year.html", {"title": _("考核总览"), "crumbs": [(_("考核总览"), None)]})
    return _shown(request, cycle)


@require_GET
def overview(request, pk: int):
    """A zone's year at a glance, with links to what waits."""
    cycle = cycle_of(request, pk)
    if not request.access.can_in(cycle.holder_id, "view", "inquiry"):
        raise PermissionDenied
    return _shown(request, cycle)


def _shown(request, cycle: Cycle):
    read = glance.read(request.access, cycle, request.on)
    others = request.access.scope(Cycle.objects.filter(holder=cycle.holder_id), noun="zone_cycle").order_by("-year")
    can = {
        "grade": request.access.can_in(cycle.holder_id, "rate", "person_card"),
        "manage": request.access.can_in(cycle.holder_id, "change", "zone_cycle"),
        "publish": request.access.can_in(cycle.holder_id, "publish", "zone_cycle"),
        "close": request.access.can_in(cycle.holder_id, "close", "zone_cycle"),
    }
    context = {
        "crumbs": [(_("%(year)s 年考核") % {"year": cycle.year}, None)],
        "title": _("%(year)s 年考核总览") % {"year": cycle.year},
        "lede": _("各单位、部门的进度、得分和等次，以及待办事项"),
        "cycle": cycle,
        "glance": read,
        "years": list(others),
        "can": can,
    }
    return render(request, "kpi/judging/overview.html", context)


@form_view
def year_publish(request, pk: int):
    """Publish a year's grades, once nothing is open."""
    cycle = cycle_of(request, pk, "publish")
    checks = years.before_publishing(cycle) if cycle.state == Cycle.State.OPEN else []
    form = PublishForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            years.publish(cycle=cycle, by=request.actor, notice=form.cleaned_data["notice"])
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("考核结果已公布，复核期限自今天起算"))
            return redirect("overview", pk=pk)
    context = {
        "crumbs": crumbs(cycle, _("公布结果")),
        "title": _("公布 %(year)s 年考核结果") % {"year": cycle.year},
        "lede": _("公布后等次对本人可见，只能凭复核、申诉决定变更"),
        "cycle": cycle,
        "checks": checks,
        "form": form,
        "ready": cycle.state == Cycle.State.OPEN and not any(c.blocking and c.count for c in checks),
        "submit": _("公布结果"),
        "confirm": _("公布后分数和等次不能再改。公布 %(year)s 年考核结果？") % {"year": cycle.year},
    }
    return render(request, "kpi/judging/year_step.html", context)


@form_view
def year_close(request, pk: int):
    """Close a year, once nothing is open; the database then refuses every change to it."""
    cycle = cycle_of(request, pk, "close")
    if request.method == "POST":
        try:
            years.close_cycle(cycle=cycle, by=request.actor)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("考核年度已关闭"))
            return redirect("overview", pk=pk)
    checks = years.before_closing(cycle) if cycle.state != Cycle.State.CLOSED else []
    context = {
        "crumbs": crumbs(cycle, _("关闭年度")),
        "title": _("关闭 %(year)s 考核年度") % {"year": cycle.year},
        "lede": _("关闭后该年度的任何内容都不能再改"),
        "cycle": cycle,
        "checks": checks,
        "ready": cycle.state == Cycle.State.PUBLISHED and not any(c.blocking and c.count for c in checks),
        "submit": _("关闭年度"),
        "confirm": _("关闭后不能恢复。关闭 %(year)s 考核年度？") % {"year": cycle.year},
    }
    return render(request, "kpi/judging/year_step.html", context)


@require_GET
def year_consequences(request, pk: int):
    """What follows from the grades, for the office that carries it out."""
    cycle = cycle_of(request, pk, "change")
    known = cycle.state != Cycle.State.OPEN
    rows = consequences(cycle) if known else []
    context = {
        "crumbs": crumbs(cycle, _("结果运用")),
        "title": _("%(year)s 年考核结果运用") % {"year": cycle.year},
        "lede": _("依等次应办理的奖励、诫勉、降级和辞退"),
        "cycle": cycle,
        "known": known,
        "rows": rows,
    }
    return render(request, "kpi/judging/consequences.html", context)
