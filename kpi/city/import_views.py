"""Pages of the import of scores: the sheet to fill in, the upload, the check and the deed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from common.access import Access
from common.actors import Actor
from common.imports.pages import ImportPages
from kpi.city.importing import CELLS, ScoreImporter, sheet_rows
from kpi.promise.files import table_file


def _demand(access: Access) -> None:
    if not access.can("score", "unit_card"):
        raise PermissionDenied


@require_GET
@never_cache
def sheet_file(request, format: str) -> HttpResponse:
    """The lines of the open years that the visitor may score, to be filled in and imported again."""
    _demand(request.access)
    rows = sheet_rows(request.access, request.on)
    return table_file("市考核完成值", list(CELLS), rows, format, request.on)


class ScorePages(ImportPages):
    """The import of a city's scores."""

    name = "city_import"
    back = "city_assessment"
    template = "kpi/city/import_check.html"
    how = "kpi/city/_import_how.html"

    def importer(self, access: Access, by: Actor, day: dt.date, source: str) -> ScoreImporter:
        _demand(access)
        return ScoreImporter(access, by, day, source)

    def words(self) -> dict[str, str]:
        return {
            "crumb": _("市考核"),
            "title": _("导入完成值"),
            "lede": _("一行一个单位的一项指标；先预检，有一行有误就全部不写"),
            "write": _("写入完成值"),
            "same": _("与在册的完成值完全一致"),
            "back": _("返回市考核"),
        }

    def told(self, written: Mapping[str, int]) -> str:
        return _("改动完成值 %(n)s 项。") % {"n": written.get("changed", 0)}

    def columns(self) -> Sequence[tuple[str, Sequence[str]]]:
        return [(_("市考核完成值"), list(CELLS))]


PAGES = ScorePages()
UPLOAD, CHECK, ERRORS = PAGES.views()
