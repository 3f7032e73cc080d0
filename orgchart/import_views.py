"""Importing a structure, and writing one out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from common.access import Access
from common.actors import Actor
from common.books import XLSX
from common.imports.pages import ImportPages
from orgchart.workbook.exporting import file_name, structure_book
from orgchart.workbook.importing import StructureImporter
from orgchart.workbook.sheets import FORMS
from zones.models import Unit, UnitVersion


def exportable(access: Access, code: str) -> Unit:
    """The unit whose structure may be written out; raises Http404 where it may not be seen."""
    unit: Unit = access.get(Unit.objects.all(), "export", code=code)
    if unit.kind not in (Unit.Kind.ZONE, Unit.Kind.PARK):
        raise Http404
    return unit


class StructurePages(ImportPages):
    """The structure's import: the establishment office's, in the units that it reaches."""

    name = "structure_import"
    back = "structure_import"
    template = "orgchart/import_check.html"
    how = "orgchart/_import_how.html"

    def importer(self, access: Access, by: Actor, day: dt.date, source: str) -> StructureImporter:
        reach = access.units("import", "unit")
        if not reach:
            raise PermissionDenied
        return StructureImporter(reach, access.units("view", "unit"), by, source)

    def words(self) -> dict[str, str]:
        return {
            "crumb": _("组织"),
            "title": _("导入机构编制"),
            "lede": _("整套机构编制一个工作簿；先按规则预检，核对无误再写入；有一行有误就全部不写"),
            "write": _("写入机构编制"),
            "same": _("与在册的机构编制完全一致"),
            "back": _("重新选择文件"),
        }

    def told(self, written: Mapping[str, int]) -> str:
        return _("新设 %(create)s 条，变更 %(succeed)s 条，终止 %(end)s 条。") % written

    def columns(self) -> Sequence[tuple[str, Sequence[str]]]:
        return [(form.titles[0], form.columns) for form in FORMS]

    def _frame(self, request: HttpRequest, step: int) -> dict[str, Any]:
        frame = super()._frame(request, step)
        seen = request.access.units("export", "unit")
        heads = UnitVersion.objects.on(request.on).filter(unit__in=seen, unit__kind=Unit.Kind.ZONE)
        frame["crumbs"] = [(_("组织"), None), *frame["crumbs"][1:]]
        frame["templates"] = [
            (version.shown_short_name, self._on(request, reverse("structure_export", args=[version.unit.code])))
            for version in heads.select_related("unit").order_by("unit__sequence", "unit__code")
        ]
        return frame


@require_GET
def structure_export(request: HttpRequest, code: str) -> HttpResponse:
    """The structure of a zone as of the day, in the sheets in which it is imported."""
    zone = exportable(request.access, code)
    content = structure_book(zone, request.on, request.access.units("export", "unit"))
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, file_name(zone, request.on)) or ""
    return response


PAGES = StructurePages()
upload, check, errors = PAGES.views()
