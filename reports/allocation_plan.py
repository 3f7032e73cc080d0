"""绩效分配方案表: what each bureau and each person gets of a unit's pool (columns of the form)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from common.access import Access
from common.periods import year_end
from kpi.models import Rating
from orgchart.models import BureauVersion
from pay.models import Allocation, Run
from pay.parts import current_parts
from reports.runs import standing_run
from reports.tables import Column, Report
from zones.models import Unit, UnitVersion

KIND = "allocation-plan"
FORMATS = ("xlsx", "pdf")


def fetch(access: Access, key: str, on: dt.date) -> tuple[Report, Unit]:
    run = standing_run(access, key)
    return build(run, access), run.unit


def columns(run: Run, *, with_people: bool) -> list[Column]:
    now = run.scheme.current_ratio * 100
    shared = [
        Column("bureau", _("部门"), width=22),
        Column("score", _("部门得分"), "points", 9),
        Column("coefficient", _("部门系数"), "ratio", 9),
        Column("weight", _("部门权重"), "ratio", 9, summed=True),
        Column("share", _("部门额度"), "yuan", 14, summed=True),
    ]
    personal = [
        Column("name", _("姓名"), width=9),
        Column("post", _("岗位"), width=20),
        Column("post_coefficient", _("岗位系数"), "ratio", 9),
        Column("rating", _("考核等次"), width=14),
        Column("grade_factor", _("等次系数"), "ratio", 9),
        Column("months", _("在岗月数"), "integer", 9),
        Column("deduction", _("出勤扣减"), width=10),
        Column("amount", _("应发"), "yuan", 13, summed=True),
    ]
    paid = [
        Column("current", _("当期发放(%(percent)s%%)") % {"percent": f"{now.normalize():f}"}, "yuan", 14, summed=True),
        Column(
            "deferred", _("递延(%(percent)s%%)") % {"percent": f"{(100 - now).normalize():f}"}, "yuan", 13, summed=True
        ),
        Column("note", _("备注"), width=12),
        Column("signature", _("签字"), width=10),
    ]
    return [*shared, *personal, *paid] if with_people else [*shared, *paid]


def build(run: Run, access: Access) -> Report:
    """The table for a computed run; without its people for whoever may not see their pay."""
    with_people = access.can_in(run.unit_id, "view", "allocation")
    unit = UnitVersion.objects.filter(unit=run.unit, period__contains=year_end(run.year)).first()
    report = Report(
        kind=KIND,
        title=(_("%(year)s 年度绩效分配方案表") if with_people else _("%(year)s 年度绩效分配方案表（部门）"))
        % {"year": run.year},
        subject=unit.shown_name if unit else run.unit.code,
        as_of=run.finished_at.date(),
        columns=columns(run, with_people=with_people),
        grouped=["bureau", "score", "coefficient", "weight", "share"] if with_people else [],
        basis={"run": run.pk, "scheme_version": run.scheme.version, "input_hash": run.input_hash[:16]},
        example=run.scheme.is_example,
        chart=None if with_people else (_("部门额度"), "bureau", "share"),
    )
    names = dict(
        BureauVersion.objects.filter(bureau__in=run.shares.values("bureau"))
        .order_by("period")
        .values_list("bureau", "name")
    )
    shares = list(run.shares.prefetch_related("allocations__person"))
    rows = [row for share in shares for row in share.allocations.all()]
    # Rounded once over the run, as it is paid out (F05).
    now = dict(
        zip(
            [row.pk for row in rows], current_parts([row.amount for row in rows], run.scheme.current_ratio), strict=True
        )
    )
    for share in shares:
        about = {
            "bureau": names.get(share.bureau_id, ""),
            "score": share.score,
            "coefficient": share.coefficient,
            "weight": share.weight,
            "share": share.amount,
        }
        people = [_person(row, about, now[row.pk]) for row in share.allocations.all()]
        if with_people:
            if people:
                report.groups[len(report.rows)] = len(people)
            report.rows += people
        else:
            # Summed over people, so that both versions of the table say the same to the fen.
            paid = {key: sum((row[key] for row in people), Decimal(0)) for key in ("current", "deferred")}
            report.rows.append(about | paid)
    report.sum_up()
    if with_people:
        report.summary = (_("部门额度"), [(names.get(share.bureau_id, ""), share.amount) for share in shares])
    if run.instrument:
        report.notes.append(_("批复文号：%(number)s") % {"number": run.instrument})
    report.notes += [
        _("绩效总额 %(pool)s 元，按最大余额法取至分，合计与总额一致。") % {"pool": f"{run.pool:,.2f}"},
        _("园区领导由派出机关考核，不参与本单位分配；出勤扣减为因病事假、处分等扣减的月数，已从在岗月数中扣除。"),
    ]
    return report


def _person(row: Allocation, about: dict, current: Decimal) -> dict:
    return about | {
        "name": row.person.name,
        "post": row.post_name,
        "post_coefficient": row.post_coefficient,
        "rating": str(Rating(row.rating).label) if row.rating in Rating.values else "",
        "grade_factor": row.grade_factor,
        "months": row.months,
        "deduction": _("%(n)s 个月") % {"n": row.months_cut} if row.months_cut else "",
        "amount": row.amount,
        "current": current,
        "deferred": row.amount - current,
        "note": _note(row),
    }


def _note(row: Allocation) -> str:
    """Why this amount is not what twelve months and a grade would give."""
    told = [] if row.months == 12 else [_("在岗 %(months)s 个月") % {"months": row.months}]
    if row.reason != Allocation.Reason.GRADE:
        told.append(str(row.get_reason_display()))
    if row.held:
        told.append(_("暂缓发放"))
    return "；".join(dict.fromkeys(told))
