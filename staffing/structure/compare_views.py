"""Two days of a structure side by side: the pictures with what changed marked, and every difference in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django import forms
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from common.forms import DayField
from common.numerals import in_percent
from common.periods import ONE_DAY
from common.templatetags.onezone import zhdate
from orgchart import chart, differences
from orgchart.tree import HALF, Tree
from staffing.structure.chart_views import address_on, charted, source_of
from staffing.structure.reading import nearest
from zones.models import Unit, UnitVersion


class DaysForm(forms.Form):
    """The two days to compare, the earlier one first."""

    to = DayField(label=gettext_lazy("此后"))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        # "from" is a word of the language, so it cannot be declared above.
        self.fields = {"from": DayField(label=gettext_lazy("此前")), **self.fields}

    def clean(self):
        days = super().clean()
        first, last = days.get("from"), days.get("to")
        if first and last and first >= last:
            self.add_error("from", _("前一个日期须早于后一个日期"))
        return days


@dataclass(frozen=True)
class Side:
    """One of the two pictures; ``tree`` is None on a day without anything to draw."""

    title: str
    day: dt.date
    tree: Tree | None
    summary: str
    source: str
    hint: str


@require_GET
def compare_page(request, code: str):
    """Two structures of a zone or park, by default that of the day and the last one under the law before it."""
    zone = charted(request, code)
    versions = list(zone.versions.select_related("unit", "parent", "instrument").order_by("period"))
    version = nearest(versions, request.on)
    given = {
        **_default_days(zone, request.on),
        **{key: request.GET[key] for key in ("from", "to") if key in request.GET},
    }
    form = DaysForm(given)
    context = {
        "code": code,
        "form": form,
        "found": None,
        "title": _("%(zone)s机构对照") % {"zone": version.shown_short_name},
        "crumbs": [
            (_("组织"), None),
            (version.shown_short_name, address_on(request)("unit", code)),
            (_("机构图"), address_on(request)("chart", code)),
            (_("对照"), None),
        ],
        "lede": _("两天的机构设置并排，变动逐项列出"),
    }
    if form.is_valid():
        days = form.cleaned_data["from"], form.cleaned_data["to"]
        context |= _compared(request, zone, version, *days)
    return render(request, "orgchart/compare.html", context)


def _default_days(zone: Unit, day: dt.date) -> dict[str, dt.date]:
    """The day of the page, and the eve of the last charter that began by then; without one, of the last change."""
    begun = [charter.starts for charter in zone.charters.all() if charter.starts <= day]
    days = chart.turning_days(zone.pk)
    turned = [each for each in days[1:] if each <= day]
    since = max(begun if begun and max(begun) > days[0] else turned, default=day)
    return {"from": since - ONE_DAY, "to": day}


def _compared(request, zone: Unit, version: UnitVersion, first: dt.date, last: dt.date) -> dict:
    before, after = chart.together(zone, first, last)
    everything = differences.differences(before, after)
    kind = request.GET.get("kind", "")
    kinds = _kinds(everything)
    kind = kind if kind in {value for value, _label, _count in kinds} else ""
    shown = [each for each in everything if not kind or each.kind == kind]
    return {
        "all": everything,
        "kinds": kinds,
        "kind": kind,
        "found": [(each, _address(request, each, before, after)) for each in shown],
        "figures": _figures(before, after),
        "sides": [
            _side(request, before, version, differences.marks(everything, ahead=True)),
            _side(request, after, version, differences.marks(everything)),
        ],
        "lede": _("%(first)s与%(last)s") % {"first": zhdate(first), "last": zhdate(last)},
    }


def _kinds(found: list[differences.Difference]) -> list[tuple[str, str, int]]:
    """The kinds that occur, each with how often."""
    counts: dict[str, int] = {}
    for each in found:
        counts[each.kind.value] = counts.get(each.kind.value, 0) + 1
    return [(kind.value, str(kind.label), counts[kind.value]) for kind in differences.Kind if kind.value in counts]


def _address(request, each: differences.Difference, before: chart.Structure, after: chart.Structure) -> str:
    """The page of what changed, on the later day or (what is no more) on the earlier, for whoever may see it."""
    if each.thing not in ("unit", "bureau"):
        return ""
    place = after if each.kind != differences.Kind.REMOVED else before
    unit = each.pk if each.thing == "unit" else place.by_bureau[each.pk][0].version.unit_id
    if unit not in request.access.units():
        return ""
    return address_on(request, place.day)(each.thing, each.code)


def _figures(before: chart.Structure, after: chart.Structure) -> list[tuple[str, str, str, str]]:
    """Label, before, after and unit of what the two come to."""
    was, now = before.total, after.total
    bureaus, tiers = _("个"), _("级")
    rows: list[tuple[str, object, object, str]] = [
        (_("职能机构"), was["count"], now["count"], bureaus),
        (_("二级内设机构"), was["second"], now["second"], bureaus),
        (_("主责主业比例"), in_percent(was["core_share"]), in_percent(now["core_share"]), ""),
        (_("管理层级"), len(before.tiers), len(after.tiers), tiers),
    ]
    return [(label, str(old), str(new), unit) for label, old, new, unit in rows]


def _side(request, structure: chart.Structure, version: UnitVersion, marks: chart.Marks) -> Side:
    day = structure.day
    words = {"zone": version.shown_short_name, "day": zhdate(day)}
    drawn = structure.rows and structure.total["count"]
    address = address_on(request, day)
    return Side(
        title=_("%(day)s %(zone)s") % words,
        day=day,
        tree=chart.draw(structure, None, {}, address, marks=marks, paper=HALF) if drawn else None,
        summary=chart.summary(structure, staffed=False),
        source=source_of(structure, version, short=True),
        hint="" if drawn else _("这一天没有机构设置的记载；请换一个日期。"),
    )
