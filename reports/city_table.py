"""市考核表: the units of one sort under their indicators, points in every cell (example tables T8, T9)."""

from __future__ import annotations

import datetime as dt

from django.http import Http404
from django.utils.translation import gettext as _

from common.access import Access
from common.numerals import plain
from kpi.city import lines
from kpi.city.reading import Entrant
from reports.books import two
from reports.city import asked, own, said_notes
from reports.tables import Column, Report
from zones.models import Unit

KIND = "city-table"
FORMATS = ("xlsx", "pdf")


def fetch(access: Access, key: str, on: dt.date) -> tuple[Report, Unit]:
    """Of a year and a sort (``12-park``): the units whose cards the visitor may open."""
    found = asked(access, key, on)
    ranking = found.rankings[0]
    rows = own(ranking)
    if not rows:
        raise Http404
    sheet = lines.sheet(lines.lines_of(row.card.pk for row in rows))
    report = Report(
        kind=KIND,
        title=_("%(year)s 年%(sort)s考核表") % {"year": found.cycle.year, "sort": ranking.label},
        subject=found.name,
        as_of=found.day,
        columns=columns(sheet),
        rows=[row_of(row, sheet) for row in rows],
        basis=found.basis,
        example=found.example,
        notes=[_("各格为得分（分）；表头括号内为权重（%）。"), *said_notes(found)],
    )
    if len(rows) > 1:
        means = {column_key(column): two(sheet.mean(column, [row.card.pk for row in rows])) for column in sheet.columns}
        report.rows.append({"name": _("平均"), "score": two(ranking.mean), **means})
    return report, found.unit


def column_key(column: lines.SheetColumn) -> str:
    return f"i{column.indicator.pk}"


def columns(sheet: lines.Sheet) -> list[Column]:
    return [
        Column("name", _("单位"), width=14),
        Column("rank", _("名次"), "integer", 5),
        Column("rating", _("等次"), width=8),
        Column("score", _("得分"), "points", 7),
        *(
            Column(column_key(column), f"{column.indicator.shown_name}（{plain(column.weight)}）", "points", 9)
            for column in sheet.columns
        ),
    ]


def row_of(row: Entrant, sheet: lines.Sheet) -> dict:
    cells = {column_key(column): sheet.cells.get((row.card.pk, column.indicator.pk)) for column in sheet.columns}
    return {
        "name": row.name,
        "rank": row.standing.rank if row.standing else None,
        "rating": row.rating_label,
        "score": row.score,
        **{key: _cell(line) for key, line in cells.items()},
    }


def _cell(line) -> object:
    if line is None:
        return None
    return _("不适用") if line.not_applicable else line.points
