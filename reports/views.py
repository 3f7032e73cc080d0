"""Pages of reports: what can be downloaded, the download itself, and whether a file is ours."""

from __future__ import annotations

from urllib.parse import quote

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from common import uploads
from common.periods import year_end
from reports import building, lists, services
from reports.catalogue import CATALOGUE
from reports.models import IssuedReport
from reports.runs import standing_runs
from reports.tables import Document
from staffing.roster import columns
from staffing.roster.views import unit_choices
from zones.models import Unit, UnitVersion

MAX_UPLOAD = 20 * 1024 * 1024


@require_GET
def reports(request):
    """Every report that this visitor may download, by year and unit, and his last downloads."""
    request.access.demand("view", "report")
    runs = list(standing_runs(request.access))
    versions = list(UnitVersion.objects.filter(unit__in={run.unit_id for run in runs}))
    names = {
        (version.unit_id, run.year): version.shown_name
        for run in runs
        for version in versions
        if version.unit_id == run.unit_id and version.in_force(year_end(run.year))
    }
    years: dict[int, list[dict]] = {}
    for run in runs:
        years.setdefault(run.year, []).append({"run": run, "name": names.get((run.unit_id, run.year), run.unit.code)})
    issued = request.access.scope(IssuedReport.objects.filter(issued_by=request.user)).select_related("unit")
    context = {
        "title": _("报表下载"),
        "lede": _("同一份数据出 Excel 与 PDF；每个文件带出具编号与校验码"),
        "crumbs": [(_("报表下载"), None)],
        "years": years,
        "issued": issued[:20],
    }
    return render(request, "reports/reports.html", context)


@require_GET
@never_cache
def download(request, kind: str, key: str, format: str):
    """Draw one report now and hand it out as an attachment."""
    module = CATALOGUE.get(kind)
    if module is None or format not in module.FORMATS:
        raise Http404
    if building.is_heavy(module, request.access, key, request.on):
        return redirect("job", pk=building.start(request, module, key, format).pk)
    try:
        document, unit = module.fetch(request.access, key, request.on)
    except ValidationError as error:
        return _refused(request, error)
    return _handed_out(request, document, unit, format)


def _refused(request, error: ValidationError) -> HttpResponse:
    """Why there is no such file yet, and what to do."""
    context = {
        "title": _("不能出具"),
        "crumbs": [(_("报表下载"), None), (_("不能出具"), None)],
        "reasons": error.messages,
    }
    return render(request, "reports/refused.html", context, status=409)


@require_GET
@never_cache
def built_file(request, token: str):
    """A file that was drawn in the background, for whoever asked for it, for an hour."""
    kept = uploads.fetch(request.user.pk, token)
    return _attached(kept.content, kept.name)


def _handed_out(request, document: Document, unit: Unit, format: str) -> HttpResponse:
    """The document drawn, registered, and sent as an attachment."""
    issued, content = services.issue(report=document, format=format, unit=unit, by=request.actor)
    return _attached(content, services.file_name(document, issued))


def _attached(content: bytes, name: str) -> HttpResponse:
    plain = name.rsplit("-", 1)[-1]
    response = HttpResponse(content, content_type=services.MIME[name.rsplit(".", 1)[-1]])
    response["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
@never_cache
def post_list_file(request, format: str):
    """The posts as their page lists them, as a file."""
    request.access.demand("view", "post")
    if format not in services.RENDERERS:
        raise Http404
    return _handed_out(request, *lists.posts(request.access, request.GET, request.on), format)


@require_GET
@never_cache
def roster_file(request, format: str):
    """The roster as its page lists it, in the reader's columns, as a file; numbers of identity stay masked in it."""
    request.access.demand("export", "person")
    if format not in services.RENDERERS:
        raise Http404
    if request.GET.get("state"):
        raise PermissionDenied
    shown = columns.chosen(request.user)
    return _handed_out(request, *lists.roster(request.access, request.GET, request.on, shown), format)


@require_GET
@never_cache
def roster_changes_file(request, format: str):
    """What changed in the roster between two days, as a file."""
    request.access.demand("export", "person")
    if format not in services.RENDERERS:
        raise Http404
    document, unit = lists.roster_changes(request.access, request.GET, request.on, unit_choices(request))
    return _handed_out(request, document, unit, format)


class VerifyForm(forms.Form):
    """A file in hand."""

    file = forms.FileField(
        label=gettext_lazy("文件"), help_text=gettext_lazy("文件只用来计算校验码，不会保存。"), allow_empty_file=False
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_UPLOAD:
            raise forms.ValidationError(_("文件超过 20 MB，不是本系统出具的报表"))
        return file


def verify(request):
    """Tell whether a file is, byte for byte, one that OneZone issued."""
    if not request.access.can("view", "report"):
        raise PermissionDenied
    form = VerifyForm(request.POST or None, request.FILES or None)
    asked = request.method == "POST" and form.is_valid()
    context = {
        "title": _("文件核验"),
        "lede": _("核对手中的文件是否由本系统出具，出具后是否改动过"),
        "crumbs": [(_("报表下载"), None), (_("文件核验"), None)],
        "form": form,
        "asked": asked,
        "found": services.recognise(form.cleaned_data["file"].read()) if asked else None,
    }
    return render(request, "reports/verify.html", context)
