"""The roster: list, columns, export; and what changed in it between two days."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from common.periods import ONE_DAY
from staffing.models import Appointment
from staffing.personnel.people_views import on_day
from staffing.roster import changes, columns, exporting, listing
from zones.models import Unit

PAGE_SIZE = 50


@require_GET
def roster(request):
    """The roster (花名册) as of the day: filters in the address, fifty lines a page."""
    request.access.demand("view", "appointment")
    found = listing.read(request.access, request.GET, request.on)
    page = Paginator(found.rows, PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    shown = columns.chosen(request.user)
    if not found.state:
        columns.lay_out(page.object_list, shown, request.on, lambda address: on_day(request, address))
    elif found.state in ("waiting", "gone"):
        for row in page.object_list:
            row.last_day = row.left_on and row.left_on - ONE_DAY
            row.left_words = dict(Appointment.End.choices)[row.left_why] if row.left_why else ""
    context = {
        "crumbs": [(_("花名册"), None)],
        "title": _("花名册"),
        "lede": _("谁在什么岗位、什么岗级、聘期到哪一天"),
        "list": found,
        "columns": shown,
        "all_columns": columns.ALL,
        "page": page,
        "all_examples": all(row.is_example for row in page.object_list),
        "why_empty": listing.no_rows(found),
        "exports": request.access.can("export", "person"),
        "keeps": request.access.can("add", "person") and request.access.can("add", "appointment"),
    }
    if not (request.htmx and request.htmx.target == "roster"):
        return render(request, "staffing/roster.html", context)
    response = render(request, "staffing/_roster_swap.html", context)
    # The address in the browser stays short: what is empty is left out.
    kept = [(key, value) for key, values in request.GET.lists() for value in values if value]
    response["HX-Push-Url"] = f"{request.path}?{urlencode(kept)}" if kept else request.path
    return response


@require_GET
def roster_export(request):
    """What the roster's page shows, all pages of it, as XLSX or CSV."""
    request.access.demand("export", "person")
    kind = request.GET.get("format", "xlsx")
    if kind not in exporting.FORMATS:
        raise Http404
    found = listing.read(request.access, request.GET, request.on)
    if found.state:
        raise PermissionDenied
    rows = request.access.scope(found.rows, "export", "person")
    content = exporting.roster_file(rows, request.on, kind, access=request.access, by=request.actor, about=found.about)
    response = HttpResponse(content, content_type=exporting.FORMATS[kind][0])
    response["Content-Disposition"] = content_disposition_header(True, exporting.file_name(request.on, kind))
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def roster_columns(request):
    """Keep which columns of the roster this user wants, and go back to where he was in it."""
    request.access.demand("view", "appointment")
    keys = [] if "reset" in request.POST else request.POST.getlist("columns")
    columns.keep_columns(user=request.user, keys=keys, by=request.actor)
    # Read and written anew: whatever was sent, it leads to the roster and nowhere else.
    back = QueryDict(request.POST.get("back", "")[:2000]).urlencode()
    return redirect(f"{reverse('roster')}?{back}" if back else reverse("roster"))


@require_GET
def roster_changes(request):
    """Who joined, left, moved, rose or was renewed between two days."""
    request.access.demand("view", "appointment")
    found = changes.read(request.access, request.GET, request.on, unit_choices(request))
    page = Paginator(found.rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "crumbs": [(_("花名册"), on_day(request, reverse("roster"))), (_("人员变动"), None)],
        "title": _("人员变动"),
        "lede": _("两个日期之间，谁到岗、离岗、转岗、续聘，哪些机构更名"),
        "list": found,
        "page": page,
        "all_examples": all(row.is_example for row in page.object_list),
        "exports": request.access.can("export", "person"),
    }
    return render(request, "staffing/changes.html", context)


def unit_choices(request) -> list[tuple[str, str]]:
    """The units whose appointments the visitor may see, as they are called on the page's day."""
    units = Unit.objects.filter(pk__in=request.access.units("view", "appointment")).named_on(request.on)
    return [(unit.code, unit.name) for unit in units]
