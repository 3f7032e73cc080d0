"""The page on differentiation: how far apart is pay within one post grade, year by year."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from common.access import Access
from common.drawing import Caption, Chart
from common.numerals import grouped
from common.ranges import Range, ranges
from pay.life.differentiation import Differentiation, of_units, rating_word
from zones.models import Unit, UnitVersion

WAN = 10**4


def zone_of(access: Access, code: str) -> Unit:
    """The zone, for somebody who sees everybody's pay there."""
    zone = access.get(Unit.objects.filter(kind__in=["zone", "park"]), code=code)
    if not access.can_in(zone.pk, "export", "allocation"):
        raise PermissionDenied
    return zone


def unit_ids(zone: Unit, access: Access) -> set[int]:
    """The zone with its parks of any year, as far as this visitor sees pay there."""
    parks = UnitVersion.objects.filter(parent=zone).values_list("unit", flat=True)
    return {zone.pk, *parks} & set(access.units("export", "allocation"))


def picture(found: Differentiation, year: int, name: str) -> Chart:
    """The spreads of one year, a bar a grade."""
    rows = [
        Range(
            row.grade,
            row.spread.least,
            row.spread.median,
            row.spread.most,
            _("%(count)s 人") % {"count": row.spread.count},
        )
        for row in found.rows
        if row.year == year
    ]
    caption = Caption(
        title=_("%(year)s 年同岗级绩效：最低、中位、最高") % {"year": year},
        unit=_("万元"),
        source=_("%(name)s 各单位绩效分配") % {"name": name},
    )
    return ranges(rows, caption, show=lambda value: grouped(value, 2, per=WAN), middle_word=_("中位"))


@require_GET
def spread(request, code: str) -> HttpResponse:
    """Per post grade and year: least, median, most, how many times, coefficient of variation, mean by grade."""
    zone = zone_of(request.access, code)
    version = UnitVersion.objects.filter(unit=zone).order_by("period").last()
    name = version.shown_name if version else zone.code
    found = of_units(unit_ids(zone, request.access), request.on)
    ratings = list(dict.fromkeys(rating for row in found.rows for rating in row.spread.by_rating))
    year = found.years[0] if found.years else None
    context = {
        "title": _("%(name)s同岗级绩效差距") % {"name": name},
        "lede": _("同一岗级、全年在同一岗位的人，绩效因考核拉开了多少"),
        "crumbs": [(_("绩效差距"), None)],
        "zone": zone,
        "found": found,
        "ratings": [(rating, rating_word(rating)) for rating in ratings],
        "rows": [(row, [row.spread.by_rating.get(rating) for rating in ratings]) for row in found.rows],
        "picture": picture(found, year, name) if year else None,
        "as_of": date_format(request.on),
    }
    return render(request, "pay/life/spread.html", context)
