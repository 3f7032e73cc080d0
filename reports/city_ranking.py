"""市考核排名表: the units of one sort in a year, the best first, with the change against the year before."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from common.access import Access
from reports.books import two
from reports.city import asked, ranking_columns, ranking_row, said_notes
from reports.tables import Report
from zones.models import Unit

KIND = "city-ranking"
FORMATS = ("xlsx", "pdf")


def fetch(access: Access, key: str, on: dt.date) -> tuple[Report, Unit]:
    """Of a year and a sort (``12-park``), as far as the visitor sees it."""
    found = asked(access, key, on)
    ranking = found.rankings[0]
    title = {"year": found.cycle.year, "sort": ranking.label}
    report = Report(
        kind=KIND,
        title=_("%(year)s 年%(sort)s考核排名表") % title,
        subject=found.name,
        as_of=found.day,
        columns=ranking_columns(ranking),
        rows=[ranking_row(row) for row in ranking.rows],
        basis=found.basis,
        example=found.example,
        chart=(_("得分"), "name", "score") if ranking.final else None,
        notes=said_notes(found),
    )
    if ranking.mean is not None:
        report.notes.append(
            _("平均得分 %(mean)s 分，只计已评完的 %(n)s 个单位。")
            % {
                "mean": two(ranking.mean),
                "n": len(ranking.final),
            }
        )
    return report, found.unit
