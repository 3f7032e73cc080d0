"""测评结果: what a closed panel came to, line by line, by groups only and never by rater."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from common.access import Access
from common.numerals import plain
from kpi.models import Panel
from kpi.raters import pages
from reports.tables import Column, Report
from zones.models import Unit

KIND = "panel-results"
FORMATS = ("xlsx", "pdf")


def fetch(access: Access, key: str, on: dt.date) -> tuple[Report, Unit]:
    """Of the panel with that key; one that is still open has no results, and so no file."""
    panel = access.get(Panel.objects.select_related("cycle__holder"), pk=key)
    if panel.closed_at is None:
        raise Http404
    return build(panel, on), panel.cycle.holder


def build(panel: Panel, on: dt.date) -> Report:
    """A row a line; a group that was told only together with others has no columns filled."""
    groups = list(panel.groups.order_by("sequence", "pk"))
    columns = [
        Column("subject", _("对象"), width=20),
        Column("belongs", _("所属"), width=20),
        Column("indicator", _("指标"), width=20),
        Column("score", _("测评分（分）"), "points", 10),
        Column("count", _("评分人数"), "integer", 8),
    ]
    for number, group in enumerate(groups):
        named = {"name": group.name}
        columns += [
            Column(f"mean{number}", _("%(name)s平均分") % named, "points", 12),
            Column(f"least{number}", _("%(name)s最低分") % named, "points", 12),
            Column(f"most{number}", _("%(name)s最高分") % named, "points", 12),
            Column(f"count{number}", _("%(name)s人数") % named, "integer", 10),
        ]
    columns.append(Column("notes", _("说明"), width=50))
    weights = "、".join(f"{group.name} {plain(group.weight)}%" for group in groups)
    return Report(
        kind=KIND,
        title=_("%(name)s测评结果") % {"name": panel.name},
        subject=pages.about(panel),
        as_of=on,
        basis={"panel": panel.pk, "closed_at": panel.closed_at.isoformat() if panel.closed_at else None},
        example=panel.is_example,
        columns=columns,
        rows=[_row(row, [group.name for group in groups]) for row in pages.subject_rows(panel, on)],
        notes=[
            _("权重：%(weights)s。") % {"weights": weights},
            _("评分不足 %(n)s 人的评价主体只合并计入，不单独列示。") % {"n": panel.shown_from},
        ],
    )


def _row(row: pages.SubjectRow, names: list[str]) -> dict[str, Any]:
    result = row.result
    out: dict[str, Any] = {
        "subject": row.subject,
        "belongs": row.belongs,
        "indicator": row.line.line.indicator.shown_name,
        "score": _points(row.score),
        "count": result.count if result else None,
        "notes": "；".join(result.notes) if result else "",
    }
    for said, mean, least, most in row.groups:
        number = names.index(said.name)
        out |= {f"mean{number}": _points(mean), f"least{number}": _points(least), f"most{number}": _points(most)}
        out[f"count{number}"] = said.count
    return out


def _points(text: str) -> Decimal | None:
    return Decimal(text) if text else None
