"""岗位设置方案表: the posts of a unit and of those below it, by category and grade (columns of the form)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from common.access import Access
from common.numerals import in_percent
from orgchart.models import Quota
from reports.tables import Column, Report
from staffing.models import PostVersion
from staffing.posting import levels
from staffing.posting.post_plan import UnitPlan, grades_in_use, plans
from zones.models import Unit

KIND = "post-plan"
FORMATS = ("xlsx", "pdf")


def fetch(access: Access, key: str, on: dt.date) -> tuple[Report, Unit]:
    """Of the unit with that code and those below it that the reader may see. Raises Http404 when none stands then."""
    unit = access.get(Unit.objects.all(), code=key)
    access.demand("view", "post")
    found = plans(Unit.objects.subtree_ids(unit.pk, day=on) & access.units("view", "post"), on)
    if not found:
        raise Http404
    return build(found, on), unit


def build(found: Sequence[UnitPlan], on: dt.date) -> Report:
    used = grades_in_use(found)
    report = Report(
        kind=KIND,
        title=_("岗位设置方案表"),
        subject=found[0].name,
        as_of=on,
        columns=_columns(used),
        rows=[_row(plan, used) for plan in found],
        example=any(plan.is_example for plan in found),
        basis={"units": [plan.code for plan in found]},
        notes=[
            _("岗位设置方案报人事综合管理部门备案（事业单位人事管理条例第七条，PST-02）。"),
            _("结构比例为管理、专业技术、工勤技能岗位各占岗位总量的比例；专业技术岗位另列高、中、初级岗位数。"),
        ],
    )
    report.sum_up()
    return report


def _columns(used: Sequence[tuple[str, str]]) -> list[Column]:
    short = {"GL": _("管理"), "ZJ": _("专技"), "GQ": _("工勤")}
    grades = []
    for category in levels.COUNTS:
        for kind, level in used:
            if kind == category:
                title = levels.NAMES.get(level) or _("%(category)s（未定等级）") % {"category": short[category]}
                grades.append(Column(category + level, title, "integer", 8, summed=True))
        grades.append(
            Column(f"all-{category}", _("%(category)s小计") % {"category": short[category]}, "integer", 8, summed=True)
        )
    return [
        Column("unit", _("单位"), width=18),
        Column("quota", _("人员控制数/员额"), "integer", 10, summed=True),
        Column("leaders", _("领导职数"), "integer", 8, summed=True),
        Column("total", _("岗位总量"), "integer", 8, summed=True),
        *grades,
        Column("special", _("特设岗位"), "integer", 8, summed=True),
        Column("taken", _("现有人数"), "integer", 8, summed=True),
        Column("free", _("空岗数"), "integer", 8, summed=True),
        Column("ratio", _("结构比例"), width=18),
        Column("department", _("主管部门意见"), width=12),
        Column("approval", _("人社部门核准意见"), width=12),
        Column("filing", _("备案号"), width=14),
    ]


def _row(plan: UnitPlan, used: Sequence[tuple[str, str]]) -> dict[str, Any]:
    filing = plan.filing
    return {
        "unit": plan.name,
        "quota": plan.quotas.get(Quota.Kind.STAFF),
        "leaders": plan.quotas.get(Quota.Kind.LEADERS),
        "total": plan.total,
        **{category + level: plan.seats.get((category, level)) for category, level in used},
        **{f"all-{category}": plan.of(category) for category in levels.COUNTS},
        "special": plan.special,
        "taken": plan.taken,
        "free": plan.free,
        "ratio": _ratio(plan),
        "department": filing.department_opinion if filing else "",
        "approval": filing.approval_opinion if filing else "",
        "filing": filing.number if filing else _("未备案"),
    }


def _ratio(plan: UnitPlan) -> str:
    """「60.0% : 30.0% : 10.0%；高中初 1:3:6」."""
    shares = " : ".join(in_percent(plan.share(kind.value)) for kind in PostVersion.Category)
    bands = plan.bands()
    return shares + (f"；{_('高中初')} {':'.join(map(str, bands))}" if any(bands) else "")
