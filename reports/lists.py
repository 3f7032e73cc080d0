"""What a list page shows, as a file: the posts of a day. Same choices, same rows, same totals as the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.http import QueryDict
from django.utils.translation import gettext as _

from common.access import Access
from reports.tables import Column, Report
from staffing import post_listing
from staffing.models import PostVersion
from zones.models import Unit, UnitVersion


def home_of(unit_ids: Iterable[int], day: dt.date, chosen: str = "") -> tuple[Unit, str]:
    """The unit that a file is issued for: the one chosen, or the highest of those in reach; with its name that day."""
    reached = Unit.objects.filter(pk__in=list(unit_ids))
    rank = {kind: place for place, kind in enumerate(Unit.Kind.values)}
    units = sorted(reached, key=lambda unit: (unit.code != chosen, rank[unit.kind], unit.sequence, unit.code))
    unit = units[0]
    version = UnitVersion.objects.on(day).filter(unit=unit).first()
    return unit, version.shown_name if version else unit.code


def posts(access: Access, query: QueryDict, day: dt.date) -> tuple[Report, Unit]:
    """The posts as their page lists them."""
    found = post_listing.read(access, query, day)
    rows = list(found.rows)
    unit, name = home_of(access.units("view", "post"), day, query.get("unit", ""))
    report = Report(
        kind="posts",
        title=_("岗位一览表"),
        subject=name,
        as_of=day,
        columns=[
            Column("code", _("岗位编号"), width=18),
            Column("name", _("岗位名称"), width=18),
            Column("unit", _("单位"), width=14),
            Column("bureau", _("部门"), width=14),
            Column("category", _("岗位类别"), width=11),
            Column("level", _("岗位等级"), width=12),
            Column("grade", _("岗级"), width=11),
            Column("coefficient", _("岗位系数"), "ratio", 9),
            Column("seats", _("席位"), "integer", 7, summed=True),
            Column("taken", _("在岗"), "integer", 7, summed=True),
            Column("free", _("空缺"), "integer", 7, summed=True),
        ],
        rows=[_post_row(row) for row in rows],
        example=any(row.is_example for row in rows),
        basis={"filters": found.about},
        notes=[_("筛选：%(what)s") % {"what": found.about or _("全部")}],
    )
    report.sum_up()
    return report, unit


def _post_row(row: PostVersion) -> dict:
    return {
        "code": row.post_code,
        "name": row.post_name,
        "unit": row.unit_name,
        "bureau": row.bureau_name or "",
        "category": row.get_category_display(),
        "level": f"{row.level} {row.level_name}".strip(),
        "grade": row.grade_name,
        "coefficient": row.coefficient,
        "seats": row.headcount,
        "taken": row.taken,
        "free": max(row.headcount - row.taken, 0),
    }
