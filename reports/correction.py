"""绩效更正差额表: what a correction gives each person more or less than what was approved."""

from __future__ import annotations

import datetime as dt

from django.http import Http404
from django.utils.translation import gettext as _

from common.access import Access
from common.periods import year_end
from pay.life import comparing
from pay.models import Run
from reports.tables import Column, Report
from zones.models import Unit, UnitVersion

KIND = "correction"
FORMATS = ("xlsx", "pdf")


def fetch(access: Access, key: str, on: dt.date) -> tuple[Report, Unit]:
    """Of a correction by its key, for whoever sees the people's pay."""
    runs = Run.objects.exclude(corrects=None).select_related("unit", "scheme", "corrects", "instrument")
    run = access.get(runs, pk=key)
    if run.pool is None or run.corrects is None or not access.can_in(run.unit_id, "export", "allocation"):
        raise Http404
    return build(run, run.corrects), run.unit


def build(run: Run, corrected: Run) -> Report:
    """The table of a computed correction: everybody whose amount changed."""
    version = UnitVersion.objects.on(year_end(run.year)).filter(unit=run.unit).first()
    report = Report(
        kind=KIND,
        title=_("%(year)s 年度绩效更正差额表") % {"year": run.year},
        subject=version.shown_name if version else run.unit.code,
        as_of=run.finished_at.date(),
        columns=[
            Column("number", _("序号"), "integer", 6),
            Column("staff_no", _("工号"), width=12),
            Column("name", _("姓名"), width=10),
            Column("before", _("原应发"), "yuan", 14, summed=True),
            Column("after", _("现应发"), "yuan", 14, summed=True),
            Column("difference", _("差额"), "yuan", 14, summed=True),
            Column("why", _("本人的变化"), width=36),
        ],
        basis={
            "run": run.pk,
            "corrects": run.corrects_id,
            "scheme_version": run.scheme.version,
            "input_hash": run.input_hash[:16],
        },
        example=run.scheme.is_example,
    )
    pairs = comparing.explained(pair for pair in comparing.pairs(corrected, run) if pair.difference)
    for number, pair in enumerate(pairs, start=1):
        report.rows.append(
            {
                "number": number,
                "staff_no": pair.person.staff_no,
                "name": pair.person.name,
                "before": pair.before.amount if pair.before else None,
                "after": pair.after.amount if pair.after else None,
                "difference": pair.difference,
                "why": "；".join(pair.why) or _("总额与部门额度变动"),
            }
        )
    report.sum_up()
    report.notes = [
        _("核算 %(new)s 更正核算 %(old)s；金额未变动的人员不列。") % {"new": run.pk, "old": run.corrects_id}
    ]
    for each in comparing.changed_inputs(corrected.inputs, run.inputs):
        report.notes.append(f"{each.what}：{each.before} → {each.after} {each.note}".strip())
    if run.instrument:
        report.notes.append(_("批复文号：%(number)s") % {"number": run.instrument})
    return report
