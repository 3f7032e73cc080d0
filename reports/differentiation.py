"""同岗级绩效差距表: how far apart is pay within one post grade, year by year."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from common.access import Access
from common.numerals import rounded
from pay.life.differentiation import of_units, rating_word
from pay.life.spread_views import unit_ids, zone_of
from reports.tables import Column, Report
from zones.models import Unit, UnitVersion

KIND = "differentiation"
FORMATS = ("xlsx", "pdf")


def fetch(access: Access, key: str, on: dt.date) -> tuple[Report, Unit]:
    """Of the zone with that code, for whoever sees everybody's pay there."""
    zone = zone_of(access, key)
    return build(zone, access, on), zone


def build(zone: Unit, access: Access, on: dt.date) -> Report:
    found = of_units(unit_ids(zone, access), on)
    ratings = list(dict.fromkeys(rating for row in found.rows for rating in row.spread.by_rating))
    version = UnitVersion.objects.filter(unit=zone).order_by("period").last()
    report = Report(
        kind=KIND,
        title=_("同岗级绩效差距表"),
        subject=version.shown_name if version else zone.code,
        as_of=on,
        columns=[
            Column("year", _("年度"), "text", 8),
            Column("grade", _("岗级"), width=16),
            Column("count", _("人数"), "integer", 8),
            Column("least", _("最低"), "yuan", 14),
            Column("median", _("中位"), "yuan", 14),
            Column("most", _("最高"), "yuan", 14),
            Column("ratio", _("最高÷最低"), "points", 10),
            Column("variation", _("变异系数"), "percent", 10),
            *(Column(rating, _("%(word)s人均") % {"word": rating_word(rating)}, "yuan", 14) for rating in ratings),
        ],
        basis={"unit": zone.code},
        example=found.example,
        chart=(_("变异系数"), "grade", "variation") if found.rows else None,
    )
    for row in found.rows:
        spread = row.spread
        report.rows.append(
            {
                "year": str(row.year),
                "grade": row.grade,
                "count": spread.count,
                "least": spread.least,
                "median": _to(spread.median, 2),
                "most": spread.most,
                "ratio": None if spread.ratio is None else _to(spread.ratio, 2),
                "variation": None if spread.variation is None else _to(spread.variation, 4),
                **{rating: _to(mean, 2) for rating, (_count, mean) in spread.by_rating.items()},
            }
        )
    report.notes = [
        _("只比较全年在同一岗位、同岗级不少于 3 人的；另有 %(n)s 人次未列入。") % {"n": found.left_out},
        _("变异系数＝标准差 ÷ 平均数，越大差距越大。"),
    ]
    return report


def _to(value, places: int) -> Decimal:
    return Decimal(rounded(value, places)).scaleb(-places)
