"""What a list page shows, as a file: posts, roster, changes. Same choices, same rows, same totals as the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from common.access import Access
from reports.tables import Column, Kind, Report
from staffing.models import Appointment, PostVersion
from staffing.posting import post_listing
from staffing.roster import changes, columns, listing
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


#: How a column of the roster is written in a file.
KINDS: dict[str, Kind] = {"text": "text", "day": "text", "number": "integer", "ratio": "ratio"}


def roster(access: Access, query: QueryDict, day: dt.date, shown: Sequence[columns.Column]) -> tuple[Report, Unit]:
    """The roster as its page lists it, in the columns that the reader chose."""
    found = listing.read(access, query, day)
    rows = list(access.scope(found.rows, "export", "person"))
    unit, name = home_of(access.units("view", "appointment"), day, query.get("unit", ""))
    people = len({row.person_id for row in rows})
    report = Report(
        kind="roster",
        title=_("聘任花名册"),
        subject=name,
        as_of=day,
        columns=[
            Column("number", _("序号"), "integer", 6),
            Column("name", _("姓名"), width=9),
            *(Column(column.key, str(column.title), KINDS[column.kind], column.width) for column in shown),
        ],
        rows=[
            {"number": number, "name": row.person.name, **{column.key: _value(column, row) for column in shown}}
            for number, row in enumerate(rows, start=1)
        ],
        example=any(row.is_example for row in rows),
        basis={"filters": found.about},
        notes=[
            _("合计 %(people)s 人，%(rows)s 项任职") % {"people": people, "rows": len(rows)},
            _("筛选：%(what)s") % {"what": found.about or _("全部")},
        ],
    )
    return report, unit


def _value(column: columns.Column, row: Appointment) -> Any:
    value = column.read(row)
    return value.isoformat() if isinstance(value, dt.date) else value


def roster_changes(
    access: Access, query: QueryDict, day: dt.date, units: Iterable[tuple[str, str]]
) -> tuple[Report, Unit]:
    """What changed in the roster between two days, as its page lists it."""
    found = changes.read(access, query, day, units)
    unit, name = home_of(access.units("view", "appointment"), found.until, query.get("unit", ""))
    totals = "，".join(_("%(kind)s %(n)s 人") % {"kind": label, "n": n} for _key, label, n in found.totals if n)
    report = Report(
        kind="roster-changes",
        title=_("人员变动表"),
        subject=name,
        as_of=found.until,
        columns=[
            Column("staff_no", _("工号"), width=11),
            Column("name", _("姓名"), width=9),
            Column("kinds", _("变动"), width=14),
            Column("before", found.since.isoformat(), width=30),
            Column("before_grade", _("原岗级"), width=12),
            Column("after", found.until.isoformat(), width=30),
            Column("after_grade", _("现岗级"), width=12),
            Column("reason", _("离岗原因"), width=10),
            Column("last_day", _("离岗日期"), width=11),
        ],
        rows=[_change_row(row) for row in found.rows],
        example=any(row.is_example for row in found.rows),
        basis={"since": found.since.isoformat(), "until": found.until.isoformat()},
        notes=[
            _("合计 %(n)s 人有变动，在岗净增 %(net)s 人") % {"n": len(found.rows), "net": found.net},
            totals or _("没有变动"),
        ],
    )
    return report, unit


def _change_row(row: changes.Change) -> dict[str, Any]:
    return {
        "staff_no": row.staff_no,
        "name": row.name,
        "kinds": "、".join(row.labels),
        "before": row.before.where if row.before else "",
        "before_grade": row.before.grade_name if row.before else "",
        "after": row.after.where if row.after else "",
        "after_grade": row.after.grade_name if row.after else "",
        "reason": row.reason,
        "last_day": row.last_day.isoformat() if row.last_day else "",
    }
