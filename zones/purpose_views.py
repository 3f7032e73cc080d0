"""Pages of what parks are for: leading industries side by side, and projects by stage."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from common.drawing import Caption
from common.forms import carry_out
from common.templatetags.onezone import zhdate
from zones import projects as reading
from zones import purpose
from zones.models import Positioning, Project, Unit, UnitVersion
from zones.purpose_forms import ClosePositioningForm, PositioningForm, ProjectFilters, ProjectForm, StageForm

PAGE_SIZE = 50
form_view = require_http_methods(["GET", "POST"])


def _on(request, page: str, *args: str) -> str:
    """A page's address on the day of this one."""
    address = reverse(page, args=args)
    return address if request.on_is_today else f"{address}?{urlencode({'on': request.on.isoformat()})}"


# --- positioning ------------------------------------------------------------------------------


def _zone(request, code: str, action: str = "view") -> Unit:
    return request.access.get(Unit.objects.filter(kind=Unit.Kind.ZONE), action, "positioning", code=code)


@require_GET
def positioning(request, code: str):
    """Industries against the parks of one city; what several parks share is marked."""
    zone = _zone(request, code)
    found = reading.fields(zone, request.on, request.access.units("view", "positioning"))
    context = {
        "zone": zone,
        "fields": found,
        "keeps": request.access.units("change", "positioning"),
        "crumbs": [(_("组织"), None), (_("产业定位"), None)],
        "title": _("产业定位"),
        "lede": _("各园区的产业主攻方向；同市园区之间重叠的产业加标记"),
    }
    return render(request, "zones/positioning.html", context)


@form_view
def positioning_set(request, code: str):
    """Position a park on an industry."""
    zone = _zone(request, code, "change")
    parks = Unit.objects.filter(pk__in=request.access.units("change", "positioning"), kind=Unit.Kind.PARK)
    form = PositioningForm(request.POST or None, parks=parks.named_on(request.on), initial={"starts": request.on})

    def act(data: dict[str, Any]) -> str:
        row = purpose.set_positioning(by=request.actor, **data)
        return _("已登记产业定位：%(industry)s") % {"industry": row.industry.shown_name}

    back = _on(request, "positioning", zone.code)
    context = {
        "crumbs": [(_("组织"), None), (_("产业定位"), back), (_("登记"), None)],
        "title": _("登记产业定位"),
        "lede": _("与同市其他园区重叠的产业可以登记，页面会提示"),
        "submit": _("登记"),
        "back": back,
    }
    return carry_out(request, form, act, context)


@form_view
def positioning_close(request, pk: int):
    """An industry ceases to be one of a park's."""
    rows = Positioning.objects.select_related("industry", "unit")
    row = request.access.get(rows, "change", pk=pk)
    form = ClosePositioningForm(request.POST or None, initial={"ends": request.on})
    around = UnitVersion.objects.on(request.on).filter(unit=row.unit).select_related("parent", "unit").first()
    back = _on(request, "unit", row.unit.code)
    if around and around.parent and around.parent.kind == Unit.Kind.ZONE:
        back = _on(request, "positioning", around.parent.code)

    def act(data: dict[str, Any]) -> str:
        purpose.close_positioning(positioning=row, by=request.actor, **data)
        return _("已结束产业定位：%(industry)s") % {"industry": row.industry.shown_name}

    context = {
        "crumbs": [(_("组织"), None), (_("产业定位"), back), (_("结束"), None)],
        "title": _("结束产业定位"),
        "lede": _("记录保留，自次日起不再列入"),
        "facts": [
            (_("园区"), around.shown_short_name if around else row.unit.code),
            (_("产业"), row.industry.shown_name),
            (_("自"), zhdate(row.starts)),
        ],
        "submit": _("结束定位"),
        "back": back,
    }
    return carry_out(request, form, act, context)


# --- projects ---------------------------------------------------------------------------------


def _named(request, rows: list[Project]) -> None:
    """Give each project the names of its park and town on the day."""
    units = {pk for row in rows for pk in (row.unit_id, row.town_id) if pk}
    names = {each.unit_id: each.shown_short_name for each in UnitVersion.objects.on(request.on).filter(unit__in=units)}
    for row in rows:
        row.unit_name = names.get(row.unit_id, row.unit.code)
        row.town_name = names.get(row.town_id, "") if row.town_id else ""


