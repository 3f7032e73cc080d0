"""绩效总额核定表: how each unit's pool of a year was determined (columns of the form)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _

from common.access import Access
from common.periods import year_end
from common.trace import walk_json
from pay.models import Run
from reports.runs import standing_run, standing_runs
from reports.tables import Column, Report
from zones.models import Unit, UnitVersion

KIND = "pool-determination"
FORMATS = ("xlsx", "pdf")


def fetch(access: Access, key: str, on: dt.date) -> tuple[Report, Unit]:
    """Of a run's year, over the units of its zone."""
    run = standing_run(access, key)
    same_zone = standing_runs(access).filter(year=run.year, scheme__zone=run.scheme.zone_id)
    return build(same_zone, run.year), run.unit


def columns() -> list[Column]:
    return [
        Column("year", _("年度"), "text", 8),
        Column("unit", _("单位"), width=26),
        Column("staff", _("在岗人数(月均)"), "points", 12, summed=True),
        Column("reference_income", _("参照收入"), "yuan", 16, summed=True),
        Column("base", _("上年总额"), "yuan", 16, summed=True),
        Column("growth_tax", _("税收增幅"), "growth", 10),
        Column("growth_budget", _("一般公共预算收入增幅"), "growth", 12),
        Column("growth_gdp", _("GDP增幅"), "growth", 10),
        Column("link", _("联动系数"), "ratio", 10),
        Column("rating_factor", _("考核等次系数"), "ratio", 10),
        Column("ceiling", _("上限"), "yuan", 16),
        Column("pool", _("核定总额"), "yuan", 16, summed=True),
        Column("document", _("批复文号"), width=16),
        Column("note", _("口径说明"), width=26),
    ]


def build(runs: Iterable[Run], year: int) -> Report:
    """The table for the standing runs of a year, the zone before its parks."""
    runs = list(runs)
    names = dict(
        UnitVersion.objects.filter(unit__in=[run.unit_id for run in runs], period__contains=year_end(year)).values_list(
            "unit", "name"
        )
    )
    months = dict(
        Run.objects.filter(pk__in=[run.pk for run in runs])
        .annotate(months=Sum("allocations__months"))
        .values_list("pk", "months")
    )
    report = Report(
        kind=KIND,
        title=_("%(year)s 年度绩效总额核定表") % {"year": year},
        subject=names.get(runs[0].unit_id, ""),
        as_of=max(run.finished_at for run in runs if run.finished_at).date(),
        columns=columns(),
        basis={
            "runs": [run.pk for run in runs],
            "scheme_version": runs[0].scheme.version,
            "input_hash": [run.input_hash[:16] for run in runs],
        },
        example=any(run.scheme.is_example for run in runs),
        chart=(_("核定总额"), "unit", "pool"),
    )
    for run in runs:
        found = {node["key"]: node for _depth, node in walk_json(run.trace)}
        value = lambda key, found=found: Decimal(found[key]["value"]) if key in found else None  # noqa: E731
        report.rows.append(
            {
                "year": str(year),
                "unit": names.get(run.unit_id, run.unit.code),
                "staff": (Decimal(months[run.pk] or 0) / 12).quantize(Decimal("0.01")),
                **{
                    key: value(key)
                    for key in (
                        "reference_income",
                        "base",
                        "growth_tax",
                        "growth_budget",
                        "growth_gdp",
                        "link",
                        "rating_factor",
                    )
                },
                "ceiling": value("capped_to"),
                "pool": run.pool,
                "document": str(run.instrument) if run.instrument else "",
                "note": _("封顶核减 %(sum)s 元") % {"sum": f"{run.lapsed:,.2f}"} if run.lapsed else _("同口径"),
            }
        )
    report.sum_up()
    report.notes = [_("核定总额 = 上年总额 × 联动系数 × 考核等次系数，不超过上限（F13,PAY-01）。")]
    return report
