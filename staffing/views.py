"""The roster: list and export."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from staffing import exporting, listing
from staffing.forms import SOON
from staffing.models import Appointment

PAGE_SIZE = 50


@require_GET
def roster(request):
    """The roster (花名册) as of the day: filters in the address, fifty lines a page."""
    request.access.demand("view", "appointment")
    found = listing.read(request.access, request.GET, request.on)
    page = Paginator(found.rows, PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    if not found.state:
        _lay_out(page.object_list, request.on)
    elif found.state == "waiting":
        for row in page.object_list:
            row.left_words = dict(Appointment.End.choices)[row.left_why] if row.left_why else ""
    context = {
        "crumbs": [(_("花名册"), None)],
        "title": _("花名册"),
        "lede": _("谁在什么岗位、什么岗级、聘期到哪一天"),
        "list": found,
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


def _lay_out(rows: list[Appointment], day: dt.date) -> None:
    """Give each line what it shows beside its columns: the masked number, probation, days left of the term."""
    for row in rows:
        number = row.person.national_id
        row.masked_id = f"{number[:2]}****{number[-2:]}" if number else ""
        row.on_probation = bool(row.probation_ends and row.probation_ends >= day)
        left = (row.term_ends - day).days if row.term_ends and row.last_day is None else None
        row.soon = left if left is not None and 0 <= left <= SOON[1] else None


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