@require_GET
def projects(request):
    """Projects by stage: a picture of the pipeline, and a table with totals, as of the day."""
    access = request.access
    access.demand("view", "project")
    everything = access.scope(Project.objects.on(request.on))
    units = UnitVersion.objects.on(request.on).filter(unit__in=everything.values("unit")).select_related("unit")
    towns = UnitVersion.objects.on(request.on).filter(unit__in=everything.values("town")).select_related("unit")
    form = ProjectFilters(
        request.GET,
        units=[(each.unit.code, each.shown_short_name) for each in units.order_by("unit__sequence")],
        towns=[(each.unit.code, each.shown_short_name) for each in towns.order_by("unit__sequence")],
    )
    chosen = form.chosen()
    stage = chosen.pop("stage", "")
    placed = everything.filter(**{f"{name}__code": code for name, code in chosen.items()})
    heaps = reading.heaps(placed.only("investment"))
    rows = (placed.filter(stage_then=stage) if stage else placed).select_related("unit", "town")
    page = Paginator(rows.order_by("unit__sequence", "code"), PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = reading.shown_stages(page.object_list)
    _named(request, page.object_list)
    counted = [heap for heap in heaps if not stage or heap.stage == stage]
    caption = Caption(_("项目进度"), _("个"), _("项目库"), str(zhdate(request.on)))
    context = {
        "crumbs": [(_("组织"), None), (_("项目"), None)],
        "title": _("项目"),
        "lede": _("从洽谈到达产，各阶段的项目与投资额"),
        "form": form,
        "page": page,
        "filtered": bool(chosen or stage),
        "picture": reading.pipeline(heaps, caption) if any(heap.count for heap in heaps) else None,
        "investment": sum((heap.investment for heap in counted), Decimal(0)),
        "unpublished": sum(heap.unpublished for heap in counted),
        "adds": bool(access.units("add", "project")),
    }
    return render(request, "zones/projects.html", context)


@require_GET
def project(request, code: str):
    """A project: where it stands, with whom, for how much, and the stages it went through up to the day."""
    row = request.access.get(Project.objects.select_related("unit", "town"), "view", code=code)
    stages = [each for each in row.stages.order_by("-as_of") if each.as_of <= request.on]
    _named(request, [row])
    context = {
        "crumbs": [(_("组织"), None), (_("项目"), _on(request, "projects")), (row.shown_name, None)],
        "title": row.shown_name,
        "lede": row.unit_name,
        "project": row,
        "stages": stages,
        "seen_town": row.town_id in request.access.units("view", "unit"),
        "advances": request.access.can_in(row.unit_id, "change", "project"),
    }
    return render(request, "zones/project.html", context)


@form_view
def project_add(request):
    """Enter a project."""
    request.access.demand("add", "project")
    kept = Unit.objects.filter(pk__in=request.access.units("add", "project")).exclude(kind=Unit.Kind.TOWN)
    cities = UnitVersion.objects.on(request.on).filter(unit__in=kept, parent__kind=Unit.Kind.CITY).values("parent")
    here = UnitVersion.objects.on(request.on).filter(parent__in=cities, unit__kind=Unit.Kind.TOWN).values("unit")
    around = request.access.units("view", "unit")
    towns = Unit.objects.filter(pk__in=here) | Unit.objects.filter(pk__in=around, kind=Unit.Kind.TOWN)
    form = ProjectForm(
        request.POST or None,
        units=kept.named_on(request.on),
        towns=towns.named_on(request.on),
        initial={"as_of": request.on, "stage": "talks"},
    )

    def act(data: dict[str, Any]) -> str:
        row = purpose.record_project(by=request.actor, **data)
        context["back"] = reverse("project", args=[row.code])
        return _("已录入项目 %(name)s") % {"name": row.shown_name}

    context = {
        "crumbs": [(_("组织"), None), (_("项目"), _on(request, "projects")), (_("录入"), None)],
        "title": _("录入项目"),
        "lede": _("投资额未公布的留空，页面会注明"),
        "submit": _("录入项目"),
        "back": _on(request, "projects"),
    }
    return carry_out(request, form, act, context)


@form_view
def project_advance(request, code: str):
    """Take a project to its next stage."""
    row = request.access.get(Project.objects.all(), "change", code=code)
    form = StageForm(request.POST or None, initial={"as_of": request.on})

    def act(data: dict[str, Any]) -> str:
        stage = purpose.advance_project(project=row, by=request.actor, **data)
        return _("%(name)s：%(stage)s") % {"name": row.shown_name, "stage": stage.get_stage_display()}

    back = _on(request, "project", row.code)
    context = {
        "crumbs": [(_("组织"), None), (_("项目"), _on(request, "projects")), (row.shown_name, back), (_("阶段"), None)],
        "title": _("登记项目阶段"),
        "lede": row.shown_name,
        "submit": _("登记阶段"),
        "back": back,
    }
    return carry_out(request, form, act, context)
