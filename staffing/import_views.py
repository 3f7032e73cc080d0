"""Importing the roster: upload, look at what it would change, confirm the very same file."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from common import uploads
from staffing import imports
from staffing.exporting import XLSX, error_book
from staffing.forms import UploadForm
from staffing.imports import BAD, CHANGED, NEW, UNCHANGED, OtherOutcome, Report
from staffing.people_views import on_day
from staffing.resources import COLUMNS

#: So many lines of a kind are listed on the page; the rest are counted.
LISTED = 100


def _reach(request) -> frozenset[int]:
    units = request.access.units("import", "person")
    if not units:
        raise PermissionDenied
    return units


@require_http_methods(["GET", "POST"])
def roster_import(request):
    """Upload a file; it is kept aside and shown before anything is written."""
    _reach(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        found = form.cleaned_data["file"]
        kept = uploads.keep(request.user.pk, found.name, found.read())
        return redirect(on_day(request, reverse("roster_import_check", args=[kept.token])))
    context = {
        "crumbs": [(_("花名册"), on_day(request, reverse("roster"))), (_("导入花名册"), None)],
        "title": _("导入花名册"),
        "lede": _("上传后先预检，核对无误再写入；有一行有误就全部不写"),
        "form": form,
        "columns": COLUMNS,
        "steps": _steps(),
        "now": 1,
    }
    return render(request, "staffing/import.html", context)


def _steps() -> list[str]:
    return [_("上传文件"), _("核对预检结果"), _("写入花名册")]


@require_http_methods(["GET", "POST"])
def roster_import_check(request, token: str):
    """What the kept file would do (GET), and doing it (POST): one function, of which one run is rolled back."""
    reach = _reach(request)
    try:
        if request.method == "POST":
            with uploads.taken(request.user.pk, token) as kept:
                return _carry_out(request, kept, reach)
        kept = uploads.fetch(request.user.pk, token)
    except uploads.Finished as finished:
        # A second click, a reload, the way back: it is written, once.
        messages.info(request, _again(finished.written))
        return redirect(on_day(request, reverse("roster")))
    report = imports.preview(kept.content, **_run(request, kept, reach))
    return render(request, "staffing/import_check.html", _check_context(request, kept, report, False))


def _run(request, kept: uploads.Upload, reach: frozenset[int]) -> dict:
    return {"unit_ids": reach, "by": request.actor, "day": request.on, "source": kept.name}


def _carry_out(request, kept: uploads.Upload, reach: frozenset[int]) -> HttpResponse:
    if request.POST.get("sha256") != kept.sha256:
        raise Http404
    moved = False
    try:
        report = imports.carry_out(kept.content, outcome=request.POST.get("outcome", ""), **_run(request, kept, reach))
    except OtherOutcome as other:
        report, moved = other.report, True
    else:
        if report.clean:
            uploads.finish(request.user.pk, kept.token, report.written)
            messages.success(request, _told(report))
            return redirect(on_day(request, reverse("roster")))
    return render(request, "staffing/import_check.html", _check_context(request, kept, report, moved))


def _again(written: Mapping[str, int]) -> str:
    return _(
        "已导入，没有重复写入：新录入 %(people_added)s 人，更正 %(people_corrected)s 人；"
        "新聘任 %(appointed)s 项，更正聘任 %(corrected)s 项，结束聘任 %(ended)s 项。"
    ) % written  # fmt: skip


def _told(report: Report) -> str:
    done = report.written
    return _(
        "导入完成：新录入 %(people_added)s 人，更正 %(people_corrected)s 人；"
        "新聘任 %(appointed)s 项，更正聘任 %(corrected)s 项，结束聘任 %(ended)s 项。"
    ) % done  # fmt: skip


def _check_context(request, kept: uploads.Upload, report: Report, moved: bool) -> dict:
    counts = report.counts
    return {
        "crumbs": [
            (_("花名册"), on_day(request, reverse("roster"))),
            (_("导入花名册"), on_day(request, reverse("roster_import"))),
            (_("预检"), None),
        ],
        "title": _("预检结果"),
        "lede": kept.name,
        "kept": kept,
        "report": report,
        "moved": moved,
        "rows": len(report.lines),
        "new": counts[NEW],
        "changed": counts[CHANGED],
        "unchanged": counts[UNCHANGED],
        "bad": counts[BAD],
        "new_lines": report.of_kind(NEW)[:LISTED],
        "changed_lines": report.of_kind(CHANGED)[:LISTED],
        "faults": report.faults[:LISTED],
        "listed": LISTED,
        "nothing": report.clean and not counts[NEW] and not counts[CHANGED],
        "steps": _steps(),
        "now": 2,
    }


@require_GET
def roster_import_errors(request, token: str):
    """The file with what is wrong beside each line, to mend and upload again."""
    kept = uploads.fetch(request.user.pk, token)
    report = imports.preview(kept.content, unit_ids=_reach(request), by=request.actor, day=request.on, source=kept.name)
    if not report.lines:
        raise Http404
    response = HttpResponse(error_book(report), content_type=XLSX)
    name = kept.name.rsplit(".", 1)[0] + _("_错误") + ".xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "no-store"
    return response
