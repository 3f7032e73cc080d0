"""Scores given out as a file, and taken in again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from common.access import Access
from common.actors import Actor
from common.imports.pages import ImportPages
from kpi.entry import listing
from kpi.entry.scorebook import CELLS, FORM, ScoreImporter, rows_of
from kpi.models import Scorecard
from kpi.promise.files import table_file


@require_GET
def scores_export(request, format: str):
    """The cards that the list shows, a row a line, as a file that can be imported again."""
    if not any(request.access.can("view", noun) for noun in Scorecard.nouns):
        raise PermissionDenied
    keys = list(listing.read(request.access, request.GET, request.on).keys)
    cards = Scorecard.objects.filter(pk__in=keys).named(request.on)
    found = cards.select_related("cycle", "unit", "bureau", "person").in_bulk()
    return table_file(FORM.label, list(CELLS), rows_of(found[key] for key in keys), format, request.on)


class ScorePages(ImportPages):
    """The import of scores, for whoever scores."""

    name = "scores_import"
    back = "scorecards"
    template = "imports/check.html"
    how = "kpi/entry/_scores_how.html"

    def importer(self, access: Access, by: Actor, day: dt.date, source: str) -> ScoreImporter:
        if not any(access.can("score", noun) for noun in Scorecard.nouns):
            raise PermissionDenied
        return ScoreImporter(access, by, source)

    def words(self) -> dict[str, str]:
        return {
            "crumb": _("评分卡"),
            "title": _("导入评分"),
            "lede": _("一行一项；先预检，有一行有误就全部不写"),
            "write": _("写入评分"),
            "same": _("与现有评分完全一致"),
            "back": _("返回评分卡列表"),
        }

    def told(self, written: Mapping[str, int]) -> str:
        return _("完成值 %(scores)s 项。") % {"scores": written.get("scores", 0)}

    def columns(self) -> Sequence[tuple[str, Sequence[str]]]:
        return [(FORM.label, list(CELLS))]


PAGES = ScorePages()
upload, check, errors = PAGES.views()
